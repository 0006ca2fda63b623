"""A small company that strangers ask about: its catalog and its rows, with names and values that look like SQL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

STATUSES = ["open", "paid", "'; DROP TABLE invoices; --", "$1", "{{7*7}}", "%s"]

CATALOG: dict[str, Any] = {
    "calendar": {"timezone": "Asia/Kolkata", "fiscal_year_starts": "04-01"},
    "parameters": {"sla_days": 30},
    "tables": {
        "customers": {
            "key": "customer_id",
            "columns": {
                "customer_id": "text",
                "name": "text",
                "segment": {"type": "text", "values": ["SME", "corporate"]},
                "onboarded_on": "date",
            },
        },
        "invoices": {
            "key": "invoice_id",
            "date": "issued_on",
            "columns": {
                "invoice_id": "text",
                "customer_id": "text",
                "issued_on": "date",
                "due_on": "date",
                "amount": "money INR",
                "hours": "number",
                "status": "text",
            },
            "links": {"customer": {"to": "customers", "by": "customer_id"}},
            "fields": {"days_overdue": "days(due_on, as_of)"},
        },
    },
    "dimensions": {
        "segment": "customers.segment",
        "status": "invoices.status",
        "ageing": "bucket(invoices.days_overdue, ..0, 1..30, 31..60, 61..)",
    },
    "functions": {"twice(x)": "x + x"},
    "kpis": {
        "revenue": "sum(invoices.amount)",
        "bills": "count(invoices)",
        "average": {"formula": "revenue / bills", "empty": "missing"},
    },
}

CUSTOMERS: list[dict[str, Any]] = [
    {
        "customer_id": f"C{number}",
        "name": f"Customer {number}",
        "segment": ("SME", "corporate")[number % 2],
        "onboarded_on": dt.date(2025, 1 + number, 1),
    }
    for number in range(4)
]

INVOICES: list[dict[str, Any]] = [
    {
        "invoice_id": f"I{number}",
        "customer_id": f"C{number % 4}",
        "issued_on": dt.date(2026, 1, 1) + dt.timedelta(days=number),
        "due_on": dt.date(2026, 1, 31) + dt.timedelta(days=number),
        "amount": Decimal(number) / 4 + 1,
        "hours": number * 0.5,
        "status": STATUSES[number % len(STATUSES)],
    }
    for number in range(200)
]

ROWS: dict[str, Any] = {"customers": CUSTOMERS, "invoices": INVOICES}
