"""A stretch of time by itself, as a catalog declares it: `valid_from ..< valid_to`."""

from __future__ import annotations

from kraforge.errors import Mistake, Mistakes
from kraforge.limits import Limits
from kraforge.syntax import nodes
from kraforge.syntax.grammar import tables
from kraforge.syntax.machine import tokens
from kraforge.syntax.parse import parse
from kraforge.text import Place, Span


def parse_range(text: str, *, place: Place = Place(), limits: Limits = Limits()) -> nodes.Range:
    """The syntax tree of a range: `a .. b` with the last day, `a ..< b` without it, one end left out where it is open.

    Raises Mistakes and LimitError as `parse` does for a formula.
    """
    depth = 0
    for token in tokens(text, tables()):
        depth += (token.kind == "LPAR") - (token.kind == "RPAR")
        if token.kind in ("TO", "BELOW") and depth == 0:
            low = _end(text[: token.start], place, limits)
            high = _end(" " * token.end + text[token.end :], place, limits)
            if low is None and high is None:
                break
            return nodes.Range(low, high, token.kind == "TO", Span(0, len(text)))
    message = "a stretch of time is needed"
    raise Mistakes(Mistake("syntax", message, place, text, Span(0, len(text)), "write it as first .. last"))


def _end(text: str, place: Place, limits: Limits) -> nodes.Expression | None:
    return parse(text, place=place, limits=limits) if text.strip() else None
