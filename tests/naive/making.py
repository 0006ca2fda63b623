"""Catalogs and rows made at random: a few tables with links, populations, facts, several dates, and rows full of holes."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from naive.filling import KINDS, Chance, value


@define
class World:
    """A catalog with rows. `columns` gives for each table its columns by kind, those of its source in `plain`;
    `keys` those of a row,
    `links` where its links lead, `homes` the table that a dimension is of, `dated` the tables with an event date. `loops`
    are links that no route goes over, with the columns at their ends; `ways` those to several rows that `via` may name;
    `trees` dimensions that roll up; `filters` conditions with the tables that they need."""

    catalog: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]
    columns: dict[str, dict[str, list[str]]] = field(factory=dict)
    plain: dict[str, dict[str, list[str]]] = field(factory=dict)
    keys: dict[str, list[str]] = field(factory=dict)
    links: dict[str, dict[str, str]] = field(factory=dict)
    homes: dict[str, str] = field(factory=dict)
    dated: set[str] = field(factory=set)
    loops: dict[str, dict[str, dict[str, list[str]]]] = field(factory=dict)
    ways: dict[str, list[str]] = field(factory=dict)
    trees: list[str] = field(factory=list)
    filters: dict[str, set[str]] = field(factory=dict)

    def reaches(self, start: str, home: str) -> bool:
        """Whether links lead from a table to another."""
        return start == home or any(self.reaches(target, home) for target in self.links[start].values())


def world(chance: Chance) -> World:
    """People who may belong to teams, sales of people, and payments or visits that belong to one of these."""
    made = World({}, {})
    tables: dict[str, Any] = {}
    linked = {}
    if chance.pick([True, False]):
        key = chance.pick([["id"], ["id"], ["id", "zone"]])
        tables["teams"] = table(chance, made, "teams", ["word", "cost", "since"], {}, None, key)
        linked = {"team": "teams"}
    columns = ["status", "amount", "since", "until", "flag", "score"]
    tables["people"] = table(chance, made, "people", columns, linked, None)
    linked = {"owner": "people"}
    if chance.number(0, 4) == 0:
        linked["helper"] = "people"
    columns = ["due", "at", "done_at", "amount", "cost", "quantity", "score", "part", "status", "flag", "word"]
    tables["sales"] = table(chance, made, "sales", columns, linked, chance.pick(["due", "due", "at"]))
    if chance.pick([True, True, False]):
        to = chance.pick([{"sale": "sales"}, {"person": "people"}])
        date = "sale.due" if "sale" in to and chance.number(0, 2) == 0 else chance.pick(["since", "done_at"])
        columns = ["since", "done_at", "at", "amount", "quantity", "status"]
        tables["pays"] = table(chance, made, "pays", columns, to, date)
    if chance.number(0, 3) == 0:
        members(made, tables)
    if chance.number(0, 3) == 0:
        tables["sales"]["where"] = chance.pick(["status != 'void'", "quantity is present", "not flag", "owner.flag"])
    if chance.number(0, 5) == 0:
        tables["people"]["where"] = chance.pick(["status != 'void'", "score is missing or not flag"])
    fields(chance, made, tables)
    made.catalog = {
        "calendar": {
            "timezone": chance.pick(["UTC", "Europe/Berlin", "America/New_York"]),
            "fiscal_year_starts": chance.pick(["01-01", "04-01"]),
            "week_starts": chance.pick(["monday", "sunday"]),
        },
        "tables": tables,
        "dimensions": dimensions(made, tables),
        "parameters": {"few": chance.pick([2, versions("value", [1, 3])]), "most": 75},
        "functions": {
            "twice(x)": "x + x",
            "at_least(x, low)": "x is present and x >= low",
            "sold(kind_of)": "sum(sales.amount where status = kind_of)",
            "size_of(t)": "count(t)",
        },
        "kpis": {
            "revenue": {"formula": "sum(sales.amount)", "better": "higher"},
            "losses": {"formula": "sum(sales.cost)", "better": "lower", "empty": "missing"},
            "volume": chance.pick(
                [
                    {"formula": "count(sales)"},
                    versions("formula", ["count(sales)", "sum(sales.quantity)"]),
                ]
            ),
        },
    }
    return made


def versions(word: str, of: list[Any]) -> dict[str, Any]:
    """Two versions, the second from February on."""
    return {"versions": [{word: of[0]}, {"from": "2024-02-01", word: of[1]}]}


def members(made: World, tables: dict[str, Any]) -> None:
    """A population made of the words of sales."""
    tables["words"] = {"members": "sales.word"}
    made.columns["words"] = {kind: [] for kind, _ in KINDS.values()} | {"text": ["word"]}
    made.plain["words"], made.links["words"] = made.columns["words"], {}
    made.links["sales"]["words"] = "words"


def fields(chance: Chance, made: World, tables: dict[str, Any]) -> None:
    """Fields of rows: plain ones of sales, some with aggregates of people."""
    if chance.pick([True, False]):
        tables["sales"]["fields"] = {"net": "amount - (cost else 0)", "late": "days(due, as_of)"}
        made.columns["sales"]["money"].append("net")
        made.columns["sales"]["whole"].append("late")
    if chance.number(0, 2) == 0:
        via = " via owner" if "helper" in made.links["sales"] else ""
        tables["people"]["fields"] = {
            "orders": f"count(sales{via})",
            "spent": f"sum(sales.amount{via})",
            "begun": f"anytime(min(sales.due{via}))",
        }
        for kind, name in (("whole", "orders"), ("money", "spent"), ("date", "begun")):
            made.columns["people"][kind].append(name)


def dimensions(made: World, tables: dict[str, Any]) -> dict[str, Any]:
    """Dimensions of several kinds, over what there is."""
    found: dict[str, tuple[str, Any]] = {
        "kind": ("people", "people.status"),
        "state": ("sales", "sales.status"),
        "size": ("sales", "bucket(sales.quantity, ..0, 1..2, 3..)"),
        "vip": ("people", "people.flag"),
        "due_month": ("sales", "start_of(sales.due, month)"),
        "person": ("people", {"to": "people"}),
    }
    if "helper" in made.links["sales"]:
        found["person"] = ("people", {"to": "people", "from": {"sales": "owner"}})
    if "teams" in tables:
        found["motto"] = ("teams", "teams.word")
        if tables["teams"]["key"] == ["id"]:
            found["team"] = ("teams", {"to": "teams"})
    if "pays" in tables:
        found["paid"] = ("pays", "pays.status")
    if "words" in tables:
        found["spoken"] = ("words", {"to": "words"})
    if "late" in made.columns["sales"]["whole"]:
        found["ageing"] = ("sales", "bucket(sales.late, ..0, 1..30, 31..)")
    if "orders" in made.columns["people"]["whole"]:
        found["tier"] = ("people", "bucket(people.orders, ..0, 1..2, 3..)")
        found["buyer"] = ("people", "people.spent > 5 EUR")
    made.homes = {name: home for name, (home, _) in found.items()}
    return {name: written for name, (_, written) in found.items()}


def table(
    chance: Chance,
    made: World,
    name: str,
    columns: list[str],
    links: dict[str, str],
    date: str | None,
    key: list[str] | None = None,
) -> dict[str, Any]:
    """A table of these columns with its rows; linked keys are mostly there, sometimes missing or of no row."""
    made.keys[name] = key = key or ["id"]
    kinds: dict[str, list[str]] = {kind: [] for kind, _ in KINDS.values()}
    for column in columns:
        kinds[KINDS[column][0]].append(column)
    made.columns[name], made.links[name] = kinds, dict(links)
    made.plain[name] = {kind: list(found) for kind, found in kinds.items()}
    if date:
        made.dated.add(name)
    keys = {link: [f"{link}_{part}" for part in made.keys[target]] for link, target in links.items()}
    rows: list[dict[str, Any]] = []
    for number in range(chance.pick([0, 3, 5, 8]) if date is None else chance.pick([0, 2, 6, 10, 14])):
        row: dict[str, Any] = {"id": f"{name[0]}{number}"}
        if "zone" in key:
            row = {"id": f"{name[0]}{number // 2}", "zone": "ns"[number % 2]}
        for link, target in links.items():
            for column, part in zip(keys[link], made.keys[target], strict=True):
                row[column] = chance.pick([other[part] for other in made.rows[target]] * 3 + [None, "gone"])
        row |= {column: value(chance, column) for column in columns}
        rows.append(row)
    made.rows[name] = rows
    found: dict[str, Any] = {
        "key": key,
        "columns": {
            **dict.fromkeys(key, "text"),
            **{column: "text" for columns in keys.values() for column in columns},
            **{column: KINDS[column][1] for column in columns},
        },
    }
    if links:
        found["links"] = {link: {"to": target, "by": keys[link]} for link, target in links.items()}
    if date:
        found["date"] = date
    return found
