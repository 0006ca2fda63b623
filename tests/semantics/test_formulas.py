"""Formulas that check, by their types; formulas that do not, by code and place."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kraforge.errors import CODES, KraforgeError, Mistake
from kraforge.semantics.check import Checked

HERE = Path(__file__).parent


def data(name: str) -> dict[str, list[Any]]:
    loaded: dict[str, list[Any]] = YAML(typ="safe", pure=True).load(HERE / name)
    return loaded


FINE = [
    pytest.param(str(formula), kind, id=str(formula))
    for kind, formulas in data("fine.yaml").items()
    for formula in formulas
]
MISTAKES = [
    pytest.param(wrong, wrong.get("code", code), id=f"{code}: {wrong['formula']}")
    for code, entries in data("mistakes.yaml").items()
    for wrong in entries
]


@pytest.mark.parametrize(("formula", "kind"), FINE)
def test_a_formula_has_its_type(checked: Checked, formula: str, kind: str) -> None:
    assert str(checked.measure("x", formula).type) == kind


@pytest.mark.parametrize(("wrong", "code"), MISTAKES)
def test_a_mistake_has_its_code_and_place(checked: Checked, wrong: dict[str, str], code: str) -> None:
    with pytest.raises(KraforgeError) as raised:
        checked.measure("x", wrong["formula"])
    (mistake,) = raised.value.mistakes
    assert mistake.code == code, str(mistake)
    assert mistake.text is not None
    assert mistake.span is not None
    under = mistake.text[mistake.span.start : mistake.span.end]
    assert under in (wrong["at"], wrong.get("within")), str(mistake)
    assert mistake.hint == wrong["hint"] if "hint" in wrong else True, str(mistake)
    assert wrong.get("message", "") in mistake.message
    assert wrong.get("notes", "") in "".join(mistake.notes)


WORDS = re.compile(r"'[^']*'|[\w.]+%?|->|\.\.<|\.\.|[<>!=]=?|[-+*/(),]|\s+")


@pytest.mark.parametrize("seed", range(8))
def test_whatever_words_come_together_an_answer_or_an_error_of_ours(checked: Checked, seed: int) -> None:
    chosen = random.Random(seed)
    formulas = [str(case.values[0]) for case in FINE]
    words = [word for formula in formulas for word in WORDS.findall(formula) if word.strip()]
    for _ in range(150):
        parts = WORDS.findall(chosen.choice(formulas))
        for _ in range(chosen.randint(1, 2)):
            parts[chosen.randrange(len(parts))] = chosen.choice([*words, f"({chosen.choice(formulas)})"])
        formula = "".join(parts)
        for mistake in mistakes_of(checked, formula):
            assert CODES[mistake.code].family != "internal", formula
            assert mistake.span is not None, formula
            assert 0 <= mistake.span.start <= mistake.span.end <= len(mistake.text or ""), formula


def mistakes_of(checked: Checked, formula: str) -> tuple[Mistake, ...]:
    try:
        checked.measure("x", formula)
    except KraforgeError as error:
        return error.mistakes
    return ()
