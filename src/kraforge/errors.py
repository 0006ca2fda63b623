"""Every failure of the library: families, codes, one formatter.

An error has a stable code, a place (formula span and catalog place), what was expected and what to do. Codes are
declared in `CODES`; raising one that is not declared is a defect that the tests find.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from kraforge.text import Place, Span


@frozen
class Code:
    """A declared error: its kebab-case name, its family, one sentence of meaning, and what usually mends it."""

    name: str
    family: str
    meaning: str
    remedy: str


@frozen
class Mistake:
    """One thing that is wrong, with its place.

    `message` is a full clause in lower case without a full stop; `hint` stands beside the carets and says what to do;
    `notes` are further lines (names that would have been right, paths, both sides of a conflict).
    """

    code: str
    message: str
    place: Place = Place()
    text: str | None = None
    span: Span | None = None
    hint: str | None = None
    notes: tuple[str, ...] = ()
    severity: str = "error"

    def __str__(self) -> str:
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        if str(self.place):
            lines.append(f"  {self.place}")
        if self.text is not None and self.span is not None:
            lines += _excerpt(self.text, self.span, self.hint)
        elif self.hint:
            lines.append(f"  = {self.hint}")
        lines += [f"  = {note}" for note in self.notes]
        return "\n".join(lines)


def _excerpt(text: str, span: Span, hint: str | None) -> list[str]:
    """The line of the formula with carets under the span, shortened where it is long."""
    start = text.rfind("\n", 0, span.start) + 1
    stop = text.find("\n", span.start)
    line = text[start : stop if stop >= 0 else len(text)]
    at, width = span.start - start, max(1, min(span.end - start, len(line)) - (span.start - start))
    if len(line) > 160:
        cut = max(0, at - 60)
        line, at = ("…" if cut else "") + line[cut : cut + 140] + ("…" if cut + 140 < len(line) else ""), at - cut + (1 if cut else 0)
        width = min(width, max(1, len(line) - at))
    line = "".join(c if c.isprintable() else " " if c in "\t\r" else "\N{REPLACEMENT CHARACTER}" for c in line)
    return [f"  | {line}", f"  | {' ' * at}{'^' * width}{' ' + hint if hint else ''}"]


class KraforgeError(Exception):
    """The base of all errors of this library. `code` is stable; `mistakes` has one or more entries."""

    family: ClassVar[str] = "error"

    def __init__(self, mistakes: Mistake | Sequence[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = (mistakes,) if isinstance(mistakes, Mistake) else tuple(mistakes)
        super().__init__("\n\n".join(str(mistake) for mistake in self.mistakes))

    @property
    def code(self) -> str:
        """The code of the first mistake."""
        return self.mistakes[0].code


class Mistakes(KraforgeError):
    """Everything that is wrong with a catalog, a formula or a request, found before any row is read."""

    family = "check"


class LimitError(KraforgeError):
    """A limit was reached: length, depth, nodes, planned cells, time, memory, rows."""

    family = "limits"


class SourceError(KraforgeError):
    """A source cannot be reached or read, or its data break a promise of the catalog."""

    family = "source"


class UnsupportedError(KraforgeError):
    """Something that the engine or this version has not declared that it can do."""

    family = "unsupported"


class InternalError(KraforgeError):
    """A defect of this library, not of the caller."""

    family = "internal"
