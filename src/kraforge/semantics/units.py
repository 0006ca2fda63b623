"""Bringing operands together: bare numbers take a unit, ratios and bare numbers stay apart, texts are among the declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from attrs import evolve

from kraforge.functions import SCALARS, Misfit
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.scope import Scope
from kraforge.text import Span
from kraforge.types import RATIO, Type

CALENDAR = ("month", "quarter", "half", "year")
"""Units of time that have no fixed length."""


def constant(expression: bound.Expression) -> bound.Constant | None:
    """The constant that an expression is, also with a sign before it."""
    if isinstance(expression, bound.Constant):
        return expression
    if isinstance(expression, bound.Call) and expression.function == "negate":
        inner = constant(expression.arguments[0])
        if inner is not None and isinstance(inner.value, Decimal):
            return evolve(inner, value=-inner.value)
    return None


def bare(expression: bound.Expression) -> bool:
    """Whether an expression is a number without a unit that was written or given, not computed."""
    if isinstance(expression, bound.Versioned):
        return all(bare(value) for _, value in expression.versions)
    if isinstance(expression, bound.Bound):
        return expression.type.kind == "number"
    found = constant(expression)
    return found is not None and found.type.kind == "number"


def zero(expression: bound.Expression) -> bool:
    """Whether an expression is the literal 0."""
    found = constant(expression)
    return found is not None and found.value == 0


def retyped(expression: bound.Expression, type_: Type) -> bound.Expression:
    """A bare number with a unit."""
    match expression:
        case bound.Constant() | bound.Bound():
            return evolve(expression, type=evolve(type_, whole=expression.type.whole, values=None))
        case bound.Call():
            arguments = tuple(retyped(argument, type_) for argument in expression.arguments)
            return evolve(expression, arguments=arguments, type=arguments[0].type)
        case bound.Versioned():
            versions = tuple((start, retyped(value, type_)) for start, value in expression.versions)
            return bound.Versioned(versions, evolve(type_, whole=expression.type.whole))
        case _:
            return expression


def together(
    binding: Binding, operands: Sequence[bound.Expression], scope: Scope, spans: Sequence[Span]
) -> list[bound.Expression]:
    """Operands of a comparison, or alternatives: bare numbers take money's unit, and do not meet ratios, except 0."""
    types = [operand.type for operand in operands]
    money = next((type_ for type_ in types if type_.kind == "money"), None)
    ratio = any(type_.kind == "ratio" for type_ in types)
    result = []
    for operand, span in zip(operands, spans, strict=True):
        if not bare(operand) or (money is None and not ratio):
            result.append(operand)
        elif money is not None:
            result.append(retyped(operand, money))
        elif zero(operand):
            result.append(retyped(operand, RATIO))
        elif all(type_.kind in ("ratio", "missing") or bare(each) for type_, each in zip(types, operands, strict=True)):
            binding.fail(
                "ratio-and-number",
                "a ratio meets a bare number",
                scope,
                span,
                _percentage(operand),
            )
        else:
            result.append(operand)
    return result


def _percentage(operand: bound.Expression) -> str:
    found = constant(operand)
    if found is None or not isinstance(found.value, Decimal):
        return "give it as a ratio"
    return f"write {_plain(found.value)}%" if abs(found.value) > 2 else f"write {_plain(found.value * 100)}%"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def fixed(binding: Binding, operands: Sequence[bound.Expression], scope: Scope, spans: Sequence[Span]) -> None:
    """Refuses months and years where a duration of fixed length is needed."""
    for operand, span in zip(operands, spans, strict=True):
        if any(length.unit in CALENDAR for length in lengths(operand)):
            binding.fail(
                "bad-length",
                "months, quarters, halves and years have no fixed length",
                scope,
                span,
                "use days or weeks, or months(a, b) for whole months between dates",
            )


def lengths(operand: bound.Expression) -> Iterator[bound.Constant]:
    """The constant durations that an operand may be."""
    if isinstance(operand, bound.Versioned):
        for _, value in operand.versions:
            yield from lengths(value)
    found = constant(operand)
    if found is not None and found.type.kind == "duration":
        yield found


def apply(
    binding: Binding, name: str, operands: Sequence[bound.Expression], scope: Scope, span: Span, spans: Sequence[Span]
) -> bound.Expression:
    """A call of a declared scalar function or operator, its type worked out."""
    gives = SCALARS[name].gives([operand.type for operand in operands])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, _narrow(name, operands, span, spans))
    return bound.Call(name, tuple(operands), gives, span)


def _narrow(name: str, operands: Sequence[bound.Expression], span: Span, spans: Sequence[Span]) -> Span:
    """The one operand that does not fit a condition, else all."""
    if name in ("and", "or", "not"):
        for operand, place in zip(operands, spans, strict=True):
            if operand.type.kind not in ("bool", "missing"):
                return place
    return span


def condition(binding: Binding, expression: bound.Expression, scope: Scope, span: Span) -> bound.Expression:
    """The expression, where it is a condition."""
    if expression.type.kind not in ("bool", "missing"):
        binding.fail(
            "type-mismatch", f"a condition is needed, not {expression.type}", scope, span, "compare it with something"
        )
    return expression


def texts(expression: bound.Expression) -> Iterator[str]:
    """The texts that are written in an expression as its possible values."""
    match expression:
        case bound.Constant(value=str() as text) if expression.type.kind == "text":
            yield text
        case bound.Case() if not expression.labels:
            for _, value in expression.branches:
                yield from texts(value)
            yield from texts(expression.otherwise)
        case bound.Call(function="else"):
            for argument in expression.arguments:
                yield from texts(argument)
        case bound.Versioned():
            for _, value in expression.versions:
                yield from texts(value)


def among(
    binding: Binding, left: bound.Expression, right: bound.Expression, scope: Scope, spans: tuple[Span, Span]
) -> None:
    """Refuses a text that is written on one side of a comparison and can never be the other."""
    for one, other, span in ((left, right, spans[0]), (right, left, spans[1])):
        values = other.type.values
        if values is None or isinstance(other, bound.Constant):
            continue
        for text in texts(one):
            if text not in values:
                close = suggestion(text, values)
                binding.fail(
                    "unknown-value",
                    f"'{text}' is not one of the declared values",
                    scope,
                    span,
                    close,
                    listed("values", values),
                )
