"""The rows: loaded by declared type, joined by looking keys up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from kraforge.model.declarations import Declarations, Link, Table
from naive.values import Money, NaiveError, local_date, on_wall, present

Route = tuple[Link, ...]


class Row:
    """A row of a table; two are the same only where they are one object."""

    __slots__ = ("number", "table", "values")

    def __init__(self, table: str, number: int, values: Mapping[str, Any]) -> None:
        self.table, self.number, self.values = table, number, values


@dataclass(frozen=True)
class Placed:
    """A row where a formula stands.

    `when` is the date that put it into its period, for a population the valuation day (None: it has no date; an error:
    no date may be asked for here). `chosen` are the rows taken of the links that lead to several, by their routes.
    """

    row: Row
    when: Any = None
    chosen: tuple[tuple[Route, Row | None], ...] = ()

    @property
    def table(self) -> str:
        return self.row.table

    @property
    def values(self) -> Mapping[str, Any]:
        return self.row.values

    def choosing(self, chosen: tuple[tuple[Route, Row | None], ...]) -> Placed:
        return replace(self, chosen=chosen)


class Data:
    """All tables of a catalog, and the routes of links between them."""

    def __init__(self, declarations: Declarations, given: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.declarations = declarations
        self.tables = declarations.tables
        self.zone = ZoneInfo(declarations.calendar.timezone)
        self._given = given
        self.made: Callable[[Table], list[dict[str, Any]]] = lambda _: []
        self._rows: dict[str, list[Row]] = {}
        self._indexes: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]] = {}
        self._routes: dict[tuple[str, str], list[Route]] = {}

    def rows(self, table: str) -> list[Row]:
        """All rows, as loaded; members of a column are its distinct values that are not missing."""
        if table not in self._rows:
            declared = self.tables[table]
            if declared.members:
                home, column = declared.members
                values = {row.values.get(column) for row in self.rows(home)} - {None}
                records: list[dict[str, Any]] = [{column: value} for value in values]
            elif declared.made:
                records = self.made(declared)
            else:
                records = [self._record(declared, record) for record in self._given.get(table, ())]
            self._rows[table] = [Row(table, number, record) for number, record in enumerate(records)]
        return self._rows[table]

    def _record(self, table: Table, record: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(table, name, value) for name, value in record.items()}

    def _value(self, table: Table, name: str, value: Any) -> Any:
        value = present(value)
        if value is None:
            return None
        column = table.columns.get(name)
        kind = column.type.kind if column else None
        if kind == "money":
            return Money(str(value))
        if column and column.percent:
            return value / 100 if isinstance(value, float) else Decimal(str(value)) / 100
        if kind in ("date", "timestamp") and isinstance(value, str):
            value = dt.datetime.fromisoformat(value) if kind == "timestamp" else dt.date.fromisoformat(value)
        if kind == "timestamp" and not isinstance(value, dt.datetime):
            value = dt.datetime.combine(value, dt.time())
        if kind == "date" and isinstance(value, dt.datetime):
            value = self.local(value).date()
        return self.local(value) if isinstance(value, dt.datetime) else value

    def local(self, value: dt.datetime) -> dt.datetime:
        """A timestamp in the catalog's zone: one without a zone is its wall clock, one with a zone an instant."""
        return value.astimezone(self.zone) if value.tzinfo else on_wall(value, self.zone)

    def key(self, row: Row) -> Any:
        """A row's key: its column, or a tuple of several."""
        values = tuple(row.values.get(column) for column in self.tables[row.table].key)
        return values[0] if len(values) == 1 else values

    def having(self, table: str, columns: Sequence[str], key: tuple[Any, ...]) -> list[Row]:
        """The rows that have a key in some columns; none where a part of it is missing."""
        if None in key:
            return []
        index = self._indexes.get((table, *columns))
        if index is None:
            index = self._indexes[(table, *columns)] = {}
            for row in self.rows(table):
                index.setdefault(tuple(row.values.get(column) for column in columns), []).append(row)
        return index.get(key, [])

    @cached_property
    def extremes(self) -> list[dt.date]:
        """The first and the last day in all rows; none where there are no dates."""
        given = [row for name, table in self.tables.items() if not table.made for row in self.rows(name)]
        days = [local_date(value) for row in given for value in row.values.values() if isinstance(value, dt.date)]
        return [min(days), max(days)] if days else []

    @cached_property
    def columns(self) -> dict[str, set[str]]:
        """The columns of each table, declared or only in its rows."""
        found = {}
        for name, table in self.tables.items():
            rows = [] if table.made else self.rows(name)
            found[name] = set(table.columns) | {column for row in rows for column in row.values}
        return found

    def routes(self, start: str, home: str) -> list[Route]:
        """All ways of links from one table to another that visit no table twice; none over a link that leads to several rows."""
        known = self._routes.get((start, home))
        if known is None:
            known = self._routes[(start, home)] = list(self._ways(start, home, {start}))
        return known

    def _ways(self, start: str, home: str, seen: set[str]) -> list[Route]:
        if start == home:
            return [()]
        return [
            (link, *rest)
            for link in self.tables[start].links.values()
            if link.to not in seen and not link.many
            for rest in self._ways(link.to, home, seen | {link.to})
        ]

    def route(self, start: str, home: str, via: Route | None, declared: Route | None = None) -> Route | None:
        """The way that a row takes: by `via` where that leads there, as declared, or the only one; None: there is none."""
        if via:
            further = self.routes(via[-1].to, home)
            if len(further) == 1:
                return (*via, *further[0])
        if declared is not None:
            return declared
        found = self.routes(start, home)
        if len(found) > 1:
            raise NaiveError("ambiguous-link", f"{start} to {home}")
        return found[0] if found else None

    def links(self, start: str, names: Sequence[str]) -> Route:
        """Link names followed from a table."""
        route: Route = ()
        for name in names:
            link = self.tables[start].links.get(name)
            if link is None:
                raise NaiveError("unknown-link", f"{start}.{name}")
            route, start = (*route, link), link.to
        return route
