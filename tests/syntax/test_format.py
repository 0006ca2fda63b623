"""Formatting loses nothing, comes to rest at once, and trees print as text that gives the same trees."""

from __future__ import annotations

import datetime as dt
import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kraforge.errors import Mistakes
from kraforge.syntax import nodes
from kraforge.syntax.format import format_formula, unparse
from kraforge.syntax.grammar import tables
from kraforge.syntax.machine import tokens
from kraforge.syntax.parse import parse
from kraforge.text import Span
from syntax.test_parse import FORMULAS
from syntax.trees import entries, sexpr

NOWHERE = Span(0, 0)
STYLES = ["\n".join(lines) for lines in entries("styles.txt")]


def comments(text: str) -> list[str]:
    return [comment.rstrip() for comment in re.findall("#[^\n]*", re.sub("'[^'\n]*'|`[^`\n]*`", "", text))]


@pytest.mark.parametrize("formula", FORMULAS)
def test_formatting_keeps_the_tree_and_the_comments(formula: str) -> None:
    formatted = format_formula(formula)
    assert sexpr(parse(formatted)) == sexpr(parse(formula))
    assert comments(formatted) == comments(formula)
    assert format_formula(formatted) == formatted


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_printed_tree_parses_to_itself(formula: str) -> None:
    tree = parse(formula)
    assert sexpr(parse(unparse(tree))) == sexpr(tree)
    assert unparse(parse(unparse(tree))) == unparse(tree)


@pytest.mark.parametrize("formula", STYLES)
def test_the_style_is_at_rest(formula: str) -> None:
    assert format_formula(formula) == formula
    flat = " ".join(formula.split())
    if "#" not in formula:
        assert format_formula(flat) == formula


@pytest.mark.parametrize(
    ("formula", "printed"),
    [
        ("((a)) + (b * c)", "a + b * c"),
        ("(a + b) * (c)", "(a + b) * c"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) - c", "a - b - c"),
        ("- - a", "-(-a)"),
        ("(a where b) + c", "(a where b) + c"),
        ("sum((a) where (b))", "sum(a where b)"),
        ("(if a then b else c) else d", "(if a then b else c) else d"),
        ("if a then (b else c) else (d else e)", "if a then (b else c) else d else e"),
        ("f(a..b,1 .. 2,..  -5, x..)", "f(a .. b, 1..2, ..-5, x ..)"),
        ("a # comment", "a"),
        ("30   days", "30 days"),
    ],
)
def test_printing_takes_no_more_brackets_than_needed(formula: str, printed: str) -> None:
    assert unparse(parse(formula)) == printed


def test_what_is_no_formula_is_not_formatted() -> None:
    with pytest.raises(Mistakes):
        format_formula("sum(a")


# ---- generated trees


def constant(kind: nodes.Literals, value: object, unit: str | None = None) -> nodes.Constant:
    return nodes.Constant(kind, value, NOWHERE, "", unit)  # type: ignore[arg-type]


numbers = st.decimals(0, 10**12, allow_nan=False, places=3)
units = st.sampled_from(["second", "minute", "hour", "day", "week", "month", "quarter", "half", "year"])
words = st.sampled_from(["a", "b_1", "where", "on", "in", "month", "sum", "onboarded_on", "x y", "if"])
names = words.map(lambda text: nodes.Name(text, NOWHERE, quoted=text in ("x y", "if")))
literals = st.one_of(
    numbers.map(lambda n: constant("number", n)),
    numbers.map(lambda n: constant("percent", n)),
    numbers.map(lambda n: constant("money", n, "INR")),
    st.builds(lambda n, unit: constant("duration", n, unit), numbers, units),
    st.dates(dt.date(1, 1, 1)).map(lambda d: constant("date", d)),
    st.datetimes().map(lambda d: constant("timestamp", d.replace(microsecond=0))),
    st.text("aö'#`( ", max_size=5).map(lambda text: constant("text", text)),
    st.booleans().map(lambda value: constant("bool", value)),
    st.just(constant("missing", None)),
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: nodes.Path(tuple(parts), NOWHERE))
signed = literals | literals.map(lambda inner: nodes.Unary("-", inner, NOWHERE))
leaves: st.SearchStrategy[nodes.Expression] = literals | paths


def ranges(ends: st.SearchStrategy[nodes.Expression], open_ended: bool = True) -> st.SearchStrategy[nodes.Range]:
    both = st.builds(nodes.Range, ends, ends, st.booleans(), st.just(NOWHERE))
    if not open_ended:
        return both
    until = st.builds(nodes.Range, st.none(), ends, st.booleans(), st.just(NOWHERE))
    return both | until | ends.map(lambda low: nodes.Range(low, None, True, NOWHERE))


def modifiers(inner: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[tuple[nodes.Modifier, ...]]:
    values = {"where": inner, "on": inner, "during": ranges(inner, open_ended=False), "via": paths}
    chosen = st.lists(st.sampled_from(["where", "on", "during", "via"]), min_size=1, max_size=4, unique=True)
    return chosen.flatmap(
        lambda words: st.tuples(*(values[w].map(lambda value, w=w: nodes.Modifier(w, value, NOWHERE)) for w in words))
    )


def larger(inner: st.SearchStrategy[nodes.Expression]) -> st.SearchStrategy[nodes.Expression]:
    here = st.just(NOWHERE)
    operators = st.sampled_from(["+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">=", "and", "or", "else"])
    argument = st.one_of(inner, ranges(inner), st.builds(nodes.Pair, inner | ranges(inner), inner, here))
    plain = names.filter(lambda name: not name.quoted)
    return st.one_of(
        st.builds(nodes.Binary, operators, inner, inner, here),
        st.builds(nodes.Unary, st.sampled_from(["-", "not"]), inner, here),
        st.builds(nodes.Presence, inner, st.booleans(), here),
        st.builds(nodes.Membership, inner, st.lists(signed, min_size=1, max_size=3).map(tuple), st.booleans(), here),
        st.builds(nodes.Between, inner, signed, signed, st.booleans(), here),
        st.builds(nodes.If, inner, inner, inner, here),
        st.builds(nodes.Call, plain, st.lists(argument, max_size=3).map(tuple), here),
        st.builds(nodes.Modified, inner, modifiers(inner), here),
    )


trees = st.recursive(leaves, larger, max_leaves=25)


@settings(max_examples=300, deadline=None)
@given(trees)
def test_any_tree_prints_as_text_that_parses_to_it(tree: nodes.Expression) -> None:
    assert sexpr(parse(unparse(tree))) == sexpr(tree)


GAPS = ["", " ", "  ", "\n", "\t", " # one\n", "\n# own\n", "#x\n  # y\n"]


@settings(max_examples=300, deadline=None)
@given(trees, st.randoms(use_true_random=False), st.integers(1, 8))
def test_any_text_formats_without_loss(tree: nodes.Expression, random: Random, often: int) -> None:
    printed, text, end = unparse(tree), random.choice(["", "# top\n"]), 0
    for token in tokens(printed, tables()):
        gap = printed[end : token.start]
        text += (random.choice(GAPS) or gap if not random.randrange(often) else gap) + token.text
        end = token.end
    formatted = format_formula(text)
    assert sexpr(parse(formatted)) == sexpr(tree)
    assert comments(formatted) == comments(text)
    assert format_formula(formatted) == formatted
    assert not re.search("[ \t]$", formatted, re.MULTILINE)
