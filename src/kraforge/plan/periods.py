"""The calendar's arithmetic: periods of a window, and how bounds move. Pure dates, no rows.

A period is two bounds, [start, end). Every shift moves bounds, each on its own, and never counts rows.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

from attrs import frozen

from kraforge.plan import own
from kraforge.plan.own import NONE, Units

Grain = Literal["day", "week", "month", "quarter", "half", "year"]
GRAINS: Final[tuple[Grain, ...]] = ("day", "week", "month", "quarter", "half", "year")
WEEKS: Final = tuple(
    f"week from {day}" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)
"""Weeks by the day that they start on, for what is made of other weeks than the catalog's."""

MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
FISCAL: Final = ("quarter", "half", "year")
DAY: Final = dt.timedelta(days=1)
FIRST_DAY: Final = dt.date(1, 1, 1)
LAST_DAY: Final = dt.date(9999, 12, 31)


@frozen
class Days:
    """What of a catalog's calendar decides bounds: the fiscal year's first month and day, the week's first day, and the
    units of calendars of its own."""

    year_month: int = 1
    year_day: int = 1
    week_starts: int = 1
    own: Units = NONE


@frozen
class Period:
    """A period of an answer: its whole bounds, and those that the window leaves of it."""

    start: dt.date
    end: dt.date
    low: dt.date
    high: dt.date

    @property
    def partial(self) -> bool:
        """Whether the window cuts it."""
        return self.low != self.start or self.high != self.end


def add_days(day: dt.date, number: int) -> dt.date:
    """A day later or earlier, held within the years 1 to 9999."""
    try:
        return day + dt.timedelta(days=number)
    except OverflowError:
        return LAST_DAY if number > 0 else FIRST_DAY


def add_months(day: dt.date, number: int) -> dt.date:
    """A bound moved by months; one that its month lacks becomes the first of the next month."""
    index = day.year * 12 + day.month - 1 + number
    year, month = divmod(index, 12)
    if not 1 <= year <= 9998:
        return LAST_DAY if number > 0 else FIRST_DAY
    try:
        return dt.date(year, month + 1, day.day)
    except ValueError:
        return dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)


def week_start(day: dt.date, days: Days) -> dt.date:
    """The first day of the week that a day lies in."""
    return add_days(day, -((day.isoweekday() - days.week_starts) % 7))


def start_of(day: dt.date, unit: str, days: Days) -> dt.date:
    """The first day of the day's period. Quarters, halves and years are those of the fiscal year."""
    match unit:
        case "day":
            return day
        case "week":
            return week_start(day, days)
        case "month":
            return day.replace(day=1)
        case _ if unit in WEEKS:
            return add_days(day, -((day.weekday() - WEEKS.index(unit)) % 7))
        case _ if mine := days.own.get(unit):
            return own.start_of(day, mine)
        case _:
            return fiscal_start(fiscal_index(day, unit, days), unit, days)


def next_start(start: dt.date, unit: str, days: Days) -> dt.date:
    """The bound after a period that begins at `start`."""
    match unit:
        case "day":
            return add_days(start, 1)
        case "week":
            return add_days(start, 7)
        case "month":
            return add_months(start, 1)
        case _ if unit in WEEKS:
            return add_days(start, 7)
        case _ if mine := days.own.get(unit):
            return mine.start(mine.index(start) + 1)
        case _:
            return fiscal_start(fiscal_index(start, unit, days) + 1, unit, days)


def fiscal_start(index: int, unit: str, days: Days) -> dt.date:
    """The first day of a quarter, half or year by its number: where its month lacks the day, the first of the next."""
    year, month = divmod(index * MONTHS[unit] + days.year_month - 1, 12)
    if not 1 <= year <= 9999:
        return LAST_DAY if year > 9999 else FIRST_DAY
    try:
        return dt.date(year, month + 1, days.year_day)
    except ValueError:
        return dt.date(year, month + 2, 1)


def fiscal_index(day: dt.date, unit: str, days: Days) -> int:
    """The number of the quarter, half or year that a day lies in."""
    months = day.year * 12 + day.month - days.year_month - (day.day < days.year_day)
    return months // MONTHS[unit]


def shift(bound: dt.date, number: int, unit: str, grain: str | None, days: Days) -> dt.date:
    """A bound moved by a length of the calendar: negative is earlier.

    In an answer by week a year is a year of weeks: the same week of the ISO year, the same weekday; by periods of a
    calendar of one's own it is that calendar's year. A fiscal year from the 29th or later has bounds that are no such
    day; by its quarters, halves and years these move to one another.
    """
    cells = days.own.get(grain)
    if (mine := days.own.get(unit)) is not None:
        return own.moved(bound, number, mine, cells)
    match unit:
        case "day":
            return add_days(bound, number)
        case "week":
            return add_days(bound, 7 * number)
        case "year" if grain == "week":
            return _shift_week_year(bound, number, days)
        case "year" if cells is not None:
            return own.moved(bound, number, own.year_of(cells), cells)
        case _ if grain in FISCAL and days.year_day > 28:
            periods, rest = divmod(MONTHS[unit] * number, MONTHS[grain])
            index = fiscal_index(bound, grain, days)
            if rest == 0 and fiscal_start(index, grain, days) == bound:
                return fiscal_start(index + periods, grain, days)
    return add_months(bound, MONTHS[unit] * number)


def _first_week(year: int, days: Days) -> dt.date:
    """The start of a year's first week: the one with at least four days in it (ISO 8601 where weeks start on Monday)."""
    return week_start(dt.date(max(1, min(year, 9999)), 1, 4), days)


def _shift_week_year(bound: dt.date, number: int, days: Days) -> dt.date:
    year = add_days(week_start(bound, days), 3).year
    moved = add_days(_first_week(year + number, days), (bound - _first_week(year, days)).days)
    return min(moved, _first_week(year + number + 1, days))


def spine(low: dt.date, high: dt.date, grain: str | None, days: Days) -> tuple[Period, ...]:
    """The periods of a window, in order; without a grain the window is the one period."""
    if grain is None:
        return (Period(low, high, low, high),)
    if low >= high:
        return ()
    periods = []
    start = start_of(low, grain, days)
    while start < high:
        end = next_start(start, grain, days)
        periods.append(Period(start, end, max(start, low), min(end, high)))
        if end <= start:
            break
        start = end
    return tuple(periods)


def count_periods(low: dt.date, high: dt.date, grain: str | None, days: Days) -> int:
    """About how many periods a window has, without making them."""
    if grain is None or low >= high:
        return 1
    if (mine := days.own.get(grain)) is not None:
        return mine.index(high) - mine.index(low) + 1
    length = {"day": 1, "week": 7}.get(grain) or MONTHS[grain] * 30
    return (high - low).days // length + 1


def own_length(low: dt.date, high: dt.date, days: Days) -> tuple[int, str]:
    """The length by which a window without a grain shifts: whole months, else whole weeks, else days."""
    if low.day == 1 and high.day == 1:
        return (high.year - low.year) * 12 + high.month - low.month, "month"
    if week_start(low, days) == low and week_start(high, days) == high:
        return (high - low).days // 7, "week"
    return (high - low).days, "day"
