"""The grammar is clean, its tables are those of the grammar, and Lark reads the same formulas with it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from lark import Lark, Token, UnexpectedInput

from kraforge.errors import Mistakes
from kraforge.syntax.grammar import folder, grammar_text, make, tables
from kraforge.syntax.machine import run
from kraforge.syntax.parse import parse
from syntax.test_mistakes import ENTRIES, unescaped
from syntax.test_parse import FORMULAS
from syntax.trees import ROOT


@pytest.fixture(scope="module")
def lark() -> Lark:
    return Lark(grammar_text(), parser="lalr", lexer="contextual", keep_all_tokens=True)


def test_the_grammar_is_clean_in_strict_mode() -> None:
    Lark(grammar_text(), parser="lalr", lexer="contextual", strict=True)


def test_the_tables_are_those_of_the_grammar() -> None:
    kept = json.loads((ROOT / "grammar" / "formula.tables.json").read_text("utf-8"))
    assert kept == make(grammar_text()), "run python -m kraforge.syntax.grammar"


def test_the_grammar_is_found_in_the_checkout() -> None:
    assert folder().resolve() == (ROOT / "grammar").resolve()


@pytest.mark.parametrize("formula", FORMULAS)
def test_lark_reads_the_same_tokens(formula: str, lark: Lark) -> None:
    ours: list[tuple[str, str]] = []

    def note(values: list[object]) -> str:
        ours.extend((v.kind, v.text) for v in values if hasattr(v, "kind"))
        return "built"

    run(formula, tables(), {rule.builds: note for rule in tables().rules if rule.builds})
    theirs = [(t.type, str(t)) for t in lark.parse(formula).scan_values(lambda v: isinstance(v, Token))]
    assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize("lines", ENTRIES, ids=[lines[0] for lines in ENTRIES])
def test_lark_refuses_what_we_refuse_for_its_form(lines: list[str], lark: Lark) -> None:
    formula = unescaped(lines[0])
    try:
        lark.parse(formula)
    except UnexpectedInput:
        return
    with pytest.raises(Mistakes) as refused:
        parse(formula)
    assert {m.code for m in refused.value.mistakes} <= {"bad-literal", "repeated-modifier", "syntax"}
    assert refused.value.code != "syntax" or "invisible" in refused.value.mistakes[0].message


def test_every_rule_and_token_is_on_the_grammars_page() -> None:
    page = (ROOT / "grammar" / "README.md").read_text("utf-8")
    names = {rule.builds for rule in tables().rules if rule.builds} - {"several", "start"}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
    assert [word for word in tables().words if f"`{word}`" not in page] == []


def test_parsing_does_not_load_lark() -> None:
    code = "import sys; from kraforge.syntax.parse import parse; parse('sum(a)'); assert 'lark' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
