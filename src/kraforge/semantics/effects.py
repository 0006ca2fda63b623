"""What a change of context moves."""

from __future__ import annotations

from kraforge.semantics import bound
from kraforge.semantics.rows import below, parts

MOVES_START = ("trailing", "to_date", "ever")
"""The context functions that set the start alone."""


def has_aggregate(expression: bound.Expression) -> bool:
    """Whether rows are behind an expression."""
    return any(isinstance(part, bound.Aggregate | bound.Each | bound.Rank | bound.Band) for part in parts(expression))


def moves_start(expression: bound.Expression) -> bool:
    """Whether a new start of the period reaches anything: a dated aggregate, or the period's own bounds.

    A context function further in that sets the start anew takes the effect away from what is below it.
    """
    waiting = [expression]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        match part:
            case bound.Each():
                return True
            case bound.PeriodValue(what="start" | "days"):
                return True
            case bound.Aggregate() if part.on is not None and part.during is None:
                return True
            case bound.InContext(
                change=bound.Trailing() | bound.ToDate() | bound.Ever() | bound.Anytime() | bound.Within()
            ):
                continue
        waiting += below(part)
    return False
