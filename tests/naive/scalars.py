"""Functions of values, and the forms with ranges and pairs: bucket, steps, interpolate, tiers."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kraforge.syntax import nodes
from naive import values
from naive.calendar import clamped
from naive.context import Context, Scope
from naive.values import compare, local_date, significant

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

REST = "other"


def spread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Missing in, missing out."""

    def guarded(e: Evaluator, *arguments: Any) -> Any:
        return None if any(argument is None for argument in arguments) else function(e, *arguments)

    return guarded


def absolute(e: Evaluator, value: Any) -> Any:
    return values.negative(value) if compare("<", value, 0) else value


def whole(e: Evaluator, value: Any, up: bool) -> Any:
    rounded = math.ceil(value) if up else math.floor(value)
    values.near(value, float(round(value)))
    return values.Money(rounded) if isinstance(value, values.Money) else rounded


def least(e: Evaluator, *options: Any) -> Any:
    return extreme(e, "<", options)


def greatest(e: Evaluator, *options: Any) -> Any:
    return extreme(e, ">", options)


def extreme(e: Evaluator, sign: str, options: tuple[Any, ...]) -> Any:
    """The least or the greatest; where dates and timestamps meet, as moments."""
    if any(isinstance(option, dt.datetime) for option in options):
        options = tuple(values.moment(option, e.data.zone) for option in options)
    found = options[0]
    for option in options[1:]:
        better = compare(sign, option, found)
        if not better and isinstance(option, dt.date) and not compare(sign, found, option):
            better = compare(sign, values.late(option), values.late(found))
        found = option if better else found
    return found


def number(e: Evaluator, value: Any) -> Any:
    """A text read as a number, missing where it is none; numbers stay."""
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", value.strip()):
        return None
    found = Decimal(value.strip())
    return int(found) if found == found.to_integral_value() else found


def text(e: Evaluator, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def months(e: Evaluator, a: Any, b: Any) -> int:
    """Whole months: the most that, added to the first day, do not go past the second."""
    a, b = local_date(a), local_date(b)
    if b < a:
        return -months(e, b, a)
    count = (b.year - a.year) * 12 + b.month - a.month
    return count if clamped(a.year, a.month + count, a.day) <= b else count - 1


def unit_of(node: nodes.Argument) -> str:
    assert isinstance(node, nodes.Path)
    return node.names[0].text


def start_of(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    day = e.value(node.arguments[0], scope, context)
    return None if day is None else e.almanac.start_of(local_date(day), unit_of(node.arguments[1]))


def end_of(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    start = start_of(e, node, scope, context)
    return None if start is None else e.almanac.after(start, unit_of(node.arguments[1])) - dt.timedelta(days=1)


def hour(e: Evaluator, value: Any) -> int:
    return value.hour if isinstance(value, dt.datetime) else 0


FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: spread(function)
    for name, function in {
        "abs": absolute,
        "round": lambda e, value, digits=0: values.round_away(value, int(digits)),
        "floor": lambda e, value: whole(e, value, False),
        "ceil": lambda e, value: whole(e, value, True),
        "min": least,
        "max": greatest,
        "lower": lambda e, value: value.lower(),
        "left": lambda e, value, count: value[: int(count)],
        "contains": lambda e, value, part: part in value,
        "starts_with": lambda e, value, part: value.startswith(part),
        "ends_with": lambda e, value, part: value.endswith(part),
        "number": number,
        "text": text,
        "months": months,
        "year": lambda e, value: local_date(value).year,
        "quarter": lambda e, value: (local_date(value).month + 2) // 3,
        "month": lambda e, value: local_date(value).month,
        "weekday": lambda e, value: local_date(value).isoweekday(),
        "day": lambda e, value: local_date(value).day,
        "hour": hour,
    }.items()
}


def edge(value: Any) -> Any:
    """A number as edges see it: rounded to 12 significant digits."""
    return significant(value) if isinstance(value, int | float | Decimal) else value


def bucket(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """The label of the range that has the value; of the rest where none has it."""
    value = e.value(node.arguments[0], scope, context)
    if value is None:
        return None
    for argument in node.arguments[1:]:
        span = argument.key if isinstance(argument, nodes.Pair) else argument
        assert isinstance(span, nodes.Range)
        low = e.value(span.low, scope, context) if span.low is not None else None
        high = e.value(span.high, scope, context) if span.high is not None else None
        if low is not None and compare("<", edge(value), edge(low)):
            continue
        if high is None or compare("<=" if span.closed else "<", edge(value), edge(high)):
            if isinstance(argument, nodes.Pair):
                return e.value(argument.value, scope, context)
            return scope.text[span.span.start : span.span.end]
    return REST


def points(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> list[tuple[Any, Any]]:
    """The pairs after the first argument."""
    found = []
    for pair in node.arguments[1:]:
        assert isinstance(pair, nodes.Pair)
        found.append((e.value(pair.key, scope, context), e.value(pair.value, scope, context)))
    return found


def steps(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """What the highest edge that is reached gives; missing below the first."""
    value, result = e.value(node.arguments[0], scope, context), None
    for key, given in points(e, node, scope, context):
        if value is not None and compare(">=", edge(value), edge(key)):
            result = given
    return result


def interpolate(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """On the lines between the points; outside them, what the nearest gives."""
    value = e.value(node.arguments[0], scope, context)
    curve = points(e, node, scope, context)
    if value is None:
        return None
    if compare("<=", value, curve[0][0]):
        return curve[0][1]
    for (low, below), (high, above) in itertools.pairwise(curve):
        if compare("<=", value, high):
            share = values.divide(values.subtract(value, low), values.subtract(high, low))
            return float(below) + share * (float(above) - float(below))
    return curve[-1][1]


def tiers(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """Each rate on the part of the value between its edge and the next."""
    value = e.value(node.arguments[0], scope, context)
    edges = points(e, node, scope, context)
    if value is None:
        return None
    result: Any = values.multiply(value, 0)
    for place, (low, rate) in enumerate(edges):
        high = edges[place + 1][0] if place + 1 < len(edges) else None
        top = high if high is not None and compare(">", value, high) else value
        if compare(">", value, low):
            result = values.add(result, values.multiply(values.subtract(top, low), rate))
    return result


FORMS: dict[str, Callable[[Evaluator, nodes.Call, Scope, Context], Any]] = {
    "bucket": bucket, "steps": steps, "interpolate": interpolate, "tiers": tiers,
    "start_of": start_of, "end_of": end_of,
}  # fmt: skip
