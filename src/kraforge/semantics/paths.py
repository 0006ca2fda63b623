"""Names and what they stand for: columns, links, fields, parameters, KPIs and dimensions, in the order of the language."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

from kraforge.errors import Mistakes
from kraforge.model.declarations import Link
from kraforge.semantics import bound, nesting, reach
from kraforge.semantics.binding import Binding
from kraforge.semantics.grains import own_units
from kraforge.semantics.members import check_period, member, names_of, walk
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.rows import parts, prefix
from kraforge.semantics.scope import Row, Scope
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import DATE, WHOLE

T = TypeVar("T")
Links = tuple[Link, ...]

PERIOD = {"start": DATE, "end": DATE, "days": WHOLE}


def path(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    """What a path stands for."""
    head = node.names[0]
    if head.text in scope.arguments:
        target = binding.deref(node, scope)
        if target.node is node:
            binding.fail("unknown-name", f"'{head.text}' is not a path that goes on", scope, node.span)
        return binding.bind(target.node, target.scope)
    if scope.mode == "having":
        return _of_answer(binding, node, scope)
    return _bare(binding, node, scope) if len(node.names) == 1 else _dotted(binding, node, scope)


def _of_answer(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    """A column of the answer, or a value of the request."""
    name = ".".join(part.text for part in node.names)
    if name in scope.values:
        return bound.Bound(name, scope.values[name])
    if name in scope.columns:
        return bound.ContextDimension(name, scope.columns[name])
    if name in binding.declarations.parameters:
        return binding.catalog.parameter(name)
    binding.fail(
        "unknown-name",
        f"the answer has no column '{name}'",
        scope,
        node.span,
        suggestion(name, scope.columns),
        listed("columns", scope.columns),
    )


def _bare(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    """A name without dots: the innermost row's, then parameters, KPIs and dimensions, then columns of the source alone."""
    name, catalog, declarations = node.names[0], binding.catalog, binding.declarations
    text = name.text
    if text in scope.values:
        return bound.Bound(text, scope.values[text])
    row = scope.sees[-1] if scope.sees and scope.mode == "plain" else None
    if row and _declared(binding, row.table, text):
        found = member(binding, row, (), name, scope)
        _warn_ambiguous(binding, found, row, node, scope)
        return found
    if text == "as_of" and not name.quoted:
        return bound.PeriodValue("as_of", DATE)
    _warn_twice(binding, node, scope)
    if text in declarations.parameters:
        return catalog.parameter(text)
    if text in declarations.kpis:
        if scope.mode == "filter" and text not in declarations.dimensions:
            binding.fail(
                "level-mismatch", f"'{text}' is a KPI; a filter is by dimension or table.column", scope, node.span
            )
        if scope.mode == "plain":
            return _kpi(binding, node, scope)
    if text in declarations.dimensions:
        return dimension(binding, text, scope, node.span)
    if row and text in catalog.columns(row.table):
        return bound.Column(row.number, row.table, (), text, catalog.columns(row.table)[text])
    _unknown_bare(binding, node, scope)


def _warn_twice(binding: Binding, node: nodes.Path, scope: Scope) -> None:
    """Warns of a name that is of two of parameters, KPIs and dimensions."""
    text, declarations = node.names[0].text, binding.declarations
    kinds = [
        word
        for word, names in (
            ("parameter", declarations.parameters),
            ("KPI", {} if scope.mode == "filter" else declarations.kpis),
            ("dimension", declarations.dimensions),
        )
        if text in names
    ]
    if len(kinds) > 1:
        binding.tell(
            "ambiguous-name",
            f"'{text}' is a {kinds[0]} and a {kinds[1]}; the {kinds[0]} is taken",
            scope,
            node.span,
            "rename one of the two",
            severity="warning",
        )


def _declared(binding: Binding, table: str, name: str) -> bool:
    declared = binding.declarations.tables[table]
    return (
        name in declared.columns
        or name in declared.links
        or name in declared.fields
        or name in _members(binding, table)
    )


def _members(binding: Binding, table: str) -> tuple[str, ...]:
    """The one column of a population that is made of another table's column."""
    members = binding.declarations.tables[table].members
    return (members[1],) if members else ()


def _warn_ambiguous(binding: Binding, found: bound.Expression, row: Row, node: nodes.Path, scope: Scope) -> None:
    text = node.names[0].text
    declarations = binding.declarations
    others = [
        word
        for word, names in (("a parameter", declarations.parameters), ("a KPI", declarations.kpis))
        if text in names
    ]
    if text in declarations.dimensions:
        same = reach.dimension(binding.catalog, text, row.table)
        here = same and prefix(same, (), row.table, row.number, binding.numbers)
        if here != found and not any(isinstance(part, bound.Aggregate) for part in parts(found)):
            others.append("a dimension")
    if others:
        binding.tell(
            "ambiguous-name",
            f"'{text}' is a name of {row.table} and {others[0]}; the one of {row.table} is taken",
            scope,
            node.span,
            f"write {row.table}.{text}",
            severity="warning",
        )


def _unknown_bare(binding: Binding, node: nodes.Path, scope: Scope) -> NoReturn:
    text = node.names[0].text
    declarations = binding.declarations
    if text in declarations.tables:
        binding.fail(
            "level-mismatch",
            f"'{text}' is a table, not a value",
            scope,
            node.span,
            f"aggregate it, for example count({text})",
        )
    for row in reversed(scope.rows):
        if text in binding.catalog.columns(row.table) or _declared(binding, row.table, text):
            binding.fail(
                "unknown-name", f"'{text}' is not in sight here", scope, node.span, f"write {row.table}.{text}"
            )
    names = {*declarations.parameters, *declarations.dimensions}
    if scope.mode == "plain":
        names |= {*declarations.kpis, *(() if scope.rows else own_units(declarations.calendar))}
        if scope.sees:
            names |= names_of(binding, scope.sees[-1].table)
    hint = suggestion(text, names)
    if hint is None and not scope.rows:
        having = sorted(table for table in declarations.tables if _declared(binding, table, text))
        hint = f"write the table before it, for example {having[0]}.{text}" if having else None
    where = f"no column of {scope.sees[-1].table}, parameter, KPI or dimension" if scope.sees else "nothing"
    binding.fail("unknown-name", f"{where} is called '{text}'", scope, node.span, hint, listed("names", names))


def _kpi(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    """A KPI's formula, for each row where it stands inside an aggregate."""
    name = node.names[0].text
    expression = binding.catalog.expression(name)
    check_period(binding, expression, f"the KPI {name}", scope, node.span)
    return nesting.nest(binding, expression, scope, node.span) if scope.rows else expression


def dimension(binding: Binding, name: str, scope: Scope, span: Span) -> bound.Expression:
    """A dimension: of the innermost row, or of whatever a filter meets."""
    found = binding.catalog.dimension(name)
    if scope.mode == "filter":
        return bound.ContextDimension(name, found.type)
    if not scope.rows:
        binding.fail(
            "level-mismatch", f"'{name}' is a dimension; a KPI has one value per group", scope, span, "use it in where"
        )
    row = scope.rows[-1]
    value = told(
        binding, lambda: reach.dimension(binding.catalog, found, row.table, scope.via, binding.numbers), scope, span
    )
    if value is None:
        binding.fail(
            "unreachable-dimension", f"{row.table} cannot reach the dimension {name} of {found.table}", scope, span
        )
    several = reach.several(value)
    if several is not None:
        binding.fail(
            "level-mismatch",
            f"the dimension {name} has several values for one row of {row.table}: {several.name} leads to several rows",
            scope,
            span,
            "use it as a group or a filter of the whole measure",
        )
    return prefix(value, (), row.table, row.number, binding.numbers)


def told(binding: Binding, job: Callable[[], T], scope: Scope, span: Span) -> T:
    """The result of a job whose mistakes are told with the place here."""
    try:
        return job()
    except Mistakes as error:
        mistake = error.mistakes[0]
        binding.fail(mistake.code, mistake.message, scope, span, mistake.hint, mistake.notes)


def _dotted(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    """A path of several names: from a row that is in sight, by way of links."""
    head = node.names[0]
    declarations = binding.declarations
    seen = list(reversed(scope.sees)) if scope.mode == "plain" else []
    if seen and seen[0].table != head.text and head.text in declarations.tables[seen[0].table].links:
        return walk(binding, seen[0], node.names, node.span, scope)
    hidden = [row for row in reversed(scope.rows) if row not in seen]
    for row in (*seen, *hidden):
        if row.table == head.text:
            return walk(binding, row, node.names[1:], node.span, scope)
    if head.text == "period" and not head.quoted:
        return _period(binding, node, scope)
    whole = ".".join(name.text for name in node.names)
    if scope.mode == "filter" and whole in declarations.dimensions:
        return dimension(binding, whole, scope, node.span)
    if head.text not in declarations.tables:
        _unknown_head(binding, node, scope)
    if scope.mode == "filter":
        return _filtered(binding, node, scope)
    written = ".".join(name.text for name in node.names)
    if not scope.rows:
        binding.fail(
            "level-mismatch",
            f"'{written}' has one value per row of {head.text}; a KPI needs one per group",
            scope,
            node.span,
            f"wrap it in an aggregate, for example {_fitting(binding, node, scope)}({written})",
        )
    row = scope.rows[-1]
    binding.fail(
        "mixed-tables",
        f"'{written}' is of {head.text}, and the rows here are of {row.table}",
        scope,
        node.span,
        f"aggregate the rows of {head.text} for each row of {row.table}, or go there by links",
    )


def _fitting(binding: Binding, node: nodes.Path, scope: Scope) -> str:
    """The aggregate that a path would most likely be wrapped in."""
    kind = walk(binding, Row(0, node.names[0].text), node.names[1:], node.span, scope).type.kind
    return {"text": "count_distinct", "bool": "any", "date": "max", "timestamp": "max"}.get(kind, "sum")


def _period(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    what = node.names[1].text
    if len(node.names) > 2 or what not in PERIOD:
        names = [f"period.{name}" for name in PERIOD]
        binding.fail(
            "unknown-name",
            f"the period has no '{what}'",
            scope,
            node.span,
            suggestion(what, PERIOD),
            listed("names", names),
        )
    if scope.unbounded:
        binding.fail(
            "no-period",
            f"period.{what} has no meaning here: {scope.unbounded}() takes the period's bounds away",
            scope,
            node.span,
            "use as_of, or move it out",
        )
    return bound.PeriodValue(what, PERIOD[what])  # type: ignore[arg-type]


def _unknown_head(binding: Binding, node: nodes.Path, scope: Scope) -> NoReturn:
    text = node.names[0].text
    declarations = binding.declarations
    names = set(declarations.tables)
    links: set[str] = set()
    if scope.sees and scope.mode == "plain":
        table = scope.sees[-1].table
        links = set(declarations.tables[table].links)
        if text in names_of(binding, table):
            binding.fail("unknown-link", f"'{text}' is a column of {table}, not a link", scope, node.names[0].span)
    elif scope.mode == "filter":
        having = sorted(t.name for t in declarations.tables.values() if text in t.links)
        if having:
            binding.fail(
                "unknown-table",
                f"'{text}' is a link; links are names only inside an aggregate",
                scope,
                node.names[0].span,
                f"write the table before it, for example {having[0]}.{'.'.join(n.text for n in node.names)}",
            )
    binding.fail(
        "unknown-table",
        f"no table{' or link' if links else ''} is called '{text}'",
        scope,
        node.names[0].span,
        suggestion(text, names | links),
        listed("tables", names) + listed("links", links),
    )


def _filtered(binding: Binding, node: nodes.Path, scope: Scope) -> bound.Expression:
    """`table.column` in a filter: which row it is of, each aggregate finds out."""
    home = node.names[0].text
    value = walk(binding, Row(-1, home), node.names[1:], node.span, scope)
    if isinstance(value, bound.Column):
        return bound.ContextColumn(home, value.path, value.name, value.type)
    links: Links = ()
    table = home
    for name in node.names[1:-1]:
        link = binding.declarations.tables[table].links[name.text]
        links, table = (*links, link), link.to
    if node.names[-1].text in binding.declarations.tables[table].fields:
        return bound.ContextColumn(home, links, node.names[-1].text, value.type)
    binding.fail("level-mismatch", "a link of several columns has no single value here", scope, node.span)
