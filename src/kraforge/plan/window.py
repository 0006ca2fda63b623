"""The window of a request: what users write for it, as two bounds."""

from __future__ import annotations

import datetime as dt
import re

from kraforge.errors import Mistake, Mistakes
from kraforge.plan.own import TableUnit, Unit, WeekUnit
from kraforge.plan.periods import Days, add_days, add_months, week_start

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
        return dt.date(year, 1, 1), add_months(dt.date(year, 1, 1), 12)
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


def own_unit(window: object) -> str | None:
    """The word before the periods of a window such as `retail_month 2026-03`: a unit of a calendar of one's own."""
    unit, space, _ = window.strip().partition(" ") if isinstance(window, str) else ("", "", "")
    return unit if space and re.fullmatch(r"[^\W\d]\w*", unit) else None


def named_length(window: object, days: Days) -> tuple[int, str] | None:
    """The length of a window that is named by periods of a calendar of one's own, and by which it shifts.

    A fiscal year that does not begin on the first of a month has no length in months, weeks or days either.
    """
    if not isinstance(window, str):
        return None
    if (unit := days.own.get(own_unit(window))) is not None:
        low, high = parse_window(window, days)
        return unit.index(high) - unit.index(low), unit.name
    if days.year_day > 1 and all(part.strip().startswith("FY") for part in window.split("..")):
        low, high = parse_window(window, days)
        return high.year - low.year, "year"
    return None


def _own(text: str, unit: Unit) -> tuple[dt.date, dt.date]:
    """The bounds of a period of a calendar of one's own by its name."""
    found = re.fullmatch(r"(?P<year>\d{4})(?:-(?P<letter>[HQW]?)(?P<number>\d{1,3}))?", text.strip(), re.ASCII)
    year, letter, number = (part or "" for part in found.groups()) if found else ("", "", "")
    match unit:
        case WeekUnit():
            index = unit.named(year, letter, number) if found else None
            hint = f"write {unit.name} {unit.example}, or a range of two such names"
        case TableUnit():
            index = unit.named(text.strip(), year, number)
            hint = f"its periods are {unit.labels[0]} to {unit.labels[-1]}"
    if index is None:
        raise Mistakes(Mistake("bad-window", f"the calendar {unit.name} has no {text.strip()[:60]!r}", hint=hint))
    return unit.start(index), unit.start(index + 1)


def parse_window(window: object, days: Days) -> tuple[dt.date, dt.date]:
    """The bounds [start, end) of what a user wrote for a window.

    Raises Mistakes with code bad-window where it is none, or where it is empty or reversed.
    """
    if isinstance(window, str) and (unit := days.own.get(own_unit(window))) is not None:
        first, dots, last = window.strip().removeprefix(unit.name).partition("..")
        low, high = _own(first, unit)
        high = _own(last, unit)[1] if dots else high
    elif isinstance(window, str) and ".." in window:
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
