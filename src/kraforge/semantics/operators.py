"""Operators, conditions and alternatives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from kraforge.functions import Misfit
from kraforge.functions.operators import SIGNS
from kraforge.functions.units import common, scaled
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.moments import by_day, moments
from kraforge.semantics.pauses import pauses
from kraforge.semantics.scope import Scope
from kraforge.semantics.units import among, apply, bare, condition, fixed, lengths, retyped, together
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import BOOL, DATE, DURATION, MISSING, NUMBER, RATIO, TIMESTAMP, WHOLE, Type, money

COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


def literal(node: nodes.Constant) -> bound.Constant:
    """A literal with its type; a percentage becomes a fraction."""
    value = node.value
    match node.kind:
        case "number":
            assert isinstance(value, Decimal)
            return bound.Constant(value, WHOLE if value == value.to_integral_value() else NUMBER)
        case "percent":
            assert isinstance(value, Decimal)
            return bound.Constant(value / 100, RATIO)
        case "money":
            return bound.Constant(value, money(node.unit or ""))
        case "duration":
            return bound.Constant(value, DURATION, node.unit)
        case "date":
            assert isinstance(value, dt.date)
            return bound.Constant(value, DATE)
        case "timestamp":
            return bound.Constant(value, TIMESTAMP)
        case "text":
            assert isinstance(value, str)
            return bound.Constant(value, Type("text", values=(value,)))
        case "bool":
            return bound.Constant(value, BOOL)
        case "missing":
            return bound.Constant(None, MISSING)


def binary(binding: Binding, node: nodes.Binary, scope: Scope) -> bound.Expression:
    """Two operands with an operator between them."""
    left, right = binding.all((node.left, node.right), scope)
    name, spans = SIGNS[node.operator], (node.left.span, node.right.span)
    if name in COMPARISONS:
        return compared(binding, name, left, right, scope, node.span, spans)
    if name == "else":
        return alternative(binding, left, right, scope, node.span, spans)
    if name in ("add", "subtract"):
        return _sum(binding, name, left, right, scope, node.span, spans)
    if name in ("multiply", "divide"):
        fixed(binding, (left, right), scope, spans)
    if name == "divide" and bare(right):
        gives = scaled(left.type)
        if isinstance(gives, Misfit):
            binding.misfit(gives, scope, node.span)
        return bound.Call(name, (left, right), gives, node.span)
    return apply(binding, name, (left, right), scope, node.span, spans)


def _sum(
    binding: Binding,
    name: str,
    left: bound.Expression,
    right: bound.Expression,
    scope: Scope,
    span: Span,
    spans: tuple[Span, Span],
) -> bound.Expression:
    """A sum or difference of numbers, or of dates and durations."""
    verb = "add_time" if name == "add" else "subtract_time"
    if left.type.dated and right.type.kind == "duration":
        return _moved(binding, verb, left, right, scope, span, spans)
    if name == "add" and left.type.kind == "duration" and right.type.dated:
        return _moved(binding, verb, right, left, scope, span, (spans[1], spans[0]))
    if name == "subtract" and left.type.dated and right.type.dated:
        return apply(binding, "elapsed", (left, right), scope, span, spans)
    if left.type.dated and right.type.numeric:
        binding.fail(
            "type-mismatch",
            f"{left.type} and {right.type} cannot be added",
            scope,
            span,
            "write a length such as 30 days",
        )
    fixed(binding, (left, right), scope, spans)
    if left.type.kind == "ratio" and bare(right):
        right = retyped(right, RATIO)
    elif right.type.kind == "ratio" and bare(left):
        left = retyped(left, RATIO)
    if name == "subtract" and scope.rows:
        right = pauses(left, right)
    return apply(binding, name, (left, right), scope, span, spans)


def _moved(
    binding: Binding,
    name: str,
    moment: bound.Expression,
    length: bound.Expression,
    scope: Scope,
    span: Span,
    spans: tuple[Span, Span],
) -> bound.Expression:
    """A date moved by a length; each version of a length by itself."""
    if isinstance(length, bound.Versioned):
        versions = tuple(
            (start, _moved(binding, name, moment, value, scope, span, spans)) for start, value in length.versions
        )
        return bound.Versioned(versions, moment.type)
    for each in lengths(length):
        if moment.type.kind == "date" and each.unit in ("second", "minute", "hour"):
            binding.fail(
                "bad-length",
                f"a date has no {each.unit}s",
                scope,
                spans[1],
                "use days, or a timestamp instead of a date",
            )
        fraction = isinstance(each.value, Decimal) and each.value != each.value.to_integral_value()
        if fraction and each.unit not in ("second", "minute", "hour"):
            binding.fail("bad-length", "a date moves by whole units only", scope, spans[1])
    return apply(binding, name, (moment, length), scope, span, spans)


def compared(
    binding: Binding,
    name: str,
    left: bound.Expression,
    right: bound.Expression,
    scope: Scope,
    span: Span,
    spans: tuple[Span, Span],
) -> bound.Expression:
    """A comparison."""
    fixed(binding, (left, right), scope, spans)
    left, right = by_day(together(binding, (left, right), scope, spans))
    result = apply(binding, name, (left, right), scope, span, spans)
    among(binding, left, right, scope, spans)
    return result


def alternative(
    binding: Binding,
    left: bound.Expression,
    right: bound.Expression,
    scope: Scope,
    span: Span,
    spans: tuple[Span, Span],
) -> bound.Expression:
    """The left value, or the right one where it is missing."""
    left, right = moments(together(binding, (left, right), scope, spans))
    return apply(binding, "else", (left, right), scope, span, spans)


def unary(binding: Binding, node: nodes.Unary, scope: Scope) -> bound.Expression:
    """A sign or a negation."""
    operand = binding.bind(node.operand, scope)
    if node.operator == "-" and isinstance(operand, bound.Constant) and isinstance(operand.value, Decimal):
        return bound.Constant(-operand.value, operand.type, operand.unit)
    name = "negate" if node.operator == "-" else "not"
    return apply(binding, name, (operand,), scope, node.span, (node.operand.span,))


def presence(binding: Binding, node: nodes.Presence, scope: Scope) -> bound.Expression:
    """`is missing` and `is present`."""
    operand = binding.bind(node.operand, scope)
    return bound.Call("is_present" if node.present else "is_missing", (operand,), BOOL, node.span)


def membership(binding: Binding, node: nodes.Membership, scope: Scope) -> bound.Expression:
    """`in (…)` and `not in (…)`."""
    written = (node.operand, *node.items)
    spans = [each.span for each in written]
    operands = binding.all(written, scope)
    operands = by_day(together(binding, operands, scope, spans))
    result = apply(binding, "in", operands, scope, node.span, spans)

    def check(number: int) -> None:
        among(binding, operands[0], operands[number], scope, (spans[0], spans[number]))

    binding.each([lambda number=number: check(number) for number in range(1, len(operands))])  # type: ignore[misc]
    return bound.Call("not", (result,), BOOL, node.span) if node.negated else result


def between(binding: Binding, node: nodes.Between, scope: Scope) -> bound.Expression:
    """`in 1..3` and `not in 1..3`."""
    written = (node.operand, node.low, node.high)
    spans = [each.span for each in written]
    operands = binding.all(written, scope)
    fixed(binding, operands, scope, spans)
    operands = by_day(together(binding, operands, scope, spans))
    result = apply(binding, "between", operands, scope, node.span, spans)
    low, high = operands[1:]
    if isinstance(low, bound.Constant) and isinstance(high, bound.Constant):
        one, other = low.value, high.value
        if isinstance(one, Decimal) and isinstance(other, Decimal) and one > other:
            binding.fail("bad-edges", "the first end is above the last", scope, spans[1].to(spans[2]), "swap them")
    return bound.Call("not", (result,), BOOL, node.span) if node.negated else result


def choice(binding: Binding, node: nodes.If, scope: Scope) -> bound.Expression:
    """`if … then … else …`; a chain of them is one."""
    conditions: list[nodes.Expression] = []
    values: list[nodes.Expression] = []
    rest: nodes.Expression = node
    while isinstance(rest, nodes.If):
        conditions.append(rest.condition)
        values.append(rest.then)
        rest = rest.otherwise
    values.append(rest)
    tests, results = binding.each([lambda: binding.all(conditions, scope), lambda: binding.all(values, scope)])
    binding.each(
        [
            lambda test=test, at=at: condition(binding, test, scope, at.span)  # type: ignore[misc]
            for test, at in zip(tests, conditions, strict=True)
        ]
    )
    return case(
        binding, list(zip(tests, results, strict=False)), results[-1], scope, node.span, [v.span for v in values]
    )


def case(
    binding: Binding,
    branches: list[tuple[bound.Expression, bound.Expression]],
    otherwise: bound.Expression,
    scope: Scope,
    span: Span,
    spans: list[Span],
) -> bound.Expression:
    """Branches whose values have one type."""
    values = moments(together(binding, [*(value for _, value in branches), otherwise], scope, spans))
    gives = common([value.type for value in values])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, span)
    pairs = tuple((test, value) for (test, _), value in zip(branches, values, strict=False))
    return bound.Case(pairs, values[-1], gives)
