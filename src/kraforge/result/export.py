"""Rows as frames and files. Every package is imported only when its own method is called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from kraforge.errors import LimitError, Mistake, SourceError, UnsupportedError
from kraforge.types import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LEAST: Final = -(2**63) + 1
"""The least whole number of 64 bits that is no frame's sign for missing."""
_MOST: Final = 2**63 - 1
_MICROSECOND: Final = dt.timedelta(microseconds=1)

Types = Mapping[str, Type]
Rows = Sequence[Sequence[Any]]


def arrow(types: Types, rows: Rows) -> Any:
    """An Arrow table of pyarrow."""
    pyarrow = _needed("pyarrow", "to_arrow")
    arrays = []
    for values, kind in _columns(types, rows):
        match kind:
            case ("decimal", int(scale)):
                arrow_type = pyarrow.decimal128(38, scale)
            case (name, _):
                arrow_type = {
                    "integer": pyarrow.int64(),
                    "double": pyarrow.float64(),
                    "duration": pyarrow.duration("us"),
                    "date": pyarrow.date32(),
                    "timestamp": pyarrow.timestamp("us"),
                    "bool": pyarrow.bool_(),
                    "text": pyarrow.string(),
                }[name]
        arrays.append(pyarrow.array(values, arrow_type))
    return pyarrow.table(arrays, names=list(types))


def polars(types: Types, rows: Rows) -> Any:
    """A frame of Polars."""
    polars = _needed("polars", "to_polars")
    series = []
    for name, (values, kind) in zip(types, _columns(types, rows), strict=True):
        match kind:
            case ("decimal", int(scale)):
                dtype = polars.Decimal(38, scale)
            case (family, _):
                dtype = {
                    "integer": polars.Int64(),
                    "double": polars.Float64(),
                    "duration": polars.Duration("us"),
                    "date": polars.Date(),
                    "timestamp": polars.Datetime("us"),
                    "bool": polars.Boolean(),
                    "text": polars.String(),
                }[family]
        series.append(polars.Series(name, values, dtype=dtype))
    return polars.DataFrame(series)


def pandas(types: Types, rows: Rows) -> Any:
    """A frame of pandas; counts and bools with missing values are of its nullable types."""
    pandas = _needed("pandas", "to_pandas")
    data = {}
    for name, (values, (family, _)) in zip(types, _columns(types, rows), strict=True):
        whole = None not in values
        dtype = {
            "decimal": "object",
            "integer": "int64" if whole else "Int64",
            "double": "float64",
            "duration": "timedelta64[us]",
            "date": "datetime64[us]",
            "timestamp": "datetime64[us]",
            "bool": "bool" if whole else "boolean",
            "text": "object",
        }[family]
        data[name] = pandas.Series(values, dtype=dtype)
    return pandas.DataFrame(data)


def stream(types: Types, rows: Rows) -> object:
    """An Arrow C stream: of pyarrow where it is installed, otherwise of DuckDB, which has no Arrow duration."""
    try:
        import_module("pyarrow")
    except ImportError:
        if any(kind.kind == "duration" for kind in types.values()):
            raise _not_installed("pyarrow", "an Arrow stream with durations") from None
        with _in_duckdb(types, rows) as connection:
            return connection.sql("SELECT * FROM answer").__arrow_c_stream__()
    return arrow(types, rows).__arrow_c_stream__()


def parquet(types: Types, rows: Rows, to: str | Path) -> None:
    """A Parquet file."""
    import duckdb

    below = dt.timedelta(0)
    waits = [at for at, kind in enumerate(types.values()) if kind.kind == "duration"]
    if any(row[at] is not None and row[at] < below for at in waits for row in rows):
        hint = "use to_csv, or ask for x / 1 hour"
        raise UnsupportedError(Mistake("unsupported", "Parquet has no durations below zero", hint=hint))
    with _in_duckdb(types, rows) as connection:
        literal = "'" + str(to).replace("'", "''") + "'"
        try:
            connection.execute(f"COPY answer TO {literal} (FORMAT parquet)")
        except duckdb.IOException as error:
            raise OSError(" ".join(str(error).split())) from None


def csv(types: Types, rows: Rows, to: str | Path | IO[str]) -> None:
    """A CSV file."""
    import csv

    with _opened(to) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(types)
        writer.writerows([_field(value) for value in row] for row in rows)


def json(types: Types, rows: Rows, to: str | Path | IO[str]) -> None:
    """A JSON list, one object a line."""
    import json

    names = [json.dumps(name, ensure_ascii=False) for name in types]
    with _opened(to) as file:
        lines = (
            "  {" + ", ".join(f"{name}: {_json(value)}" for name, value in zip(names, row, strict=True)) + "}"
            for row in rows
        )
        file.write("[\n" + ",\n".join(lines) + "\n]\n" if rows else "[]\n")


def _field(value: Any) -> Any:
    match value:
        case dt.timedelta():
            return value.total_seconds()
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case dt.datetime():
            return value.isoformat()
        case _:
            return value


def _json(value: Any) -> str:
    import json

    match value:
        case Decimal():
            return f"{value:f}"
        case dt.timedelta():
            return json.dumps(value.total_seconds())
        case dt.date():
            return f'"{value.isoformat()}"'
        case _:
            return json.dumps(value, ensure_ascii=False)


@contextmanager
def _opened(to: str | Path | IO[str]) -> Iterator[IO[str]]:
    if isinstance(to, str | Path):
        with open(to, "w", encoding="utf-8", newline="") as file:
            yield file
    else:
        yield to


def _columns(types: Types, rows: Rows) -> Iterator[tuple[list[Any], tuple[str, int]]]:
    """The values of each column with the family and decimal places of the type that keeps them all."""
    for at, kind in enumerate(types.values()):
        values = [row[at] for row in rows]
        match kind.kind:
            case "money" | "number" if not kind.whole:
                yield _numbers(values, least=2 if kind.kind == "money" else 0)
            case "count" | "number" | "money":
                wide = any(
                    value is not None and not (isinstance(value, int) and _LEAST <= value <= _MOST) for value in values
                )
                yield _numbers(_decimals(values), least=0) if wide else (values, ("integer", 0))
            case "ratio":
                yield values, ("double", 0)
            case "missing":
                yield values, ("text", 0)
            case "duration":
                yield _within(values), ("duration", 0)
            case family:
                yield values, (family, 0)


def _decimals(values: list[Any]) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) for value in values]


def _within(values: list[Any]) -> list[Any]:
    """The durations of a column, all of which fit into 64 bits of microseconds. Raises `overflow`."""
    for value in values:
        if value is not None and not _LEAST <= value // _MICROSECOND <= _MOST:
            hint = "use rows(), or ask for x / 1 day"
            raise LimitError(Mistake("overflow", f"a frame does not hold a duration of {value.days:,} days", hint=hint))
    return values


def _numbers(values: list[Any], least: int) -> tuple[list[Any], tuple[str, int]]:
    """Exact where every number is; as doubles where one is a float or 38 digits do not hold them all."""
    present = [value for value in values if value is not None]
    if all(isinstance(value, Decimal) for value in present):
        scale = max((-value.as_tuple().exponent for value in present), default=least)
        digits = max((value.adjusted() + 1 for value in present if value), default=0)
        scale = max(scale, least)
        if scale + max(digits, 0) <= 38:
            return values, ("decimal", scale)
    return [None if value is None else float(value) for value in values], ("double", 0)


@contextmanager
def _in_duckdb(types: Types, rows: Rows) -> Iterator[DuckDBPyConnection]:
    """The rows as table `answer` of a database of its own."""
    import duckdb

    names = {"integer": "BIGINT", "duration": "INTERVAL", "bool": "BOOLEAN", "text": "VARCHAR"}
    columns = list(_columns(types, rows))
    listed = ", ".join(
        f'"{name}" ' + (f"DECIMAL(38, {scale})" if family == "decimal" else names.get(family, family.upper()))
        for name, (_, (family, scale)) in zip([name.replace('"', '""') for name in types], columns, strict=True)
    )
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute(f"CREATE TABLE answer ({listed})")
        if rows:
            with connection.appender("answer") as appender:
                appender.append_rows(zip(*(values for values, _ in columns), strict=True))
        yield connection


def _needed(package: str, method: str) -> Any:
    try:
        return import_module(package)
    except ImportError:
        raise _not_installed(package, f"Result.{method}") from None


def _not_installed(package: str, purpose: str) -> SourceError:
    return SourceError(
        Mistake("not-installed", f"{purpose} needs the package {package}", hint=f"install {package}, or use rows()")
    )
