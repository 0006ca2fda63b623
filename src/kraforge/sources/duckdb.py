"""DuckDB as a source: a database file, a connection of the host's, or the embedded engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from threading import Condition, Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import define, field

from kraforge.errors import KraforgeError
from kraforge.limits import Limits
from kraforge.sources.deadlines import Deadlines
from kraforge.sources.failures import cancelled, closed, from_duckdb, too_many_rows
from kraforge.sources.rows import Columns, answered_columns
from kraforge.sources.source import Answer, Ticket, missing_table, quoted
from kraforge.sources.storage import of_duckdb
from kraforge.types import Storage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

MISTAKEN: Final = ("common_subplan", "statistics_propagation")
"""Optimizers of DuckDB 2.0 that are not used, because they give wrong rows.

`common_subplan` takes two steps over like joins of one history for the same, though their dates differ. Behind a join to a
table of which a filter leaves nothing, `statistics_propagation` takes values for missing that are there: 0.25 is <= 0.
"""
_KEPT = 128
"""How many parsed statements a source keeps."""
_PATIENCE = 10.0
"""Seconds that closing waits for interrupted statements; what still runs then keeps the connection."""


@define(eq=False)
class DuckDB:
    """Tables of one DuckDB database.

    Every statement runs on a cursor of its own, kept for the next one. `prepare` makes a new cursor ready (registered
    frames are seen by one cursor only). `shared` says that the connection itself must be used, one statement at a time,
    because its temporary tables are seen by no cursor. `seconds` is the time limit that the database itself keeps.
    """

    connection: DuckDBPyConnection
    own: bool = True
    prepare: Callable[[DuckDBPyConnection], None] | None = None
    shared: bool = False
    seconds: float | None = None
    dialect: Literal["duckdb"] = field(default="duckdb", init=False)
    _idle: list[DuckDBPyConnection] = field(factory=list, init=False)
    _busy: list[DuckDBPyConnection] = field(factory=list, init=False)
    _users: int = field(default=0, init=False)
    _changed: Condition = field(factory=Condition, init=False)
    _turn: Lock = field(factory=Lock, init=False)
    _schemas: dict[str, dict[str, Storage]] = field(factory=dict, init=False)
    _statements: dict[str, Statement] = field(factory=dict, init=False)
    _deadlines: Deadlines = field(factory=Deadlines, init=False)
    _closed: bool = field(default=False, init=False)

    def tables(self) -> tuple[str, ...]:
        """The tables and views, those outside the current schema with their schema's name."""
        answer = self.run(
            "SELECT CASE WHEN schema_name = current_schema() THEN name ELSE schema_name || '.' || name END FROM ("
            "SELECT schema_name, table_name AS name, internal, database_name, temporary FROM duckdb_tables() UNION ALL "
            "SELECT schema_name, view_name, internal, database_name, temporary FROM duckdb_views()) "
            "WHERE NOT internal AND (database_name = current_database() OR temporary) ORDER BY 1",
            {},
        )
        return tuple(row[0] for row in answer.rows)

    def schema(self, table: str, *, refresh: bool = False) -> Mapping[str, Storage]:
        """The columns of a table in order. Raises `missing-table`."""
        if refresh or table not in self._schemas:
            import duckdb

            with self._cursor() as cursor:
                try:
                    cursor.execute(f"SELECT * FROM {quoted(*self.name(table))} LIMIT 0")
                    self._schemas[table] = {name: of_duckdb(str(kind)) for name, kind, *_ in cursor.description}
                    cursor.fetchall()
                except (duckdb.CatalogException, duckdb.BinderException):
                    found = None
                except duckdb.Error as error:
                    raise self._told(error, Limits()) from None
                else:
                    found = self._schemas[table]
            if found is None:
                raise missing_table(table, self.tables())
        return self._schemas[table]

    def name(self, table: str) -> tuple[str, ...]:
        """The parts of the identifier to print: `finance.sales_invoice` is a schema and a table."""
        return tuple(table.split("."))

    def run(
        self,
        sql: str,
        parameters: Mapping[str, object],
        *,
        limits: Limits | None = None,
        ticket: Ticket | None = None,
        given: Mapping[str, Answer] | None = None,
    ) -> Answer:
        """Ask one SELECT; see `Source.run`. It can also read the answers `given`, as tables of those names."""
        import duckdb

        limits = limits or Limits()
        bound = {name: value for name, value in parameters.items() if f"${name}" in sql} or None
        with self._cursor() as cursor, self._bounded(cursor, limits, ticket):
            try:
                with _lent(cursor, given or {}), self._parsed(cursor, sql) as statement:
                    cursor.execute(statement, bound)
                    described = cursor.description
                    storage = tuple(of_duckdb(str(kind)) for _, kind, *_ in described)
                    if any(kept.kind == "instant" for kept in storage):
                        cursor.execute(_without_zones(sql, described), bound)
                    rows = cursor.fetchmany(limits.rows + 1)
            except duckdb.Error as error:
                if ticket is not None and ticket.cancelled:
                    raise cancelled() from None
                raise self._told(error, limits) from None
        if len(rows) > limits.rows:
            raise too_many_rows(limits)
        return Answer(tuple(name for name, *_ in described), rows, storage)

    @contextmanager
    def _parsed(self, cursor: DuckDBPyConnection, sql: str) -> Iterator[Statement | str]:
        """A text as DuckDB's parser left it the last time, which is a fifth of what a small statement costs.

        A statement is only ever with one run; a second one at the same time parses anew.
        """
        with self._changed:
            statement = self._statements.pop(sql, None)
        if statement is None:
            found = cursor.extract_statements(sql)
            statement = found[0] if len(found) == 1 else None
        yield statement if statement is not None else sql
        if statement is not None:
            with self._changed:
                self._statements[sql] = statement
                while len(self._statements) > _KEPT:
                    self._statements.pop(next(iter(self._statements)))

    def close(self) -> None:
        """Stop what runs and give the connections back; a connection of the host's stays open."""
        with self._changed:
            self._closed = True
            self._statements.clear()
            end = monotonic() + _PATIENCE
            while self._users and monotonic() < end:
                for cursor in self._busy:
                    cursor.interrupt()
                self._changed.wait(0.05)
            idle, self._idle = self._idle, []
            free = self.own and not self._users
        self._deadlines.close()
        for cursor in idle:
            cursor.close()
        if free:
            self.connection.close()

    def __enter__(self) -> DuckDB:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _cursor(self) -> Iterator[DuckDBPyConnection]:
        """A cursor that nothing else uses, given back at the end."""
        with self._changed:
            if self._closed:
                raise closed()
            self._users += 1
            cursor = self._idle.pop() if self._idle and not self.shared else None
        try:
            with ExitStack() as stack:
                if self.shared:
                    stack.enter_context(self._turn)
                held = self.connection if self.shared else cursor or self._new_cursor()
                with self._changed:
                    self._busy.append(held)
                try:
                    yield held
                finally:
                    with self._changed:
                        self._busy.remove(held)
                        if not self.shared:
                            self._idle.append(held)
        finally:
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def _new_cursor(self) -> DuckDBPyConnection:
        import duckdb

        try:
            with self._turn:  # a connection refuses two calls at once
                cursor = self.connection.cursor()
            if self.prepare is not None:
                self.prepare(cursor)
            return cursor
        except duckdb.Error as error:
            raise self._told(error, Limits()) from None

    def _told(self, error: Exception, limits: Limits) -> KraforgeError:
        return closed() if self._closed else from_duckdb(error, limits)

    @contextmanager
    def _bounded(self, cursor: DuckDBPyConnection, limits: Limits, ticket: Ticket | None) -> Iterator[None]:
        """Stop the cursor's statement when its time is over or its ticket is cancelled."""
        with ExitStack() as stack:
            if limits.seconds != self.seconds:
                stack.enter_context(self._deadlines.within(limits.seconds, cursor.interrupt))
            if ticket is not None:
                stack.enter_context(ticket.holding(cursor.interrupt))
            yield


@contextmanager
def _lent(cursor: DuckDBPyConnection, given: Mapping[str, Answer]) -> Iterator[None]:
    """While the block runs, the cursor has these answers as temporary tables."""
    made = []
    try:
        for name, answer in given.items():
            fill(cursor, name, answered_columns(answer, name), "TEMP TABLE")
            made.append(name)
        yield
    finally:
        for name in made:
            cursor.execute(f"DROP TABLE temp.{quoted(name)}")


def fill(connection: DuckDBPyConnection, table: str, columns: Columns, kind: str = "TABLE") -> None:
    """Make a table of columns of values."""
    listed = ", ".join(f"{quoted(name)} {held}" for name, held in zip(columns.names, columns.types, strict=True))
    connection.execute(f"CREATE {kind} {quoted(table)} ({listed})")
    if columns.values and columns.values[0]:
        with connection.appender(quoted(table)) as appender:
            appender.append_rows(zip(*columns.values, strict=True))


def _without_zones(sql: str, described: list[tuple[Any, ...]]) -> str:
    """The statement with points in time as wall clocks of UTC: fetching them as they are would need another package."""
    columns = ", ".join(
        f"{quoted(name)} AT TIME ZONE 'UTC' AS {quoted(name)}" if "TIME ZONE" in str(kind) else quoted(name)
        for name, kind, *_ in described
    )
    return f"SELECT {columns} FROM ({sql})"


def timed(limits: Limits) -> dict[str, str | bool | int | float | list[str]]:
    """The settings of a database that keeps the time limit itself."""
    return {**settings(limits), "max_execution_time": max(1, round(limits.seconds * 1000))}


def settings(limits: Limits) -> dict[str, str | bool | int | float | list[str]]:
    """What a database is opened with: memory is bound, nothing fetched, spilt to disk or taken from Python's variables."""
    return {
        "temp_directory": "",
        "python_enable_replacements": False,
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "disabled_optimizers": ",".join(MISTAKEN),
        "memory_limit": f"{min(limits.memory, _most_memory()) // 1024}KiB",
    }


def without_mistaken(connection: DuckDBPyConnection) -> None:
    """Turn the mistaken optimizers off in a database that the host brought, beside those that the host has turned off.

    A locked configuration stays as it is.
    """
    ((known, locked),) = connection.execute(
        "SELECT current_setting('disabled_optimizers'), current_setting('lock_configuration')"
    ).fetchall()
    before = set(filter(None, known.split(",")))
    if not locked and not before.issuperset(MISTAKEN):
        off = sorted(before.union(MISTAKEN))
        connection.execute(f"SET GLOBAL disabled_optimizers = '{','.join(off)}'")


def lock_down(connection: DuckDBPyConnection, paths: Sequence[str] = ()) -> None:
    """Let statements read these files and nothing else outside the database, for good; what is locked stays so."""
    if connection.execute("SELECT current_setting('lock_configuration')").fetchall() == [(True,)]:
        return
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    connection.execute(
        f"SET allowed_paths = [{listed}]; SET TimeZone = 'UTC'; SET enable_external_access = false; SET lock_configuration = true"
    )


def _most_memory() -> int:
    """Four fifths of the machine's memory, as DuckDB itself would take."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 4 // 5
    except (AttributeError, ValueError, OSError):
        return 1 << 62
