"""Populations cut into equal parts by rank, on both engines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import kraforge as kf
from cases.loading import statements
from postgres import schema

CATALOG = kf.Catalog.from_dict(
    {
        "tables": {
            "customers": {
                "key": "id",
                "columns": {"id": "text", "segment": "text"},
                "fields": {"revenue": "sum(invoices.amount)", "half": "band(customers.revenue, 2)"},
            },
            "invoices": {
                "key": "id",
                "date": "day",
                "columns": {"id": "text", "customer_id": "text", "day": "date", "amount": "number"},
                "links": {"customer": {"to": "customers", "by": "customer_id"}},
            },
        },
        "dimensions": {
            "half": "customers.half",
            "third": "band(customers.revenue, 3)",
            "alike": "band(customers.revenue, 3, value)",
            "segment": "customers.segment",
        },
    }
)
AMOUNTS = {"a": 10, "b": 20, "c": 30, "d": 30}
ROWS: dict[str, list[dict[str, Any]]] = {
    "customers": [{"id": name, "segment": "x" if name in "abc" else "y"} for name in "abcde"],
    "invoices": [
        {"id": name, "customer_id": name, "day": dt.date(2024, 1 if name < "c" else 2, 5), "amount": amount}
        for name, amount in AMOUNTS.items()
    ],
}
COUNTED = {"n": "count(customers)", "sold": "sum(invoices.amount)"}


def asked(words: dict[str, Any], address: str | None) -> list[tuple[Any, ...]]:
    if address is None:
        with kf.Workspace(CATALOG, ROWS) as workspace:
            return [tuple(row.values()) for row in workspace.query(COUNTED, **words).rows()]
    with (
        schema(address, statements(CATALOG.declarations, ROWS)) as place,
        kf.Workspace(CATALOG, kf.connect(place)) as ws,
    ):
        return [tuple(row.values()) for row in ws.query(COUNTED, **words).rows()]


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # e 0, a 10, b 20 | c 30, d 30
        ({"window": "2024-Q1", "by": ["half"]}, [(1, 3, 30), (2, 2, 60)]),
        # e, a | b, c | d: ties by key
        ({"window": "2024-Q1", "by": ["third"]}, [(1, 2, 10), (2, 2, 50), (3, 1, 30)]),
        # e, a | b, c and d together
        ({"window": "2024-Q1", "by": ["alike"]}, [(1, 2, 10), (2, 3, 80)]),
        # only d and e are left: e | d
        ({"window": "2024-Q1", "by": ["half"], "where": "segment = 'y'"}, [(1, 1, 0), (2, 1, 30)]),
    ],
)
def test_a_population_is_cut_by_rank(
    words: dict[str, Any], expected: list[tuple[Any, ...]], engine: str, postgres_address: str
) -> None:
    assert asked(words, postgres_address if engine == "postgres" else None) == expected


def test_each_period_ranks_anew() -> None:
    rows = asked({"window": "2024-01..2024-02", "grain": "month", "by": ["half"]}, None)
    january, february = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
    # c, d, e | a, b in January, a, b, e | c, d in February
    assert rows == [(1, january, 3, 0), (1, february, 3, 0), (2, january, 2, 30), (2, february, 2, 60)]
