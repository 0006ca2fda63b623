"""Bounds hold while a request runs, whatever it asks; a workspace goes on after it was stopped, and from many threads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import kraforge as kf
from hostile.company import CATALOG, ROWS
from postgres import schema

HEAVY: dict[str, Any] = {
    "tables": {
        "a": {"key": "id", "columns": {"id": "number", "k": "number"}},
        "b": {"key": "id", "columns": {"id": "number", "k": "number"}},
    },
    "dimensions": {"id": "a.id"},
    "kpis": {"pairs": "sum(a, count(b where b.k = a.k and b.id < a.id))", "rows": "count(a)"},
}
MANY = 100_000
NUMBERED = [{"id": number, "k": 0} for number in range(MANY)]


def workspace(limits: kf.Limits) -> kf.Workspace:
    return kf.Workspace(kf.Catalog.from_dict(HEAVY), {"a": NUMBERED, "b": NUMBERED}, limits=limits)


def test_a_heavy_request_is_stopped_in_time_and_the_workspace_goes_on() -> None:
    with workspace(kf.Limits(seconds=0.5)) as ws:
        for _ in range(2):
            start = time.perf_counter()
            with pytest.raises(kf.LimitError) as raised:
                ws.query("pairs")
            assert raised.value.code == "out-of-time"
            assert time.perf_counter() - start < 5
            assert ws.query("rows").rows() == [{"rows": MANY}]


def test_postgres_is_stopped_in_time_and_goes_on(postgres_address: str) -> None:
    sql = "".join(
        f"CREATE TABLE {table} AS SELECT g AS id, 0 AS k FROM generate_series(1, {MANY}) g;" for table in ("a", "b")
    )
    catalog = kf.Catalog.from_dict(HEAVY)
    with (
        schema(postgres_address, sql) as address,
        kf.Workspace(catalog, kf.connect(address), limits=kf.Limits(seconds=0.5)) as ws,
    ):
        for _ in range(2):
            start = time.perf_counter()
            with pytest.raises(kf.LimitError) as raised:
                ws.query("pairs")
            assert raised.value.code == "out-of-time"
            assert time.perf_counter() - start < 5
            assert ws.query("rows").rows() == [{"rows": MANY}]


def test_rows_of_the_answer_are_bounded() -> None:
    with workspace(kf.Limits(rows=1_000)) as ws:
        with pytest.raises(kf.LimitError) as raised:
            ws.query("rows", by="id")
        assert raised.value.code == "too-many-rows"
        assert len(ws.query("rows", by="id", limit=1_000).rows()) == 1_000


def test_memory_is_bounded() -> None:
    with workspace(kf.Limits(memory=12 * 1024**2)) as ws:
        with pytest.raises(kf.LimitError) as raised:
            ws.query({f"k{number}": f"count_distinct(a.id) + {number}" for number in range(5)}, by="id", totals=True)
        assert raised.value.code == "out-of-memory"
        assert ws.query("rows").rows() == [{"rows": MANY}]


def test_cells_are_bounded() -> None:
    catalog = kf.Catalog.from_dict(CATALOG)
    with kf.Workspace(catalog, ROWS, limits=kf.Limits(cells=10)) as ws:
        with pytest.raises(kf.LimitError) as raised:
            ws.query("bills", window="2026", grain="month")
        assert raised.value.code == "too-many-cells"
        assert len(ws.query("bills", window="2026", grain="quarter").rows()) == 4


@pytest.fixture(name="ws")
def _ws() -> Iterator[kf.Workspace]:
    with kf.Workspace(kf.Catalog.from_dict(CATALOG), ROWS) as ws:
        yield ws


def test_threads_get_equal_answers(ws: kf.Workspace) -> None:
    asked: list[dict[str, Any]] = [
        {"kpis": ["revenue", "bills"], "by": ["status"], "grain": "month"},
        {"kpis": {"value": "count(customers where count(invoices) > 10)"}, "by": "segment"},
        {"kpis": "average", "where": "segment = wanted", "values": {"wanted": "SME"}},
        {"kpis": "bills", "by": "ageing", "as_of": "2026-06-30", "totals": True},
        {"kpis": "nothing"},
        {"kpis": {"value": "sum("}},
        {"kpis": "bills", "scope": {"status": ["open", "paid"]}, "window": "2026-Q1", "grain": "week"},
    ]

    def answer(number: int) -> Any:
        try:
            return ws.query(**asked[number % len(asked)]).rows()
        except kf.KraforgeError as error:
            return error.code

    def fresh(thread: int) -> list[Any]:
        return [answer(thread + number) for number in range(200)]

    alone = [answer(number) for number in range(len(asked))]
    with ThreadPoolExecutor(8) as pool:
        for thread, answers in enumerate(pool.map(fresh, range(8))):
            assert answers == [alone[(thread + number) % len(asked)] for number in range(200)]


def test_threads_meet_a_new_workspace_at_once() -> None:
    for _ in range(5):
        with kf.Workspace(kf.Catalog.from_dict(CATALOG), ROWS) as ws, ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, ws=ws: ws.query(["average", "bills"], by="status").rows(), range(16)))
            assert all(answer == answers[0] for answer in answers)
