"""Recurrences of RFC 5545 by days: `FREQ=MONTHLY;BYMONTHDAY=-1`. What is wrong with one, and its days.

The work is bounded: the calendar repeats itself after 400 years, so a rule is followed in the last of these that Python
has, where one that never comes true ends soon.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from kraforge.errors import LimitError, Mistake
from kraforge.text import nearest

MOST_DAYS: Final = 10_000
"""How many days of a recurrence a request may need."""

MOST_STEPS: Final = 120_000
"""How many days are passed from the start to the first that is needed."""

CYCLE: Final = 146_097
"""The days of 400 years, after which dates and weekdays fall alike."""

LONGEST: Final = 300
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
NUMBERS: Final[Mapping[str, tuple[int, bool]]] = {
    "BYMONTH": (12, False),
    "BYMONTHDAY": (31, True),
    "BYYEARDAY": (366, True),
    "BYWEEKNO": (53, True),
    "BYSETPOS": (366, True),
}
"""Parts that are lists of numbers: the greatest, and whether they also count from the end."""

NAMES: Final = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *NUMBERS)


def mistake(rule: str, start: dt.date) -> tuple[str, str] | None:
    """What is wrong with a rule and what to do, None where it is fine and has a day."""
    if len(rule) > LONGEST:
        return f"a rule has at most {LONGEST} characters", "take several expected populations"
    parts = _parts(rule)
    if isinstance(parts, tuple):
        return parts
    wrong = next((found for name, value in parts.items() if (found := _wrong(name, value, parts)) is not None), None)
    if wrong is not None:
        return wrong
    if "COUNT" in parts and "UNTIL" in parts:
        return "COUNT and UNTIL do not stand together", "keep one of them"
    if next(_all(rule, start), None) is None:
        return f"the rule has no day after {start}", "look at its parts: no day fits all of them"
    return None


def _parts(rule: str) -> dict[str, str] | tuple[str, str]:
    """The parts of a rule by name, or what is wrong with its form."""
    parts: dict[str, str] = {}
    for part in rule.upper().split(";"):
        name, sign, value = part.partition("=")
        if not sign or not value:
            return f"'{part}' is no part of a rule", "write it like FREQ=WEEKLY;BYDAY=FR"
        if name not in NAMES:
            close = nearest(name, NAMES)
            hint = f"did you mean {close}?" if close else f"parts are {', '.join(NAMES)}: a rule is of whole days"
            return f"a rule has no part '{name}'", hint
        if name in parts:
            return f"the rule has two parts {name}", "keep one of them"
        parts[name] = value
    if "FREQ" not in parts:
        return "the rule lacks FREQ", "write it like FREQ=WEEKLY;BYDAY=FR"
    return parts


def _wrong(name: str, value: str, parts: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with one part."""
    match name:
        case "FREQ" if value not in FREQUENCIES:
            return f"FREQ is {value}", f"use one of {', '.join(FREQUENCIES)}: a rule is of whole days"
        case "WKST" if value not in DAYS:
            return f"WKST is {value}", f"use one of {', '.join(DAYS)}"
        case "INTERVAL" | "COUNT" if not _number(value, MOST_DAYS, False):
            return f"{name} is {value}", f"use a whole number from 1 to {MOST_DAYS}"
        case "UNTIL" if _until(value) is None:
            return f"UNTIL is {value}", "write a day like 20261231"
        case "BYDAY":
            return _wrong_days(value, parts["FREQ"])
        case _ if name in NUMBERS:
            most, negative = NUMBERS[name]
            if not all(_number(each, most, negative) for each in value.split(",")):
                ends = f"1 to {most}" + (f" or -1 to -{most}" if negative else "")
                return f"{name} is {value}", f"use whole numbers from {ends}"
    return None


def _wrong_days(value: str, frequency: str) -> tuple[str, str] | None:
    for each in value.split(","):
        found = re.fullmatch(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)", each)
        if found is None or abs(int(found[1] or 1)) > 53:
            return f"BYDAY is {value}", f"use {', '.join(DAYS)}, with a number before one like -1FR for the last Friday"
        if found[1] and frequency not in ("MONTHLY", "YEARLY"):
            return f"BYDAY is {value}", "a number before a weekday counts within FREQ=MONTHLY or FREQ=YEARLY"
    return None


def _number(text: str, most: int, negative: bool) -> bool:
    return re.fullmatch(r"[+-]?[0-9]{1,6}", text) is not None and (
        1 <= int(text) <= most or (negative and -most <= int(text) <= -1)
    )


def _until(text: str) -> dt.date | None:
    found = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})(T[0-9]{6}Z?)?", text)
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


@lru_cache(256)
def days(rule: str, start: dt.date, low: dt.date, high: dt.date) -> tuple[dt.date, ...]:
    """The days of a rule from `low` to `high`, both included. Raises LimitError where they are too many."""
    found: list[dt.date] = []
    for step, day in enumerate(_all(rule, start, high)):
        if day > high:
            break
        if step >= MOST_STEPS:
            message = f"the rule {rule} has more than {MOST_STEPS:,} days from {start} on before {high}"
            raise LimitError(Mistake("too-many-cells", message, hint="let it start later"))
        if day >= low:
            found.append(day)
        if len(found) > MOST_DAYS:
            message = f"the rule {rule} has more than {MOST_DAYS:,} days from {low} to {high}"
            raise LimitError(Mistake("too-many-cells", message, hint="ask a shorter window"))
    return tuple(found)


def _all(rule: str, start: dt.date, high: dt.date | None = None) -> Iterator[dt.date]:
    """The days of a rule in order, up to its UNTIL; it ends by itself at most some centuries after `high`."""
    from dateutil.rrule import rrulestr

    parts = _parts(rule)
    assert isinstance(parts, dict)
    until = _until(parts.pop("UNTIL", ""))
    if not _possible(parts):
        return
    cycles = (dt.MAXYEAR - max(start, high or start).year) // 400
    moved = dt.timedelta(days=CYCLE * cycles)
    begin = dt.datetime.combine(start + moved, dt.time())
    for moment in rrulestr(";".join(f"{name}={value}" for name, value in parts.items()), dtstart=begin):
        day = moment.date() - moved
        if until is not None and day > until:
            return
        yield day


def _possible(parts: Mapping[str, str]) -> bool:
    """Whether some day of some year fits, looked at year by year: day by day takes long to find none."""
    from dateutil.rrule import rrulestr

    loose = {name: re.sub(r"[+-]?\d+(?=[A-Z])", "", parts[name]) for name in parts if name.startswith("BY")}
    loose.pop("BYSETPOS", None)
    if not loose:
        return True
    text = ";".join(f"{name}={value}" for name, value in {"FREQ": "YEARLY", **loose}.items())
    return next(iter(rrulestr(text, dtstart=dt.datetime(dt.MAXYEAR - 400, 1, 1))), None) is not None
