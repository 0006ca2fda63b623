"""What working calendars come to: what each leaves out taken from the catalog's own, holidays as days."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final
from warnings import catch_warnings, simplefilter

from attrs import frozen

from kraforge.model.declarations import CountryHolidays, Declarations, Holidays, Shift, TableHours, WorkCalendar

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
"""The years that business calendars may reach."""

Special = tuple[tuple[dt.date, tuple[Shift, ...]], ...]


@frozen
class Hours:
    """A working calendar with nothing left out: its hours by weekday, or the table that has them for each of its ids."""

    name: str
    week: tuple[tuple[Shift, ...], ...]
    table: TableHours | None
    holidays: Holidays
    special: Special
    zone: str


def hours_of(declarations: Declarations, name: str) -> Hours | None:
    """The calendar of a name, the catalog's own where it is empty. None where it has no working week.

    Special days are not taken from the catalog's own here: the loader has done so, where none are written.
    """
    own = declarations.calendar.work or WorkCalendar()
    asked = own if not name else declarations.calendars[name]
    week = asked.week
    if week is None and asked.table is None:
        week = own.week
    if week is None and asked.table is None:
        return None
    holidays = asked.holidays if asked.holidays is not None else own.holidays
    zone = asked.timezone or own.timezone or declarations.calendar.timezone
    return Hours(name, week or ((),) * 7, asked.table, holidays or Holidays(), asked.special, zone)


def declared_days_off(holidays: Holidays, first: int, last: int) -> tuple[dt.date, ...]:
    """The days off of some years, without those out of tables; days that are worked all the same are none of them."""
    years = range(first, last + 1)
    found = {day for day in holidays.days if day.year in years}
    for country in holidays.countries:
        found |= _public(country, first, last)
    return tuple(sorted(found - set(holidays.working)))


@lru_cache(maxsize=64)
def _public(country: CountryHolidays, first: int, last: int) -> frozenset[dt.date]:
    from holidays import country_holidays

    years = range(first, last + 1)
    with catch_warnings():
        # of years that it does not know in full the library says so aloud
        simplefilter("ignore")
        days = country_holidays(country.country, country.subdivision, years=years, observed=country.observed)
    # a day in lieu may fall into the year before or after the ones that were asked for
    return frozenset(day for day in days if day.year in years)
