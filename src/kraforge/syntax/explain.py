"""What to say where the machine is stuck."""

from __future__ import annotations

from kraforge.errors import Mistake
from kraforge.syntax.grammar import END, Tables
from kraforge.syntax.literals import shown
from kraforge.syntax.machine import Stuck, Token, tokens
from kraforge.text import Span


def explain(text: str, stuck: Stuck, tables: Tables) -> Mistake:
    """The mistake where the machine is stuck."""
    token = stuck.token
    span = Span(token.start, token.end)
    opened = [value for value in stuck.values if isinstance(value, Token) and value.kind == "LPAR"]
    if token.kind == END and opened:
        span = Span(opened[-1].start, opened[-1].end)
        return Mistake("unclosed-bracket", "this bracket is never closed", span=span, hint="close it with ')'")
    for value in reversed(stuck.values if token.kind == "COMPARE" else []):
        if isinstance(value, Token) and value.kind == "COMPARE":
            return Mistake("chained-comparison", "comparisons do not chain", span=span, hint="write a < b and b < c")
        if isinstance(value, Token) and value.kind not in ("PLUS", "MINUS", "STAR", "SLASH"):
            break
    if token.kind == END:
        return Mistake("syntax", "the formula ends too early", span=span)
    return Mistake("syntax", f"{shown(token.text)} does not fit here", span=span)


def hidden(text: str, position: int, tables: Tables) -> Mistake:
    """The mistake for a character that stands nowhere in a formula."""
    within = [token.kind for token in tokens(text, tables) if token.start < position < token.end]
    code = "bad-literal" if within and within[0] in ("TEXT", "QUOTED_NAME") else "syntax"
    message = f"an invisible character (U+{ord(text[position]):04X}) stands here"
    return Mistake(code, message, span=Span(position, position + 1), hint="remove it")
