"""Rows given as Python objects: which column type holds each column, and the values as that type wants them."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from attrs import frozen

from kraforge.errors import Mistake, SourceError
from kraforge.sources.source import Answer
from kraforge.text import Place, nearest
from kraforge.types import Type

_DIGITS: Final = 38
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?")
_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@frozen
class Columns:
    """Rows turned into columns: names, DuckDB types, and one list of values a column."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    values: tuple[list[Any], ...]


class _Unfit(Exception):
    """A value that cannot be read; its message says what was expected."""


def columns_of(
    rows: Sequence[Mapping[str, Any]], declared: Mapping[str, Type], table: str, named: Iterable[str] = ()
) -> Columns:
    """Turn rows into columns. Declared columns come first; a key that a row lacks is NULL. No rows have what is `named`.

    Text is read as a declared number, money, bool, date or timestamp where it is written like one. Columns that are not
    declared and hold lists or mappings are left out. Raises `bad-value` with the row (from 1) and column.
    """
    names = dict.fromkeys(declared)
    keys: object = None
    for number, row in enumerate(rows, 1):
        if type(row) is not dict and not isinstance(row, Mapping):
            raise bad_value(table, number, None, row, "a mapping from column to value")
        if row.keys() != keys:
            keys = row.keys()
            names.update(dict.fromkeys(row))
    if not rows:
        names.update(dict.fromkeys(named))
    else:
        _spelt(names, declared, rows, table)
    kept: list[tuple[str, str, list[Any]]] = []
    for name in names:
        values = [row.get(name) for row in rows]
        kinds = {type(value) for value in values} - {type(None)}
        if name not in declared and kinds & {list, dict, tuple, set}:
            continue
        kept.append((str(name), *_column(values, kinds, declared.get(name), table, str(name))))
    if not kept:
        kept = [("empty", "INTEGER", [None] * len(rows))]
    return Columns(tuple(k[0] for k in kept), tuple(k[1] for k in kept), tuple(k[2] for k in kept))


def _spelt(names: Mapping[Any, None], declared: Mapping[str, Type], rows: Sequence[Any], table: str) -> None:
    """Raise `missing-column` for a declared column that no row has, where the rows have one of nearly its name."""
    others = [str(name) for name in names if name not in declared]
    for name in declared if others else ():
        close = nearest(name, others)
        if close is not None and not any(name in row for row in rows):
            raise SourceError(
                Mistake(
                    "missing-column",
                    f"no row of table '{table}' has the declared column '{name}'",
                    Place(f"sources.{table}"),
                    hint=f"did you mean '{close}'?",
                )
            )


def answered_columns(answer: Answer, table: str) -> Columns:
    """The columns of an answer, to be put into DuckDB with the types that they had where it came from."""
    types = []
    values = []
    for at, kept in enumerate(answer.storage):
        column = [row[at] for row in answer.rows]
        match kept.kind:
            case "decimal":
                held, column = _exact(column, 0, table, answer.columns[at])
            case "integer":
                held = "HUGEINT"
            case "text" | "other":
                held, column = "VARCHAR", [None if value is None else str(value) for value in column]
            case "instant":
                held = "TIMESTAMPTZ" if any(value.tzinfo for value in column if value is not None) else "TIMESTAMP"
            case "duration":
                held = "INTERVAL"
            case "missing":
                held = '"NULL"'
            case kind:
                held = {"double": "DOUBLE", "bool": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP"}[kind]
        types.append(held)
        values.append(column)
    return Columns(answer.columns, tuple(types), tuple(values))


def bad_value(table: str, row: int | None, column: str | None, value: object, expected: str) -> SourceError:
    """The error for a value of a table that is not what it should be; `row` counts from 1."""
    shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "…"
    where = "" if row is None else f", row {row}" + ("" if column is None else f", column '{column}'")
    return SourceError(
        Mistake("bad-value", f"table '{table}'{where}: {shown} is not {expected}", Place(f"sources.{table}"))
    )


def _column(values: list[Any], kinds: set[type], declared: Type | None, table: str, name: str) -> tuple[str, list[Any]]:
    """The DuckDB type of a column and its values made fit for it."""
    if not all(kind.__module__ in ("builtins", "datetime", "decimal") for kind in kinds):
        values = [value.item() if hasattr(value, "item") else value for value in values]
        values = [None if value is not None and _absent(value) else value for value in values]
        kinds = {type(value) for value in values} - {type(None)}
    read: Callable[[Any], Any]
    ready: set[type]
    match declared.kind if declared else _family(kinds):
        case "missing":
            return '"NULL"', values
        case "text":
            return "VARCHAR", _read(values, kinds, {str}, _text, table, name)
        case "bool":
            return "BOOLEAN", _read(values, kinds, {bool}, _bool, table, name)
        case "duration":
            return "INTERVAL", _read(values, kinds, {dt.timedelta}, _duration, table, name)
        case "money":
            return _exact(_read(values, kinds, {Decimal}, _money, table, name), 2, table, name)
        case "date" | "timestamp" as kind:
            read = _day if kind == "date" else _moment
            ready = {dt.date} if kind == "date" and dt.date in kinds else {dt.datetime}
            values = _read(values, kinds, ready, read, table, name)
            return _dated(values, table, name) if kinds else (kind.upper(), values)
        case _:
            whole = declared is not None and declared.whole
            ready = {int} if whole else {int, float, Decimal}
            return _numeric(_read(values, kinds, ready, _whole if whole else _number, table, name), table, name)


def _absent(value: Any) -> bool:
    """Whether a value stands for a missing one: it differs from itself (NaN, NaT), or cannot say so (pandas.NA)."""
    try:
        return bool(value != value)
    except TypeError:
        return True


def _family(kinds: set[type]) -> str:
    """The kind of an undeclared column by its first value's class; the rest has to agree."""
    for kind in (str, bool, dt.timedelta, dt.datetime, dt.date, int, float, Decimal):
        if any(issubclass(found, kind) for found in kinds):
            names = {str: "text", bool: "bool", dt.timedelta: "duration", dt.datetime: "timestamp", dt.date: "date"}
            return names.get(kind, "number")
    return "missing"


def _read(
    values: list[Any], kinds: set[type], ready: set[type], read: Callable[[Any], Any], table: str, name: str
) -> list[Any]:
    """The values as `read` gives them; where all are of a class that is `ready` nothing is done."""
    if kinds <= ready:
        return values
    done = []
    for number, value in enumerate(values, 1):
        try:
            done.append(None if value is None else read(value))
        except _Unfit as unfit:
            raise bad_value(table, number, name, value, str(unfit)) from None
    return done


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dt.time):
        return value.isoformat()
    raise _Unfit("text")


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _Unfit("true or false")


def _duration(value: Any) -> dt.timedelta:
    if isinstance(value, dt.timedelta):
        return value
    raise _Unfit("a duration")


def _number(value: Any) -> Decimal | int | float | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value) if not value.lstrip("+-").isdigit() else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _Unfit("a number")
    if isinstance(value, int):
        return int(value)
    return value if math.isfinite(value) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    if number is not None and number != int(number):
        raise _Unfit("a whole number")
    return None if number is None else int(number)


def _money(value: Any) -> Decimal | None:
    number = _number(value)
    try:
        return None if number is None else Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    except InvalidOperation:
        raise _Unfit("an amount") from None


def _day(value: Any) -> dt.date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise _Unfit("a day of the calendar") from None
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return _moment(value)
    raise _Unfit("a date, written 2026-04-01")


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            return dt.datetime.fromisoformat(value)
        except ValueError:
            raise _Unfit("a moment of the calendar") from None
    if isinstance(value, str):
        value = _day(value) if _DAY.fullmatch(value) else value
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    raise _Unfit("a timestamp, written 2026-04-01T09:30:00")


def _numeric(values: list[Any], table: str, name: str) -> tuple[str, list[Any]]:
    """Integers as integers, exact numbers as decimals, and all as doubles where one is."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {float}:
        return "DOUBLE", values
    if any(issubclass(kind, float) for kind in kinds):
        return "DOUBLE", [None if value is None else float(value) for value in values]
    if kinds == {Decimal}:
        return _exact(values, 0, table, name)
    if Decimal in kinds:
        return _exact([None if value is None else Decimal(value) for value in values], 0, table, name)
    largest = max((abs(value) for value in values if value is not None), default=0)
    if largest < 2**63:
        return "BIGINT", values
    return _exact([None if value is None else Decimal(value) for value in values], 0, table, name)


def _exact(values: list[Any], least: int, table: str, name: str) -> tuple[str, list[Any]]:
    """Decimals with as many places as the longest has, at least `least`."""
    present = [value for value in values if value is not None]
    exponents = {value.as_tuple().exponent for value in present}
    if exponents & {"n", "N", "F"}:
        return _exact(
            [value if value is not None and value.is_finite() else None for value in values], least, table, name
        )
    scale = max(least, *(-exponent for exponent in exponents), 0)
    whole = max({value.adjusted() for value in present if value}, default=-1) + 1
    if scale + max(whole, 0) > _DIGITS:
        longest = next(number for number, value in enumerate(values, 1) if value and value.adjusted() + 1 == whole)
        expected = f"a number of at most {_DIGITS} digits, {scale} of them decimal places as its column has"
        raise bad_value(table, longest, name, values[longest - 1], expected)
    return f"DECIMAL({_DIGITS}, {scale})", values


def _dated(values: list[Any], table: str, name: str) -> tuple[str, list[Any]]:
    """Dates, wall clocks or points in time; a column has either wall clocks or points in time."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {dt.date}:
        return "DATE", values
    moments = values if kinds == {dt.datetime} else [None if value is None else _moment(value) for value in values]
    aware = {value.tzinfo is not None for value in moments if value is not None}
    if aware == {True}:
        return "TIMESTAMPTZ", moments
    if aware == {True, False}:
        first = next(number for number, value in enumerate(moments, 1) if value is not None and value.tzinfo)
        raise bad_value(table, first, name, moments[first - 1], "without a time zone, as other rows are")
    return "TIMESTAMP", moments
