"""Links with history, shares, sequences and trees, woven at random into a world of plain tables and links.

All of it is sound: periods of one key do not overlap, shares stay within 100%, no one stands above himself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from naive.filling import Chance, day
from naive.making import World

START = dt.date(2023, 11, 20)
SPLITS = [[100], [60, 40], [33.33, 33.33, 33.34], [70, 20], [50], [25, 25, 25, 25], [100, 0], [12.5, 80]]
Tables = dict[str, Any]


def woven(chance: Chance, made: World) -> World:
    """A world with some of its links made to carry history and shares, and others added."""
    tables: Tables = made.catalog["tables"]
    parts: list[Callable[[Chance, World, Tables], None]] = [owners, teams, credited, helpers, tree, sequence, versions]
    chosen = [part for part in parts if chance.number(0, 1)]
    for part in chosen or [chance.pick(parts)]:
        part(chance, made, tables)
    if chance.number(0, 2) == 0:
        known(chance, made, tables)
    return made


def keys(made: World, name: str) -> list[dict[str, Any]]:
    """The keys of a table's rows, and two that no row has."""
    key = made.keys[name]
    there = [{column: row[column] for column in key} for row in made.rows[name]]
    return there * 3 + [dict.fromkeys(key, "gone"), dict.fromkeys(key)]


def spans(chance: Chance, closed: bool) -> Iterator[tuple[Any, Any]]:
    """Periods one after the other, some with gaps between, and such as never are."""
    at = START + dt.timedelta(days=chance.number(0, 40))
    for _ in range(chance.number(0, 4)):
        last = at + dt.timedelta(days=chance.pick([0, 1, 10, 28, 40]))
        if chance.number(0, 7) == 0:
            yield chance.pick([(None, last), (at + dt.timedelta(days=1), at), (last, at - dt.timedelta(days=3))])
        if chance.number(0, 4) == 0:
            yield at, None
            return
        yield at, last
        at = last + dt.timedelta(days=closed + chance.pick([0, 0, 0, 1, 12]))


def dots(closed: bool) -> str:
    return f"begins {'..' if closed else '..<'} ends"


def moments(chance: Chance, rows: list[dict[str, Any]], found: Tables) -> None:
    """Periods of a half-open history as moments, sometimes."""
    if chance.number(0, 3) == 0:
        found["columns"] |= {"begins": "timestamp", "ends": "timestamp"}
        time = dt.time(chance.pick([0, 9]))
        for row in rows:
            row |= {end: row[end] and dt.datetime.combine(row[end], time) for end in ("begins", "ends")}


def at(chance: Chance, made: World, name: str) -> dict[str, str]:
    """A date of its own for a link, or none."""
    dates = made.plain[name]["date"] + made.plain[name]["timestamp"]
    return {"at": chance.pick(dates)} if dates and chance.number(0, 3) == 0 else {}


def between(
    chance: Chance, made: World, tables: Tables, name: str, match: str, values: list[Any], to: str, link: dict[str, Any]
) -> None:
    """A table between with history, where each value of `match` leads to rows of `to`; `link` is told of it."""
    closed, rows = chance.pick([True, False]), []
    for value in values:
        for begins, ends in spans(chance, closed):
            target = {f"{to}_{column}": part for column, part in chance.pick(keys(made, to)).items()}
            rows.append({match: value, **target, "begins": begins, "ends": ends})
    columns = {
        match: "text",
        **{f"{to}_{column}": "text" for column in made.keys[to]},
        "begins": "date",
        "ends": "date",
    }
    tables[name], made.rows[name] = {"key": [match, "begins"], "columns": columns}, rows
    if not closed:
        moments(chance, rows, tables[name])
    link |= {"to": to, "through": name, "match": match, "valid": dots(closed)}
    link["by"] = [f"{to}_{column}" for column in made.keys[to]]


def owners(chance: Chance, made: World, tables: Tables) -> None:
    """Who owned a sale at its date: the column owner_id names an account, not a person."""
    link: dict[str, Any] = at(chance, made, "sales")
    accounts = [*sorted({row["owner_id"] for row in made.rows["sales"]} - {None}), None]
    between(chance, made, tables, "holds", "owner_id", accounts, "people", link)
    tables["sales"]["links"]["owner"] = link
    if tables["sales"].get("where") == "owner.flag":
        tables["sales"]["where"] = "not flag"


def teams(chance: Chance, made: World, tables: Tables) -> None:
    """The team at the time."""
    if "teams" not in tables:
        return
    link: dict[str, Any] = at(chance, made, "people")
    persons = [row["id"] for row in made.rows["people"]]
    between(chance, made, tables, "postings", "person_id", persons, "teams", link)
    tables["people"]["links"]["team"] = link


def credited(chance: Chance, made: World, tables: Tables) -> None:
    """Sales credited to several people, or to teams."""
    to = chance.pick(["people", "people", "teams"]) if "teams" in tables else "people"
    history, exact, rows = chance.number(0, 3) == 0, chance.pick([True, False]), []
    for sale in made.rows["sales"]:
        for begins, ends in spans(chance, False) if history else [(None, None)] * chance.pick([0, 1, 1, 1]):
            for share in chance.pick(SPLITS):
                target = {f"{to}_{column}": part for column, part in chance.pick(keys(made, to)).items()}
                pct = Decimal(str(share)) if exact else float(share)
                rows.append({"sale_id": sale["id"], **target, "pct": pct, "begins": begins, "ends": ends})
    columns = {"sale_id": "text", **{f"{to}_{column}": "text" for column in made.keys[to]}, "pct": "percent"}
    columns |= {"begins": "date", "ends": "date"}
    tables["credits"], made.rows["credits"] = {"columns": columns}, rows
    link: dict[str, Any] = {"to": to, "through": "credits", "match": "sale_id", "share": "pct"}
    link["by"] = [f"{to}_{column}" for column in made.keys[to]]
    if history:
        link |= {"valid": dots(False), **at(chance, made, "sales")}
    if chance.number(0, 4) == 0:
        link["up_to"] = chance.pick(["any", "150%"])
    several(chance, made, "credited", to, link)


def helpers(chance: Chance, made: World, tables: Tables) -> None:
    """People, or teams, who took part in a sale."""
    to, history, rows = (
        chance.pick(["people", "teams"] if "teams" in tables else ["people"]),
        chance.number(0, 2) == 0,
        [],
    )
    for sale in made.rows["sales"]:
        for _ in range(chance.pick([0, 1, 2, 3])):
            begins, ends = chance.pick([*spans(chance, False), (START, None)])
            target = {f"{to}_{column}": part for column, part in chance.pick(keys(made, to)).items()}
            rows.append({"sale_id": sale["id"], **target, "begins": begins, "ends": ends})
    columns = {
        "sale_id": "text",
        **{f"{to}_{column}": "text" for column in made.keys[to]},
        "begins": "date",
        "ends": "date",
    }
    tables["parts"], made.rows["parts"] = {"columns": columns}, rows
    link: dict[str, Any] = {"to": to, "through": "parts", "match": "sale_id", "several": True}
    link["by"] = [f"{to}_{column}" for column in made.keys[to]]
    if history:
        link |= {"valid": dots(False), **at(chance, made, "sales")}
    several(chance, made, "helped", to, link)


def several(chance: Chance, made: World, name: str, to: str, link: dict[str, Any]) -> None:
    """A link of sales to several rows, with a dimension and filters over it."""
    tables = made.catalog["tables"]
    tables["sales"]["links"][name] = link
    routes = {"sales": name}
    made.ways.setdefault("sales", []).append(name)
    if "pays" in tables and "sale" in made.links["pays"]:
        routes["pays"] = f"sale.{name}"
        made.ways.setdefault("pays", []).append(f"sale.{name}")
    if made.keys[to] == ["id"]:
        made.catalog["dimensions"][f"{name}_to"] = {"to": to, "from": routes}
        made.homes[f"{name}_to"] = to
        one = chance.pick(made.rows[to])["id"] if made.rows[to] else "gone"
        made.filters |= {
            f"{name}_to = '{one}'": {to},
            f"not ({name}_to = '{one}')": {to},
            f"{name}_to is missing": {to},
        }


def tree(chance: Chance, made: World, tables: Tables) -> None:
    """Who is above whom: only those further up the list; some are their own, some have one who does not exist."""
    people = [row["id"] for row in made.rows["people"]]
    links = tables["people"].setdefault("links", {})
    if chance.pick([True, False]):
        link: dict[str, Any] = {}
        between(chance, made, tables, "reporting", "person_id", people, "people", link)
        for row in made.rows["reporting"]:
            row["people_id"] = boss(chance, people, row["person_id"])
        links["boss"] = link
    else:
        tables["people"]["columns"]["boss_id"] = "text"
        for row in made.rows["people"]:
            row["boss_id"] = boss(chance, people, row["id"])
        links["boss"] = {"to": "people", "by": "boss_id"}
    made.loops.setdefault("people", {})["boss"] = made.plain["people"]
    found: dict[str, dict[str, Any]] = {"org": {}, "top": {"level": 1}, "second": {"level": 2}}
    routes = {"sales": chance.pick(["owner", *(way for way in made.ways.get("sales", ()) if leads(tables, way))])}
    for name, level in found.items():
        made.catalog["dimensions"][name] = {"to": "people", "tree": "boss", "from": routes, **level}
        made.homes[name] = "people"
    made.trees.append("org")
    one = chance.pick(people) if people else "gone"
    made.filters |= {f"org = '{one}'": {"people"}, "org != 'p0'": {"people"}, f"top = '{one}'": {"people"}}


def leads(tables: Tables, way: str) -> bool:
    return bool(tables["sales"]["links"][way]["to"] == "people")


def boss(chance: Chance, people: list[str], one: str) -> str | None:
    """Someone further up the list, sometimes the one himself, no one, or one who does not exist."""
    above = people[: people.index(one)]
    return chance.pick([*above, *above, *above, one, None, "gone"])


def sequence(chance: Chance, made: World, tables: Tables) -> None:
    """The next sale, or the one before, of the same owner or status."""
    along = chance.pick(["owner_id", "status", "flag"])
    order = chance.pick([["at", "id"], ["due", "id"], ["id"], ["due", "at", "id"]])
    word = chance.pick(["following", "preceding"])
    tables["sales"]["links"]["beside"] = {"to": "sales", word: along, "order": order}
    made.loops.setdefault("sales", {})["beside"] = made.plain["sales"]


def versions(chance: Chance, made: World, tables: Tables) -> None:
    """Terms of a status, by date."""
    closed, rows = chance.pick([True, False]), []
    for status in ("open", "done"):
        for begins, ends in spans(chance, closed):
            rows.append({"status": status, "quantity": chance.number(0, 3), "begins": begins, "ends": ends})
    columns = {"status": "text", "quantity": {"type": "number", "whole": True}, "begins": "date", "ends": "date"}
    tables["terms"], made.rows["terms"] = {"key": "status", "columns": columns}, rows
    if not closed:
        moments(chance, rows, tables["terms"])
    link = {"to": "terms", "by": "status", "valid": dots(closed), **at(chance, made, "sales")}
    tables["sales"]["links"]["term"] = link
    kinds: dict[str, list[str]] = {kind: [] for kind in made.plain["sales"]}
    made.loops.setdefault("sales", {})["term"] = kinds | {"whole": ["quantity"]}


def known(chance: Chance, made: World, tables: Tables) -> None:
    """From when to when rows of some tables were known."""
    for name in [name for name in tables if "members" not in tables[name] and chance.number(0, 1)]:
        kind = chance.pick(["date", "timestamp"])
        tables[name]["columns"] |= {"told": kind, "withdrawn": kind}
        tables[name]["known"] = "told ..< withdrawn"
        for row in made.rows[name]:
            ends = chance.pick([None, None, None, None, day(chance)])
            row["told"], row["withdrawn"] = chance.pick([day(chance), day(chance), START, None]), ends
