"""Time at work, owners at the fact's date and trees, beside the best SQL for the same rows that was found by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
from attrs import frozen

import kraforge
from benchmarks.data import DAYS, FIRST_DAY, day, money, pick, sometimes
from benchmarks.equal import assert_equal
from benchmarks.findings import Finding, Section, at_most
from benchmarks.interleave import interleave
from benchmarks.questions import handwritten
from benchmarks.scale import Scale

CALENDARS = 20
LEVELS = 8
WINDOW = ("2023-01-01", "2026-01-01")

CATALOG: dict[str, Any] = {
    "calendars": {
        "shifts": {
            "table": "shifts",
            "by": "calendar_id",
            "weekday": "weekday",
            "hours": ["starts_at", "ends_at"],
            "holidays": {"table": "days_off", "by": "calendar_id", "day": "day"},
        }
    },
    "tables": {
        "shifts": {
            "columns": {"calendar_id": "count", "weekday": "count", "starts_at": "text", "ends_at": "text"},
        },
        "days_off": {"columns": {"calendar_id": "count", "day": "date"}},
        "tickets": {
            "key": "ticket_id",
            "date": "opened_at",
            "columns": {
                "ticket_id": "count",
                "calendar_id": "count",
                "opened_at": "timestamp",
                "resolved_at": "timestamp",
            },
        },
        "employees": {
            "key": "employee_id",
            "columns": {"employee_id": "count", "manager_id": "count"},
            "links": {"manager": {"to": "employees", "by": "manager_id"}},
        },
        "owners": {
            "columns": {
                "customer_id": "count",
                "employee_id": "count",
                "valid_from": "date",
                "valid_to": "date",
            },
        },
        "invoices": {
            "key": "invoice_id",
            "date": "issued_on",
            "columns": {
                "invoice_id": "count",
                "customer_id": "count",
                "seller_id": "count",
                "issued_on": "date",
                "net_amount": "money INR",
            },
            "links": {
                "seller": {"to": "employees", "by": "seller_id"},
                "owner": {
                    "to": "employees",
                    "through": "owners",
                    "match": "customer_id",
                    "by": "employee_id",
                    "valid": "valid_from ..< valid_to",
                },
            },
        },
        "customers": {"key": "customer_id", "columns": {"customer_id": "count"}},
    },
    "dimensions": {
        "owner": {"to": "employees", "from": {"invoices": "owner"}},
        "seller": {"to": "employees", "from": {"invoices": "seller"}},
        "line": {"to": "employees", "tree": "manager", "from": {"invoices": "seller"}},
    },
    "kpis": {
        "hours": "avg(business_hours(tickets.opened_at, tickets.resolved_at, shifts))",
        "plain_hours": "avg(hours(tickets.opened_at, tickets.resolved_at))",
        "revenue": "sum(invoices.net_amount)",
    },
}


@frozen
class Sizes:
    """How many rows the tables have."""

    tickets: int = 0
    invoices: int = 0
    customers: int = 1
    employees: int = 1


def statements(sizes: Sizes) -> dict[str, str]:
    """The query of each table, by the table's name."""
    each_level = max(2, round(sizes.employees ** (1 / (LEVELS - 1))))
    opened = f"({day(61)} + INTERVAL 1 MINUTE * {pick(62, 1440)})"
    return {
        # even calendars rest at noon, every fourth works on Saturday mornings
        "shifts": f"""
            SELECT c AS calendar_id, d AS weekday, s[1] AS starts_at, s[2] AS ends_at
            FROM range(1, {CALENDARS + 1}) AS r(c), range(1, 7) AS w(d), unnest(CASE
                WHEN d = 6 THEN [['09:30', '13:30']]
                WHEN c % 2 = 0 THEN [['09:00', '12:30'], ['13:30', '18:' || lpad((c * 2)::VARCHAR, 2, '0')]]
                ELSE [['08:' || lpad((c * 2)::VARCHAR, 2, '0'), '17:00']] END) AS u(s)
            WHERE d < 6 OR c % 4 = 0""",
        "days_off": f"""
            SELECT DISTINCT 1 + (i % {CALENDARS}) AS calendar_id, {day(60)} AS day
            FROM range({CALENDARS * 40}) AS r(i)""",
        "tickets": f"""
            SELECT i + 1 AS ticket_id, 1 + {pick(63, CALENDARS)} AS calendar_id, {opened} AS opened_at,
                {sometimes(64, 90, f"{opened} + INTERVAL 1 MINUTE * {pick(65, 20 * 1440)}")} AS resolved_at
            FROM range({sizes.tickets}) AS r(i)""",
        "employees": f"""
            SELECT i + 1 AS employee_id, CASE WHEN i > 0 THEN 1 + (i - 1) // {each_level} END AS manager_id
            FROM range({sizes.employees}) AS r(i)""",
        "customers": f"SELECT i + 1 AS customer_id FROM range({sizes.customers}) AS r(i)",
        # five owners of each customer, one after the other, with a gap of ten days before the third
        "owners": f"""
            SELECT c + 1 AS customer_id, 1 + {pick(66, sizes.employees)} AS employee_id,
                DATE '{FIRST_DAY}' + (n * {DAYS // 5})::INTEGER AS valid_from,
                CASE WHEN n < 4 THEN DATE '{FIRST_DAY}' + ((n + 1) * {DAYS // 5} - CASE n WHEN 1 THEN 10 ELSE 0 END)::INTEGER
                END AS valid_to
            FROM (SELECT c, n, c * 5 + n AS i FROM range({sizes.customers}) AS r(c), range(5) AS s(n))""",
        "invoices": f"""
            SELECT i + 1 AS invoice_id, 1 + {pick(67, sizes.customers)} AS customer_id,
                1 + {pick(68, sizes.employees)} AS seller_id, {day(69)} AS issued_on, {money(70, 5000)} AS net_amount
            FROM range({sizes.invoices}) AS r(i)""",
    }


def opened(sizes: Sizes) -> tuple[duckdb.DuckDBPyConnection, kraforge.Workspace]:
    """A database with the tables, and a workspace over it."""
    connection = duckdb.connect()
    for name, query in statements(sizes).items():
        connection.execute(f"CREATE TABLE {name} AS {query}")
    return connection, kraforge.Workspace(kraforge.Catalog.from_dict(CATALOG), connection)


def moments(scale: Scale) -> Section:
    """Business hours, the owner at the invoice's date, and the roll-up of a tree."""
    n = 5 * scale.others
    return Section(
        "Time at work, owners at the time, trees",
        "CPU beside the best statement by hand, whose day table is there already.",
        (*_worked(n, scale), _owned(n, scale), *_climbed(n, scale)),
    )


def _worked(n: int, scale: Scale) -> Sequence[Finding]:
    connection, workspace = opened(Sizes(tickets=n))
    with connection, workspace:
        connection.execute(handwritten("day_table"))

        def ours() -> list[tuple[Any, ...]]:
            return workspace.query("hours", window=WINDOW, grain="month").values()

        def plain() -> list[tuple[Any, ...]]:
            return workspace.query("plain_hours", window=WINDOW, grain="month").values()

        hand = _asker(connection, "business_hours")
        assert_equal(ours(), hand())
        ways = interleave({"kraforge": ours, "hand": hand, "plain": plain}, scale.rounds)
    words = f"business hours of {n:,} tickets by {CALENDARS} calendars"
    times = ways["kraforge"].times(ways["plain"])[1]
    return (
        at_most(f"{words}, beside a join to a day table", ways["kraforge"], ways["hand"], 1.30),
        Finding(f"{words}, beside a plain subtraction", f"{times:.1f}×"),
    )


def _owned(n: int, scale: Scale) -> Finding:
    connection, workspace = opened(Sizes(invoices=n, customers=max(1, n // 250), employees=max(1, n // 2500)))
    with connection, workspace:

        def ours() -> list[tuple[Any, ...]]:
            return workspace.query("revenue", window=WINDOW, grain="year", by=["owner"]).values()

        hand = _asker(connection, "owner_at")
        assert_equal(ours(), hand())
        ways = interleave({"kraforge": ours, "hand": hand}, scale.rounds)
    what = f"{n:,} invoices by their customers' owners at the time, {n // 50:,} spans, beside an as-of join"
    return at_most(what, ways["kraforge"], ways["hand"], 1.50)


def _climbed(n: int, scale: Scale) -> Sequence[Finding]:
    employees = max(10, n // 250)
    connection, workspace = opened(Sizes(invoices=n, customers=10, employees=employees))
    with connection, workspace:

        def asker(by: str) -> Callable[[], list[tuple[Any, ...]]]:
            return lambda: workspace.query("revenue", window=WINDOW, by=[by]).values()

        hand = _asker(connection, "tree")
        assert_equal(asker("line")(), hand())
        ways = interleave({"kraforge": asker("line"), "hand": hand, "flat": asker("seller")}, scale.rounds)
    what = f"{n:,} invoices by a tree of {employees:,} employees"
    return (
        at_most(f"{what}, beside grouping by employee", ways["kraforge"], ways["flat"], 2.00),
        at_most(f"{what}, beside a closure by hand", ways["kraforge"], ways["hand"], 1.30),
    )


def _asker(connection: duckdb.DuckDBPyConnection, name: str) -> Callable[[], list[tuple[Any, ...]]]:
    sql = handwritten(name)
    return lambda: connection.execute(sql).fetchall()
