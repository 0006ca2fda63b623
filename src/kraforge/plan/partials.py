"""What an aggregate is made of: partial values that a scan gives, and the expression that finishes them.

`sum(a) / count(a)` shares its parts with a sum and a count of the same rows; a rate is two counts.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from attrs import frozen

from kraforge.plan import nodes
from kraforge.plan.leaves import Leaf
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, COUNT, NUMBER, Type


@frozen
class Partial:
    """One SQL aggregate over the rows of a scan that pass `where`; `merge` is how parts of it combine."""

    function: str
    arguments: tuple[nodes.Expression, ...]
    where: tuple[nodes.Expression, ...]
    type: Type
    merge: str = ""
    order: tuple[nodes.Expression, ...] = ()


Finish = Callable[[tuple[nodes.Expression, ...]], nodes.Expression]

ZERO: Final = Constant(Decimal(0), COUNT)
NO: Final = Constant(False, BOOL)


def rows_behind(leaf: Leaf) -> Partial:
    """How many rows an aggregate has behind it."""
    return Partial("count", (), leaf.where, COUNT, "sum")


def finish_sum(leaf: Leaf) -> Finish:
    """Makes a leaf's value of its sum, which is missing of no rows."""
    return lambda p: p[0] if leaf.empty_missing else _or(p[0], Constant(Decimal(0), leaf.type))


def split(leaf: Leaf, tie_break: tuple[nodes.Expression, ...]) -> tuple[tuple[Partial, ...], Finish]:
    """The partial values of a leaf and how they make its value; `tie_break` orders rows of one date (first, last)."""
    where, empty = leaf.where, leaf.empty_missing
    if leaf.weight is not None and leaf.function in ("sum", "count", "avg", "rate"):
        return _weighed(leaf, leaf.weight)
    match leaf.function:
        case "sum":
            total = Partial("sum", leaf.arguments, where, leaf.type, "sum")
            return (total,), finish_sum(leaf)
        case "count":
            return (rows_behind(leaf),), lambda p: _none_if_zero(p[0]) if empty else _or(p[0], ZERO)
        case "count_distinct":
            distinct = Partial("count_distinct", leaf.arguments, where, COUNT)
            return (distinct,), lambda p: _none_if_zero(p[0]) if empty else _or(p[0], ZERO)
        case "avg":
            total = Partial("sum", leaf.arguments, where, leaf.arguments[0].type, "sum")
            number = Partial("count", leaf.arguments, where, COUNT, "sum")
            return (total, number), lambda p: nodes.Apply("divide", (p[0], p[1]), leaf.type)
        case "rate":
            assert leaf.condition is not None
            met = Partial("count", (), (*where, leaf.condition), COUNT, "sum")
            return (met, rows_behind(leaf)), lambda p: nodes.Apply("divide", (_or(p[0], ZERO), p[1]), leaf.type)
        case "any" | "all":
            return _quantifier(leaf)
        case "min" | "max":
            return (Partial(leaf.function, leaf.arguments, where, leaf.type, leaf.function),), lambda p: p[0]
        case "first" | "last":
            order = (*(() if leaf.on is None else (leaf.on,)), *tie_break)
            if leaf.on is not None and not leaf.dated_rows_only:
                where = (*where, nodes.Apply("is_present", (leaf.on,), BOOL))
            return (Partial(leaf.function, leaf.arguments, where, leaf.type, "", order),), lambda p: p[0]
        case "stddev" | "median" | "percentile" | "percentile_disc":
            return (Partial(leaf.function, leaf.arguments, where, leaf.type),), lambda p: p[0]
        case name:
            raise ValueError(f"no plan for the aggregate {name}")


def _weighed(leaf: Leaf, weight: nodes.Expression) -> tuple[tuple[Partial, ...], Finish]:
    """Sums and counts scaled by what each row counts, averages weighed by it."""
    where, empty = leaf.where, leaf.empty_missing
    match leaf.function:
        case "count":
            rows = Partial("sum", (weight,), where, COUNT, "sum")
            return (rows,), lambda p: p[0] if empty else _or(p[0], ZERO)
        case "rate":
            assert leaf.condition is not None
            met = Partial("sum", (weight,), (*where, leaf.condition), NUMBER, "sum")
            rows = Partial("sum", (weight,), where, NUMBER, "sum")
            return (met, rows), lambda p: nodes.Apply("divide", (_or(p[0], ZERO), p[1]), leaf.type)
        case _:
            value = leaf.arguments[0]
            type_ = leaf.type if leaf.function == "sum" else value.type
            total = Partial("sum", (nodes.Apply("multiply", (value, weight), type_),), where, type_, "sum")
            if leaf.function == "sum":
                return (total,), lambda p: p[0] if empty else _or(p[0], Constant(Decimal(0), leaf.type))
            present = (*where, nodes.Apply("is_present", (value,), BOOL))
            number = Partial("sum", (weight,), present, NUMBER, "sum")
            return (total, number), lambda p: nodes.Apply("divide", (p[0], p[1]), leaf.type)


def _quantifier(leaf: Leaf) -> tuple[tuple[Partial, ...], Finish]:
    condition = leaf.condition
    if condition is None:
        met = rows_behind(leaf)
    elif leaf.function == "any":
        met = Partial("count", (), (*leaf.where, condition), COUNT, "sum")
    else:
        met = Partial("count", (), (*leaf.where, nodes.Apply("not", (condition,), BOOL)), COUNT, "sum")

    def finish(p: tuple[nodes.Expression, ...]) -> nodes.Expression:
        some = nodes.Apply("greater", (_or(p[0], ZERO), ZERO), BOOL)
        rows = nodes.Apply("greater", (_or(p[1], ZERO), ZERO), BOOL)
        if leaf.function == "all" and condition is not None:
            some = nodes.Apply("and", (rows, nodes.Apply("not", (some,), BOOL)), BOOL)
        if leaf.empty_missing:
            return nodes.Choose(((rows, some),), Constant(None, BOOL), BOOL)
        return some

    if leaf.function == "any" and not leaf.empty_missing:
        return (met,), lambda p: finish((p[0], p[0]))
    return (met, rows_behind(leaf)), finish


def _or(value: nodes.Expression, default: Constant) -> nodes.Expression:
    return nodes.Apply("else", (value, default), value.type if value.type.kind != "missing" else NUMBER)


def _none_if_zero(value: nodes.Expression) -> nodes.Expression:
    present = nodes.Apply("greater", (value, ZERO), BOOL)
    return nodes.Choose(((present, value),), Constant(None, value.type), value.type)
