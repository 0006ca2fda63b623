"""Calendars made at random for a world: shifts, nights, holidays, special days, zones; leave, what is due, own grains."""

from __future__ import annotations

import datetime as dt
from typing import Any

from naive.filling import KINDS, Chance, day
from naive.making import World, table

WEEKS: list[dict[str, Any]] = [
    {"monday-friday": "09:00-17:00"},
    {"monday-friday": ["00:30-01:00", "09:00-13:00, 14:00-23:30"], "saturday": "09:30-13:30", "sunday": []},
    {"monday-sunday": "23:00-01:30"},
    {"sunday-thursday": "22:00-09:30"},
    {"monday, wednesday, friday": "00:00-24:00"},
    {"monday-sunday": "00:00-24:00"},
    {"saturday-sunday": "00:30-23:00"},
    {"tuesday": "09:00-10:00", "friday": "23:00-09:00, 10:00-12:00"},
]
SPECIAL: list[Any] = [[], "09:30-12:00", "10:00-11:00, 13:00-20:00"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland"]
RULES = [
    "FREQ=WEEKLY;BYDAY=FR", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
]  # fmt: skip
GIVEN = ["office", "nights", "r1", "r1", "r2", "nobody", "", None]
TIMES = [("09:00", "17:00"), ("00:00", "24:00"), ("23:00", "01:30"), ("00:30", "01:00")]


def scheduled(chance: Chance, made: World) -> World:
    """The world with calendars, pauses of sales, people with leave, populations of days and sometimes own grains."""
    tables, calendar = made.catalog["tables"], made.catalog["calendar"]
    for name in ("people", "sales"):
        tables[name]["columns"]["cal"] = "text"
        for row in made.rows[name]:
            row["cal"] = chance.pick(GIVEN)
    tables["pauses"] = table(
        chance, made, "pauses", ["at", "done_at", "since", "until", "status"], {"sale": "sales"}, None
    )
    near_sales(chance, made)
    if chance.number(0, 2) == 0:
        instants(made)
    calendar |= {"working_week": chance.pick(WEEKS), "holidays": holidays(chance, made, tables)}
    if chance.pick([True, False]):
        calendar["special_days"] = special(chance)
    made.catalog["calendars"] = {
        "office": named(chance, made, tables),
        "nights": named(chance, made, tables) | {"working_week": {"sunday-thursday": "22:00-06:00"}},
        "rota": rota(chance, made, tables),
    }
    if chance.pick([True, False]):
        tables["sales"]["calendar"] = chance.pick(["cal", "owner.cal", "office", "rota"])
    people(chance, made, tables)
    if chance.number(0, 2) == 0:
        grains(chance, made, tables)
    return made


def near_sales(chance: Chance, made: World) -> None:
    """Most sales take a while, and most pauses begin near one and last some hours or days; some overlap, some are open."""
    sales = {row["id"]: row for row in made.rows["sales"]}
    for row in sales.values():
        if row["at"] and row["done_at"] and chance.number(0, 4):
            row["done_at"] = row["at"] + dt.timedelta(hours=chance.pick([1, 8, 50, 400, 2000]))
    for row in made.rows["pauses"]:
        sale = sales.get(row["sale_id"])
        if sale and sale["at"] and chance.number(0, 5):
            start = sale["at"] + dt.timedelta(hours=chance.pick([-30, 0, 1, 5, 26, 100, 101]))
            stop = start + dt.timedelta(hours=chance.pick([-2, 0, 1, 20, 30, 200]))
            row |= {
                "at": start,
                "done_at": chance.pick([stop, stop, stop, None]),
                "since": start.date(),
                "until": stop.date(),
            }


def instants(made: World) -> None:
    """The moments of sales and pauses as points in time, with a zone."""
    for row in [*made.rows["sales"], *made.rows["pauses"]]:
        row |= {name: row[name] and row[name].replace(tzinfo=dt.UTC) for name in ("at", "done_at")}


def special(chance: Chance) -> dict[str, Any]:
    """Days with hours of their own, apart from one another."""
    start = chance.number(0, 20)
    return {
        (dt.date(2024, 1, 1) + dt.timedelta(days=start + 9 * number)).isoformat(): chance.pick(SPECIAL)
        for number in range(6)
    }


def holidays(chance: Chance, made: World, tables: dict[str, Any]) -> Any:
    """Days off of every kind."""
    kind = chance.pick(["none", "days", "country", "observed", "state", "table", "mixed"])
    days = sorted({day(chance).isoformat() for _ in range(6)})
    match kind:
        case "none":
            return []
        case "days":
            return days
        case "country":
            return chance.pick(["DE", "US", "IN"])
        case "observed":
            return {"country": chance.pick(["US", "GB"]), "observed": chance.pick([True, False])}
        case "state":
            return {"country": "DE", "subdivision": "BY", "working": ["2024-01-01", "2024-03-29"]}
    if "off" not in tables:
        tables["off"] = {"columns": {"cal": "text", "day": "date"}}
        made.rows["off"] = [{"cal": chance.pick(["r1", "r2", "office", None]), "day": day(chance)} for _ in range(8)]
    found = {"table": "off", "day": "day"}
    return found if kind == "table" else [found, "DE", *days[:2]]


def named(chance: Chance, made: World, tables: dict[str, Any]) -> dict[str, Any]:
    """A calendar that leaves out some of what it may say."""
    found: dict[str, Any] = {}
    if chance.number(0, 2):
        found["working_week"] = chance.pick(WEEKS)
        found["special_days"] = special(chance) if chance.pick([True, False]) else {}
    if chance.pick([True, False]):
        found["holidays"] = holidays(chance, made, tables)
    if chance.pick([True, False]):
        found["timezone"] = chance.pick(ZONES)
    return found


def rota(chance: Chance, made: World, tables: dict[str, Any]) -> dict[str, Any]:
    """Calendars out of a table: r1 and r2."""
    seconds = chance.pick([True, False])
    tables["rotas"] = {"columns": {"cal": "text", "weekday": "text", "starts": "text", "ends": "text"}}
    if seconds:
        whole = {"type": "number", "whole": True}
        tables["rotas"]["columns"] |= {"weekday": whole, "starts": whole, "ends": whole}
    rows = made.rows["rotas"] = []
    for cal in ("r1", "r2"):
        hours = chance.pick(TIMES)
        for number, name in enumerate(["Monday", "tuesday", "WEDNESDAY", "thursday", "friday", "saturday", "Sunday"]):
            if chance.number(0, 3) == 0:
                continue
            starts, ends = (int(time[:2]) * 3600 + int(time[3:]) * 60 if seconds else time for time in hours)
            rows.append({"cal": cal, "weekday": number + 1 if seconds else name, "starts": starts, "ends": ends})
    found: dict[str, Any] = {
        "table": "rotas",
        "by": "cal",
        "weekday": "weekday",
        "hours": ["starts", "ends"],
        "special_days": {},
    }
    if chance.pick([True, False]):
        holidays(chance, made, tables)
        found["holidays"] = {"table": "off", "day": "day", "by": "cal"} if "off" in tables else []
    if chance.number(0, 3) == 0:
        found["timezone"] = chance.pick(ZONES)
    return found


def people(chance: Chance, made: World, tables: dict[str, Any]) -> None:
    """People with leave, their days, and what is due of them."""
    calendar = made.catalog["calendar"]
    persons = [row["id"] for row in made.rows["people"]] * 3 + ["gone", None]
    tables["leaves"] = {
        "columns": {"person_id": "text", "begins": "date", "ends": "date"},
        "links": {"person": {"to": "people", "by": "person_id"}},
    }
    made.rows["leaves"] = []
    for _ in range(chance.pick([0, 2, 5])):
        begins = day(chance)
        ends = chance.pick([begins, begins + dt.timedelta(days=chance.number(-2, 25)), begins, None])
        row = {"person_id": chance.pick(persons), "begins": chance.pick([begins, begins, begins, None]), "ends": ends}
        made.rows["leaves"].append(row)
    dots = chance.pick(["..", "..<"])
    calendar["people"] = {
        "table": "people",
        "during": f"since {dots} until",
        "leave": {"table": "leaves", "during": "begins .. ends"},
    }
    if chance.number(0, 2):
        calendar["people"]["calendar"] = chance.pick(["cal", "cal else 'office'", "office"])
    rule = {"rule": chance.pick(RULES), "start": "2023-12-01", "off": chance.pick(["keep", "skip", "previous", "next"])}
    of = chance.pick([{"of": "people"}, {"of": {"table": "people", "during": f"since {dots} until"}}, {}])
    calendar["expected"] = {"duty": {**rule, **of}}
    if "calendar" not in calendar["people"] or "table" in of.get("of", {}) or not of:
        calendar["expected"]["duty"] |= chance.pick([{"calendar": "office"}, {}])
    for name in ("workdays", "leave_days"):
        days_of(made, name, True)
    days_of(made, "duty", bool(of))


def days_of(made: World, name: str, people: bool) -> None:
    """A population of days, as formulas see it."""
    kinds: dict[str, list[str]] = {kind: [] for kind, _ in KINDS.values()} | {"date": ["day"]}
    if people:
        kinds["text"] = ["id"]
    made.columns[name], made.links[name] = kinds, {"person": "people"} if people else {}
    made.plain[name] = {kind: list(found) for kind, found in kinds.items()}
    made.dated.add(name)


def grains(chance: Chance, made: World, tables: dict[str, Any]) -> None:
    """A retail calendar, and one out of a table with periods of any length, some years having more of them."""
    weeks = {"weeks": chance.pick(["4-4-5", "4-5-4", "5-4-4"])}
    ends = chance.pick(["nearest saturday 01-31", "last saturday 01", "nearest sunday 12", "last friday 06"])
    tables["seasons"] = {
        "key": "day",
        "columns": {"day": "date", "term": "text", "season": {"type": "number", "whole": True}},
    }
    rows = made.rows["seasons"] = []
    at, season = dt.date(2022, 10, 1), 2022
    while at < dt.date(2025, 9, 1):
        for number in range(chance.pick([3, 4, 4, 5])):
            for _ in range(chance.pick([20, 28, 35, 40])):
                rows.append({"day": at, "term": f"t{number}", "season": season})
                at += dt.timedelta(days=1)
        season += 1
    term = {"table": "seasons", "day": "day", "period": "term", "year": "season"}
    made.catalog["calendar"]["grains"] = {"retail": {**weeks, "year_ends": ends}, "term": term}
