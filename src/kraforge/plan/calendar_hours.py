"""Working time as steps: for each calendar and day what was worked before it, and its stretches of work.

All moments are microseconds of a clock since the first midnight of the year 1. A day on which the catalog's clock changes is
unrolled: its stretches are as long as they last, and times from the change on are moved by the `gap`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Final

from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import (
    column,
    day_number,
    equal,
    key,
    least,
    left_join,
    minus,
    most,
    plus,
    present,
    times,
    whole,
)
from kraforge.plan.calendars import HIGH, LOW
from kraforge.plan.layout import Clock, changes
from kraforge.plan.spines import INTEGER
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, DATE, TEXT, WHOLE

if TYPE_CHECKING:
    from kraforge.plan.calendars import Calendars, Reach, Rows

MICROS: Final = 86_400_000_000
"""Of a day."""

HOUR: Final = 3_600_000_000
MOST_HOURS: Final = 27
"""A stretch of a day on which the clock is set back has 25 hours, which touch at most 26 or, with both its ends, 27."""


class Hours:
    """The steps of working time by one clock."""

    def __init__(self, calendars: Calendars, clock: Clock) -> None:
        self.calendars = calendars
        self.steps = calendars.steps
        self.clock = clock
        self.cut = calendars.layout.cut(clock)
        self.still = clock == "utc" or calendars.layout.offset is not None
        self.whole = self.still and calendars.layout.steady and self.cut.first == self.cut.last == 0

    def by_day(self) -> str:
        """A row for each calendar and day, by `key`: working time `before` it, and where each stretch `begins` and its
        `length`; where the clock changes also `change` and `gap`."""
        days = self.calendars.days()
        calendar, day = column(days, "calendar"), column(days, "day", DATE)
        joins: tuple[nodes.Join, ...] = ()
        if self.whole:
            # no midnight cuts a shift
            stretches = [
                (self._moment(days, begins), self._lasts(days, begins, ends)) for begins, ends in self._shifts()
            ]
        else:
            work = self._stretches()
            joins = (
                left_join(
                    work, equal(column(work, "calendar"), calendar), equal(column(work, "number"), day_number(day))
                ),
            )
            stretches = [(column(work, f"begins_{n}"), column(work, f"length_{n}")) for n in self._numbers()]
        lengths = [_or_none(length) for _, length in stretches]
        until = so_far(_sum(lengths), calendar, day)
        columns = [("key", key(calendar, day_number(day))), ("before", minus(until, _sum(lengths)))]
        for n, ((begins, _), length) in enumerate(zip(stretches, lengths, strict=True), 1):
            columns += [(f"begins_{n}", _or_none(begins)), (f"length_{n}", length)]
        if not self.still:
            clock = self._clock()
            joins = (*joins, left_join(clock, equal(column(clock, "number"), day_number(day))))
            columns += [(what, column(clock, what)) for what in ("change", "gap")]
        select = nodes.Select(tuple(columns), nodes.Step(days), days, joins)
        return self.steps.add("calendar_hours", "working time before each day, and its stretches", select)

    def _numbers(self) -> range:
        return range(1, self.cut.parts + 1)

    def _shifts(self) -> Iterator[tuple[str, str]]:
        """The columns of the ends of each shift of a day."""
        names = self.calendars.ends()
        return zip(names[::2], names[1::2], strict=True)

    def _lasts(self, days: str, begins: str, ends: str) -> nodes.Expression:
        """How long a shift lasts where clocks keep still."""
        return times(minus(column(days, ends), column(days, begins)), whole(1_000_000))

    def by_hour(self) -> str:
        """A row for each stretch of work and hour of working time that touches it, by the `key` of calendar and hour: working
        time `before` it and `until` its end, and the moment at which it `begins`."""
        parts = self.parts()
        calendar, begins = column(parts, "calendar"), column(parts, "begins")
        length = minus(column(parts, "ends"), begins)
        until = so_far(length, calendar, begins)
        columns = (("calendar", calendar), ("begins", begins), ("length", length), ("until", until))
        summed = nodes.Select(columns, nodes.Step(parts), parts)
        work = self.steps.add("calendar_work_so_far", "working time up to the end of each stretch", summed)
        hours = self.calendars.given(
            "calendar_counter", "hours of a stretch", {"nth": INTEGER}, lambda _: [(n,) for n in range(MOST_HOURS)]
        )
        before = minus(column(work, "until"), column(work, "length"))
        hour = plus(nodes.Apply("_hour_of_work", (before,), WHOLE), column(hours, "nth"))
        reached = nodes.Apply("less_equal", (times(hour, whole(HOUR)), column(work, "until")), BOOL)
        found = (
            ("key", key(column(work, "calendar"), hour)),
            ("before", before),
            ("until", column(work, "until")),
            ("begins", column(work, "begins")),
        )
        join = nodes.Join("inner", nodes.Step(hours), hours, (reached,))
        select = nodes.Select(found, nodes.Step(work), work, (join,))
        return self.steps.add("calendar_work_by_hour", "stretches by the hours of working time in them", select)

    def by_shift_day(self) -> str:
        """A row for each calendar and day on which a shift begins, by `key`: working time `before` its first shift and
        `until` the end of its last, which may lie on the day after."""
        parts = self.parts()
        calendar, day = column(parts, "calendar"), column(parts, "of")
        length = nodes.Reduce("sum", (minus(column(parts, "ends"), column(parts, "begins")),), None, WHOLE)
        select = nodes.Select(
            (("calendar", calendar), ("of", day), ("length", length)), nodes.Step(parts), parts, grouped=True, keys=2
        )
        each = self.steps.add("calendar_work_of_shifts", "working time of the shifts that begin on each day", select)
        calendar, day, length_ = column(each, "calendar"), column(each, "of"), column(each, "length")
        until = so_far(length_, calendar, day)
        found = (
            ("key", key(calendar, day)),
            ("calendar", calendar),
            ("before", minus(until, length_)),
            ("until", until),
        )
        return self.steps.add(
            "calendar_work_by_day", "working time up to each day's shifts", nodes.Select(found, nodes.Step(each), each)
        )

    def parts(self) -> str:
        """A row for each stretch of work within a day: calendar, the day's number, where it begins and ends."""
        return self.calendars.once(f"parts by {self.clock}", self._parts)

    def _parts(self) -> str:
        spans = self._spans()
        places = range(self.cut.first, self.cut.last + 1)
        union = nodes.Union(tuple(self._part(spans, place) for place in places))
        body = union if len(union.parts) > 1 else union.parts[0]
        return self.steps.add("calendar_stretches", "stretches of work, cut at midnight", body)

    def _part(self, spans: str, place: int) -> nodes.Select:
        """What of the shifts lies so many days after the day that they begin on."""
        number: nodes.Expression = column(spans, "number")
        if place:
            number = plus(number, whole(place))
        joins: tuple[nodes.Join, ...] = ()
        begins, ends = column(spans, "begins"), column(spans, "ends")
        if self.still:
            low, high = times(number, whole(MICROS)), times(plus(number, whole(1)), whole(MICROS))
            first, last = most(begins, low), least(ends, high)
        else:
            clock = self._clock()
            joins = (nodes.Join("inner", nodes.Step(clock), clock, (equal(column(clock, "number"), number),)),)
            first, last = (
                plus(edge, column(clock, "moved"))
                for edge in (most(begins, column(clock, "begins")), least(ends, column(clock, "ends")))
            )
        shift = (("calendar", column(spans, "calendar")), ("of", column(spans, "number")))
        columns = (*shift, ("number", number), ("begins", first), ("ends", last))
        # what lies before the first day, or after the last, is counted nowhere
        days = tuple(day_number(nodes.Slot(name, DATE)) for name in (LOW, HIGH))
        where = (nodes.Apply("greater", (last, first), BOOL), nodes.Apply("between", (number, *days), BOOL))
        return nodes.Select(columns, nodes.Step(spans), spans, joins, where)

    def _spans(self) -> str:
        """The shifts as moments."""
        days = self.calendars.days()
        calendar, number = column(days, "calendar"), day_number(column(days, "day", DATE))
        parts = []
        for begins, ends in self._shifts():
            bounds = (("begins", self._moment(days, begins)), ("ends", self._moment(days, ends)))
            where = (present(column(days, begins)),)
            columns = (("calendar", calendar), ("number", number), *bounds)
            parts.append(nodes.Select(columns, nodes.Step(days), days, where=where))
        body = nodes.Union(tuple(parts)) if len(parts) > 1 else parts[0]
        return self.steps.add("calendar_moments", "when each shift begins and ends", body)

    def _moment(self, days: str, end: str) -> nodes.Expression:
        """The moment of a shift's end, of UTC or of the catalog's clock where that keeps still."""
        day, seconds = column(days, "day", DATE), column(days, end)
        shown = (self.calendars.layout.offset or 0) if self.clock == "wall" else 0
        if self.calendars.layout.steady:
            moved = minus(plus(seconds, whole(shown)), column(days, "offset"))
            return plus(times(day_number(day), whole(MICROS)), times(moved, whole(1_000_000)))
        moment = nodes.Apply("_zoned", (day, seconds, column(days, "zone", TEXT)), WHOLE)
        return plus(moment, whole(shown * 1_000_000)) if shown else moment

    def _stretches(self) -> str:
        """A row for each calendar and day with work: its stretches side by side."""
        parts = self.parts()
        if self.cut.parts > 1:
            order = (column(parts, "calendar"), column(parts, "number"))
            nth = nodes.Over("row_number", (), order, ((column(parts, "begins"), False),), WHOLE)
            kept = tuple((name, column(parts, name)) for name in ("calendar", "number", "begins", "ends"))
            select = nodes.Select((*kept, ("nth", nth)), nodes.Step(parts), parts)
            parts = self.steps.add("calendar_numbered", "the stretches of each day, numbered", select)
        length = minus(column(parts, "ends"), column(parts, "begins"))
        columns: list[tuple[str, nodes.Expression]] = [
            ("calendar", column(parts, "calendar")),
            ("number", column(parts, "number")),
        ]
        for n in self._numbers():
            own = equal(column(parts, "nth"), whole(n)) if self.cut.parts > 1 else None
            columns.append((f"begins_{n}", nodes.Reduce("max", (column(parts, "begins"),), own, WHOLE)))
            columns.append((f"length_{n}", nodes.Reduce("max", (length,), own, WHOLE)))
        select = nodes.Select(tuple(columns), nodes.Step(parts), parts, grouped=True, keys=2)
        return self.steps.add("calendar_work", "the stretches of each day, side by side", select)

    # ---- where the catalog's clock changes

    def _clock(self) -> str:
        """Each day of the catalog's clock: when it begins and ends in UTC, by how much the clock is ahead as it begins, and
        where the clock changes the time from which it is ahead by `gap` less."""
        return self.calendars.once("clock", self._made_clock)

    def _made_clock(self) -> str:
        zone = self.calendars.declarations.calendar.timezone
        every = self.calendars.every_day()

        def rows(reach: Reach) -> Rows:
            found: Rows = []
            for day, time in changes(zone, reach):
                seconds = time.hour * 3600 + time.minute * 60 + time.second
                found.append((day.toordinal() - 1, (day.toordinal() - 1) * MICROS + seconds * 1_000_000))
            return found

        columns = {"number": INTEGER, "change": INTEGER}
        changed = self.calendars.given("clock_changes", f"when the clock of {zone} changes", columns, rows)
        number = day_number(column(every, "day", DATE))
        place = Constant(zone, TEXT)
        begins, ends = (
            nodes.Apply("_zoned", (column(every, "day", DATE), whole(seconds), place), WHOLE)
            for seconds in (0, MICROS // 1_000_000)
        )
        moved = minus(times(number, whole(MICROS)), begins)
        after = minus(times(plus(number, whole(1)), whole(MICROS)), ends)
        gap = minus(moved, after)
        join = left_join(changed, equal(column(changed, "number"), number))
        made = (
            ("number", number),
            ("begins", begins),
            ("ends", ends),
            ("moved", moved),
            ("change", column(changed, "change")),
            ("gap", gap),
        )
        select = nodes.Select(made, nodes.Step(every), every, (join,))
        return self.steps.add("clock_days", f"each day by the clock of {zone}", select)


def so_far(time: nodes.Expression, calendar: nodes.Expression, order: nodes.Expression) -> nodes.Expression:
    """Time up to and with a row, counted on from calendar to calendar: engines are slow to begin anew with each, and only
    differences are asked for."""
    return nodes.Over("sum", (time,), (), ((calendar, False), (order, False)), WHOLE, " ROWS UNBOUNDED PRECEDING")


def _sum(parts: Sequence[nodes.Expression]) -> nodes.Expression:
    first, *rest = parts
    return reduce(plus, rest, first)


def _or_none(value: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("else", (value, whole(0)), WHOLE)
