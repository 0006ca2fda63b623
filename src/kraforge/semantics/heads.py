"""Which table the columns of an expression start from, read off before anything is bound."""

from __future__ import annotations

from typing import NoReturn

from attrs import evolve

from kraforge.functions import AGGREGATES
from kraforge.semantics.binding import Binding
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.scope import Scope
from kraforge.syntax import nodes
from kraforge.syntax.walk import children
from kraforge.text import Span


def table_name(binding: Binding, node: nodes.Argument, scope: Scope) -> str | None:
    """The table that an argument names, also through a macro's argument; None where it is none."""
    target = binding.deref(node, scope).node
    if isinstance(target, nodes.Modified):
        return None
    if isinstance(target, nodes.Call) and is_expected(binding, target):
        return expected(binding, target, scope)
    if isinstance(target, nodes.Path) and len(target.names) == 1:
        name = target.names[0].text
        return name if name in binding.declarations.tables else None
    return None


def is_expected(binding: Binding, node: nodes.Call) -> bool:
    """Whether a call is `expected(…)`, unless the catalog has a function of that name."""
    return node.name.text == "expected" and "expected" not in binding.declarations.functions


def expected(binding: Binding, node: nodes.Call, scope: Scope) -> str:
    """The population that `expected(weekly_report)` stands for: a table of that name."""
    known = binding.declarations.calendar.expected
    name = binding.word(node.arguments[0], scope) if len(node.arguments) == 1 else None
    if name is None:
        hint = "for example count(expected(weekly_report))"
        binding.fail("wrong-arguments", "expected takes the name of what is expected", scope, node.span, hint)
    if name not in known:
        message, span = f"nothing expected is called '{name}'", node.arguments[0].span
        names = listed("expected", known)
        hint = suggestion(name, known) or "declare it under calendar.expected"
        binding.fail("unknown-table", message, scope, span, hint, names)
    return name


def one_table(binding: Binding, arguments: list[nodes.Argument], name: str, span: Span, scope: Scope) -> str:
    """The one table that the columns of some arguments start from, outside nested aggregates."""
    found: dict[str, Span] = {}
    for argument in arguments:
        _collect(binding, argument, scope, found)
    outer = {row.table for row in scope.rows}
    own = [table for table in found if table not in outer]
    if len(own) == 1:
        return own[0]
    if own:
        names = own
        binding.fail(
            "mixed-tables",
            f"the columns of one aggregate start from {names[0]} and from {names[1]}",
            scope,
            span,
            f"name the table first, {name}({names[0]}, …), and go to the other by links" if name else "go by links",
        )
    if found:
        table = next(iter(found))
        binding.fail(
            "level-mismatch",
            f"an aggregate over {table} stands inside an aggregate over {table}",
            scope,
            span,
            "an inner aggregate is over a table that links to the outer one",
        )
    _without_table(binding, arguments, name, span, scope)


def _without_table(
    binding: Binding, arguments: list[nodes.Argument], function: str, span: Span, scope: Scope
) -> NoReturn:
    """Says why no table can be read off the arguments."""
    target = binding.deref(arguments[0], scope)
    node = target.node
    if isinstance(node, nodes.Path):
        name = node.names[0].text
        if len(node.names) > 1:
            binding.bind(node, target.scope)
        elif name in binding.declarations.kpis:
            binding.fail(
                "level-mismatch",
                f"'{name}' is a measure already; an aggregate needs rows",
                scope,
                arguments[0].span,
                f"name the rows first, for example {function}(customers, {name})",
            )
        else:
            having = sorted(
                t.name for t in binding.declarations.tables.values() if name in {*t.columns, *t.links, *t.fields}
            )
            tables = binding.declarations.tables
            hint = f"write {having[0]}.{name}" if having else suggestion(name, tables)
            binding.fail("unknown-name", f"'{name}' stands without its table", scope, arguments[0].span, hint)
    binding.fail(
        "mixed-tables",
        "it does not say which table's rows are meant",
        scope,
        span,
        f"name the table first, as in {function}(invoices, …)" if function else "write the table before a column",
    )


def _collect(binding: Binding, node: nodes.Argument | nodes.Modifier, scope: Scope, found: dict[str, Span]) -> None:
    """Adds the tables that paths of a node start from."""
    waiting: list[tuple[nodes.Argument | nodes.Modifier, Scope]] = [(node, scope)]
    while waiting:
        binding.spend(scope, node.span)
        node, scope = waiting.pop(0)
        match node:
            case nodes.Path():
                closure = binding.deref(node, scope)
                if closure.node is not node:
                    waiting.append((closure.node, closure.scope))
                elif len(node.names) > 1 and node.names[0].text in binding.declarations.tables:
                    found.setdefault(node.names[0].text, node.span)
            case nodes.Call() if _aggregates(node):
                pass
            case nodes.Call() if node.name.text in binding.declarations.functions:
                waiting += _macro(binding, node, scope)
            case nodes.Modifier(word="where"):
                pass
            case _:
                waiting += [(child, scope) for child in children(node)]


def _aggregates(node: nodes.Call) -> bool:
    name = node.name.text
    return name in AGGREGATES and (name not in ("min", "max") or len(node.arguments) == 1)


def _macro(binding: Binding, node: nodes.Call, scope: Scope) -> list[tuple[nodes.Argument | nodes.Modifier, Scope]]:
    """A macro's body with the arguments in their places."""
    macro = binding.declarations.functions[node.name.text]
    if macro.name in scope.macros or len(macro.parameters) != len(node.arguments):
        return []
    body, inner = entered(binding, node, scope)
    return [(body, inner)]


def entered(binding: Binding, node: nodes.Call, scope: Scope) -> tuple[nodes.Expression, Scope]:
    """A macro's body and the scope that it is bound in: its own names, and the arguments in the caller's."""
    macro = binding.declarations.functions[node.name.text]
    source = scope.source
    excerpt = source.text[node.span.start : node.span.end]
    where = str(source.place)
    note = f"used in {where + ': ' if where else ''}{excerpt[:80]}"
    inner = evolve(
        scope,
        source=macro.formula,
        sees=(),
        arguments=dict(zip(macro.parameters, (binding.deref(each, scope) for each in node.arguments), strict=True)),
        values={},
        macros=(*scope.macros, macro.name),
        used=(note, *scope.used)[:3],
    )
    return binding.catalog.tree(macro.formula), inner
