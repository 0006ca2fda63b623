"""What can be wrong with calendars outside formulas: the tables and columns that they are read from."""

from __future__ import annotations

from collections.abc import Iterator

from kraforge.errors import Mistake
from kraforge.model.declarations import Calendar, TableGrain, TableHolidays, TableHours, WorkCalendar
from kraforge.semantics.structure_links import Known
from kraforge.text import Place

DATED = ("date", "timestamp")
HOURS = ("text", "number", "count", "duration")


def mistakes(known: Known) -> Iterator[Mistake]:
    """Everything wrong with the calendars and the grains of a catalog."""
    calendar = known.declarations.calendar
    if calendar.work is not None:
        yield from _work(known, calendar.work, "the calendar")
    for name, named in known.declarations.calendars.items():
        yield from _work(known, named, f"calendar {name}")
    yield from _grains(known, calendar)


def _work(known: Known, calendar: WorkCalendar, what: str) -> Iterator[Mistake]:
    if calendar.table is not None:
        yield from _hours(known, calendar.table, what, calendar.place)
    for holidays in calendar.holidays.tables if calendar.holidays else ():
        yield from _holidays(known, holidays, what, calendar.place.inside("holidays"))


def _hours(known: Known, hours: TableHours, what: str, place: Place) -> Iterator[Mistake]:
    yield from _table(known, hours.table, (hours.by, hours.weekday, *hours.hours), what, place, place.inside("table"))
    for column in hours.hours:
        yield from known.unfit(hours.table, column, HOURS, "a time of day", f"a shift's end of {what}", place)
    numbered = ("text", "number", "count")
    yield from known.unfit(hours.table, hours.weekday, numbered, "a weekday", f"the weekday of {what}", place)


def _holidays(known: Known, holidays: TableHolidays, what: str, place: Place) -> Iterator[Mistake]:
    names = (holidays.day,) if holidays.by is None else (holidays.day, holidays.by)
    yield from _table(known, holidays.table, names, f"holidays of {what}", place, place)
    yield from known.unfit(holidays.table, holidays.day, DATED, "a date", f"the day off of {what}", place)


def _grains(known: Known, calendar: Calendar) -> Iterator[Mistake]:
    for name, grain in calendar.grains.items():
        if isinstance(grain, TableGrain):
            names = (grain.day, grain.period) if grain.year is None else (grain.day, grain.period, grain.year)
            yield from _table(known, grain.table, names, f"grain {name}", grain.place, grain.place.inside("table"))
            yield from known.unfit(grain.table, grain.day, DATED, "a date", f"the day of grain {name}", grain.place)


def _table(known: Known, table: str, columns: tuple[str, ...], what: str, place: Place, at: Place) -> Iterator[Mistake]:
    """The mistakes that a table (at `at`) or its columns are not there."""
    yield from known.no_table(table, at)
    declared = known.declarations.tables.get(table)
    if declared is not None and (declared.made is not None or declared.members is not None):
        message = f"{what} is read from {table}, which has no rows of its own"
        yield Mistake("unsupported", message, at, hint="name a table of a source")
    yield from known.lacking(table, columns, what, place)
