"""Populations of days as steps: workdays, days of leave, what is due. No more days than a scan reads are made.

employees × months → leave ON person AND month, a mask of days
                   → working days ON calendar AND month, WHERE hired_on <= day <= left_on and the mask lacks it
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

from kraforge.errors import InternalError, Mistake
from kraforge.model import recurrence
from kraforge.model.declarations import Expected, Link
from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, equal, plus, whole
from kraforge.plan.calendars import Reach, Rows
from kraforge.plan.leaves import During, Leaf
from kraforge.plan.linking import joined
from kraforge.plan.rows import both, valid
from kraforge.plan.spines import DAY as KEPT_DAY
from kraforge.plan.steps import Steps, own_columns, own_conditions
from kraforge.plan.worktime import Worktime
from kraforge.semantics import bound
from kraforge.semantics.hops import floats, hops
from kraforge.semantics.rows import parts
from kraforge.types import BOOL, DATE, TEXT, WHOLE, Type

LAST_DAY: Final = bound.Constant(dt.date(9999, 12, 31), DATE)
FIRST_DAY: Final = bound.Constant(dt.date(1, 1, 1), DATE)
ONE_DAY: Final = bound.Constant(whole(1).value, Type("duration"), "day")
OWN: Final = bound.Constant("", TEXT)
DAY, SCHEDULED = "day", "scheduled"


@frozen
class Within:
    """The days that a scan reads: from `low`, before all of `highs`; without them as far as calendars reach."""

    low: nodes.Slot | None = None
    highs: tuple[nodes.Slot, ...] = ()

    def of(self, day: nodes.Expression) -> tuple[nodes.Expression, ...]:
        """The conditions on a day."""
        begins = () if self.low is None else (nodes.Apply("_from", (day, self.low), BOOL),)
        return begins + tuple(nodes.Apply("_before", (day, high), BOOL) for high in self.highs)

    def key(self, *names: str) -> tuple[str, ...]:
        """What a step within these days is known by."""
        return (*names, "" if self.low is None else self.low.name, *(high.name for high in self.highs))


WINDOW_HIGH: Final = nodes.Slot("window_high", DATE)
"""The last bound of the request's periods: days reach no further where a context has no end of its own."""


def read_by(steps: Steps, scan: int) -> Within:
    """The days that a scan reads."""
    numbers = steps.shape.scans[scan]
    lead = steps.collected.leaves[numbers[0]]
    assert isinstance(lead, Leaf)
    if lead.on != nodes.Source(lead.alias, lead.table, DAY, DATE):
        return Within()
    modes = [steps.shape.modes[number] for number in numbers]
    low, high = (nodes.Slot(f"scan_{scan}_{end}", DATE) for end in ("low", "high"))
    highs = (*((high,) if any(mode.high for mode in modes) else ()), *((WINDOW_HIGH,) if lead.context.unending else ()))
    return Within(low if any(mode.low for mode in modes) else None, highs)


def as_read(steps: Steps, name: str) -> Within:
    """The days that outer rows of a table may have: those of the one scan that reads it, else all."""
    leads = ((number, steps.collected.leaves[leaves[0]]) for number, leaves in enumerate(steps.shape.scans))
    scans = [number for number, lead in leads if isinstance(lead, Leaf) and lead.table == name]
    return read_by(steps, scans[0]) if len(scans) == 1 else Within()


def population(steps: Steps, name: str, within: Within) -> str:
    """The step with the rows of a table that is made of days, as far as a scan reads them."""
    key = within.key("population", name)
    if key not in steps.made:
        checked = steps.collected.checked
        made = checked.declarations.tables[name].made or ""
        people, expected = checked.people(made), checked.declarations.calendar.expected.get(made)
        if expected is not None:
            select, note = _expected(steps, people, expected, within), "what is due"
        elif people is not None:
            select, note = _days(steps, people, made == "leave_days", within), "a row for each person and day"
        else:
            raise InternalError(Mistake("internal", f"nothing says what {name} is made of"))
        steps.made[key] = steps.add(f"days of {name}", note, select)
    return steps.made[key]


# ---- persons


@frozen
class _Person:
    """The row of a person: its alias, the joins that its calendar needs, and what holds for it.

    `day` is what links with history and no date of their own are looked up on.
    """

    steps: Steps
    people: bound.BoundPeople
    alias: str
    day: nodes.Expression
    joins: list[nodes.Join] = field(factory=list)

    @property
    def relation(self) -> nodes.Relation:
        """The table of the people."""
        return self.steps.relation(self.people.table)

    def key(self) -> list[tuple[str, nodes.Expression]]:
        """The columns that name a person."""
        table = self.steps.collected.checked.tables[self.people.table]
        types = dict(table.columns)
        return [(name, nodes.Source(self.alias, table.name, name, types.get(name, TEXT))) for name in table.key]

    def there(self, day: nodes.Expression) -> tuple[nodes.Expression, ...]:
        """That a person counts, and is there on a day."""
        own = own_conditions(self.steps, self.people.table, self.alias)
        if self.people.during is None:
            return own
        low, high = (
            None if end is None else own_columns(self.steps, end, self.people.table, self.alias)
            for end in (self.people.during.low, self.people.during.high)
        )
        return own + valid(During(low, high, self.people.during.closed), day)

    def number(self) -> nodes.Expression:
        """The number of a person's calendar."""
        calendar = self.placed(self.people.calendar or OWN, self.alias, self.people.table)
        return Worktime(self.steps, self.joins).number(calendar)

    def placed(self, expression: bound.Expression, alias: str, table: str) -> nodes.Expression:
        """An expression over row 0 of a table, which an alias stands for."""
        match expression:
            case bound.Constant() | bound.Bound():
                return expression
            case bound.Column():
                for link in expression.path:
                    for hop in hops(self.steps.collected.checked, table, link):
                        alias, table = self.beyond(alias, table, hop), hop.to
                return nodes.Source(alias, table, expression.name, expression.type)
            case bound.Call():
                arguments = tuple(self.placed(argument, alias, table) for argument in expression.arguments)
                return nodes.Apply(expression.function, arguments, expression.type)
            case bound.Case():
                branches = tuple(
                    (self.placed(condition, alias, table), self.placed(value, alias, table))
                    for condition, value in expression.branches
                )
                return nodes.Choose(branches, self.placed(expression.otherwise, alias, table), expression.type)
            case _:
                raise InternalError(Mistake("internal", "what gives a person's calendar is no value of the row"))

    def beyond(self, before: str, table: str, hop: Link) -> str:
        """Joins the row that one hop leads to, once."""
        day = None
        if hop.valid is not None:
            at = self.steps.collected.checked.link(table, hop.name).at
            day = self.day if at is None else self.placed(at, before, table)
        alias = self.steps.collected.aliases.step(before, hop, day)
        if all(join.alias != alias for join in self.joins):
            self.joins.append(joined(self.steps, alias, day))
        return alias


def person_of(steps: Steps, people: bound.BoundPeople, day: nodes.Expression) -> _Person:
    # a person who is there twice would have every day twice
    steps.unique(people.table)
    return _Person(steps, people, steps.collected.aliases.root(people.table, "person"), day)


def calendar_changes(steps: Steps, people: bound.BoundPeople) -> bool:
    """Whether a person's calendar may be another one on another day."""
    columns = [] if people.calendar is None else [p for p in parts(people.calendar) if isinstance(p, bound.Column)]
    declarations = steps.collected.checked.declarations
    return any(floats(declarations, link) for each in columns for link in each.path)


# ---- workdays and leave


def _days(steps: Steps, people: bound.BoundPeople, leave: bool, within: Within) -> nodes.Select:
    """A row for each person and working day: those without leave, or with `leave` those with some."""
    worked, every = _worked(steps, within), steps.calendars.every_day()
    day, then = column(worked, DAY, DATE), column(every, DAY, DATE)
    changes = calendar_changes(steps, people)
    person = person_of(steps, people, then)
    joins, where, on = [], list(person.there(day)), [equal(column(worked, "calendar"), person.number())]
    if people.leave:
        months, away = _months(steps, within), _away(steps, people, within)
        month, mask = column(months, "month", DATE), nodes.Apply("else", (column(away, "mask"), whole(0)), WHOLE)
        joins.append(nodes.Join("cross", nodes.Step(months), months))
        known = [equal(column(away, f"key_{n}", part.type), part) for n, (_, part) in enumerate(person.key(), 1)]
        known.append(equal(column(away, "month", DATE), month))
        # also for days of leave a left join: planners that misjudge sizes keep it where it stands, before the days
        joins.append(nodes.Join("left", nodes.Step(away), away, tuple(known)))
        met: nodes.Expression = nodes.Apply("_meets", (mask, column(worked, "bit")), BOOL)
        where.append(met if leave else nodes.Apply("not", (met,), BOOL))
        on.append(equal(column(worked, "month", DATE), month))
    if changes:
        joins.append(nodes.Join("cross", nodes.Step(every), every))
        where += within.of(then)
        on.append(equal(day, then))
    joins += [*person.joins, nodes.Join("inner", nodes.Step(worked), worked, tuple(on))]
    return nodes.Select((*person.key(), (DAY, day)), person.relation, person.alias, tuple(joins), tuple(where))


def _worked(steps: Steps, within: Within) -> str:
    """A step with a row for each calendar and working day that a scan reads: its month, and its bit among the days of it."""
    key = within.key("worked")
    if key not in steps.made:
        days = steps.calendars.days()
        day = column(days, DAY, DATE)
        month = nodes.Apply("_start_month", (day,), DATE)
        bit = nodes.Apply("_bit_day", (day, month), WHOLE)
        columns = (("calendar", column(days, "calendar")), (DAY, day), ("month", month), ("bit", bit))
        where = (equal(column(days, "works"), whole(1)), *within.of(day))
        select = nodes.Select(columns, nodes.Step(days), days, where=where)
        steps.made[key] = steps.add("worked", "the working days that are read", select)
    return steps.made[key]


def _months(steps: Steps, within: Within) -> str:
    """A step with the months of the working days that a scan reads."""
    key = within.key("months")
    if key not in steps.made:
        worked = _worked(steps, within)
        month = ("month", column(worked, "month", DATE))
        select = nodes.Select((month,), nodes.Step(worked), worked, distinct=True)
        steps.made[key] = steps.add("months", "their months", select)
    return steps.made[key]


def _away(steps: Steps, people: bound.BoundPeople, within: Within) -> str:
    """A step with the days of leave of each person and month, as a mask."""
    key = within.key("away", people.table)
    if key not in steps.made:
        leave, months = leave_of(steps, people), _months(steps, within)
        first, last, month = column(leave, "first", DATE), column(leave, "last", DATE), column(months, "month", DATE)
        end = nodes.Apply("end_of", (month, bound.Constant("month", TEXT)), DATE)
        after = nodes.Apply("add_time", (nodes.Apply("_earlier", (last, end), DATE), ONE_DAY), DATE)
        begin = nodes.Apply("_later", (first, month), DATE)
        # one bit less another: all bits from the second to before the first
        bits = [nodes.Apply("_bit_day", (day, month), WHOLE) for day in (after, begin)]
        mask = nodes.Reduce("bit_or", (nodes.Apply("_minus", tuple(bits), WHOLE),), None, WHOLE)
        on = (both(first, "less_equal", end), both(last, "greater_equal", month), both(first, "less_equal", last))
        keys = tuple((name, column(leave, name, type_)) for name, type_ in key_types(steps, people))
        select = nodes.Select(
            (*keys, ("month", month), ("mask", mask)),
            nodes.Step(leave),
            leave,
            (nodes.Join("inner", nodes.Step(months), months, on),),
            grouped=True,
            keys=len(keys) + 1,
        )
        steps.made[key] = steps.add("away", "who is on leave on which days of a month", select)
    return steps.made[key]


def key_types(steps: Steps, people: bound.BoundPeople) -> Iterator[tuple[str, Type]]:
    table = steps.collected.checked.tables[people.table]
    types = dict(table.columns)
    yield from ((f"key_{number}", types.get(name, TEXT)) for number, name in enumerate(table.key, 1))


def leave_of(steps: Steps, people: bound.BoundPeople) -> str:
    """A step with a row for each stretch of leave: the person's key, the first and the last day."""
    key = ("leave", people.table)
    if key not in steps.made:
        selects = tuple(_stretches(steps, leave) for leave in people.leave)
        body = selects[0] if len(selects) == 1 else nodes.Union(selects)
        steps.made[key] = steps.add("leave", "who is on leave from when to when", body)
    return steps.made[key]


def _stretches(steps: Steps, leave: bound.BoundLeave) -> nodes.Select:
    checked = steps.collected.checked
    root = steps.collected.aliases.root(leave.table, "leave")
    alias, table, joins = root, leave.table, []
    for link in leave.links[:-1]:
        alias, table = steps.collected.aliases.step(alias, link, None), link.to
        joins.append(joined(steps, alias, None))
    low, high = (
        None if end is None else nodes.Apply("_date", (own_columns(steps, end, leave.table, root),), DATE)
        for end in (leave.during.low, leave.during.high)
    )
    if high is not None and not leave.during.closed:
        high = nodes.Apply("subtract_time", (high, ONE_DAY), DATE)
    types = dict(checked.tables[table].columns)
    keys = [
        (f"key_{n}", nodes.Source(alias, table, by, types.get(by, TEXT))) for n, by in enumerate(leave.links[-1].by, 1)
    ]
    # an end that is missing is not there yet; a start that is missing is never
    last = LAST_DAY if high is None else nodes.Apply("else", (high, LAST_DAY), DATE)
    ends = (("first", low or FIRST_DAY), ("last", last))
    where = own_conditions(steps, leave.table, root)
    return nodes.Select((*keys, *ends), steps.relation(leave.table), root, tuple(joins), where)


# ---- what is expected


def _expected(steps: Steps, people: bound.BoundPeople | None, expected: Expected, within: Within) -> nodes.Select:
    """A row for each day of a rule, and person who is there on it before it is moved."""
    rule, due = _rule(steps, expected), _due(steps, expected)
    day, scheduled, calendar = column(due, DAY, DATE), column(due, SCHEDULED, DATE), column(due, "calendar")
    named = Worktime(steps, []).number(bound.Constant(expected.calendar or "", TEXT))
    moves = expected.off != "keep"
    if people is None:
        where = (*((equal(calendar, named),) if moves else ()), *within.of(day))
        return nodes.Select(((DAY, day), (SCHEDULED, scheduled)), nodes.Step(due), due, where=where)
    then = column(rule, SCHEDULED, DATE)
    person = person_of(steps, people, then)
    on = [equal(calendar, named if people.calendar is None else person.number())] if moves else []
    joins = list(person.joins)
    if moves and calendar_changes(steps, people):
        joins.insert(0, nodes.Join("cross", nodes.Step(rule), rule))
        on.append(equal(scheduled, then))
    joins.append(nodes.Join("inner", nodes.Step(due), due, tuple(on)))
    columns = (*person.key(), (DAY, day), (SCHEDULED, scheduled))
    where = (*person.there(scheduled), *within.of(day))
    return nodes.Select(columns, person.relation, person.alias, tuple(joins), where)


def _rule(steps: Steps, expected: Expected) -> str:
    """A step with the days of a rule."""

    def rows(reach: Reach) -> Rows:
        return [(day,) for day in recurrence.days(expected.rule, expected.start, reach.low, reach.high)]

    name, columns = f"{expected.name} rule", {SCHEDULED: KEPT_DAY}
    return steps.calendars.once(name, lambda: steps.calendars.given(name, "the days of the rule", columns, rows))


def _due(steps: Steps, expected: Expected) -> str:
    """A step with each day of a rule and the day that it comes to by each calendar."""
    key = ("due", expected.name)
    if key not in steps.made:
        rule = _rule(steps, expected)
        scheduled = column(rule, SCHEDULED, DATE)
        if expected.off == "keep":
            select = nodes.Select(((DAY, scheduled), (SCHEDULED, scheduled)), nodes.Step(rule), rule)
        else:
            select = _moved(steps, expected, rule, scheduled)
        steps.made[key] = steps.add(f"{expected.name} due", "when each is due", select)
    return steps.made[key]


def _moved(steps: Steps, expected: Expected, rule: str, scheduled: nodes.Ref) -> nodes.Select:
    """Days without work left out, or moved to the working day before or after: found by how many there are up to it."""
    days = steps.calendars.working_days()
    calendar, works = column(days, "calendar"), equal(column(days, "works"), whole(1))
    joins = [nodes.Join("inner", nodes.Step(days), days, (equal(column(days, DAY, DATE), scheduled),))]
    if expected.off == "skip":
        columns = (("calendar", calendar), (DAY, scheduled), (SCHEDULED, scheduled))
        return nodes.Select(columns, nodes.Step(rule), rule, tuple(joins), (works,), distinct=True)
    there = steps.alias(days, (days,))
    ordinal: nodes.Expression = column(days, "ordinal")
    if expected.off == "next":
        ordinal = nodes.Choose(((works, ordinal),), plus(ordinal, whole(1)), WHOLE)
    on = [equal(column(there, "calendar"), calendar), equal(column(there, "ordinal"), ordinal)]
    joins.append(nodes.Join("inner", nodes.Step(days), there, (*on, equal(column(there, "works"), whole(1)))))
    columns = (("calendar", calendar), (DAY, column(there, DAY, DATE)), (SCHEDULED, scheduled))
    # all rows are distinct; to say so keeps these few out of the order in which a planner joins people
    return nodes.Select(columns, nodes.Step(rule), rule, tuple(joins), distinct=True)
