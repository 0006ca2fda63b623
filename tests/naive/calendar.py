"""Bounds of periods and how they move: months, fiscal years, ISO weeks. Days are local days of the catalog's zone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kraforge.model.declarations import Calendar
from naive.grains import Own, moved
from naive.values import Length, NaiveError, local_date, on_wall

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
DAYS = {"day": 1, "week": 7}
Day = dt.date | dt.datetime | None


@dataclass(frozen=True)
class Bounds:
    """[start, end); None is open. `closed`: the end, then a moment, belongs. `never`: nothing lies within."""

    start: Day
    end: Day
    closed: bool = False
    never: bool = False

    def hold(self, day: dt.date | dt.datetime) -> bool:
        """Whether a row of that date counts. A date compared with a timestamp compares dates."""
        if self.never:
            return False
        if self.start is not None and _before(day, self.start):
            return False
        if self.end is None:
            return True
        return not _before(self.end, day) if self.closed else _before(day, self.end)

    def last_day(self) -> dt.date | None:
        """The last day that belongs, None where there is no end."""
        if self.end is None:
            return None
        if isinstance(self.end, dt.datetime):
            return local_date(self.end)
        return self.end if self.closed else self.end - dt.timedelta(days=1)


def _before(a: dt.date | dt.datetime, b: dt.date | dt.datetime) -> bool:
    if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
        return a.astimezone(dt.UTC) < b.astimezone(dt.UTC)
    return local_date(a) < local_date(b)


def first_or_next(year: int, month: int, day: int) -> dt.date:
    """That day, or where the month lacks it the first of the next; `month` may lie outside 1..12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    try:
        return dt.date(year, month, day)
    except ValueError:
        return dt.date(year + month // 12, month % 12 + 1, 1)


def clamped(year: int, month: int, day: int) -> dt.date:
    """That day, or where the month lacks it the month's last."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    while True:
        try:
            return dt.date(year, month, day)
        except ValueError:
            day -= 1


@dataclass(frozen=True)
class Almanac:
    """The catalog's calendar, with the units of calendars of its own."""

    zone: ZoneInfo
    fiscal: tuple[int, int]
    week_starts: int
    own: Mapping[str, Own]

    @classmethod
    def of(cls, calendar: Calendar, own: Mapping[str, Own]) -> Almanac:
        return cls(ZoneInfo(calendar.timezone), calendar.fiscal_year_starts, calendar.week_starts, own)

    def fiscal_start(self, year: int, months: int = 0) -> dt.date:
        """The first day so many months into the fiscal year that begins in a year."""
        return first_or_next(year, self.fiscal[0] + months, self.fiscal[1])

    def start_of(self, day: dt.date, unit: str) -> dt.date:
        """The first day of the unit that the day lies in; years, halves and quarters are fiscal."""
        if unit == "day":
            return day
        if unit == "week":
            return day - dt.timedelta(days=(day.isoweekday() - self.week_starts) % 7)
        if unit == "month":
            return day.replace(day=1)
        if unit in self.own:
            return self.own[unit].start(self.own[unit].index(day))
        return max(start for start in self.fiscal_starts(day.year, unit) if start <= day)

    def fiscal_starts(self, year: int, unit: str) -> list[dt.date]:
        """The first days of fiscal years, halves or quarters in the years around a year."""
        return [self.fiscal_start(year - 2, months) for months in range(0, 60, MONTHS[unit])]

    def after(self, start: dt.date, unit: str) -> dt.date:
        """The first day of the next unit, from the first day of one."""
        if unit in DAYS:
            return start + dt.timedelta(days=DAYS[unit])
        if unit in self.own:
            return self.own[unit].start(self.own[unit].index(start) + 1)
        if unit == "month":
            return first_or_next(start.year, start.month + 1, start.day)
        return min(later for later in self.fiscal_starts(start.year, unit) if later > start)

    def week_one(self, year: int) -> dt.date:
        """The first day of the week that has January 4."""
        return self.start_of(dt.date(year, 1, 4), "week")

    def week_number(self, start: dt.date) -> tuple[int, int]:
        """The year and number of the week that begins on a day: its year is that of its fourth day."""
        year = (start + dt.timedelta(days=3)).year
        return year, (start - self.week_one(year)).days // 7 + 1

    def shift(self, bound: dt.date, number: int, unit: str, cells: str | None) -> dt.date:
        """A bound moved by a length of the calendar.

        Where cells are weeks, or periods of one's own, a year leads to the same number of the ISO year, or of their year.
        Where fiscal years begin late in a month, first days of fiscal periods move to one another.
        """
        if isinstance(bound, dt.datetime):
            day = self.shift(local_date(bound), number, unit, cells)
            assert bound.tzinfo is not None
            return on_wall(dt.datetime.combine(day, bound.time()), bound.tzinfo)
        own = self.own.get(cells or "")
        if unit in self.own:
            return moved(bound, number, self.own[unit], own)
        if unit in DAYS:
            return bound + dt.timedelta(days=number * DAYS[unit])
        if unit not in MONTHS:
            raise NaiveError("bad-length", unit)
        if own is not None and unit == "year":
            if own.years is None:
                raise NaiveError("bad-length", f"{cells} has no years")
            return moved(bound, number, own.years, own)
        if cells == "week" and unit == "year":
            first = self.start_of(bound, "week")
            year, week = self.week_number(first)
            day = self.week_one(year + number) + dt.timedelta(days=7 * (week - 1)) + (bound - first)
            return min(day, self.week_one(year + number + 1))
        months = number * MONTHS[unit]
        if cells in ("quarter", "half", "year") and self.fiscal[1] > 28 and months % MONTHS[cells] == 0:
            for into in range(0, 12, MONTHS[cells]):
                for year in (bound.year - 1, bound.year):
                    if self.fiscal_start(year, into) == bound:
                        return self.fiscal_start(year, into + months)
        return first_or_next(bound.year, bound.month + months, bound.day)

    def own_length(self, window: object, start: dt.date, end: dt.date) -> tuple[int, str]:
        """The length of a window: what it is named by, where that is of one's own, else whole months, weeks or days."""
        if isinstance(window, str):
            unit = window.strip().split(" ")[0]
            if unit in self.own:
                return self.own[unit].index(end) - self.own[unit].index(start), unit
            if self.fiscal[1] > 1 and all(part.strip().startswith("FY") for part in window.split("..")):
                return end.year - start.year, "year"
        if start.day == end.day == 1:
            return (end.year - start.year) * 12 + end.month - start.month, "month"
        if start == self.start_of(start, "week") and end == self.start_of(end, "week"):
            return (end - start).days // 7, "week"
        return (end - start).days, "day"

    def periods(self, start: dt.date, end: dt.date, grain: str) -> Iterator[tuple[dt.date, Bounds]]:
        """The first day of each period of a window with its bounds, cut by the window."""
        first = self.start_of(start, grain)
        while first < end:
            after = self.after(first, grain)
            yield first, Bounds(max(first, start), min(after, end))
            first = after

    def window(self, window: object) -> tuple[dt.date, dt.date]:
        """A window as written in a request: text, or a pair [start, end)."""
        if isinstance(window, str):
            unit, _, name = window.strip().partition(" ")
            if unit in self.own:
                low, _, high = name.partition("..")
                return self.own[unit].window(low.strip())[0], self.own[unit].window((high or low).strip())[1]
            if ".." in window:
                low, high = window.split("..")
                return self.window(low)[0], self.window(high)[1]
            return self._named(window.strip())
        low, high = window  # type: ignore[misc]
        return _day(low), _day(high)

    def _named(self, text: str) -> tuple[dt.date, dt.date]:
        if found := re.fullmatch(r"FY(\d{4})", text):
            ends = int(found[1])
            starts = ends if self.fiscal == (1, 1) else ends - 1
            return self.fiscal_start(starts), self.fiscal_start(starts + 1)
        if found := re.fullmatch(r"(\d{4})-W(\d\d)", text):
            start = self.week_one(int(found[1])) + dt.timedelta(days=7 * (int(found[2]) - 1))
            return start, start + dt.timedelta(days=7)
        if found := re.fullmatch(r"(\d{4})-\d\d-\d\d", text):
            day = dt.date.fromisoformat(text)
            return day, day + dt.timedelta(days=1)
        if found := re.fullmatch(r"(\d{4})(?:-(\d\d)|-Q(\d)|-H(\d))?", text):
            year, month, quarter, half = (int(part) if part else None for part in found.groups())
            first, count = (
                (month, 1) if month else (quarter * 3 - 2, 3) if quarter else (half * 6 - 5, 6) if half else (1, 12)
            )
            return first_or_next(year or 0, first, 1), first_or_next(year or 0, first + count, 1)
        raise NaiveError("bad-window", text)


def _day(value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        return local_date(value)
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def length(value: object) -> Length:
    """A literal length that can move a period: a whole number of a calendar unit."""
    if not isinstance(value, Length) or value.number != int(value.number) or value.unit not in {**MONTHS, **DAYS}:
        raise NaiveError("bad-length", str(value))
    return value
