"""What every source can do, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, Literal, Protocol, runtime_checkable

from attrs import frozen

from kraforge.errors import Mistake, SourceError
from kraforge.limits import Limits
from kraforge.text import nearest
from kraforge.types import Storage

Dialect = Literal["duckdb", "postgres"]


@frozen
class Answer:
    """The rows of one statement: its column names and one tuple a row, NULL as None."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


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
