"""Business time: days and hours that are worked, by a calendar. A missing end gives missing; what is reversed is negative.

Formulas may leave the calendar out; a bound call always has it, as the last argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kraforge.functions.declaration import Misfit, Scalar, TypeRule
from kraforge.types import NUMBER, TIMESTAMP, WHOLE, Type


def _between(gives: Type) -> TypeRule:
    def rule(types: Sequence[Type]) -> Type | Misfit:
        return _dated(types[:2]) or gives

    return rule


def _dated(types: Sequence[Type]) -> Misfit | None:
    for type_ in types:
        if not type_.dated and type_.kind != "missing":
            return Misfit(f"date or timestamp is needed, not {type_}")
    return None


def _later_day(types: Sequence[Type]) -> Type | Misfit:
    day, number = types[:2]
    if number.kind == "duration":
        return Misfit(f"a whole number of days is needed, not {number}", hint="write 3, not 3 days")
    if number.kind not in ("number", "count", "missing") or not (number.whole or number.kind != "number"):
        return Misfit(f"a whole number of days is needed, not {number}", hint="round it: round(x)")
    return _dated(types[:1]) or day


def _later_moment(types: Sequence[Type]) -> Type | Misfit:
    hours = types[1]
    if hours.kind not in ("number", "count", "missing"):
        return Misfit(f"a number of hours is needed, not {hours}", hint="write 8, not 8 hours")
    return _dated(types[:1]) or TIMESTAMP


BUSINESS: Final = (
    Scalar("business_days", 2, 3, _between(WHOLE), "Working days from the first to the second: the later day counts, the first does not.", "business_days(opened_on, closed_on)"),
    Scalar("business_hours", 2, 3, _between(NUMBER), "Hours of working time from the first to the second, exactly.", "business_hours(opened_at, closed_at, support)"),
    Scalar("add_business_days", 2, 3, _later_day, "The day that is so many working days later, or earlier; a timestamp keeps its time of day.", "add_business_days(opened_on, 3)"),
    Scalar("add_business_hours", 2, 3, _later_moment, "The moment by which so many hours of working time have passed, or after which they will have.", "add_business_hours(opened_at, 8, support)"),
)  # fmt: skip

NAMES: Final = frozenset(scalar.name for scalar in BUSINESS)
"""The functions that go by a business calendar."""
