"""Business calendars as steps of a plan: one row for each calendar and day, found by one integer.

Every calendar has a number: 2n for the nth that is declared (0 the catalog's own), odd ones for those out of tables. Small
rows (hours by weekday, days off) are given when the plan runs; days, hours and what adds up over them are made in SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from kraforge.model.declarations import Declarations, Shift, TableHolidays
from kraforge.model.workdays import FIRST_YEAR, LAST_YEAR, Hours, declared_days_off, hours_of
from kraforge.plan import nodes
from kraforge.plan.spines import DAY, INTEGER, Cell
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, DATE, TEXT, WHOLE, Storage, Type

if TYPE_CHECKING:
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
            if hours is not None and hours.table is None and (self.texts or name in self.names):
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

    def __init__(self, steps: Steps, uses: Uses) -> None:
        self.steps = steps
        self.declarations = steps.collected.checked.declarations
        self.uses = uses
        self.declared = uses.needed(self.declarations)
        self.filled: list[Filled] = []
        self._made: dict[str, str] = {}

    def working_days(self) -> str:
        """A step with a row for each calendar and day: `key` (one integer of both), `calendar`, `day`, `works` (1 or 0), and
        `ordinal`, how many working days there are up to and with it."""
        return self._once("working_days", self._working_days)

    def _once(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    # ---- what is given

    def _given(self, name: str, note: str, columns: dict[str, Storage], rows: Callable[[Reach], Rows]) -> str:
        """A step of rows that are given when the plan runs."""
        step = self.steps.add(name, note, nodes.Given(tuple(columns.items())))
        self.filled.append(Filled(step, rows))
        return step

    def _lead(self, like: Callable[[Hours], object]) -> dict[int, int]:
        """For each calendar the first one that is like it: what they share is given once."""
        first: dict[object, int] = {}
        return {number: first.setdefault(like(hours), number) for number, hours in self.declared}

    def _calendars(self) -> str:
        """One row for each calendar: its number, its zone, and by which numbers its hours and days off are found."""
        weeks, off, special = self._lead(_week), self._lead(_off), self._lead(_special)

        def rows(_: Reach) -> Rows:
            return [(n, hours.zone, weeks[n], off[n], special[n]) for n, hours in self.declared]

        columns = {"number": INTEGER, "zone": KEPT, "week": INTEGER, "off": INTEGER, "special": INTEGER}
        return self._given("calendars", "business calendars", columns, rows)

    def _week(self) -> str:
        """The hours by weekday, in seconds of the day."""
        leads = self._lead(_week)

        def rows(_: Reach) -> Rows:
            return [
                (number, weekday, shift.start, shift.end)
                for number, hours in self.declared
                if leads[number] == number
                for weekday, shifts in enumerate(hours.week, 1)
                for shift in shifts
            ]

        columns = {"week": INTEGER, "weekday": INTEGER, "begins": INTEGER, "ends": INTEGER}
        return self._given("calendar_hours_of_week", "working hours by weekday", columns, rows)

    def _special(self) -> str:
        """Days with hours of their own; one without hours has a row that begins never."""
        leads = self._lead(_special)

        def rows(reach: Reach) -> Rows:
            return [
                (number, day, *bounds)
                for number, hours in self.declared
                if leads[number] == number
                for day, shifts in hours.special
                if reach.first <= day.year <= reach.last
                for bounds in _bounds(shifts)
            ]

        columns = {"special": INTEGER, "day": DAY, "begins": INTEGER, "ends": INTEGER}
        return self._given("calendar_special_days", "days with hours of their own", columns, rows)

    def _days_off(self) -> str:
        """Days off, each once."""
        leads = self._lead(_off)
        led = [(number, hours) for number, hours in self.declared if leads[number] == number]

        def rows(reach: Reach) -> Rows:
            return [
                (number, day)
                for number, hours in led
                for day in declared_days_off(hours.holidays, reach.first, reach.last)
            ]

        given = self._given("calendar_holidays", "days off", {"off": INTEGER, "day": DAY}, rows)
        tables = [(number, hours, table) for number, hours in led for table in hours.holidays.tables]
        if not tables:
            return given
        own = nodes.Select((("off", _column(given, "off")), ("day", _column(given, "day", DATE))), nodes.Step(given), given)
        parts = (own, *(self._out_of_table(number, hours, table) for number, hours, table in tables))
        return self.steps.add("calendar_days_off", "days off, those out of tables too", nodes.Union(parts, distinct=True))

    def _out_of_table(self, number: int, hours: Hours, table: TableHolidays) -> nodes.Select:
        from kraforge.plan.steps import own_conditions

        types = dict(self.steps.collected.checked.tables[table.table].columns)
        alias = "days_off"
        day = nodes.Apply("_date", (nodes.Source(alias, table.table, table.day, types.get(table.day, DATE)),), DATE)
        where = [*own_conditions(self.steps, table.table, alias), nodes.Apply("is_present", (day,), BOOL)]
        if table.by is not None:
            by = nodes.Source(alias, table.table, table.by, types.get(table.by, TEXT))
            where.append(nodes.Apply("equal", (nodes.Apply("text", (by,), TEXT), Constant(hours.name, TEXT)), BOOL))
        if hours.holidays.working:
            worked = tuple(Constant(day, DATE) for day in hours.holidays.working)
            where.append(nodes.Apply("not", (nodes.Apply("in", (day, *worked), BOOL),), BOOL))
        relation = self.steps.relation(table.table)
        return nodes.Select((("off", whole(number)), ("day", day)), relation, alias, where=tuple(where))

    # ---- what is made of it

    def _shifts(self) -> str:
        """A row for each calendar, day and shift that begins then; one that begins never where none does."""
        return self._once("shifts", self._make_shifts)

    def _make_shifts(self) -> str:
        calendars = self._once("calendars", self._calendars)
        week, special, off = self._week(), self._special(), self._days_off()
        days = self.steps.add("calendar_every_day", "every day", nodes.Days(nodes.Slot(LOW, DATE), nodes.Slot(HIGH, DATE)))
        day = _column(days, "day", DATE)
        weekday = nodes.Apply("weekday", (day,), WHOLE)
        joins = (
            nodes.Join("cross", nodes.Step(days), days),
            _left(off, _equal(_column(off, "off"), _column(calendars, "off")), _equal(_column(off, "day", DATE), day)),
            _left(
                special,
                _equal(_column(special, "special"), _column(calendars, "special")),
                _equal(_column(special, "day", DATE), day),
            ),
            _left(
                week,
                _equal(_column(week, "week"), _column(calendars, "week")),
                _equal(_column(week, "weekday"), weekday),
                _missing(_column(off, "day", DATE)),
                _missing(_column(special, "day", DATE)),
            ),
        )
        columns = [("calendar", _column(calendars, "number")), ("day", day), ("zone", _column(calendars, "zone", TEXT))]
        columns += [
            (end, nodes.Apply("else", (_column(week, end), _column(special, end)), WHOLE)) for end in ("begins", "ends")
        ]
        select = nodes.Select(tuple(columns), nodes.Step(calendars), calendars, joins)
        return self.steps.add("calendar_shifts", "the shifts that begin on each day", select)

    def _working_days(self) -> str:
        shifts = self._shifts()
        begins = nodes.Reduce("count", (_column(shifts, "begins"),), None, WHOLE)
        some = nodes.Apply("greater", (begins, whole(0)), BOOL)
        works = nodes.Choose(((some, whole(1)),), whole(0), WHOLE)
        columns = (("calendar", _column(shifts, "calendar")), ("day", _column(shifts, "day", DATE)), ("works", works))
        select = nodes.Select(columns, nodes.Step(shifts), shifts, grouped=True, keys=2)
        each = self.steps.add("calendar_days", "whether each day is worked", select)
        calendar, day = _column(each, "calendar"), _column(each, "day", DATE)
        worked = _column(each, "works")
        ordinal = nodes.Over("sum", (worked,), (calendar,), ((day, False),), WHOLE)
        found = (("key", key(calendar, day_number(day))), ("calendar", calendar), ("day", day), ("works", worked))
        select = nodes.Select((*found, ("ordinal", ordinal)), nodes.Step(each), each)
        return self.steps.add("working_days", "working days, counted", select)


def key(calendar: nodes.Expression, number: nodes.Expression) -> nodes.Expression:
    """One integer of a calendar and a number that belongs to it: of a day, of a working day."""
    return nodes.Apply("_calendar_key", (calendar, number), WHOLE)


def day_number(day: nodes.Expression) -> nodes.Expression:
    """How many days after the first of the year 1 a day is."""
    return nodes.Apply("_day_number", (day,), WHOLE)


def _bounds(shifts: tuple[Shift, ...]) -> Iterator[tuple[int | None, int | None]]:
    if not shifts:
        yield None, None
    yield from ((shift.start, shift.end) for shift in shifts)


def _week(hours: Hours) -> object:
    return hours.week


def _off(hours: Hours) -> object:
    # rows of a table that belong to a calendar by its name are no other one's
    named = hours.name if any(table.by for table in hours.holidays.tables) else ""
    return hours.holidays, named


def _special(hours: Hours) -> object:
    return hours.special


def _column(step: str, name: str, type_: Type = WHOLE) -> nodes.Ref:
    return nodes.Ref(step, name, type_)


def whole(number: int) -> Constant:
    """A whole number."""
    return Constant(Decimal(number), WHOLE)


def _equal(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("equal", (left, right), BOOL)


def _missing(value: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("is_missing", (value,), BOOL)


def _left(step: str, *on: nodes.Expression) -> nodes.Join:
    return nodes.Join("left", nodes.Step(step), step, on)
