"""Working time: which shifts begin on a day, and what of them lies between two moments. Day by day, shift by shift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from naive.values import instant, local_date, on_wall

FIRST, LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
DAY = dt.timedelta(days=1)
Shifts = tuple[tuple[int, int], ...]
Reach = tuple[dt.date, dt.date]


@dataclass(frozen=True, eq=False)
class Schedule:
    """A calendar: the shifts of each weekday (seconds from midnight), days with hours of their own, days off, a zone.

    `leave` are days off of one person.
    """

    zone: ZoneInfo
    week: tuple[Shifts, ...]
    special: dict[dt.date, Shifts]
    holiday: Callable[[dt.date], bool]
    leave: frozenset[dt.date] = frozenset()
    known: dict[dt.date, list[tuple[dt.datetime, dt.datetime]]] = field(default_factory=dict)

    def without(self, leave: frozenset[dt.date]) -> Schedule:
        return replace(self, leave=leave, known={})

    def shifts(self, day: dt.date) -> Shifts:
        """The shifts that begin on a day; nothing of them is left on a day off, not even what is after midnight."""
        if day in self.leave:
            return ()
        if day in self.special:
            return self.special[day]
        return () if self.holiday(day) else self.week[day.isoweekday() - 1]

    def works(self, day: dt.date) -> bool:
        return bool(self.shifts(day))

    def segments(self, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """The shifts that begin on a day, as instants: what the clock of the zone shows at their ends."""
        if day not in self.known:
            midnight = dt.datetime.combine(day, dt.time())
            self.known[day] = [
                (self._instant(midnight, start), self._instant(midnight, end)) for start, end in self.shifts(day)
            ]
        return self.known[day]

    def _instant(self, midnight: dt.datetime, seconds: int) -> dt.datetime:
        return instant(on_wall(midnight + dt.timedelta(seconds=seconds), self.zone))

    def worked(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """The working time from one moment to a later one."""
        a, b = instant(a), instant(b)
        total, day = dt.timedelta(), a.date() - 3 * DAY
        while day <= b.date() + DAY:
            for start, end in self.segments(day):
                total += max(min(end, b) - max(start, a), dt.timedelta())
            day += DAY
        return total

    def days(self, a: dt.date, b: dt.date) -> int:
        """How many working days come after one day, up to and with a later one."""
        return sum(self.works(a + number * DAY) for number in range(1, (b - a).days + 1))

    def nth(self, day: dt.date, number: int, reach: Reach) -> dt.date | None:
        """The working day that is so many after a day, or before it; None where the calendar ends before."""
        step = DAY if number > 0 else -DAY
        while number:
            day += step
            if not reach[0] <= day <= reach[1]:
                return None
            if self.works(day):
                number -= 1 if number > 0 else -1
        return day

    def after(self, a: dt.datetime, work: dt.timedelta, reach: Reach) -> dt.datetime | None:
        """The first moment by which so much working time has passed since another; going back, the last one."""
        if not work:
            return a
        for start, end in self._ahead(instant(a), reach) if work > dt.timedelta() else self._back(instant(a), reach):
            if abs(work) <= end - start:
                return (start + work if work > dt.timedelta() else end + work).astimezone(a.tzinfo)
            work -= (end - start) if work > dt.timedelta() else (start - end)
        return None

    def _ahead(self, a: dt.datetime, reach: Reach) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """What is left of each shift from a moment on."""
        day = a.date() - 3 * DAY
        while day <= reach[1]:
            for start, end in sorted(self.segments(day)):
                if end > a:
                    yield max(start, a), end
            day += DAY

    def _back(self, a: dt.datetime, reach: Reach) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """What is left of each shift before a moment, the last first."""
        day = a.date() + 2 * DAY
        while day >= reach[0]:
            for start, end in sorted(self.segments(day), reverse=True):
                if start < a:
                    yield start, min(end, a)
            day -= DAY


def within(reach: Reach, *days: Any) -> bool:
    """Whether a calendar reaches all of some days or moments."""
    return all(reach[0] <= local_date(day) <= reach[1] for day in days)
