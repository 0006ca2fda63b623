"""Days as moments: where a timestamp is meant, as_of and period.end are the end of their day, other dates its beginning."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from kraforge.semantics import bound
from kraforge.types import DATE, TIMESTAMP

ALTERNATIVES = ("else", "min", "max")
DAYS = frozenset(
    ("days", "months", "business_days", "start_of", "end_of", "year", "quarter", "month", "weekday", "day")
)
"""Functions that look at days; a timestamp is the day that it lies on."""


def moment(expression: bound.Expression) -> bound.Expression:
    """An expression where a point in time is meant."""
    if expression.type.kind != "date":
        return expression
    match expression:
        case bound.PeriodValue() if _ends(expression):
            return bound.Call("_day_end", (expression,), TIMESTAMP)
        case bound.Call(function=function) if function in ALTERNATIVES:
            return evolve(expression, arguments=tuple(moment(a) for a in expression.arguments), type=TIMESTAMP)
        case bound.Case():
            branches = tuple((condition, moment(value)) for condition, value in expression.branches)
            return evolve(expression, branches=branches, otherwise=moment(expression.otherwise), type=TIMESTAMP)
        case bound.Constant(value=None):
            return expression
        case _:
            return bound.Call("_day_start", (expression,), TIMESTAMP)


def moments(operands: Sequence[bound.Expression]) -> list[bound.Expression]:
    """Alternatives as points in time, where some are timestamps and others days."""
    if {operand.type.kind for operand in operands} >= {"date", "timestamp"}:
        return [moment(operand) for operand in operands]
    return list(operands)


def _ends(expression: bound.Expression) -> bool:
    return isinstance(expression, bound.PeriodValue) and expression.what in ("as_of", "end")


def by_day(operands: Sequence[bound.Expression]) -> list[bound.Expression]:
    """What is compared: with a date by days."""
    if any(operand.type.kind == "date" for operand in operands):
        return [day(operand) for operand in operands]
    return list(operands)


def day(expression: bound.Expression) -> bound.Expression:
    """An expression where a day is meant: alternatives that were made moments are days again, each on its own."""
    if expression.type.kind != "timestamp" or not _made(expression):
        return expression
    match expression:
        case bound.Call(function="_day_end" | "_day_start", arguments=(own,)):
            return own
        case bound.Call(function=function) if function in ALTERNATIVES:
            return evolve(expression, arguments=tuple(_as_day(a) for a in expression.arguments), type=DATE)
        case bound.Case():
            branches = tuple((condition, _as_day(value)) for condition, value in expression.branches)
            return evolve(expression, branches=branches, otherwise=_as_day(expression.otherwise), type=DATE)
        case _:
            return expression


def _as_day(expression: bound.Expression) -> bound.Expression:
    found = day(expression)
    return found if found.type.kind in ("date", "missing") else bound.Call("_date", (found,), DATE)


def _made(expression: bound.Expression) -> bool:
    """Whether an alternative in it is a day that was made a moment."""
    match expression:
        case bound.Call(function="_day_end" | "_day_start"):
            return True
        case bound.Call(function=function) if function in ALTERNATIVES:
            return any(_made(argument) for argument in expression.arguments)
        case bound.Case():
            return any(_made(value) for _, value in expression.branches) or _made(expression.otherwise)
        case _:
            return False
