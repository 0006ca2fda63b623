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


# ---- what holds whatever the calendar is

MACROS = {
    "work(x, y)": "business_hours(x, y{c})",
    "days_of(x, y)": "business_days(x, y{c})",
    "paused()": "sum(business_hours(pauses.at, pauses.done_at{c}))",
    "off(x)": "abs(x) > 0.000001",
}
BROKEN = {
    "parts add up": "off(work(at, done_at) + work(done_at, 2024-03-10T12:00:00) - work(at, 2024-03-10T12:00:00))",
    "days add up": "days_of(due, done_at) + days_of(done_at, 2024-03-10) != days_of(due, 2024-03-10)",
    "back is the negative": "work(at, done_at) + work(done_at, at) != 0",
    "a deadline takes its hours": "off(work(at, add_business_hours(at, 7.25{c})) - 7.25)",
    "a moment before as well": "off(work(at, add_business_hours(at, -30{c})) + 30)",
    "a day is so many days off": "days_of(due, add_business_days(due, 4{c})) != 4",
    "no more than the clock": "done_at >= at and work(at, done_at) > hours(at, done_at) + 0.000001",
    "pauses take no more than there is": "done_at >= at and work(at, done_at) - paused() < -0.000001",
    "and add nothing": "work(at, done_at) - paused() > work(at, done_at) + 0.000001",
}
"""Conditions that hold for no sale, by the law that they break."""


@settings(max_examples=EXAMPLES // 8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_business_time_keeps_its_laws(seed: int, postgres_address: str) -> None:
    chance = Seeded(seed)
    made = made_of(chance)
    made.catalog["tables"]["sales"].pop("where", None)
    c = chance.pick(["", ", office", ", nights", ", sales.cal"])
    made.catalog["functions"] |= {name: text.format(c=c) for name, text in MACROS.items()}
    kpis = {f"law{n}": f"anytime(count(sales where {text.format(c=c)}))" for n, text in enumerate(BROKEN.values())}
    sources = on_duckdb if seed % ON_POSTGRES else partial(on_postgres, postgres_address, from_dict(made.catalog))
    with sources(made.rows) as source, kf.Workspace(kf.Catalog.from_dict(made.catalog), source) as ws:
        (found,) = ws.query(kpis, window="2024-Q1").rows()
    broken = [law for law, count in zip(BROKEN, found.values(), strict=True) if count]
    assert not broken, (broken, made.catalog, made.rows)
