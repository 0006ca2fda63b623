"""Requests made at random."""

from __future__ import annotations

from typing import Any

from naive.filling import Chance
from naive.formulas import Maker
from naive.making import World

WINDOWS = [
    "2024-Q1", "2024-Q1", "2024-02", "2024-02-29", "2024-W05", ["2024-01-10", "2024-03-15"], "2023-12..2024-02", "FY2024",
    "2024-W02..2024-W07",
]  # fmt: skip
HAVING = {
    "money": ["value > 1 EUR", "value <= 0 or value is missing"],
    "number": ["value >= 1", "value in 0..2"],
    "ratio": ["value < 50%", "value is missing"],
    "bool": ["value", "not value"],
    "date": ["value >= 2024-02-01", "value is present"],
    "text": ["value is missing", "value is present"],
    "duration": ["value > 2 days", "value is missing"],
}


def request(chance: Chance, world: World, make: type[Maker] = Maker) -> dict[str, Any]:
    """A request with one formula, named `value`, sometimes with more; a maker of a kind makes them."""
    words: dict[str, Any] = {"kpis": {}}
    if chance.number(0, 14):
        words["window"] = chance.pick(WINDOWS)
    if grain := chance.pick([None, None, "month", "month", "quarter", "week", "year", "half"]):
        words["grain"] = grain
    dimensions = list(world.homes)
    if by := list(dict.fromkeys(chance.pick(dimensions) for _ in range(chance.pick([0, 0, 1, 1, 2, 3])))):
        words["by"] = by
    maker = make(chance, world, by, {world.homes[name] for name in by}, dated=grain is not None)
    if chance.number(0, 3) == 0:
        words["where"], homes = chance.pick(list(maker.filters().items()))
        maker.needed |= homes
    if chance.number(0, 7) == 0:
        words["scope"] = chance.pick([{"kind": ["open", "done"]}, {"person": "p1"}, {"kind": "void"}])
        maker.needed |= {"people"}
    words["kpis"]["value"], kind = maker.formula()
    if chance.number(0, 5) == 0:
        words["kpis"]["other"] = maker.formula()[0]
    if chance.number(0, 3) == 0:
        words["as_of"] = chance.pick(["2024-02-10", "2024-02-29", "2024-01-31", "2025-01-01"])
    if chance.number(0, 5) == 0:
        words["sparse"] = True
    if by and chance.number(0, 4) == 0:
        words["totals"] = chance.pick([True, by[:1], by])
    if chance.number(0, 7) == 0:
        words["having"] = chance.pick(HAVING[kind])
    if chance.number(0, 7) == 0:
        words["order_by"] = [chance.pick(["value", "-value"])]
        words["limit"] = chance.number(0, 4)
    if chance.number(0, 9) == 0:
        words["values"] = {"few": chance.pick([0, 5])}
    return words
