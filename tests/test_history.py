"""Links with history: what data must be like is told with the rows, and a link is never a join of all with all."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import duckdb
import pytest

import kraforge as kf

OWNED = {"to": "people", "through": "owners", "match": "customer_id", "by": "person_id", "valid": "since ..< until"}
CATALOG: dict[str, Any] = {
    "tables": {
        "customers": {"key": "id", "columns": {"id": "count"}, "links": {"owner": OWNED}},
        "people": {"key": "id", "columns": {"id": "count"}},
        "owners": {"columns": {"customer_id": "count", "person_id": "count", "since": "date", "until": "date"}},
        "invoices": {
            "key": "id",
            "date": "day",
            "columns": {"id": "count", "customer_id": "count", "day": "date", "amount": "money EUR"},
            "links": {"owner": OWNED},
        },
        "plans": {
            "key": "id",
            "known": "told ..< withdrawn",
            "columns": {"id": "count", "told": "timestamp", "withdrawn": "timestamp", "day": "date"},
            "links": {"next": {"to": "plans", "following": "day", "order": ["told"]}},
        },
        "steps": {
            "key": "id",
            "date": "day",
            "columns": {"id": "count", "plan_id": "count", "day": "date"},
            "links": {"plan": {"to": "plans", "by": "plan_id"}},
        },
    },
    "dimensions": {
        "owner": {"to": "people", "from": {"invoices": "owner", "customers": "owner"}},
        "planned": "plans.day",
    },
    "kpis": {"revenue": "sum(invoices.amount)"},
}
JANUARY = dt.date(2026, 1, 1)


def owned(person: int, since: dt.date | None, until: dt.date | None) -> dict[str, Any]:
    return {"customer_id": 1, "person_id": person, "since": since, "until": until}


def workspace(**rows: Any) -> kf.Workspace:
    return kf.Workspace(kf.Catalog.from_dict(CATALOG), {name: rows.get(name, []) for name in CATALOG["tables"]})


def told(made: kf.Workspace, kpi: str, **words: Any) -> kf.SourceError:
    with made, pytest.raises(kf.SourceError) as raised:
        made.query({"value": kpi}, **words)
    return raised.value


def test_rows_that_overlap_are_shown_though_no_invoice_meets_them() -> None:
    rows = [owned(1, JANUARY, dt.date(2026, 2, 1)), owned(2, dt.date(2026, 1, 31), None), owned(3, None, None)]
    error = told(workspace(owners=rows), "sum(invoices.amount)", by="owner")
    assert error.code == "overlapping-history"
    shown = error.mistakes[0].notes
    assert [note.removeprefix("for example ") for note in shown] == [
        "customer_id 1, since 2026-01-01, until 2026-02-01",
        "customer_id 1, since 2026-01-31, until missing",
    ]


def test_a_row_that_lasts_over_several_others_is_found() -> None:
    rows = [
        owned(1, JANUARY, dt.date(2026, 12, 1)),
        owned(2, dt.date(2026, 2, 1), dt.date(2026, 2, 2)),
        owned(3, dt.date(2026, 11, 1), dt.date(2026, 12, 2)),
    ]
    assert len(told(workspace(owners=rows), "sum(invoices.amount)", by="owner").mistakes[0].notes) == 3


def test_what_is_not_asked_is_not_checked() -> None:
    rows = [owned(1, JANUARY, None), owned(2, JANUARY, None)]
    with workspace(owners=rows) as made:
        assert made.query("revenue", window="2026").rows() == [{"revenue": 0}]


def test_a_key_may_repeat_over_what_was_known_but_not_at_one_time() -> None:
    noon = dt.datetime(2026, 1, 5, 12)
    first = {"id": 1, "told": dt.datetime(2026, 1, 1), "withdrawn": noon, "day": JANUARY}
    steps = [{"id": 1, "plan_id": 1, "day": JANUARY}]
    words: dict[str, Any] = {"window": "2026-01", "by": "planned"}
    with workspace(plans=[first, {**first, "told": noon, "withdrawn": None, "day": None}], steps=steps) as made:
        assert made.query({"n": "count(steps)"}, **words).rows() == [{"planned": None, "n": 1}]
        known = made.query({"n": "count(steps)"}, known_at="2026-01-05T11:59", **words)
        assert known.rows() == [{"planned": JANUARY, "n": 1}]
    twice = workspace(plans=[first, {**first, "told": dt.datetime(2026, 1, 2)}], steps=steps)
    with twice:
        assert twice.query({"n": "count(steps)"}, **words).rows() == [{"planned": None, "n": 1}]
        assert told(twice, "count(steps)", known_at=dt.date(2026, 1, 4), **words).code == "duplicate-key"


def test_a_moment_with_a_zone_is_one_of_the_catalogs_clock() -> None:
    row = {"id": 1, "told": dt.datetime(2026, 1, 1, 10), "withdrawn": None, "day": None}
    with kf.Workspace(
        kf.Catalog.from_dict({**CATALOG, "calendar": {"timezone": "Asia/Kolkata"}}),
        {name: [row] if name == "plans" else [] for name in CATALOG["tables"]},
    ) as made:
        for moment, count in (("2026-01-01T04:30:00Z", 1), ("2026-01-01T04:29:59Z", 0), ("2026-01-01T10:00", 1)):
            assert made.query({"n": "count(plans)"}, known_at=moment).rows() == [{"n": count}]


def test_rows_that_tie_in_the_order_are_shown() -> None:
    rows = [{"id": n, "told": dt.datetime(2026, 1, 1), "withdrawn": None, "day": JANUARY} for n in (1, 2)]
    error = told(workspace(plans=rows), "count(plans where next is present)")
    assert error.code == "ambiguous-order"
    assert error.mistakes[0].notes == ("for example day 2026-01-01, told 2026-01-01 00:00:00, number of rows 2",)


def test_known_at_is_refused_where_no_table_says_when_it_was_known() -> None:
    tables = {name: {**table, "known": None} for name, table in CATALOG["tables"].items()}
    tables = {name: {key: value for key, value in table.items() if value is not None} for name, table in tables.items()}
    with pytest.raises(kf.Mistakes) as raised:
        kf.compile("count(plans)", kf.Catalog.from_dict({"tables": tables}), known_at="2026-01-01")
    assert raised.value.code == "bad-request"


@pytest.mark.parametrize("moment", ["2026-13-01", "yesterday", 5, "2026-01-01T25:00"])
def test_known_at_is_a_day_or_a_moment(moment: Any) -> None:
    with pytest.raises(kf.Mistakes) as raised:
        kf.compile("count(plans)", kf.Catalog.from_dict(CATALOG), known_at=moment)
    assert raised.value.code == "bad-request"


@pytest.mark.parametrize("kpi", ["sum(invoices.amount)", "count(customers)"])
def test_a_history_is_joined_by_its_key(kpi: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE people AS SELECT i AS id FROM range(20) AS r(i)")
        connection.execute("CREATE TABLE customers AS SELECT i AS id FROM range(500) AS r(i)")
        connection.execute(
            "CREATE TABLE owners AS SELECT i // 4 AS customer_id, i % 20 AS person_id, "
            "DATE '2026-01-01' + (i % 4 * 30)::INTEGER AS since, DATE '2026-01-31' + (i % 4 * 30)::INTEGER AS until "
            "FROM range(2000) AS r(i)"
        )
        connection.execute(
            "CREATE TABLE invoices AS SELECT i AS id, i % 500 AS customer_id, "
            "DATE '2026-01-01' + (i % 90)::INTEGER AS day, 1.00 AS amount FROM range(20000) AS r(i)"
        )
        tables = {name: CATALOG["tables"][name] for name in ("people", "customers", "owners", "invoices")}
        catalog = {"tables": tables, "dimensions": {"owner": CATALOG["dimensions"]["owner"]}}
        made = kf.Workspace(kf.Catalog.from_dict(catalog), connection)
        result = made.query({"value": kpi}, window="2026-Q1", grain="month", by="owner")
        ((_, plan),) = connection.execute(f"EXPLAIN {result.sql}").fetchall()
    joins = set(re.findall(r"[A-Za-z ]+ Join(?= ─)", plan))
    assert joins == {" Hash Join"}, plan


def test_a_table_that_is_only_gone_through_needs_no_declaration() -> None:
    tables = {name: CATALOG["tables"][name] for name in ("people", "customers", "invoices")}
    catalog = kf.Catalog.from_dict({"tables": tables, "dimensions": {"owner": CATALOG["dimensions"]["owner"]}})
    kf.check(catalog)
    assert '"since" <= "invoices"."day"' in kf.compile("sum(invoices.amount)", catalog, by="owner").sql("postgres")
    rows = {
        "people": [{"id": 7}],
        "customers": [{"id": 1}],
        "owners": [owned(7, JANUARY, None)],
        "invoices": [{"id": 1, "customer_id": 1, "day": JANUARY, "amount": 5}],
    }
    with kf.Workspace(catalog, rows) as made:
        assert made.query({"n": "count(invoices)"}, by="owner").rows() == [{"owner": 7, "n": 1}]
