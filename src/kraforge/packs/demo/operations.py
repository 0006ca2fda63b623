"""Shipments with their proofs of delivery, tickets, and what customers say when asked."""

from __future__ import annotations

import datetime as dt

from kraforge.packs.demo.making import END, START, Row, day, dice, known, moment, rupees

CITIES = ("Mumbai", "Delhi", "Chennai", "Kolkata", "Bengaluru", "Pune", "Jaipur", "Guwahati", "Dubai", "Singapore")
ABROAD = {"Dubai", "Singapore"}
HOURS = {"low": 60.0, "normal": 30.0, "critical": 8.0}
"""How long a ticket of a severity usually takes."""


def make_lanes(seed: int) -> list[Row]:
    """Forty lanes between two cities."""
    random = dice(seed, "lanes")
    pairs = [(a, b) for a in CITIES for b in CITIES if a != b and not {a, b} <= ABROAD]
    return [
        {"lane_id": f"{a[:3]}-{b[:3]}".upper(), "origin": a, "destination": b, "kind": "overseas" if {a, b} & ABROAD else "domestic"}
        for a, b in sorted(random.sample(pairs, 40))
    ]  # fmt: skip


def ship(seed: int, customers: list[Row], lanes: list[Row], invoices: list[Row]) -> tuple[list[Row], list[Row]]:
    """A shipment before most invoices, and proofs of delivery: some late, some refused, some never.

    A shipment on its way when the books end has no delivery yet.
    """
    random = dice(seed, "shipments")
    usual = {customer["customer_id"]: random.sample(lanes, 3) for customer in customers}
    shipments: list[Row] = []
    pods: list[Row] = []
    for invoice in invoices:
        if random.random() > 0.9:
            continue
        lane = random.choice(usual[invoice["customer_id"]])
        transit = 9 if lane["kind"] == "overseas" else 3
        booked = moment(random, invoice["issued_on"] - dt.timedelta(days=int(random.random() * 4)))
        promised = booked.date() + dt.timedelta(days=transit)
        delay = random.choices((-1, 0, 1, 2, 6), (20, 64, 8, 5, 3))[0]
        delivered = moment(random, promised + dt.timedelta(days=delay))
        there = known(delivered) and random.random() < 0.995
        shipments.append({
            "shipment_id": f"S{len(shipments) + 1:06}",
            "customer_id": invoice["customer_id"],
            "lane_id": lane["lane_id"],
            "booked_at": booked,
            "promised_on": promised,
            "delivered_at": delivered if there else None,
            "freight": rupees(float(invoice["net_amount"]) * (0.7 + 0.25 * random.random())),
        })  # fmt: skip
        if there and random.random() < 0.94:
            received = delivered + dt.timedelta(hours=int(random.expovariate(1 / 40)))
            if known(received):
                pods.append({
                    "pod_id": f"D{len(pods) + 1:06}",
                    "shipment_id": shipments[-1]["shipment_id"],
                    "received_at": received,
                    "accepted": random.random() < 0.97,
                })  # fmt: skip
    return shipments, pods


def support(seed: int, customers: list[Row], shipments: list[Row]) -> list[Row]:
    """Tickets for one shipment in nine; the newest are still open, and a few were never answered."""
    random = dice(seed, "tickets")
    owner = {customer["customer_id"]: customer["owner_id"] for customer in customers}
    rows: list[Row] = []
    for shipment in shipments:
        if random.random() > 1 / 9:
            continue
        opened = shipment["booked_at"] + dt.timedelta(hours=int(12 + random.random() * 200))
        if not known(opened):
            continue
        severity = random.choices(("low", "normal", "critical"), (5, 4, 1))[0]
        answered = opened + dt.timedelta(minutes=int(5 + random.expovariate(1 / 150)))
        resolved = answered + dt.timedelta(minutes=int(60 * random.expovariate(1 / HOURS[severity])))
        heard = random.random() < 0.98
        rows.append({
            "ticket_id": f"T{len(rows) + 1:05}",
            "customer_id": shipment["customer_id"],
            "owner_id": owner[shipment["customer_id"]],
            "shipment_id": shipment["shipment_id"],
            "kind": random.choices(("query", "complaint", "claim"), (60, 32, 8))[0],
            "severity": severity,
            "opened_at": opened,
            "first_response_at": answered if heard and known(answered) else None,
            "resolved_at": resolved if heard and known(resolved) else None,
        })  # fmt: skip
    return rows


def ask(seed: int, customers: list[Row]) -> list[Row]:
    """Answers to a survey, 0 to 10, up to three from each customer; a few leave the score out."""
    random = dice(seed, "surveys")
    rows: list[Row] = []
    for customer in customers:
        mood = random.gauss(8.0, 1.2)
        for _ in range(int(random.random() * 4)):
            answered = day(random, max(START, customer["onboarded_on"]), END)
            score = min(10, max(0, round(random.gauss(mood, 1.1))))
            rows.append({
                "response_id": f"R{len(rows) + 1:05}",
                "customer_id": customer["customer_id"],
                "answered_on": answered,
                "score": None if random.random() < 0.03 else score,
            })  # fmt: skip
    return rows
