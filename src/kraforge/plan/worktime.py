"""Functions of business time over rows: each end of a stretch is looked up in a step of calendars, by one integer."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from kraforge.functions.business import NAMES
from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, day_number, equal, key, minus, plus, whole
from kraforge.plan.calendar_tables import named, names, odd
from kraforge.plan.calendars import Uses, number_of
from kraforge.plan.layout import Clock
from kraforge.plan.leaves import Leaf, Parts, walk
from kraforge.plan.traits import expressions
from kraforge.semantics import bound
from kraforge.semantics.bound import Constant
from kraforge.semantics.populations import calendars
from kraforge.types import BOOL, DATE, TEXT, WHOLE, Type

if TYPE_CHECKING:
    from kraforge.plan.collect import Collected
    from kraforge.plan.steps import Steps


class Worktime:
    """Joins calendars to the rows of one select: once for each calendar and moment that is looked up."""

    def __init__(self, steps: Steps, joins: list[nodes.Join]) -> None:
        self.steps = steps
        self.joins = joins
        self._joined: dict[tuple[str, nodes.Expression], str] = {}

    def applied(self, call: nodes.Apply) -> nodes.Expression:
        """A call, its arguments resolved; as columns of what is joined where it goes by a calendar."""
        if call.function not in NAMES:
            return call
        first, second, calendar = call.arguments
        person: tuple[nodes.Expression, ...] = ()
        if isinstance(calendar, nodes.Apply) and calendar.function == "_person":
            calendar, *keys = calendar.arguments
            person = tuple(keys)
        number = self.number(calendar)
        if person:
            # nobody has no calendar, not even the catalog's
            there = nodes.Apply("is_present", (person[0],), BOOL)
            number = nodes.Choose(((there, number),), Constant(None, WHOLE), WHOLE)
        match call.function:
            case "business_days":
                ordinals = (self._ordinal(number, day) for day in (second, first))
                return minus(*(self._less_leave(ordinal, person, number, None) for ordinal in ordinals))
            case "business_hours":
                clock = self._clock(first, second)
                ends = (self._worked(number, end, clock) for end in (first, second))
                return nodes.Apply(
                    "_hours", tuple(self._less_leave(end, person, number, clock) for end in ends), call.type
                )
            case "add_business_days":
                return self._later_day(number, first, second, call.type)
            case _:
                return self._later_moment(number, first, second, call.type)

    def _less_leave(
        self,
        time: nodes.Expression,
        person: tuple[nodes.Expression, ...],
        number: nodes.Expression,
        clock: Clock | None,
    ) -> nodes.Expression:
        """Working time, in days where there is no clock, less the leave of a person."""
        from kraforge.plan.leave import DAYS, TIME, Leave, bucket

        people = self.steps.collected.checked.people("workdays") if person else None
        if people is None or not people.leave:
            return time
        leave = Leave(self.steps, people)
        step, size = (leave.of_days(), DAYS) if clock is None else (leave.of_time(clock), TIME)
        if (step, time) not in self._joined:
            alias = self.steps.alias(step, self._joined.values())
            on = [equal(nodes.Ref(alias, f"key_{n}", own.type), own) for n, own in enumerate(person, 1)]
            on += [equal(column(alias, "calendar"), number), equal(column(alias, "bucket"), bucket(time, size))]
            on += [_not_more(column(alias, "low"), time), _less(time, column(alias, "high"))]
            self.joins.append(nodes.Join("left", nodes.Step(step), alias, tuple(on)))
            self._joined[step, time] = alias
        alias = self._joined[step, time]
        found = tuple(column(alias, name) for name in ("low", "length", "taken"))
        return nodes.Apply("_without_leave", (time, *found), WHOLE)

    def number(self, calendar: nodes.Expression) -> nodes.Expression:
        """The number of a calendar that is named, or that a row names by its name or id."""
        calendars = self.steps.calendars
        if isinstance(calendar, Constant):
            if calendar.value is None:
                return Constant(None, WHOLE)
            return whole(number_of(calendars.declarations, str(calendar.value)))
        if calendars.layout.direct and calendar.type.kind != "text":
            return odd(calendar)
        texts = calendar.type.kind == "text"
        step = calendars.once(f"names {texts}", lambda: names(calendars, texts))
        return nodes.Ref(self._met(step, "name", named(calendar)), "number", WHOLE)

    def _ordinal(self, number: nodes.Expression, day: nodes.Expression) -> nodes.Expression:
        """How many working days there are up to and with a day."""
        step = self.steps.calendars.working_days()
        return nodes.Ref(self._met(step, "key", key(number, day_number(day))), "ordinal", WHOLE)

    def _later_day(
        self, number: nodes.Expression, day: nodes.Expression, days: nodes.Expression, type_: Type
    ) -> nodes.Expression:
        """The day that is so many working days later, by the ordinal that it has."""
        calendars = self.steps.calendars
        count = nodes.Apply("_number_of_days", (days,), WHOLE)
        start = self._met(calendars.working_days(), "key", key(number, day_number(day)))
        ordinal, works = column(start, "ordinal"), column(start, "works")
        # back from a day that is not worked the first one is the last that there was
        back = nodes.Choose(((_less(count, whole(0)), minus(whole(1), works)),), whole(0), WHOLE)
        found = self._met(calendars.days_by_ordinal(), "key", key(number, plus(plus(ordinal, count), back)))
        moved = nodes.Apply("_moved_to", (day, column(found, "day", DATE)), type_)
        return self._or_itself(count, ordinal, day, moved)

    def _later_moment(
        self, number: nodes.Expression, moment: nodes.Expression, hours: nodes.Expression, type_: Type
    ) -> nodes.Expression:
        """The moment by which so much working time has passed: in the stretch of work in which that much is reached."""
        calendars = self.steps.calendars
        clock: Clock = "utc" if calendars.layout.offset is None else "wall"
        time = nodes.Apply("_micros_of_hours", (hours,), WHOLE)
        worked = self._worked(number, moment, clock)
        goal = plus(worked, time)
        step = calendars.work_by_hour(clock)
        own = key(number, nodes.Apply("_hour_of_work", (goal,), WHOLE))
        if (step, own) not in self._joined:
            alias = self.steps.alias(step, self._joined.values())
            before, until = column(alias, "before"), column(alias, "until")
            # forward to the end of a stretch that is just long enough, back to the beginning of one
            forward = _all(_less(whole(0), time), _less(before, goal), _not_more(goal, until))
            back = _all(_less(time, whole(0)), _not_more(before, goal), _less(goal, until))
            on = (equal(column(alias, "key"), own), nodes.Apply("or", (forward, back), BOOL))
            self.joins.append(nodes.Join("left", nodes.Step(step), alias, on))
            self._joined[step, own] = alias
        alias = self._joined[step, own]
        shown = plus(column(alias, "begins"), minus(goal, column(alias, "before")))
        later = nodes.Apply("_at_moment", (shown, Constant(clock, TEXT)), type_)
        return self._or_itself(time, worked, moment, later)

    def _or_itself(
        self, length: nodes.Expression, known: nodes.Expression, start: nodes.Expression, moved: nodes.Expression
    ) -> nodes.Expression:
        """What is moved by nothing stays, where its calendar is known."""
        stays = _all(equal(length, whole(0)), nodes.Apply("is_present", (known,), BOOL))
        return nodes.Choose(((stays, start),), moved, moved.type)

    def _worked(self, number: nodes.Expression, moment: nodes.Expression, clock: Clock) -> nodes.Expression:
        """The working time of a calendar up to a moment, counted from the calendar's first day by a clock."""
        calendars = self.steps.calendars
        shown, day = (
            nodes.Apply(name, (moment, Constant(clock, TEXT), self._offset()), WHOLE)
            for name in ("_moment", "_moment_day")
        )
        alias = self._met(calendars.working_hours(clock), "key", key(number, day))
        if not (clock == "utc" or calendars.layout.offset is not None):
            shown = nodes.Apply("_unrolled", (shown, column(alias, "change"), column(alias, "gap")), WHOLE)
        parts = range(1, calendars.layout.cut(clock).parts + 1)
        stretches = tuple(column(alias, f"{what}_{n}") for n in parts for what in ("begins", "length"))
        return nodes.Apply("_worked", (shown, column(alias, "before"), *stretches), WHOLE)

    def _offset(self) -> Constant:
        offset = self.steps.calendars.layout.offset
        return Constant(None if offset is None else Decimal(offset), WHOLE)

    def _clock(self, *moments: nodes.Expression) -> Clock:
        """The clock that moments go by: where the catalog's one changes, wall-clock times go by it and instants by UTC."""
        if self.steps.calendars.layout.offset is not None:
            return "wall"
        return "wall" if all(self._on_the_wall(moment) for moment in moments) else "utc"

    def _on_the_wall(self, moment: nodes.Expression) -> bool:
        match moment:
            case nodes.Source():
                known = self.steps.collected.checked.schemas.get(moment.table, {}).get(moment.name)
                return known is None or known.kind != "instant"
            case Constant() | nodes.PeriodRef():
                return True
            case nodes.Apply(function="_day_end" | "_day_start" | "_date"):
                return True
            case nodes.Apply(function="else" | "min" | "max"):
                return all(self._on_the_wall(argument) for argument in moment.arguments)
            case nodes.Choose():
                values = (*(value for _, value in moment.branches), moment.otherwise)
                return all(self._on_the_wall(value) for value in values)
            case nodes.Ref():
                return moment.type.kind == "date"
            case _:
                return False

    def _met(self, step: str, name: str, own: nodes.Expression) -> str:
        """Joins a step by one of its columns, once, and gives its alias."""
        if (step, own) not in self._joined:
            alias = self.steps.alias(step, self._joined.values())
            on = nodes.Apply("equal", (nodes.Ref(alias, name, own.type), own), BOOL)
            self.joins.append(nodes.Join("left", nodes.Step(step), alias, (on,)))
            self._joined[step, own] = alias
        return self._joined[step, own]


def _less(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("less", (left, right), BOOL)


def _not_more(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("less_equal", (left, right), BOOL)


def _all(*conditions: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("and", conditions, BOOL)


def uses(collected: Collected) -> Uses:
    """The calendars that a request needs."""
    names: set[str] = set()
    texts = ids = False
    made = made_tables(collected)
    people = [own for name in made for own in calendars(collected.checked, name)]
    for calendar in (*(call.arguments[2] for call in calls(collected)), *_of_people(collected), *people):
        if isinstance(calendar, nodes.Apply | bound.Call) and calendar.function == "_person":
            calendar = calendar.arguments[0]
        if isinstance(calendar, Constant):
            names.add(str(calendar.value))
        elif calendar.type.kind == "text":
            texts = True
        else:
            ids = True
    return Uses(frozenset(names), texts, ids, bool(made))


def made_tables(collected: Collected) -> tuple[str, ...]:
    """What the tables that are made of days are made of."""
    leaves = [leaf for leaf in collected.leaves if isinstance(leaf, Leaf)]
    read = [leaf.table for leaf in leaves] + [leaf.siblings.table for leaf in leaves if leaf.siblings is not None]
    tables = collected.checked.declarations.tables
    return tuple(dict.fromkeys(made for table in read if (made := tables[table].made) is not None))


def _of_people(collected: Collected) -> Iterator[bound.Expression]:
    """The calendars by which tables are made of days."""
    checked = collected.checked
    for table in dict.fromkeys(row.table for row in collected.aliases.rows.values()):
        made = checked.declarations.tables[table].made
        if made is not None:
            people, expected = checked.people(made), checked.declarations.calendar.expected.get(made)
            own = Constant((expected.calendar if expected is not None else None) or "", TEXT)
            yield own if people is None or people.calendar is None else people.calendar


def calls(collected: Collected) -> Iterator[nodes.Apply]:
    """The calls of business time in a request."""
    found = [part for leaf in collected.leaves if isinstance(leaf, Leaf) for part in expressions(leaf)]
    found += [leaf.expression for leaf in collected.leaves if isinstance(leaf, Parts)]
    found += [column.expression for _, columns in collected.columns for column in columns]
    for expression in found:
        for node in walk(expression):
            if isinstance(node, nodes.Apply) and node.function in NAMES:
                yield node
