"""Measures made at random, typed so that most of them check: aggregates, nested ones, changes of context."""

from __future__ import annotations

from collections.abc import Callable

from naive.rows import DATES, LENGTHS, RowMaker

KINDS = ["money", "money", "number", "number", "number", "ratio", "bool", "date", "text", "duration"]
Options = list[Callable[[], str]]
FILTERS = {
    "kind = 'open'": {"people"},
    "kind is present": {"people"},
    "state != 'done'": {"sales"},
    "sales.amount > 2 EUR": {"sales"},
    "sales.quantity in (0, 1) and kind = 'open'": {"sales", "people"},
    "(state = 'open' or not vip)": {"sales", "people"},
    "people.flag": {"people"},
    "people.since <= as_of": {"people"},
    "size in ('1..2', '3..')": {"sales"},
    "motto is present": {"teams"},
    "teams.cost > 0": {"teams"},
    "tier = '1..2'": {"people"},
    "people.spent > 5 EUR": {"people"},
    "paid = 'open'": {"pays"},
}


class Maker(RowMaker):
    """Makes measures for a world; `outer` is the table for whose rows each is taken, None at the top."""

    def formula(self) -> tuple[str, str]:
        """A measure of some kind, and the kind."""
        kind = self.chance.pick(KINDS)
        return self.measure(kind, self.chance.number(1, 5), None), kind

    def measure(self, kind: str, depth: int, outer: str | None) -> str:
        """An expression of a kind over aggregates."""
        if depth <= 1:
            return self.aggregate(kind, 0, outer)
        options: Options = [
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
        options: Options
        match kind:
            case "money":
                options = [
                    lambda: f"({part('money')} {pick(['+', '-'])} {part('money')})",
                    lambda: f"({part('money')} * {pick(['2', part('ratio')])})",
                    lambda: f"({part('money')} else 0 EUR)",
                    lambda: f"{pick(['min', 'max'])}({part('money')}, {pick(['10 EUR', part('money')])})",
                    lambda: f"{pick(['abs', 'twice'])}({part('money')})",
                    lambda: f"blend({part('money')} -> 40%, {part('money')} -> 60%)",
                    lambda: f"tiers({part('money')}, 0 -> 5%, 100 -> 8%)",
                ]
            case "number":
                options = [
                    lambda: f"({part('number')} {pick(['+', '-', '*'])} {part('number')})",
                    lambda: f"-{part('number')}" if depth > 1 else "few",
                    lambda: f"({part('number')} else 3)",
                    lambda: f"{pick(['abs', 'round', 'floor', 'ceil'])}({part('number')})",
                    lambda: f"steps({part('number')}, 0 -> 1, 2 -> 2, 10 -> 3)",
                    lambda: f"interpolate({part('number')}, 0 -> 1, 2 -> 2, 10 -> 5)",
                    lambda: f"change({part('number')}{self.length()})",
                    lambda: f"days({part('date')}, {pick(['as_of', part('date')])})",
                    lambda: f"hours({part('date')}, {part('date')})",
                ]
            case "ratio":
                options = [
                    lambda: f"({part('money')} / {part('money')})",
                    lambda: f"({self.counted(depth, outer)} / {self.counted(depth, outer)})",
                    lambda: f"(1 - {part('ratio')})",
                    lambda: f"({part('ratio')} else 50%)",
                    lambda: f"growth({part('money')}{self.length()})",
                    lambda: f"({part('duration')} / {part('duration')})",
                ]
            case "date":
                options = [
                    lambda: f"({part('date')} {pick(['+', '-'])} {pick(LENGTHS)})",
                    lambda: f"({part('date')} else {pick(DATES)})",
                    lambda: f"{pick(['start_of', 'end_of'])}({part('date')}, {pick(['month', 'quarter', 'week'])})",
                    lambda: f"max({part('date')}, {part('date')})",
                ]
            case "text":
                options = [
                    lambda: part("text"),
                    lambda: f"({part('text')} else 'none')",
                    lambda: f"bucket({self.counted(depth, outer)}, ..0 -> 'none', 1..2, 3..)",
                    lambda: f"lower({part('text')})",
                ]
            case "duration":
                options = [
                    lambda: f"({part('duration')} + {pick(['2 days', part('duration')])})",
                    lambda: f"({part('date')} - {part('date')})",
                    lambda: f"({part('duration')} else 3 hours)",
                ]
            case _:
                options = [
                    lambda: f"({part('number')} {pick(['<', '>=', '=', '!='])} {part('number')})",
                    lambda: f"({part('money')} {pick(['<', '>'])} {pick(['10 EUR', part('money')])})",
                    lambda: f"({part('date')} {pick(['<', '>='])} {pick(['period.start', part('date')])})",
                    lambda: f"({part('text')} {pick(['<', '=', '!='])} {pick([part('text'), repr('a')])})",
                    lambda: f"({part('bool')} {pick(['and', 'or'])} {part('bool')})",
                    lambda: f"(not {part('bool')})",
                    lambda: f"({part(pick(['money', 'number', 'date']))} is {pick(['missing', 'present'])})",
                    lambda: f"({part('number')} {pick(['in', 'not in'])} {pick(['(0, 1, 2)', '1..3'])})",
                ]
        if kind != "bool" and self.chance.number(0, 5) == 0:
            return f"(if {part('bool')} then {part(kind)} else {pick(['missing', part(kind)])})"
        return pick(options)()

    def counted(self, depth: int, outer: str | None) -> str:
        t = self.source(outer)
        return f"count({t}{self.modifiers(t, depth, outer)})"

    # ---- other contexts

    def length(self) -> str:
        return self.chance.pick(["", "", ", 2", f", {self.chance.pick(LENGTHS)}"])

    def moved(self, kind: str, depth: int, outer: str | None) -> str:
        """A measure in another context."""
        x = lambda: self.measure(kind, depth, outer)  # noqa: E731
        pick = self.chance.pick
        options: Options = [
            lambda: f"prior({x()}{self.length()})",
            lambda: f"next({x()}{self.length()})",
            lambda: f"trailing({x()}, {pick(LENGTHS)})",
            lambda: f"to_date({x()}, {pick(['year', 'quarter', 'month'])})",
            lambda: f"ever({x()})",
            lambda: f"anytime({x()})",
            lambda: f"within({x()}, {self.bounds(outer)})",
            lambda: f"within({x()}, {self.bounds(outer)})",
            lambda: f"matched({pick(['prior', ''])}({x()}))",
            lambda: self.filtered(kind, depth, outer),
            lambda: self.widened(kind, depth, outer),
        ]
        if kind in ("money", "number", "duration"):
            options += [lambda: self.parts(kind, depth, outer)]
        if kind == "number" and outer is None:
            options += [lambda: f"rank({self.measure(pick(['money', 'number', 'ratio']), depth, outer)})"]
        return pick(options)()

    def bounds(self, outer: str | None) -> str:
        """Two dates, of the outer row where there is one; one of them may be left open."""
        dots, pick = self.chance.pick(["..", "..<"]), self.chance.pick
        columns = self.world.plain[outer] if outer else None
        if outer and columns and (named := columns["date"] + columns["timestamp"]):
            low = f"{outer}.{pick(named)}"
            return pick(
                [
                    f"{low} {dots} {low} + {pick(['30 days', '2 months'])}",
                    f"{low} {dots} {outer}.{pick(named)}",
                    f"{low} ..",
                ]
            )
        low, high = sorted([pick(DATES), pick(DATES)])
        return pick(
            [f"{low} {dots} {high}", f"{low} {dots} {high}", f"..{high}", "period.start - 10 days .. period.end"]
        )

    def filters(self) -> dict[str, set[str]]:
        """Conditions for rows of whatever table, by dimension or table.column, with the tables that they need."""
        known = self.world
        found = {text: homes for text, homes in FILTERS.items() if homes <= set(known.columns)} | known.filters
        names = {"tier": "orders", "people.spent": "orders"}
        lacking = [word for word, column in names.items() if column not in known.columns["people"]["whole"]]
        return {text: homes for text, homes in found.items() if not any(text.startswith(word) for word in lacking)}

    def needing(self, homes: set[str], make: Callable[[], str]) -> str:
        """What is made where more has to be reached."""
        before, self.needed = self.needed, self.needed | homes
        found = make()
        self.needed = before
        return found

    def filtered(self, kind: str, depth: int, outer: str | None) -> str:
        text, homes = self.chance.pick(list(self.filters().items()))
        x = self.needing(homes, lambda: self.measure(kind, depth, outer))
        return f"(({x}) where {text})"

    def widened(self, kind: str, depth: int, outer: str | None) -> str:
        """overall, and share for ratios: without groups, some of them, at a coarser one, over the whole window."""
        pick, x = self.chance.pick, self.measure("money" if kind == "ratio" else kind, depth, outer)
        words = ["period"]
        if outer is None:
            words += [*self.by, *self.by, pick(list(self.world.homes))]
            words += [f"{name} -> parent" for name in self.by if name in self.world.trees]
            if "person" in self.by:
                words += [f"person -> {name}" for name in ("kind", "vip", "team", "motto") if name in self.world.homes]
        chosen = pick(["", "", *(f", {word}" for word in words), f", {pick(words)}, period"])
        if outer is not None and kind == "ratio":
            return f"({x} / overall({x}))"
        return f"{'share' if kind == 'ratio' else 'overall'}({x}{chosen})"

    def parts(self, kind: str, depth: int, outer: str | None) -> str:
        """each over parts of the period, or over members."""
        pick = self.chance.pick
        members = {name: {home} for name, home in self.world.homes.items()} if outer is None else {}
        what = pick(["month", "month", "day", "week", *members])
        x = self.needing(members.get(what, set()), lambda: self.measure(kind, depth, outer))
        return f"each({x}, {what}, {pick(['avg', 'max', 'sum', 'min', 'median', 'stddev'])})"

    # ---- aggregates

    def source(self, outer: str | None, kind: str | None = None) -> str:
        """A table to aggregate: under an outer row one that links to its table; mostly one that reaches what it needs."""
        world, number = self.world, self.chance.number
        tables = [t for t in world.columns if outer is None or (t != outer and world.reaches(t, outer))]
        if kind:
            tables = [t for t in tables if world.columns[t][kind]] or tables
        if number(0, 9):
            tables = [t for t in tables if not self.missed(t)] or tables
        if self.dated and outer is None and number(0, 3):
            tables = [t for t in tables if t in world.dated] or tables
        return self.chance.pick([*tables, *(["sales"] if "sales" in tables else [])]) if tables else "sales"

    def aggregate(self, kind: str, depth: int, outer: str | None) -> str:
        """An aggregate that gives a kind."""
        pick = self.chance.pick
        wanted = {"money": "money", "date": "date", "text": "date", "duration": "date"}.get(kind)
        t = self.source(outer, wanted)
        depth = max(depth, 1) if self.missed(t) else depth
        named = {"money": ["revenue", "losses", "sold('open')"], "number": ["volume", "size_of(sales)"]}.get(kind)
        if named and outer is None and t == "sales" and not self.missed(t) and self.chance.number(0, 7) == 0:
            return pick(named)
        row = lambda of: self.row(of, t, depth)  # noqa: E731
        after = lambda: self.modifiers(t, depth, outer)  # noqa: E731
        dated = t in self.world.dated or self.world.plain[t]["date"]
        ends = ["first", "last"] if dated else ["min", "max"]
        match kind:
            case "money" | "date" | "text" | "duration":
                more = {"money": ["sum", "sum", "avg", "median"], "duration": ["sum", "avg"], "text": []}
                names = [*ends, *more.get(kind, [])] + ([] if kind == "text" else ["min", "max"])
                name = pick(names)
                return f"{name}({t}, {row(kind)}{self.modifiers(t, depth, outer, name in ends)})"
            case "ratio":
                return f"rate({t}, {row('bool')}{after()})"
            case "bool":
                name = pick(["any", "all"])
                return f"any({t}{after()})" if pick([True, False]) else f"{name}({t}, {row('bool')}{after()})"
        name = pick(["sum", "avg", "min", "max", *ends, "stddev"])
        options: Options = [
            lambda: f"count({t}{after()})",
            lambda: f"count_distinct({t}, {row(pick(['text', 'date', 'number', 'money', 'bool']))}{after()})",
            lambda: f"{name}({t}, {row('number')}{self.modifiers(t, depth, outer, name in ends)})",
            lambda: f"{name}({t}, {row('number')}{self.modifiers(t, depth, outer, name in ends)})",
            lambda: f"percentile({t}, {row('number')}, {pick(['50%', '90%'])}{after()})",
            lambda: f"percentile_disc({t}, {row('number')}, {pick(['50%', '90%'])}{after()})",
            lambda: f"sum({t}, days({row('date')}, {pick(['as_of', row('date')])}){after()})",
            lambda: f"median({t}, {row('number')}{after()})",
        ]
        return pick(options)()

    def modifiers(self, t: str, depth: int, outer: str | None, ordered: bool = False) -> str:
        """Words after an argument: a filter, another date (that `ordered` needs), validity, the link to the outer row."""
        found, chance = "", self.chance
        if chance.number(0, 2) == 0:
            found += f" where {self.row('bool', t, depth)}"
        dates = self.world.plain[t]["date"]
        if dates and (chance.number(0, 4) == 0 or (ordered and t not in self.world.dated)):
            found += f" on {chance.pick([chance.pick(dates), chance.pick(dates) + ' + 10 days'])}"
        if len(dates) > 1 and chance.number(0, 4) == 0:
            found += f" during {dates[0]} {chance.pick(['..', '..<'])} {dates[1]}"
        if "helper" in self.world.links["sales"] and chance.number(0, 9):
            if t == "sales":
                found += f" via {chance.pick(['owner', 'helper'])}"
            elif t == "pays" and "sale" in self.world.links[t]:
                found += f" via {chance.pick(['sale.owner', 'sale.helper'])}"
        elif t in self.world.ways and chance.number(0, 2) == 0:
            found += f" via {chance.pick(self.world.ways[t])}"
        return found
