"""Which calendar business time goes by: the catalog's own, a named one, one out of a table, a person's."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kraforge.model.declarations import Holidays, Leave, People, TableHours, Text, WorkCalendar
from kraforge.syntax import nodes
from naive import links, names
from naive.calendar import Bounds
from naive.context import Context, Scope
from naive.data import Placed, Row
from naive.values import NaiveError, local_date, same
from naive.worktime import FIRST, LAST, Reach, Schedule, Shifts

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

DAY = dt.timedelta(days=1)
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def own(e: Evaluator) -> Schedule:
    """The catalog's own calendar."""
    return declared(e, "", None)


def declared(e: Evaluator, name: str, of: Any) -> Schedule:
    """The calendar of a name; one out of a table also has an id. What it leaves out is the catalog's own."""
    key = (name, of)
    if key not in e.schedules:
        base = e.declarations.calendar.work or WorkCalendar()
        asked = e.declarations.calendars[name] if name else base
        week = hours(e, asked.table, of) if asked.table else asked.week or base.week
        if week is None:
            raise NaiveError("no-working-week", name)
        special = {day: tuple((shift.start, shift.end) for shift in shifts) for day, shifts in asked.special}
        zone = ZoneInfo(asked.timezone or base.timezone or e.declarations.calendar.timezone)
        given = base.holidays if asked.holidays is None else asked.holidays
        whose = name if of is None else of
        e.schedules[key] = Schedule(zone, plain(week), special, off(e, given or Holidays(), whose))
    return e.schedules[key]


def plain(week: Any) -> tuple[Shifts, ...]:
    """The shifts of each weekday as pairs of seconds."""
    return tuple(tuple(s if isinstance(s, tuple) else (s.start, s.end) for s in shifts) for shifts in week)


def off(e: Evaluator, holidays: Holidays, whose: Any) -> Callable[[dt.date], bool]:
    """Whether a day is one without work."""
    listed = set(holidays.days)
    for table in holidays.tables:
        for row in counted(e, table.table):
            day = row.values.get(table.day)
            if day is not None and (table.by is None or same(row.values.get(table.by), whose)):
                listed.add(local_date(day))

    def is_off(day: dt.date) -> bool:
        if day in holidays.working:
            return False
        return day in listed or any(
            day in public(one.country, one.subdivision, one.observed, day.year) for one in holidays.countries
        )

    return is_off


@cache
def public(country: str, subdivision: str | None, observed: bool, year: int) -> frozenset[dt.date]:
    """The public holidays of a country in a year, days in lieu of those in January or December among them."""
    import holidays

    with warnings.catch_warnings(action="ignore"):
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=[year - 1, year, year + 1], observed=observed
        )
    return frozenset(day for day in found if day.year == year)


def counted(e: Evaluator, table: str) -> list[Row]:
    """The rows of a table that pass its own `where`."""
    return [row for row in e.data.rows(table) if names.belongs(e, placed(row), nowhere())]


def placed(row: Row) -> Placed:
    """A row that no date has put anywhere."""
    return Placed(row, links.UNDATED)


def nowhere() -> Context:
    """A context without a period."""
    return Context(Bounds(None, None), Bounds(None, None), None)


def hours(e: Evaluator, table: TableHours, of: Any) -> tuple[Shifts, ...]:
    """The week of one calendar of a table: a row for each shift."""
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for row in counted(e, table.table):
        if not same(row.values.get(table.by), of):
            continue
        day, start, end = (row.values.get(column) for column in (table.weekday, *table.hours))
        if day is None or start is None or end is None:
            continue
        first, last = seconds(start), seconds(end)
        number = WEEKDAYS.index(day.strip().lower()) if isinstance(day, str) and not day.isdigit() else int(day) - 1
        week[number].append((first, last if last > first else last + 86400))
    return tuple(tuple(sorted(shifts)) for shifts in week)


def seconds(time: Any) -> int:
    """A time of day as seconds from midnight; `24:00` is its end."""
    if isinstance(time, str):
        parts = [int(part) for part in time.strip().split(":")]
        return sum(part * size for part, size in zip(parts, (3600, 60, 1), strict=False))
    return int(time)


def ids(e: Evaluator, table: TableHours) -> list[Any]:
    """The ids that a table has calendars for."""
    return [row.values.get(table.by) for row in counted(e, table.table)]


def of_value(e: Evaluator, value: Any) -> Schedule | None:
    """The calendar of a name, or of an id that a table has; None where it is missing or unknown."""
    if value is None:
        return None
    calendars = e.declarations.calendars
    if isinstance(value, str) and value in calendars and calendars[value].table is None:
        return declared(e, value, None)
    for name, calendar in calendars.items():
        if calendar.table and any(same(value, known) for known in ids(e, calendar.table)):
            return declared(e, name, value)
    return None


def of_node(e: Evaluator, node: nodes.Argument, scope: Scope, context: Context) -> Schedule | None:
    """The calendar that a formula names: bare, by a link to a person, or by what it gives for a row."""
    name = node.names[0].text if isinstance(node, nodes.Path) and len(node.names) == 1 else None
    if name in scope.arguments:
        inner, outer = scope.arguments[name]
        return of_node(e, inner, replace(outer, rows=scope.rows), context)
    if name in e.declarations.calendars and not (scope.rows and names.declared(e, scope.rows[-1][0], name)):
        table = e.declarations.calendars[name].table
        if table is None:
            return declared(e, name, None)
        return of_value(e, scope.rows[-1][1].values.get(table.by))
    if isinstance(node, nodes.Path) and (found := linked(e, node, scope)):
        person = walked(e, *found, context)
        return of_person(e, person, context) if person else None
    return of_value(e, e.value(node, scope, context))


def linked(e: Evaluator, node: nodes.Path, scope: Scope) -> tuple[Placed, list[str]] | None:
    """The row and the links to a person, where a path is such links alone."""
    people = e.declarations.calendar.people
    if people is None or not scope.rows:
        return None
    path = [name.text for name in node.names]
    table, row = scope.rows[-1]
    if path[0] not in e.data.tables[table].links:
        outer = [one for one in scope.rows if one[0] == path[0]]
        if not outer or len(path) < 2:
            return None
        (table, row), path = outer[-1], path[1:]
    for name in path:
        link = e.data.tables[table].links.get(name)
        if link is None:
            return None
        table = link.to
    return (row, path) if table == people.table else None


def walked(e: Evaluator, row: Placed, path: list[str], context: Context) -> Placed | None:
    return names.walk(e, row, e.data.links(row.table, path), context)


def of_person(e: Evaluator, person: Placed, context: Context) -> Schedule | None:
    """A person's calendar less that person's leave; None where the calendar is missing or unknown."""
    people = e.declarations.calendar.people
    assert people is not None
    schedule = at_work(e, people, person, context)
    if schedule is None:
        return None
    key = (schedule, person.row)
    if key not in e.schedules:
        e.schedules[key] = schedule.without(leave(e, person.row))
    return e.schedules[key]


def at_work(e: Evaluator, people: People, person: Placed, context: Context) -> Schedule | None:
    """A person's calendar, leave or not."""
    return own(e) if people.calendar is None else of_text(e, people.calendar.text, person, context)


def of_text(e: Evaluator, text: str, row: Placed, context: Context) -> Schedule | None:
    """The calendar that a formula of the catalog gives for a row."""
    from naive.evaluate import parsed

    return of_node(e, parsed(text), Scope(text, rows=((row.table, row),)), context)


def of_rows(e: Evaluator, scope: Scope, context: Context) -> Schedule | None:
    """The calendar where none is written: of the innermost row whose table has one, else the catalog's own."""
    for table, row in reversed(scope.rows):
        if text := e.data.tables[table].calendar:
            return of_text(e, text.text, row, context)
    return own(e)


def leave(e: Evaluator, person: Row) -> frozenset[dt.date]:
    """The days that a person is on leave."""
    people = e.declarations.calendar.people
    assert people is not None
    found: set[dt.date] = set()
    for one in people.leave:
        for row in counted(e, one.table):
            if whose(e, one, row) is person:
                found |= set(span(e, one.during, row, FIRST, LAST))
    return frozenset(found)


def whose(e: Evaluator, one: Leave, row: Row) -> Row | None:
    """The person that a row of leave is of."""
    people = e.declarations.calendar.people
    assert people is not None
    route = e.data.links(one.table, [one.link]) if one.link else e.data.route(one.table, people.table, None)
    assert route is not None
    found = names.walk(e, placed(row), route, nowhere())
    return found.row if found else None


def span(e: Evaluator, written: Text, row: Row, low: dt.date, high: dt.date) -> list[dt.date]:
    """The days of a range over a row between two days: without a beginning none, without an end up to the second day."""
    begin, end, range_ = links.ends(e, row, written, nowhere())
    if range_.low is not None and begin is None:
        return []
    first = low if begin is None else max(low, local_date(begin))
    last = high
    if end is not None:
        last = min(high, local_date(end) if range_.closed else local_date(end) - DAY)
    return [first + number * DAY for number in range((last - first).days + 1)]


def reach(e: Evaluator) -> Reach:
    """How far calendars go: from two years before the first date that there is to two years after the last."""
    dates = [*e.data.extremes, *([e.as_of] if e.as_of else [])]
    if e.whole is not None:
        dates += [local_date(day) for day in (e.whole.bounds.start, e.whole.bounds.end) if day is not None]
    low, high = min(dates, default=FIRST), max(dates, default=LAST)
    first = FIRST if low.year - 2 < FIRST.year else low.replace(year=low.year - 2, day=min(low.day, 28))
    last = LAST if high.year + 2 > LAST.year else high.replace(year=high.year + 2, day=min(high.day, 28))
    return first, last
