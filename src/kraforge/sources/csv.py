"""CSV files: read as text first, then as declared, so that nothing is guessed from a sample."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kraforge.errors import Mistake, SourceError
from kraforge.sources.rows import bad_value
from kraforge.sources.source import quoted
from kraforge.text import Place
from kraforge.types import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PLAIN: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
_SHAPES: Final = {
    "whole": r"[+-]?[0-9]+(\.0*)?",
    "plain": _PLAIN,
    "number": _PLAIN + r"([eE][+-]?[0-9]+)?",
    "bool": r"[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]",
    "day": _DAY,
    "moment": rf"{_DAY}({_CLOCK})?",
    "instant": _DAY + _CLOCK + r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)",
}
_EXPECTED: Final = {
    "whole": "a whole number",
    "plain": "a plain number such as 1234.50",
    "number": "a number",
    "bool": "true or false",
    "day": "a date, written 2026-04-01",
    "moment": "a timestamp, written 2026-04-01T09:30:00 (with an offset in all rows or in none)",
}
_SAMPLE: Final = 1000
Shape = Mapping[str, Any]


def load_csv(connection: DuckDBPyConnection, table: str, path: str, declared: Mapping[str, Type]) -> None:
    """Read a comma-separated file with a header row (.tsv: tabs) into a table. Empty fields are NULL.

    Declared columns are read as declared: money and numbers exactly, with as many decimal places as the longest field.
    Undeclared ones are integers, decimals, dates or timestamps where every field is one, else text; so are digits with
    leading zeros. Raises `bad-value` with the row (from 1, after the header) and column.
    """
    import duckdb

    delimiter = "\t" if ".tsv" in Path(path).suffixes else ","
    names = _header(table, path, delimiter)
    options = f"header = true, delim = '{delimiter}', quote = '\"', escape = '\"', nullstr = '', auto_detect = false"
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    reading = f"read_csv({_text(escape(path))}, {options}, columns = {{{columns}}})"
    try:
        connection.execute(f"CREATE TEMP TABLE kraforge_text AS SELECT * FROM {reading}")
    except duckdb.InvalidInputException as error:
        raise _unreadable(table, " ".join(str(error).split("Possible fixes")[0].split())) from None
    try:
        shapes = _shapes(connection, {name: _relevant(declared.get(name)) for name in names})
        types = {name: _sql_type(declared.get(name), shapes[name]) for name in names}
        for name, kind in declared.items():
            needed = _needed(kind)
            if name in types and needed and all(shapes[name][shape] is False for shape in needed):
                raise _bad_field(connection, table, name, _SHAPES[needed[0]], needed[0])
        try:
            _cast(connection, table, types)
        except (duckdb.ConversionException, duckdb.OutOfRangeException):
            _mend(connection, table, types, declared)
            _cast(connection, table, types)
    finally:
        connection.execute("DROP TABLE kraforge_text")


def _header(table: str, path: str, delimiter: str) -> list[str]:
    """The column names in the first row of a file."""
    opened = gzip.open if path.endswith(".gz") else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file, delimiter=delimiter), [])
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise _unreadable(table, str(error)) from None
    if not names or "" in names or len(set(names)) < len(names):
        raise _unreadable(table, f"the header {delimiter.join(names)!r} does not name every column once")
    return names


def _unreadable(table: str, note: str) -> SourceError:
    return SourceError(
        Mistake(
            "bad-value",
            f"the file of table '{table}' is not CSV with a header row in UTF-8",
            Place(f"sources.{table}"),
            hint="mend the line named in the note",
            notes=(note,),
        )
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _relevant(declared: Type | None) -> tuple[str, ...]:
    """The shapes that can matter for a column."""
    match declared.kind if declared else None:
        case None:
            return tuple(_SHAPES)
        case "text" | "missing" | "duration":
            return ()
        case "bool":
            return ("bool",)
        case "date":
            return ("day", "moment", "instant")
        case "timestamp":
            return ("moment", "instant")
        case "money":
            return ("plain",)
        case _:
            return ("whole", "plain", "number")


def _needed(declared: Type) -> tuple[str, ...]:
    """The shapes of which a declared column's fields must all have one; the first tells what is expected."""
    if declared.kind in ("number", "count", "ratio"):
        return ("whole",) if declared.whole else ("number",)
    return _relevant(declared)


def _shapes(connection: DuckDBPyConnection, relevant: Mapping[str, tuple[str, ...]]) -> Mapping[str, Shape]:
    """For each column: which shapes all its fields have, its decimal places, and its digits before the point.

    A sample rules out most shapes first, so that few are tried on every field. None where a column has no field.
    """
    found: dict[str, dict[str, Any]] = {name: {} for name in relevant}
    for source in (f"(SELECT * FROM kraforge_text LIMIT {_SAMPLE})", "kraforge_text"):
        asked = [(name, shape) for name in relevant for shape in relevant[name] if found[name].get(shape) is not False]
        parts = [f"bool_and(regexp_full_match({quoted(name)}, '{_SHAPES[shape]}'))" for name, shape in asked]
        for name in relevant:
            if "plain" in relevant[name] and found[name].get("plain") is not False:
                column = quoted(name)
                asked += [(name, "places"), (name, "digits"), (name, "code")]
                parts.append(f"max(length(regexp_extract({column}, '\\.([0-9]*)$', 1)))")
                parts.append(f"max(length(regexp_extract({column}, '^[+-]?0*([0-9]*)', 1)))")
                parts.append(f"bool_or(regexp_matches({column}, '^0[0-9]'))")
        if parts:
            facts = connection.execute(f"SELECT {', '.join(parts)} FROM {source}").fetchone() or ()
            for (name, what), fact in zip(asked, facts, strict=True):
                found[name][what] = fact
    return found


def _sql_type(declared: Type | None, shape: Shape) -> str:
    """The column type for a declared type and the shape of the fields."""
    match declared.kind if declared else None:
        case None:
            return _guessed(shape)
        case "text" | "missing":
            return "VARCHAR"
        case "bool":
            return "BOOLEAN"
        case "duration":
            return "INTERVAL"
        case "date" if shape["day"] is not False:
            return "DATE"
        case "date" | "timestamp":
            return "TIMESTAMP" if shape["moment"] is not False else "TIMESTAMPTZ"
        case "money":
            return f"DECIMAL(38, {min(max(shape.get('places') or 0, 2), 38)})"
        case _ if shape["number"] is None:
            return "BIGINT" if declared and declared.whole else "DECIMAL(38, 2)"
        case _:
            return _guessed({**shape, "code": False})


def _guessed(shape: Shape) -> str:
    """The narrowest type that keeps every field as it is written."""
    places, digits = shape.get("places") or 0, shape.get("digits") or 0
    if shape.get("code"):
        return "VARCHAR"
    if shape["whole"]:
        return "BIGINT" if digits <= 18 else "DECIMAL(38, 0)"
    if shape["plain"] and places + digits <= 38:
        return f"DECIMAL(38, {places})"
    kinds = {"number": "DOUBLE", "bool": "BOOLEAN", "day": "DATE", "moment": "TIMESTAMP", "instant": "TIMESTAMPTZ"}
    return next((kind for name, kind in kinds.items() if shape.get(name)), "VARCHAR")


def _cast(connection: DuckDBPyConnection, table: str, types: Mapping[str, str]) -> None:
    listed = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in types.items())
    connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT {listed} FROM kraforge_text")


def _mend(connection: DuckDBPyConnection, table: str, types: dict[str, str], declared: Mapping[str, Type]) -> None:
    """Raise for the declared column whose field is no such value (2026-02-30); keep undeclared ones as text."""
    for name, kind in types.items():
        column = quoted(name)
        bad = f"{column} IS NOT NULL AND TRY_CAST({column} AS {kind}) IS NULL"
        first = connection.execute(f"SELECT rowid + 1, {column} FROM kraforge_text WHERE {bad} LIMIT 1").fetchone()
        if first and name in declared:
            expected = "a number of at most 38 digits in its column" if kind.startswith("DECIMAL") else f"a {kind}"
            raise bad_value(table, first[0], name, first[1], expected.lower())
        if first:
            types[name] = "VARCHAR"


def _bad_field(connection: DuckDBPyConnection, table: str, name: str, shape: str, expected: str) -> Exception:
    column = quoted(name)
    row, value = connection.execute(
        f"SELECT rowid + 1, {column} FROM kraforge_text WHERE NOT regexp_full_match({column}, '{shape}') LIMIT 1"
    ).fetchone() or (None, None)
    return bad_value(table, row, name, value, _EXPECTED[expected])
