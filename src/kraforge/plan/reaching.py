"""How far business calendars have to reach: the days that calls of business time may come upon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import evolve, frozen

from kraforge.model.workdays import FIRST_YEAR, LAST_YEAR, Hours
from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, plus, present, whole
from kraforge.plan.calendar_tables import MOST_ID, TableRows, whole_ids, written
from kraforge.plan.calendars import Reach, Uses, reach
from kraforge.plan.collect import Collected
from kraforge.plan.layout import DAY, Clock, TableFacts, Times, ahead, layout
from kraforge.plan.leaves import Leaf, walk
from kraforge.plan.shape import Shape
from kraforge.plan.steps import Steps
from kraforge.plan.timeline import Timeline
from kraforge.plan.worktime import calls
from kraforge.semantics import bound
from kraforge.semantics.bound import Constant
from kraforge.semantics.rows import parts
from kraforge.types import BOOL, DATE, WHOLE

YEARS: Final = {"year": Decimal(1), "half": Decimal("0.5"), "quarter": Decimal("0.25"), "month": Decimal(1) / 12}
FIRST: Final = Constant(dt.date(FIRST_YEAR, 1, 1), DATE)
AFTER: Final = Constant(dt.date(LAST_YEAR + 1, 1, 1), DATE)


Ask = Callable[[nodes.Plan], Sequence[Sequence[Any]]]
"""Answers a plan."""


def times(collected: Collected, uses: Uses, timeline: Timeline, ask: Ask | None) -> Times:
    """What of business calendars a request hangs on in a window, as far as the data can be asked."""
    days: list[dt.date] = []
    if ask is not None and (plan := span(collected)) is not None:
        (row,) = ask(plan)
        days = [day for day in row if day is not None]
    reached = involved(collected, timeline, days)
    declarations = collected.checked.declarations
    known: dict[str, TableFacts] = {}
    for hours in uses.tables(declarations) if ask is not None else ():
        plan = facts(Steps(collected, Shape((), (), frozenset())), hours, reached)
        assert ask is not None
        (row,) = ask(plan)
        known[hours.name] = read_facts([name for name, _ in plan.columns], row)
    return Times(reached, layout(declarations, uses, reached, known))


def involved(collected: Collected, timeline: Timeline, data: Iterable[dt.date]) -> Reach:
    """The years of the days in calls: those of the data, of the window, of contexts, and as written."""
    calendar = timeline.calendar
    days = [*data, calendar.low, calendar.high]
    years = Decimal(0)
    for node in _parts(collected):
        match node:
            case nodes.PeriodRef():
                known = timeline.bounds(node.frame, node.context)
                days += [day for bounds in known for day in (bounds.start, bounds.last, bounds.as_of)]
            case Constant(value=dt.date() as day):
                days.append(day)
            case Constant(value=Decimal() as number, unit=unit) if unit is not None:
                years = max(years, abs(number) * YEARS.get(unit, Decimal(0)))
            case _:
                pass
    found = reach(days)
    wider = int(years.to_integral_value(rounding="ROUND_CEILING"))
    return Reach(max(FIRST_YEAR, found.first - wider), min(LAST_YEAR, found.last + wider))


def facts(steps: Steps, hours: Hours, reach: Reach) -> nodes.Plan:
    """A request for what the data say of a calendar out of a table: see `read_facts`."""
    assert hours.table is not None
    rows = TableRows(steps.calendars, hours.table.table, "hours")
    by = rows.column(hours.table.by)
    weekday, begins, ends = written(rows, hours.table)
    where = [present(rows.column(name)) for name in (hours.table.by, hours.table.weekday, *hours.table.hours)]
    where += [nodes.Apply("_is_clock", (rows.column(name),), BOOL) for name in hours.table.hours]
    counts: list[tuple[str, nodes.Expression]] = [("shifts", nodes.Reduce("count", (), None, WHOLE))]
    for place in _places(steps, hours, reach):
        low, high = (plus(whole(place.ahead), whole((place.position + n) * DAY)) for n in (0, 1))
        inside = nodes.Apply("and", (_less(begins, high), _less(low, ends)), BOOL)
        counts.append((place.name, nodes.Reduce("count", (), inside, WHOLE)))
    select = evolve(rows.select((("id", by), ("weekday", weekday), *counts), where), grouped=True, keys=2)
    each = steps.add(f"hours of {hours.name}", f"the shifts of {hours.name} by weekday", select)
    columns = [(name, nodes.Reduce("max", (column(each, name),), None, WHOLE)) for name, _ in counts]
    if whole_ids(steps, hours.table):
        columns += [(f"{end} id", nodes.Reduce(end, (column(each, "id"),), None, WHOLE)) for end in ("min", "max")]
    most = steps.add("most", "the most of them", nodes.Select(tuple(columns), nodes.Step(each), each, grouped=True))
    answer = nodes.Answer(tuple((name, column(most, name)) for name, _ in columns), most)
    return nodes.Plan(tuple(steps.steps), answer, tuple((name, WHOLE) for name, _ in columns))


@frozen
class _Place:
    """A day that stretches of a shift may lie on: by which clock, how far the calendar's zone is ahead of it."""

    clock: Clock
    ahead: int
    position: int

    @property
    def name(self) -> str:
        """The column with the most stretches of a weekday there."""
        return f"{self.clock} {self.ahead} {self.position}"


def _places(steps: Steps, hours: Hours, reach: Reach) -> list[_Place]:
    zone = steps.calendars.declarations.calendar.timezone
    clocks: tuple[tuple[Clock, str], ...] = (("wall", zone), ("utc", "UTC"))
    return [
        _Place(clock, by, position)
        for clock, other in clocks
        for by in ahead(hours.zone, other, reach)
        for position in range(-by // DAY, (2 * DAY - by - 1) // DAY + 1)
    ]


def read_facts(names: Sequence[str], row: Sequence[Any]) -> TableFacts:
    """What the answer to `facts` says."""
    most: dict[str, dict[int, int]] = {"wall": {}, "utc": {}}
    ids, shifts = [], 0
    for name, value in zip(names, row, strict=True):
        clock, *place = name.split()
        if clock in most:
            position = int(place[1])
            most[clock][position] = max(most[clock].get(position, 0), int(value or 0))
        elif clock == "shifts":
            shifts = int(value or 0)
        else:
            ids.append(value)
    found = {clock: tuple((p, count) for p, count in sorted(counts.items()) if count) for clock, counts in most.items()}
    fit = bool(ids) and all(value is not None and abs(value) <= MOST_ID for value in ids)
    return TableFacts(shifts, found["wall"], found["utc"], fit)


def span(collected: Collected) -> nodes.Plan | None:
    """A request for the first and the last day of each column of dates in calls of business time; None where none is."""
    tables: dict[str, list[nodes.Source]] = {}
    for node in _parts(collected):
        if isinstance(node, nodes.Source) and node.type.dated and _stored(collected, node.table):
            columns = tables.setdefault(node.table, [])
            if node.name not in [known.name for known in columns]:
                columns.append(node)
    if not tables:
        return None
    steps = []
    joins = []
    columns_: list[tuple[str, nodes.Expression]] = []
    for number, (table, sources) in enumerate(tables.items(), 1):
        name = f"dates_{number}"
        reduces: list[tuple[str, nodes.Expression]] = []
        for source in sources:
            column = nodes.Source(name, table, source.name, source.type)
            # what calendars cannot reach does not count: ends of time that stand for none
            known = nodes.Apply(
                "and",
                (nodes.Apply("_from", (column, FIRST), BOOL), nodes.Apply("_before", (column, AFTER), BOOL)),
                BOOL,
            )
            for function in ("min", "max"):
                extreme = nodes.Reduce(function, (column,), known, source.type)
                reduces.append((f"{function}_{len(reduces)}", nodes.Apply("_date", (extreme,), DATE)))
        select = nodes.Select(tuple(reduces), nodes.Scan(table), name, grouped=True)
        steps.append(nodes.Named(name, f"dates of {table}", select))
        joins.append(nodes.Join("cross", nodes.Step(name), name))
        columns_ += [(f"{name}_{column}", nodes.Ref(name, column, DATE)) for column, _ in reduces]
    select = nodes.Select(tuple(columns_), joins[0].relation, joins[0].alias, tuple(joins[1:]))
    steps.append(nodes.Named("all_dates", "the first and the last of each", select))
    answer = nodes.Answer(tuple((name, nodes.Ref("all_dates", name, DATE)) for name, _ in columns_), "all_dates")
    return nodes.Plan(tuple(steps), answer, tuple((name, DATE) for name, _ in columns_))


def _of_populations(collected: Collected) -> Iterator[nodes.Expression]:
    """The days that bound populations of days: of contexts; where these have no start, of hiring and of the first due."""
    checked = collected.checked
    for leaf in collected.leaves:
        if not isinstance(leaf, Leaf) or (made := checked.declarations.tables[leaf.table].made) is None:
            continue
        yield nodes.PeriodRef(leaf.context, "start", leaf.frame, DATE)
        expected, people = checked.declarations.calendar.expected.get(made), checked.people(made)
        if expected is not None:
            yield Constant(expected.start, DATE)
        if people is not None and people.during is not None and people.during.low is not None:
            yield from _columns(people.during.low)


def _columns(expression: bound.Expression) -> Iterator[nodes.Source]:
    for part in parts(expression):
        if isinstance(part, bound.Column):
            yield nodes.Source("person", part.table, part.name, part.type)


def _less(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("less", (left, right), BOOL)


def _stored(collected: Collected, table: str) -> bool:
    known = collected.checked.declarations.tables[table]
    return known.members is None and known.made is None


def _parts(collected: Collected) -> Iterator[nodes.Expression]:
    """What stands in the dates of calls, and in nested aggregates that they use."""
    pending: list[nodes.Expression] = [argument for call in calls(collected) for argument in call.arguments[:2]]
    pending += _of_populations(collected)
    seen: set[int] = set()
    while pending:
        for node in walk(pending.pop()):
            yield node
            if isinstance(node, nodes.LeafValue) and node.leaf not in seen:
                seen.add(node.leaf)
                leaf = collected.leaves[node.leaf]
                if isinstance(leaf, Leaf):
                    pending += leaf.arguments
                else:
                    pending.append(leaf.expression)
