"""Formulas made at random, typed so that most of them check: measures, rows of a table, nested aggregates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define

from naive.making import STATUS, Chance, World

LENGTHS = ["1 month", "2 months", "1 year", "1 week", "10 days", "1 quarter"]
DATES = ["2024-01-31", "2024-02-01", "2024-02-15", "2023-12-01"]


@define
class Maker:
    """Makes formulas for a world."""

    chance: Chance
    world: World

    def formula(self) -> str:
        """A measure of some kind."""
        return self.measure(
            self.chance.pick(["money", "number", "number", "ratio", "bool"]), self.chance.number(1, 5), None
        )

    # ---- measures, and under an outer row of `outer` values for each of its rows

    def measure(self, kind: str, depth: int, outer: str | None) -> str:
        """An expression of a kind over aggregates."""
        if depth <= 1:
            return self.aggregate(kind, 0, outer)
        options: list[Callable[[], str]] = [
            lambda: self.aggregate(kind, depth - 1, outer),
            lambda: self.aggregate(kind, depth - 1, outer),
            lambda: self.combined(kind, depth - 1, outer),
            lambda: self.moved(kind, depth - 1, outer),
            lambda: self.moved(kind, depth - 1, outer),
        ]
        return self.chance.pick(options)()

    def combined(self, kind: str, depth: int, outer: str | None) -> str:
        """Parts joined by operators and functions."""
        part = lambda of: self.measure(of, depth, outer)  # noqa: E731
        pick = self.chance.pick
        match kind:
            case "money":
                return pick(
                    [
                        lambda: f"({part('money')} {pick(['+', '-'])} {part('money')})",
                        lambda: f"({part('money')} * {pick(['2', part('ratio')])})",
                        lambda: f"({part('money')} else 0 EUR)",
                        lambda: f"(if {part('bool')} then {part('money')} else {pick(['missing', part('money')])})",
                        lambda: f"{pick(['min', 'max'])}({part('money')}, {pick(['10 EUR', part('money')])})",
                        lambda: f"abs({part('money')})",
                        lambda: f"blend({part('money')} -> 40%, {part('money')} -> 60%)",
                    ]
                )()
            case "number":
                return pick(
                    [
                        lambda: f"({part('number')} {pick(['+', '-', '*'])} {part('number')})",
                        lambda: f"-{part('number')}" if depth > 1 else "few",
                        lambda: f"({part('number')} else 3)",
                        lambda: f"(if {part('bool')} then {part('number')} else {pick(['missing', '1'])})",
                        lambda: f"{pick(['abs', 'round', 'floor', 'ceil'])}({part('number')})",
                        lambda: f"steps({part('number')}, 0 -> 1, 2 -> 2, 10 -> 3)",
                        lambda: f"interpolate({part('number')}, 0 -> 1, 2 -> 2, 10 -> 5)",
                        lambda: f"change({part('number')})",
                    ]
                )()
            case "ratio":
                return pick(
                    [
                        lambda: f"({part('money')} / {part('money')})",
                        lambda: f"({self.counted(depth, outer)} / {self.counted(depth, outer)})",
                        lambda: f"(1 - {part('ratio')})",
                        lambda: f"({part('ratio')} else 50%)",
                        lambda: f"growth({part('money')}{pick(['', ', 1 month', ', 1 year'])})",
                        lambda: f"share({part('money')})" if outer is None else part("ratio"),
                    ]
                )()
            case _:
                return pick(
                    [
                        lambda: f"({part('number')} {pick(['<', '>=', '=', '!='])} {part('number')})",
                        lambda: f"({part('money')} {pick(['<', '>'])} {pick(['10 EUR', part('money')])})",
                        lambda: f"({part('bool')} {pick(['and', 'or'])} {part('bool')})",
                        lambda: f"(not {part('bool')})",
                        lambda: f"({part(pick(['money', 'number']))} is {pick(['missing', 'present'])})",
                        lambda: f"({part('number')} {pick(['in', 'not in'])} (0, 1, 2))",
                    ]
                )()

    def counted(self, depth: int, outer: str | None) -> str:
        return f"count({self.rows(self.source(outer), depth, outer)})"

    def moved(self, kind: str, depth: int, outer: str | None) -> str:
        """A measure in another context."""
        x = self.measure(kind, depth, outer)
        pick = self.chance.pick
        options = [
            lambda: f"prior({x}{pick(['', ', 2', ', ' + pick(LENGTHS)])})",
            lambda: f"next({x})",
            lambda: f"trailing({x}, {pick(LENGTHS)})",
            lambda: f"to_date({x}, {pick(['year', 'quarter', 'month'])})",
            lambda: f"ever({x})",
            lambda: f"anytime({x})",
            lambda: f"within({x}, {self.bounds(outer)})",
            lambda: f"matched({x})",
            lambda: f"({x}) where {self.filter()}",
        ]
        if outer is None:
            options += [lambda: f"overall({x}{pick(['', ', kind', ', period'])})"]
            if kind in ("money", "number"):
                options += [
                    lambda: (
                        f"each({x}, {pick(['month', 'month', 'day', 'kind', 'person', 'state'])}, {pick(['avg', 'max', 'sum'])})"
                    )
                ]
            if kind == "number" and depth <= 2:
                options += [lambda: f"rank({x})"]
        else:
            options += [lambda: f"overall({x})"]
        return pick(options)()

    def bounds(self, outer: str | None) -> str:
        dots, pick = self.chance.pick(["..", "..<"]), self.chance.pick
        if outer and self.world.columns[outer]["date"]:
            column = pick(self.world.columns[outer]["date"])
            return f"{column} {dots} {column} + {pick(['30 days', '2 months'])}"
        low, high = sorted([pick(DATES), pick(DATES)])
        return f"{low} {dots} {high}"

    def filter(self) -> str:
        """A condition for rows of whatever table: by dimension or table.column."""
        return self.chance.pick(
            [
                f"kind = '{self.chance.pick(STATUS)}'",
                f"state != '{self.chance.pick(STATUS)}'",
                "sales.amount > 2 EUR",
                "people.flag",
                "kind is present",
                "sales.quantity in (0, 1) and kind = 'open'",
            ]
        )

    # ---- aggregates

    def source(self, outer: str | None) -> str:
        """A table to aggregate: under an outer row one that links to its table."""
        if outer is None:
            return self.chance.pick([*self.world.columns, "sales"])
        linking = [t for t in self.world.columns if t != outer and reaches(self.world, t, outer)]
        return self.chance.pick(linking) if linking else "sales"

    def aggregate(self, kind: str, depth: int, outer: str | None) -> str:
        """An aggregate that gives a kind."""
        t = self.source(outer)
        columns, pick = self.world.columns[t], self.chance.pick
        row = lambda of: self.row(of, t, depth)  # noqa: E731
        after = lambda: self.modifiers(t, depth, outer)  # noqa: E731
        match kind:
            case "money" if columns["money"]:
                name = pick(["sum", "sum", "avg", "min", "max", "median", "first", "last"])
                if outer is None and t == "sales" and self.chance.number(0, 3) == 0:
                    return pick(["revenue", "losses"])
                return f"{name}({t}, {row('money')}{after()})"
            case "money":
                return "revenue" if outer is None else "sum(sales.amount)"
            case "ratio":
                return f"rate({t}, {row('bool')}{after()})"
            case "bool":
                name = pick(["any", "all"])
                return f"any({t}{after()})" if pick([True, False]) else f"{name}({t}, {row('bool')}{after()})"
            case _:
                return pick(
                    [
                        lambda: f"count({self.rows(t, depth, outer)})",
                        lambda: f"count_distinct({t}, {row(pick(['text', 'date', 'number']))}{after()})",
                        lambda: (
                            f"{pick(['sum', 'avg', 'min', 'max', 'last', 'first', 'stddev'])}({t}, {row('number')}{after()})"
                        ),
                        lambda: f"percentile({t}, {row('number')}, {pick(['50%', '90%'])}{after()})",
                        lambda: f"percentile_disc({t}, {row('number')}, {pick(['50%', '90%'])}{after()})",
                        lambda: f"sum({t}, days({row('date')}, {pick(['as_of', row('date')])}){after()})",
                        lambda: f"median({t}, {row('number')}{after()})",
                    ]
                )()

    def rows(self, t: str, depth: int, outer: str | None) -> str:
        return f"{t}{self.modifiers(t, depth, outer)}"

    def modifiers(self, t: str, depth: int, outer: str | None) -> str:
        """Words after an argument: a filter, another date, validity."""
        found, chance = "", self.chance
        if chance.number(0, 2) == 0:
            found += f" where {self.row('bool', t, depth)}"
        dates = self.world.columns[t]["date"]
        if dates and chance.number(0, 4) == 0:
            found += f" on {chance.pick([chance.pick(dates), self.row('date', t, 0)])}"
        if len(dates) > 1 and chance.number(0, 4) == 0:
            found += f" during {dates[0]} {chance.pick(['..', '..<'])} {dates[1]}"
        if "helper" in self.world.links[t] and chance.number(0, 3) > 0:
            found += f" via {chance.pick(['owner', 'helper'])}"
        return found

    # ---- rows of a table

    def row(self, kind: str, t: str, depth: int) -> str:
        """An expression of a kind over a row."""
        pick = self.chance.pick
        linked = any(other != t and reaches(self.world, other, t) for other in self.world.columns)
        if linked and depth > 0 and self.chance.number(0, 2) == 0 and kind in ("money", "number", "bool"):
            return self.measure(kind, depth, t)
        deeper = depth > 0 and self.chance.number(0, 1) == 0
        match kind:
            case "money":
                found = self.column("money", t) or "2.5 EUR"
                if deeper:
                    return pick(
                        [
                            lambda: f"({found} {pick(['+', '-'])} {self.row('money', t, depth - 1)})",
                            lambda: f"({found} * {self.column('ratio', t) or '50%'})",
                            lambda: f"({found} * {self.row('number', t, depth - 1)})",
                            lambda: f"({found} else 1 EUR)",
                        ]
                    )()
                return found
            case "number":
                found = self.column(pick(["whole", "number"]), t) or "2"
                if deeper:
                    return pick(
                        [
                            lambda: f"({found} {pick(['+', '-', '*', '/'])} {self.row('number', t, depth - 1)})",
                            lambda: f"(if {self.row('bool', t, depth - 1)} then {found} else 4)",
                            lambda: f"days({self.row('date', t, 0)}, {self.row('date', t, 0)})",
                            lambda: f"{pick(['month', 'weekday', 'day', 'quarter'])}({self.row('date', t, 0)})",
                            lambda: f"({found} else 0)",
                        ]
                    )()
                return found
            case "date":
                return self.column("date", t) or pick(DATES)
            case "text":
                return self.column(pick(["text", "status"]), t) or "'x'"
            case _:
                return self.condition(t, depth, deeper)

    def condition(self, t: str, depth: int, deeper: bool) -> str:
        """A condition over a row."""
        pick = self.chance.pick
        if deeper:
            inner = self.row("bool", t, depth - 1)
            return pick([f"(not {inner})", f"({inner} {pick(['and', 'or'])} {self.row('bool', t, depth - 1)})"])
        status, money = self.column("status", t), self.column("money", t)
        options: list[str] = [
            f"{self.row('date', t, 0)} {pick(['<', '<=', '='])} {pick(['as_of', '2024-02-15', 'period.end'])}"
        ]
        if status:
            options += [
                f"{status} {pick(['=', '!='])} '{pick(STATUS)}'",
                f"{status} {pick(['in', 'not in'])} ('open', 'void')",
            ]
        if money:
            options += [f"{money} {pick(['>', '<='])} {pick(['1 EUR', '10.25 EUR', '0'])}", f"{money} is missing"]
        for kind, text in (
            ("bool", "{x}"),
            ("whole", "{x} >= 1"),
            ("number", "{x} < 1"),
            ("timestamp", "{x} <= 2024-02-01"),
        ):
            if column := self.column(kind, t):
                options.append(text.format(x=column))
        if t == "sales":
            options.append("kind = 'open'")
        return pick(options)

    def column(self, kind: str, t: str) -> str | None:
        """A column of a kind, of the row or of a linked row."""
        found: list[str] = list(self.world.columns[t][kind])
        for link, target in self.world.links[t].items():
            found += [f"{link}.{column}" for column in self.world.columns[target][kind]]
        return self.chance.pick(found) if found else None


def reaches(world: World, start: str, home: str) -> bool:
    return start == home or any(reaches(world, target, home) for target in world.links[start].values())


def request(chance: Chance, world: World, formula: str) -> dict[str, Any]:
    """A request for a formula."""
    words: dict[str, Any] = {"kpis": {"value": formula}}
    words["window"] = chance.pick(
        [
            "2024-Q1",
            "2024-Q1",
            "2024-02",
            "2024-02-29",
            "2024-W05",
            ["2024-01-10", "2024-03-15"],
            "2023-12..2024-02",
            "FY2024",
        ]
    )
    if chance.number(0, 9) == 0:
        del words["window"]
    grain = chance.pick([None, None, "month", "month", "quarter", "week", "year"])
    if grain:
        words["grain"] = grain
    dimensions = list(world.catalog["dimensions"])
    count = chance.pick([0, 0, 1, 1, 2])
    by = list(dict.fromkeys(chance.pick(dimensions) for _ in range(count)))
    if by:
        words["by"] = by
    if chance.number(0, 3) == 0:
        words["where"] = Maker(chance, world).filter()
    if chance.number(0, 3) == 0:
        words["as_of"] = chance.pick(["2024-02-10", "2024-02-29", "2024-01-31", "2025-01-01"])
    if chance.number(0, 5) == 0:
        words["sparse"] = True
    if by and chance.number(0, 4) == 0:
        words["totals"] = chance.pick([True, by[:1]])
    return words
