"""Leads and opportunities: every customer of these years was a lead once, and most leads never become one."""

from __future__ import annotations

import datetime as dt

from kraforge.packs.demo.making import END, START, Row, day, dice, known, moment, rupees

SOURCES = ("own visit", "referral", "website", "campaign")
QUALIFIED = {"own visit": 0.55, "referral": 0.7, "website": 0.35, "campaign": 0.25}


def sell(seed: int, employees: list[Row], customers: list[Row]) -> tuple[list[Row], list[Row]]:
    """Leads, about six for each customer on board since the books begin, and the opportunities that came of them.

    Old customers get opportunities without a lead: renewals and upsells. A lead may have no owner yet.
    """
    random = dice(seed, "leads")
    leads: list[Row] = []
    deals: list[Row] = []
    owners = [e for e in employees if e["role"] == "officer"]

    def lead(created: dt.date, owner: str | None, customer: Row | None) -> Row:
        source = random.choice(SOURCES)
        at = moment(random, created)
        good = customer is not None or random.random() < QUALIFIED[source]
        qualified = at + dt.timedelta(hours=2 + random.random() ** 2 * 400)
        return {
            "lead_id": f"L{len(leads) + 1:05}",
            "owner_id": owner,
            "source": source,
            "created_at": at,
            "qualified_at": qualified.replace(second=0, microsecond=0) if good and known(qualified) else None,
            "customer_id": customer["customer_id"] if customer else None,
        }

    def deal(kind: str, created: dt.date, owner: str | None, won: bool, lead: Row | None, customer: Row | None) -> None:
        closed = created + dt.timedelta(days=5 + int(random.gammavariate(2.0, 14.0)))
        done = known(closed)
        deals.append({
            "opportunity_id": f"O{len(deals) + 1:05}",
            "lead_id": lead["lead_id"] if lead else None,
            "customer_id": customer["customer_id"] if customer else None,
            "owner_id": owner,
            "kind": kind,
            "created_on": created,
            "closed_on": closed if done else None,
            "outcome": ("won" if won else "lost") if done else "open",
            "amount": None if random.random() < 0.03 else rupees(30_000 * random.lognormvariate(1.0, 0.8)),
        })  # fmt: skip

    new = [customer for customer in customers if customer["onboarded_on"] >= START]
    for customer in new:
        created = max(START, customer["onboarded_on"] - dt.timedelta(days=7 + int(random.random() * 50)))
        leads.append(lead(created, customer["owner_id"], customer))
        deal("new", created, customer["owner_id"], True, leads[-1], customer)
    for _ in range(5 * len(new)):
        created = day(random, START, END)
        owner = random.choice([e for e in owners if e["hired_on"] <= created])["employee_id"]
        leads.append(lead(created, None if random.random() < 0.02 else owner, None))
        if leads[-1]["qualified_at"] is not None and random.random() < 0.6:
            deal("new", leads[-1]["qualified_at"].date(), owner, False, leads[-1], None)
    for customer in customers:
        for _ in range(int(random.random() * 4)):
            created = day(random, max(START, customer["onboarded_on"]), END)
            kind = random.choice(("upsell", "renewal"))
            deal(kind, created, customer["owner_id"], random.random() < 0.45, None, customer)
    return leads, deals
