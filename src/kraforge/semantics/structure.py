"""What can be wrong with a catalog outside its formulas: links, keys, columns, names; and macros as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kraforge.errors import Mistake
from kraforge.functions import AGGREGATES, CONTEXTS, SCALARS
from kraforge.model.declarations import Declarations, Table
from kraforge.semantics import structure_calendars, structure_links
from kraforge.semantics.binder import Binder
from kraforge.semantics.calls import LATER
from kraforge.semantics.problems import Key, listed, suggestion
from kraforge.semantics.scope import Scope
from kraforge.semantics.structure_links import Known
from kraforge.syntax import nodes
from kraforge.syntax.grammar import tables
from kraforge.syntax.walk import children
from kraforge.text import Place
from kraforge.types import Storage, Type

Columns = Callable[[str], Mapping[str, Type]]


def mistakes(
    declarations: Declarations, schemas: Mapping[str, Mapping[str, Storage]], columns: Columns
) -> list[Mistake]:
    """Everything wrong with tables and calendars: links, keys, members, what they are read from, names that stand twice."""
    known = Known(declarations, schemas, columns)
    found: list[Mistake] = []
    for table in declarations.tables.values():
        found += _names(table)
        found += _members(known, table)
        found += known.lacking(table.name, table.key, f"the key of {table.name}", table.place)
        for link in table.links.values():
            found += structure_links.mistakes(known, table, link)
    return [*found, *structure_calendars.mistakes(known)]


def _names(table: Table) -> Iterator[Mistake]:
    for name in table.fields:
        for word, names in (("column", table.columns), ("link", table.links)):
            if name in names:
                message = f"'{name}' of {table.name} is a {word} and a field"
                yield Mistake("duplicate-name", message, table.fields[name].place, hint="rename one of the two")


def _members(known: Known, table: Table) -> Iterator[Mistake]:
    if table.members is None:
        return
    source, column = table.members
    place = table.place.inside("members")
    columns = known.columns
    if source not in known.declarations.tables:
        yield from known.no_table(source, place)
    elif columns(source) and column not in columns(source):
        yield Mistake(
            "unknown-column",
            f"table '{source}' has no column '{column}'",
            place,
            None,
            None,
            suggestion(column, columns(source)),
            listed("columns", columns(source)),
        )


def function(binder: Binder, name: str) -> None:
    """Checks a macro by itself: the functions that it calls, and that it does not lead back to itself."""
    macro = binder.declarations.functions[name]
    if name in AGGREGATES or name in CONTEXTS or (name in SCALARS and name not in tables().words):
        message = f"'{name}' is a function of the language"
        binder.log.add(Mistake("duplicate-name", message, macro.place, hint="give the function another name"))
    for word in (name, *macro.parameters):
        if word in tables().words:
            message = f"'{word}' is a word of the language; it names no function and no argument"
            binder.log.add(Mistake("syntax", message, macro.place, hint="give it another name"))
    scope = Scope(macro.formula)
    functions = binder.declarations.functions
    known = {*functions, *AGGREGATES, *CONTEXTS, *LATER, "expected"}
    known |= {scalar.name for scalar in SCALARS.values() if not scalar.operator}
    waiting: list[nodes.Argument | nodes.Modifier] = [binder.catalog.tree(macro.formula)]
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        if isinstance(node, nodes.Call):
            called = node.name.text
            if called not in known:
                binder.tell(
                    "unknown-function",
                    f"no function is called '{called}'",
                    scope,
                    node.name.span,
                    suggestion(called, known),
                )
            elif called in LATER:
                message = f"{called}() needs {LATER[called]}, which this version does not have"
                binder.tell("unsupported", message, scope, node.name.span)


def place_of(declarations: Declarations, key: Key) -> Place:
    """Where a definition stands."""
    kind, *names = key
    match kind:
        case "kpi":
            return declarations.kpis[names[0]].versions[0].value.place
        case "field":
            return declarations.tables[names[0]].fields[names[1]].place
        case "dimension":
            return declarations.dimensions[names[0]].place
        case "parameter":
            return declarations.parameters[names[0]].place
        case "people":
            expected = declarations.calendar.expected.get(names[0])
            return declarations.calendar.place.inside("people") if expected is None else expected.place
        case _:
            return declarations.tables[names[0]].place
