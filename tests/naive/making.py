"""Catalogs and rows made at random: a few tables with links, populations, facts, several dates, and rows full of holes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from attrs import define, field

T = TypeVar("T")


class Chance(Protocol):
    """Where choices come from: hypothesis, or a random generator."""

    def pick(self, options: Sequence[T]) -> T: ...
    def number(self, low: int, high: int) -> int: ...


@define
class World:
    """A catalog with rows. `columns` gives for each table its columns by kind; `routes` the links between tables."""

    catalog: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    columns: dict[str, dict[str, list[str]]]
    links: dict[str, dict[str, str]]
    dated: set[str] = field(factory=set)


STATUS = ["open", "done", "void"]
KINDS = {
    "amount": ("money", "money EUR"),
    "cost": ("money", "money EUR"),
    "quantity": ("whole", {"type": "number", "whole": True}),
    "score": ("number", "number"),
    "part": ("ratio", "percent"),
    "status": ("status", {"type": "text", "values": STATUS}),
    "word": ("text", "text"),
    "flag": ("bool", "bool"),
    "due": ("date", "date"),
    "since": ("date", "date"),
    "until": ("date", "date"),
    "at": ("timestamp", "timestamp"),
    "done_at": ("timestamp", "timestamp"),
}


def world(chance: Chance) -> World:
    """People who may belong to teams, sales of people, and payments or visits that belong to one of these."""
    made = World({}, {}, {}, {})
    tables: dict[str, Any] = {}
    teams = chance.pick([True, False])
    if teams:
        tables["teams"] = table(chance, made, "teams", ["word", "cost", "since"], {}, None)
    linked = {"team": "teams"} if teams else {}
    tables["people"] = table(
        chance, made, "people", ["status", "amount", "since", "until", "flag", "score"], linked, None
    )
    linked = {"owner": "people"}
    if chance.number(0, 3) == 0:
        linked["helper"] = "people"
    date = chance.pick(["due", "due", "at"])
    columns = ["due", "at", "amount", "cost", "quantity", "score", "part", "status", "flag", "word"]
    tables["sales"] = table(chance, made, "sales", columns, linked, date)
    if chance.pick([True, True, False]):
        to = chance.pick([{"sale": "sales"}, {"person": "people"}])
        date = "sale.due" if "sale" in to and chance.number(0, 2) == 0 else chance.pick(["since", "done_at"])
        columns = ["since", "done_at", "at", "amount", "quantity", "status"]
        tables["pays"] = table(chance, made, "pays", columns, to, date)
    if chance.number(0, 3) == 0:
        tables["sales"]["where"] = chance.pick(["status != 'void'", "quantity is present", "not flag"])
    if chance.pick([True, False]):
        tables["sales"]["fields"] = {"net": "amount - (cost else 0)", "late": "days(due, as_of)"}
        made.columns["sales"]["money"].append("net")
        made.columns["sales"]["whole"].append("late")
    made.catalog = {
        "calendar": {
            "timezone": chance.pick(["UTC", "Europe/Berlin", "America/New_York"]),
            "fiscal_year_starts": chance.pick(["01-01", "04-01"]),
            "week_starts": chance.pick(["monday", "sunday"]),
        },
        "tables": tables,
        "dimensions": dimensions(made),
        "parameters": {"few": 2, "most": 75},
        "kpis": {
            "revenue": {"formula": "sum(sales.amount)", "better": "higher"},
            "losses": {"formula": "sum(sales.cost)", "better": "lower", "empty": "missing"},
            "volume": {"formula": "count(sales)"},
        },
    }
    return made


def dimensions(made: World) -> dict[str, Any]:
    """Dimensions of several kinds, over what there is."""
    found: dict[str, Any] = {
        "kind": "people.status",
        "state": "sales.status",
        "size": "bucket(sales.quantity, ..0, 1..2, 3..)",
        "vip": "people.flag",
    }
    if "teams" in made.columns:
        found["team"] = {"to": "teams"}
        found["motto"] = "teams.word"
    if "late" in made.columns["sales"]["whole"]:
        found["ageing"] = "bucket(sales.late, ..0, 1..30, 31..)"
    found["person"] = {"to": "people"}
    return found


def table(
    chance: Chance, made: World, name: str, columns: list[str], links: dict[str, str], date: str | None
) -> dict[str, Any]:
    """A table of these columns with its rows; linked keys are mostly there, sometimes missing or of no row."""
    kinds: dict[str, list[str]] = {kind: [] for kind, _ in KINDS.values()}
    for column in columns:
        kinds[KINDS[column][0]].append(column)
    made.columns[name], made.links[name] = kinds, dict(links)
    if date:
        made.dated.add(name)
    keys = {link: f"{link}_id" for link in links}
    rows = []
    for number in range(chance.pick([0, 1, 3, 5, 8]) if date is None else chance.pick([0, 2, 6, 10, 14])):
        row: dict[str, Any] = {"id": f"{name[0]}{number}"}
        for link, target in links.items():
            options = [row["id"] for row in made.rows[target]] * 3 + [None, "gone"]
            row[keys[link]] = chance.pick(options)
        row |= {column: value(chance, column) for column in columns}
        rows.append(row)
    made.rows[name] = rows
    found: dict[str, Any] = {
        "key": "id",
        "columns": {"id": "text", **dict.fromkeys(keys.values(), "text"), **{c: KINDS[c][1] for c in columns}},
    }
    if links:
        found["links"] = {link: {"to": target, "by": keys[link]} for link, target in links.items()}
    if date:
        found["date"] = date
    return found


def value(chance: Chance, column: str) -> Any:
    """A value of a column; one in six is missing."""
    if chance.number(0, 5) == 0:
        return None
    match KINDS[column][0]:
        case "money":
            return f"{chance.pick([0, 1, -1, 2, 5, 10, 10, 250])}.{chance.pick(['00', '00', '25', '01'])}"
        case "whole":
            return chance.pick([-1, 0, 0, 1, 1, 2, 3, 7])
        case "number":
            return chance.pick([0.0, 0.5, 0.5, 1.0, 2.25, -1.5, float("nan"), float("inf")])
        case "ratio":
            return chance.pick([0.0, 25.0, 50.0, 50.0, 100.0])
        case "status":
            return chance.pick(STATUS)
        case "text":
            return chance.pick(["a", "B", "a ", "ä", "aa", ""])
        case "bool":
            return chance.pick([True, False])
        case "date":
            return day(chance)
        case _:
            hour = chance.pick([0, 1, 9, 23])
            return dt.datetime.combine(day(chance), dt.time(hour, chance.pick([0, 30])))


def day(chance: Chance) -> dt.date:
    """A day in or near the first months of 2024; ends of months more often."""
    if chance.number(0, 2) == 0:
        ends = [
            "2023-12-31",
            "2024-01-01",
            "2024-01-31",
            "2024-02-01",
            "2024-02-29",
            "2024-03-01",
            "2024-03-31",
            "2024-04-01",
            "2023-02-28",
        ]
        return dt.date.fromisoformat(chance.pick(ends))
    return dt.date(2023, 12, 15) + dt.timedelta(days=chance.number(0, 135))
