"""Rows as a table to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from kraforge.types import Type

MISSING = "–"


def render(rows: Sequence[Mapping[str, Any]], types: Mapping[str, Type], grain: str | None = None) -> str:
    """Rows as a table in monospaced text, numbers to the right; `grain` says how periods are named.

    Money has two decimals, a ratio is shown in percent, a duration in days, a missing value as a dash.
    """
    lines = [list(types)]
    lines += [
        [period(row[name], grain) if name == "period" else show(row[name], kind) for name, kind in types.items()]
        for row in rows
    ]
    return columns(lines, left=sum(not kind.numeric and kind.kind != "duration" for kind in types.values()))


def columns(lines: Sequence[Sequence[str]], left: int) -> str:
    """Lines of cells in columns, the first line underlined; the first `left` columns stand to the left, the others right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruled = [lines[0], ["-" * width for width in widths], *lines[1:]]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in ruled
    )


def show(value: Any, kind: Type) -> str:
    """A value as people read it."""
    if value is None:
        return MISSING
    match kind.kind:
        case "money":
            return f"{value:,.2f}"
        case "ratio":
            return f"{float(value) * 100:,.1f}%"
        case "count":
            return f"{value:,}"
        case "number":
            return f"{value:,}" if kind.whole or isinstance(value, int) else f"{float(value):,.2f}"
        case "duration" if isinstance(value, dt.timedelta):
            return f"{value / dt.timedelta(days=1):,.1f} days"
        case "timestamp" if isinstance(value, dt.datetime):
            return value.isoformat(" ", "minutes")
        case "bool":
            return "yes" if value else "no"
        case _:
            return str(value)


def compact(value: Any, kind: Type) -> str:
    """A value as people read it, large money in millions (M) or thousands (k)."""
    if value is None or kind.kind != "money":
        return show(value, kind)
    amount = float(value)
    if abs(amount) >= 1_000_000:
        return f"{amount / 1_000_000:,.1f}M"
    return f"{amount / 1_000:,.1f}k"


def period(start: dt.date | None, grain: str | None) -> str:
    """The name of a period by its first day, in the words of a window where there are such."""
    if start is None:
        return MISSING
    if grain == "month":
        return f"{start:%Y-%m}"
    if grain == "week" and start.isoweekday() == 1:
        year, week, _ = start.isocalendar()
        return f"{year}-W{week:02}"
    return start.isoformat()
