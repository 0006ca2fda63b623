"""Populations of days: whose workdays there are, when they were there, when on leave, by which calendar."""

from __future__ import annotations

from functools import partial

from attrs import evolve

from kraforge.errors import Mistake, Mistakes
from kraforge.model import recurrence
from kraforge.model.declarations import Declarations, Expected, Leave, Link, People
from kraforge.model.workdays import hours_of
from kraforge.semantics import bound, reach, worktime
from kraforge.semantics.binder import Binder
from kraforge.semantics.binding import Catalog
from kraforge.semantics.links import stretch
from kraforge.semantics.problems import Stop, listed, suggestion
from kraforge.text import Place
from kraforge.types import TEXT


def declared(declarations: Declarations, made: str) -> tuple[People | None, Expected | None]:
    """The declaration that a made table is made of: its people, and what is expected where it is that."""
    expected = declarations.calendar.expected.get(made)
    return (declarations.calendar.people, None) if expected is None else (expected.of, expected)


def people(binder: Binder, made: str) -> bound.BoundPeople | None:
    """The people of a made table with what says when they are there; None for a table of days alone."""
    known, expected = declared(binder.declarations, made)
    if expected is not None:
        _sound(binder, expected)
    place = expected.place if expected is not None else binder.declarations.calendar.place.inside("people")
    named = "" if expected is None else expected.calendar or ""
    if known is None or known.calendar is None:
        _needs_week(binder, expected, named, place)
    if known is None:
        return None
    tables = binder.declarations.tables
    if known.table not in tables:
        message, names = f"no table is called '{known.table}'", listed("tables", tables)
        hint = suggestion(known.table, tables)
        binder.log.add(Mistake("unknown-table", message, known.place.inside("table"), None, None, hint, names))
        raise Stop
    if not tables[known.table].key:
        message = f"the people's table {known.table} needs a key"
        binder.log.add(Mistake("missing-key", message, known.place.inside("table"), hint="declare its key"))
        raise Stop
    during = None if known.during is None else stretch(binder, known.table, known.during)
    calendar = None if known.calendar is None else worktime.of_table(binder, known.table, known.calendar)
    if isinstance(calendar, bound.Constant):
        _needs_week(binder, expected, str(calendar.value), place)
    # leave does not change what is expected
    away = known.leave if expected is None else ()
    leave = binder.each([partial(_leave, binder, known, one) for one in away])
    return bound.BoundPeople(known.table, during, tuple(leave), calendar)


def _sound(binder: Binder, expected: Expected) -> None:
    """That what is expected has a rule and a calendar that there are."""
    wrong = recurrence.mistake(expected.rule, expected.start)
    if wrong is not None:
        binder.log.add(Mistake("bad-recurrence", wrong[0], expected.place.inside("rule"), hint=wrong[1]))
    names = binder.declarations.calendars
    if expected.calendar is not None and expected.calendar not in names:
        message, hint = f"no calendar is called '{expected.calendar}'", suggestion(expected.calendar, names)
        place = expected.place.inside("calendar")
        binder.log.add(Mistake("unknown-name", message, place, None, None, hint, listed("calendars", names)))
    if binder.log.mistakes:
        raise Stop


def _needs_week(binder: Binder, expected: Expected | None, name: str, place: Place) -> None:
    """That the calendar that days go by has a working week; days that stay where they are go by none."""
    if expected is not None and expected.off == "keep":
        return
    if name in ("", *binder.declarations.calendars) and hours_of(binder.declarations, name) is None:
        what = f"the calendar {name} has no working week" if name else "the catalog's calendar has no working week"
        hint = 'declare it: calendar: {working_week: {monday-friday: "09:00-17:00"}}'
        binder.log.add(Mistake("no-working-week", what, place, hint=hint))
        raise Stop


def _leave(binder: Binder, known: People, leave: Leave) -> bound.BoundLeave:
    """A table of leave: its days, and the links that lead to the people."""
    place = leave.during.place if str(leave.during.place) else known.place.inside("leave")
    tables = binder.declarations.tables
    if leave.table not in tables:
        message, names = f"no table is called '{leave.table}'", listed("tables", tables)
        hint = suggestion(leave.table, tables)
        binder.log.add(Mistake("unknown-table", message, place, None, None, hint, names))
        raise Stop
    links = _way(binder, known.table, leave, place)
    if not all(link.plain for link in links):
        message = f"the link from {leave.table} to {known.table} must hold the person's key itself"
        binder.log.add(Mistake("unsupported", message, place, hint="name such a link with the key 'link'"))
        raise Stop
    return bound.BoundLeave(leave.table, stretch(binder, leave.table, leave.during), links)


def _way(binder: Binder, people_table: str, leave: Leave, place: Place) -> tuple[Link, ...]:
    links = binder.declarations.tables[leave.table].links
    if leave.link is not None:
        link = links.get(leave.link)
        if link is not None and link.to == people_table:
            return (link,)
        message = f"{leave.table} has no link '{leave.link}' to {people_table}"
        hint = suggestion(leave.link, links)
        binder.log.add(Mistake("unknown-link", message, place, None, None, hint, listed("links", links)))
        raise Stop
    try:
        return reach.route(binder.catalog, leave.table, people_table)
    except Mistakes as error:
        binder.log.add(evolve(error.mistakes[0], place=place, hint="name the link to the people with the key 'link'"))
        raise Stop from None


def calendars(catalog: Catalog, made: str) -> tuple[bound.Expression, ...]:
    """What gives the calendars that a made table goes by, over row 0 of its people."""
    people, expected = catalog.people(made), catalog.declarations.calendar.expected.get(made)
    if expected is not None and expected.off == "keep":
        return ()
    named = bound.Constant("" if expected is None else expected.calendar or "", TEXT)
    return (named,) if people is None or people.calendar is None else (named, people.calendar)
