"""What an aggregate makes of the values that count; there is always at least one."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from naive.values import Length, add, comparable, compare, multiply

Values = Sequence[Any]


def total(values: Values) -> Any:
    """The sum; exact unless floats are in it."""
    if any(isinstance(value, float) for value in values):
        return math.fsum(float(value) for value in values)
    return functools.reduce(add, values[1:], values[0])


def numbers(values: Values) -> list[float]:
    """Values as floats; durations in microseconds."""
    values = [v.elapsed() if isinstance(v, Length) else v for v in values]
    return [v / dt.timedelta(microseconds=1) if isinstance(v, dt.timedelta) else float(v) for v in values]


def shaped(figure: float, values: Values) -> Any:
    """A floating-point figure in the shape of the values: a duration for durations."""
    return dt.timedelta(microseconds=round(figure)) if isinstance(values[0], dt.timedelta | Length) else figure


def average(values: Values) -> Any:
    return shaped(math.fsum(numbers(values)) / len(values), values)


def deviation(values: Values) -> Any:
    """The sample standard deviation, missing for fewer than two."""
    if len(values) < 2:
        return None
    exact = [Fraction(value) for value in numbers(values)]
    mean = sum(exact) / len(exact)
    return shaped(math.sqrt(sum((value - mean) ** 2 for value in exact) / (len(exact) - 1)), values)


def interpolated(values: Values, fraction: Any) -> Any:
    """The percentile, on the line between the two nearest values."""
    ordered = sorted(numbers(values))
    place = float(fraction) * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return shaped(ordered[low] + (ordered[high] - ordered[low]) * (place - low), values)


def occurring(values: Values, fraction: Any) -> Any:
    """The least value that at least that share of the values does not exceed."""
    return ordered(values)[max(0, math.ceil(Fraction(fraction) * len(values)) - 1)]


def ordered(values: Values) -> list[Any]:
    """Values from the least to the greatest, text by code point."""

    def order(a: Any, b: Any) -> int:
        return -1 if compare("<", a, b) else 1 if compare(">", a, b) else 0

    return sorted(values, key=functools.cmp_to_key(order))


def distinct(values: Values) -> int:
    """How many different values there are."""
    seen = set()
    for value in values:
        seen.add(comparable(value, value)[0] if not isinstance(value, tuple) else value)
    return len(seen)


FIGURES: dict[str, Callable[[Values, Any], Any]] = {
    "sum": lambda values, _: total(values),
    "avg": lambda values, _: average(values),
    "min": lambda values, _: ordered(values)[0],
    "max": lambda values, _: ordered(values)[-1],
    "count": lambda values, _: len(values),
    "count_distinct": lambda values, _: distinct(values),
    "median": lambda values, _: interpolated(values, 0.5),
    "percentile": interpolated,
    "percentile_disc": occurring,
    "stddev": lambda values, _: deviation(values),
    "first": lambda values, _: values[0],
    "last": lambda values, _: values[-1],
    "rate": lambda values, _: sum(values) / len(values),
    "any": lambda values, _: any(values),
    "all": lambda values, _: all(values),
    "covered": lambda values, _: tuple(values),
}


def scaled(values: Values, weights: Values) -> Any:
    """The sum of values, each times its share; durations are rounded once, at the end."""
    if isinstance(values[0], dt.timedelta | Length):
        exact = [v.elapsed() if isinstance(v, Length) else v for v in values]
        micros = [
            Fraction(v // dt.timedelta(microseconds=1)) * Fraction(w) for v, w in zip(exact, weights, strict=True)
        ]
        return dt.timedelta(microseconds=round(sum(micros)))
    return total([multiply(value, weight) for value, weight in zip(values, weights, strict=True)])


def weighed(values: Values, weights: Values) -> Any:
    """The mean of values that weigh as much as their shares, missing where all these are 0."""
    whole = math.fsum(float(weight) for weight in weights)
    if whole == 0:
        return None
    parts = zip(numbers(values), weights, strict=True)
    return shaped(math.fsum(value * float(weight) for value, weight in parts) / whole, values)


WEIGHED: dict[str, Callable[[Values, Values], Any]] = {
    "sum": scaled,
    "count": lambda _, weights: total(weights),
    "avg": weighed,
    "rate": weighed,
}
