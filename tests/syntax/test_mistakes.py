"""What is no formula is refused with a code, a place, and words that help."""

from __future__ import annotations

import re

import pytest

from kraforge.errors import CODES, Mistake, Mistakes
from kraforge.syntax.parse import parse
from kraforge.text import Place, Span
from syntax.trees import HERE, entries

ESCAPES = {"\\n": "\n", "\\t": "\t"}
ENTRIES = entries("invalid.txt")


def unescaped(line: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})|\\n|\\t", lambda m: chr(int(m[1], 16)) if m[1] else ESCAPES[m[0]], line)


def told(formula: str, mistake: Mistake, escaped: bool) -> list[str]:
    """A mistake in the lines of the data file."""
    assert mistake.span is not None
    start, end = mistake.span.start, mistake.span.end
    mark = f"@{start}-{end}" if escaped else " " * start + "^" * max(1, end - start)
    hint = [f"= {mistake.hint}"] if mistake.hint else []
    return [f"{mark} {mistake.code}: {mistake.message}", *hint, *(f"+ {note}" for note in mistake.notes)]


@pytest.mark.parametrize("lines", ENTRIES, ids=[lines[0] for lines in ENTRIES])
def test_a_mistake_is_told_in_these_words(lines: list[str]) -> None:
    formula = unescaped(lines[0])
    with pytest.raises(Mistakes) as refused:
        parse(formula, place=Place("kpis.x.formula"))
    mistakes = refused.value.mistakes
    assert [line for m in mistakes for line in told(formula, m, formula != lines[0])] == lines[1:]
    assert all(m.place == Place("kpis.x.formula") and m.text == formula and m.code in CODES for m in mistakes)


def test_every_code_of_the_parser_is_in_the_list() -> None:
    listed = set(re.findall(r"[\^0-9] ([a-z-]+): ", (HERE / "invalid.txt").read_text("utf-8")))
    assert listed == {code.name for code in CODES.values() if code.family == "syntax"}


def test_mistakes_of_the_letter_come_together_with_the_one_of_the_form() -> None:
    with pytest.raises(Mistakes) as refused:
        parse("f(2026-02-30, 5 USX, sum(a where b where c), a b)")
    codes = [(m.code, m.span) for m in refused.value.mistakes]
    assert codes == [
        ("bad-literal", Span(2, 12)),
        ("bad-literal", Span(14, 19)),
        ("repeated-modifier", Span(35, 42)),
        ("syntax", Span(47, 48)),
    ]


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(Mistakes) as refused:
        parse(5)  # type: ignore[arg-type]
    assert refused.value.code == "syntax"
