"""The tables that the benchmarks ask: made inside DuckDB, of any size, the same on every run.

Three fact tables (invoices, payments, tickets) belong to customers; allocations pay invoices in parts; employees come
and go. Every value is a function of its row number, so two databases of one size hold equal rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import duckdb

FIRST_DAY = "2023-01-01"
DAYS = 1096  # until 2025-12-31


@frozen
class Sizes:
    """How many rows each table has."""

    invoices: int
    payments: int
    tickets: int
    customers: int
    employees: int

    @classmethod
    def of_facts(cls, rows: int) -> Sizes:
        """Sizes for so many rows over the three fact tables together."""
        invoices, payments = rows * 4 // 10, rows * 3 // 10
        return cls(invoices, payments, rows - invoices - payments, max(rows // 50, 10), max(rows // 10, 10))


def pick(salt: int, below: int) -> str:
    """SQL for a whole number under a bound, fixed by the row number `i` and the salt."""
    return f"(hash(i * 64 + {salt}) % {below})::INTEGER"


def day(salt: int) -> str:
    """SQL for a day of the three years that the data covers."""
    return f"(DATE '{FIRST_DAY}' + {pick(salt, DAYS)})"


def money(salt: int, below: int) -> str:
    """SQL for an amount of money in cents, under a bound in whole units."""
    return f"({pick(salt, below * 100)} * 0.01)::DECIMAL(18,2)"


def one_of(salt: int, *values: str) -> str:
    """SQL for one of the given texts, each as likely as the others."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"[{listed}][1 + {pick(salt, len(values))}]"


def sometimes(salt: int, percent: int, expression: str) -> str:
    """SQL for the expression in so many rows of a hundred, missing in the others."""
    return f"CASE WHEN {pick(salt, 100)} < {percent} THEN {expression} END"


def statements(sizes: Sizes) -> dict[str, str]:
    """The query of each table, by the table's name."""

    def customer(salt: int) -> str:
        return f"CASE WHEN {pick(salt, 200)} > 0 THEN 1 + {pick(salt + 1, sizes.customers)} END"

    return {
        "customers": f"""
            SELECT i + 1 AS customer_id, {one_of(11, "SME", "corporate", "ecommerce", "public", "export")} AS segment,
                {one_of(12, "north", "south", "east", "west")} AS region, {day(13)} AS onboarded_on
            FROM range({sizes.customers}) AS r(i)""",
        "invoices": f"""
            SELECT i + 1 AS invoice_id, {customer(1)} AS customer_id, {day(3)} AS issued_on,
                {day(3)} + 15 + {pick(4, 4)} * 15 AS due_on, {money(5, 5000)} AS net_amount,
                ({money(5, 5000)} * 1.18)::DECIMAL(18,2) AS gross, {pick(6, 1000)} / 1000.0::DOUBLE AS discount,
                {one_of(7, "open", "paid", "posted", "void")} AS status, 1 + {pick(8, 20)} AS quantity,
                {one_of(9, "web", "shop", "phone")} AS channel, 1 + {pick(10, 5000)} AS item_id
            FROM range({sizes.invoices}) AS r(i)""",
        "payments": f"""
            SELECT i + 1 AS payment_id, {customer(26)} AS customer_id, 1 + {pick(20, sizes.invoices)} AS invoice_id,
                {day(21)} AS paid_on, {money(22, 3000)} AS amount, {sometimes(23, 90, money(24, 30))} AS fee,
                {one_of(25, "card", "bank", "cash")} AS method
            FROM range({sizes.payments}) AS r(i)""",
        "tickets": f"""
            SELECT i + 1 AS ticket_id, {customer(29)} AS customer_id, {day(31)} AS opened_on,
                {sometimes(32, 85, f"{day(31)} + {pick(33, 20)}")} AS resolved_on,
                {sometimes(34, 85, f"{pick(35, 48000)} / 100.0::DOUBLE")} AS hours,
                {one_of(36, "low", "normal", "high")} AS priority,
                {sometimes(37, 60, f"(1 + {pick(38, 5)})::INTEGER")} AS rating
            FROM range({sizes.tickets}) AS r(i)""",
        "allocations": f"""
            SELECT i + 1 AS allocation_id, 1 + {pick(40, sizes.invoices)} AS invoice_id, {day(41)} AS allocated_on,
                {money(42, 2000)} AS amount
            FROM range({sizes.invoices}) AS r(i)""",
        "employees": f"""
            SELECT i + 1 AS employee_id, 'team ' || {pick(50, 12)} AS team,
                DATE '2020-01-01' + {pick(51, 2192)} AS hired_on,
                {sometimes(52, 60, f"DATE '2020-01-01' + {pick(51, 2192)} + {pick(53, 1500)}")} AS left_on
            FROM range({sizes.employees}) AS r(i)""",
    }


def fill(connection: duckdb.DuckDBPyConnection, sizes: Sizes, *tables: str) -> None:
    """Make the named tables, or all, in the connection's database."""
    for name, query in statements(sizes).items():
        if not tables or name in tables:
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")
