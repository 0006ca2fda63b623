"""Calendars out of tables: their ids, hours by weekday, and days off, selected where the tables are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve

from kraforge.model.declarations import TableHolidays, TableHours
from kraforge.model.workdays import Hours
from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, equal, plus, present, times, whole
from kraforge.plan.spines import INTEGER
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, DATE, TEXT, WHOLE, Storage, Type

if TYPE_CHECKING:
    from kraforge.plan.calendars import Calendars, Reach, Rows
    from kraforge.plan.steps import Steps

IDS, SOURCE, NAME, NUMBER = "calendar_ids", "source", "name", "number"
KEPT: Final = Storage("text")
MOST_ID: Final = 10**12
"""Ids beyond this leave no room for days in one 64-bit integer."""


class TableRows:
    """The rows of a catalog's table under an alias, with the joins that give the number of a calendar."""

    def __init__(self, calendars: Calendars, table: str, alias: str) -> None:
        self.calendars, self.steps = calendars, calendars.steps
        self.table, self.alias = table, alias
        self.types = dict(self.steps.collected.checked.tables[table].columns)
        self.joins: list[nodes.Join] = []

    def column(self, name: str, otherwise: Type = TEXT) -> nodes.Source:
        """A column of the table."""
        return nodes.Source(self.alias, self.table, name, self.types.get(name, otherwise))

    def number(self, place: int, by: str) -> nodes.Expression:
        """The number of the calendar whose id a column holds."""
        if self.calendars.layout.direct:
            return odd(self.column(by))
        ids = self.calendars.once(IDS, lambda: _ids(self.calendars))
        on = (equal(column(ids, SOURCE), whole(place)), equal(column(ids, NAME, TEXT), named(self.column(by))))
        self.joins.append(nodes.Join("inner", nodes.Step(ids), ids, on))
        return column(ids, NUMBER)

    def select(
        self,
        columns: Sequence[tuple[str, nodes.Expression]],
        where: Sequence[nodes.Expression] = (),
        distinct: bool = False,
    ) -> nodes.Select:
        """Some of the rows."""
        from kraforge.plan.steps import own_conditions

        own = (*own_conditions(self.steps, self.table, self.alias), *where)
        relation = self.steps.relation(self.table)
        return nodes.Select(tuple(columns), relation, self.alias, tuple(self.joins), own, distinct=distinct)


def odd(id_: nodes.Expression) -> nodes.Expression:
    """The number of a calendar whose id is a whole number."""
    return plus(times(nodes.Apply("_whole", (id_,), WHOLE), whole(2)), whole(1))


def named(id_: nodes.Expression) -> nodes.Expression:
    """An id of a calendar as text, so that those of several tables and names can stand side by side."""
    return nodes.Apply("_id_text", (id_,), TEXT)


def whole_ids(steps: Steps, hours: TableHours) -> bool:
    """Whether the ids of a calendar out of a table are whole numbers."""
    type_ = dict(steps.collected.checked.tables[hours.table].columns).get(hours.by, TEXT)
    return type_.whole or type_.kind == "count"


def _ids(calendars: Calendars) -> str:
    """Every id of the calendars out of tables, numbered after the declared ones."""
    parts = []
    for place, (_, hours) in enumerate(calendars.tables):
        assert hours.table is not None
        rows = TableRows(calendars, hours.table.table, "hours")
        by = rows.column(hours.table.by)
        parts.append(rows.select(((SOURCE, whole(place)), (NAME, named(by))), (present(by),)))
    every = calendars.steps.add("calendar_id_list", "ids of calendars", nodes.Union(tuple(parts), distinct=True))
    source, name = column(every, SOURCE), column(every, NAME, TEXT)
    nth = nodes.Over("row_number", (), (), ((source, False), (name, False)), WHOLE)
    number = plus(times(plus(nth, whole(len(calendars.declarations.calendars))), whole(2)), whole(1))
    select = nodes.Select(((SOURCE, source), (NAME, name), (NUMBER, number)), nodes.Step(every), every)
    return calendars.steps.add(IDS, "ids of calendars, numbered", select)


def names(calendars: Calendars, texts: bool) -> str:
    """A step with the number of each calendar by its name or id, of those that are texts or of those that are numbers: a
    declared name goes before an id, a first table before the next."""
    declared = calendars.declared if texts else ()

    def rows(_: Reach) -> Rows:
        return [(hours.name, number) for number, hours in declared if hours.name]

    given = calendars.given("calendar_names", "names of calendars", {NAME: KEPT, NUMBER: INTEGER}, rows)
    places = [
        place
        for place, (_, hours) in enumerate(calendars.tables)
        if hours.table is not None and whole_ids(calendars.steps, hours.table) != texts
    ]
    if not places:
        return given
    ids = calendars.once(IDS, lambda: _ids(calendars))
    own = (nodes.Apply("in", (column(ids, SOURCE), *(whole(place) for place in places)), BOOL),)
    parts = (_copy(given, (NAME, TEXT), (NUMBER, WHOLE)), evolve(_copy(ids, (NAME, TEXT), (NUMBER, WHOLE)), where=own))
    every = calendars.steps.add("calendar_name_list", "names and ids of calendars", nodes.Union(parts))
    least = nodes.Reduce("min", (column(every, NUMBER),), None, WHOLE)
    columns = ((NAME, column(every, NAME, TEXT)), (NUMBER, least))
    select = nodes.Select(columns, nodes.Step(every), every, grouped=True, keys=1)
    return calendars.steps.add("calendar_numbers", "the calendar of each name", select)


def calendars_of(calendars: Calendars, given: str | None, off: dict[int, int], special: dict[int, int]) -> str:
    """The calendars that are given and those out of tables."""
    if not calendars.tables and given is not None:
        return given
    kept = (("number", WHOLE), ("zone", TEXT), *((name, WHOLE) for name in ("offset", "week", "off", "special")))
    parts = [] if given is None else [_copy(given, *kept)]
    for place, (lead, hours) in enumerate(calendars.tables):
        assert hours.table is not None
        table = TableRows(calendars, hours.table.table, "hours")
        number = table.number(place, hours.table.by)
        columns: list[tuple[str, nodes.Expression]] = [
            ("number", number),
            ("zone", Constant(hours.zone, TEXT)),
            ("offset", whole(dict(calendars.layout.moved).get(hours.name, 0))),
            ("week", number),
            ("off", whole(off[lead])),
            ("special", whole(special[lead])),
        ]
        parts.append(table.select(columns, (present(table.column(hours.table.by)),), distinct=True))
    return _all(calendars, "every_calendar", "business calendars, those out of tables too", parts)


def hours_of_week(calendars: Calendars, given: str | None) -> str:
    """The hours by weekday that are given and those out of tables; a shift that ends no later than it begins ends on the
    next day."""
    from kraforge.plan.table_hours import promised

    if not calendars.tables and given is not None:
        return given
    names = ("week", "weekday", *calendars.ends())
    parts = [] if given is None else [_copy(given, *((name, WHOLE) for name in names))]
    for place, (_, hours) in enumerate(calendars.tables):
        assert hours.table is not None
        table = TableRows(calendars, hours.table.table, "hours")
        number = table.number(place, hours.table.by)
        weekday, begins, ends = written(table, hours.table)
        nth = nodes.Over("row_number", (), (number, weekday), ((begins, False),), WHOLE)
        where = tuple(present(table.column(name)) for name in (hours.table.weekday, *hours.table.hours))
        columns = (("week", number), ("weekday", weekday), ("begins", begins), ("ends", ends), ("nth", nth))
        read = calendars.steps.add(f"hours of {hours.name}", "the shifts of a table", table.select(columns, where))
        parts.append(_beside(calendars, read))
        promised(calendars, hours)
    return _all(calendars, "every_hours_of_week", "working hours by weekday, those out of tables too", parts)


def _beside(calendars: Calendars, read: str) -> nodes.Select:
    """The shifts of each weekday side by side."""
    columns: list[tuple[str, nodes.Expression]] = [(name, column(read, name)) for name in ("week", "weekday")]
    for name in calendars.ends():
        end, n = name.split("_")
        own = equal(column(read, "nth"), whole(int(n)))
        columns.append((name, nodes.Reduce("max", (column(read, end),), own, WHOLE)))
    return nodes.Select(tuple(columns), nodes.Step(read), read, grouped=True, keys=2)


def _all(calendars: Calendars, name: str, note: str, parts: Sequence[nodes.Select], distinct: bool = False) -> str:
    """A step with the rows of all parts."""
    first = evolve(parts[0], distinct=distinct or parts[0].distinct)
    return calendars.steps.add(name, note, nodes.Union(tuple(parts), distinct) if len(parts) > 1 else first)


def written(table: TableRows, hours: TableHours) -> tuple[nodes.Expression, nodes.Expression, nodes.Expression]:
    """The weekday and both ends of a shift out of a table, as numbers."""
    weekday = nodes.Apply("_weekday_number", (table.column(hours.weekday),), WHOLE)
    begins, ends = (nodes.Apply("_clock_seconds", (table.column(name),), WHOLE) for name in hours.hours)
    over = nodes.Apply("less_equal", (ends, begins), BOOL)
    later = nodes.Choose(((over, plus(ends, whole(86_400))),), ends, WHOLE)
    return weekday, begins, later


def days_off(calendars: Calendars, given: str | None, led: Sequence[tuple[int, Hours]]) -> str | None:
    """Days off that are given, and those out of tables that hold for all of a calendar's like; None where there are none."""
    parts = [] if given is None else [_copy(given, ("off", WHOLE), ("day", DATE))]
    for number, hours in led:
        for place, table in enumerate(hours.holidays.tables):
            if hours.table is None or table.by is None:
                parts.append(_out_of_table(calendars, number, hours, table, f"days_off_{place}"))
    if len(parts) == (given is not None):
        return given
    return _all(calendars, "calendar_days_off", "days off, those out of tables too", parts, distinct=True)


def _out_of_table(calendars: Calendars, number: int, hours: Hours, table: TableHolidays, alias: str) -> nodes.Select:
    rows = TableRows(calendars, table.table, alias)
    day, where = _day(rows, hours, table)
    if table.by is not None:
        where.append(equal(named(rows.column(table.by)), Constant(hours.name, TEXT)))
    return rows.select((("off", whole(number)), ("day", day)), where)


def own_days_off(calendars: Calendars) -> str:
    """The days off that tables have for each calendar out of another."""
    parts = []
    for place, (_, hours) in enumerate(calendars.tables):
        for table in hours.holidays.tables:
            if table.by is not None:
                rows = TableRows(calendars, table.table, "days_off")
                day, where = _day(rows, hours, table)
                by = present(rows.column(table.by))
                parts.append(rows.select((("number", rows.number(place, table.by)), ("day", day)), (*where, by)))
    return _all(calendars, "calendar_own_days_off", "days off by calendar", parts, distinct=True)


def _day(rows: TableRows, hours: Hours, table: TableHolidays) -> tuple[nodes.Expression, list[nodes.Expression]]:
    """The day of a row of days off, and that it counts."""
    day = nodes.Apply("_date", (rows.column(table.day, DATE),), DATE)
    where = [present(day)]
    if hours.holidays.working:
        worked = tuple(Constant(each, DATE) for each in hours.holidays.working)
        where.append(nodes.Apply("not", (nodes.Apply("in", (day, *worked), BOOL),), BOOL))
    return day, where


def _copy(step: str, *columns: tuple[str, Type]) -> nodes.Select:
    return nodes.Select(tuple((name, column(step, name, type_)) for name, type_ in columns), nodes.Step(step), step)
