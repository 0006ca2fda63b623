"""What the benchmarks ask: a catalog, its KPIs, and requests beside the statement in handwritten/ that answers alike.

A request's columns stand in the order of its statement's: the dimensions, the period, the KPIs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

HANDWRITTEN = Path(__file__).parent / "handwritten"

FORTY = {
    "revenue": "sum(invoices.net_amount)",
    "gross_revenue": "sum(invoices.gross)",
    "open_revenue": "sum(invoices.net_amount where status = 'open')",
    "paid_revenue": "sum(invoices.net_amount where status = 'paid')",
    "posted_revenue": "sum(invoices.net_amount where status = 'posted')",
    "invoices_issued": "count(invoices)",
    "open_invoices": "count(invoices where status = 'open')",
    "void_rate": "rate(invoices, status = 'void')",
    "web_revenue": "sum(invoices.net_amount where channel = 'web')",
    "shop_revenue": "sum(invoices.net_amount where channel = 'shop')",
    "phone_revenue": "sum(invoices.net_amount where channel = 'phone')",
    "web_share": "sum(invoices.net_amount where channel = 'web') / sum(invoices.net_amount)",
    "units": "sum(invoices.quantity)",
    "web_units": "sum(invoices.quantity where channel = 'web')",
    "mean_invoice": "avg(invoices.net_amount)",
    "largest_invoice": "max(invoices.net_amount)",
    "smallest_invoice": "min(invoices.net_amount)",
    "big_invoices": "count(invoices where net_amount > 2500)",
    "mean_discount": "avg(invoices.discount)",
    "discounted_invoices": "count(invoices where discount > 0.5)",
    "web_paid_revenue": "sum(invoices.net_amount where channel = 'web' and status = 'paid')",
    "tax": "sum(invoices.gross - invoices.net_amount)",
    "collected": "sum(payments.amount)",
    "fees": "sum(payments.fee)",
    "fee_rate": "sum(payments.fee) / sum(payments.amount)",
    "card_collected": "sum(payments.amount where method = 'card')",
    "bank_collected": "sum(payments.amount where method = 'bank')",
    "cash_collected": "sum(payments.amount where method = 'cash')",
    "payments_received": "count(payments)",
    "mean_payment": "avg(payments.amount)",
    "largest_payment": "max(payments.amount)",
    "free_payments": "count(payments where fee is missing)",
    "tickets_opened": "count(tickets)",
    "high_tickets": "count(tickets where priority = 'high')",
    "resolved_rate": "rate(tickets, resolved_on is present)",
    "mean_hours": "avg(tickets.hours)",
    "longest_hours": "max(tickets.hours)",
    "mean_rating": "avg(tickets.rating)",
    "quick_rate": "rate(tickets, resolved_on <= opened_on + 5 days)",
    "collection_efficiency": "sum(payments.amount) / sum(invoices.net_amount)",
}
NOT_ADDITIVE = {
    "active_customers": "count_distinct(invoices.customer)",
    "open_customers": "count_distinct(invoices.customer where status = 'open')",
    "web_customers": "count_distinct(invoices.customer where channel = 'web')",
    "paying_customers": "count_distinct(payments.customer)",
    "items_sold": "count_distinct(invoices.item_id)",
    "median_invoice": "median(invoices.net_amount)",
    "median_payment": "median(payments.amount)",
    "median_hours": "median(tickets.hours)",
    "slow_hours": "percentile(tickets.hours, 90%)",
    "revenue_per_customer": "sum(invoices.net_amount) / count_distinct(invoices.customer)",
}
OTHERS = {
    "retention": (
        "count(customers where any(invoices) and prior(any(invoices))) / count(customers where prior(any(invoices)))"
    ),
    "yearly_customers": "trailing(count_distinct(invoices.customer), 12 months)",
    "head_count": "count(employees during hired_on .. left_on)",
    "receivable": "ever(sum(invoices.gross - sum(allocations.amount)))",
}

CUSTOMER = {"customer": {"to": "customers", "by": "customer_id"}}
TABLES: dict[str, Any] = {
    "customers": {
        "key": "customer_id",
        "columns": {"customer_id": "number", "segment": "text", "region": "text", "onboarded_on": "date"},
    },
    "invoices": {
        "key": "invoice_id",
        "date": "issued_on",
        "columns": {
            "invoice_id": "number",
            "customer_id": "number",
            "issued_on": "date",
            "due_on": "date",
            "net_amount": "money INR",
            "gross": "money INR",
            "discount": "number",
            "status": {"type": "text", "values": ["open", "paid", "posted", "void"]},
            "quantity": "count",
            "channel": {"type": "text", "values": ["web", "shop", "phone"]},
            "item_id": "number",
        },
        "links": CUSTOMER,
    },
    "payments": {
        "key": "payment_id",
        "date": "paid_on",
        "columns": {
            "payment_id": "number",
            "customer_id": "number",
            "invoice_id": "number",
            "paid_on": "date",
            "amount": "money INR",
            "fee": "money INR",
            "method": {"type": "text", "values": ["card", "bank", "cash"]},
        },
        "links": CUSTOMER,
    },
    "tickets": {
        "key": "ticket_id",
        "date": "opened_on",
        "columns": {
            "ticket_id": "number",
            "customer_id": "number",
            "opened_on": "date",
            "resolved_on": "date",
            "hours": "number",
            "priority": {"type": "text", "values": ["low", "normal", "high"]},
            "rating": "number",
        },
        "links": CUSTOMER,
    },
    "allocations": {
        "key": "allocation_id",
        "date": "allocated_on",
        "columns": {
            "allocation_id": "number",
            "invoice_id": "number",
            "allocated_on": "date",
            "amount": "money INR",
        },
        "links": {"invoice": {"to": "invoices", "by": "invoice_id"}},
    },
    "employees": {
        "key": "employee_id",
        "columns": {"employee_id": "number", "team": "text", "hired_on": "date", "left_on": "date"},
    },
}
CATALOG: dict[str, Any] = {
    "tables": TABLES,
    "dimensions": {
        "segment": "customers.segment",
        "region": "customers.region",
        "team": "employees.team",
        "ageing": "bucket(days(invoices.due_on, as_of), ..0, 1..30, 31..60, 61..90, 91..)",
    },
    "kpis": {name: {"formula": formula} for name, formula in (FORTY | NOT_ADDITIVE | OTHERS).items()},
}


def handwritten(name: str) -> str:
    """The text of a statement in handwritten/."""
    return (HANDWRITTEN / f"{name}.sql").read_text(encoding="utf-8")


def each() -> dict[str, str]:
    """One handwritten statement for each of the forty, by the KPI's name."""
    parts = handwritten("each").split("\n-- ")[1:]
    return {name.strip(): sql.strip().rstrip(";") for name, _, sql in (part.partition("\n") for part in parts)}


@frozen
class Question:
    """A request by month and the name of the file in handwritten/ whose rows must be equal."""

    statement: str
    kpis: tuple[str, ...]
    by: str
    window: tuple[str, str]

    def sql(self) -> str:
        return handwritten(self.statement)


TWO_YEARS = ("2024-01-01", "2026-01-01")
THREE_YEARS = ("2023-01-01", "2026-01-01")
QUESTIONS = (
    Question("fused", tuple(FORTY), "segment", TWO_YEARS),
    Question("distinct", tuple(FORTY | NOT_ADDITIVE), "segment", TWO_YEARS),
    Question("retention", ("retention",), "segment", TWO_YEARS),
    Question("trailing_distinct", ("yearly_customers",), "segment", TWO_YEARS),
    Question("head_count", ("head_count",), "team", THREE_YEARS),
    Question("ageing", ("receivable",), "ageing", THREE_YEARS),
)
