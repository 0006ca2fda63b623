"""Every mistake that a catalog file can have: its code, its path and its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kraforge.errors import CODES, Mistake, Mistakes
from kraforge.model.load import load

CASES: list[dict[str, Any]] = YAML(typ="safe").load(Path(__file__).with_name("mistakes.yaml"))


def short(mistake: Mistake) -> str:
    return f"{mistake.code} {mistake.place.path or '-'} {mistake.place.line or '-'}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_catalog_with_mistakes(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / f"catalog.{case.get('form', 'yaml')}"
    file.write_text(case["catalog"], encoding="utf-8", newline="")
    with pytest.raises(Mistakes) as raised:
        load(file)
    found = [short(mistake) for mistake in raised.value.mistakes]
    if case.get("unordered"):
        assert sorted(found) == sorted(case["expect"])
    else:
        assert found == case["expect"]
    for mistake in raised.value.mistakes:
        assert mistake.code in CODES
        assert mistake.place.file == str(file)
