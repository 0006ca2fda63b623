"""Invoices, payments, and which payment paid which invoice."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate

from kraforge.packs.demo.making import Row, day, dice, known, months, rupees

MANNERS = ((0.6, -10, 5), (0.28, -2, 10), (0.1, 10, 25), (0.02, 45, 60))
"""How customers pay: the share of them, and their first and their usual further days after the due date."""


def bill(count: int, seed: int, customers: list[Row]) -> list[Row]:
    """About `count` invoices over the months of the books; a few customers give most of the business.

    One in fifty is cancelled, a few have no due date, and one in thirty is credited to no employee.
    """
    random = dice(seed, "invoices")
    weights = {customer["customer_id"]: random.paretovariate(1.3) for customer in customers}
    calendar = months()
    total = sum(weight for _, weight in calendar)
    rows: list[Row] = []
    for first, weight in calendar:
        following = (first + dt.timedelta(days=32)).replace(day=1)
        open_ = [
            c for c in customers if c["onboarded_on"] < following and (c["closed_on"] is None or c["closed_on"] > first)
        ]
        shares = list(accumulate(min(weights[c["customer_id"]], 15.0) for c in open_))
        for customer in random.choices(open_, cum_weights=shares, k=round(count * weight / total)):
            issued = day(
                random, max(first, customer["onboarded_on"]), min(following, customer["closed_on"] or following)
            )
            size = 2.2 if customer["segment"] == "corporate" else 1.0
            rows.append({
                "invoice_id": "",
                "customer_id": customer["customer_id"],
                "owner_id": customer["owner_id"] if random.random() < 29 / 30 else None,
                "issued_on": issued,
                "due_on": issued + dt.timedelta(days=customer["credit_days"]) if random.random() < 0.996 else None,
                "net_amount": rupees(size * random.lognormvariate(9.6, 0.7)),
                "status": "cancelled" if random.random() < 0.02 else "posted",
            })  # fmt: skip
    rows.sort(key=lambda row: row["issued_on"])
    for number, row in enumerate(rows):
        row["invoice_id"] = f"I{number + 1:06}"
    return rows


def collect(seed: int, customers: list[Row], invoices: list[Row]) -> tuple[list[Row], list[Row]]:
    """Payments and their allocations to invoices, each customer in its own manner.

    One invoice in twenty-five is paid in two parts, one in two hundred never; one payment in seven covers two invoices.
    """
    random = dice(seed, "payments")
    manner = {
        customer["customer_id"]: random.choices(MANNERS, [share for share, _, _ in MANNERS])[0]
        for customer in customers
    }
    payments: list[Row] = []
    allocations: list[Row] = []
    latest: dict[str, Row] = {}

    def pay(invoice: Row, received: dt.date, cents: int) -> None:
        if not known(received):
            return
        customer = invoice["customer_id"]
        amount = rupees(cents / 100)
        previous = latest.get(customer)
        if previous is not None and random.random() < 1 / 7 and previous["received_on"] >= invoice["issued_on"]:
            payment = previous
            payment["amount"] += amount
        else:
            payment = latest[customer] = {
                "payment_id": f"P{len(payments) + 1:06}",
                "customer_id": customer,
                "received_on": received,
                "amount": amount,
                "method": random.choices(("transfer", "cheque", None), (80, 18, 2))[0],
            }
            payments.append(payment)
        allocated = payment["received_on"] + dt.timedelta(days=int(random.random() ** 3 * 4))
        if known(allocated):
            allocations.append({
                "allocation_id": f"A{len(allocations) + 1:06}",
                "payment_id": payment["payment_id"],
                "invoice_id": invoice["invoice_id"],
                "allocated_on": allocated,
                "amount": amount,
            })  # fmt: skip

    for invoice in invoices:
        if invoice["status"] == "cancelled" or random.random() < 1 / 200:
            continue
        _, first, usual = manner[invoice["customer_id"]]
        due = invoice["due_on"] or invoice["issued_on"] + dt.timedelta(days=30)
        received = max(invoice["issued_on"], due + dt.timedelta(days=first + int(random.expovariate(1 / usual))))
        cents = int(invoice["net_amount"] * 100)
        if random.random() < 1 / 25:
            part = int(cents * (0.3 + 0.4 * random.random()))
            pay(invoice, received, part)
            received += dt.timedelta(days=10 + int(random.random() * 50))
            cents -= part
        pay(invoice, received, cents)
    return payments, allocations
