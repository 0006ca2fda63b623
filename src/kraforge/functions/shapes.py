"""Functions that the checker itself spells out in simpler ones: buckets, steps, curves and bands."""

from __future__ import annotations

from collections.abc import Sequence

from kraforge.functions.declaration import Scalar
from kraforge.types import TEXT, WHOLE, Type


def _label(types: Sequence[Type]) -> Type:
    return TEXT


def _later(types: Sequence[Type]) -> Type:
    return types[-1]


def _part(types: Sequence[Type]) -> Type:
    return WHOLE


SHAPES = (
    Scalar("bucket", 2, None, _label, "The label of the range that holds a value: its text as written, or the one after `->`; `other` outside all ranges.", "bucket(days_overdue, ..0, 1..30, 31..)"),
    Scalar("steps", 2, None, _later, "The value of the highest edge that is reached; missing below the first.", "steps(achievement, 0% -> 1, 70% -> 2)"),
    Scalar("interpolate", 3, None, _later, "Piecewise linear between the points, clamped at both ends.", "interpolate(achievement, 80% -> 1, 120% -> 5)"),
    Scalar("tiers", 2, None, _later, "Marginal rates, like tax brackets: each rate for the part above its edge.", "tiers(revenue, 0 -> 5%, 100000 -> 8%)"),
    Scalar("band", 2, 3, _part, "The equal part of the population, 1 the lowest, that a row falls into by rank; with `value` equal values stay together.", "band(customers.revenue, 4)"),
)  # fmt: skip
