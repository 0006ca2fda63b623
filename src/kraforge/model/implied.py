"""What a catalog implies once all of it is read: columns of links, special days, populations that nobody writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from kraforge import types
from kraforge.errors import Mistake
from kraforge.model.declarations import Calendar, Column, Leave, Link, People, Table, TableGrain, Text, WorkCalendar
from kraforge.model.format_calendar import NamedCalendar
from kraforge.model.working import overlap
from kraforge.text import Place, nearest

WORKDAYS, LEAVE_DAYS, DAY, SCHEDULED, PERSON = "workdays", "leave_days", "day", "scheduled", "person"


def calendars(
    named: Mapping[str, NamedCalendar], own: WorkCalendar | None, mistakes: list[Mistake]
) -> dict[str, WorkCalendar]:
    """The named calendars, with the catalog's special days where they say none of their own."""
    made = {}
    for name, read in named.items():
        special = read.calendar.special if read.special or own is None else own.special
        made[name] = evolve(read.calendar, special=special)
        week = read.calendar.week if read.calendar.week is not None else own and own.week
        clash = None if read.calendar.table else overlap(made[name], week or None)
        if clash:
            mistakes.append(Mistake("catalog-shape", clash, read.place))
    return made


def tables(
    declared: Mapping[str, Table], calendar: Calendar, named: Mapping[str, WorkCalendar], mistakes: list[Mistake]
) -> dict[str, Table]:
    """The tables, with those and the parts of those that are implied."""
    made = _with_members({**_read_along(declared, calendar, named), **declared}, mistakes)
    made = {name: _with_links(table, made, mistakes) for name, table in made.items()}
    if mistakes:
        return made
    for table in _populations(calendar, made, mistakes):
        if table.name in made:
            message = f"'{table.name}' is defined twice: the calendar makes a table of that name"
            place = made[table.name].place
            notes = (f"the calendar: {table.place}",)
            mistakes.append(Mistake("duplicate-name", message, place, hint="rename the table", notes=notes))
        made.setdefault(table.name, table)
    return made


def _read_along(
    declared: Mapping[str, Table], calendar: Calendar, named: Mapping[str, WorkCalendar]
) -> dict[str, Table]:
    """The tables that only calendars, grains and links go through: they need no declaration."""
    found: dict[str, Place] = {}
    for table in declared.values():
        for link in table.links.values():
            found |= {} if link.through is None else {link.through: link.place.inside("through")}
    for work in (*named.values(), *([calendar.work] if calendar.work else [])):
        found |= {} if work.table is None else {work.table.table: work.place.inside("table")}
        holidays = work.holidays.tables if work.holidays else ()
        found |= {one.table: work.place.inside("holidays") for one in holidays}
    for grain in calendar.grains.values():
        found |= {grain.table: grain.place.inside("table")} if isinstance(grain, TableGrain) else {}
    made = {WORKDAYS, LEAVE_DAYS, *calendar.expected}
    return {name: Table(name, place=place) for name, place in found.items() if name not in made}


def _no_table(name: str, known: Mapping[str, Table], place: Place) -> Mistake:
    near = nearest(name, known)
    hint = f"did you mean '{near}'?" if near else None
    return Mistake("unknown-table", f"no table is named '{name}'", place, hint=hint)


# ---- members


def _with_members(tables: Mapping[str, Table], mistakes: list[Mistake]) -> dict[str, Table]:
    """The tables, with the column and key of those made of members, and the links to them that are implied."""
    made = dict(tables)
    for table in tables.values():
        if table.members is None:
            continue
        home, column = table.members
        place = table.place.inside("members")
        if home not in tables:
            mistakes.append(_no_table(home, tables, place))
            continue
        if tables[home].members is not None:
            message = f"table '{home}' is made of members itself"
            mistakes.append(Mistake("unsupported", message, place, hint="name the column that they are made of"))
            continue
        declared = tables[home].columns.get(column)
        columns = {column: evolve(declared, source=None, place=table.place)} if declared else {}
        made[table.name] = evolve(table, key=(column,), columns=columns)
        links = made[home].links
        if any(link.to == table.name and link.by == (column,) for link in links.values()):
            continue
        if any(table.name in names for names in (links, made[home].columns, made[home].fields)):
            message = f"table '{home}' gets a link named '{table.name}', but has another thing of that name"
            hint = f"declare the link under another name: {{to: {table.name}, by: {column}}}"
            mistakes.append(Mistake("duplicate-name", message, place, hint=hint))
            continue
        link = Link(table.name, table.name, (column,), place=place)
        made[home] = evolve(made[home], links={**links, table.name: link})
    return made


# ---- links


def _with_links(table: Table, tables: Mapping[str, Table], mistakes: list[Mistake]) -> Table:
    """The table, its links through another with the columns that they leave out: named as the keys are."""
    if all(link.through is None for link in table.links.values()):
        return table
    return evolve(
        table, links={name: _with_columns(link, table, tables, mistakes) for name, link in table.links.items()}
    )


def _with_columns(link: Link, table: Table, tables: Mapping[str, Table], mistakes: list[Mistake]) -> Link:
    target = tables.get(link.to)
    if link.through is None or target is None:
        return link
    for part, columns, home in (("match", link.match, table), ("by", link.by, target)):
        if not columns and not home.key:
            message = f"the link needs '{part}': table '{home.name}' has no key to take its name from"
            mistakes.append(Mistake("missing-key", message, link.place, hint="name the columns of the table between"))
    match, by = link.match or table.key, link.by or target.key
    if match == by and match and not (link.match and link.by):
        message = f"the link needs 'match' and 'by': both would be '{', '.join(match)}'"
        mistakes.append(Mistake("missing-key", message, link.place, hint="name the columns of the table between"))
    return evolve(link, match=match, by=by)


# ---- populations of days


def _populations(calendar: Calendar, tables: Mapping[str, Table], mistakes: list[Mistake]) -> Iterator[Table]:
    """`workdays`, `leave_days` and what is expected."""
    people = calendar.people
    if people is not None:
        for name in (WORKDAYS, LEAVE_DAYS)[: 2 if people.leave else 1]:
            yield from _days(name, people, tables, (DAY,), people.place, mistakes)
    for name, expected in calendar.expected.items():
        yield from _days(name, expected.of, tables, (DAY, SCHEDULED), expected.place, mistakes)


def _days(
    name: str,
    people: People | None,
    tables: Mapping[str, Table],
    days: tuple[str, ...],
    place: Place,
    mistakes: list[Mistake],
) -> Iterator[Table]:
    """A table with a row for each day, of each person where there are people; the last of `days` is of its key."""
    columns = {day: Column(day, types.DATE, place=place) for day in days}
    date = Text(DAY, place)
    if people is None:
        yield Table(name, columns, days[-1:], date, made=name, place=place)
        return
    home = tables.get(people.table)
    if home is None:
        wrong = _no_table(people.table, tables, people.place.inside("table"))
        mistakes += [] if wrong in mistakes else [wrong]
        return
    if not home.key:
        message = f"the people's table '{home.name}' has no key to name a person by"
        mistakes.append(Mistake("missing-key", message, people.place, hint=f"give tables.{home.name} its 'key'"))
        return
    for column in (column for column in home.key if column in (*days, PERSON)):
        message = f"'{name}' has a {'link' if column == PERSON else 'column'} named '{column}' besides the people's key"
        hint = f"declare it under another name: columns: {{{column}_id: {{type: text, column: {column}}}}}"
        mistakes.append(Mistake("duplicate-name", message, people.place, hint=hint))
    declared = {column: home.columns[column] for column in home.key if column in home.columns}
    columns |= {column: evolve(one, source=None, place=place) for column, one in declared.items()}
    link = Link(PERSON, home.name, home.key, place=place)
    yield Table(name, columns, (*home.key, days[-1]), date, links={PERSON: link}, made=name, place=place)


def calendar(declared: Calendar, tables: Mapping[str, Table], mistakes: list[Mistake]) -> Calendar:
    """The calendar, its people's leave by a table's event date where it says no range."""
    people = declared.people
    if people is None:
        return declared
    made = evolve(people, leave=tuple(_leave(leave, tables, mistakes) for leave in people.leave))
    expected = {name: evolve(due, of=made) if due.of == people else due for name, due in declared.expected.items()}
    return evolve(declared, people=made, expected=expected)


def _leave(leave: Leave, tables: Mapping[str, Table], mistakes: list[Mistake]) -> Leave:
    home = tables.get(leave.table)
    if home is None:
        mistakes.append(_no_table(leave.table, tables, leave.during.place))
    elif not leave.during.text and home.date is None:
        message = f"leave table '{home.name}' has no event date, so it needs 'during'"
        hint = f"write {{table: {home.name}, during: starts_on .. ends_on}}"
        mistakes.append(Mistake("missing-key", message, leave.during.place, hint=hint))
    elif not leave.during.text and home.date is not None:
        date = home.date
        return evolve(leave, during=Text(f"({date.text}) .. ({date.text})", date.place))
    return leave
