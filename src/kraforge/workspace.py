"""What a user holds: a catalog, and a workspace that answers requests over sources."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from kraforge.compiler import Compiler, Prepared, Statement
from kraforge.errors import Mistake, Mistakes, SourceError, UnsupportedError
from kraforge.limits import Limits
from kraforge.model.catalog import Catalog
from kraforge.model.request import Request, request
from kraforge.plan.adding import adds_up
from kraforge.plan.periods import Days
from kraforge.plan.promises import Promise
from kraforge.plan.words import parameters
from kraforge.result import Heading, Result
from kraforge.semantics import structure
from kraforge.semantics.check import Checked
from kraforge.semantics.problems import raise_all
from kraforge.sql.statement import Stored

if TYPE_CHECKING:
    from kraforge.explanation import Explanation
    from kraforge.sources.open import Sources
    from kraforge.sources.source import Answer, Source


class Workspace:
    """A catalog over sources. Answers requests; safe to use from several threads; closes its sources as a context manager.

    `sources` is a mapping from table to anything tabular (rows as dicts, frames, paths of CSV or Parquet files), or one
    source, or a mapping from source name to source. Raises SourceError where the sources do not hold what the catalog
    declares, and Mistakes where its tables, links and calendars do not fit together.
    """

    def __init__(self, catalog: Catalog, sources: Any, *, limits: Limits | None = None) -> None:
        from kraforge.sources.open import open_sources

        self.catalog = catalog
        self.limits = limits or Limits()
        self._sources: Sources = open_sources(sources, catalog.declarations, self.limits)
        schemas = {name: home.columns for name, home in self._sources.homes.items()}
        self._checked = Checked(catalog.declarations, schemas, self.limits)
        wrong = structure.mistakes(self._checked.declarations, schemas, self._checked.columns)
        if wrong:
            self._sources.close()
            raise_all(wrong)
        self._source = self._only_source()
        self._compiler = Compiler(self._checked, self._stored(), self._source.dialect, self.limits)

    def _only_source(self) -> Source:
        """The source that requests are pushed down to, whole."""
        sources = {id(home.source): home.source for home in self._sources.homes.values()}
        if len(sources) > 1:
            names = ", ".join(sorted(self._sources.homes))
            raise UnsupportedError(
                Mistake(
                    "unsupported",
                    "the tables of a workspace lie in several sources",
                    hint="bring them into one, or make a workspace for each",
                    notes=(f"tables: {names}",),
                )
            )
        return next(iter(sources.values())) if sources else self._sources.engine()

    def _stored(self) -> dict[str, Stored]:
        tables = self.catalog.declarations.tables
        return {
            name: Stored(home.source.name(home.table), home.columns, tables[name].columns, home.names)
            for name, home in self._sources.homes.items()
        }

    def query(
        self,
        kpis: str | Mapping[str, Any] | Sequence[Any],
        *,
        window: Any = None,
        grain: str | None = None,
        by: str | Sequence[str] = (),
        where: str | None = None,
        as_of: str | dt.date | None = None,
        known_at: str | dt.date | None = None,
        having: str | None = None,
        order_by: str | Sequence[str] = (),
        limit: int | None = None,
        totals: bool | Sequence[str] = False,
        sparse: bool = False,
        scope: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Result:
        """The values of KPIs for each group and period.

        `kpis` are names of the catalog, or formulas by name. `window` is a period (`2026-Q1`) or a pair [start, end);
        without one, all there is. `grain` cuts it into periods, `by` groups by dimensions. `where` keeps rows by dimension or
        `table.column`, `scope` by values of dimensions, `having` keeps answered cells. `as_of` hides rows after a day,
        `known_at` (a day or a point in time) what was not known then.

        Raises Mistakes before any row is read, LimitError, SourceError.
        """
        asked = request(
            kpis,
            window=window,
            grain=grain,
            by=by,
            where=where,
            as_of=as_of,
            known_at=known_at,
            having=having,
            order_by=order_by,
            limit=limit,
            totals=totals,
            sparse=sparse,
            scope=scope,
            values=values,
        )
        prepared = self._compiler.prepare(asked)
        bindings = self._bindings(asked)
        days = self._compiler.days_of(asked, prepared, lambda sql: self._rows(sql, bindings))
        low, high = self._window(asked, prepared, days)
        timeline = self._compiler.timeline(asked, prepared, low, high, days)
        statement = self._compiler.statement(prepared, timeline, run=lambda sql: self._rows(sql, bindings))
        for table in statement.unique:
            self._sources.check_key(table, self._checked.tables[table].key)
        for promise, sql in statement.promises:
            self._sources.keeps(sql, self._source, bindings, functools.partial(_broken, promise))
        answer = self._source.run(statement.sql, bindings, limits=self.limits)
        headings = _headings(statement, prepared)
        cut = {period.start for _, period in timeline.periods(0) if period.partial}
        at = [name for name, _ in statement.columns].index("period") if asked.grain else -1
        partial = tuple(bool(cut) and (at < 0 or row[at] in cut) for row in answer.rows)
        return Result(headings, answer.rows, statement.sql, prepared.warnings, partial, asked.grain)

    def _rows(self, sql: str, bindings: Mapping[str, object] = MappingProxyType({})) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self._source.run(sql, bindings, limits=self.limits).rows

    def _bindings(self, asked: Request) -> dict[str, Any]:
        """What the statements of a request bind."""
        return parameters(asked, self.catalog.declarations.calendar.timezone)

    def _window(self, asked: Request, prepared: Prepared, days: Days) -> tuple[dt.date, dt.date]:
        """The window asked for, or from the first to the last date that the request's aggregates use."""
        window = self._compiler.window(asked, days)
        if window is not None:
            return window
        late = asked.grain is None and self._compiler.needs_period(prepared, asked.as_of)
        if late or self._compiler.lacks_window(prepared):
            raise Mistakes(_no_period())
        if not prepared.dated:
            if asked.grain is not None:
                mistake = Mistake(
                    "no-event-date", "nothing that is asked has an event date", hint="give the request a window"
                )
                raise Mistakes(mistake)
            day = asked.as_of or dt.date(9999, 12, 30)
            return day, day + dt.timedelta(days=1)
        bindings = self._bindings(asked)
        (row,) = self._rows(
            self._compiler.extent(prepared, asked.as_of, lambda sql: self._rows(sql, bindings)), bindings
        )
        dates = [value.date() if isinstance(value, dt.datetime) else value for value in row if value is not None]
        if any(not isinstance(day, dt.date) for day in dates):
            mistake = Mistake("bad-value", "a date of the request lies beyond the year 9999", hint="name a window")
            raise SourceError(mistake)
        if not dates:
            if self._compiler.hangs_on_period(prepared):
                raise Mistakes(_no_period())
            day = asked.as_of or dt.date(2000, 1, 1)
            # no dates, no periods; without a grain the one cell has what no rows give
            return (day, day) if asked.grain else self._compiler.widened(asked, day, day, days)
        return self._compiler.widened(asked, min(dates), max(dates), days)

    def explain(
        self, kpi: str | Mapping[str, Any], *, window: Any = None, known_at: Any = None, counts: bool = False
    ) -> Explanation:
        """What a KPI means in words: its formula and unit, the tables it reads, which rows count when, and its SQL.

        `kpi` is a name of the catalog, or one formula by name. The SQL is that of `window` (an example without one). With
        `counts` the rows that have no date, and so fall in no period, are counted. Raises Mistakes.
        """
        from kraforge.explanation import explain

        return explain(
            self._checked, self._compiler, kpi, window=window, known_at=known_at, run=self._rows, counted=counts
        )

    def close(self) -> None:
        """Closes the sources."""
        self._sources.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _broken(promise: Promise, answer: Answer) -> Mistake:
    """What to tell where data break a promise, with the rows."""
    rows = [
        ", ".join(f"{name} {_told(value)}" for name, value in zip(answer.columns, row, strict=True))
        for row in answer.rows
    ]
    notes = tuple(f"for example {row}" if number == 0 else row for number, row in enumerate(rows))
    return Mistake(promise.code, promise.message, promise.place, hint=promise.hint, notes=notes)


def _told(value: object) -> str:
    """A value of a row as a message tells it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "missing" if value is None else str(value)


def _no_period() -> Mistake:
    return Mistake(
        "needs-period",
        "what is asked hangs on a period, and the request has none",
        hint="give the request a window or a grain, or a shift its length",
    )


def _headings(statement: Statement, prepared: Prepared) -> tuple[Heading, ...]:
    """The columns of an answer: those that tell its rows apart, then the KPIs'."""
    columns = prepared.collected.columns[0][1]
    before = len(statement.columns) - len(columns)
    keys = tuple(Heading(name, type_, key=True) for name, type_ in statement.columns[:before])
    return keys + tuple(
        Heading(name, type_, column.unit, adds=adds_up(prepared.collected, column.expression))
        for (name, type_), column in zip(statement.columns[before:], columns, strict=True)
    )


__all__ = ["Workspace"]
