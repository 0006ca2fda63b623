"""What every source can do, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Literal, Protocol, runtime_checkable

from attrs import frozen

from kraforge.errors import Mistake, SourceError
from kraforge.limits import Limits
from kraforge.text import Place, nearest
from kraforge.types import Storage

Dialect = Literal["duckdb", "postgres"]


@frozen
class Answer:
    """The rows of one statement: its column names, how their values are kept, one tuple a row with NULL as None."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    storage: tuple[Storage, ...] = ()


class Ticket:
    """A handle on a running request: `cancel` stops whatever runs under it, from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: list[Callable[[], None]] = []
        self.cancelled = False

    def cancel(self) -> None:
        """Stop what runs under this ticket now, and refuse what would run later."""
        with self._lock:
            self.cancelled = True
            for stop in self._running:
                stop()

    @contextmanager
    def holding(self, stop: Callable[[], None]) -> Iterator[None]:
        """While the block runs, `cancel` calls `stop`."""
        with self._lock:
            self._running.append(stop)
            if self.cancelled:
                stop()
        try:
            yield
        finally:
            with self._lock:
                self._running.remove(stop)


@runtime_checkable
class Source(Protocol):
    """Tables that SQL of one dialect can ask. Safe to use from several threads."""

    @property
    def dialect(self) -> Dialect:
        """The dialect that `run` reads."""

    def tables(self) -> tuple[str, ...]:
        """The names that a catalog may use for the tables, sorted."""

    def schema(self, table: str, *, refresh: bool = False) -> Mapping[str, Storage]:
        """The columns of a table in order. Raises `missing-table`."""

    def name(self, table: str) -> tuple[str, ...]:
        """The parts of the identifier that SQL has to print, each still to be quoted."""

    def run(
        self, sql: str, parameters: Mapping[str, object], *, limits: Limits | None = None, ticket: Ticket | None = None
    ) -> Answer:
        """Ask one SELECT. Parameters stand as `$name` in every dialect; pass exactly those that the text has.

        Raises LimitError (`out-of-time`, `out-of-memory`, `too-many-rows`, `overflow`) and SourceError (`bad-value`,
        `source-failed`, `cancelled`).
        """

    def close(self) -> None:
        """Give back connections; running statements are stopped."""


def missing_table(table: str, tables: tuple[str, ...]) -> SourceError:
    """The error for a table that a source lacks, with the nearest name that it has."""
    close = nearest(table, tables)
    notes = (f"tables: {', '.join(tables[:20])}{' …' if len(tables) > 20 else ''}",) if tables else ()
    return SourceError(
        Mistake(
            "missing-table",
            f"the source has no table '{table}'",
            hint=f"did you mean '{close}'?" if close else None,
            notes=notes,
        )
    )


def check_unique(
    source: Source, table: str, key: Sequence[str], *, scan: str | None = None, limits: Limits | None = None
) -> None:
    """Raise `duplicate-key`, with examples, where two rows of a table have the same key; rows without a key may repeat.

    `scan` is what stands after FROM, for a table of which only some rows count; otherwise it is the whole table.
    """
    columns = ", ".join(quoted(name) for name in key)
    present = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in key)
    rows = source.run(
        f"SELECT {columns}, count(*) FROM {scan or quoted(*source.name(table))} WHERE {present} "
        f"GROUP BY {columns} HAVING count(*) > 1 ORDER BY count(*) DESC, {columns} LIMIT 3",
        {},
        limits=limits,
    ).rows
    if rows:
        examples = [f"{', '.join(map(str, row[:-1]))} ({row[-1]} rows)" for row in rows]
        raise SourceError(
            Mistake(
                "duplicate-key",
                f"table '{table}' has more than one row for the same {', '.join(key)}",
                Place(f"tables.{table}.key"),
                hint="mend the data, or declare the columns that tell its rows apart",
                notes=(f"for example {'; '.join(examples)}",),
            )
        )


def quoted(*parts: str) -> str:
    """An identifier, in the standard's quotes."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
