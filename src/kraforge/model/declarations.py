"""What a catalog declares, as data with places; nothing here is resolved or checked for meaning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeVar

from attrs import field, frozen

from kraforge.text import Place
from kraforge.types import Type

T = TypeVar("T")


def kept(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """A view of the mapping that cannot be changed."""
    return MappingProxyType(dict(mapping))


@frozen
class Text:
    """A formula as written, with its place in the catalog."""

    text: str
    place: Place = Place()


@frozen
class Shift:
    """Working time of a weekday: seconds from the midnight that begins it; an `end` past 86400 lies on the next day."""

    start: int
    end: int


@frozen
class CountryHolidays:
    """Public holidays of the holidays library: ISO 3166 codes. `observed`: also days in lieu of one on a weekend."""

    country: str
    subdivision: str | None = None
    observed: bool = True


@frozen
class TableHolidays:
    """Days off out of a table's column `day`; `by` is its column with the id of the calendar, None: for all."""

    table: str
    day: str
    by: str | None = None


@frozen
class Holidays:
    """Days without working time: all of these together, without `working` (days that are worked all the same)."""

    countries: tuple[CountryHolidays, ...] = ()
    days: tuple[dt.date, ...] = ()
    tables: tuple[TableHolidays, ...] = ()
    working: tuple[dt.date, ...] = ()


@frozen
class TableHours:
    """Working hours out of a table: a row for each shift of a weekday of a calendar.

    `by` is the column with the calendar's id, `weekday` 1 (Monday) to 7 or a day's English name, `hours` the columns of
    start and end: times of day as text (`09:30`, `24:00`), or whole seconds from midnight.
    """

    table: str
    by: str
    weekday: str
    hours: tuple[str, str]


@frozen
class WorkCalendar:
    """When work is done. `name` is empty for the catalog's own; what a named one leaves out is the catalog's (None).

    `week` has the shifts that begin on each weekday, Monday first. `special` days have hours of their own, whatever the
    week and the holidays say (no shifts: a day off).
    """

    name: str = ""
    week: tuple[tuple[Shift, ...], ...] | None = None
    table: TableHours | None = None
    holidays: Holidays | None = None
    special: tuple[tuple[dt.date, tuple[Shift, ...]], ...] = ()
    timezone: str | None = None
    place: Place = Place()


@frozen
class Leave:
    """Days off of persons: rows of `table`, which links to the people. `during` is a range over its row, both ends."""

    table: str
    during: Text
    link: str | None = None


@frozen
class People:
    """Whose days `workdays` has: rows of `table`, from hiring to leaving (`during`, a range over its row).

    `calendar` is a formula over its row that gives the name of a calendar; None: the catalog's own.
    """

    table: str
    during: Text | None = None
    leave: tuple[Leave, ...] = ()
    calendar: Text | None = None
    place: Place = Place()


@frozen
class Expected:
    """A population of what is due: one row per member of `of` (None: one alone) and day of a recurrence.

    `rule` is an RFC 5545 recurrence (`FREQ=WEEKLY;BYDAY=FR`), counted from `start`. `off` says what becomes of a day
    without working time: kept, left out, or moved to the working day before or after it.
    """

    name: str
    rule: str
    start: dt.date
    of: People | None = None
    calendar: str | None = None
    off: Literal["keep", "skip", "previous", "next"] = "keep"
    place: Place = Place()


@frozen
class TableGrain:
    """A calendar of one's own: a table with one row a day, the day's column, the column that names its period.

    `year` is the column that names the period's year, by which a shift by years finds the same number.
    """

    name: str
    table: str
    day: str
    period: str
    year: str | None = None
    place: Place = Place()


@frozen
class WeeksGrain:
    """A calendar of whole weeks: quarters of months of `weeks` weeks (4-4-5, 4-5-4 or 5-4-4), 53 weeks where needed.

    Years end on the weekday `ends_on` (1 to 7) that is the last one of `month`, or where `nearest` the one nearest to its
    last day. `name` begins the names of its grains: name_week, name_month, name_quarter, name_half, name_year.
    """

    name: str
    weeks: tuple[int, int, int]
    month: int
    ends_on: int
    nearest: bool
    place: Place = Place()


Grain = TableGrain | WeeksGrain


@frozen
class Calendar:
    """The catalog's time zone (IANA name), fiscal year start (month, day) and first weekday (1 Monday to 7 Sunday).

    `work` are its own working hours and holidays, `people` whose `workdays` there are.
    """

    timezone: str = "UTC"
    fiscal_year_starts: tuple[int, int] = (1, 1)
    week_starts: int = 1
    grains: Mapping[str, Grain] = field(factory=dict, converter=kept)
    work: WorkCalendar | None = None
    people: People | None = None
    expected: Mapping[str, Expected] = field(factory=dict, converter=kept)
    place: Place = Place()


@frozen
class Version(Generic[T]):
    """A value in force from a date; the first of several has no date."""

    start: dt.date | None
    value: T


@frozen
class Parameter:
    """A named constant. Each version's value is a number, text, date, bool or the text of a literal (`90 days`, `80%`)."""

    name: str
    versions: tuple[Version[Text], ...]
    place: Place = Place()


@frozen
class Column:
    """A declared column. `percent` where 60 means 60% (its type is ratio then); `source` its name at the source."""

    name: str
    type: Type
    percent: bool = False
    source: str | None = None
    place: Place = Place()


@frozen
class Sequence:
    """The row after (or before) this one among those with the same `along` (a link or a column), by `order`."""

    along: str
    order: tuple[str, ...]
    forward: bool = True


@frozen
class Link:
    """A link: this table's columns `by` hold the key of table `to`.

    With `through`, a table between: its columns `match` hold this row's key and its columns `by` the key of `to`.
    `valid` is a range over the row of `through` (of `to` where there is none, a table of versions), looked up on the
    date `at` of this row (None: the date that put the row into the period, else the period's last day). `share` is the
    column of `through` with the part that each target is credited, up to `up_to` in all (1 is 100%; None: no bound).
    `several` says that a row may have several targets without shares: each gets the whole row. `sequence` goes along
    rows of this table. `tree` climbs the link of that name of table `to`, to the row itself and all above it, or with
    `level` to the one above it on that level, 1 the top.
    """

    name: str
    to: str
    by: tuple[str, ...] = ()
    through: str | None = None
    match: tuple[str, ...] = ()
    valid: Text | None = None
    at: Text | None = None
    share: str | None = None
    up_to: Decimal | None = Decimal(1)
    several: bool = False
    sequence: Sequence | None = None
    tree: str | None = None
    level: int | None = None
    place: Place = Place()

    @property
    def many(self) -> bool:
        """Whether it leads from one row to several: shares, memberships, a tree. Others lead to one row at most."""
        return self.share is not None or self.several or (self.tree is not None and self.level is None)

    @property
    def plain(self) -> bool:
        """Whether columns of this row are the target's key, and nothing else decides."""
        return self.through is None and self.valid is None and self.sequence is None and self.tree is None


@frozen
class Table:
    """A table of the catalog.

    `date` is the event date's formula (a column, a linked one, an expression), None for a population. `where` holds for
    every use. `members` is set for a population made of the values of a column: (table, column). `links` has the
    implied link of that table to its members too. `calendar` is a formula over a row that gives the name of the calendar
    that its business time goes by. `known` is a range over a row: from when to when it was what was known. `made` names
    the declaration that a population is made of: `workdays`, `leave_days`, or an expected one's name.
    """

    name: str
    columns: Mapping[str, Column] = field(factory=dict, converter=kept)
    key: tuple[str, ...] = ()
    date: Text | None = None
    where: Text | None = None
    links: Mapping[str, Link] = field(factory=dict, converter=kept)
    fields: Mapping[str, Text] = field(factory=dict, converter=kept)
    source: str | None = None
    table: str | None = None
    members: tuple[str, str] | None = None
    calendar: Text | None = None
    known: Text | None = None
    made: str | None = None
    place: Place = Place()


@frozen
class Dimension:
    """Something to group by: a formula over a row (`formula`), or the members of table `to` (its key is the value).

    `routes` gives, for a fact table, the link path to `to`: {invoices: (owner,), payments: (customer, owner)}.
    `tree` is the link of `to` that leads to the parent: every member is counted in the groups of all above it as well,
    or with `level` in the one above it on that level, 1 the top.
    """

    name: str
    formula: Text | None = None
    to: str | None = None
    routes: Mapping[str, tuple[str, ...]] = field(factory=dict, converter=kept)
    tree: str | None = None
    level: int | None = None
    place: Place = Place()


@frozen
class Macro:
    """A function in the language itself: `on_time(done, due): done is present and done <= due`."""

    name: str
    parameters: tuple[str, ...]
    formula: Text
    place: Place = Place()


@frozen
class Kpi:
    """A measure with a name. `better` is higher or lower (None: not said); `empty_missing` for `empty: missing`."""

    name: str
    versions: tuple[Version[Text], ...]
    title: str | None = None
    description: str | None = None
    unit: str | None = None
    better: Literal["higher", "lower"] | None = None
    empty_missing: bool = False
    place: Place = Place()


@frozen
class Declarations:
    """A whole catalog."""

    calendar: Calendar = Calendar()
    calendars: Mapping[str, WorkCalendar] = field(factory=dict, converter=kept)
    parameters: Mapping[str, Parameter] = field(factory=dict, converter=kept)
    tables: Mapping[str, Table] = field(factory=dict, converter=kept)
    dimensions: Mapping[str, Dimension] = field(factory=dict, converter=kept)
    functions: Mapping[str, Macro] = field(factory=dict, converter=kept)
    kpis: Mapping[str, Kpi] = field(factory=dict, converter=kept)


Scalar = Decimal | int | float | str | bool | dt.date | dt.datetime | dt.timedelta | None
