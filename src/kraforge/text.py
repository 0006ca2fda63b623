"""Places in text, and names that are close to one another."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nlargest
from operator import eq
from typing import Final

from attrs import frozen


@frozen
class Span:
    """A stretch of a formula's text: offsets of its first character and of the one after its last."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of another."""
        return Span(self.start, other.end)


@frozen
class Place:
    """Where in a catalog something was written: its path, and the file and line where they are known."""

    path: str = ""
    file: str | None = None
    line: int | None = None

    def inside(self, *parts: str | int) -> Place:
        """The place of a part of this, at the same line."""
        path = self.path
        for part in parts:
            path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
        return Place(path, self.file, self.line)

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.file and self.line else self.file or ""
        return ", ".join(part for part in (self.path, where) if part)


MOST_COMPARED: Final = 500
"""With more names than this, only a few that have most letters in the same places are compared at length."""


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None where none is close."""
    lowered = {known.lower(): known for known in names}
    wanted = name[:200].lower()
    compared = list(lowered)
    if len(compared) > MOST_COMPARED:
        back, length = wanted[::-1], len(wanted)

        def likeness(one: str) -> int:
            same = sum(map(eq, wanted, one)) + (sum(map(eq, back, one[::-1])) if len(one) != length else 0)
            return int(same)

        compared = nlargest(10, (one for one in compared if abs(len(one) - length) < 3), key=likeness)
    close = get_close_matches(wanted, compared, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None
