"""Links with history, shares, sequences and trees made at random: the naive evaluator and the databases give the same rows."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kraforge as kf
from cases.reading import difference
from kraforge.model.load import from_dict
from naive import answer
from naive.asking import request
from naive.making import world
from naive.unsound import unsound
from naive.weaving import woven
from test_generated import Seeded, check, on_duckdb, on_postgres

FORMULAS = 12
ON_POSTGRES = 5
EXAMPLES = settings.default.max_examples


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """What became of all that was asked; most of it has to be answered and compared."""
    found: Counter[str] = Counter()
    yield found
    assert found["same"] > 0.75 * found.total(), found
    assert found["unsettled"] < 0.02 * found.total(), found


def asked_of(chance: Seeded, made: Any) -> dict[str, Any]:
    """A request, sometimes for what was known on a day."""
    words = request(chance, made)
    if any("known" in table for table in made.catalog["tables"].values()) and chance.number(0, 1):
        words["known_at"] = chance.pick(["2024-01-31", "2024-02-15", "2024-02-29T09:00:00", "2024-12-31"])
    return words


@settings(max_examples=EXAMPLES // 2, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=st.integers(0, 2**32))
def test_databases_follow_links_as_the_evaluator_does(seed: int, postgres_address: str, tally: Counter[str]) -> None:
    chance = Seeded(seed)
    made = woven(chance, world(chance))
    declarations = from_dict(made.catalog)
    asked = [asked_of(chance, made) for _ in range(FORMULAS)]
    check(made, declarations, asked, on_duckdb, tally)
    if seed % ON_POSTGRES == 0:
        check(made, declarations, asked, partial(on_postgres, postgres_address, declarations), tally)


@settings(max_examples=EXAMPLES // 2)
@given(seed=st.integers(0, 2**32))
def test_what_links_may_not_lead_to_is_told_before_the_first_answer(seed: int, postgres_address: str) -> None:
    catalog, rows, codes = unsound(Seeded(seed))
    words = {"kpis": {"value": "sum(sales.amount)"}, "window": "2024-Q1", "by": ["who"]}
    sources = on_duckdb if seed % ON_POSTGRES else partial(on_postgres, postgres_address, from_dict(catalog))
    with sources(rows) as source, kf.Workspace(kf.Catalog.from_dict(catalog), source) as ws:
        if not codes:
            expected = answer(from_dict(catalog), rows, words)
            assert difference(expected, ws.query(**words).rows()) is None, (catalog, rows)
            return
        with pytest.raises(kf.SourceError) as raised:
            ws.query(**words)
    assert raised.value.code in codes, (catalog, rows)


# ---- what holds whatever the rows are

CENT = Decimal("0.01")
CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
PARTS = st.sampled_from(
    [[100], [60, 40], ["33.33", "33.33", "33.34"], ["0.1", "99.9"], [70, 20], [], ["12.345", 5, 50]]
)
MEMBERS = st.sampled_from(["p0", "p1", "p2", "p3", "gone", None])
DUE = st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 31))
CREDITED = PARTS.flatmap(lambda parts: st.tuples(*(st.tuples(MEMBERS, st.just(part)) for part in parts)))
SALES = st.lists(st.tuples(CENTS, DUE, MEMBERS, CREDITED), max_size=8)
CATALOG: dict[str, Any] = {
    "tables": {
        "people": {"key": "id", "columns": {"id": "text", "boss_id": "text"}, "links": {"boss": {"to": "people", "by": "boss_id"}}},
        "credits": {"columns": {"sale_id": "text", "person_id": "text", "pct": "percent"}},
        "sales": {
            "key": "id",
            "date": "due",
            "columns": {"id": "text", "due": "date", "amount": "money EUR", "owner_id": "text"},
            "links": {
                "owner": {"to": "people", "by": "owner_id"},
                "credited": {"to": "people", "through": "credits", "match": "sale_id", "by": "person_id", "share": "pct"},
            },
        },
    },
    "dimensions": {
        "credited": {"to": "people", "from": {"sales": "credited"}},
        "owner": {"to": "people"},
        "org": {"to": "people", "tree": "boss"},
        "top": {"to": "people", "tree": "boss", "level": 1},
        "credited_top": {"to": "people", "tree": "boss", "level": 1, "from": {"sales": "credited"}},
    },
}  # fmt: skip
BOSSES = st.tuples(*(st.sampled_from([None, "gone", *(f"p{m}" for m in range(n + 1))]) for n in range(4)))


@contextmanager
def selling(sales: list[Any], bosses: tuple[str | None, ...]) -> Iterator[kf.Workspace]:
    """A workspace with sales that are owned by some and credited to others, each boss further up the list."""
    rows: dict[str, list[dict[str, Any]]] = {"sales": [], "credits": []}
    rows["people"] = [{"id": f"p{number}", "boss_id": boss} for number, boss in enumerate(bosses)]
    for number, (amount, due, owner, parts) in enumerate(sales):
        rows["sales"].append({"id": f"s{number}", "due": due, "amount": amount, "owner_id": owner})
        rows["credits"] += [{"sale_id": f"s{number}", "person_id": who, "pct": Decimal(part)} for who, part in parts]
    with kf.Workspace(kf.Catalog.from_dict(CATALOG), rows) as ws:
        yield ws


def sums(ws: kf.Workspace, *by: str, name: str = "amount") -> dict[dt.date, dict[Any, Decimal]]:
    """The figures of each month by group."""
    formulas = {"amount": "sum(sales.amount)", "number": "count(sales)"}
    result = ws.query(formulas, window="2024-Q1", grain="month", by=list(by))
    found: dict[dt.date, dict[Any, Decimal]] = {dt.date(2024, month, 1): {} for month in (1, 2, 3)}
    for row in result.rows():
        found[row["period"]][row[by[0]] if by else None] = Decimal(row[name])
    return found


@settings(max_examples=EXAMPLES // 6)
@given(sales=SALES, bosses=BOSSES, name=st.sampled_from(["amount", "number"]))
def test_credited_parts_add_up_to_the_total(sales: list[Any], bosses: tuple[str | None, ...], name: str) -> None:
    with selling(sales, bosses) as ws:
        totals = sums(ws, name=name)
        for by in ("credited", "credited_top", "top"):
            parts = sums(ws, by, name=name)
            assert {month: sum(groups.values()) for month, groups in parts.items()} == {
                month: total.get(None, 0) for month, total in totals.items()
            }


@settings(max_examples=EXAMPLES // 6)
@given(sales=SALES, bosses=BOSSES)
def test_one_above_has_his_own_and_those_below(sales: list[Any], bosses: tuple[str | None, ...]) -> None:
    with selling(sales, bosses) as ws:
        own, rolled = sums(ws, "owner"), sums(ws, "org")
    for month, groups in rolled.items():
        assert groups.get(None, 0) == own[month].get(None, 0)
        for number in range(4):
            below = [f"p{n}" for n, boss in enumerate(bosses) if boss == f"p{number}" and n != number]
            expected = own[month].get(f"p{number}", 0) + sum(groups.get(one, 0) for one in below)
            assert groups.get(f"p{number}", 0) == expected


@settings(max_examples=EXAMPLES // 6)
@given(sales=SALES, bosses=BOSSES)
def test_whole_cents_add_up_as_shown(sales: list[Any], bosses: tuple[str | None, ...]) -> None:
    words: dict[str, Any] = {
        "kpis": {"a": "sum(sales.amount)"},
        "window": "2024-Q1",
        "grain": "month",
        "by": ["credited"],
    }
    with selling(sales, bosses) as ws:
        exact, shown = ws.query(**words).rows(), ws.query(**words).in_whole_cents().rows()
    assert [(row["credited"], row["period"]) for row in shown] == [(row["credited"], row["period"]) for row in exact]
    for month in {row["period"] for row in exact}:
        parts = [row["a"] for row in exact if row["period"] == month]
        seen = [row["a"] for row in shown if row["period"] == month]
        assert all(part == part.quantize(CENT) for part in seen)
        assert all(abs(part - there) < CENT for part, there in zip(seen, parts, strict=True))
        assert sum(seen) == sum(parts, Decimal(0)).quantize(CENT, ROUND_HALF_UP)
