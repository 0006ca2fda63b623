"""A filter after a measure: it narrows every aggregate below it."""

from __future__ import annotations

from attrs import evolve

from kraforge.errors import Mistakes
from kraforge.semantics import bound, effects, nesting, reach
from kraforge.semantics.binding import Binding
from kraforge.semantics.rows import parts, rows_of
from kraforge.semantics.scope import Scope
from kraforge.semantics.units import condition
from kraforge.syntax import nodes
from kraforge.text import Span


def filtered(binding: Binding, node: nodes.Modified, scope: Scope) -> bound.Expression:
    """A measure with `where` after it. What speaks of an outer row goes into the aggregates, the rest stays a filter."""
    for modifier in node.modifiers:
        if modifier.word != "where":
            binding.fail(
                "wrong-arguments",
                f"'{modifier.word}' belongs to an aggregate, after its argument",
                scope,
                modifier.span,
                f"write it inside the brackets of the aggregate, as in sum(invoices.amount {modifier.word} …)",
            )
    if scope.mode != "plain":
        binding.fail(
            "level-mismatch", "a filter has no filter of its own", scope, node.span, "join the conditions with and"
        )
    kept: list[bound.Expression] = []
    for modifier in node.modifiers:
        found = binding.bind(modifier.value, evolve(scope, mode="filter"))
        kept += nesting.conjuncts(condition(binding, found, scope, modifier.value.span))
    about = [each for each in kept if rows_of(each)]
    kept = [each for each in kept if not rows_of(each)]
    ties = tuple(tie for each in about if (tie := nesting.tying(each, scope)) is not None)
    operand = binding.bind(node.operand, evolve(scope, ties=ties) if ties else scope)
    span = node.modifiers[0].span
    if not effects.has_aggregate(operand):
        binding.fail(
            "level-mismatch",
            "only an aggregate or a measure can be filtered",
            scope,
            span,
            "put the condition into an aggregate",
        )
    if about:
        operand = nesting.pushed(binding, operand, about, scope, span)
    whole = nesting.joined(kept)
    if whole is None:
        return operand
    _check_reach(binding, operand, whole, scope, span)
    return bound.InContext(bound.Filtered(whole), operand, operand.type, node.span)


def _check_reach(
    binding: Binding, operand: bound.Expression, whole: bound.Expression, scope: Scope, span: Span
) -> None:
    """Every aggregate below must reach what the filter names, itself or by an aggregate nested in it."""
    named = [part for part in parts(whole) if isinstance(part, bound.ContextDimension | bound.ContextColumn)]
    outermost = _outermost(operand)
    for name in named:
        for aggregate in outermost:
            nested = [part for part in parts(aggregate) if isinstance(part, bound.Aggregate)]
            if any(_reaches(binding, name, each, scope, span) for each in nested):
                continue
            if isinstance(name, bound.ContextDimension):
                binding.fail(
                    "unreachable-dimension",
                    f"{aggregate.table} cannot reach the dimension {name.name}",
                    scope,
                    span,
                    "filter the aggregates that can, one by one",
                )
            binding.fail("unreachable-table", f"no links lead from {aggregate.table} to {name.table}", scope, span)


def _outermost(expression: bound.Expression) -> list[bound.Aggregate]:
    """The aggregates of an expression that are in no other aggregate of it."""
    found = [part for part in parts(expression) if isinstance(part, bound.Aggregate)]
    inner = {id(part) for each in found for part in parts(each) if part is not each}
    return [each for each in found if id(each) not in inner]


def _reaches(
    binding: Binding,
    name: bound.ContextDimension | bound.ContextColumn,
    aggregate: bound.Aggregate,
    scope: Scope,
    span: Span,
) -> bool:
    try:
        if isinstance(name, bound.ContextDimension):
            return (
                reach.way(binding.catalog, binding.catalog.dimension(name.name), aggregate.table, aggregate.via)
                is not None
            )
        return bool(reach.context_column(binding.catalog, name, aggregate.table, aggregate.via))
    except Mistakes as error:
        mistake = error.mistakes[0]
        binding.fail(mistake.code, mistake.message, scope, span, mistake.hint, mistake.notes)
