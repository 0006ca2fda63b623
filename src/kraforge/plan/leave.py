"""Business time of persons: a calendar's working time less the person's own leave.

Working time only goes on, so leave is a list of stretches of it: nothing is worked from so much working time to so much. A
person's stretches are kept in buckets of working time, so that a moment finds the last one before it by a plain join.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, day_number, equal, key, left_join, minus, plus, present, whole
from kraforge.plan.calendars import HIGH, LOW
from kraforge.plan.layout import Clock
from kraforge.plan.populations import calendar_changes, key_types, leave_of, person_of
from kraforge.semantics import bound
from kraforge.types import BOOL, DATE, WHOLE

if TYPE_CHECKING:
    from kraforge.plan.steps import Steps

DAYS: Final = 32
"""Working days of a bucket."""

TIME: Final = 256 * 3_600_000_000
"""Working time of a bucket."""

IN_DAYS, IN_HOURS = "leave in days", "leave in hours"


class Leave:
    """The steps of persons' leave in one plan."""

    def __init__(self, steps: Steps, people: bound.BoundPeople) -> None:
        self.steps = steps
        self.calendars = steps.calendars
        self.people = people
        self.keys = tuple(key_types(steps, people))

    def of_days(self) -> str:
        """Stretches of leave counted in working days, see `_kept`."""

        def make() -> str:
            worked = self.calendars.working_days()
            ordinal, works = column(worked, "ordinal"), equal(column(worked, "works"), whole(1))
            # a day is gone as a whole: from it on there is one less
            ends = (minus(ordinal, whole(1)), ordinal)
            return self._kept(self._away(), worked, (works,), ends, IN_DAYS)

        return self.calendars.once(IN_DAYS, make)

    def of_time(self, clock: Clock) -> str:
        """Stretches of leave counted in working time by a clock, see `_kept`."""

        def make() -> str:
            worked = self.calendars.work_by_day(clock)
            ends = (column(worked, "before"), column(worked, "until"))
            return self._kept(self._away(), worked, (), ends, IN_HOURS)

        return self.calendars.once(f"{IN_HOURS} by {clock}", make)

    def _away(self) -> str:
        """A row for each person, calendar and day of leave, each once."""
        return self.calendars.once("days away", self._days_away)

    def _days_away(self) -> str:
        leave = leave_of(self.steps, self.people)
        own = [(name, column(leave, name, type_)) for name, type_ in self.keys]
        low, high = nodes.Slot(LOW, DATE), nodes.Slot(HIGH, DATE)
        first = nodes.Apply("_later", (column(leave, "first", DATE), low), DATE)
        last = nodes.Apply("_earlier", (column(leave, "last", DATE), high), DATE)
        days = nodes.Apply("_every_day", (first, last), DATE)
        begun = (present(column(leave, "first", DATE)),)
        every = nodes.Select((*own, ("day", days)), nodes.Step(leave), leave, where=begun)
        step = self.steps.add("leave_by_day", "each day of each stretch of leave", every)
        columns = [(name, column(step, name, type_)) for name, type_ in self.keys]
        columns += [("calendar", column(self._by_calendar(), "calendar")), ("day", column(step, "day", DATE))]
        return self.steps.add(
            "leave_days_by_calendar",
            "each day of leave once, by the person's calendar",
            nodes.Select(tuple(columns), nodes.Step(step), step, self._met(step), distinct=True),
        )

    def _by_calendar(self) -> str:
        """A row for each person and calendar that the person may go by."""
        return self.calendars.once("calendars of persons", self._persons)

    def _persons(self) -> str:
        every = self.calendars.every_day()
        person = person_of(self.steps, self.people, column(every, "day", DATE))
        own = tuple((name, value) for (name, _), (_, value) in zip(self.keys, person.key(), strict=True))
        if calendar_changes(self.steps, self.people):
            calendars = self.calendars.every()
            joins = (nodes.Join("cross", nodes.Step(calendars), calendars),)
            select = nodes.Select(
                (*own, ("calendar", column(calendars, "number"))), person.relation, person.alias, joins
            )
        else:
            number = person.number()
            select = nodes.Select((*own, ("calendar", number)), person.relation, person.alias, tuple(person.joins))
        return self.steps.add("calendars_of_persons", "each person's calendar", select)

    def _met(self, step: str) -> tuple[nodes.Join, ...]:
        persons = self._by_calendar()
        on = tuple(equal(column(persons, name, type_), column(step, name, type_)) for name, type_ in self.keys)
        return (nodes.Join("inner", nodes.Step(persons), persons, on),)

    def _kept(
        self, away: str, worked: str, where: tuple[nodes.Expression, ...], ends: tuple[nodes.Expression, ...], name: str
    ) -> str:
        """A row for each person, calendar, stretch of leave and bucket that it or the time up to the next one touches.

        The stretch is from `low` on `length` long, and so much was `taken` before it; the next one begins at `high`.
        """
        own = key(column(away, "calendar"), day_number(column(away, "day", DATE)))
        join = nodes.Join("inner", nodes.Step(worked), worked, (equal(column(worked, "key"), own), *where))
        columns = [(part, column(away, part, type_)) for part, type_ in (*self.keys, ("calendar", WHOLE))]
        begins, until = ends
        some = (nodes.Apply("less", (begins, until), BOOL),)
        spans = nodes.Select((*columns, ("low", begins), ("until", until)), nodes.Step(away), away, (join,), some)
        first = self.steps.add(name, "stretches of leave", spans)
        most = self._most(worked, until, name)
        keys = [(part, column(first, part, ref.type)) for part, ref in columns]
        partition, low = tuple(ref for _, ref in keys), column(first, "low")
        length, order = minus(column(first, "until"), low), ((low, False),)
        before = minus(nodes.Over("sum", (length,), partition, order, WHOLE), length)
        after = nodes.Apply("else", (nodes.Over("lead", (low,), partition, order, WHOLE), column(most, "after")), WHOLE)
        found = (*keys, ("low", low), ("length", length), ("taken", before), ("high", after))
        met = left_join(most, equal(column(most, "calendar"), column(first, "calendar")))
        ordered = nodes.Select(found, nodes.Step(first), first, (met,))
        second = self.steps.add(f"{name} in order", "what was taken before each", ordered)
        kept = [(part, column(second, part, ref.type)) for part, ref in found]
        buckets = (
            self._bucket(name, column(second, "low")),
            self._bucket(name, minus(column(second, "high"), whole(1))),
        )
        every = nodes.Select(
            (*kept, ("bucket", nodes.Apply("_every_number", buckets, WHOLE))), nodes.Step(second), second
        )
        return self.steps.add(f"{name} by bucket", "by buckets, in which moments find them", every)

    def _most(self, worked: str, until: nodes.Expression, name: str) -> str:
        """What lies after all that is worked, by calendar."""
        calendar = column(worked, "calendar")
        after = plus(nodes.Reduce("max", (until,), None, WHOLE), whole(1))
        select = nodes.Select((("calendar", calendar), ("after", after)), nodes.Step(worked), worked, (), (), True, 1)
        return self.steps.add(f"{name} end", "what lies after all", select)

    def _bucket(self, name: str, time: nodes.Expression) -> nodes.Expression:
        return bucket(time, DAYS if name == IN_DAYS else TIME)


def bucket(time: nodes.Expression, size: int) -> nodes.Expression:
    """The number of the bucket of a working time."""
    return nodes.Apply("_bucket", (time, whole(size)), WHOLE)
