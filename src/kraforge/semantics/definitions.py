"""Binding each kind of definition of a catalog: parameters, tables, fields, dimensions, KPIs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from kraforge.errors import KraforgeError, Mistake
from kraforge.functions import Misfit
from kraforge.functions.units import common
from kraforge.model.declarations import Dimension, Kpi, Link, Parameter, Text
from kraforge.semantics import aggregates, bound, heads, paths, trees
from kraforge.semantics.binder import Binder
from kraforge.semantics.binding import Binding, deepest
from kraforge.semantics.declared import check_unit
from kraforge.semantics.operators import literal
from kraforge.semantics.problems import Broken, Stop, listed, suggestion, unknown
from kraforge.semantics.rows import weigh
from kraforge.semantics.scope import Row, Scope
from kraforge.semantics.units import condition
from kraforge.syntax import nodes
from kraforge.syntax.parse import parse
from kraforge.text import Place
from kraforge.types import Type


def field(binder: Binder, table: str, name: str) -> bound.Expression:
    """A row field, over row 0 of its table."""
    text = binder.declarations.tables[table].fields[name]
    return _row(binder, table, text)


def _row(binder: Binder, table: str, text: Text) -> bound.Expression:
    row = Row(0, table)
    scope = Scope(text, rows=(row,), sees=(row,))
    return bounded(binder, binder.bind(binder.catalog.tree(text), scope), scope)


def bounded(binder: Binding, expression: bound.Expression, scope: Scope) -> bound.Expression:
    """The expression, where it is not too large with all that it uses."""
    size, depth = weigh(expression)
    limits = binder.catalog.limits
    if size > limits.expanded_nodes or depth > deepest(limits):
        what = f"has more than {limits.expanded_nodes} parts" if size > limits.expanded_nodes else "nests too deeply"
        tree = binder.catalog.tree(scope.source)
        binder.fail(
            "graph-too-large", f"with all that it uses this {what}", scope, tree.span, "flatten the definitions"
        )
    return expression


def date(binder: Binder, table: str) -> bound.Expression | None:
    """A table's event date, over its row 0."""
    text = binder.declarations.tables[table].date
    if text is None:
        return None
    scope = Scope(text)
    return aggregates.date(binder, _row(binder, table, text), scope, binder.catalog.tree(text).span)


def where(binder: Binder, table: str) -> bound.Expression | None:
    """The condition that holds for every use of a table, over its row 0."""
    text = binder.declarations.tables[table].where
    if text is None:
        return None
    return condition(binder, _row(binder, table, text), Scope(text), binder.catalog.tree(text).span)


def parameter(binder: Binder, name: str) -> bound.Expression:
    """A parameter: a constant, or one for each version."""
    declared: Parameter = binder.declarations.parameters[name]
    versions = [(version.start, _constant(version.value)) for version in declared.versions]
    return _versions(binder, versions, declared.place, f"the parameter {name}")


def _constant(text: Text) -> bound.Constant:
    """The literal that a parameter's text is, or the text itself."""
    try:
        node = parse(text.text)
    except KraforgeError:
        return bound.Constant(text.text, Type("text", values=(text.text,)))
    if isinstance(node, nodes.Constant):
        return literal(node)
    if isinstance(node, nodes.Unary) and node.operator == "-" and isinstance(node.operand, nodes.Constant):
        positive = literal(node.operand)
        if isinstance(positive.value, Decimal):
            return evolve(positive, value=-positive.value)
    return bound.Constant(text.text, Type("text", values=(text.text,)))


def _versions(
    binder: Binding,
    versions: list[tuple[dt.date | None, bound.Expression]] | list[tuple[dt.date | None, bound.Constant]],
    place: Place,
    what: str,
) -> bound.Expression:
    """One expression of several versions, of one type."""
    if len(versions) == 1 and versions[0][0] is None:
        return versions[0][1]
    kinds = {value.type.kind for _, value in versions}
    if {"ratio", "number"} <= kinds:
        message = f"the versions of {what} are ratios and bare numbers"
        binder.log.add(Mistake("ratio-and-number", message, place, hint="write percentages"))
        raise Stop
    gives = common([value.type for _, value in versions])
    if isinstance(gives, Misfit):
        binder.log.add(Mistake(gives.code, f"the versions of {what} differ: {gives.message}", place))
        raise Stop
    return bound.Versioned(tuple(versions), gives)


def measure(binder: Binder, name: str) -> bound.Expression:
    """A KPI's formula."""
    kpi: Kpi = binder.declarations.kpis[name]

    def one(text: Text) -> bound.Expression:
        scope = Scope(text, empty_missing=kpi.empty_missing, better=kpi.better)
        return bounded(binder, binder.bind(binder.catalog.tree(text), scope), scope)

    jobs: list[Callable[[], bound.Expression]] = [lambda text=version.value: one(text) for version in kpi.versions]  # type: ignore[misc]
    expressions = binder.each(jobs)
    starts = [version.start for version in kpi.versions]
    whole = _versions(binder, list(zip(starts, expressions, strict=True)), kpi.place, f"the KPI {name}")
    if kpi.unit is not None:
        wrong = check_unit(kpi.unit, whole.type, kpi.place.inside("unit"))
        if wrong is not None:
            binder.log.add(wrong)
    return whole


def dimension(binder: Binder, name: str) -> bound.BoundDimension:
    """A dimension: its home table, its value over row 0 of it, and the routes that it declares."""
    declared: Dimension = binder.declarations.dimensions[name]
    if declared.to is not None:
        return _members(binder, declared, declared.to)
    text = declared.formula
    assert text is not None
    tree = binder.catalog.tree(text)
    scope = Scope(text)
    routes: tuple[tuple[str, tuple[Link, ...]], ...] = ()
    tables = binder.declarations.tables
    if isinstance(tree, nodes.Path) and len(tree.names) > 1:
        head = tree.names[0].text
        if head not in tables and head in binder.declarations.dimensions:
            home = binder.catalog.dimension(head)
            routes = home.routes
            tree = evolve(tree, names=(evolve(tree.names[0], text=home.table), *tree.names[1:]))
        elif head not in tables:
            paths.path(binder, tree, scope)
    table = heads.one_table(binder, [tree], "", tree.span, scope)
    row = Row(0, table)
    expression = bounded(binder, binder.bind(tree, evolve(scope, rows=(row,), sees=(row,))), scope)
    labels = expression.labels if isinstance(expression, bound.Case) else ()
    return bound.BoundDimension(name, table, expression, expression.type, routes, labels)


def _members(binder: Binder, declared: Dimension, to: str) -> bound.BoundDimension:
    tables = binder.declarations.tables
    if to not in tables:
        binder.log.add(
            Mistake(
                "unknown-table",
                f"no table is called '{to}'",
                declared.place,
                None,
                None,
                suggestion(to, tables),
                listed("tables", tables),
            )
        )
        raise Stop
    columns = binder.catalog.columns(to)
    keys = [bound.Column(0, to, (), key, columns.get(key, Type("text"))) for key in key_of(binder, to)]
    if not keys:
        binder.log.add(
            Mistake("missing-key", f"the dimension {declared.name} needs a key of the table {to}", declared.place)
        )
        raise Stop
    value: bound.Expression = keys[0] if len(keys) == 1 else bound.Call("row_key", tuple(keys), Type("text"))
    routes = binder.each(
        [lambda item=item: (item[0], _route(binder, declared, to, *item)) for item in declared.routes.items()]  # type: ignore[misc]
    )
    tree = trees.tree_link(binder, declared, key_of(binder, to))
    return bound.BoundDimension(declared.name, to, value, value.type, tuple(routes), tree=tree)


def key_of(binder: Binding, table: str) -> tuple[str, ...]:
    """The columns that make a table's key."""
    declared = binder.declarations.tables[table]
    return declared.key or ((declared.members[1],) if declared.members else ())


def _route(binder: Binder, declared: Dimension, to: str, table: str, names: tuple[str, ...]) -> tuple[Link, ...]:
    """The links that a dimension declares from a table to its home."""
    tables = binder.declarations.tables
    place = declared.place.inside("from", table)
    links: list[Link] = []
    at = table
    for name in names:
        if at not in tables:
            binder.log.add(
                Mistake("unknown-table", f"no table is called '{at}'", place, None, None, suggestion(at, tables))
            )
            raise Stop
        known = tables[at].links
        if name not in known:
            binder.log.add(
                Mistake(
                    "unknown-link",
                    f"table '{at}' has no link '{name}'",
                    place,
                    None,
                    None,
                    suggestion(name, known),
                    listed("links", known),
                )
            )
            raise Stop
        links.append(known[name])
        at = known[name].to
        if at not in tables:
            raise Broken([unknown("unknown-table", "table", at, tables, known[name].place)])
    if at != to:
        binder.log.add(
            Mistake("unreachable-table", f"{'.'.join(names)} leads from {table} to {at}, not to {to}", place)
        )
        raise Stop
    return tuple(links)
