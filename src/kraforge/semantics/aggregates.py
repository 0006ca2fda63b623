"""Aggregates: which table's rows, with which conditions and dates, to which type."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from attrs import define, evolve

from kraforge.functions import AGGREGATES, Aggregate, Misfit
from kraforge.model.declarations import Link
from kraforge.semantics import bound, heads, nesting
from kraforge.semantics.binding import Binding
from kraforge.semantics.hops import floats
from kraforge.semantics.problems import Stop, listed, suggestion
from kraforge.semantics.rows import below, prefix
from kraforge.semantics.scope import Row, Scope
from kraforge.semantics.units import condition
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import DATE

WORDS = ("where", "on", "during", "via")


@define
class Parts:
    """The arguments of an aggregate without their modifiers, and the modifiers by their words."""

    arguments: list[nodes.Argument]
    modifiers: dict[str, nodes.Modifier]


def is_aggregate(binding: Binding, node: nodes.Call, scope: Scope) -> bool:
    """Whether a call aggregates: min and max do with one argument, or with a table first."""
    name = node.name.text
    if name not in AGGREGATES:
        return False
    if name not in ("min", "max") or len(node.arguments) < 2:
        return True
    first = node.arguments[0]
    first = first.operand if isinstance(first, nodes.Modified) else first
    return heads.table_name(binding, first, scope) is not None


def taken_apart(binding: Binding, node: nodes.Call, scope: Scope) -> Parts:
    """Arguments and modifiers; a modifier may stand after any one argument, each word once."""
    parts = Parts([], {})
    for argument in node.arguments:
        while isinstance(argument, nodes.Modified) and not _in_brackets(argument):
            for modifier in argument.modifiers:
                if modifier.word in parts.modifiers:
                    binding.fail(
                        "repeated-modifier",
                        f"{node.name.text} has two of '{modifier.word}'",
                        scope,
                        modifier.span,
                        "join the conditions with and" if modifier.word == "where" else "keep one of them",
                    )
                parts.modifiers[modifier.word] = modifier
            argument = argument.operand
        parts.arguments.append(argument)
    return parts


def _in_brackets(node: nodes.Modified) -> bool:
    """Whether brackets stand round an expression and its modifiers, which keep them to themselves."""
    return node.span.end > node.modifiers[-1].span.end


def aggregate(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """An aggregate with its own row; inside another one it is tied to that one's row."""
    declared = AGGREGATES[node.name.text]
    parts = taken_apart(binding, node, scope)
    table, arguments = _population(binding, declared, parts, node, scope)
    row = Row(next(binding.numbers), table)
    via = _via(binding, parts.modifiers.get("via"), table, scope)
    inner = scope.inside(row, via)
    values, where, on, during = binding.each(
        [
            lambda: binding.all(arguments, inner),
            lambda: _where(binding, parts.modifiers.get("where"), inner),
            lambda: _on(binding, parts.modifiers.get("on"), inner),
            lambda: _during(binding, parts.modifiers.get("during"), inner),
        ]
    )
    assert isinstance(values, list)
    assert not isinstance(where, list | bound.During)
    assert not isinstance(on, list | bound.During)
    assert during is None or isinstance(during, bound.During)
    test = None
    if declared.takes == "condition":
        if values:
            test = condition(binding, values[0], inner, arguments[0].span)
        values = []
        gives = declared.gives([])
    else:
        gives = declared.gives([value.type for value in values])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, arguments[0].span if arguments else node.span)
    part = values[1] if declared.name.startswith("percentile") else None
    if isinstance(part, bound.Constant) and isinstance(part.value, Decimal) and not 0 <= part.value <= 1:
        binding.fail("wrong-arguments", "the part is from 0% to 100%", scope, arguments[1].span)
    dated = on is not None
    if on is None and during is None:
        date = binding.catalog.date(table)
        on = None if date is None else prefix(date, (), table, row.number, binding.numbers)
    if declared.name in ("first", "last") and on is None:
        binding.fail(
            "wrong-arguments", f"{declared.name} needs a date to order rows by", scope, node.span, "add on and a date"
        )
    result = bound.Aggregate(
        declared.name,
        table,
        row.number,
        tuple(values),
        gives,
        test,
        where,
        on,
        dated,
        during,
        via,
        empty_missing=scope.empty_missing,
        span=node.span,
    )
    return nesting.tie(binding, result, scope, node.span) if scope.rows else result


def _population(
    binding: Binding, declared: Aggregate, parts: Parts, node: nodes.Call, scope: Scope
) -> tuple[str, list[nodes.Argument]]:
    """The table whose rows are taken, and the arguments after it."""
    name, arguments = declared.name, parts.arguments
    if not arguments:
        binding.fail(
            "wrong-arguments", f"{name} needs an argument", scope, node.span, f"for example {declared.example}"
        )
    wanted = {"table": 0, "value": 1, "condition": 1, "two values": 2}[declared.takes]
    table = heads.table_name(binding, arguments[0], scope)
    if table is not None and (len(arguments) > 1 or declared.takes in ("table", "condition")):
        rest = arguments[1:]
        if len(rest) > wanted or (len(rest) < wanted and name not in ("any", "all")):
            _miscounted(binding, declared, node, scope)
        return table, rest
    if declared.takes == "table":
        _count_of_what(binding, arguments[0], scope)
    if len(arguments) != wanted:
        _miscounted(binding, declared, node, scope)
    if table is not None:
        binding.fail(
            "wrong-arguments",
            f"{name} needs a value of {table}, not the table alone",
            scope,
            arguments[0].span,
            f"for example {name}({table}.…)",
        )
    return heads.one_table(binding, arguments, name, node.span, scope), arguments


def _miscounted(binding: Binding, declared: Aggregate, node: nodes.Call, scope: Scope) -> None:
    binding.fail(
        "wrong-arguments",
        f"{declared.name} does not take {len(node.arguments)} arguments here",
        scope,
        node.span,
        f"for example {declared.example}",
    )


def _count_of_what(binding: Binding, argument: nodes.Argument, scope: Scope) -> None:
    tables = binding.declarations.tables
    if isinstance(argument, nodes.Path) and len(argument.names) == 1:
        name = argument.names[0].text
        populations = {"workdays": "calendar.people", "leave_days": "leave under calendar.people"}
        binding.fail(
            "unknown-table",
            f"no table is called '{name}'",
            scope,
            argument.span,
            f"declare {populations[name]} to have it" if name in populations else suggestion(name, tables),
            listed("tables", tables),
        )
    binding.fail(
        "wrong-arguments",
        "count takes a table, not an expression",
        scope,
        argument.span,
        "write count(table where condition), or count_distinct(table.column)",
    )


def _where(binding: Binding, modifier: nodes.Modifier | None, scope: Scope) -> bound.Expression | None:
    if modifier is None:
        return None
    return condition(binding, binding.bind(modifier.value, scope), scope, modifier.value.span)


def _on(binding: Binding, modifier: nodes.Modifier | None, scope: Scope) -> bound.Expression | None:
    if modifier is None:
        return None
    return date(binding, binding.bind(modifier.value, scope), scope, modifier.value.span)


def date(binding: Binding, expression: bound.Expression, scope: Scope, span: Span) -> bound.Expression:
    """A date that decides the period of a row: it must not hang on that period."""
    if isinstance(expression, bound.Column) and expression.type.kind == "missing":
        expression = evolve(expression, type=DATE)  # a column without any value
    if not expression.type.dated:
        binding.fail("type-mismatch", f"a date is needed, not {expression.type}", scope, span)
    if any(isinstance(part, bound.PeriodValue) for part in unanchored(expression)):
        binding.fail(
            "period-depends-on-itself",
            "the date of a row hangs on the period that it decides",
            scope,
            span,
            "use dates of the row",
        )
    independent(binding, expression, scope, span)
    for part in unanchored(expression):
        if isinstance(part, bound.Column):
            anchored(binding, part, scope, span)
    return expression


def anchored(binding: Binding, column: bound.Column, scope: Scope, span: Span) -> None:
    """Refuses a link that is looked up on the date that a column is needed for."""
    for link in column.path:
        if floats(binding.declarations, link):
            binding.fail(
                "needs-at",
                f"the link {link.name} is looked up on the date of the row, which it would decide here",
                scope,
                span,
                "say in the link's declaration which date it is looked up on, with `at`",
            )


def independent(binding: Binding, expression: bound.Expression, scope: Scope, span: Span) -> None:
    """Refuses an aggregate that is not under anytime or within, where it would decide its own period."""
    if any(isinstance(part, bound.Aggregate) for part in unanchored(expression)):
        binding.fail(
            "period-depends-on-itself",
            "an aggregate here would depend on the period that it decides",
            scope,
            span,
            "wrap it in anytime(…) or within(…)",
        )


def unanchored(expression: bound.Expression) -> Iterator[bound.Expression]:
    """An expression and what is below it, without what stands under anytime or within."""
    seen: set[int] = set()
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, bound.InContext) and isinstance(part.change, bound.Anytime | bound.Within):
            continue
        yield part
        waiting += below(part)


def _during(binding: Binding, modifier: nodes.Modifier | None, scope: Scope) -> bound.During | None:
    if modifier is None:
        return None
    low, high, closed = ends(binding, modifier.value, scope, modifier.span)
    return bound.During(low, high, closed)


def ends(
    binding: Binding, node: nodes.Argument, scope: Scope, span: Span
) -> tuple[bound.Expression | None, bound.Expression | None, bool]:
    """The two ends of a stretch of time, and whether the last belongs to it."""
    closure = binding.deref(node, scope)
    node, scope = closure.node, closure.scope
    if not isinstance(node, nodes.Range):
        binding.fail("wrong-arguments", "a stretch of time is needed", scope, span, "write it as first .. last")
    written = [end for end in (node.low, node.high) if end is not None]

    def end(each: nodes.Expression) -> bound.Expression:
        found = binding.bind(each, scope)
        if not found.type.dated and found.type.kind != "missing":
            binding.fail("type-mismatch", f"a date is needed, not {found.type}", scope, each.span)
        independent(binding, found, scope, each.span)
        return evolve(found, type=DATE) if found.type.kind == "missing" else found

    found = iter(binding.each([lambda each=each: end(each) for each in written]))  # type: ignore[misc]
    low = next(found) if node.low is not None else None
    high = next(found) if node.high is not None else None
    return low, high, node.closed


def _via(binding: Binding, modifier: nodes.Modifier | None, table: str, scope: Scope) -> tuple[Link, ...] | None:
    """The links that `via` names, from the aggregate's table."""
    if modifier is None:
        return None
    closure = binding.deref(modifier.value, scope)
    node = closure.node
    if not isinstance(node, nodes.Path):
        binding.fail("wrong-arguments", "via takes the name of a link", scope, modifier.span)
    links: list[Link] = []
    for name in node.names:
        if table not in binding.declarations.tables:
            raise Stop
        known = binding.declarations.tables[table].links
        if name.text not in known:
            binding.fail(
                "unknown-link",
                f"table '{table}' has no link '{name.text}'",
                closure.scope,
                name.span,
                suggestion(name.text, known),
                listed("links", known),
            )
        links.append(known[name.text])
        table = known[name.text].to
    return tuple(links)
