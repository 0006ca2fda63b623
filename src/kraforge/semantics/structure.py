"""What can be wrong with a catalog outside its formulas: links, keys, columns, names; and macros as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kraforge.errors import Mistake
from kraforge.functions import AGGREGATES, CONTEXTS, SCALARS
from kraforge.model.declarations import Declarations, Link, Table
from kraforge.semantics.binder import Binder
from kraforge.semantics.calls import LATER
from kraforge.semantics.problems import Key, listed, suggestion
from kraforge.semantics.scope import Scope
from kraforge.syntax import nodes
from kraforge.syntax.grammar import tables
from kraforge.syntax.walk import children
from kraforge.text import Place
from kraforge.types import Storage, Type

Columns = Callable[[str], Mapping[str, Type]]


def mistakes(
    declarations: Declarations, schemas: Mapping[str, Mapping[str, Storage]], columns: Columns
) -> list[Mistake]:
    """Everything wrong with tables: links, keys, members, names that stand twice."""
    found: list[Mistake] = []
    for table in declarations.tables.values():
        found += _names(table)
        found += _members(declarations, table, columns)
        found += _missing(table, table.key, "key", table.place, schemas, columns)
        for link in table.links.values():
            found += _link(declarations, table, link, schemas, columns)
    return found


def _names(table: Table) -> Iterator[Mistake]:
    for name in table.fields:
        for word, names in (("column", table.columns), ("link", table.links)):
            if name in names:
                message = f"'{name}' of {table.name} is a {word} and a field"
                yield Mistake("duplicate-name", message, table.fields[name].place, hint="rename one of the two")


def _members(declarations: Declarations, table: Table, columns: Columns) -> Iterator[Mistake]:
    if table.members is None:
        return
    source, column = table.members
    place = table.place.inside("members")
    if source not in declarations.tables:
        yield _no_table(declarations, source, place)
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


def _no_table(declarations: Declarations, name: str, place: Place) -> Mistake:
    tables = declarations.tables
    return Mistake(
        "unknown-table",
        f"no table is called '{name}'",
        place,
        None,
        None,
        suggestion(name, tables),
        listed("tables", tables),
    )


def _missing(
    table: Table,
    names: tuple[str, ...],
    what: str,
    place: Place,
    schemas: Mapping[str, Mapping[str, Storage]],
    columns: Columns,
) -> Iterator[Mistake]:
    """Columns that a key or link names and the table lacks, as far as the source's own columns are known."""
    known = columns(table.name)
    for name in names:
        if name not in known and table.name in schemas:
            message = f"the {what} of {table.name} names '{name}', which is no column of it"
            yield Mistake(
                "unknown-column", message, place, None, None, suggestion(name, known), listed("columns", known)
            )


def _link(
    declarations: Declarations,
    table: Table,
    link: Link,
    schemas: Mapping[str, Mapping[str, Storage]],
    columns: Columns,
) -> Iterator[Mistake]:
    if link.through is None:
        yield from _missing(table, link.by, f"link {link.name}", link.place, schemas, columns)
    target = declarations.tables.get(link.to)
    if target is None:
        yield _no_table(declarations, link.to, link.place)
        return
    key = target.key or ((target.members[1],) if target.members else ())
    if link.plain and len(key) != len(link.by):
        message = (
            f"the link {table.name}.{link.name} has {len(link.by)} columns, and the key of {target.name} has {len(key)}"
            if key
            else f"the link {table.name}.{link.name} leads to {target.name}, which has no key"
        )
        yield Mistake("missing-key" if not key else "wrong-arguments", message, link.place)


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
