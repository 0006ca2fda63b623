"""Context functions: what changes around a measure, sugar spelled out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from kraforge.functions import CONTEXTS, Misfit
from kraforge.functions.units import averaged, common, measurable
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.changes import each, measure, moved, overall, shift, within, wrong
from kraforge.semantics.scope import Scope
from kraforge.semantics.units import constant, together
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import BOOL, NUMBER, RATIO, WHOLE, Type


def context(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """A measure in another context."""
    if scope.mode != "plain":
        binding.fail("level-mismatch", f"{node.name.text}() is a measure; a filter is by row", scope, node.span)
    name, arguments = node.name.text, node.arguments
    if name != "blend" and not arguments:
        wrong(binding, name, scope, node.span)
    spell: dict[str, Callable[[Binding, nodes.Call, Scope], bound.Expression]] = {
        "within": within,
        "each": each,
        "growth": _growth,
        "change": _change,
        "share": _share,
        "rank": _rank,
        "blend": _blend,
        "overall": overall,
    }
    return spell.get(name, moved)(binding, node, scope)


def _compared(binding: Binding, node: nodes.Call, scope: Scope) -> tuple[bound.Expression, bound.Expression, Type]:
    """A measure, itself in the period before, and their type."""
    name = node.name.text
    operand = measure(binding, node.arguments[0], name, scope)
    gives = measurable([operand.type])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.arguments[0].span)
    before = bound.InContext(shift(binding, node, scope), operand, operand.type, node.span)
    return operand, before, gives


def _difference(operand: bound.Expression, before: bound.Expression, type_: Type, span: Span) -> bound.Expression:
    gives = Type("number", whole=type_.whole) if type_.kind == "count" else type_
    return bound.Call("subtract", (operand, before), gives, span)


def _change(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, before, gives = _compared(binding, node, scope)
    return _difference(operand, before, gives, node.span)


def _growth(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, before, gives = _compared(binding, node, scope)
    difference = _difference(operand, before, gives, node.span)
    size = bound.Call("abs", (before,), gives, node.span)
    return bound.Call("divide", (difference, size), RATIO, node.span)


def _share(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand = measure(binding, node.arguments[0], "share", scope)
    gives = measurable([operand.type])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.arguments[0].span)
    return bound.Call("divide", (operand, overall(binding, node, scope)), RATIO, node.span)


def _rank(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) != 1:
        wrong(binding, "rank", scope, node.span)
    if scope.rows:
        binding.fail(
            "level-mismatch", "rank() compares groups; it has no value for a row", scope, node.span, "see band()"
        )
    operand = measure(binding, node.arguments[0], "rank", scope)
    if not (operand.type.numeric or operand.type.dated or operand.type.kind == "duration"):
        binding.fail("type-mismatch", f"{operand.type} has no order", scope, node.arguments[0].span)
    better = _better(binding, node.arguments[0], scope) or scope.better or "higher"
    return bound.Rank(operand, better == "higher", WHOLE, node.span)


def _better(binding: Binding, node: nodes.Argument, scope: Scope) -> str | None:
    """The direction of the KPI that an operand is, also through context functions and filters."""
    closure = binding.deref(node, scope)
    while True:
        found = closure.node
        if isinstance(found, nodes.Modified):
            closure = binding.deref(found.operand, closure.scope)
        elif isinstance(found, nodes.Call) and found.name.text in CONTEXTS and found.arguments:
            closure = binding.deref(found.arguments[0], closure.scope)
        else:
            break
    if isinstance(found, nodes.Path) and len(found.names) == 1 and found.names[0].text in binding.declarations.kpis:
        return binding.declarations.kpis[found.names[0].text].better
    return None


def _blend(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """The weighted mean of what is present: sum(present w * x) / sum(present w), missing where nothing is."""
    pairs: list[nodes.Pair] = []
    for argument in node.arguments:
        if not isinstance(argument, nodes.Pair) or isinstance(argument.key, nodes.Range):
            wrong(binding, "blend", scope, argument.span)
        else:
            pairs.append(argument)
    if not pairs:
        wrong(binding, "blend", scope, node.span)
    values, weights = binding.each(
        [
            lambda: binding.all([pair.key for pair in pairs], scope),
            lambda: [_weight(binding, pair.value, scope) for pair in pairs],
        ]
    )
    values = together(binding, values, scope, [pair.key.span for pair in pairs])
    gives = common([value.type for value in values])
    gives = gives if isinstance(gives, Misfit) else averaged([gives])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.span)
    span = node.span
    nothing: bound.Expression = bound.Constant(Decimal(0), NUMBER)
    top: bound.Expression | None = None
    bottom: bound.Expression | None = None
    for value, weight in zip(values, weights, strict=True):
        present = bound.Call("is_present", (value,), BOOL, span)
        part = bound.Call("multiply", (value, weight), gives, span)
        counted = bound.Case(((present, part),), evolve_constant(nothing, gives), gives)
        share = bound.Case(((present, weight),), nothing, NUMBER)
        top = counted if top is None else bound.Call("add", (top, counted), gives, span)
        bottom = share if bottom is None else bound.Call("add", (bottom, share), NUMBER, span)
    assert top is not None
    assert bottom is not None
    return bound.Call("divide", (top, bottom), gives, span)


def evolve_constant(expression: bound.Expression, type_: Type) -> bound.Expression:
    """A constant with another type."""
    return evolve(expression, type=type_) if isinstance(expression, bound.Constant) else expression


def _weight(binding: Binding, node: nodes.Expression, scope: Scope) -> bound.Expression:
    """A weight: a constant that is not negative."""
    found = binding.bind(node, scope)
    value = constant(found)
    if isinstance(found, bound.Versioned) and found.type.kind in ("ratio", "number"):
        return found
    if value is None or value.type.kind not in ("ratio", "number") or not isinstance(value.value, Decimal):
        binding.fail(
            "wrong-arguments", "a weight is a percentage or a number", scope, node.span, "write it as in csat -> 40%"
        )
    if value.value < 0:
        binding.fail("wrong-arguments", "a weight is not negative", scope, node.span)
    return bound.Constant(value.value, NUMBER)
