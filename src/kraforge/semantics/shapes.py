"""Buckets, steps, curves and bands, spelled out as conditions and arithmetic."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from kraforge.functions import SCALARS, Misfit
from kraforge.functions.units import common, multiplied, ordered
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.operators import case
from kraforge.semantics.rows import Change, rebuild, rows_of, shared
from kraforge.semantics.scope import Scope
from kraforge.semantics.units import constant, fixed, together
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import BOOL, NUMBER, WHOLE, Type

REST = "other"
"""The label of what lies outside all buckets."""


@frozen
class Part:
    """One range of a bucket with its label."""

    low: bound.Constant | None
    high: bound.Constant | None
    closed: bool
    label: str
    span: Span


def shape(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """bucket, steps, interpolate, tiers or band."""
    declared = SCALARS[node.name.text]
    if len(node.arguments) < declared.least or (declared.most and len(node.arguments) > declared.most):
        binding.fail(
            "wrong-arguments",
            f"{declared.name} takes other arguments",
            scope,
            node.span,
            f"for example {declared.example}",
        )
    spell: dict[str, Callable[[Binding, nodes.Call, Scope], bound.Expression]] = {
        "bucket": _bucket,
        "steps": _steps,
        "interpolate": _interpolate,
        "tiers": _tiers,
        "band": _band,
    }
    return spell[declared.name](binding, node, scope)


def _compare(name: str, left: bound.Expression, right: bound.Expression, span: Span) -> bound.Expression:
    return bound.Call(name, (left, right), BOOL, span)


def _settled(operand: bound.Expression, span: Span) -> bound.Expression:
    """The operand as edges meet it: a number that is not whole has 12 significant digits."""
    if operand.type.whole or not operand.type.numeric:
        return operand
    return bound.Call("significant", (operand,), operand.type, span)


def _missing(operand: bound.Expression, span: Span) -> bound.Expression:
    return bound.Call("is_missing", (operand,), BOOL, span)


def _edge(binding: Binding, node: nodes.Expression, operand: bound.Expression, scope: Scope) -> bound.Constant:
    """A constant edge in the unit of what is measured."""
    found = binding.bind(node, scope)
    fixed(binding, (found,), scope, (node.span,))
    _, edge = together(binding, (operand, found), scope, (node.span, node.span))
    value = constant(edge)
    if value is None or value.value is None:
        binding.fail("bad-edges", "an edge is a constant", scope, node.span, "write a number, or name a parameter")
    gives = ordered([operand.type, value.type])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.span)
    return value


def amount(edge: bound.Constant) -> Any:
    """What orders an edge among others: a number, seconds, or a day."""
    seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
    if edge.unit is not None and isinstance(edge.value, Decimal):
        return edge.value * seconds[edge.unit]
    if isinstance(edge.value, dt.date) and not isinstance(edge.value, dt.datetime):
        return Decimal(edge.value.toordinal())
    if isinstance(edge.value, dt.datetime):
        whole = edge.value - dt.datetime(1, 1, 1)
        return Decimal(whole.days) + 1 + Decimal(whole.seconds) / 86400
    return edge.value


def _bucket(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand = binding.bind(node.arguments[0], scope)
    parts = binding.each(
        [lambda argument=argument: _part(binding, argument, operand, scope) for argument in node.arguments[1:]]  # type: ignore[misc]
    )
    _check_parts(binding, parts, operand, scope)
    span = node.span
    meets = _settled(operand, span)
    labels = [part.label for part in parts]
    rest = parts[0].low is not None or parts[-1].high is not None
    if rest and REST not in labels:
        labels.append(REST)
    type_ = Type("text", values=tuple(labels))
    branches: list[tuple[bound.Expression, bound.Expression]] = []
    if parts[0].low is not None:
        below = _compare("less", meets, parts[0].low, span)
        branches.append((below, bound.Constant(REST, type_)))
    for part in parts:
        label = bound.Constant(part.label, type_)
        if part.high is None:
            branches.append((bound.Call("is_present", (operand,), BOOL, span), label))
        else:
            branches.append((_compare("less_equal" if part.closed else "less", meets, part.high, span), label))
    if parts[-1].high is not None:
        branches.append((bound.Call("is_present", (operand,), BOOL, span), bound.Constant(REST, type_)))
    return bound.Case(tuple(branches), bound.Constant(None, type_), type_, tuple(labels))


def _part(binding: Binding, node: nodes.Argument, operand: bound.Expression, scope: Scope) -> Part:
    closure = binding.deref(node, scope)
    found, inner = closure.node, closure.scope
    label = None
    span = found.span
    if isinstance(found, nodes.Pair):
        text = binding.bind(found.value, inner)
        if not isinstance(text, bound.Constant) or not isinstance(text.value, str):
            binding.fail(
                "wrong-arguments", "a label is a text", inner, found.value.span, "write it as in 1..30 -> 'early'"
            )
        label, found = text.value, found.key
    if not isinstance(found, nodes.Range):
        binding.fail("wrong-arguments", "a bucket is a range", inner, span, f"for example {SCALARS['bucket'].example}")
    low = None if found.low is None else _edge(binding, found.low, operand, inner)
    high = None if found.high is None else _edge(binding, found.high, operand, inner)
    written = inner.source.text[found.span.start : found.span.end].strip()
    if low is not None and high is not None and amount(low) > amount(high):
        binding.fail("bad-edges", f"the range {written} ends before it begins", inner, found.span, "swap its ends")
    return Part(low, high, found.closed, label if label is not None else written, span)


def _check_parts(binding: Binding, parts: list[Part], operand: bound.Expression, scope: Scope) -> None:
    """Order, overlaps and gaps of the ranges of a bucket."""
    discrete = operand.type.whole or operand.type.kind == "date"
    for before, after in itertools.pairwise(parts):
        sides, span = f"{before.label} and {after.label}", before.span.to(after.span)
        if before.high is None or after.low is None or amount(after.low) < amount(before.high):
            later = before.low is not None and after.low is not None and amount(after.low) < amount(before.low)
            what = "are out of order" if later else "overlap"
            binding.fail(
                "bad-edges",
                f"the ranges {sides} {what}",
                scope,
                span,
                "list them from low to high, each ending before the next",
            )
        distance = amount(after.low) - amount(before.high)
        if distance == 0 and before.closed:
            edge = "both hold the edge between them"
            binding.fail("bad-edges", f"the ranges {sides} overlap: {edge}", scope, span, "write ..< in the first")
        gap = distance > 0 and not (discrete and before.closed and distance == 1)
        if gap:
            hint = None if discrete else "write a ..< b, so that the next begins where it ends, or round the value"
            binding.fail("bad-edges", f"there is a gap between the ranges {sides}", scope, span, hint)
    seen: dict[str, Part] = {}
    for part in parts:
        if part.label in seen:
            binding.fail("bad-edges", f"two ranges have the label '{part.label}'", scope, part.span)
        seen[part.label] = part


def _points(
    binding: Binding, node: nodes.Call, scope: Scope
) -> tuple[bound.Expression, list[bound.Constant], list[bound.Expression], list[Span]]:
    """What a curve is asked for, its edges in order, and the values at them."""
    operand = binding.bind(node.arguments[0], scope)
    edges: list[bound.Constant] = []
    values: list[bound.Expression] = []
    spans: list[Span] = []

    def point(argument: nodes.Argument) -> None:
        closure = binding.deref(argument, scope)
        pair = closure.node
        if not isinstance(pair, nodes.Pair) or isinstance(pair.key, nodes.Range):
            declared = SCALARS[node.name.text]
            binding.fail(
                "wrong-arguments", "a point is edge -> value", scope, argument.span, f"for example {declared.example}"
            )
        edge = _edge(binding, pair.key, operand, closure.scope)
        values.append(binding.bind(pair.value, closure.scope))
        edges.append(edge)
        spans.append(pair.span)

    binding.each([lambda argument=argument: point(argument) for argument in node.arguments[1:]])  # type: ignore[misc]
    source = scope.source.text
    for number, (before, after) in enumerate(itertools.pairwise(edges)):
        if amount(before) >= amount(after):
            one, other = (source[span.start : span.end] for span in spans[number : number + 2])
            what = "have the same edge" if amount(before) == amount(after) else "are out of order"
            binding.fail(
                "bad-edges",
                f"{one} and {other} {what}",
                scope,
                spans[number].to(spans[number + 1]),
                "list edges from low to high",
            )
    return operand, edges, values, spans


def _steps(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, edges, values, spans = _points(binding, node, scope)
    meets = _settled(operand, node.span)
    branches = [
        (_compare("greater_equal", meets, edge, node.span), value)
        for edge, value in zip(reversed(edges), reversed(values), strict=True)
    ]
    nothing = bound.Constant(None, Type("missing"))
    found = case(binding, branches, nothing, scope, node.span, [*reversed(spans), node.span])
    assert isinstance(found, bound.Case)
    return evolve(found, otherwise=bound.Constant(None, found.type))


def _constants(
    binding: Binding, values: list[bound.Expression], scope: Scope, spans: list[Span]
) -> list[bound.Constant]:
    found = []
    for value, span in zip(values, spans, strict=True):
        known = constant(value)
        if known is None or not isinstance(known.value, Decimal):
            binding.fail("wrong-arguments", "the value at a point of a curve is a constant", scope, span)
        found.append(known)
    return found


def _interpolate(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, edges, values, spans = _points(binding, node, scope)
    fixed(binding, values, scope, spans)
    points = _constants(binding, together(binding, values, scope, spans), scope, spans)
    gives = common([point.type for point in points])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.span)
    gives = gives.loosened()
    if not operand.type.numeric or not gives.numeric:
        binding.fail("type-mismatch", "a curve is of numbers or money", scope, node.span)
    span, meets = node.span, _settled(operand, node.span)
    branches: list[tuple[bound.Expression, bound.Expression]] = [
        (_compare("less_equal", meets, edges[0], span), evolve(points[0], type=gives))
    ]
    for (low, high), (start, end) in zip(itertools.pairwise(edges), itertools.pairwise(points), strict=True):
        beyond = bound.Call("subtract", (operand, low), operand.type.loosened(), span)
        rise = bound.Constant(_number(end) - _number(start), NUMBER)
        run = bound.Constant(_number(high) - _number(low), NUMBER)
        part = bound.Call("divide", (bound.Call("multiply", (_unitless(beyond), rise), NUMBER, span), run), gives, span)
        branches.append(
            (
                _compare("less_equal", meets, high, span),
                bound.Call("add", (evolve(start, type=gives), part), gives, span),
            )
        )
    branches.append((bound.Call("is_present", (operand,), BOOL, span), evolve(points[-1], type=gives)))
    return bound.Case(tuple(branches), bound.Constant(None, gives), gives)


def _number(edge: bound.Constant) -> Decimal:
    assert isinstance(edge.value, Decimal)
    return edge.value


def _unitless(expression: bound.Call) -> bound.Expression:
    return evolve(expression, type=NUMBER)


def _tiers(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, edges, values, spans = _points(binding, node, scope)
    rates = _constants(binding, values, scope, spans)
    if not operand.type.numeric:
        binding.fail("type-mismatch", "tiers are of numbers or money", scope, node.arguments[0].span)
    kinds = [multiplied([operand.type, rate.type]) for rate in rates]
    for kind, at in zip(kinds, spans, strict=True):
        if isinstance(kind, Misfit):
            binding.misfit(kind, scope, at)
    gives = common([kind for kind in kinds if isinstance(kind, Type)])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.span)
    gives = gives.loosened()
    span, meets = node.span, _settled(operand, node.span)
    so_far = Decimal(0)
    branches: list[tuple[bound.Expression, bound.Expression]] = [
        (_compare("less_equal", meets, edges[0], span), bound.Constant(so_far, gives))
    ]
    for number, (edge, rate) in enumerate(zip(edges, rates, strict=True)):
        beyond = bound.Call("subtract", (operand, edge), operand.type.loosened(), span)
        part = bound.Call("multiply", (beyond, rate), gives, span)
        value = bound.Call("add", (bound.Constant(so_far, gives), part), gives, span)
        if number + 1 < len(edges):
            upper = edges[number + 1]
            branches.append((_compare("less_equal", meets, upper, span), value))
            so_far += (_number(upper) - _number(edge)) * _number(rate)
        else:
            branches.append((bound.Call("is_present", (operand,), BOOL, span), value))
    return bound.Case(tuple(branches), bound.Constant(None, gives), gives)


def _band(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    if not scope.rows or scope.mode != "plain":
        binding.fail(
            "level-mismatch",
            "band() is of a row of a population",
            scope,
            node.span,
            "declare it as a row field or a dimension",
        )
    row = scope.rows[-1]
    operand = binding.bind(node.arguments[0], scope)
    gives = ordered([operand.type])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.arguments[0].span)
    number = constant(binding.bind(node.arguments[1], scope))
    value = number.value if number else None
    if not isinstance(value, Decimal) or value != value.to_integral_value() or not 2 <= value <= 1000:
        binding.fail(
            "wrong-arguments", "the number of parts is a whole number from 2 to 1000", scope, node.arguments[1].span
        )
    if len(node.arguments) == 3 and binding.word(node.arguments[2], scope) != "value":
        binding.fail(
            "wrong-arguments", "after the number of parts only the word value may stand", scope, node.arguments[2].span
        )
    if rows_of(operand) - {row.number}:
        binding.fail("mixed-tables", f"band() is of rows of {row.table} alone", scope, node.arguments[0].span)
    return bound.Band(_alone(operand, row.number), int(value), len(node.arguments) == 3, row.number, row.table, WHOLE)


def _alone(operand: bound.Expression, number: int) -> bound.Expression:
    """The operand over row 0."""

    def step(part: bound.Expression, change: Change) -> bound.Expression:
        match part:
            case bound.Column() | bound.Band() if part.row == number:
                return evolve(part, row=0)
            case bound.Aggregate():
                new = rebuild(part, change)
                assert isinstance(new, bound.Aggregate)
                return evolve(new, outer=0) if part.outer == number else new
            case _:
                return rebuild(part, change)

    return shared(step)(operand)
