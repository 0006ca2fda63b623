"""Cells in columns, for pages made of several answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kraforge.result.table import show
from kraforge.types import Type


def columns(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells in columns, the first line ruled; the first column stands to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    ruled = [lines[0], ["-" * width for width in widths], *lines[1:]]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in ruled
    )


def compact(value: Any, kind: Type) -> str:
    """A value as people read it, money in millions (M) or thousands (k)."""
    if value is None or kind.kind != "money":
        return show(value, kind)
    amount = float(value)
    return f"{amount / 1_000_000:,.1f}M" if abs(amount) >= 1_000_000 else f"{amount / 1_000:,.1f}k"
