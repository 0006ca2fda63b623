"""The sample company is the same everywhere, of any size, and as untidy as a real one."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from kraforge.packs import demo


@pytest.fixture(scope="module")
def company() -> demo.Tables:
    return demo.tables(invoices=2_000)


def test_the_same_seed_gives_the_same_rows(company: demo.Tables) -> None:
    assert demo.tables(invoices=2_000) == company
    assert demo.tables(invoices=2_000, seed=8) != company


@pytest.mark.parametrize("size", [0, 1, 100, 5_000])
def test_any_size_will_do(size: int) -> None:
    rows = demo.tables(invoices=size)
    assert abs(len(rows["invoices"]) - size) <= 12
    assert len(rows["employees"]) >= 16


def test_links_lead_somewhere(company: demo.Tables) -> None:
    links = [("invoices", "customers", "customer_id"), ("payments", "customers", "customer_id"),
             ("allocations", "payments", "payment_id"), ("allocations", "invoices", "invoice_id"),
             ("shipments", "lanes", "lane_id"), ("pods", "shipments", "shipment_id"),
             ("tickets", "shipments", "shipment_id"), ("opportunities", "leads", "lead_id")]  # fmt: skip
    for table, target, key in links:
        keys = {row[key] for row in company[target]}
        assert {row[key] for row in company[table]} - {None} <= keys, (table, target)


def test_payments_are_what_is_allocated_of_them(company: demo.Tables) -> None:
    allocated: Counter[str] = Counter()
    for row in company["allocations"]:
        allocated[row["payment_id"]] += row["amount"]
    amounts = {row["payment_id"]: row["amount"] for row in company["payments"]}
    assert all(allocated[payment] <= amount for payment, amount in amounts.items())
    assert sum(allocated[payment] == amount for payment, amount in amounts.items()) > 0.9 * len(amounts)


def test_no_invoice_is_paid_twice(company: demo.Tables) -> None:
    paid: Counter[str] = Counter()
    for row in company["allocations"]:
        paid[row["invoice_id"]] += row["amount"]
    assert all(paid[row["invoice_id"]] <= row["net_amount"] for row in company["invoices"])


def test_it_has_seasons_late_payers_and_gaps(company: demo.Tables) -> None:
    months = Counter(row["issued_on"].month for row in company["invoices"])
    assert months[10] > 1.3 * months[7]
    due = {row["invoice_id"]: row["due_on"] for row in company["invoices"]}
    late = [
        row for row in company["allocations"] if due[row["invoice_id"]] and row["allocated_on"] > due[row["invoice_id"]]
    ]
    assert 0.2 < len(late) / len(company["allocations"]) < 0.8
    for table, column in [
        ("invoices", "owner_id"),
        ("shipments", "delivered_at"),
        ("tickets", "resolved_at"),
        ("opportunities", "amount"),
    ]:
        missing = sum(row[column] is None for row in company[table])
        assert 0 < missing < len(company[table]) / 5, (table, column)


def test_nothing_happens_after_the_books_end(company: demo.Tables) -> None:
    for name, rows in company.items():
        for row in rows:
            for column, value in row.items():
                if isinstance(value, dt.date) and column not in ("due_on", "promised_on"):
                    assert (value.date() if isinstance(value, dt.datetime) else value) < demo.END, (name, column)


def test_money_has_two_decimals(company: demo.Tables) -> None:
    amounts = [row["net_amount"] for row in company["invoices"]]
    assert all(isinstance(amount, Decimal) and amount.as_tuple().exponent == -2 for amount in amounts)


def test_csv_and_parquet_hold_the_same_rows(company: demo.Tables, tmp_path: Path) -> None:
    import duckdb

    demo.write(tmp_path / "csv", company)
    demo.write(tmp_path / "parquet", company, form="parquet")
    assert (tmp_path / "csv" / "catalog.yaml").read_bytes() == demo.CATALOG.read_bytes()
    for name, rows in company.items():
        with (tmp_path / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
            assert sum(1 for _ in csv.DictReader(handle)) == len(rows)
        relation = duckdb.read_parquet(str(tmp_path / "parquet" / f"{name}.parquet"))
        assert [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()] == rows
