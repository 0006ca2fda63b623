"""Rows as a table to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from kraforge.types import Type

MISSING: Final = "–"
REPR_ROWS: Final = 20
_RIGHT: Final = frozenset({"number", "count", "ratio", "money", "duration"})


def render(types: Mapping[str, Type], rows: Sequence[Sequence[Any]], grain: str | None = None) -> str:
    """Rows under a ruled heading, quantities to the right; with a grain, the column `period` names its periods."""
    named = [grain if name == "period" else None for name in types]
    lines = [list(types)]
    lines += [[show(*cell) for cell in zip(row, types.values(), named, strict=True)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = [kind.kind in _RIGHT for kind in types.values()]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def show(value: Any, kind: Type, grain: str | None = None) -> str:
    """A value as people read it: money with two decimals at least, a ratio in percent, a duration in days or hours."""
    match kind.kind:
        case _ if value is None:
            return MISSING
        case "money":
            return f"{_cents(value):,.2f}"
        case "ratio":
            return f"{value * 100:,.1f}%"
        case "count":
            return f"{value:,}"
        case "number":
            return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".removesuffix(".00")
        case "duration":
            days = value / dt.timedelta(days=1)
            return f"{days:,.1f} days" if abs(days) >= 1 else f"{days * 24:,.1f} hours"
        case "date" if grain == "month":
            return f"{value:%Y-%m}"
        case "timestamp":
            return str(value.isoformat(" ", "minutes"))
        case "bool":
            return "yes" if value else "no"
        case _:
            return str(value)


def _cents(value: Any) -> Any:
    """Exact money in whole cents, half away from zero like everywhere."""
    if not isinstance(value, Decimal):
        return value
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP, Context(prec=60))
