"""Calendars of one's own: whole weeks in years of 52 or 53, or a table that names the period of each day.

Every unit is a list of first days. Nothing is reckoned: years are listed one by one, weeks one by one in them.
"""

from __future__ import annotations

import bisect
import calendar
import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kraforge.model.declarations import TableGrain, WeeksGrain
from naive.values import NaiveError, local_date

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
YEARS = range(1900, 2201)


@dataclass(frozen=True)
class Own:
    """A unit of a calendar of one's own: the first day of each period, and the day after the last.

    `names` are what a window calls the periods. `years` is the unit by which they are numbered (None: nothing says so).
    """

    family: str
    starts: tuple[dt.date, ...]
    names: tuple[str, ...]
    years: Own | None = None

    def index(self, day: dt.date) -> int:
        if not self.starts[0] <= day <= self.starts[-1]:
            raise NaiveError("bad-calendar", f"{self.family} does not have {day}")
        return bisect.bisect_right(self.starts, day) - 1

    def start(self, index: int) -> dt.date:
        if not 0 <= index < len(self.starts):
            raise NaiveError("bad-calendar", f"{self.family} does not have period {index}")
        return self.starts[index]

    def begins(self, *days: dt.date) -> bool:
        """Whether periods begin on all of these days."""
        return all(day in self.starts for day in days)

    def window(self, name: str) -> tuple[dt.date, dt.date]:
        """The bounds of the period of a name, or of the year and number of one, as in `2026-03`."""
        if self.names.count(name) == 1:
            index = self.names.index(name)
        else:
            year, _, number = name.partition("-")
            if self.years is None or self.years.names.count(year) != 1 or not number.isdigit():
                raise NaiveError("bad-window", name)
            low, high = self.years.window(year)
            index = self.index(low) + int(number) - 1
            if not self.index(low) <= index < self.index(high):
                raise NaiveError("bad-window", name)
        return self.starts[index], self.starts[index + 1]


class Units(Mapping[str, Own]):
    """All units of a catalog's own calendars by name; a table is read when it is first asked for."""

    def __init__(self, e: Evaluator) -> None:
        self.e = e
        self.known: dict[str, Own] = {}
        self.tables: dict[str, TableGrain] = {}
        for grain in e.declarations.calendar.grains.values():
            if isinstance(grain, WeeksGrain):
                self.known |= of_weeks(grain)
            else:
                self.tables[grain.name] = grain

    def __getitem__(self, name: str) -> Own:
        if name in self.tables and name not in self.known:
            self.known[name] = of_table(self.e, self.tables[name])
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        return name in self.known or name in self.tables

    def __iter__(self) -> Iterator[str]:
        return iter({**self.known, **self.tables})

    def __len__(self) -> int:
        return len({**self.known, **self.tables})


def moved(bound: dt.date, number: int, unit: Own, cells: Own | None) -> dt.date:
    """A bound moved by periods of a unit, to the same place in another period, or to that one's end where it lacks it.

    The place is counted in cells of the answer where they are parts of the periods, in days where not.
    """
    here, there = unit.index(bound), unit.index(bound) + number
    first, target, end = unit.start(here), unit.start(there), None
    if bound == first:
        return target
    end = unit.start(there + 1)
    if cells is None or cells.family != unit.family or cells == unit or not cells.begins(first, target):
        return min(target + (bound - first), end)
    cell = cells.index(bound)
    wanted = cells.index(target) + cell - cells.index(first)
    if cells.start(wanted) >= end:
        return end
    return min(cells.start(wanted) + (bound - cells.start(cell)), cells.start(wanted + 1))


# ---- whole weeks


def last_day(grain: WeeksGrain, year: int) -> dt.date:
    """The day on which a year ends that ends in, or near the end of, the declared month of a calendar year."""
    end = dt.date(year, grain.month, calendar.monthrange(year, grain.month)[1])
    days = [end + number * DAY for number in range(-6, 4 if grain.nearest else 1)]
    of_weekday = [day for day in days if day.isoweekday() == grain.ends_on]
    return min(of_weekday, key=lambda day: abs(day - end))


@cache
def of_weeks(grain: WeeksGrain) -> dict[str, Own]:
    """The weeks, months, quarters, halves and years; the 53rd week is the last month's."""
    starts: dict[str, list[dt.date]] = {unit: [] for unit in ("week", "month", "quarter", "half", "year")}
    names: dict[str, list[str]] = {unit: [] for unit in starts}
    for year in YEARS:
        # a year is named by the calendar year that has most of it
        begins, ends = (last_day(grain, year + (grain.month <= 5) + number) for number in (-1, 0))
        begins += DAY
        weeks = [begins + number * WEEK for number in range((ends - begins).days // 7 + 1)]
        month_starts = [weeks[sum((grain.weeks * 4)[:number])] for number in range(12)]
        of_year = {
            "week": (weeks, "-W{:02}"), "month": (month_starts, "-{:02}"), "quarter": (month_starts[::3], "-Q{}"),
            "half": (month_starts[::6], "-H{}"), "year": ([begins], ""),
        }  # fmt: skip
        for unit, (days, name) in of_year.items():
            starts[unit] += days
            names[unit] += [f"{year}" + name.format(number) for number in range(1, len(days) + 1)]
    end = last_day(grain, YEARS[-1] + (grain.month <= 5)) + DAY
    years = Own(grain.name, (*starts["year"], end), tuple(names["year"]))
    return {f"{grain.name}_{unit}": Own(grain.name, (*starts[unit], end), tuple(names[unit]), years) for unit in starts}


# ---- tables


def of_table(e: Evaluator, grain: TableGrain) -> Own:
    """The periods that a table names, and its years where it names them."""
    from naive.calendars import counted

    rows = sorted((local_date(row.values[grain.day]), row.values) for row in counted(e, grain.table))
    days = [day for day, _ in rows]
    if not days or any(second - first != DAY for first, second in itertools.pairwise(days)):
        raise NaiveError("bad-calendar", f"{grain.table} has gaps, a day twice, or no days")
    if grain.year is None:
        return runs(grain, [(day, (values.get(grain.period),)) for day, values in rows], None)
    years = runs(grain, [(day, (values.get(grain.year),)) for day, values in rows], None)
    return runs(grain, [(day, (values.get(grain.year), values.get(grain.period))) for day, values in rows], years)


def runs(grain: TableGrain, named: list[tuple[dt.date, tuple[Any, ...]]], years: Own | None) -> Own:
    """The stretches of days of one name; a name may come again in another year."""
    starts, names = [], []
    for name, days in itertools.groupby(named, key=lambda one: one[1]):
        starts.append(next(days)[0])
        names.append(name)
    if len(set(names)) < len(names) or any(None in name for name in names):
        raise NaiveError("bad-calendar", f"{grain.table} names a period twice, or a day's not")
    end = named[-1][0] + DAY
    return Own(f"table {grain.table}", (*starts, end), tuple(str(name[-1]) for name in names), years)
