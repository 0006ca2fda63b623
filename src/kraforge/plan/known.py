"""Which rows of a table there are: those that its `where` leaves, of those that were known."""

from __future__ import annotations

from typing import Final

from kraforge.plan.rows import conjuncts
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.types import BOOL, Type

KNOWN_AT: Final = "known_at_"
"""What a request's known_at is bound as; no value of a user's has that name."""


def own_where(checked: Checked, table: str, known_at: Type | None) -> tuple[bound.Expression, ...]:
    """The conditions, over row 0, that every use of a table makes: its `where`, and that its rows were known.

    `known_at` is the type of the request's known_at; None where it has none: then what is known holds still.
    """
    declared = checked.tables[table]
    return (*conjuncts(declared.where), *_known(declared.known, known_at))


def _known(known: bound.During | None, known_at: Type | None) -> tuple[bound.Expression, ...]:
    if known is None:
        return ()
    found: list[bound.Expression] = []
    if known_at is None:
        if known.low is not None:
            found.append(bound.Call("is_present", (known.low,), BOOL))
        if known.high is not None:
            found.append(bound.Call("is_missing", (known.high,), BOOL))
        return tuple(found)
    day = bound.Bound(KNOWN_AT, known_at)
    if known.low is not None:
        found.append(bound.Call("less_equal", (known.low, day), BOOL))
    if known.high is not None:
        still = bound.Call("is_missing", (known.high,), BOOL)
        ends = bound.Call("less_equal" if known.closed else "less", (day, known.high), BOOL)
        found.append(bound.Call("or", (still, ends), BOOL))
    return tuple(found)
