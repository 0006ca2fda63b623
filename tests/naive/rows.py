"""Expressions over a row made at random, typed so that most of them check."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from naive.filling import STATUS, Chance
from naive.making import World

LENGTHS = ["1 month", "2 months", "1 year", "1 week", "10 days", "1 quarter"]
DATES = ["2024-01-31", "2024-02-01", "2024-02-15", "2023-12-01"]
NESTED = ("money", "number", "bool", "ratio", "date")


@define
class RowMaker:
    """Makes expressions over a row of a table of a world.

    `needed`: the tables that what is made next has to reach, for groups and filters; `by` the dimensions asked.
    """

    chance: Chance
    world: World
    by: list[str] = field(factory=list)
    needed: set[str] = field(factory=set)
    dated: bool = False

    def measure(self, kind: str, depth: int, outer: str | None) -> str:
        """An expression over aggregates, for each row of `outer` where there is one."""
        raise NotImplementedError

    def missed(self, t: str) -> set[str]:
        """The needed tables that rows of a table do not reach."""
        return {home for home in self.needed if not self.world.reaches(t, home)}

    def nested(self, kind: str, t: str, depth: int) -> str:
        """A measure for each row of a table."""
        before, self.needed = self.needed, self.missed(t)
        found = self.measure(kind, depth, t)
        self.needed = before
        return found

    def row(self, kind: str, t: str, depth: int) -> str:
        """An expression of a kind over a row."""
        linked = any(other != t and self.world.reaches(other, t) for other in self.world.columns)
        often = 0 if self.missed(t) else 2
        if linked and depth > 0 and kind in NESTED and self.chance.number(0, often) == 0:
            return self.nested(kind, t, depth)
        deeper = depth > 0 and self.chance.number(0, 1) == 0
        match kind:
            case "money":
                return self.money(t, depth, deeper)
            case "number":
                return self.number(t, depth, deeper)
            case "date":
                return self.date(t, depth, deeper)
            case "ratio":
                return self.column("ratio", t) or "50%"
            case "duration":
                return self.lasting(t)
            case "text":
                found = self.column(self.chance.pick(["text", "status"]), t) or "'x'"
                return self.chance.pick([found, f"lower({found})", f"left({found}, 1)"]) if deeper else found
            case _:
                return self.condition(t, depth, deeper)

    def money(self, t: str, depth: int, deeper: bool) -> str:
        found = self.column("money", t) or "2.5 EUR"
        if not deeper:
            return found
        options: list[Callable[[], str]] = [
            lambda: f"({found} {self.chance.pick(['+', '-'])} {self.row('money', t, depth - 1)})",
            lambda: f"({found} * {self.column('ratio', t) or '50%'})",
            lambda: f"({found} * {self.row('number', t, depth - 1)})",
            lambda: f"({found} else 1 EUR)",
            lambda: f"twice({found})",
            lambda: f"round({found})",
            lambda: f"tiers({found}, 0 EUR -> 5%, 5 EUR -> 10%)",
            lambda: f"min({found}, {self.row('money', t, depth - 1)})",
        ]
        return self.chance.pick(options)()

    def number(self, t: str, depth: int, deeper: bool) -> str:
        pick = self.chance.pick
        found = self.column(pick(["whole", "number"]), t) or "2"
        if not deeper:
            return found
        options: list[Callable[[], str]] = [
            lambda: f"({found} {pick(['+', '-', '*', '/'])} {self.row('number', t, depth - 1)})",
            lambda: f"(if {self.row('bool', t, depth - 1)} then {found} else 4)",
            lambda: f"{pick(['days', 'months'])}({self.row('date', t, 0)}, {self.row('date', t, 0)})",
            lambda: f"{pick(['month', 'weekday', 'day', 'quarter', 'year'])}({self.row('date', t, 0)})",
            lambda: f"({found} else {pick(['0', 'few'])})",
            lambda: f"steps({found}, 0 -> 1, 1 -> 2.5, 3 -> 4)",
            lambda: f"max({found}, {self.row('number', t, depth - 1)})",
        ]
        return pick(options)()

    def date(self, t: str, depth: int, deeper: bool) -> str:
        pick = self.chance.pick
        found = self.column("date", t) or pick(DATES)
        if not deeper:
            return found
        return pick(
            [f"({found} + {pick(LENGTHS)})", f"start_of({found}, {pick(['month', 'year'])})", f"({found} else as_of)"]
        )

    def lasting(self, t: str) -> str:
        """A duration: from one moment or day to another."""
        kind = self.chance.pick(["timestamp", "date"])
        first, last = self.column(kind, t), self.column(kind, t)
        return f"({last} - {first})" if first and last else "(2024-02-01 - 2024-01-30)"

    def condition(self, t: str, depth: int, deeper: bool) -> str:
        """A condition over a row."""
        pick = self.chance.pick
        if deeper:
            inner = self.row("bool", t, depth - 1)
            return pick([f"(not {inner})", f"({inner} {pick(['and', 'or'])} {self.row('bool', t, depth - 1)})"])
        status, money, text = self.column("status", t), self.column("money", t), self.column("text", t)
        options: list[str] = [
            f"{self.row('date', t, 0)} {pick(['<', '<=', '='])} {pick(['as_of', '2024-02-15', 'period.end', 'period.start'])}"
        ]
        if status:
            options += [
                f"{status} {pick(['=', '!='])} '{pick(STATUS)}'",
                f"{status} {pick(['in', 'not in'])} ('open', 'void')",
            ]
        if money:
            options += [f"{money} {pick(['>', '<='])} {pick(['1 EUR', '10.25 EUR', '0'])}", f"{money} is missing"]
            options += [f"at_least({money}, 2 EUR)"]
        if text:
            options += [f"{pick(['contains', 'starts_with', 'ends_with'])}({text}, 'a')", f"{text} < 'a '"]
        for kind, written in (
            ("bool", "{x}"),
            ("whole", "{x} in 1..2"),
            ("whole", "{x} >= few"),
            ("number", "{x} < 1"),
            ("ratio", "{x} >= 50%"),
            ("timestamp", "{x} <= 2024-02-01"),
        ):
            if column := self.column(kind, t):
                options.append(written.format(x=column))
        options += [f"{link} is {pick(['missing', 'present'])}" for link in self.world.loops.get(t, ())]
        if "helper" not in self.world.links["sales"]:
            reached = [name for name in ("kind", "state", "motto") if name in self.world.homes]
            options += [f"{name} is present" for name in reached if self.world.reaches(t, self.world.homes[name])]
        return pick(options)

    def column(self, kind: str, t: str) -> str | None:
        """A column of a kind, of the row or of a linked row."""
        found: list[str] = list(self.world.columns[t][kind])
        for link, target in self.world.links[t].items():
            found += [f"{link}.{column}" for column in self.world.columns[target][kind]]
        for link, columns in self.world.loops.get(t, {}).items():
            found += [f"{link}.{column}" for column in columns[kind]]
        return self.chance.pick(found) if found else None
