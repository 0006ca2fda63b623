"""What a scan joins to its rows: linked rows, outer rows of siblings, periods, and the steps of nested leaves."""

from __future__ import annotations

from typing import Literal

from attrs import evolve

from kraforge.plan import nodes
from kraforge.plan.fans import meets_once
from kraforge.plan.leaves import Leaf, Siblings, walk
from kraforge.plan.linking import joined
from kraforge.plan.partials import ZERO
from kraforge.plan.populations import population, read_by
from kraforge.plan.refute import refutes
from kraforge.plan.shape import Mode
from kraforge.plan.steps import Located, Steps, own_conditions
from kraforge.plan.traits import expressions
from kraforge.plan.worktime import Worktime
from kraforge.types import BOOL, COUNT, DATE, Type


class Joins:
    """The joins of one scan, made as its expressions are resolved."""

    def __init__(self, steps: Steps, number: int) -> None:
        self.steps = steps
        self.number = number
        self.numbers = steps.shape.scans[number]
        lead = steps.collected.leaves[self.numbers[0]]
        assert isinstance(lead, Leaf)
        self.lead = lead
        self.mode: Mode = steps.shape.modes[self.numbers[0]]
        self.joins: list[nodes.Join] = []
        self.worktime = Worktime(steps, self.joins)
        self._joined: dict[tuple[str, str, nodes.Ref | None], str] = {}
        self._linked: set[str] = {lead.alias}
        self._domains: dict[str, nodes.Ref] = {}
        self.complete = True
        # nested rows that speak for groups do so whatever the aggregates' own conditions
        known = (steps.collected.evidence.get(number) for number in self.numbers)
        self.telling = any(how is not None and how.nested for how in known)

    def leaves(self) -> list[tuple[int, Leaf]]:
        """The leaves of this scan."""
        found = []
        for number in self.numbers:
            leaf = self.steps.collected.leaves[number]
            assert isinstance(leaf, Leaf)
            found.append((number, leaf))
        return found

    def own(self) -> nodes.Relation:
        """The rows of the scan's table: of days of a calendar only those within its bounds."""
        lead = self.lead
        if self.steps.collected.checked.tables[lead.table].made is None:
            return self.steps.relation(lead.table)
        return nodes.Step(population(self.steps, lead.table, read_by(self.steps, self.number)))

    def _join_rows(self, leaves: list[tuple[int, Leaf]], keyed: bool = True) -> None:
        """Joins linked rows, the outer rows of siblings and the periods, in an order that works.

        Without `keyed` only what is needed before the keys: they are looked up later.
        """
        siblings = self.lead.siblings
        later = () if keyed else tuple(key.expression for key in self.lead.keys)
        used = {a for _, leaf in leaves for e in expressions(leaf) if e not in later for a in self._aliases(e)}
        self._order_links(used, self.lead.alias)
        waiting = self._pairs()
        if siblings is not None:
            if waiting and self._looks(used):
                self._join_periods()
                self._order_links(used, self.lead.alias)
                waiting = False
            far = self._join_sibling(siblings)
            self._order_links(used, siblings.alias)
        if waiting:
            self._join_periods()
            self._order_links(used, self.lead.alias)
            if siblings is not None:
                self._order_links(used, siblings.alias)
        if siblings is not None:
            for pair in far:
                self._narrow(*pair)
        self._join_credit()

    def _join_sibling(self, siblings: Siblings) -> list[tuple[nodes.Expression, nodes.Expression]]:
        """Joins the outer row; the pairs left over are of rows that it links to."""
        near = [(ours, theirs) for ours, theirs in siblings.on if self._aliases(theirs) <= {siblings.alias}]
        on: tuple[nodes.Expression, ...] = tuple(
            nodes.Apply("equal", (self.resolve(ours), self.resolve(theirs)), BOOL) for ours, theirs in near
        )
        on += own_conditions(self.steps, siblings.table, siblings.alias)
        self.joins.append(nodes.Join("inner", self.steps.relation(siblings.table), siblings.alias, on))
        self._linked.add(siblings.alias)
        return [pair for pair in siblings.on if pair not in near]

    def _narrow(self, ours: nodes.Expression, theirs: nodes.Expression) -> None:
        """Keeps the rows in which a linked value of the outer row equals one here, at the last join that it needs."""
        same = nodes.Apply("equal", (self.resolve(ours), self.resolve(theirs)), BOOL)
        needed = self._aliases(ours) | self._aliases(theirs)
        last = max(number for number, join in enumerate(self.joins) if join.alias in needed)
        self.joins[last] = evolve(self.joins[last], kind="inner", on=(*self.joins[last].on, same))

    def _join_credit(self) -> None:
        """Joins the groups of each row where a row must not come into one twice."""
        credit = self.lead.credit
        if credit is not None:
            located = self.steps.located[credit.leaf]
            on = self._meet(located, self.lead.alias, credit.alias)
            self.joins.append(nodes.Join("inner", nodes.Step(located.step), credit.alias, on))

    def _looks(self, aliases: set[str]) -> bool:
        """Whether some joined row is looked up on a date of the context."""
        rows = self.steps.collected.aliases.rows
        return any(alias in rows and rows[alias].looks for alias in aliases)

    def _pairs(self) -> bool:
        return self.mode.kind == "pairs"

    def _aliases(self, expression: nodes.Expression) -> set[str]:
        found = set()
        for node in walk(expression):
            if isinstance(node, nodes.Source):
                found.add(node.alias)
            elif isinstance(node, nodes.LeafValue | nodes.LeafBehind) and node.at:
                found.add(node.at)
        return found

    def _order_links(self, used: set[str], root: str) -> None:
        """Joins the linked rows that can be: those looked up on dates of the context only after the periods."""
        rows = self.steps.collected.aliases.rows
        timed = any(join.alias == self.steps.spine(self.lead.frame).name for join in self.joins)
        wanted = [
            alias
            for alias in sorted(used)
            if alias in rows and rows[alias].root == root and (timed or not rows[alias].looks)
        ]
        for alias in sorted(wanted, key=lambda alias: len(rows[alias].links)):
            self._link(alias)

    def _link(self, alias: str) -> None:
        """Joins the row that an alias stands for, after the rows on the way to it."""
        row = self.steps.collected.aliases.rows.get(alias)
        if alias in self._linked or row is None or row.before is None:
            return
        self._link(row.before)
        for other in self._aliases(row.day) if row.day is not None else ():
            self._link(other)
        day = None if row.day is None else self.resolve(row.day)
        self.joins.append(joined(self.steps, alias, day, any(meets_once(leaf) for _, leaf in self.leaves())))
        self._linked.add(alias)

    def _type(self, table: str, column: str) -> Type:
        return dict(self.steps.collected.checked.tables[table].columns).get(column, DATE)

    def _join_periods(self) -> None:
        spine = self.steps.spine(self.lead.frame)
        on: tuple[nodes.Expression, ...] = ()
        if self.mode.join != "all":
            assert self.lead.on is not None
            date = self.resolve(self.lead.on)
            if self.mode.join == "unit":
                unit = self.mode.unit
                start = nodes.Apply(f"_start_{unit}", (date,), DATE)
                on = (nodes.Apply("equal", (start, spine.column("unit", self.lead.context, unit)), BOOL),)
            elif self.mode.join == "days":
                days = self.steps.days(self.lead.frame, self.lead.context)
                day = nodes.Apply(
                    "equal", (nodes.Apply("_date", (date,), DATE), days.column("day", self.lead.context)), BOOL
                )
                self.joins.append(nodes.Join("inner", nodes.Step(days.name), days.name, (day,)))
                on = (nodes.Apply("equal", (spine.number, evolve(spine.number, alias=days.name)), BOOL),)
            else:
                on = (
                    nodes.Apply("_from", (date, spine.column("low", self.lead.context)), BOOL),
                    nodes.Apply("_before", (date, spine.column("high", self.lead.context)), BOOL),
                )
        self.joins.append(nodes.Join("inner" if on else "cross", nodes.Step(spine.name), spine.name, on))

    def _join_domains(self) -> None:
        """Dimensions that only nested leaves reach: every value of theirs, and of other leaves', meets every row."""
        nested = {number for _, leaf in self.leaves() for number in leaf.nested}
        others = {number for number in self.steps.located if self._frame(number) == self.lead.frame}
        for key in self.lead.keys:
            if not key.inner:
                continue
            parts = []
            for number in (*sorted(nested), *sorted(others - nested)):
                located = self.steps.located[number]
                for name, dimension, type_ in located.keys:
                    if dimension == key.dimension:
                        column = nodes.Ref(located.step, name, type_)
                        parts.append(
                            nodes.Select(((name, column),), nodes.Step(located.step), located.step, distinct=True)
                        )
            body = nodes.Union(tuple(dict.fromkeys(parts)), distinct=True)
            step = self.steps.add(f"values of {key.name}", f"the groups by {key.name} that nested rows have", body)
            first = parts[0].columns[0]
            self._domains[key.name] = nodes.Ref(step, first[0], first[1].type)
            self.joins.append(nodes.Join("cross", nodes.Step(step), step))

    def _frame(self, number: int) -> int:
        leaf = self.steps.collected.leaves[number]
        return leaf.frame if isinstance(leaf, Leaf) else -1

    def resolve(self, expression: nodes.Expression) -> nodes.Expression:
        """An expression with nested leaves and dates of contexts as columns of what is joined."""
        match expression:
            case nodes.LeafValue():
                return self.steps.located[expression.leaf].value(self._met(expression.leaf, expression.at))
            case nodes.LeafBehind():
                behind = self.steps.located[expression.leaf].spoken or "behind"
                rows = nodes.Ref(self._met(expression.leaf, expression.at), behind, COUNT)
                return nodes.Apply("greater", (rows, ZERO), BOOL)
            case nodes.PeriodRef():
                spine = self.steps.spine(expression.frame)
                return spine.column(expression.what, expression.context)
            case nodes.Apply():
                arguments = tuple(self.resolve(argument) for argument in expression.arguments)
                return self.worktime.applied(nodes.Apply(expression.function, arguments, expression.type))
            case nodes.Choose():
                branches = tuple((self.resolve(c), self.resolve(v)) for c, v in expression.branches)
                return nodes.Choose(branches, self.resolve(expression.otherwise), expression.type)
            case _:
                return expression

    def _empty_is_out(self, located: Located) -> bool:
        """Whether no leaf of this scan counts a row for which a step of nested leaves has nothing."""
        collected = self.steps.collected
        found = {n for _, leaf in self.leaves() for n in leaf.nested}
        same = [
            n for n in found if (known := self.steps.located[n]).step == located.step and known.period == located.period
        ]
        return all(any(refutes(part, n, collected) for part in leaf.where for n in same) for _, leaf in self.leaves())

    def _met(self, leaf: int, at: str) -> str:
        """Joins the step of a nested leaf to the row that it belongs to, once, and gives its alias."""
        located = self.steps.located[leaf]
        spine = located.period[1] if located.period is not None else None
        key = (located.step, at, spine)
        if key not in self._joined:
            alias = self.steps.alias(located.step, self._joined.values())
            kind: Literal["inner", "left"] = (
                "inner" if at and not self.telling and self._empty_is_out(located) else "left"
            )
            self.joins.append(nodes.Join(kind, nodes.Step(located.step), alias, self._meet(located, at, alias)))
            self._joined[key] = alias
        return self._joined[key]

    def _meet(self, located: Located, at: str, alias: str) -> tuple[nodes.Expression, ...]:
        on: list[nodes.Expression] = []
        if at:
            table = self.steps.collected.aliases.rows[at].table
            names = self.steps.collected.checked.tables[table].key
            own = [(name, type_) for name, dimension, type_ in located.keys if dimension is None]
            for (name, type_), column in zip(own, names, strict=True):
                mine = nodes.Source(at, table, column, self._type(table, column))
                on.append(nodes.Apply("equal", (nodes.Ref(alias, name, type_), mine), BOOL))
        for name, dimension, type_ in located.keys:
            if dimension is not None and dimension in self._domains:
                on.append(nodes.Apply("_same", (nodes.Ref(alias, name, type_), self._domains[dimension]), BOOL))
        if located.period is not None:
            column, spine = located.period
            on.append(nodes.Apply("equal", (nodes.Ref(alias, column, spine.type), spine), BOOL))
        return tuple(on)
