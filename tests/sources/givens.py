"""The same small table in every form that a source can have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from kraforge.model.declarations import Column, Declarations, Table
from kraforge.types import BOOL, DATE, NUMBER, RATIO, TEXT, TIMESTAMP, WHOLE, money
from postgres import schema

COLUMNS = {
    "id": TEXT,
    "units": WHOLE,
    "amount": money("INR"),
    "weight": NUMBER,
    "score": RATIO,
    "day": DATE,
    "at": TIMESTAMP,
    "paid": BOOL,
    'Note, "quoted"': TEXT,
}  # fmt: skip
ROWS: list[tuple[Any, ...]] = [
    (
        "I1",
        3,
        Decimal("100.25"),
        Decimal("1.5"),
        0.5,
        dt.date(2026, 1, 5),
        dt.datetime(2026, 1, 5, 9, 30),
        True,
        "äöü ₹",
    ),
    ("I2", 4, Decimal("-0.01"), Decimal("2.125"), 0.25, dt.date(2026, 2, 28), dt.datetime(2026, 2, 28), False, None),
    ("I3", None, None, None, None, None, None, None, 'it\'s "so", they say'),
]
CATALOG = Declarations(tables={"bills": Table("bills", {name: Column(name, kind) for name, kind in COLUMNS.items()})})


def catalog(**tables: dict[str, Any]) -> Declarations:
    """A catalog of tables from column types."""
    return Declarations(
        tables={
            name: Table(name, {column: Column(column, kind) for column, kind in columns.items()})
            for name, columns in tables.items()
        }
    )


def dicts() -> list[dict[str, Any]]:
    return [{name: value for name, value in zip(COLUMNS, row, strict=True) if value is not None} for row in ROWS]


CREATE = '''CREATE TABLE bills (id text, units bigint, amount numeric(18, 2), weight numeric(9, 3), score double precision,
"day" date, "at" timestamp, paid boolean, "Note, ""quoted""" text)'''


def filled(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(database)
    connection.execute(CREATE)
    connection.executemany(f"INSERT INTO bills VALUES ({', '.join('?' * len(COLUMNS))})", [list(row) for row in ROWS])
    return connection


def written(folder: Path, ending: str) -> Path:
    file = folder / f"bills.{ending}"
    with filled() as connection:
        connection.execute(f"COPY bills TO '{file}'" + (" (HEADER)" if ending == "csv" else ""))
    return file


@contextmanager
def _rows(folder: Path, postgres: str) -> Iterator[Any]:
    yield {"bills": dicts()}


@contextmanager
def _polars(folder: Path, postgres: str) -> Iterator[Any]:
    with filled() as connection:
        import polars

        yield {"bills": polars.DataFrame(connection.sql("FROM bills"))}


@contextmanager
def _pandas(folder: Path, postgres: str) -> Iterator[Any]:
    import pandas

    frame = pandas.DataFrame(ROWS, columns=list(COLUMNS))
    yield {"bills": frame.assign(units=frame["units"].astype("Int64"), paid=frame["paid"].astype("boolean"))}


@contextmanager
def _arrow(folder: Path, postgres: str) -> Iterator[Any]:
    with filled() as connection:
        yield {"bills": connection.sql("FROM bills").to_arrow_table()}


@contextmanager
def _relation(folder: Path, postgres: str) -> Iterator[Any]:
    with filled() as connection:
        yield {"bills": connection.sql("FROM bills")}


@contextmanager
def _csv(folder: Path, postgres: str) -> Iterator[Any]:
    yield {"bills": written(folder, "csv")}


@contextmanager
def _parquet(folder: Path, postgres: str) -> Iterator[Any]:
    yield {"bills": str(written(folder, "parquet"))}


@contextmanager
def _folder(folder: Path, postgres: str) -> Iterator[Any]:
    written(folder, "csv")
    yield folder


@contextmanager
def _file(folder: Path, postgres: str) -> Iterator[Any]:
    filled(str(folder / "host.duckdb")).close()
    yield f"duckdb:///{folder / 'host.duckdb'}"


@contextmanager
def _connection(folder: Path, postgres: str) -> Iterator[Any]:
    with filled() as connection:
        yield connection


@contextmanager
def _temporary(folder: Path, postgres: str) -> Iterator[Any]:
    with filled() as connection:
        connection.execute("CREATE TEMP TABLE t AS FROM bills; DROP TABLE bills; CREATE TEMP VIEW bills AS FROM t")
        yield connection


@contextmanager
def _postgres(folder: Path, postgres: str) -> Iterator[Any]:
    import psycopg

    with schema(postgres, CREATE) as address:
        with psycopg.connect(address) as connection:
            marks = ", ".join(["%s"] * len(COLUMNS))
            connection.cursor().executemany(f"INSERT INTO bills VALUES ({marks})", ROWS)
        yield address


Given = Callable[[Path, str], Any]
GIVENS: dict[str, Given] = {
    "rows": _rows,
    "pandas": _pandas,
    "polars": _polars,
    "arrow": _arrow,
    "relation": _relation,
    "csv": _csv,
    "parquet": _parquet,
    "folder": _folder,
    "duckdb file": _file,
    "duckdb connection": _connection,
    "duckdb temporary tables": _temporary,
    "postgres": _postgres,
}
