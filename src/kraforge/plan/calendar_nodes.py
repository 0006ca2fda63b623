"""Expressions that the steps of business calendars are made of: whole numbers, columns, keys."""

from __future__ import annotations

from decimal import Decimal

from kraforge.plan import nodes
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, WHOLE, Type


def column(step: str, name: str, type_: Type = WHOLE) -> nodes.Ref:
    """A column of a step that stands under its own name."""
    return nodes.Ref(step, name, type_)


def whole(number: int) -> Constant:
    """A whole number."""
    return Constant(Decimal(number), WHOLE)


def plus(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    """The sum of two 64-bit integers, which is one too."""
    return nodes.Apply("_plus", (left, right), WHOLE)


def minus(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    """The difference of two 64-bit integers, which is one too."""
    return nodes.Apply("_minus", (left, right), WHOLE)


def times(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    """The product of two 64-bit integers, which is one too."""
    return nodes.Apply("_times", (left, right), WHOLE)


def least(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    """The lesser of two integers."""
    return nodes.Apply("_least", (left, right), WHOLE)


def most(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    """The greater of two integers."""
    return nodes.Apply("_greatest", (left, right), WHOLE)


def equal(left: nodes.Expression, right: nodes.Expression) -> nodes.Expression:
    """Whether two values are the same, and there."""
    return nodes.Apply("equal", (left, right), BOOL)


def missing(value: nodes.Expression) -> nodes.Expression:
    """Whether there is no value."""
    return nodes.Apply("is_missing", (value,), BOOL)


def present(value: nodes.Expression) -> nodes.Expression:
    """Whether there is a value."""
    return nodes.Apply("is_present", (value,), BOOL)


def left_join(step: str, *on: nodes.Expression) -> nodes.Join:
    """A step under its own name, joined where it has a row."""
    return nodes.Join("left", nodes.Step(step), step, on)


def key(calendar: nodes.Expression, number: nodes.Expression) -> nodes.Expression:
    """One integer of a calendar and a number that belongs to it: of a day, of a working day."""
    return nodes.Apply("_calendar_key", (calendar, number), WHOLE)


def day_number(day: nodes.Expression) -> nodes.Expression:
    """How many days after the first of the year 1 a day is."""
    return nodes.Apply("_day_number", (day,), WHOLE)
