"""Populations of days: who works when, who is on leave, what is due. Person by person, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kraforge.model.declarations import Expected, People, Table
from naive import calendars
from naive.calendars import nowhere, placed
from naive.data import Placed, Row
from naive.worktime import DAY, Schedule

if TYPE_CHECKING:
    from naive.evaluate import Evaluator


def records(e: Evaluator, table: Table) -> list[dict[str, Any]]:
    """The rows of a table that a declaration makes."""
    calendar = e.declarations.calendar
    assert table.made is not None
    if table.made in calendar.expected:
        return list(due(e, calendar.expected[table.made]))
    assert calendar.people is not None
    return list(worked(e, calendar.people, leave=table.made == "leave_days"))


def worked(e: Evaluator, people: People, leave: bool) -> Iterator[dict[str, Any]]:
    """A row for each person and working day while the person is there: those at work, or those on leave."""
    for person in calendars.counted(e, people.table):
        away = calendars.leave(e, person)
        for day, schedule in scheduled(e, people, person, there(e, people, person)):
            if schedule is not None and schedule.works(day) and (day in away) == leave:
                yield {"day": day, **named(e, person)}


def scheduled(
    e: Evaluator, people: People, person: Row, days: list[dt.date]
) -> Iterator[tuple[dt.date, Schedule | None]]:
    """Days with the calendar that a person has then: another one where a link with history leads to it."""
    changes = any(link.valid for table in e.data.tables.values() for link in table.links.values())
    always = None if changes else calendars.at_work(e, people, placed(person), nowhere())
    for day in days:
        yield day, calendars.at_work(e, people, Placed(person, day), nowhere()) if changes else always


def named(e: Evaluator, person: Row) -> dict[str, Any]:
    return {column: person.values.get(column) for column in e.data.tables[person.table].key}


def there(e: Evaluator, people: People, person: Row) -> list[dt.date]:
    """The days that a person is there, as far as the calendar goes."""
    low, high = e.reach
    if people.during is None:
        return [low + number * DAY for number in range((high - low).days + 1)]
    return calendars.span(e, people.during, person, low, high)


def due(e: Evaluator, expected: Expected) -> Iterator[dict[str, Any]]:
    """A row for each day of the rule, and person who is there on it; a day without work may move or fall away."""
    from dateutil.rrule import rrulestr

    first = dt.datetime.combine(expected.start, dt.time())
    last = dt.datetime.combine(e.reach[1], dt.time())
    rule = rrulestr(expected.rule, dtstart=first)
    days = {moment.date() for moment in rule.between(first, last, inc=True)}
    people = expected.of
    for person in calendars.counted(e, people.table) if people else [None]:
        valid = set(there(e, people, person)) if people and person and people.during else days
        for day in sorted(days & valid):
            when = moved(e, expected, person, day)
            if when is not None:
                yield {"scheduled": day, "day": when, **(named(e, person) if person else {})}


def moved(e: Evaluator, expected: Expected, person: Row | None, day: dt.date) -> dt.date | None:
    """When something is due that the rule puts on a day; None where it falls away."""
    if expected.off == "keep":
        return day
    schedule = calendar_of(e, expected, person, day)
    if schedule is not None and schedule.works(day):
        return day
    if schedule is None or expected.off == "skip":
        return None
    return schedule.nth(day, 1 if expected.off == "next" else -1, e.reach)


def calendar_of(e: Evaluator, expected: Expected, person: Row | None, day: dt.date) -> Schedule | None:
    """The person's calendar, else the one named, else the catalog's own. Leave does not matter."""
    people = expected.of
    if people is not None and person is not None and people.calendar is not None:
        ((_, found),) = scheduled(e, people, person, [day])
        return found
    return calendars.declared(e, expected.calendar, None) if expected.calendar else calendars.own(e)
