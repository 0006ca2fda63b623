"""Formulas that check, by their types; formulas that do not, by code and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kraforge.errors import KraforgeError
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
