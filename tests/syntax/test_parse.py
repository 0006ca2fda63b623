"""Formulas become the trees that are written beside them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from kraforge.errors import Mistakes
from kraforge.syntax import nodes
from kraforge.syntax.parse import parse, parse_macro_signature
from kraforge.syntax.walk import children
from kraforge.text import Place, Span
from syntax.trees import entries, examples, sexpr

VALID = [("\n".join(lines[:-1]), lines[-1].removeprefix("    => ")) for lines in entries("valid.txt")]
FORMULAS = list(dict.fromkeys([*examples(), *(formula for formula, _ in VALID)]))


@pytest.mark.parametrize(("formula", "tree"), VALID)
def test_a_formula_has_its_tree(formula: str, tree: str) -> None:
    assert sexpr(parse(formula)) == tree


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_text_of_a_span_is_the_text_of_its_node(formula: str) -> None:
    waiting: list[nodes.Argument | nodes.Modifier] = [parse(formula)]
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        if not isinstance(node, (nodes.Range, nodes.Pair, nodes.Modifier)):
            assert sexpr(parse(formula[node.span.start : node.span.end])) == sexpr(node)


def test_names_know_their_place_and_whether_they_are_quoted() -> None:
    assert parse(" a.`b c`") == nodes.Path(
        (nodes.Name("a", Span(1, 2)), nodes.Name("b c", Span(3, 8), quoted=True)), Span(1, 8)
    )


def test_a_modifier_covers_its_word_and_what_follows() -> None:
    tree = parse("sum(x where a = 1 on due)")
    assert isinstance(tree, nodes.Call)
    (argument,) = tree.arguments
    assert isinstance(argument, nodes.Modified)
    assert [modifier.span for modifier in argument.modifiers] == [Span(6, 17), Span(18, 24)]


@pytest.mark.parametrize(
    ("formula", "kind", "value", "unit"),
    [
        ("0.10", "number", Decimal("0.10"), None),
        ("85%", "percent", Decimal(85), None),
        ("1700000 INR", "money", Decimal(1700000), "INR"),
        ("2 halves", "duration", Decimal(2), "half"),
        ("90   days", "duration", Decimal(90), "day"),
        ("2026-04-01", "date", dt.date(2026, 4, 1), None),
        ("2026-04-01T09:30", "timestamp", dt.datetime(2026, 4, 1, 9, 30), None),
        ("'it''s'", "text", "it's", None),
        ("true", "bool", True, None),
        ("missing", "missing", None, None),
    ],
)
def test_a_literal_has_its_value(formula: str, kind: str, value: object, unit: str | None) -> None:
    tree = parse(formula)
    assert isinstance(tree, nodes.Constant)
    assert (tree.kind, tree.value, tree.unit, tree.raw) == (kind, value, unit, " ".join(formula.split()))
    assert type(tree.value) is type(value)


def test_a_macro_is_declared_by_its_name_and_parameters() -> None:
    assert parse_macro_signature("on_time(done, due)") == ("on_time", ("done", "due"))
    assert parse_macro_signature("now()") == ("now", ())


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        ("on_time", "syntax"),
        ("on_time(done, 5)", "syntax"),
        ("on_time(done.x)", "syntax"),
        ("on_time(`done`)", "syntax"),
        ("on_time(where)", "syntax"),
        ("in(x)", "syntax"),
        ("on_time(a where b)", "syntax"),
        ("f(a, a)", "duplicate-name"),
        ("f(a", "unclosed-bracket"),
    ],
)
def test_a_signature_of_another_form_is_refused(signature: str, code: str) -> None:
    with pytest.raises(Mistakes) as refused:
        parse_macro_signature(signature, place=Place("functions"))
    assert refused.value.code == code
    assert refused.value.mistakes[0].place == Place("functions")
