"""Money in whole cents, so that the parts that are shown add up to the total that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

_WIDE: Final = Context(prec=400)

Row = tuple[Any, ...]


def rounded(value: Decimal, places: int) -> Decimal:
    """A number with so many decimals, half away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)


def whole(
    rows: Sequence[Row], keys: Sequence[int], apart: Sequence[int], adding: Sequence[int], places: int
) -> list[Row]:
    """The rows with the columns `adding` rounded along the groups: the sum so far is, and each part is what it adds.

    `keys` are the columns that order the groups, `apart` those that tell sequences apart (the period, the kind of total).
    """
    found = [list(row) for row in rows]
    order = sorted(range(len(rows)), key=lambda at: _key(rows[at], (*apart, *keys)))
    for column in adding:
        before, so_far = None, Decimal(0)
        for at in order:
            mine = tuple(rows[at][place] for place in apart)
            if mine != before:
                before, so_far = mine, Decimal(0)
            value = rows[at][column]
            if value is not None:
                after = _WIDE.add(so_far, value)
                found[at][column] = rounded(after, places) - rounded(so_far, places)
                so_far = after
    return [tuple(row) for row in found]


def _key(row: Row, places: Sequence[int]) -> tuple[tuple[bool, Any], ...]:
    """What orders rows: missing ones last."""
    return tuple((row[place] is None, "" if row[place] is None else row[place]) for place in places)
