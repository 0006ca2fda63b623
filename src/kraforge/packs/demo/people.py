"""Employees in teams, and the customers that they look after."""

from __future__ import annotations

import datetime as dt

from kraforge.packs.demo.making import END, START, TEAMS, Row, day, dice, known

GIVEN = ("Aarav", "Diya", "Ishaan", "Kavya", "Meera", "Nikhil", "Pooja", "Rohan", "Sana", "Tara", "Varun", "Zoya")
FAMILY = ("Bose", "Chandra", "Das", "Fernandes", "Gill", "Iyer", "Khan", "Mehta", "Nair", "Patil", "Rao", "Shah")
TRADES = ("Agro", "Apparel", "Auto", "Chemicals", "Electricals", "Foods", "Garments", "Pharma", "Retail", "Tools")
CITIES = {"North": ("Delhi", "Jaipur"), "West": ("Mumbai", "Pune"), "South": ("Chennai", "Bengaluru"),
          "East": ("Kolkata", "Guwahati"), "Key accounts": ("Mumbai", "Delhi")}  # fmt: skip


def hire(invoices: int, seed: int) -> list[Row]:
    """A director, a manager for each team, and sales officers: one for each 300 invoices, at least two in a team.

    Some officers leave within the books and some are hired in them.
    """
    random = dice(seed, "employees")
    officers = max(2 * len(TEAMS), invoices // 300)
    rows: list[Row] = []

    def add(team: str | None, role: str, manager: str | None, hired: dt.date, left: dt.date | None = None) -> None:
        name = f"{random.choice(GIVEN)} {random.choice(FAMILY)}"
        rows.append({"employee_id": f"E{len(rows) + 1:03}", "name": name, "team_id": team, "role": role,
                     "manager_id": manager, "hired_on": hired, "left_on": left})  # fmt: skip

    add(None, "director", None, dt.date(2019, 4, 1))
    for team in TEAMS:
        add(team, "manager", "E001", day(random, dt.date(2019, 7, 1), dt.date(2023, 1, 1)))
    for number in range(officers):
        place = number % len(TEAMS)
        late = number >= 2 * len(TEAMS) and random.random() < 0.3
        hired = day(random, START, END - dt.timedelta(days=120)) if late else day(random, dt.date(2020, 1, 1), START)
        left = day(random, max(hired, START) + dt.timedelta(days=90), END) if random.random() < 0.12 else None
        add(TEAMS[place], "officer", f"E{place + 2:03}", hired, left if number >= len(TEAMS) else None)
    return rows


def acquire(invoices: int, seed: int, employees: list[Row]) -> list[Row]:
    """Customers, one for each 25 invoices: three in five from before the books begin, the others on board since.

    An officer of the customer's team looks after it. Some have no known segment; one in eleven closes its account.
    """
    random = dice(seed, "customers")
    officers = {team: [e for e in employees if e["role"] == "officer" and e["team_id"] == team] for team in TEAMS}
    rows: list[Row] = []
    for number in range(max(20, invoices // 25)):
        old = random.random() < 0.6
        onboarded = day(random, dt.date(2021, 1, 1), START) if old else day(random, START, END)
        team = random.choices(TEAMS, (24, 28, 22, 14, 12))[0]
        closed = day(random, max(onboarded, START) + dt.timedelta(days=60), dt.date(2027, 4, 1))
        segment = (
            "corporate" if team == "Key accounts" else random.choices(("SME", "corporate", "ecommerce"), (6, 2, 3))[0]
        )
        rows.append({
            "customer_id": f"C{number + 1:04}",
            "name": f"{random.choice(FAMILY)} {random.choice(TRADES)}",
            "segment": None if random.random() < 0.01 else segment,
            "city": random.choice(CITIES[team]),
            "owner_id": random.choice([e for e in officers[team] if e["hired_on"] <= max(onboarded, START)])["employee_id"],
            "credit_days": random.choice({"SME": (15, 30), "corporate": (45, 60), "ecommerce": (7, 15, 30)}[segment]),
            "onboarded_on": onboarded,
            "closed_on": closed if random.random() < 0.15 and known(closed) else None,
        })  # fmt: skip
    return rows
