"""Calendars of business time in words: when work is done, and what is off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kraforge.explanation.written import code, name
from kraforge.functions.business import NAMES
from kraforge.model.declarations import Holidays, Shift
from kraforge.model.workdays import hours_of
from kraforge.semantics import bound
from kraforge.semantics.check import Checked

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def calendars(checked: Checked, found: Sequence[bound.Expression]) -> Iterator[str]:
    """A line for each calendar that calls of business time go by, and how days become moments in them."""
    calls = [part for part in found if isinstance(part, bound.Call)]
    given = [part.arguments[2] for part in calls if part.function in NAMES]
    people = [part for part in given if isinstance(part, bound.Call) and part.function == "_person"]
    own = [part.arguments[0] for part in people]
    named = [part.value for part in (*given, *own) if isinstance(part, bound.Constant)]
    for each in dict.fromkeys(str(value) for value in named if value is not None):
        hours = hours_of(checked.declarations, each)
        if hours is not None:
            which = f"the calendar {code(name(each))}" if each else "the catalog's calendar"
            yield f"{which} works {_week(hours.week)} ({hours.zone}){_off(hours.holidays, len(hours.special))}"
    if any(not isinstance(part, bound.Constant) and part not in people for part in (*given, *own)):
        yield "a row without a calendar of that name or id has no business time: missing"
    if people:
        yield "a person's leave is no business time of that person"
    if any(part.function == "_day_end" for part in calls):
        yield "as a moment, as_of and period.end are the end of that day"


def _week(week: tuple[tuple[Shift, ...], ...]) -> str:
    runs = []
    for shifts, group in groupby(range(7), key=lambda day: week[day]):
        days = list(group)
        if shifts:
            span = DAYS[days[0]] if len(days) == 1 else f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
            runs.append(f"{span} {' and '.join(f'{_clock(s.start)}-{_clock(s.end)}' for s in shifts)}")
    return ", ".join(runs) or "never"


def _clock(second: int) -> str:
    second = second - 86400 if second > 86400 else second
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}" + (f":{second % 60:02d}" if second % 60 else "")


def _off(holidays: Holidays, special: int) -> str:
    said = [f"the holidays of {'-'.join(filter(None, (c.country, c.subdivision)))}" for c in holidays.countries]
    said += [f"those of {code(name(table.table, table.day))}" for table in holidays.tables]
    said += [f"{len(holidays.days)} days off"] if holidays.days else []
    off = f", less {' and '.join(said)}" if said else ""
    return f"{off}; {special} days have hours of their own" if special else off
