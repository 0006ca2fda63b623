"""Text to syntax tree."""

from __future__ import annotations

import re
from typing import Final, cast

from attrs import evolve

from kraforge.errors import LimitError, Mistake, Mistakes
from kraforge.limits import Limits
from kraforge.syntax import nodes
from kraforge.syntax.build import builders
from kraforge.syntax.grammar import Tables, tables
from kraforge.syntax.machine import Stuck, run, tokens
from kraforge.syntax.walk import size
from kraforge.text import Place, Span

HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
"""Characters that stand nowhere in a formula: controls, and those that make text look other than it is."""

MOST_TOLD: Final = 20
"""How many mistakes of one formula are told at most."""


def parse(text: str, *, place: Place = Place(), limits: Limits = Limits()) -> nodes.Expression:
    """The syntax tree of a formula.

    Raises Mistakes (syntax, unclosed-bracket, bad-literal, chained-comparison, repeated-modifier) and LimitError
    (formula-too-long before anything is read, formula-too-deep, formula-too-large). A tree that is returned is at most
    `limits.depth` deep, so what walks it may recurse. Safe from several threads.
    """
    if not isinstance(text, str):
        raise Mistakes(Mistake("syntax", f"a formula is a text, not {type(text).__name__}", place))
    if len(text) > limits.characters:
        raise LimitError(_too_much("formula-too-long", "characters", len(text), limits.characters, place))
    table = tables()
    if text.count("(") > limits.depth:
        _check_brackets(text, table, place, limits)
    mistakes: list[Mistake] = []
    try:
        tree = cast(nodes.Expression, run(text, table, builders(mistakes.append)))
    except Stuck as stuck:
        from kraforge.syntax.explain import explain  # a process without mistakes need not load their explanations

        mistakes = [*mistakes[: MOST_TOLD - 1], explain(text, stuck, table)]
    if found := HIDDEN.search(text):
        from kraforge.syntax.explain import hidden

        mistakes = [hidden(text, found.start(), table)]
    if mistakes:
        raise Mistakes([evolve(mistake, place=place, text=text) for mistake in mistakes[:MOST_TOLD]])
    if len(text) > min(limits.depth, limits.nodes, limits.items):
        _check_size(tree, place, limits)
    return tree


def parse_macro_signature(text: str, *, place: Place = Place()) -> tuple[str, tuple[str, ...]]:
    """The name and the parameters of a catalog's function: `on_time(done, due)`. Raises Mistakes."""
    tree = parse(text, place=place)
    if not isinstance(tree, nodes.Call):
        raise Mistakes(_signature_mistake(text, tree.span, place))
    names: list[str] = []
    for part in (tree.name, *tree.arguments):
        name = part.names[0] if isinstance(part, nodes.Path) and len(part.names) == 1 else part
        if not isinstance(name, nodes.Name) or name.quoted or name.text in tables().words:
            raise Mistakes(_signature_mistake(text, part.span, place))
        if name.text in names[1:]:
            message = f"the parameter '{name.text}' stands here twice"
            raise Mistakes(Mistake("duplicate-name", message, place, text, part.span, "rename one of the two"))
        names.append(name.text)
    return names[0], tuple(names[1:])


def _signature_mistake(text: str, span: Span, place: Place) -> Mistake:
    message = "a function is declared by its name and its parameters' names, none of them reserved"
    return Mistake("syntax", message, place, text, span, "write it like on_time(done, due)")


def _check_brackets(text: str, table: Tables, place: Place, limits: Limits) -> None:
    """Refuses brackets nested beyond the limit before the machine runs, at the cost of the first of them."""
    depth = 0
    for token in tokens(text, table):
        depth += (token.kind == "LPAR") - (token.kind == "RPAR")
        if depth > limits.depth:
            raise LimitError(_too_much("formula-too-deep", "brackets in each other", None, limits.depth, place))


def _check_size(tree: nodes.Expression, place: Place, limits: Limits) -> None:
    deepest, count, longest = size(tree)
    if deepest > limits.depth:
        raise LimitError(_too_much("formula-too-deep", "levels", deepest, limits.depth, place))
    if count > limits.nodes:
        raise LimitError(_too_much("formula-too-large", "parts", count, limits.nodes, place))
    if longest > limits.items:
        raise LimitError(_too_much("formula-too-large", "items in one list", longest, limits.items, place))


def _too_much(code: str, what: str, count: int | None, limit: int, place: Place) -> Mistake:
    has = f"a formula has {count} {what}" if count else f"a formula has more {what}"
    return Mistake(code, f"{has} than the {limit} allowed" if not count else f"{has}; {limit} are allowed", place)
