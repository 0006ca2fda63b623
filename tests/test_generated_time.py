"""Calendars, pauses, people with leave and own periods made at random: the naive evaluator and the databases agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kraforge as kf
from kraforge.model.declarations import Declarations
from kraforge.model.load import from_dict
from naive import answer
from naive.asking import request
from naive.making import World, world
from naive.scheduling import scheduled
from naive.timing import TimeMaker, timely
from naive.values import NaiveError
from test_generated import Rows, Seeded, Sources, compared, on_duckdb, on_postgres, shown

FORMULAS = 12
ON_POSTGRES = 5
EXAMPLES = settings.default.max_examples
REFUSALS = {"bad-calendar"}
"""Mistakes in data that only some requests come upon."""


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """What became of all that was asked; most of it has to be answered and compared."""
    found: Counter[str] = Counter()
    yield found
    assert found["same"] > 0.75 * found.total(), found
    assert found["unsettled"] < 0.02 * found.total(), found


def made_of(chance: Seeded) -> World:
    """A world with calendars; pauses and people meet on one way alone."""
    made = world(chance)
    while "helper" in made.links["sales"]:
        made = world(chance)
    return scheduled(chance, made)


@settings(max_examples=EXAMPLES * 2 // 5, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_databases_reckon_time_as_the_evaluator_does(seed: int, postgres_address: str, tally: Counter[str]) -> None:
    chance = Seeded(seed)
    made = made_of(chance)
    declarations = from_dict(made.catalog)
    own = "seasons" in made.rows
    asked = [timely(chance, request(chance, made, TimeMaker), own) for _ in range(FORMULAS)]
    check(made, declarations, asked, on_duckdb, tally)
    if seed % ON_POSTGRES == 0:
        check(made, declarations, asked, partial(on_postgres, postgres_address, declarations), tally)


def check(
    made: World, declarations: Declarations, asked: list[dict[str, Any]], sources: Sources, tally: Counter[str]
) -> None:
    """Compares all answers of one engine."""
    with sources(made.rows) as source, kf.Workspace(kf.Catalog.from_dict(made.catalog), source) as ws:
        for words in asked:
            became, how = compared(ws, declarations, made.rows, words)
            if became == "different" and any(code in how for code in REFUSALS):
                became = "refused" if refused(declarations, made.rows, words) else became
            tally[became] += 1
            assert became != "different", shown(made.catalog, made.rows, words, sources)


def refused(declarations: Declarations, rows: Rows, words: dict[str, Any]) -> bool:
    """Whether the evaluator refuses as well."""
    try:
        answer(declarations, rows, words)
    except NaiveError as error:
        return error.code in REFUSALS
    return False
