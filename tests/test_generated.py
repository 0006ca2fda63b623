"""Formulas made at random, asked of rows made at random: the naive evaluator and the databases give the same rows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kraforge as kf
from cases.loading import statements
from cases.reading import difference
from kraforge.model.declarations import Declarations
from kraforge.model.load import from_dict
from naive import answer
from naive.asking import request
from naive.making import World, world
from naive.simplest import simplest
from naive.values import NaiveError, unsettled
from postgres import schema

T = TypeVar("T")
FORMULAS = 24
ON_POSTGRES = 5


class Seeded:
    """Choices of a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """What became of all that was asked; most of it has to be answered and compared."""
    found: Counter[str] = Counter()
    yield found
    assert found["same"] > 0.8 * found.total(), found
    assert found["unsettled"] < 0.02 * found.total(), found


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_databases_answer_as_the_evaluator_does(seed: int, postgres_address: str, tally: Counter[str]) -> None:
    chance = Seeded(seed)
    made = world(chance)
    declarations = from_dict(made.catalog)
    asked = [request(chance, made) for _ in range(FORMULAS)]
    check(made, declarations, asked, on_duckdb, tally)
    if seed % ON_POSTGRES == 0:
        check(made, declarations, asked, partial(on_postgres, postgres_address, declarations), tally)


Rows = dict[str, list[dict[str, Any]]]
Sources = Callable[[Rows], AbstractContextManager[Any]]


@contextmanager
def on_duckdb(rows: Rows) -> Iterator[Any]:
    yield rows


@contextmanager
def on_postgres(address: str, declarations: Declarations, rows: Rows) -> Iterator[Any]:
    with schema(address, statements(declarations, rows)) as place:
        yield kf.connect(place)


def check(
    made: World, declarations: Declarations, asked: list[dict[str, Any]], sources: Sources, tally: Counter[str]
) -> None:
    """Compares all answers of one engine."""
    with sources(made.rows) as source, kf.Workspace(kf.Catalog.from_dict(made.catalog), source) as ws:
        for words in asked:
            became, _ = compared(ws, declarations, made.rows, words)
            tally[became] += 1
            assert became != "different", shown(made.catalog, made.rows, words, sources)


def compared(ws: kf.Workspace, declarations: Declarations, rows: Rows, words: dict[str, Any]) -> tuple[str, str]:
    """What became of a request: refused, unsettled, the same, or different, and how."""
    try:
        found = ws.query(**words).rows()
    except (kf.Mistakes, kf.UnsupportedError):
        return "refused", ""
    except Exception as error:  # whatever else is raised is a defect
        return "different", f"{type(error).__name__}: {error}"
    unsettled.clear()
    try:
        told = difference(answer(declarations, rows, words), found)
    except NaiveError as error:
        told = f"{error}, but answered"
    if unsettled:
        return "unsettled", ""
    return ("different", told) if told else ("same", "")


def shown(catalog: dict[str, Any], rows: Rows, words: dict[str, Any], sources: Sources = on_duckdb) -> str:
    """A wrong answer, made as small as it goes, to be written down as a case."""
    declarations = from_dict(catalog)

    def told(rows: Rows, words: dict[str, Any]) -> str:
        with sources(rows) as source, kf.Workspace(kf.Catalog.from_dict(catalog), source) as ws:
            became, how = compared(ws, declarations, rows, words)
        return how if became == "different" else ""

    rows, words = simplest(rows, words, lambda rows, words: bool(told(rows, words)))
    return "\n".join([told(rows, words), f"request: {words}", f"rows: {rows}", f"catalog: {catalog}"])
