"""Makes a wrong answer small: fewer rows, fewer words, a part of the formula, as long as it stays wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from kraforge.syntax import nodes
from kraforge.syntax.parse import parse
from naive.aggregate import parts

Rows = dict[str, list[dict[str, Any]]]
Words = dict[str, Any]


def simplest(rows: Rows, words: Words, wrong: Callable[[Rows, Words], bool], seconds: float = 20) -> tuple[Rows, Words]:
    """The smallest rows and request found within the time that are still wrong."""
    end = time.monotonic() + seconds
    again = True
    while again:
        again = False
        for fewer, shorter in _steps(rows, words):
            if time.monotonic() > end:
                return rows, words
            if wrong(fewer, shorter):
                rows, words, again = fewer, shorter, True
                break
    return rows, words


def _steps(rows: Rows, words: Words) -> Iterator[tuple[Rows, Words]]:
    """Everything that is one step simpler."""
    for word in ("having", "limit", "order_by", "values", "totals", "sparse", "scope", "where", "as_of", "by", "grain"):
        if word in words and not (word == "by" and "totals" in words):
            yield rows, {key: value for key, value in words.items() if key != word}
    for name in words.get("by", ())[1:]:
        if "totals" not in words:
            yield rows, {**words, "by": [name]}
    kpis = words["kpis"]
    for name in kpis if len(kpis) > 1 else ():
        yield rows, {**words, "kpis": {other: formula for other, formula in kpis.items() if other != name}}
    for name, formula in kpis.items():
        for part in _parts(parse(formula), formula):
            yield rows, {**words, "kpis": {**kpis, name: part}}
    for table, held in rows.items():
        for size in (len(held), len(held) // 2, 1):
            for start in range(0, len(held), size) if size else ():
                yield {**rows, table: held[:start] + held[start + size :]}, words


def _parts(tree: Any, formula: str) -> Iterator[str]:
    """The formula with one of its nodes replaced by a part of that node, the greatest cuts first."""
    below = parts(tree)
    for part in below:
        if not isinstance(part, nodes.Range | nodes.Pair):
            yield (
                formula[: tree.span.start]
                + "("
                + formula[part.span.start : part.span.end]
                + ")"
                + formula[tree.span.end :]
            )
    for part in below:
        yield from _parts(part, formula)
