"""Small catalogs whose rows may break what links promise, with the codes of what is wrong, found day by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from naive.filling import Chance

FIRST = dt.date(2024, 1, 1)
DAYS = 25
Row = dict[str, Any]
Made = tuple[dict[str, Any], dict[str, list[Row]], set[str]]
SALES = {"key": "id", "date": "due", "columns": {"id": "text", "due": "date", "area": "text", "amount": "money EUR"}}
PEOPLE = {"key": "id", "columns": {"id": "text"}}


def unsound(chance: Chance) -> Made:
    """A catalog with the dimension `who`, its rows, and the codes that a query by it may give; none where all is well."""
    parts: list[Callable[[Chance], Made]] = [history, versions, shares, tree, moving_tree, sequence]
    return chance.pick(parts)(chance)


def catalog(tables: dict[str, Any], sales: dict[str, Any], who: Any) -> dict[str, Any]:
    return {"tables": {"sales": {**SALES, "links": sales}, **tables}, "dimensions": {"who": who}}


def facts(chance: Chance) -> list[Row]:
    return [
        {
            "id": f"s{n}",
            "due": FIRST + dt.timedelta(days=chance.number(0, DAYS)),
            "area": chance.pick(["x", "y"]),
            "amount": n,
        }
        for n in range(4)
    ]


def people(chance: Chance, size: int = 3) -> list[Row]:
    return [{"id": f"p{n}"} for n in range(size)]


def period(chance: Chance) -> Row:
    """From a day to another, with holes: about one in four is never."""
    begins = FIRST + dt.timedelta(days=chance.number(0, DAYS))
    ends = begins + dt.timedelta(days=chance.number(-3, 9))
    return {"begins": chance.pick([begins] * 6 + [None]), "ends": chance.pick([ends] * 6 + [None])}


def days() -> Iterator[dt.date]:
    return (FIRST + dt.timedelta(days=n) for n in range(-5, DAYS + 20))


def holds(row: Row, day: dt.date, closed: bool) -> bool:
    begins, ends = row["begins"], row["ends"]
    return begins is not None and begins <= day and (ends is None or day < ends or (closed and day == ends))


def overlaps(rows: list[Row], key: str, closed: bool) -> bool:
    """Whether two rows of one key hold on one day."""
    for day in days():
        held = Counter(row[key] for row in rows if row[key] is not None and holds(row, day, closed))
        if held and max(held.values()) > 1:
            return True
    return False


def history(chance: Chance) -> Made:
    """An area's owner at the date."""
    closed = chance.pick([True, False])
    rows = [
        {"area": chance.pick(["x", "y", None]), "who": f"p{n % 3}", **period(chance)}
        for n in range(chance.number(0, 4))
    ]
    link = {
        "to": "people",
        "through": "owners",
        "match": "area",
        "by": "who",
        "valid": f"begins {'..' if closed else '..<'} ends",
    }
    owners = {"columns": {"area": "text", "who": "text", "begins": "date", "ends": "date"}}
    made = catalog({"people": PEOPLE, "owners": owners}, {"owner": link}, {"to": "people"})
    codes = {"overlapping-history"} if overlaps(rows, "area", closed) else set()
    return made, {"sales": facts(chance), "people": people(chance), "owners": rows}, codes


def versions(chance: Chance) -> Made:
    """An area's terms at the date."""
    closed = chance.pick([True, False])
    rows = [{"area": chance.pick(["x", "y"]), "days": n, **period(chance)} for n in range(chance.number(0, 4))]
    terms = {"key": "area", "columns": {"area": "text", "days": "number", "begins": "date", "ends": "date"}}
    link = {"to": "terms", "by": "area", "valid": f"begins {'..' if closed else '..<'} ends"}
    codes = {"overlapping-history"} if overlaps(rows, "area", closed) else set()
    return catalog({"terms": terms}, {"term": link}, "terms.days"), {"sales": facts(chance), "terms": rows}, codes


def shares(chance: Chance) -> Made:
    """Sales credited to several."""
    pick = chance.pick
    parts = ["20", "30", "50", "50", "0", "25.5", *pick([[], [], ["-1"], [None]])]
    rows = [
        {"sale": f"s{chance.number(0, 3)}", "who": pick(["p0", "p1", "gone", None]), "pct": share and Decimal(share)}
        for share in (pick(parts) for _ in range(chance.number(0, 7)))
    ]
    credited = {"columns": {"sale": "text", "who": "text", "pct": "percent"}}
    bound = pick([None, "150%", "any"])
    link = {"to": "people", "through": "credits", "match": "sale", "by": "who", "share": "pct"} | (
        {"up_to": bound} if bound else {}
    )
    made = catalog(
        {"people": PEOPLE, "credits": credited}, {"credited": link}, {"to": "people", "from": {"sales": "credited"}}
    )
    codes = {"bad-share"} if any(row["pct"] is None or row["pct"] < 0 for row in rows) else set()
    given: Counter[str] = Counter()
    for row in rows:
        given[row["sale"]] += row["pct"] or 0
    if bound != "any" and any(share > (150 if bound else 100) for share in given.values()):
        codes.add("over-credited")
    return made, {"sales": facts(chance), "people": people(chance), "credits": rows}, codes


def cyclic(parents: dict[str, str]) -> bool:
    """Whether someone stands above himself over others."""
    for one in parents:
        seen, at = [one], parents[one]
        while at in parents and at != parents[at] and at not in seen:
            seen.append(at)
            at = parents[at]
        if at in seen and parents[one] != one and at != seen[-1]:
            return True
    return False


def tree(chance: Chance) -> Made:
    """Who is above whom."""
    rows = [{"id": f"p{n}", "boss": chance.pick([None, "gone", *(f"p{m}" for m in range(4))])} for n in range(4)]
    above = {**PEOPLE, "columns": {"id": "text", "boss": "text"}, "links": {"above": {"to": "people", "by": "boss"}}}
    owner = {"to": "people", "by": "area"}
    made = catalog({"people": above}, {"owner": owner}, {"to": "people", "tree": "above"})
    codes = {"tree-cycle"} if cyclic({row["id"]: row["boss"] for row in rows if row["boss"]}) else set()
    return made, {"sales": facts(chance), "people": rows}, codes


def moving_tree(chance: Chance) -> Made:
    """Who is above whom at the date."""
    names = [f"p{n}" for n in range(3)]
    rows = [
        {"one": chance.pick(names), "boss": chance.pick(names), **period(chance)} for _ in range(chance.number(0, 4))
    ]
    link = {"to": "people", "through": "lines", "match": "one", "by": "boss", "valid": "begins ..< ends"}
    lines = {"columns": {"one": "text", "boss": "text", "begins": "date", "ends": "date"}}
    owner = {"to": "people", "by": "area"}
    above = {**PEOPLE, "links": {"above": link}}
    made = catalog({"people": above, "lines": lines}, {"owner": owner}, {"to": "people", "tree": "above"})
    codes = {"overlapping-history"} if overlaps(rows, "one", False) else set()
    for day in days():
        if cyclic({row["one"]: row["boss"] for row in rows if holds(row, day, False)}):
            codes.add("tree-cycle")
    return made, {"sales": facts(chance), "people": people(chance), "lines": rows}, codes


def sequence(chance: Chance) -> Made:
    """The next sale of an area."""
    rows = [
        {"id": f"s{n}", "due": chance.pick([None, FIRST, FIRST + dt.timedelta(days=chance.number(1, 9))]),
         "area": chance.pick(["x", "y", None]), "amount": chance.number(1, 2)}
        for n in range(5)
    ]  # fmt: skip
    order = chance.pick([["due"], ["due", "amount"], ["due", "id"]])
    link = {"to": "sales", "following": "area", "order": order}
    made = catalog({}, {"next": link}, "sales.next.area")
    places = Counter(
        (row["area"], *(row[name] for name in order))
        for row in rows
        if None not in (row["area"], row["due"], row["amount"])
    )
    codes = {"ambiguous-order"} if any(count > 1 for count in places.values()) else set()
    return made, {"sales": rows}, codes
