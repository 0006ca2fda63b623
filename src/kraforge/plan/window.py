"""The window of a request: what users write for it, as two bounds."""

from __future__ import annotations

import datetime as dt
import re

from kraforge.errors import Mistake, Mistakes
from kraforge.plan.periods import Days, add_days, add_months, next_start, week_start

_FORMS = (
    "a year 2026, a quarter 2026-Q1, half 2026-H1, month 2026-03, week 2026-W14, day 2026-03-31, fiscal year FY2026, "
)
_HINT = f"write {_FORMS}a range 2026-01..2026-03, or a pair of dates [start, end)"

_WORD = re.compile(
    r"(?P<fiscal>FY(?P<fy>\d{4}))|(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|W(?P<week>\d{2})"
    r"|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?",
    re.ASCII,
)


def _bad(window: object, why: str) -> Mistakes:
    shown = repr(window)
    return Mistakes(Mistake("bad-window", f"the window {shown[:60]} {why}", hint=_HINT))


def _one(text: str, days: Days, window: object) -> tuple[dt.date, dt.date]:
    found = _WORD.fullmatch(text.strip())
    if found is None:
        raise _bad(window, "is not one")
    part = found.groupdict()
    try:
        if part["fiscal"]:
            # a fiscal year is named by the calendar year that its last day lies in
            end = dt.date(int(part["fy"]), days.year_month, days.year_day)
            end = end if (days.year_month, days.year_day) != (1, 1) else add_months(end, 12)
            return add_months(end, -12), end
        year = int(part["year"])
        if part["quarter"]:
            start = dt.date(year, int(part["quarter"]) * 3 - 2, 1)
            return start, add_months(start, 3)
        if part["half"]:
            start = dt.date(year, int(part["half"]) * 6 - 5, 1)
            return start, add_months(start, 6)
        if part["week"]:
            return _week(year, int(part["week"]), days, window)
        if part["day"]:
            start = dt.date(year, int(part["month"]), int(part["day"]))
            return start, add_days(start, 1)
        if part["month"]:
            start = dt.date(year, int(part["month"]), 1)
            return start, add_months(start, 1)
        return dt.date(year, 1, 1), next_start(dt.date(year, 1, 1), "year")
    except ValueError:
        raise _bad(window, "is not a day of the calendar") from None


def _week(year: int, number: int, days: Days, window: object) -> tuple[dt.date, dt.date]:
    first = week_start(dt.date(year, 1, 4), days)
    start = add_days(first, 7 * (number - 1))
    if number < 1 or start >= week_start(dt.date(year + 1, 1, 4), days):
        raise _bad(window, f"names a week that {year} does not have")
    return start, add_days(start, 7)


def _day(value: object, window: object) -> dt.date:
    if isinstance(value, dt.datetime):
        raise _bad(window, "has a time of day; bounds are days")
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip(), re.ASCII):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            pass
    raise _bad(window, "is not a pair of dates")


def parse_window(window: object, days: Days) -> tuple[dt.date, dt.date]:
    """The bounds [start, end) of what a user wrote for a window.

    Raises Mistakes with code bad-window where it is none, or where it is empty or reversed.
    """
    if isinstance(window, str) and ".." in window:
        first, _, last = window.partition("..")
        low, high = _one(first, days, window)[0], _one(last, days, window)[1]
    elif isinstance(window, str):
        low, high = _one(window, days, window)
    elif isinstance(window, (tuple, list)) and len(window) == 2:
        low, high = _day(window[0], window), _day(window[1], window)
    else:
        raise _bad(window, "is not one")
    if high <= low:
        raise _bad(window, "ends before it begins" if high < low else "is empty: its end is not part of it")
    return low, high
