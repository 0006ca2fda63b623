"""What a row has: columns, keys of links and fields, at the end of a path of links."""

from __future__ import annotations

from kraforge.model.declarations import Link
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.hops import hops, key_of
from kraforge.semantics.linked import linked
from kraforge.semantics.problems import Broken, listed, suggestion, unknown
from kraforge.semantics.rows import below
from kraforge.semantics.scope import Row, Scope
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import TEXT

Links = tuple[Link, ...]


def names_of(binding: Binding, table: str) -> set[str]:
    """Columns, links and fields of a table."""
    declared = binding.declarations.tables[table]
    return {*binding.catalog.columns(table), *declared.links, *declared.fields}


def check_period(binding: Binding, expression: bound.Expression, what: str, scope: Scope, span: Span) -> None:
    """Refuses what speaks of period.start and its like where there is no period."""
    if scope.unbounded and speaks_of_period(expression):
        binding.fail("no-period", f"{what} uses the period's bounds, and {scope.unbounded}() has none", scope, span)


def speaks_of_period(expression: bound.Expression) -> bool:
    """Whether period.start, period.end or period.days stand in it, as far as no inner context sets the bounds anew."""
    waiting, seen = [expression], set[int]()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, bound.PeriodValue) and part.what != "as_of":
            return True
        sets = isinstance(part, bound.InContext) and isinstance(
            part.change, bound.Trailing | bound.ToDate | bound.Within
        )
        if not sets:
            waiting += below(part)
    return False


def walk(binding: Binding, row: Row, names: tuple[nodes.Name, ...], span: Span, scope: Scope) -> bound.Expression:
    """The value at the end of a path of links from a row."""
    table, links = row.table, ()  # type: tuple[str, Links]
    for name in names[:-1]:
        link = binding.declarations.tables[table].links.get(name.text)
        if link is None:
            known = binding.declarations.tables[table].links
            what = (
                f"'{name.text}' is a column of {table}, not a link"
                if name.text in names_of(binding, table)
                else (f"table '{table}' has no link '{name.text}'")
            )
            binding.fail(
                "unknown-link", what, scope, span.to(name.span), suggestion(name.text, known), listed("links", known)
            )
        if link.to not in binding.declarations.tables:
            raise Broken([unknown("unknown-table", "table", link.to, binding.declarations.tables, link.place)])
        one_target(binding, link, table, scope, span.to(name.span))
        links, table = (*links, link), link.to
    return member(binding, row, links, names[-1], scope, span)


def one_target(binding: Binding, link: Link, table: str, scope: Scope, span: Span) -> None:
    """Refuses a link to several rows where one value for each row is needed."""
    if link.many:
        binding.fail(
            "level-mismatch",
            f"{link.name} leads from one row of {table} to several of {link.to}; an expression needs one value a row",
            scope,
            span,
            f"group or filter by a dimension that goes over it, or name it: via {link.name}",
        )


def member(
    binding: Binding, row: Row, links: Links, name: nodes.Name, scope: Scope, span: Span | None = None
) -> bound.Expression:
    """A column, a link's key or a field of the row that links lead to."""
    table = links[-1].to if links else row.table
    declared = binding.declarations.tables[table]
    columns = binding.catalog.columns(table)
    text, span = name.text, span or name.span
    if text in columns:
        return bound.Column(row.number, row.table, links, text, columns[text])
    if text in declared.links:
        one_target(binding, declared.links[text], table, scope, span)
        return link_key(binding, row, links, declared.links[text])
    if text in declared.fields:
        return row_field(binding, row, links, table, text, scope, span)
    binding.fail(
        "unknown-column",
        f"table '{table}' has no column '{text}'",
        scope,
        span,
        suggestion(text, names_of(binding, table)),
        listed("columns", columns) + listed("links", declared.links) + listed("fields", declared.fields),
    )


def link_key(binding: Binding, row: Row, links: Links, link: Link) -> bound.Expression:
    """A link used as a value: the key of its target."""
    table = links[-1].to if links else row.table
    *before, last = hops(binding.catalog, table, link)
    target = binding.declarations.tables.get(link.to)
    key = key_of(target) if target is not None else ()
    if last.plain:
        # columns of the row before the target hold its key
        names, path = last.by, (*links, *before)
    else:
        names, path = key, (*links, link)
    columns = binding.catalog.columns(path[-1].to if path else row.table)
    keys: list[bound.Expression] = []
    for number, name in enumerate(names):
        type_ = columns.get(name)
        if type_ is None and number < len(key):
            type_ = binding.catalog.columns(link.to).get(key[number])
        keys.append(bound.Column(row.number, row.table, path, name, type_ or TEXT))
    return keys[0] if len(keys) == 1 else bound.Call("row_key", tuple(keys), TEXT)


def row_field(
    binding: Binding, row: Row, links: Links, table: str, name: str, scope: Scope, span: Span
) -> bound.Expression:
    """A row field of the row that links lead to."""
    key = (table, name, links, row)
    known = binding.inlined.get(key)
    if known is None:
        expression = binding.catalog.field(table, name)
        known = linked(binding.catalog, expression, links, row.table, row.number, binding.numbers)
        binding.inlined[key] = known
    check_period(binding, known, f"the field {table}.{name}", scope, span)
    return known
