"""Characters that no formula has outside a text, some of which look like those of the language."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from kraforge.errors import Mistake
from kraforge.syntax.literals import shown
from kraforge.text import Span

LOOKALIKES: Final = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u201c\u201d\u201e\u201f\u2033", "'"),  # quotes and primes
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),  # hyphens, dashes, the minus sign
    **dict.fromkeys("\u00d7\u2217\u00b7", "*"),
    **dict.fromkeys("\u00f7\u2215\u2044", "/"),
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u2227": "and",
    "\u2228": "or",
    "\u00ac": "not",
    **dict.fromkeys("\u2192\u21d2", "->"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060", ""),  # without width
}
"""Those that compatibility (NFKC: full-width signs, wide blanks) does not tell."""


def unwritable(text: str, start: int) -> Mistake:
    """The mistake for a character where no token starts."""
    character = text[start : start + 1]
    if character in ("'", "`"):
        return _unclosed(text, start)
    if number := re.match("[0-9][0-9A-Za-z_.]*", text[start : start + 80]):
        hint = "a number is written like 1234.5 or 1e6; other names go in backticks"
        message = f"{shown(number.group())} is neither a number nor a name"
        return Mistake("bad-literal", message, span=Span(start, start + number.end()), hint=hint)
    if character.isascii():
        return Mistake("syntax", f"{shown(character)} is not a sign of the language", span=Span(start, start + 1))
    named = f"{shown(character)} (U+{ord(character):04X} {unicodedata.name(character, 'without a name').lower()})"
    span = Span(start, start + 1)
    if character.isdecimal():
        return Mistake("bad-literal", f"{named} is not a digit of the language", span=span, hint="write 0 to 9")
    alike = LOOKALIKES.get(character, unicodedata.normalize("NFKC", character))
    if alike.isascii():
        hint = f"write {alike}" if alike.strip() else "write an ordinary blank" if alike else "remove it"
        return Mistake("syntax", f"{named} only looks like a sign of the language", span=span, hint=hint)
    hint = "names are of a to z, digits and _; others go in backticks" if character.isalpha() else "remove it"
    return Mistake("syntax", f"{named} stands outside a text", span=span, hint=hint)


def _unclosed(text: str, start: int) -> Mistake:
    quote = text[start]
    span, end = Span(start, start + 1), text.find(quote, start + 1)
    if quote == "`":
        message = "a name in backticks is empty" if end == start + 1 else "this name in backticks is never closed"
        return Mistake("syntax", message, span=span, hint="write a name between two backticks")
    hint = "close it with ' in the same line; a quote inside is written ''"
    return Mistake("bad-literal", "this text is never closed", span=span, hint=hint)
