"""The way of a formula, text to SQL, one stage a line: parse, resolve, check, collect, decide, build, lower, fill.

    text → syntax tree → bound, typed tree → leaves in contexts → shape in a window → plan → SQL of a dialect

A request is collected once, and lowered once for each shape of its windows; another window or as_of only fills in dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from threading import Lock

from attrs import evolve, field, frozen

from kraforge.errors import LimitError, Mistake, Mistakes
from kraforge.limits import Limits
from kraforge.model.request import Asked, Request
from kraforge.plan import build, cells, nodes
from kraforge.plan.calendars import HIGH, LOW, Uses
from kraforge.plan.collect import Collected, Collector
from kraforge.plan.context import Calendar, Context
from kraforge.plan.extent import extent, measured
from kraforge.plan.layout import Layout, Times
from kraforge.plan.leaves import Leaf, walk
from kraforge.plan.needs import Column
from kraforge.plan.own_tables import units_asked
from kraforge.plan.periods import Days, count_periods, next_start, start_of
from kraforge.plan.promises import Promise
from kraforge.plan.reaching import times
from kraforge.plan.shape import Shape, decide
from kraforge.plan.spines import rows as spine_rows
from kraforge.plan.timeline import Hull, Timeline, owner_of
from kraforge.plan.valued import valued
from kraforge.plan.window import named_length, own_unit, parse_window
from kraforge.plan.words import VALUE_TYPES, check_scope, check_words, known_type, over_answer
from kraforge.plan.worktime import uses
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.semantics.reach import unsaid
from kraforge.sql.dialects import DIALECTS, Dialect, Setting
from kraforge.sql.own_calendars import OwnCalendars, Run
from kraforge.sql.statement import Lowered, Lowering, Stored, rows_text, slot_text
from kraforge.sql.text import fill
from kraforge.types import BOOL, DATE, Type


@frozen
class Prepared:
    """A request as far as it does not hang on the window: its leaves, what shapes its answer, the units that it names."""

    collected: Collected
    asked: cells.Request
    dated: bool
    warnings: tuple[Mistake, ...]
    units: frozenset[str] = frozenset()
    lowered: dict[tuple[Shape, str, Layout], tuple[build.Built, Lowered]] = field(factory=dict, eq=False)
    statements: dict[object, Statement] = field(factory=dict, eq=False)
    promised: dict[tuple[Shape, str], tuple[tuple[Promise, str], ...]] = field(factory=dict, eq=False)
    uses: Uses = field(init=False)

    @uses.default
    def _uses(self) -> Uses:
        return uses(self.collected)


@frozen
class Statement:
    """SQL that is ready to run, with its columns and what has to be checked first."""

    sql: str
    columns: tuple[tuple[str, Type], ...]
    unique: tuple[str, ...]
    timeline: Timeline
    promises: tuple[tuple[Promise, str], ...] = ()


class Compiler:
    """Compiles the requests of one catalog over tables at their sources. Safe to use from several threads."""

    def __init__(self, checked: Checked, tables: Mapping[str, Stored], dialect: str, limits: Limits) -> None:
        self.checked = checked
        self.tables = tables
        self.dialect = DIALECTS[dialect]
        self.limits = limits
        calendar = checked.declarations.calendar
        month, day = calendar.fiscal_year_starts
        self.setting = Setting(calendar.timezone, Days(month, day, calendar.week_starts))
        self.own = OwnCalendars(checked, lambda: Lowering(self.dialect, self.setting, self.tables))
        self.days = evolve(self.setting.days, own=self.own.always)
        self._prepared: dict[Request, Prepared] = {}
        self._lock = Lock()

    # ---- what does not hang on the window

    def prepare(self, asked: Request) -> Prepared:
        """A request's leaves, from its text or from an earlier time. Raises Mistakes."""
        # of what a request binds only the type shapes its plan
        first = dt.datetime(1, 1, 1) if isinstance(asked.known_at, dt.datetime) else dt.date(1, 1, 1)
        key = evolve(asked, window=None, as_of=None, known_at=asked.known_at and first)
        known = self._prepared.get(key)
        if known is None:
            known = self._prepare(asked)
            with self._lock:
                if len(self._prepared) >= 512:
                    self._prepared.pop(next(iter(self._prepared)))
                self._prepared[key] = known
        return known

    def _prepare(self, asked: Request) -> Prepared:
        check_words(asked, self.checked.declarations)
        types = {name: VALUE_TYPES[kind] for name, kind in asked.types if kind in VALUE_TYPES}
        measures = self._measures(asked.kpis, types)
        filters = self._filters(asked, types)
        collector = Collector(self.checked, known_type(asked))
        frames = self._frames(asked, collector)
        context = Context(filters=filters)
        columns = tuple(
            (
                frame,
                tuple(
                    Column(m.name, collector.cell(m.expression, context, frame), m.type, m.better, m.unit)
                    for m in measures
                ),
            )
            for frame in frames
        )
        collected = collector.finished(columns, asked.sparse)
        having = self._having(asked, measures, types)
        order = tuple((item.name, item.descending) for item in asked.order_by)
        facts = cells.Request(asked.by, asked.grain, bool(asked.totals), asked.sparse, having, order, asked.limit)
        dated = any(kind.trait.dated and not kind.trait.made for kind in collected.kinds)
        asked_for = [collected.kinds[collected.kind_of[number]].trait for number in measured(collected)]
        timed = any(trait.dated or trait.during or trait.refers for trait in asked_for)
        if asked.grain is not None and not timed:
            mistake = Mistake(
                "no-event-date", "nothing that is asked has an event date", hint="leave the grain out, or use on"
            )
            raise Mistakes(mistake)
        told = [warning for measure in measures for warning in measure.warnings]
        told += unsaid(self.checked, asked.by, (measure.expression for measure in measures))
        warnings = tuple(dict.fromkeys(told))
        units = frozenset(units_asked(collected)) if self.checked.declarations.calendar.grains else frozenset[str]()
        return Prepared(collected, facts, dated, warnings, units)

    def _measures(self, kpis: tuple[Asked, ...], types: Mapping[str, Type]) -> list[bound.Measure]:
        """The measures that are asked; every mistake of all of them at once."""
        found: list[bound.Measure] = []
        wrong: list[Mistake] = []
        for asked in kpis:
            try:
                if asked.formula is None:
                    measure = self.checked.kpi(asked.name)
                else:
                    measure = self.checked.measure(
                        asked.name,
                        asked.formula,
                        empty_missing=asked.empty_missing,
                        unit=asked.unit,
                        values=types,
                    )
                found.append(measure)
            except Mistakes as error:
                wrong += error.mistakes
        if wrong:
            raise Mistakes(tuple(dict.fromkeys(wrong)))
        return found

    def _filters(self, asked: Request, types: Mapping[str, Type]) -> tuple[bound.Expression, ...]:
        filters: list[bound.Expression] = []
        if asked.where is not None:
            filters.append(self.checked.row_filter(asked.where, types))
        for number, (name, values) in enumerate(asked.scope):
            dimension = bound.ContextDimension(name, self.checked.dimensions[name].type)
            check_scope(dimension, values)
            items = tuple(bound.Bound(f"scope_{number}_{i}", dimension.type) for i in range(len(values)))
            filters.append(bound.Call("in", (dimension, *items), BOOL) if items else bound.Constant(False, BOOL))
        return tuple(filters)

    def _frames(self, asked: Request, collector: Collector) -> list[int]:
        """The grids of the answer: the groups asked for, then one a total."""
        frames = [collector.new_frame(asked.by).number]
        if not asked.by:
            # without groups the answer is its own total
            return frames
        if asked.totals is True:
            frames.append(collector.new_frame((), parent=0).number)
        elif asked.totals:
            kept = [tuple(d for d in asked.by if d != name) for name in asked.totals]
            frames += [collector.new_frame(dimensions, parent=0).number for dimensions in kept]
        return list(dict.fromkeys(frames))

    def _having(
        self, asked: Request, measures: list[bound.Measure], types: Mapping[str, Type]
    ) -> nodes.Expression | None:
        if asked.having is None:
            return None
        columns = {name: self.checked.dimensions[name].type for name in asked.by}
        columns |= {measure.name: measure.type for measure in measures}
        if asked.grain is not None:
            columns["period"] = DATE
        return over_answer(self.checked.having(asked.having, columns, types))

    # ---- what hangs on the window

    def days_of(self, asked: Request, prepared: Prepared, run: Run | None = None) -> Days:
        """The calendar of a request: its own units too, those that are tables read by `run`.

        Raises UnsupportedError where there is no source to read them from, SourceError (bad-calendar).
        """
        units = self.own.units({asked.grain, own_unit(asked.window), *prepared.units}, run, known_type(asked))
        return self.days if units is self.days.own else evolve(self.days, own=units)

    def timeline(
        self, asked: Request, prepared: Prepared, low: dt.date, high: dt.date, days: Days | None = None
    ) -> Timeline:
        """The periods of a request. Raises LimitError where there would be too many cells."""
        days = days or self.days
        cells = count_periods(low, high, asked.grain, days) * max(1, len(prepared.collected.leaves))
        if cells > self.limits.cells:
            raise LimitError(
                Mistake(
                    "too-many-cells",
                    f"about {cells:,} values of periods would have to be planned, more than {self.limits.cells:,}",
                    hint="ask a shorter window, a coarser grain or fewer KPIs",
                )
            )
        calendar = Calendar(days, asked.grain, low, high, asked.as_of, named_length(asked.window, days))
        return Timeline(calendar, prepared.collected.frames, self.limits.cells)

    def window(self, asked: Request, days: Days | None = None) -> tuple[dt.date, dt.date] | None:
        """The bounds of the request's window, None where it has none. Raises Mistakes (bad-window)."""
        return None if asked.window is None else parse_window(asked.window, days or self.days)

    def needs_period(self, prepared: Prepared, as_of: dt.date | None) -> bool:
        """Whether something hangs on a period, which a request without window and grain does not have.

        A request's as_of is a valuation day where nothing else of a period is asked.
        """
        if not prepared.dated and self.hangs_on_period(prepared) and (as_of is None or not valued(prepared.collected)):
            return True
        frames = prepared.collected.frames
        own = [
            leaf for leaf in prepared.collected.leaves if isinstance(leaf, Leaf) and not owner_of(frames, leaf.frame)
        ]
        contexts = [leaf.context for leaf in own] + [frame.context for frame in frames]
        moves = [move for context in contexts for move in context.moves]
        return any(isinstance(move, bound.Prior | bound.Trailing) and move.length is None for move in moves)

    def lacks_window(self, prepared: Prepared) -> bool:
        """Whether all dates that are measured are days of a calendar, which have no first and no last."""
        collected = prepared.collected
        traits = [collected.kinds[collected.kind_of[number]].trait for number in measured(collected)]
        return any(trait.made for trait in traits) and not any(trait.dated and not trait.made for trait in traits)

    def hangs_on_period(self, prepared: Prepared) -> bool:
        """Whether something looks at dates of the period, or at who is valid then."""
        collected = prepared.collected
        cells = [column.expression for _, columns in collected.columns for column in columns]
        dates = [node for cell in cells for node in walk(cell) if isinstance(node, nodes.PeriodRef)]
        return (
            any(k.trait.refers or k.trait.during or k.trait.made or k.context.looks for k in collected.kinds)
            or any(node.what in ("start", "last", "days", "as_of") for node in dates)
            or any(frame.unit is not None for frame in collected.frames)
        )

    def moves_periods(self, prepared: Prepared) -> bool:
        """Whether something is asked of other periods than the request's, or of its dates."""
        contexts = [leaf.context for leaf in prepared.collected.leaves if isinstance(leaf, Leaf)]
        moving = bound.Prior | bound.Trailing | bound.ToDate
        moved = any(isinstance(move, moving) for context in contexts for move in context.moves)
        return moved or len(prepared.collected.frames) > 1 or self.hangs_on_period(prepared)

    def widened(self, asked: Request, first: dt.date, last: dt.date, days: Days) -> tuple[dt.date, dt.date]:
        """A window from the first to the last date that there is, of whole periods."""
        if asked.as_of is not None:
            last = max(first, min(last, asked.as_of))
        if asked.grain is None:
            return first, next_start(last, "day", days)
        end = next_start(start_of(last, asked.grain, days), asked.grain, days)
        return start_of(first, asked.grain, days), end

    def statement(
        self, prepared: Prepared, timeline: Timeline, dialect: str | None = None, run: Run | None = None
    ) -> Statement:
        """The SQL of a request in a window, in the compiler's dialect or another.

        `run` asks the data how far business calendars have to reach; without it they reach the window.
        """
        printed = self.dialect if dialect is None else DIALECTS[dialect]
        reached = self._times(prepared, prepared.collected, timeline, run)
        key = (timeline.calendar, printed.name, reached)
        again = prepared.statements.get(key)
        if again is None:
            again = self._statement(prepared, timeline, printed, reached)
            if len(prepared.statements) >= 32:
                prepared.statements.clear()
            prepared.statements[key] = again
        return again

    def _times(self, prepared: Prepared, collected: Collected, timeline: Timeline, run: Run | None) -> Times | None:
        """What of business calendars a statement hangs on; None where it uses none."""
        if not prepared.uses:
            return None
        ask = None if run is None else lambda plan: run(self._lowered(plan))
        return times(collected, prepared.uses, timeline, ask)

    def _lowered(self, plan: nodes.Plan) -> str:
        """A plan without slots as SQL."""
        return Lowering(self.dialect, self.setting, self.tables).statement(plan).template

    def _statement(self, prepared: Prepared, timeline: Timeline, printed: Dialect, reached: Times | None) -> Statement:
        shape, hulls = decide(prepared.collected, timeline)
        layout = Layout() if reached is None else reached.layout
        key = (shape, printed.name, layout)
        known = prepared.lowered.get(key)
        if known is None:
            built = build.build(prepared.collected, shape, prepared.asked, layout)
            lowering = Lowering(printed, self.setting, self.tables)
            known = prepared.lowered.setdefault(key, (built, lowering.statement(built.plan)))
        built, lowered = known
        text = fill(lowered.template, _texts(built, lowered, hulls, timeline, printed, reached))
        return Statement(text, lowered.columns, built.unique, timeline, self._promised(prepared, shape, built, printed))

    def _promised(
        self, prepared: Prepared, shape: Shape, built: build.Built, printed: Dialect
    ) -> tuple[tuple[Promise, str], ...]:
        """What is asked of the data before the first answer, each with its statement."""
        key = (shape, printed.name)
        if key not in prepared.promised:
            found = []
            for promise in built.promises:
                lowering = Lowering(printed, self.setting, self.tables)
                found.append((promise, lowering.statement(promise.plan).template))
            prepared.promised[key] = tuple(found)
        return prepared.promised[key]

    def extent(self, prepared: Prepared, as_of: dt.date | None, run: Run | None = None) -> str:
        """A statement for the first and last dates of everything that has an event date, as columns in pairs.

        Raises Mistakes (needs-period) where each date is made of two rows.
        """
        collected = extent(prepared.collected, as_of)
        if not collected.columns[0][1]:
            message = "what is asked has only dates that are made of two rows"
            raise Mistakes(Mistake("needs-period", message, hint="give the request a window"))
        timeline = Timeline(
            Calendar(self.setting.days, None, dt.date(2000, 1, 1), dt.date(2000, 1, 2)), collected.frames
        )
        shape, hulls = decide(collected, timeline)
        reached = self._times(prepared, collected, timeline, run)
        layout = Layout() if reached is None else reached.layout
        built = build.build(collected, shape, cells.Request((), None, False, False, None, (), None), layout)
        lowered = Lowering(self.dialect, self.setting, self.tables).statement(built.plan)
        return fill(lowered.template, _texts(built, lowered, hulls, timeline, self.dialect, reached))


def _texts(
    built: build.Built,
    lowered: Lowered,
    hulls: tuple[Hull, ...],
    timeline: Timeline,
    dialect: Dialect,
    reached: Times | None,
) -> dict[str, str]:
    """What stands in the slots of a statement: the bounds of scans, the rows of spines and of business calendars."""
    texts = {"window_high": slot_text(timeline.calendar.high)}
    for number, hull in enumerate(hulls):
        texts[f"scan_{number}_low"] = slot_text(hull.low)
        texts[f"scan_{number}_high"] = slot_text(hull.high)
    for owner, name, columns in built.spines:
        texts[name] = rows_text(lowered.given[name], spine_rows(columns, owner, timeline, hulls), dialect)
    if reached is not None:
        reach = reached.reach
        texts |= {LOW: slot_text(reach.low), HIGH: slot_text(reach.high)}
        texts |= {step.name: rows_text(lowered.given[step.name], step.rows(reach), dialect) for step in built.filled}
    return texts


__all__ = ["Compiler", "Prepared", "Statement"]
