"""Populations of days as steps: workdays, days of leave, what is due. No more days than a scan reads are made.

employees → (their teams) → working_days ON calendar AND day BETWEEN hired_on AND left_on
          → leave ON person AND day BETWEEN first AND last, none of it, or some for days of leave
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Final

from attrs import evolve, field, frozen

from kraforge.errors import InternalError, Mistake
from kraforge.model import recurrence
from kraforge.model.declarations import Expected, Link
from kraforge.plan import nodes
from kraforge.plan.calendars import Filled, Reach, Rows
from kraforge.plan.leaves import During
from kraforge.plan.linking import joined
from kraforge.plan.rows import both, valid
from kraforge.plan.spines import DAY as KEPT_DAY
from kraforge.plan.steps import Steps, own_columns, own_conditions
from kraforge.plan.worktime import Worktime
from kraforge.semantics import bound
from kraforge.semantics.hops import hops
from kraforge.types import BOOL, DATE, TEXT, WHOLE, Type

LAST_DAY: Final = bound.Constant(dt.date(9999, 12, 31), DATE)
FIRST_DAY: Final = bound.Constant(dt.date(1, 1, 1), DATE)
ONE: Final = bound.Constant(Decimal(1), WHOLE)
DAY, SCHEDULED = "day", "scheduled"


@frozen
class Within:
    """The days that a scan reads: from `low` (None: from the first there is) to before `high`."""

    low: nodes.Slot | None
    high: nodes.Slot

    def of(self, day: nodes.Expression) -> tuple[nodes.Expression, ...]:
        """The conditions on a day."""
        before = nodes.Apply("_before", (day, self.high), BOOL)
        return (before,) if self.low is None else (nodes.Apply("_from", (day, self.low), BOOL), before)


WINDOW_HIGH: Final = nodes.Slot("window_high", DATE)
"""The last bound of the request's periods: days reach no further where a context has no end of its own."""


def population(steps: Steps, name: str, within: Within) -> str:
    """The step with the rows of a table that is made of days, as far as a scan reads them."""
    key = ("population", name, str(within.low), str(within.high))
    if key not in steps.made:
        checked = steps.collected.checked
        made = checked.declarations.tables[name].made or ""
        people, expected = checked.people(made), checked.declarations.calendar.expected.get(made)
        if expected is not None:
            select = _expected(steps, people, expected, within)
            note = "what is due"
        elif people is not None:
            select = _days(steps, people, made == "leave_days", within)
            note = "a row for each person and day"
        else:
            raise InternalError(Mistake("internal", f"nothing says what {name} is made of"))
        steps.made[key] = steps.add(f"days of {name}", note, select)
    return steps.made[key]


# ---- persons


@frozen
class _Person:
    """The row of a person: its alias, the joins that its calendar needs, and what holds for it."""

    steps: Steps
    people: bound.BoundPeople
    alias: str
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

    def column(self, column: bound.Column) -> nodes.Expression:
        """A column of the row that links lead to from a person."""
        alias, table = self.alias, self.people.table
        for link in column.path:
            for hop in hops(self.steps.collected.checked, table, link):
                alias, table = self.joined(alias, hop), hop.to
        return nodes.Source(alias, table, column.name, column.type)

    def joined(self, before: str, hop: Link) -> str:
        """Joins the row that one hop leads to, once."""
        alias = self.steps.collected.aliases.step(before, hop, None)
        if all(join.alias != alias for join in self.joins):
            self.joins.append(joined(self.steps, alias, None))
        return alias

    def number(self, calendar: bound.Expression) -> nodes.Expression:
        """The number of a person's calendar."""
        return Worktime(self.steps, self.joins).number(self.placed(calendar))

    def placed(self, expression: bound.Expression) -> nodes.Expression:
        """An expression over row 0 of the people."""
        match expression:
            case bound.Constant() | bound.Bound():
                return expression
            case bound.Column():
                return self.column(expression)
            case bound.Call():
                arguments = tuple(self.placed(argument) for argument in expression.arguments)
                return nodes.Apply(expression.function, arguments, expression.type)
            case bound.Case():
                branches = tuple((self.placed(c), self.placed(v)) for c, v in expression.branches)
                return nodes.Choose(branches, self.placed(expression.otherwise), expression.type)
            case _:
                raise InternalError(Mistake("internal", "what gives a person's calendar is no value of the row"))


def _person(steps: Steps, people: bound.BoundPeople) -> _Person:
    # a person who is there twice would have every day twice
    steps.unique(people.table)
    return _Person(steps, people, steps.collected.aliases.root(people.table, "person"))


# ---- workdays and leave


def _days(steps: Steps, people: bound.BoundPeople, leave: bool, within: Within) -> nodes.Select:
    """A row for each person and working day: those without leave, or with `leave` those with some."""
    person = _person(steps, people)
    days = steps.calendars.working_days()
    day = nodes.Ref(days, DAY, DATE)
    number = person.number(people.calendar or bound.Constant("", TEXT))
    joins = [
        *person.joins,
        nodes.Join("inner", nodes.Step(days), days, (_equal(nodes.Ref(days, "calendar", WHOLE), number),)),
    ]
    where = [*person.there(day), _equal(nodes.Ref(days, "works", WHOLE), ONE), *within.of(day)]
    if people.leave:
        away = _leave(steps, people)
        first, last = nodes.Ref(away, "first", DATE), nodes.Ref(away, "last", DATE)
        on = [_equal(nodes.Ref(away, f"key_{n}", value.type), value) for n, (_, value) in enumerate(person.key(), 1)]
        on += [both(first, "less_equal", day), both(day, "less_equal", last)]
        joins.append(nodes.Join("inner" if leave else "left", nodes.Step(away), away, tuple(on)))
        if not leave:
            where.append(nodes.Apply("is_missing", (first,), BOOL))
    columns = (*person.key(), (DAY, day))
    return nodes.Select(columns, person.relation, person.alias, tuple(joins), tuple(where), distinct=leave)


def _leave(steps: Steps, people: bound.BoundPeople) -> str:
    """A step with a row for each stretch of leave: the person's key, the first and the last day."""
    key = ("leave", people.table)
    if key not in steps.made:
        parts = tuple(_stretches(steps, leave) for leave in people.leave)
        body = parts[0] if len(parts) == 1 else nodes.Union(parts)
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
        one = evolve(ONE, type=Type("duration"), unit="day")
        high = nodes.Apply("subtract_time", (high, one), DATE)
    types = dict(checked.tables[table].columns)
    keys = [
        (f"key_{n}", nodes.Source(alias, table, by, types.get(by, TEXT))) for n, by in enumerate(leave.links[-1].by, 1)
    ]
    # an end that is missing is not there yet; a start that is missing is never
    ends = (
        ("first", low or FIRST_DAY),
        ("last", LAST_DAY if high is None else nodes.Apply("else", (high, LAST_DAY), DATE)),
    )
    where = own_conditions(steps, leave.table, root)
    return nodes.Select((*keys, *ends), steps.relation(leave.table), root, tuple(joins), where)


# ---- what is expected


def _expected(steps: Steps, people: bound.BoundPeople | None, expected: Expected, within: Within) -> nodes.Select:
    """A row for each day of a rule, and person who is there on it before it is moved."""
    due = _due(steps, expected)
    day, scheduled = nodes.Ref(due, DAY, DATE), nodes.Ref(due, SCHEDULED, DATE)
    calendar = bound.Constant(expected.calendar or "", TEXT)
    number = Worktime(steps, []).number(calendar)
    moved = (_equal(nodes.Ref(due, "calendar", WHOLE), number),) if _moves(expected) else ()
    if people is None:
        return nodes.Select(((DAY, day), (SCHEDULED, scheduled)), nodes.Step(due), due, where=(*moved, *within.of(day)))
    person = _person(steps, people)
    if moved and people.calendar is not None:
        moved = (_equal(nodes.Ref(due, "calendar", WHOLE), person.number(people.calendar)),)
    joins = (*person.joins, nodes.Join("inner", nodes.Step(due), due, moved))
    where = (*person.there(scheduled), *within.of(day))
    columns = (*person.key(), (DAY, day), (SCHEDULED, scheduled))
    return nodes.Select(columns, person.relation, person.alias, joins, where)


def _moves(expected: Expected) -> bool:
    return expected.off != "keep"


def _due(steps: Steps, expected: Expected) -> str:
    """A step with each day of a rule and the day that it comes to by each calendar."""
    key = ("due", expected.name)
    if key not in steps.made:
        rule = steps.add(f"{expected.name} rule", "the days of the rule", nodes.Given(((SCHEDULED, KEPT_DAY),)))
        steps.calendars.filled.append(Filled(rule, partial(_rule, expected)))
        scheduled = nodes.Ref(rule, SCHEDULED, DATE)
        if not _moves(expected):
            select = nodes.Select(((DAY, scheduled), (SCHEDULED, scheduled)), nodes.Step(rule), rule)
        else:
            select = _moved(steps, expected, rule, scheduled)
        steps.made[key] = steps.add(f"{expected.name} due", "when each is due", select)
    return steps.made[key]


def _rule(expected: Expected, reach: Reach) -> Rows:
    return [(day,) for day in recurrence.days(expected.rule, expected.start, reach.low, reach.high)]


def _moved(steps: Steps, expected: Expected, rule: str, scheduled: nodes.Ref) -> nodes.Select:
    """Days without work left out, or moved to the working day before or after: found by how many there are up to it."""
    days = steps.calendars.working_days()
    at = _columns(days)
    joins = [nodes.Join("inner", nodes.Step(days), days, (_equal(at["day"], scheduled),))]
    calendar, worked = at["calendar"], _equal(at["works"], ONE)
    if expected.off == "skip":
        return _due_select(calendar, at["day"], scheduled, rule, joins, worked)
    alias = steps.alias(days, (days,))
    to = _columns(alias)
    ordinal: nodes.Expression = at["ordinal"]
    if expected.off == "next":
        ordinal = nodes.Choose(((worked, ordinal),), nodes.Apply("add", (ordinal, ONE), WHOLE), WHOLE)
    on = (_equal(to["calendar"], calendar), _equal(to["ordinal"], ordinal), _equal(to["works"], ONE))
    joins.append(nodes.Join("inner", nodes.Step(days), alias, on))
    return _due_select(calendar, to["day"], scheduled, rule, joins)


def _due_select(
    calendar: nodes.Expression,
    day: nodes.Expression,
    scheduled: nodes.Expression,
    rule: str,
    joins: list[nodes.Join],
    *where: nodes.Expression,
) -> nodes.Select:
    columns = (("calendar", calendar), (DAY, day), (SCHEDULED, scheduled))
    return nodes.Select(columns, nodes.Step(rule), rule, tuple(joins), where)


def _columns(alias: str) -> dict[str, nodes.Ref]:
    types = {"calendar": WHOLE, "day": DATE, "works": WHOLE, "ordinal": WHOLE}
    return {name: nodes.Ref(alias, name, type_) for name, type_ in types.items()}


def _equal(left: nodes.Expression, right: nodes.Expression) -> nodes.Apply:
    return nodes.Apply("equal", (left, right), BOOL)
