"""Pauses: `f(a, b) - sum(f(x, y))` over a row takes off what the pauses cover together between a and b, each moment once."""

from __future__ import annotations

from attrs import evolve

from kraforge.semantics import bound
from kraforge.semantics.rows import rebuild
from kraforge.types import DATE

LASTING = frozenset(("business_hours", "business_days", "hours", "days"))
BY_DAYS = frozenset(("business_days", "days"))


def pauses(whole: bound.Expression, taken: bound.Expression) -> bound.Expression:
    """What is taken off a stretch of time: the time that pauses cover, where that is what the two sides say."""
    if not isinstance(whole, bound.Call) or whole.function not in LASTING:
        return taken
    if not isinstance(taken, bound.Aggregate) or taken.function != "sum" or taken.outer is None:
        return taken
    (pause,) = taken.arguments
    if not isinstance(pause, bound.Call) or pause.function != whole.function:
        return taken
    if _plain(whole.arguments[2:]) != _plain(pause.arguments[2:]):
        return taken
    (a, b, *calendar), (x, y, *_) = whole.arguments, pause.arguments
    if whole.function in BY_DAYS:
        a, b, x, y = (_day(end) for end in (a, b, x, y))

    def since_a(end: bound.Expression) -> bound.Expression:
        return evolve(whole, arguments=(a, end, *calendar))

    first, last = (bound.Call(name, ends, a.type) for name, ends in (("max", (x, a)), ("min", (y, b))))
    return evolve(taken, function="covered", arguments=(since_a(first), since_a(last)))


def _day(end: bound.Expression) -> bound.Expression:
    return end if end.type.kind == "date" else bound.Call("_date", (end,), DATE)


def _plain(calendar: tuple[bound.Expression, ...]) -> tuple[bound.Expression, ...]:
    """A calendar without the places in which it was written."""

    def without(part: bound.Expression) -> bound.Expression:
        changed = rebuild(part, without)
        return evolve(changed, span=None) if isinstance(changed, bound.Call) else changed

    return tuple(without(part) for part in calendar)


def paused(covered: bound.Aggregate) -> bound.Aggregate:
    """The sum over pauses that was written where time covered by them is meant."""
    ends = []
    for end in covered.arguments:
        assert isinstance(end, bound.Call)
        bounded = end.arguments[1]
        assert isinstance(bounded, bound.Call)
        ends.append(bounded.arguments[0])
    since, *_ = covered.arguments
    assert isinstance(since, bound.Call)
    return evolve(covered, function="sum", arguments=(evolve(since, arguments=(*ends, *since.arguments[2:])),))
