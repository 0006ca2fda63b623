"""Partial values by a calendar unit, gathered to the periods that they count in."""

from __future__ import annotations

from decimal import Decimal

from kraforge.plan import nodes
from kraforge.plan.leaves import During, Leaf
from kraforge.plan.partials import Partial
from kraforge.plan.shape import Mode
from kraforge.plan.steps import Keys, Steps
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, DATE, DURATION


def windows(steps: Steps, leaf: Leaf, mode: Mode, step: str, keys: Keys, partials: dict[Partial, str]) -> str:
    """A step with the partial values of a scan, gathered over the bounds that a context has in each period."""
    spine = steps.spine(leaf.frame)
    low = spine.column("low", leaf.context, mode.unit)
    high = spine.column("high", leaf.context)
    unit = nodes.Ref(step, str(mode.unit), DATE)
    on = (nodes.Apply("greater_equal", (unit, low), BOOL), nodes.Apply("less", (unit, high), BOOL))
    return _gathered(steps, leaf, step, keys, partials, on, low.name.removesuffix("_low"))


def spans(steps: Steps, leaf: Leaf, mode: Mode, step: str, keys: Keys, partials: dict[Partial, str]) -> str:
    """A step with the partial values of rows by the units in which they are valid, spread over the periods between."""
    spine = steps.spine(leaf.frame)
    valued = spine.column("valued", leaf.context, mode.unit)
    on = (
        nodes.Apply("greater_equal", (valued, nodes.Ref(step, "first_in", DATE)), BOOL),
        nodes.Apply("less", (valued, nodes.Ref(step, "first_out", DATE)), BOOL),
    )
    return _gathered(steps, leaf, step, keys, partials, on, "valid")


def _gathered(
    steps: Steps,
    leaf: Leaf,
    step: str,
    keys: Keys,
    partials: dict[Partial, str],
    on: tuple[nodes.Expression, ...],
    words: str,
) -> str:
    spine = steps.spine(leaf.frame)
    known = (step, leaf.context, spine.owner)
    if known in steps.windows:
        return steps.windows[known]
    columns: list[tuple[str, nodes.Expression]] = [(name, nodes.Ref(step, name, type_)) for name, _, type_ in keys]
    columns.append(("period", spine.number))
    for part, name in partials.items():
        if part.merge:
            columns.append((name, nodes.Reduce(part.merge, (nodes.Ref(step, name, part.type),), None, part.type)))
    join = nodes.Join("inner", nodes.Step(spine.name), spine.name, on)
    select = nodes.Select(tuple(columns), nodes.Step(step), step, (join,), grouped=True, keys=len(keys) + 1)
    steps.windows[known] = steps.add(f"{step} {words}", "gathered to the periods that it counts in", select)
    return steps.windows[known]


def span_columns(
    during: During, unit: str, low: nodes.Expression, high: nodes.Expression
) -> tuple[tuple[tuple[str, nodes.Expression], ...], tuple[nodes.Expression, ...]]:
    """The first unit in which a row is valid and the first in which it no longer is, held within a scan's hull.

    `low` and `high` are the hull's bounds. Also the conditions that a row is valid in some unit of the hull: before it
    grows out of the hull, and not without a start.
    """
    where: list[nodes.Expression] = []
    first: nodes.Expression = low
    if during.low is not None:
        start = nodes.Apply(f"_start_{unit}", (during.low,), DATE)
        where += [nodes.Apply("less", (start, high), BOOL)]
        first = nodes.Apply("_later", (start, low), DATE)
    after: nodes.Expression = high
    if during.high is not None:
        end: nodes.Expression = nodes.Apply("_date", (during.high,), DATE)
        if during.closed:
            end = nodes.Apply("add_time", (end, Constant(Decimal(1), DURATION, "day")), DATE)
        stop = nodes.Apply(f"_start_{unit}", (end,), DATE)
        open_end = nodes.Apply("is_missing", (during.high,), BOOL)
        where.append(nodes.Apply("or", (open_end, nodes.Apply("greater", (stop, low), BOOL)), BOOL))
        after = nodes.Apply("_earlier", (nodes.Apply("else", (stop, high), DATE), high), DATE)
    return (("first_in", first), ("first_out", after)), tuple(where)
