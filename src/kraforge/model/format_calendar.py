"""The catalog's format of calendars: the catalog's own and named ones, people, what is expected, grains of one's own."""

from __future__ import annotations

import calendar as months
import datetime as dt
import zoneinfo
from typing import Any, Final

from attrs import evolve, frozen

from kraforge.model import recurrence
from kraforge.model.declarations import (
    Calendar,
    Expected,
    Leave,
    People,
    TableGrain,
    TableHours,
    Text,
    WeeksGrain,
    WorkCalendar,
)
from kraforge.model.plain import DATE, DAYS, FORMULA, NAMED, RANGE
from kraforge.model.shapes import Either, Key, Many, Named, Plain, Record, Wrong
from kraforge.model.working import HOLIDAYS, SPECIAL, WEEK, overlap, special_of, week_of
from kraforge.text import Place, nearest

UNITS: Final = ("second", "minute", "hour", "day", "week", "month", "quarter", "half", "year", "period")
WEEKS_GRAINS: Final = ("week", "month", "quarter", "half", "year")
"""What a calendar of weeks has grains of."""


def _timezone(value: Any, place: Place, name: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        near = nearest(value, zoneinfo.available_timezones())
        raise Wrong(f"'{value}' is no time zone", hint=f"did you mean '{near}'?" if near else None) from None
    return str(value)


def _month_day(value: Any, place: Place, name: str) -> tuple[int, int]:
    month, day = int(value[:2]), int(value[3:])
    try:
        dt.date(2001, month, day)
    except ValueError:
        raise Wrong(f"not every year has the day {value}") from None
    return month, day


ZONE: Final = Plain("a time zone such as Asia/Kolkata", _timezone, r"[A-Z][A-Za-z0-9_+/-]{0,63}")
MONTH_DAY: Final = Plain("a month and day such as 04-01", _month_day, r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


# ---- people, what is expected


def _leave(value: Any, place: Place, name: str) -> tuple[Leave, ...]:
    """Leave by a table's event date, which is put in when all tables are known."""
    return (Leave(value, Text("", place)),)


_LEAVE: Final = Plain("a table", _leave)
_LONG_LEAVE: Final = Record(
    "leave",
    {
        "table": Key(NAMED, "The table; it links to the people."),
        "during": Key(RANGE, "The days of a row, both ends included: `starts_on .. ends_on`; its event date if not given."),
        "link": Key(NAMED, "Its link to the people, where it has several."),
    },
    lambda value, place, name: (Leave(value["table"], value.get("during", Text("", place)), value.get("link")),),
    needs=(("table",),),
)  # fmt: skip
LEAVE: Final = Either(
    (
        _LEAVE,
        Many(Either((_LEAVE, _LONG_LEAVE)), lambda value, *_: tuple(leave for one in value for leave in one)),
        _LONG_LEAVE,
    )
)
PEOPLE: Final = Record(
    "people",
    {
        "table": Key(NAMED, "The table with a row for each person, named by its key."),
        "during": Key(RANGE, "From when to when a person is there: `hired_on .. left_on`; always if not given."),
        "leave": Key(LEAVE, "A table with a row for each day off, or for days from one to another; a list of them."),
        "calendar": Key(FORMULA, "A formula over a person that gives the name of a calendar; else the catalog's own."),
    },
    lambda value, place, name: People(**value, place=place),
    needs=(("table",),),
)
_THE_PEOPLE: Final = "people"


def _expected(value: dict[str, Any], place: Place, name: str) -> Expected:
    wrong = recurrence.mistake(value["rule"], value["start"])
    if wrong is not None:
        raise Wrong(wrong[0], "rule", code="bad-recurrence", hint=wrong[1])
    return Expected(name, **value, place=place)


EXPECTED: Final = Record(
    "what is expected",
    {
        "rule": Key(Plain("a recurrence such as FREQ=WEEKLY;BYDAY=FR"), "On which days: a recurrence as calendars write it (RFC 5545)."),
        "start": Key(DATE, "The first day that it is counted from."),
        "of": Key(
            Either((Plain("people", choices=(_THE_PEOPLE,)), evolve(PEOPLE, keys={k: v for k, v in PEOPLE.keys.items() if k != "leave"}))),
            "Who owes it: `people` of the catalog, or a table; without it each day is due once.",
        ),
        "calendar": Key(NAMED, "The calendar that says which days are worked, where `of` gives none."),
        "off": Key(
            Plain("what becomes of it", choices=("keep", "skip", "previous", "next")),
            "What becomes of a day that is not worked: kept (also if not given), left out, or moved to the working day before or after.",
        ),
    },
    _expected,
    needs=(("rule",), ("start",)),
)  # fmt: skip


# ---- grains of one's own


def _year_end(value: Any, place: Place, name: str) -> tuple[int, int, bool]:
    """The month, the weekday, and whether the nearest one to the month's last day is meant."""
    which, day, end = value.split()
    month = int(end[:2])
    if end[3:] and int(end[3:]) not in (months.monthrange(2001, month)[1], months.monthrange(2000, month)[1]):
        raise Wrong(f"{end} is not the last day of its month", hint=f"write {which} {day} {end[:2]}")
    return month, DAYS.index(day) + 1, which == "nearest"


def _grain(value: dict[str, Any], place: Place, name: str) -> TableGrain | WeeksGrain:
    for key in ("day", "period") if "table" in value else ("year_ends",):
        if key not in value:
            raise Wrong(f"a grain of {'a table' if 'table' in value else 'weeks'} needs '{key}'", code="missing-key")
    if "table" in value:
        return TableGrain(name, **value, place=place)
    first, second, third = map(int, value["weeks"].split("-"))
    month, day, nearest_one = value["year_ends"]
    return WeeksGrain(name, (first, second, third), month, day, nearest_one, place)


GRAIN: Final = Record(
    "a grain",
    {
        "table": Key(NAMED, "A calendar table: one row a day."),
        "day": Key(NAMED, "Its column with the day."),
        "period": Key(NAMED, "Its column that names the period of the day."),
        "year": Key(NAMED, "Its column that names the year of the period, by which a year before is found."),
        "weeks": Key(
            Plain("weeks of months", choices=("4-4-5", "4-5-4", "5-4-4")),
            "The weeks of the months of a quarter; NAME_week, _month, _quarter, _half and _year are grains then.",
        ),
        "year_ends": Key(
            Plain(
                "where years end, such as nearest saturday 01-31 or last saturday 01",
                _year_end,
                rf"(?:nearest|last) (?:{'|'.join(DAYS)}) (?:0[1-9]|1[0-2])(?:-(?:2[89]|3[01]))?",
            ),
            "The weekday that years end on: the last one of a month, or the one nearest to the month's end.",
        ),
    },
    _grain,
    needs=(("table", "weeks"),),
    alone={"table": ("day", "period", "year"), "weeks": ("year_ends",)},
)


def _grains(calendar: dict[str, Any]) -> None:
    """Raises Wrong where two grains have one name, or one that of a length of time."""
    taken = dict.fromkeys(UNITS, "a unit of time")
    for name, grain in calendar.get("grains", {}).items():
        own = [name] if isinstance(grain, TableGrain) else [f"{name}_{unit}" for unit in WEEKS_GRAINS]
        for one in own:
            if one in taken:
                message = f"'{one}' is {taken[one]} already"
                raise Wrong(message, "grains", name, code="duplicate-name", hint="give the grain another name")
            taken[one] = f"a grain of '{name}'"


# ---- calendars


def _work(value: dict[str, Any], place: Place, name: str) -> WorkCalendar:
    return WorkCalendar(
        name,
        week_of(value["working_week"]) if "working_week" in value else None,
        TableHours(*(value[key] for key in ("table", "by", "weekday", "hours"))) if "table" in value else None,
        value.get("holidays"),
        special_of(value.get("special_days", {})),
        value.get("timezone"),
        place,
    )


@frozen
class NamedCalendar:
    """A named calendar as read; `special` says whether it has special days of its own, or goes by the catalog's."""

    calendar: WorkCalendar
    special: bool

    @property
    def name(self) -> str:
        """The calendar's name."""
        return self.calendar.name

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.calendar.place


def _named(value: dict[str, Any], place: Place, name: str) -> NamedCalendar:
    for key in ("by", "weekday", "hours"):
        if ("table" in value) != (key in value):
            message = (
                f"a calendar out of a table needs '{key}'" if "table" in value else f"'{key}' stands beside 'table'"
            )
            raise Wrong(message, *((key,) if key in value else ()), code="missing-key")
    return NamedCalendar(_work(value, place, name), "special_days" in value)


def _calendar(value: dict[str, Any], place: Place, name: str) -> Calendar:
    _grains(value)
    holidays = value.get("holidays")
    if holidays and any(table.by for table in holidays.tables):
        raise Wrong("the catalog's own calendar has no id to find days 'by'", "holidays", hint="leave 'by' out")
    people, expected = value.get("people"), dict(value.get("expected", {}))
    for due in expected.values():
        if due.of == _THE_PEOPLE:
            if people is None:
                raise Wrong("the calendar declares no 'people'", "expected", due.name, "of", code="missing-key")
            expected[due.name] = evolve(due, of=people)
    work = None
    if any(key in value for key in ("working_week", "holidays", "special_days")):
        work = _work({key: value[key] for key in value if key != "timezone"}, place, "")
        clash = overlap(work, work.week)
        if clash:
            raise Wrong(clash, "working_week" if "working_week" in value else "special_days")
    plain = {key: value[key] for key in ("timezone", "fiscal_year_starts", "week_starts", "grains") if key in value}
    return Calendar(**plain, work=work, people=people, expected=expected, place=place)


_OWN: Final = {
    "timezone": Key(ZONE, "The IANA time zone that days begin in; UTC if not given."),
    "working_week": Key(WEEK, 'The hours of each weekday: `monday-friday: "09:30-18:30"`; other days are off.'),
    "holidays": Key(HOLIDAYS, "Days off: a country of the holidays library, dates, a table's column; a list of these."),
    "special_days": Key(SPECIAL, "Dates with hours of their own, whatever the week and the holidays say."),
}
CALENDAR: Final = Record(
    "calendar",
    {
        "timezone": _OWN["timezone"],
        "fiscal_year_starts": Key(MONTH_DAY, "The month and day that fiscal years start on; 01-01 if not given."),
        "week_starts": Key(
            Plain("a day", lambda value, *_: DAYS.index(value) + 1, choices=DAYS),
            "The day that weeks start on; monday if not given.",
        ),
        **{key: _OWN[key] for key in ("working_week", "holidays", "special_days")},
        "people": Key(PEOPLE, "Whose days the population `workdays` has."),
        "expected": Key(Named(EXPECTED), "What is due on which days, each a population of its name."),
        "grains": Key(Named(GRAIN), "Periods of one's own that answers may be by."),
    },
    _calendar,
)
NAMED_CALENDAR: Final = Record(
    "a calendar",
    {
        "timezone": Key(ZONE, "The IANA time zone of its hours; the catalog's if not given."),
        **{key: evolve(_OWN[key], doc=f"{_OWN[key].doc[:-1]}; the catalog's if not given.") for key in list(_OWN)[1:]},
        "table": Key(NAMED, "A table with a row for each shift of a weekday, of a calendar for each id in it."),
        "by": Key(NAMED, "Its column with the calendar's id."),
        "weekday": Key(NAMED, "Its column with the weekday, 1 (Monday) to 7, or its English name."),
        "hours": Key(
            Many(NAMED, lambda value, *_: _pair(value)),
            "Its columns with the start and the end of the shift: times such as 09:30, or seconds from midnight.",
        ),
    },
    _named,
    alone={"table": ("by", "weekday", "hours", "holidays", "special_days", "timezone")},
)


def _pair(value: list[str]) -> tuple[str, str]:
    if len(value) != 2:
        raise Wrong("'hours' names two columns, the start and the end")
    return value[0], value[1]
