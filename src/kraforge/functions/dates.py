"""Scalar functions over dates and timestamps. A missing end gives missing; what is reversed is negative."""

from __future__ import annotations

from collections.abc import Sequence

from kraforge.functions.declaration import Misfit, Scalar, TypeRule
from kraforge.types import DATE, NUMBER, WHOLE, Type

UNITS = ("day", "week", "month", "quarter", "half", "year")
"""The units that a period of the calendar can have."""


def _dated(gives: Type, dates: int, kinds: tuple[str, ...] = ("date", "timestamp")) -> TypeRule:
    def rule(types: Sequence[Type]) -> Type | Misfit:
        for type_ in types[:dates]:
            if type_.kind not in (*kinds, "missing"):
                return Misfit(f"{' or '.join(kinds)} is needed, not {type_}")
        return gives

    return rule


DATES = (
    Scalar("days", 2, 2, _dated(WHOLE, 2), "Calendar days from the first to the second, in the catalog's zone.", "days(due_date, paid_on)"),
    Scalar("hours", 2, 2, _dated(NUMBER, 2), "Hours from the first to the second, exactly.", "hours(opened_at, closed_at)"),
    Scalar("months", 2, 2, _dated(WHOLE, 2), "Whole months from the first to the second.", "months(hired_on, as_of)"),
    Scalar("start_of", 2, 2, _dated(DATE, 1), "The first day of its week, month, quarter, half or year (the fiscal one).", "start_of(issued_on, month)"),
    Scalar("end_of", 2, 2, _dated(DATE, 1), "The last day of its week, month, quarter, half or year (the fiscal one).", "end_of(issued_on, month)"),
    Scalar("year", 1, 1, _dated(WHOLE, 1), "The calendar year.", "year(issued_on)"),
    Scalar("quarter", 1, 1, _dated(WHOLE, 1), "The quarter of the calendar year, 1 to 4.", "quarter(issued_on)"),
    Scalar("month", 1, 1, _dated(WHOLE, 1), "The month of the year, 1 to 12.", "month(issued_on)"),
    Scalar("weekday", 1, 1, _dated(WHOLE, 1), "The day of the week, 1 for Monday to 7 for Sunday.", "weekday(issued_on)"),
    Scalar("day", 1, 1, _dated(WHOLE, 1), "The day of the month, 1 to 31.", "day(issued_on)"),
    Scalar("hour", 1, 1, _dated(WHOLE, 1, ("timestamp",)), "The hour of the day, 0 to 23.", "hour(opened_at)"),
)  # fmt: skip
