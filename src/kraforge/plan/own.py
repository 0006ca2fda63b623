"""Calendars of one's own: retail calendars of whole weeks, and calendars out of a table. Pure dates, no rows.

A unit of such a calendar is a row of periods, one after the other, each with a number; `index` gives the number of the
period that a day lies in, `start` the first day of a period. Whatever else is asked of a unit follows from these two.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, Final

from attrs import field, frozen

from kraforge.errors import Mistake, Mistakes, SourceError
from kraforge.model.declarations import WeeksGrain
from kraforge.semantics.grains import LEVELS

LAST: Final = dt.date.max.toordinal()
MONTHS_OF: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def _day(ordinal: int) -> dt.date:
    """A day by its ordinal, held within the years 1 to 9999."""
    return dt.date.fromordinal(max(1, min(ordinal, LAST)))


@frozen(eq=False)
class WeekYears:
    """The years of a calendar of whole weeks, by name.

    A year that ends in January to May is named by the calendar year in which it begins, any other by the one in which it
    ends, so that a name is always the year with most of its days. The 53rd week belongs to the last month.
    """

    grain: WeeksGrain
    months: tuple[int, ...] = field(init=False)
    _starts: dict[int, int] = field(factory=dict)

    @months.default
    def _months(self) -> tuple[int, ...]:
        """The days before each month of a year."""
        return tuple(7 * weeks for weeks in accumulate(self.grain.weeks * 4, initial=0))[:12]

    def first(self, year: int) -> int:
        """The ordinal of a year's first day."""
        known = self._starts.get(year)
        if known is None:
            known = self._starts[year] = self._last(year - 1) + 1
        return known

    def _last(self, year: int) -> int:
        """The ordinal of a year's last day."""
        named = year + 1 if self.grain.month <= 5 else year
        if not 1 <= named <= 9998:
            return -1_000_000 if named < 1 else LAST + 1_000_000
        nominal = dt.date(named + self.grain.month // 12, self.grain.month % 12 + 1, 1).toordinal() - 1
        # Monday is ordinal 1, so a remainder by 7 is the weekday
        past = (nominal - self.grain.ends_on) % 7
        return nominal - past + (7 if self.grain.nearest and past > 3 else 0)

    def year(self, ordinal: int) -> int:
        """The year that a day lies in."""
        year = _day(ordinal).year
        while self.first(year) > ordinal:
            year -= 1
        while self.first(year + 1) <= ordinal:
            year += 1
        return year

    def weeks(self, year: int) -> int:
        """How many weeks a year has: 52, or 53."""
        return (self.first(year + 1) - self.first(year)) // 7


@frozen(eq=False)
class WeekUnit:
    """Weeks, months, quarters, halves or years of a calendar of whole weeks; `year` are its years."""

    name: str
    years: WeekYears
    level: str
    year: WeekUnit | None = None

    @property
    def family(self) -> object:
        """What units of one calendar have in common."""
        return self.years

    def index(self, day: dt.date) -> int:
        """The number of the period that a day lies in."""
        ordinal = day.toordinal()
        if self.level == "week":
            return (ordinal - self.grain.ends_on - 1) // 7
        year = self.years.year(ordinal)
        month = bisect_right(self.years.months, ordinal - self.years.first(year)) - 1
        return (year * 12 + month) // MONTHS_OF[self.level]

    def start(self, index: int) -> dt.date:
        """The first day of a period."""
        if self.level == "week":
            return _day(7 * index + self.grain.ends_on + 1)
        year, month = divmod(index * MONTHS_OF[self.level], 12)
        return _day(self.years.first(year) + self.years.months[month])

    def place(self, bound: dt.date) -> int:
        """The number of the period that a bound is moved with."""
        return self.index(bound)

    def check(self, index: int, number: int) -> None:
        """Every period is there in full."""

    def check_end(self, index: int) -> None:
        """Every period is there to its end."""

    @property
    def grain(self) -> WeeksGrain:
        """The declaration."""
        return self.years.grain

    @property
    def example(self) -> str:
        """How one of its periods is named."""
        return {"week": "2026-W14", "month": "2026-03", "quarter": "2026-Q1", "half": "2026-H1"}.get(self.level, "2026")

    def named(self, year: str, letter: str, number: str) -> int | None:
        """The period with a name: 2026, 2026-H1, 2026-Q1, 2026-03, 2026-W14. None where there is none."""
        if letter != {"week": "W", "quarter": "Q", "half": "H"}.get(self.level, "") or bool(number) == (
            self.level == "year"
        ):
            return None
        of, wanted = int(year), int(number or 1)
        most = self.years.weeks(of) if self.level == "week" else 12 // MONTHS_OF[self.level]
        first = self.index(_day(self.years.first(of)))
        return first + wanted - 1 if 1 <= wanted <= most and 1 <= of <= 9998 else None


@frozen(eq=False)
class TableUnit:
    """Periods out of a calendar table, or its years: their first days, and the day after the last.

    `labels` are the values that name them. `year` are the years that they are numbered in.
    """

    name: str
    table: str
    starts: tuple[dt.date, ...]
    labels: tuple[Any, ...]
    year: TableUnit | None = None

    @property
    def family(self) -> object:
        """What units of one calendar have in common."""
        return self.table

    def index(self, day: dt.date) -> int:
        """The number of the period that a day lies in; the day after the last is the first of a further one.

        Raises SourceError (bad-calendar) for a day that the table does not have.
        """
        if not self.starts[0] <= day <= self.starts[-1]:
            raise self.beyond(str(day))
        return bisect_right(self.starts, day) - 1

    def start(self, index: int) -> dt.date:
        """The first day of a period. Raises SourceError (bad-calendar) for one that the table does not have."""
        if not 0 <= index < len(self.starts):
            raise self.beyond("a period before its first" if index < 0 else "a period after its last")
        return self.starts[index]

    def whole(self, index: int) -> bool:
        """Whether a period seems to be there in full: the table may begin within its first, and end within its last."""
        last = len(self.starts) - 2
        if index not in (0, last) or last == 0:
            return True
        other = 1 if index == 0 else last - 1
        own, beside = (self.starts[i + 1] - self.starts[i] for i in (index, other))
        return own >= beside - dt.timedelta(days=7)

    def place(self, bound: dt.date) -> int:
        """The number of the period that a bound is moved with: the end of a table within a period belongs to that."""
        index = self.index(bound)
        return index - 1 if bound == self.starts[-1] and not self.whole(index - 1) else index

    def check(self, index: int, number: int) -> None:
        """Raises SourceError (bad-calendar) where the table begins within a period, or within the one so far from it."""
        if 0 in (index, index + number) and not self.whole(0):
            raise self.beyond(f"the whole of {self.labels[0]}")

    def check_end(self, index: int) -> None:
        """Raises SourceError (bad-calendar) where the table ends within a period."""
        if not self.whole(index):
            raise self.beyond(f"the end of {self.labels[index]}")

    def beyond(self, what: str) -> SourceError:
        """The error for what the table does not have."""
        last = self.starts[-1] - dt.timedelta(days=1)
        return SourceError(
            Mistake(
                "bad-calendar",
                f"the calendar {self.name} is asked for {what}, and its table '{self.table}' has the days from"
                f" {self.starts[0]} to {last}",
                hint="add the days to the table, or ask a window whose shifts stay within them",
            )
        )

    def named(self, text: str, year: str, number: str) -> int | None:
        """The period with a name: the value of its column, or its year's and its number in it, as in 2026-03."""
        found = [i for i, label in enumerate(self.labels) if str(label) == text]
        if len(found) == 1:
            return found[0]
        if self.year is None or not number:
            return None
        own = [i for i, label in enumerate(self.year.labels) if str(label) == year]
        if len(own) != 1:
            return None
        low, high = (self.index(self.year.starts[own[0] + i]) for i in (0, 1))
        index = low + int(number) - 1
        return index if low <= index < high else None


Unit = WeekUnit | TableUnit


@frozen(eq=False)
class Units:
    """The units of a catalog's own calendars by name, as far as they are known. Told apart by identity."""

    by_name: Mapping[str, Unit] = field(factory=dict)

    def get(self, name: str | None) -> Unit | None:
        """The unit of that name."""
        return self.by_name.get(name) if name is not None else None


NONE: Final = Units()


def start_of(day: dt.date, unit: Unit) -> dt.date:
    """The first day of the period that a day lies in."""
    return unit.start(unit.index(day))


def moved(bound: dt.date, number: int, unit: Unit, cells: Unit | None) -> dt.date:
    """A bound moved by periods of a unit: it keeps its place in its period, and goes no further than that one's end.

    Where an answer's cells are parts of the unit's periods, its place is the number of its cell and the day within that; a
    number that the other period lacks leads to the end of that period.
    """
    index = unit.place(bound)
    source, target = unit.start(index), unit.start(index + number)
    parts = cells is not None and _parts(cells, unit, source, target)
    if parts or bound > source:
        unit.check(index, number)
    if bound == source:
        return target
    end = unit.start(index + number + 1)
    if cells is None or not parts:
        return min(_later(target, bound - source), end)
    mine = cells.place(bound)
    wanted = cells.index(target) + mine - cells.index(source)
    if wanted >= cells.index(end):
        unit.check_end(index + number)
        return end
    past = bound - cells.start(mine)
    return min(_later(cells.start(wanted), past), cells.start(wanted + 1))


def _parts(cells: Unit, unit: Unit, *starts: dt.date) -> bool:
    """Whether two periods of a unit are made of cells, and not the other way round."""
    if cells.family != unit.family or cells.name == unit.name:
        return False
    return all(cells.start(cells.index(start)) == start for start in starts)


def _later(day: dt.date, by: dt.timedelta) -> dt.date:
    return _day(day.toordinal() + by.days)


def year_of(unit: Unit) -> Unit:
    """The years by which a unit's periods are numbered. Raises Mistakes (bad-length) where its calendar has none."""
    if isinstance(unit, WeekUnit):
        return unit.year or unit
    if unit.year is None:
        raise Mistakes(
            Mistake(
                "bad-length",
                f"the calendar {unit.name} says nothing of years",
                hint="declare the column that names the year (`year`), or move by 52 weeks or by 12 months",
            )
        )
    return unit.year


def week_units(grain: WeeksGrain) -> dict[str, Unit]:
    """The units of a calendar of whole weeks."""
    years = WeekYears(grain)
    year = WeekUnit(f"{grain.name}_year", years, "year")
    return {name: WeekUnit(name, years, level, year) for level in LEVELS for name in (f"{grain.name}_{level}",)}
