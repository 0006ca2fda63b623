"""Pauses: what stretches of one outer row cover together, each moment once.

SELECT ticket, low, high FROM pauses JOIN tickets
SELECT …, max(high) OVER (PARTITION BY ticket ORDER BY low, up to the row before) AS reached
SELECT ticket, sum(high - greatest(low, reached)) where that is more than nothing GROUP BY ticket
"""

from __future__ import annotations

from decimal import Decimal

from kraforge.plan import nodes
from kraforge.plan.partials import Partial, finish_sum
from kraforge.plan.rows import joined
from kraforge.plan.scans import Scanner
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, COUNT, Type

LOW, HIGH, REACHED = "low", "high", "reached"
SO_FAR = " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"


class Pauses(Scanner):
    """Builds the steps of leaves `covered`."""

    def build(self) -> None:
        """Adds the steps. The leaves are alike in all but their contexts."""
        leaves = self.leaves()
        self._join_rows(leaves)
        keys = [(self._key_name(key), key) for key in self.lead.keys]
        self._join_domains()
        columns: list[tuple[str, nodes.Expression]] = [
            (name, self._domains[key.name] if key.inner else self.resolve(key.expression)) for name, key in keys
        ]
        periods, spanned = self._period_columns()
        columns += periods
        grouped = len(columns)
        common = self.lead.kept if self.telling else self.lead.where
        low, high = (self.resolve(argument) for argument in self.lead.arguments)
        own = joined([self.resolve(part) for part in self.lead.where if part not in common])
        if own is not None:
            low, high = (nodes.Choose(((own, end),), Constant(None, end.type), end.type) for end in (low, high))
        columns += [(LOW, low), (HIGH, high)]
        counted = {part: number for n, leaf in leaves for number, part in enumerate(self._behind(n, leaf), 1)}
        conditions = {part: joined([self.resolve(c) for c in part.where if c not in common]) for part in counted}
        columns += [(f"counts_{counted[part]}", c) for part, c in conditions.items() if c is not None]
        where = (*self._bounds(), *spanned, *(self.resolve(part) for part in common))
        select = nodes.Select(tuple(columns), self.own(), self.lead.alias, tuple(self.joins), where)
        first = self.steps.add(f"{self.lead.table} stretches", "pauses within their outer rows", select)
        self._cover(first, columns, grouped, conditions, counted)

    def _cover(
        self,
        first: str,
        columns: list[tuple[str, nodes.Expression]],
        grouped: int,
        conditions: dict[Partial, nodes.Expression | None],
        counted: dict[Partial, int],
    ) -> None:
        """Each stretch from where those before it have reached, summed."""
        type_ = self.lead.type
        kept = [(name, nodes.Ref(first, name, expression.type)) for name, expression in columns]
        low, high = (nodes.Ref(first, end, type_) for end in (LOW, HIGH))
        lasts = nodes.Apply("less", (low, high), BOOL)
        end = nodes.Choose(((lasts, high),), Constant(None, type_), type_)
        partition = tuple(ref for _, ref in kept[:grouped])
        reached = nodes.Over("max", (end,), partition, ((low, False), (high, False)), type_, SO_FAR)
        named: tuple[tuple[str, nodes.Expression], ...] = (*kept, (REACHED, reached))
        second = self.steps.add(
            f"{first} in order", "how far those before have reached", nodes.Select(named, nodes.Step(first), first)
        )
        found = [(name, nodes.Ref(second, name, ref.type)) for name, ref in kept]
        summed = nodes.Reduce("sum", (_newly(second, type_),), None, type_)
        partials: dict[Partial, tuple[str, nodes.Expression]] = {Partial("covered", (), (), type_): ("covered", summed)}
        for part, condition in conditions.items():
            counts = None if condition is None else nodes.Ref(second, f"counts_{counted[part]}", BOOL)
            partials[part] = (f"rows_{counted[part]}", nodes.Reduce("count", (), counts, COUNT))
        columns = [*found[:grouped], *partials.values()]
        select = nodes.Select(tuple(columns), nodes.Step(second), second, grouped=True, keys=grouped)
        name = self.steps.add(self._wanted_name(), "what pauses cover together", select)
        names = {part: column for part, (column, _) in partials.items()}
        keys = [(self._key_name(key), key) for key in self.lead.keys]
        self.complete = False
        for number, leaf in self.leaves():
            self._locate(number, leaf, name, keys, names, tuple(partials)[:1], finish_sum(leaf))


def _newly(step: str, type_: Type) -> nodes.Expression:
    """What a stretch adds to those before it; missing where an end is."""
    low, high, reached = (nodes.Ref(step, name, type_) for name in (LOW, HIGH, REACHED))
    begins = nodes.Apply("max", (low, nodes.Apply("else", (reached, low), type_)), type_)
    more = nodes.Apply("subtract", (high, begins), type_)
    some = nodes.Apply("less", (begins, high), BOOL)
    there = nodes.Apply("is_present", (more,), BOOL)
    nothing = Constant(Decimal(0), type_)
    return nodes.Choose(((some, more), (there, nothing)), Constant(None, type_), type_)
