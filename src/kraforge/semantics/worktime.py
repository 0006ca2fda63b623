"""Business time: which calendar a call goes by, and moments where days meet timestamps."""

from __future__ import annotations

from kraforge.model.declarations import Link, Text, WorkCalendar
from kraforge.model.workdays import hours_of
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.hops import key_of
from kraforge.semantics.linked import linked
from kraforge.semantics.members import walk
from kraforge.semantics.moments import day, moment
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.rows import prefix
from kraforge.semantics.scope import Row, Scope
from kraforge.semantics.units import apply
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import TEXT

OWN = bound.Constant("", TEXT)
"""The catalog's own calendar."""


def business(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """A call of a function of business time, its calendar always the third argument."""
    name = node.name.text
    if scope.mode != "plain":
        hint = "ask for it as a KPI of its own, or declare a row field"
        binding.fail("level-mismatch", f"{name}() stands where no calendar can be looked up", scope, node.span, hint)
    first, second, *third = node.arguments
    spans = [argument.span for argument in node.arguments]
    operands = binding.all((first, second), scope)
    calendar = calendar_of(binding, third[0], scope) if third else _own_calendar(binding, scope, node.span)
    if isinstance(calendar, bound.Call) and calendar.function == "_person" and name.startswith("add_"):
        hint = "name that person's calendar"
        binding.fail("wrong-arguments", f"{name}() goes by a calendar, not by a person", scope, spans[-1], hint)
    if name == "business_days":
        operands = [day(operand) for operand in operands]
    elif name == "business_hours":
        operands = [moment(operand) for operand in operands]
    elif name == "add_business_hours":
        operands[0] = moment(operands[0])
    return apply(binding, name, (*operands, calendar), scope, node.span, spans)


def calendar_of(binding: Binding, written: nodes.Argument, scope: Scope) -> bound.Expression:
    """A calendar as written: a declared name, what gives a row's name or id of one, or a link to a person."""
    target = binding.deref(written, scope)
    node, scope = target.node, target.scope
    declared = binding.declarations.calendars
    if isinstance(node, nodes.Path) and len(node.names) == 1 and node.names[0].text in declared:
        return _named(binding, declared[node.names[0].text], node.names[0], scope)
    if isinstance(node, nodes.Constant) and node.kind == "text" and node.value not in declared:
        notes = listed("calendars", declared)
        hint = suggestion(str(node.value), declared)
        binding.fail("unknown-name", f"no calendar is called '{node.value}'", scope, node.span, hint, notes)
    if isinstance(node, nodes.Path) and (led := _led(binding, node, scope)) is not None:
        return _person(binding, node, scope, *led)
    found = binding.bind(node, scope)
    if isinstance(found, bound.Constant) and found.type.kind == "text":
        if found.value not in declared:
            message, notes = f"no calendar is called '{found.value}'", listed("calendars", declared)
            binding.fail("unknown-name", message, scope, node.span, suggestion(str(found.value), declared), notes)
        return found
    by_number = (found.type.kind == "count" or found.type.whole) and not isinstance(found, bound.Constant)
    if found.type.kind not in ("text", "missing") and not by_number:
        hint = "a calendar is named by text, or by a whole number"
        binding.fail("type-mismatch", f"a calendar is needed, not {found.type}", scope, node.span, hint)
    _may_be(binding, found, scope, node.span)
    return found


def _may_be(binding: Binding, found: bound.Expression, scope: Scope, span: Span) -> None:
    """Refuses what can name no calendar at all, or one that has no working week."""
    declared, values = binding.declarations.calendars, found.type.values
    named = [name for name in declared if values is None or name in values] if found.type.kind == "text" else []
    named = [name for name in named if declared[name].table is None]
    if found.type.kind != "missing" and not named and all(each.table is None for each in declared.values()):
        hint = "declare calendars, or name a column with a calendar's name or id"
        notes = (*listed("calendars", declared), *(listed("values", values) if values else ()))
        binding.fail("type-mismatch", "no value of this is the name of a calendar", scope, span, hint, notes)
    for name in named:
        _needs_week(binding, name, scope, span)


def _named(binding: Binding, calendar: WorkCalendar, name: nodes.Name, scope: Scope) -> bound.Expression:
    """A declared calendar; one out of a table is the row's own, by the column that is called like its id's."""
    if calendar.table is not None:
        return binding.bind(nodes.Path((nodes.Name(calendar.table.by, name.span),), name.span), scope)
    _needs_week(binding, calendar.name, scope, name.span)
    return bound.Constant(calendar.name, TEXT)


def _needs_week(binding: Binding, name: str, scope: Scope, span: Span) -> None:
    if hours_of(binding.declarations, name) is None:
        what = f"the calendar {name} has no working week" if name else "the catalog's calendar has no working week"
        hint = 'declare it: calendar: {working_week: {monday-friday: "09:00-17:00"}}'
        binding.fail("no-working-week", what, scope, span, hint)


def _own_calendar(binding: Binding, scope: Scope, span: Span) -> bound.Expression:
    """The calendar of the innermost row whose table says one, else the catalog's own."""
    for row in reversed(scope.rows):
        if binding.declarations.tables[row.table].calendar is not None:
            found = binding.catalog.calendar(row.table)
            return prefix(found, (), row.table, row.number, binding.numbers)
    _needs_week(binding, "", scope, span)
    return OWN


def _person(
    binding: Binding, node: nodes.Path, scope: Scope, row: Row, names: tuple[nodes.Name, ...], links: tuple[Link, ...]
) -> bound.Expression:
    """A path of links to a person: that person's calendar and key."""
    people, to = binding.declarations.calendar.people, links[-1].to
    if people is None or to != people.table:
        hint = (
            "declare calendar.people for calendars of persons"
            if people is None
            else f"a person is one of {people.table}"
        )
        message = f"a calendar is needed: {node.names[-1].text} leads to a row of {to}, which is none"
        binding.fail(
            "type-mismatch", message, scope, node.span, f"{hint}; or name a column with a calendar's name or id"
        )
    known = binding.catalog.people("workdays")
    if known is None or known.calendar is None:
        _needs_week(binding, "", scope, node.span)
        calendar: bound.Expression = OWN
    else:
        calendar = linked(binding.catalog, known.calendar, links, row.table, row.number, binding.numbers)
    key = key_of(binding.declarations.tables[to])
    keys = [walk(binding, row, (*names, nodes.Name(name, node.span)), node.span, scope) for name in key]
    return bound.Call("_person", (calendar, *keys), TEXT, node.span)


def _led(
    binding: Binding, node: nodes.Path, scope: Scope
) -> tuple[Row, tuple[nodes.Name, ...], tuple[Link, ...]] | None:
    """The row that a path of nothing but links starts from, its names from there, and the links."""
    tables, names = binding.declarations.tables, node.names
    seen = list(reversed(scope.sees))
    row = seen[0] if seen and names[0].text in tables[seen[0].table].links else None
    if row is None:
        hidden = [row for row in reversed(scope.rows) if row not in seen]
        row, names = next((row for row in (*seen, *hidden) if row.table == names[0].text), None), names[1:]
    links: list[Link] = []
    at = None if row is None else row.table
    for name in names:
        link = None if at is None else tables[at].links.get(name.text)
        if link is None or link.to not in tables:
            return None
        links.append(link)
        at = link.to
    return (row, names, tuple(links)) if row is not None and links else None


def of_table(binding: Binding, table: str, text: Text) -> bound.Expression:
    """What a table or the people declare as the calendar of a row, over row 0."""
    row = Row(0, table)
    scope = Scope(text, rows=(row,), sees=(row,))
    return calendar_of(binding, binding.catalog.tree(text), scope)


def calendar(binding: Binding, table: str) -> bound.Expression:
    """The calendar of a table's rows, over its row 0."""
    text = binding.declarations.tables[table].calendar
    assert text is not None
    return of_table(binding, table, text)
