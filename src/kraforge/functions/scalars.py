"""Scalar functions over numbers and texts."""

from __future__ import annotations

from collections.abc import Sequence

from kraforge.functions.declaration import Misfit, Scalar, TypeRule
from kraforge.functions.units import common, measurable, whole_if
from kraforge.types import BOOL, NUMBER, TEXT, Type


def _absolute(types: Sequence[Type]) -> Type | Misfit:
    return measurable(types)


def _rounded(types: Sequence[Type]) -> Type | Misfit:
    type_ = measurable(types)
    if isinstance(type_, Misfit) or type_.kind == "duration":
        return Misfit(f"a number or money is needed, not {types[0]}")
    if len(types) == 2 and not types[1].whole:
        return Misfit("the number of decimals is a whole number")
    return whole_if(type_, type_.whole or len(types) == 1)


def _extreme(types: Sequence[Type]) -> Type | Misfit:
    shared = common(types)
    if isinstance(shared, Type) and shared.kind in ("text", "bool"):
        return Misfit(f"{shared.kind} has no least and greatest value")
    return shared


def _texts(gives: Type) -> TypeRule:
    def rule(types: Sequence[Type]) -> Type | Misfit:
        for type_ in types:
            if type_.kind not in ("text", "missing"):
                return Misfit(f"text is needed, not {type_}", hint="text(…) writes a value as text")
        return gives

    return rule


def _left(types: Sequence[Type]) -> Type | Misfit:
    if types[0].kind not in ("text", "missing") or not types[1].whole:
        return Misfit(f"text and a whole number are needed, not {types[0]} and {types[1]}")
    return TEXT


def _written(types: Sequence[Type]) -> Type | Misfit:
    (type_,) = types
    if type_.whole or type_.kind in ("text", "date", "bool", "missing"):
        return TEXT
    return Misfit(f"a whole number, date, bool or text is needed, not {type_}", hint="round(…) makes a number whole")


def _read(types: Sequence[Type]) -> Type | Misfit:
    (type_,) = types
    if type_.kind in ("text", "missing") or type_.numeric:
        return whole_if(NUMBER, type_.whole)
    return Misfit(f"text or a number is needed, not {type_}")


SCALARS = (
    Scalar("abs", 1, 1, _absolute, "The distance from zero; keeps the unit.", "abs(revenue - forecast)", "abs({0})"),
    Scalar("round", 1, 2, _rounded, "Rounded half away from zero, to whole numbers or to so many decimals.", "round(score, 1)"),
    Scalar("floor", 1, 1, _rounded, "The greatest whole number that is not above it.", "floor(hours)"),
    Scalar("ceil", 1, 1, _rounded, "The least whole number that is not below it.", "ceil(hours)"),
    Scalar("min", 2, None, _extreme, "The least of several values; missing where one is. With one argument it is an aggregate.", "min(score, 3)"),
    Scalar("max", 2, None, _extreme, "The greatest of several values; missing where one is. With one argument it is an aggregate.", "max(days_late, 0)"),
    Scalar("lower", 1, 1, _texts(TEXT), "The text in small letters.", "lower(name)", "lower({0})"),
    Scalar("left", 2, 2, _left, "The first so many characters of a text.", "left(code, 2)", "left({0}, {1})"),
    Scalar("contains", 2, 2, _texts(BOOL), "Whether the second text occurs in the first, letter by letter.", "contains(name, 'Ltd')"),
    Scalar("starts_with", 2, 2, _texts(BOOL), "Whether the first text begins with the second.", "starts_with(code, 'X')"),
    Scalar("ends_with", 2, 2, _texts(BOOL), "Whether the first text ends with the second.", "ends_with(code, 'X')"),
    Scalar("number", 1, 1, _read, "The number that a text spells, missing where it spells none; of money or a ratio its bare number.", "number(code)"),
    Scalar("text", 1, 1, _written, "A whole number, date or bool as text.", "text(year(issued_on))"),
)  # fmt: skip
