"""Texts made to hurt get an answer of ours, quickly and in little memory."""

from __future__ import annotations

import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kraforge.errors import KraforgeError, LimitError, Mistake, Mistakes
from kraforge.limits import Limits
from kraforge.syntax.format import format_formula, unparse
from kraforge.syntax.parse import parse
from syntax.test_parse import FORMULAS
from syntax.trees import sexpr

WIDE = Limits(characters=10**8)
HOSTILE = {
    "nested brackets": ("(" * 1_000 + "1" + ")" * 1_000, "formula-too-deep"),
    "opened brackets": ("(" * 1_000, "formula-too-deep"),
    "closed brackets": (")" * 20_000, "syntax"),
    "nested calls": ("f(" * 1_000 + "1" + ")" * 1_000, "formula-too-deep"),
    "a sum": ("+".join(["a"] * 20_000), "formula-too-deep"),
    "conditions": (" and ".join(["a"] * 5_000), "formula-too-deep"),
    "signs": ("- " * 20_000 + "1", "formula-too-deep"),
    "negations": ("not " * 20_000 + "a", "formula-too-deep"),
    "defaults": ("a else " * 10_000 + "a", "formula-too-deep"),
    "choices": ("if a then b else " * 5_000 + "a", "formula-too-deep"),
    "arguments": ("f(" + "a," * 20_000 + "a)", "formula-too-large"),
    "nodes": ("f(" + ",".join(["g(" + "a," * 900 + "a)"] * 6) + ")", "formula-too-large"),
    "items": ("a in (" + "1," * 1_500 + "1)", "formula-too-large"),
    "names": (".".join(["a"] * 5_000), "formula-too-large"),
    "a long name": ("a" * 19_000, "bad-literal"),
    "modifiers": ("a" + " where b" * 2_000, "repeated-modifier"),
    "bad dates": ("f(" + "2026-13-01," * 1_500 + "1)", "bad-literal"),
    "blanks": (" " * 19_000 + "@", "syntax"),
    "comments": ("#a\n" * 6_000 + "@", "syntax"),
    "quotes": ("'" * 19_999, "bad-literal"),
    "backticks": ("`" * 19_999, "syntax"),
    "digits": ("1" * 19_999, "bad-literal"),
    "digits and a letter": ("1" * 19_999 + "x", "bad-literal"),
    "points": ("1." * 9_999, "bad-literal"),
    "an exponent": ("1e" + "9" * 10_000, "bad-literal"),
    "dashes": ("2026-1-1" + "-1" * 9_000, "bad-literal"),
    "a number and blanks": ("1" * 5_000 + " " * 5_000 + "x", "syntax"),
    "comparisons": ("a<" * 9_000, "chained-comparison"),
    "a mistake at the end": ("a+" * 9_000 + "a b", "syntax"),
    "a mistake in depth": ("f(" * 99 + "a b" + ")" * 99, "syntax"),
    "nothing": ("", "syntax"),
    "only a comment": ("# nothing", "syntax"),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_are_refused_soon_and_briefly(text: str, code: str) -> None:
    start = time.process_time()
    with pytest.raises(KraforgeError) as refused:
        parse(text, limits=WIDE)
    assert time.process_time() - start < 2
    assert refused.value.code == code
    assert len(str(refused.value)) < 600 * len(refused.value.mistakes)
    assert len(refused.value.mistakes) <= 20


@pytest.mark.parametrize("limits", [Limits(), WIDE], ids=["as usual", "with a wide limit of length"])
def test_ten_million_brackets_are_refused_at_once(limits: Limits) -> None:
    parse("a")
    text = "(" * 10_000_000
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(LimitError) as refused:
        parse(text, limits=limits)
    assert time.perf_counter() - start < 0.25
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert refused.value.mistakes[0].text is None


def test_limits_are_inclusive() -> None:
    assert parse("a + b", limits=Limits(characters=5, depth=2, nodes=3)) is not None
    for limits, code in [
        (Limits(characters=4), "formula-too-long"),
        (Limits(depth=1), "formula-too-deep"),
        (Limits(nodes=2), "formula-too-large"),
    ]:
        with pytest.raises(LimitError) as refused:
            parse("a + b", limits=limits)
        assert refused.value.code == code
    assert parse("(" * 100 + "1" + ")" * 100) is not None
    assert parse("f(a, b)", limits=Limits(items=2)) is not None
    with pytest.raises(LimitError):
        parse("f(a, b)", limits=Limits(items=1))


def test_the_deepest_tree_allowed_can_be_printed_and_formatted() -> None:
    deep = "(" * 99 + "1" + " + 1)" * 99
    assert sexpr(parse(unparse(parse(deep)))) == sexpr(parse(deep))
    assert sexpr(parse(format_formula(deep))) == sexpr(parse(deep))
    long = " + ".join(["long_name"] * 100)
    assert format_formula(long) == long.replace(" +", "\n+")


PIECES = [*" ().,+-*/<>=!'`#%&|^;:{}[]", "a", "1", " where ", " in ", " if ", "..", "\n"]


def mistakes(text: str) -> tuple[Mistake, ...]:
    try:
        parse(text)
    except Mistakes as error:
        return error.mistakes
    return ()


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_a_formula_or_a_mistake_in_its_place(text: str) -> None:
    assert all(m.span and 0 <= m.span.start <= m.span.end <= len(text) and str(m) for m in mistakes(text))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMULAS), st.data())
def test_a_formula_with_a_piece_cut_out_is_told_about_in_place(formula: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(formula)))
    text = formula[:start] + formula[data.draw(st.integers(start, len(formula))) :]
    assert all(m.span and 0 <= m.span.start <= m.span.end <= len(text) for m in mistakes(text))


def test_threads_parse_at_once() -> None:
    alone = [sexpr(parse(formula)) for formula in FORMULAS]
    with ThreadPoolExecutor(8) as pool:
        for together in pool.map(lambda _: [sexpr(parse(formula)) for formula in FORMULAS], range(16)):
            assert together == alone
