"""PostgreSQL as a source, through psycopg: read-only, one statement a connection, a few connections."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field

from kraforge.errors import KraforgeError, Mistake, SourceError
from kraforge.limits import Limits
from kraforge.sources.failures import (
    bad_value,
    cancelled,
    closed,
    out_of_memory,
    out_of_time,
    overflow,
    source_failed,
    too_many_rows,
)
from kraforge.sources.source import Answer, Ticket, missing_table, quoted
from kraforge.sources.storage import of_postgres
from kraforge.types import Storage

if TYPE_CHECKING:
    import psycopg

_CONNECTIONS: Final = 4
_CHUNK: Final = 1000
_SETTINGS: Final = "SET default_transaction_read_only = on; SET TimeZone = 'UTC'; SET jit = off"
_TOKEN: Final = re.compile(r"""--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_][A-Za-z0-9_]*)""")

_COLUMNS: Final = """
SELECT a.attname, coalesce(b.typname, t.typname), CASE WHEN b.oid IS NULL THEN a.atttypmod ELSE t.typtypmod END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
WHERE a.attrelid = to_regclass($table) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_TABLES: Final = """
SELECT CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1
"""


def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with $1, $2 … for its named parameters, and their names in that order; quoted text and notes stay."""
    order: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1]
        return found[0] if name is None else f"${order.setdefault(name, len(order) + 1)}"

    return _TOKEN.sub(number, sql), tuple(order)


def open_postgres(address: str) -> Postgres:
    """Connect to a database by its libpq address. Raises `not-installed` and `source-unreachable`."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise SourceError(
            Mistake("not-installed", "PostgreSQL needs the package psycopg", hint="install kraforge[postgres]")
        ) from None
    source = Postgres(address)
    with source._connection():
        return source


@define(eq=False)
class Postgres:
    """Tables of one PostgreSQL database. Sessions are read-only, in UTC, without just-in-time compilation."""

    address: str = field(repr=False)
    dialect: Literal["postgres"] = field(default="postgres", init=False)
    _idle: list[psycopg.Connection[Any]] = field(factory=list, init=False, repr=False)
    _busy: list[psycopg.Connection[Any]] = field(factory=list, init=False, repr=False)
    _timeouts: dict[int, int] = field(factory=dict, init=False, repr=False)
    _room: BoundedSemaphore = field(factory=lambda: BoundedSemaphore(_CONNECTIONS), init=False, repr=False)
    _lock: Lock = field(factory=Lock, init=False, repr=False)
    _schemas: dict[str, dict[str, Storage]] = field(factory=dict, init=False, repr=False)
    _closed: bool = field(default=False, init=False, repr=False)

    def tables(self) -> tuple[str, ...]:
        """The tables and views, those outside the search path with their schema's name."""
        return tuple(row[0] for row in self.run(_TABLES, {}).rows)

    def schema(self, table: str, *, refresh: bool = False) -> Mapping[str, Storage]:
        """The columns of a table in order; domains are read as what they are made of. Raises `missing-table`."""
        if refresh or table not in self._schemas:
            rows = self.run(_COLUMNS, {"table": quoted(*self.name(table))}).rows
            if not rows:
                raise missing_table(table, self.tables())
            self._schemas[table] = {name: of_postgres(kind, modifier) for name, kind, modifier in rows}
        return self._schemas[table]

    def name(self, table: str) -> tuple[str, ...]:
        """The parts of the identifier to print: `finance.sales_invoice` is a schema and a table."""
        return tuple(table.split("."))

    def run(
        self, sql: str, parameters: Mapping[str, object], *, limits: Limits | None = None, ticket: Ticket | None = None
    ) -> Answer:
        """Ask one SELECT; see `Source.run`. Parameters are bound by the server."""
        import psycopg

        limits = limits or Limits()
        text, order = numbered(sql)
        values = [parameters[name] for name in order]
        with self._connection() as connection:
            stop = _stopping(connection)
            try:
                self._set_timeout(connection, limits)
                if ticket is None:
                    answer = _fetched(connection, text, values, limits.rows + 1)
                else:
                    with ticket.holding(stop):
                        answer = _fetched(connection, text, values, limits.rows + 1)
            except psycopg.Error as error:
                if ticket is not None and ticket.cancelled:
                    raise cancelled() from None
                raise closed() if self._closed else told(error, limits) from None
        if len(answer.rows) > limits.rows:
            raise too_many_rows(limits)
        return answer

    def close(self) -> None:
        """Stop what runs and close all connections."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for connection in busy:
            _stopping(connection)()
        for connection in idle:
            connection.close()

    def __enter__(self) -> Postgres:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _set_timeout(self, connection: psycopg.Connection[Any], limits: Limits) -> None:
        milliseconds = max(1, round(limits.seconds * 1000))
        if self._timeouts.get(id(connection)) != milliseconds:
            connection.execute(f"SET statement_timeout = {milliseconds}")
            self._timeouts[id(connection)] = milliseconds

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that nothing else uses; one that has been lost meanwhile is replaced."""
        with self._room:
            with self._lock:
                if self._closed:
                    raise closed()
                connection = self._idle.pop() if self._idle else None
            if connection is not None and not _alive(connection):
                self._forget(connection)
                connection = None
            if connection is None:
                connection = _connected(self.address)
            with self._lock:
                self._busy.append(connection)
            try:
                yield connection
            finally:
                with self._lock:
                    self._busy.remove(connection)
                    kept = not self._closed and not connection.closed
                    if kept:
                        self._idle.append(connection)
                if not kept:
                    self._forget(connection)

    def _forget(self, connection: psycopg.Connection[Any]) -> None:
        self._timeouts.pop(id(connection), None)
        connection.close()


def _connected(address: str) -> psycopg.Connection[Any]:
    import psycopg

    try:
        connection = psycopg.connect(address, autocommit=True, cursor_factory=psycopg.RawCursor, connect_timeout=10)
        connection.execute(_SETTINGS)
        return connection
    except psycopg.Error as error:
        raise SourceError(
            Mistake(
                "source-unreachable",
                "the PostgreSQL database cannot be reached",
                hint="check the address, the server and the user's rights",
                notes=(" ".join(str(error).split()),),
            )
        ) from None


def _alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server still holds the connection, seen from this side without asking it."""
    import select

    if connection.closed:
        return False
    readable, _, _ = select.select([connection.fileno()], [], [], 0)
    return not readable


def _stopping(connection: psycopg.Connection[Any]) -> Callable[[], None]:
    import psycopg

    def stop() -> None:
        try:
            connection.cancel_safe(timeout=5)
        except psycopg.Error:
            connection.close()

    return stop


def _fetched(connection: psycopg.Connection[Any], sql: str, values: list[object], most: int) -> Answer:
    """At most so many rows; what the server still has to send is thrown away."""
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        stream = cursor.stream(sql, values, size=_CHUNK)
        for row in stream:
            rows.append(row)
            if len(rows) >= most:
                break
        stream.close()  # type: ignore[attr-defined]
        if not rows:  # a stream without rows does not say what its columns would be
            cursor.execute(f"SELECT * FROM ({sql}) none LIMIT 0", values)
        described = cursor.description or []
    known = connection.adapters.types
    storage = (of_postgres(found.name if (found := known.get(column.type_code)) else "", -1) for column in described)
    return Answer(tuple(column.name for column in described), rows, tuple(storage))


def told(error: psycopg.Error, limits: Limits) -> KraforgeError:
    """Tell an error of PostgreSQL in the library's own, with the server's words as a note."""
    import psycopg

    note = " ".join(str(error).split())
    match error.sqlstate:
        case "57014":
            return out_of_time(limits)
        case "53200" | "53400" | "54000":
            return out_of_memory(note)
        case "22003":
            return overflow(note)
        case "22008" if "field value" not in note:
            return overflow(note)
        case "22P02" | "22007" | "22008":
            return bad_value(note)
        case None if isinstance(error, psycopg.DataError):
            return bad_value(note)
        case _:
            return source_failed(note)
