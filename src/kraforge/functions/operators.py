"""The operators: what formulas write as signs and words, under the names that the plan has for them."""

from __future__ import annotations

from collections.abc import Sequence

from kraforge.functions.declaration import Misfit, Scalar, TypeRule
from kraforge.functions.units import added, common, comparable, condition, divided, multiplied, ordered, subtracted
from kraforge.types import BOOL, DURATION, TEXT, Type


def _compares(rule: TypeRule) -> TypeRule:
    def gives(types: Sequence[Type]) -> Type | Misfit:
        shared = rule(types)
        return shared if isinstance(shared, Misfit) else BOOL

    return gives


def _negated(types: Sequence[Type]) -> Type | Misfit:
    (type_,) = types
    if type_.numeric or type_.kind in ("duration", "missing"):
        return type_
    return Misfit(f"{type_} has no negative")


def _moved(types: Sequence[Type]) -> Type | Misfit:
    moment, length = types
    if moment.kind in ("date", "timestamp", "missing") and length.kind in ("duration", "missing"):
        return moment
    return Misfit(f"{moment} and {length} cannot be added", hint="add a length such as 30 days to a date")


def _elapsed(types: Sequence[Type]) -> Type | Misfit:
    if all(type_.dated or type_.kind == "missing" for type_ in types):
        return DURATION
    return Misfit(f"{types[0]} and {types[1]} cannot be subtracted")


def _bool(types: Sequence[Type]) -> Type:
    return BOOL


def _text(types: Sequence[Type]) -> Type:
    return TEXT


def _same(types: Sequence[Type]) -> Type:
    return types[0]


def _operator(
    name: str, arguments: int | None, gives: TypeRule, doc: str, example: str, *, handled: bool = False
) -> Scalar:
    least = 1 if arguments is None else arguments
    return Scalar(
        name, least, arguments, gives, doc, example, missing="handled" if handled else "spreads", operator=True
    )


OPERATORS = (
    _operator("add", 2, added, "The sum of two numbers, amounts of money or durations.", "a + b"),
    _operator("subtract", 2, subtracted, "The difference of two numbers, amounts of money or durations.", "a - b"),
    _operator("multiply", 2, multiplied, "The product; at most one factor is money or a duration.", "a * b"),
    _operator("divide", 2, divided, "The exact quotient; missing where the divisor is zero. Like by like is a ratio.", "a / b"),
    _operator("negate", 1, _negated, "The negative of a number, money or a duration.", "-a"),
    _operator("equal", 2, _compares(comparable), "Whether two values are equal; false where one is missing.", "a = b", handled=True),
    _operator("not_equal", 2, _compares(comparable), "Whether two values differ; false where one is missing.", "a != b", handled=True),
    _operator("less", 2, _compares(ordered), "Whether the first is less; false where one is missing.", "a < b", handled=True),
    _operator("less_equal", 2, _compares(ordered), "Whether the first is at most the second; false where one is missing.", "a <= b", handled=True),
    _operator("greater", 2, _compares(ordered), "Whether the first is more; false where one is missing.", "a > b", handled=True),
    _operator("greater_equal", 2, _compares(ordered), "Whether the first is at least the second; false where one is missing.", "a >= b", handled=True),
    _operator("and", 2, condition, "Whether both hold; a missing bool counts as false.", "a and b", handled=True),
    _operator("or", 2, condition, "Whether at least one holds; a missing bool counts as false.", "a or b", handled=True),
    _operator("not", 1, condition, "Whether it does not hold; a missing bool counts as false.", "not a", handled=True),
    _operator("is_missing", 1, _bool, "Whether there is no value.", "a is missing", handled=True),
    _operator("is_present", 1, _bool, "Whether there is a value.", "a is present", handled=True),
    _operator("in", None, _compares(comparable), "Whether the first is one of the others; false where it is missing.", "a in (1, 2)", handled=True),
    _operator("between", 3, _compares(ordered), "Whether the first lies between two, both ends included; false where one is missing.", "a in 1..3", handled=True),
    _operator("else", 2, common, "The first value, or the second where the first is missing.", "a else b", handled=True),
    _operator("add_time", 2, _moved, "A date or timestamp later by a length; months are clamped to the month's end.", "a + 30 days"),
    _operator("subtract_time", 2, _moved, "A date or timestamp earlier by a length; months are clamped to the month's end.", "a - 30 days"),
    _operator("elapsed", 2, _elapsed, "The duration from the second to the first; a date with a timestamp by their dates.", "a - b"),
    _operator("row_key", None, _text, "The key of a row, where several columns make it; missing where one of them is.", "count_distinct(usage.licence)"),
    _operator("significant", 1, _same, "The number rounded to 12 significant digits, half away from zero, before it meets an edge.", "steps(a, 0% -> 1)"),
)  # fmt: skip
"""Operators, by the names of the plan. None of them is called by name in a formula."""

SIGNS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "=": "equal", "!=": "not_equal", "<": "less",
    "<=": "less_equal", ">": "greater", ">=": "greater_equal", "and": "and", "or": "or", "else": "else",
}  # fmt: skip
"""What a formula writes for each binary operator."""
