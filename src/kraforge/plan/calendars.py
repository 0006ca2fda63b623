"""Business calendars as steps of a plan: a row for each calendar and day, found by one integer.

Every calendar has a number: 2n for the nth that is declared (0 the catalog's own), odd ones for those out of tables. Small
rows (hours by weekday, days off) are given when the plan runs; days, hours and what adds up over them are made in SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from kraforge.model.declarations import Declarations, Shift
from kraforge.model.workdays import FIRST_YEAR, LAST_YEAR, Hours, declared_days_off, hours_of
from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, day_number, equal, key, left_join, missing, whole
from kraforge.plan.spines import DAY, INTEGER, Cell
from kraforge.types import DATE, TEXT, WHOLE, Storage

if TYPE_CHECKING:
    from kraforge.plan.layout import Clock, Layout
    from kraforge.plan.steps import Steps

LOW: Final = "calendar_low"
HIGH: Final = "calendar_high"
"""The slots of the first and the last day of all calendars."""

KEPT: Final = Storage("text")
Rows = list[tuple[Cell, ...]]


@frozen
class Reach:
    """The years that calendars take in, both included."""

    first: int
    last: int

    @property
    def low(self) -> dt.date:
        """The first day."""
        return dt.date(self.first, 1, 1)

    @property
    def high(self) -> dt.date:
        """The last day."""
        return dt.date(self.last, 12, 31)


def reach(days: Iterable[dt.date]) -> Reach:
    """The years from two before the first of some days to two after the last, as far as calendars go at all."""
    known = [day.year for day in days if FIRST_YEAR <= day.year <= LAST_YEAR] or [dt.date(2000, 1, 1).year]
    return Reach(max(FIRST_YEAR, min(known) - 2), min(LAST_YEAR, max(known) + 2))


@frozen
class Uses:
    """Which calendars a request needs: `names` of declared ones; `texts` where rows name theirs, `ids` by a number.

    `days` where populations of days are made, which may need no calendar, but the years that there are.
    """

    names: frozenset[str] = frozenset()
    texts: bool = False
    ids: bool = False
    days: bool = False

    def __bool__(self) -> bool:
        return bool(self.names) or self.texts or self.ids or self.days

    def needed(self, declarations: Declarations) -> tuple[tuple[int, Hours], ...]:
        """The declared calendars with their numbers; those out of tables have none here."""
        found = []
        for number, name in enumerate(("", *declarations.calendars)):
            hours = hours_of(declarations, name)
            if hours is not None and hours.table is None and ((self.texts and name) or name in self.names):
                found.append((2 * number, hours))
        return tuple(found)

    def tables(self, declarations: Declarations) -> tuple[Hours, ...]:
        """The calendars out of tables."""
        if not (self.texts or self.ids):
            return ()
        every = (hours_of(declarations, name) for name in declarations.calendars)
        return tuple(hours for hours in every if hours is not None and hours.table is not None)


@frozen
class Filled:
    """A step whose rows are given when the plan runs: they hang on the years that calendars reach."""

    name: str
    rows: Callable[[Reach], Rows] = field(eq=False)


def number_of(declarations: Declarations, name: str) -> int:
    """The number of a declared calendar."""
    return 2 * ("", *declarations.calendars).index(name)


class Calendars:
    """The steps of business calendars of one plan, each made when first asked for."""

    def __init__(self, steps: Steps, uses: Uses, layout: Layout) -> None:
        self.steps = steps
        self.declarations = steps.collected.checked.declarations
        self.layout = layout
        self.uses = uses
        self.declared = uses.needed(self.declarations)
        # what those out of a table share with others is given under numbers that no calendar has
        self.tables = tuple((-n, hours) for n, hours in enumerate(uses.tables(self.declarations), 1))
        self.filled: list[Filled] = []
        self._made: dict[str, str] = {}

    def once(self, name: str, make: Callable[[], str]) -> str:
        """A step that is made when first asked for."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def working_days(self) -> str:
        """A step with a row for each calendar and day: `key` (one integer of both), `calendar`, `day`, `works` (1 or 0), and
        `ordinal`, how many working days there are up to and with it."""
        return self.once("working days", self._working_days)

    def days_by_ordinal(self) -> str:
        """A step with the `day` of each working day of a calendar, by the `key` of calendar and ordinal."""
        return self.once("days by ordinal", self._days_by_ordinal)

    def _days_by_ordinal(self) -> str:
        days = self.working_days()
        found = (("key", key(column(days, "calendar"), column(days, "ordinal"))), ("day", column(days, "day", DATE)))
        worked = (equal(column(days, "works"), whole(1)),)
        select = nodes.Select(found, nodes.Step(days), days, where=worked)
        return self.steps.add("days_by_ordinal", "working days by their number", select)

    def work_by_hour(self, clock: Clock) -> str:
        """A step with the stretches of work in which each hour of working time lies, see `calendar_hours`."""
        from kraforge.plan.calendar_hours import Hours as Steps

        return self.once(f"work by hour by {clock}", lambda: Steps(self, clock).by_hour())

    def work_by_day(self, clock: Clock) -> str:
        """A step with the working time of the shifts that begin on each day, see `calendar_hours`."""
        from kraforge.plan.calendar_hours import Hours as Steps

        return self.once(f"work by day by {clock}", lambda: Steps(self, clock).by_shift_day())

    def working_hours(self, clock: Clock) -> str:
        """A step with the working time of each calendar and day by a clock, see `calendar_hours`."""
        from kraforge.plan.calendar_hours import Hours as Steps

        return self.once(f"hours by {clock}", lambda: Steps(self, clock).by_day())

    # ---- what is given

    def given(self, name: str, note: str, columns: dict[str, Storage], rows: Callable[[Reach], Rows]) -> str:
        """A step of rows that are given when the plan runs."""
        step = self.steps.add(name, note, nodes.Given(tuple(columns.items())))
        self.filled.append(Filled(step, rows))
        return step

    def lead(self, like: Callable[[Hours], object]) -> dict[int, int]:
        """For each calendar the first one that is like it: what they share is given once."""
        first: dict[object, int] = {}
        return {number: first.setdefault(like(hours), number) for number, hours in (*self.declared, *self.tables)}

    def every(self) -> str:
        """A step with a row for each calendar: its `number`."""
        return self.once("calendars", self._calendars)

    def _calendars(self) -> str:
        """One row for each calendar: its number, zone and offset, and by which numbers its hours and days off are found."""
        from kraforge.plan.calendar_tables import calendars_of
        from kraforge.plan.layout import offsets

        weeks, off, special = self.lead(_week), self.lead(_off), self.lead(_special)

        def rows(reach: Reach) -> Rows:
            return [
                (n, hours.zone, offsets(hours.zone, reach)[0], weeks[n], off[n], special[n])
                for n, hours in self.declared
            ]

        columns = {"number": INTEGER, "zone": KEPT, **dict.fromkeys(("offset", "week", "off", "special"), INTEGER)}
        given = (
            self.given("calendars", "business calendars", columns, rows) if self.declared or not self.tables else None
        )
        return calendars_of(self, given, off, special)

    def _week(self) -> str:
        """The shifts of each weekday side by side, in seconds of the day."""
        from kraforge.plan.calendar_tables import hours_of_week

        led = self._led(_week)

        def rows(_: Reach) -> Rows:
            return [
                (number, weekday, *self._beside(shifts))
                for number, hours in led
                for weekday, shifts in enumerate(hours.week, 1)
                if shifts
            ]

        columns = {"week": INTEGER, "weekday": INTEGER, **dict.fromkeys(self.ends(), INTEGER)}
        some = bool(self.declared) or not self.tables
        given = self.given("calendar_hours_of_week", "working hours by weekday", columns, rows) if some else None
        return hours_of_week(self, given)

    def _special(self) -> str | None:
        """Days with hours of their own, or none; None where there are no such days."""
        led = [(number, hours) for number, hours in self._led(_special) if hours.special]

        def rows(reach: Reach) -> Rows:
            return [
                (number, day, *self._beside(shifts))
                for number, hours in led
                for day, shifts in hours.special
                if reach.first <= day.year <= reach.last
            ]

        columns = {"special": INTEGER, "day": DAY, **dict.fromkeys(self.ends(), INTEGER)}
        return self.given("calendar_special_days", "days with hours of their own", columns, rows) if led else None

    def ends(self) -> tuple[str, ...]:
        """The columns of the shifts of a day, side by side."""
        return tuple(f"{end}_{n}" for n in range(1, self.layout.shifts + 1) for end in ("begins", "ends"))

    def _beside(self, shifts: tuple[Shift, ...]) -> tuple[int | None, ...]:
        known = [end for shift in shifts for end in (shift.start, shift.end)]
        return (*known, *(None,) * (len(self.ends()) - len(known)))

    def _days_off(self) -> str | None:
        """Days off, each once. None where there are none."""
        from kraforge.plan.calendar_tables import days_off

        led = [(number, hours) for number, hours in self._led(_off) if hours.holidays.days or hours.holidays.countries]

        def rows(reach: Reach) -> Rows:
            return [
                (number, day)
                for number, hours in led
                for day in declared_days_off(hours.holidays, reach.first, reach.last)
            ]

        given = self.given("calendar_holidays", "days off", {"off": INTEGER, "day": DAY}, rows) if led else None
        return days_off(self, given, self._led(_off))

    def _led(self, like: Callable[[Hours], object]) -> list[tuple[int, Hours]]:
        """The calendars under whose numbers is given what others share with them."""
        leads = self.lead(like)
        return [(number, hours) for number, hours in (*self.declared, *self.tables) if leads[number] == number]

    # ---- what is made of it

    def every_day(self) -> str:
        """All days as the column `day`."""
        days = nodes.Days(nodes.Slot(LOW, DATE), nodes.Slot(HIGH, DATE))
        return self.once("every day", lambda: self.steps.add("calendar_every_day", "every day", days))

    def days(self) -> str:
        """A row for each calendar and day: whether it `works`, 1 or 0, and the shifts that begin then, in seconds of the
        day (`begins_1`, `ends_1`, …), with the calendar's `zone` and its `offset`."""
        return self.once("days", self._days)

    def _days(self) -> str:
        calendars = self.every()
        week, special, off, days = self._week(), self._special(), self._days_off(), self.every_day()
        day = column(days, "day", DATE)
        joins = [nodes.Join("cross", nodes.Step(days), days)]
        free = []
        for step, name in ((off, "off"), (special, "special"), (self._own_days_off(), "number")):
            if step is not None:
                then = equal(column(step, "day", DATE), day)
                joins.append(left_join(step, equal(column(step, name), column(calendars, name)), then))
                free.append(missing(column(step, "day", DATE)))
        worked = equal(column(week, "weekday"), nodes.Apply("weekday", (day,), WHOLE))
        joins.append(left_join(week, equal(column(week, "week"), column(calendars, "week")), worked, *free))
        ends: list[tuple[str, nodes.Expression]] = [(name, column(week, name)) for name in self.ends()]
        if special is not None:
            ends = [(name, nodes.Apply("else", (own, column(special, name)), WHOLE)) for name, own in ends]
        works = nodes.Choose(((missing(ends[0][1]), whole(0)),), whole(1), WHOLE)
        columns: tuple[tuple[str, nodes.Expression], ...] = (
            ("calendar", column(calendars, "number")),
            ("day", day),
            ("works", works),
            ("zone", column(calendars, "zone", TEXT)),
            ("offset", column(calendars, "offset")),
            *ends,
        )
        select = nodes.Select(columns, nodes.Step(calendars), calendars, tuple(joins))
        return self.steps.add("calendar_days", "the shifts that begin on each day", select)

    def _own_days_off(self) -> str | None:
        """The days off that a table has for each calendar out of another."""
        from kraforge.plan.calendar_tables import own_days_off

        if not any(table.by for _, hours in self.tables for table in hours.holidays.tables):
            return None
        return self.once("own days off", lambda: own_days_off(self))

    def _working_days(self) -> str:
        each = self.days()
        calendar, day, works = column(each, "calendar"), column(each, "day", DATE), column(each, "works")
        ordinal = nodes.Over("sum", (works,), (calendar,), ((day, False),), WHOLE)
        found = (("key", key(calendar, day_number(day))), ("calendar", calendar), ("day", day), ("works", works))
        select = nodes.Select((*found, ("ordinal", ordinal)), nodes.Step(each), each)
        return self.steps.add("working_days", "working days, counted", select)


def _week(hours: Hours) -> object:
    return hours.table or hours.week


def _off(hours: Hours) -> object:
    # rows of a table that belong to a calendar by its name are no other one's
    named = hours.name if any(table.by for table in hours.holidays.tables) else ""
    return hours.holidays, named


def _special(hours: Hours) -> object:
    return hours.special
