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
class Calendar:
    """The catalog's time zone (IANA name), fiscal year start (month, day) and first weekday (1 Monday to 7 Sunday)."""

    timezone: str = "UTC"
    fiscal_year_starts: tuple[int, int] = (1, 1)
    week_starts: int = 1
    grains: Mapping[str, Grain] = field(factory=dict, converter=kept)
    place: Place = Place()


@frozen
class Grain:
    """A calendar of one's own: a table with one row a day, the day's column and the column that names its period."""

    name: str
    table: str
    day: str
    period: str
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
class Link:
    """A many-to-one link: this table's columns `by` hold the key of table `to`."""

    name: str
    to: str
    by: tuple[str, ...]
    place: Place = Place()


@frozen
class Table:
    """A table of the catalog.

    `date` is the event date's formula (a column, a linked one, an expression), None for a population. `where` holds for
    every use. `members` is set for a population made of the values of a column: (table, column). `links` has the
    implied link of that table to its members too.
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
    place: Place = Place()


@frozen
class Dimension:
    """Something to group by: a formula over a row (`formula`), or the members of table `to` (its key is the value).

    `routes` gives, for a fact table, the link path to `to`: {invoices: (owner,), payments: (customer, owner)}.
    """

    name: str
    formula: Text | None = None
    to: str | None = None
    routes: Mapping[str, tuple[str, ...]] = field(factory=dict, converter=kept)
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
    """A whole catalog.."""

    calendar: Calendar = Calendar()
    parameters: Mapping[str, Parameter] = field(factory=dict, converter=kept)
    tables: Mapping[str, Table] = field(factory=dict, converter=kept)
    dimensions: Mapping[str, Dimension] = field(factory=dict, converter=kept)
    functions: Mapping[str, Macro] = field(factory=dict, converter=kept)
    kpis: Mapping[str, Kpi] = field(factory=dict, converter=kept)


Scalar = Decimal | int | float | str | bool | dt.date | dt.datetime | dt.timedelta | None
