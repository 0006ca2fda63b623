"""Working weeks and holidays as they are written: `monday-friday: "09:30-18:30"`, `IN`, a list of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

from kraforge.model.declarations import CountryHolidays, Holidays, Shift, TableHolidays, WorkCalendar
from kraforge.model.plain import DATE, DAYS, NAMED, TRUTH
from kraforge.model.shapes import Either, Key, Many, Named, Plain, Record, Wrong, as_date
from kraforge.text import Place, nearest

DAY: Final = 86400
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_SPAN: Final = rf"\s*{_TIME}\s*-\s*(?:{_TIME}|24:00)\s*"
_NAME: Final = f"(?:{'|'.join(DAYS)})"
_DAYS: Final = rf"\s*{_NAME}\s*(?:-\s*{_NAME}\s*)?"
Shifts = tuple[Shift, ...]


# ---- hours


def _seconds(time: str) -> int:
    hour, minute = time.strip().split(":")
    return int(hour) * 3600 + int(minute) * 60


def _hours(value: Any, place: Place, name: str) -> Shifts:
    """The shifts of `09:00-13:00, 14:00-18:00`; one that ends no later than it begins ends on the next day."""
    shifts = []
    for part in value.split(","):
        start, end = map(_seconds, part.split("-"))
        if start == end:
            raise Wrong(f"the shift {part.strip()} has no length", hint="a whole day is 00:00-24:00")
        shifts.append(Shift(start, end if end > start else end + DAY))
    return tuple(shifts)


def _all_hours(value: Any, place: Place, name: str) -> Shifts:
    return tuple(shift for shifts in value for shift in shifts)


_TIMES: Final = Plain('hours such as "09:00-13:00, 14:00-18:00"', _hours, rf"{_SPAN}(?:,{_SPAN}){{0,23}}")
HOURS: Final = Either((_TIMES, Many(_TIMES, _all_hours, empty=True)))
WEEK: Final = Named(
    HOURS,
    pattern=rf"{_DAYS}(?:,{_DAYS}){{0,6}}",
    what="write a day, monday-friday, or saturday, sunday",
)
SPECIAL: Final = Named(HOURS, pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}", what="write a date such as 2026-12-24")


def week_of(written: Mapping[str, Shifts], key: str = "working_week") -> tuple[Shifts, ...]:
    """The shifts of each weekday, Monday first; days that are not named have none. Raises Wrong."""
    week: dict[int, Shifts] = {}
    for days, shifts in written.items():
        for part in days.split(","):
            first, _, last = (word.strip() for word in part.partition("-"))
            start = DAYS.index(first)
            for number in range((DAYS.index(last or first) - start) % 7 + 1):
                day = (start + number) % 7
                if day in week:
                    raise Wrong(f"{DAYS[day]} has hours twice", key, days, hint="name each day once")
                week[day] = tuple(sorted(shifts, key=lambda shift: shift.start))
    return tuple(week.get(day, ()) for day in range(7))


def special_of(written: Mapping[str, Shifts], key: str = "special_days") -> tuple[tuple[dt.date, Shifts], ...]:
    """Days with hours of their own, by date. Raises Wrong."""
    found = []
    for text, shifts in written.items():
        try:
            found.append((dt.date.fromisoformat(text), tuple(sorted(shifts, key=lambda shift: shift.start))))
        except ValueError as error:
            raise Wrong(f"'{text}' is no date: {error}", key, text) from None
    return tuple(sorted(found))


def overlap(calendar: WorkCalendar, week: tuple[Shifts, ...] | None) -> str | None:
    """The two shifts of a calendar that overlap, in words; None where none do. `week` is the one that it goes by."""
    for number, shifts in enumerate(week or ()):
        clash = _clash(shifts, (week or ())[(number + 1) % 7])
        if clash:
            return f"on {DAYS[number]} the shift {clash[0]} overlaps {clash[1]}"
    special = dict(calendar.special)

    def hours(day: dt.date) -> Shifts:
        return special[day] if day in special else week[day.weekday()] if week else ()

    for number in sorted({day.toordinal() - back for day in special for back in (1, 0)}):
        if 1 <= number < dt.date.max.toordinal():
            first, second = dt.date.fromordinal(number), dt.date.fromordinal(number + 1)
            clash = _clash(hours(first), hours(second))
            if clash:
                return f"on {first} the shift {clash[0]} overlaps {clash[1]}"
    return None


def _clash(shifts: Shifts, following: Shifts) -> tuple[str, str] | None:
    """Two shifts that overlap among those of a day and of the next one."""
    there = [*shifts, *(Shift(shift.start + DAY, shift.end + DAY) for shift in following)]
    for first, second in pairwise(there):
        if second.start < first.end:
            return _shown(first), _shown(second)
    return None


def _shown(shift: Shift) -> str:
    end = shift.end % DAY
    return f"{_clock(shift.start % DAY)}-{'24:00' if end == 0 else _clock(end)}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


# ---- holidays


def _country(code: str, subdivision: str | None, observed: bool) -> CountryHolidays:
    """Public holidays of a country that the holidays library knows. Raises Wrong."""
    from holidays import list_supported_countries

    known = list_supported_countries(include_aliases=True)
    if code not in known:
        near = nearest(code, known)
        hint = f"did you mean '{near}'?" if near else "write its two letters of ISO 3166"
        raise Wrong(f"no holidays are known of a country '{code}'", hint=hint)
    if subdivision is not None and subdivision not in known[code]:
        names = ", ".join(known[code][:40]) or "none"
        raise Wrong(f"{code} has no subdivision '{subdivision}'", "subdivision", hint=f"known are {names}")
    return CountryHolidays(code, subdivision, observed)


def _holiday(value: Any, place: Place, name: str) -> Holidays:
    """A country's code or a date."""
    if isinstance(value, dt.date) or value[0].isdigit():
        return Holidays(days=(as_date(value, place, name),))
    return Holidays(countries=(_country(value, None, True),))


def _some(value: dict[str, Any], place: Place, name: str) -> Holidays:
    working = tuple(value.get("working", ()))
    if "table" not in value:
        found = _country(value["country"], value.get("subdivision"), value.get("observed", True))
        return Holidays(countries=(found,), working=working)
    if "day" not in value:
        raise Wrong("holidays out of a table need 'day'", code="missing-key")
    return Holidays(tables=(TableHolidays(value["table"], value["day"], value.get("by")),), working=working)


def _together(value: list[Holidays], place: Place, name: str) -> Holidays:
    return Holidays(
        tuple(country for one in value for country in one.countries),
        tuple(day for one in value for day in one.days),
        tuple(table for one in value for table in one.tables),
        tuple(day for one in value for day in one.working),
    )


_PLAIN: Final = Plain(
    "a country such as IN, or a date", _holiday, r"[A-Z]{2,3}|[0-9]{4}-[0-9]{2}-[0-9]{2}", kinds=("text", "date")
)
_RECORD: Final = Record(
    "holidays",
    {
        "country": Key(
            Plain("a country such as IN", pattern="[A-Z]{2,3}"), "Its public holidays: two letters of ISO 3166."
        ),
        "subdivision": Key(Plain("a code such as MH"), "The state or region whose holidays belong to it too."),
        "observed": Key(TRUTH, "Whether days in lieu of holidays on a weekend are holidays; true if not given."),
        "table": Key(NAMED, "A table with a row for each day off."),
        "day": Key(NAMED, "Its column with the day."),
        "by": Key(NAMED, "Its column with the id or name of the calendar; without it the days are for all."),
        "working": Key(Many(DATE), "Days that are worked all the same."),
    },
    _some,
    needs=(("country", "table"),),
    alone={"country": ("subdivision", "observed", "working"), "table": ("day", "by", "working")},
)
HOLIDAYS: Final = Either((_PLAIN, Many(Either((_PLAIN, _RECORD)), _together, empty=True), _RECORD))
