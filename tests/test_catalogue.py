"""Whatever is declared has a case, a test and a page."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import kraforge
from kraforge.errors import CODES
from kraforge.functions import AGGREGATES, CONTEXTS, SCALARS
from kraforge.sql.dialects import DIALECTS

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"
CALLED = sorted({*AGGREGATES, *CONTEXTS, *(name for name, scalar in SCALARS.items() if not scalar.operator)})


@cache
def text(folder: Path, ending: str) -> str:
    """Everything in the files of a folder, but not this file."""
    files = sorted(file for file in folder.rglob(f"*{ending}") if file != Path(__file__))
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("name", CALLED)
def test_every_function_has_cases_and_a_word_in_the_guide(name: str) -> None:
    assert re.search(rf"\b{name}\(", text(TESTS / "cases", ".yaml")), "no case calls it"
    assert re.search(rf"`{name}\(|\b{name}\(", text(DOCS / "language", ".md")), "the guide does not name it"


@pytest.mark.parametrize("name", CALLED)
def test_every_function_says_what_it_means_with_an_example(name: str) -> None:
    for declared in (table[name] for table in (AGGREGATES, CONTEXTS, SCALARS) if name in table):
        assert declared.doc.endswith(".")
        assert f"{name}(" in declared.example


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_error_is_raised_in_a_test(code: str) -> None:
    raised = re.compile(rf"error: {code}\b(?!-)|[\"']{code}[\"']|\[{code}\]")
    assert raised.search(text(TESTS, ".yaml")) or raised.search(text(TESTS, ".py"))


def test_every_code_that_is_raised_is_declared() -> None:
    source = text(Path(kraforge.__file__).parent, ".py")
    raised = set(re.findall(r"Mistake\(\s*\"([a-z-]+)\"", source))
    assert raised - set(CODES) == set()


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_every_dialect_is_in_the_engine_matrix_and_on_the_page_of_sources(name: str) -> None:
    assert name in (TESTS / "test_cases.py").read_text("utf-8")
    assert name in (DOCS / "sources.md").read_text("utf-8").lower()
