"""Distinct counts over periods: one mask of units for each member, met with the units of each period.

    SELECT member, mask of its months GROUP BY member
    SELECT groups, period, count(those whose mask meets the period's) FROM members JOIN periods GROUP BY groups, period

Many leaves share the first select with a mask each, for every context: shifted, trailing, to date. Where groups hang on the
member alone (the dimension lies behind the link that is counted), they are looked up for each member, not for each row.
"""

from __future__ import annotations

from kraforge.plan import nodes
from kraforge.plan.leaves import Key, Leaf, walk
from kraforge.plan.partials import ZERO
from kraforge.plan.rows import joined
from kraforge.plan.scans import Scanner
from kraforge.plan.steps import Located
from kraforge.plan.worktime import Worktime
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, COUNT, DATE, WHOLE


class Members(Scanner):
    """Builds the two steps of distinct counts of one member column."""

    def build(self) -> None:
        """Adds the steps and says for each leaf where it is found."""
        leaves = self.leaves()
        late = self._late()
        if not late:
            self._join_rows(leaves)
        keys = [(self._key_name(key), key) for key in self.lead.keys]
        member = self.lead.arguments[0]
        first: list[tuple[str, nodes.Expression]] = []
        if not late:
            first += [(name, self.resolve(key.expression)) for name, key in keys]
        else:
            self._join_rows(leaves, keyed=False)
        first.append(("member", self.resolve(member)))
        common = self._common([leaf.where for _, leaf in leaves])
        masks: dict[tuple[nodes.Expression, ...], str] = {}
        for _, leaf in leaves:
            masks.setdefault(leaf.where, f"mask_{len(masks) + 1}")
        base = nodes.Slot(f"scan_{self.number}_low", DATE)
        assert self.lead.on is not None
        bit = nodes.Apply(f"_bit_{self.mode.unit}", (self.resolve(self.lead.on), base), WHOLE)
        for where, name in masks.items():
            own = joined([self.resolve(part) for part in where if part not in common])
            first.append((name, nodes.Reduce("bit_or", (bit,), own, WHOLE)))
        conditions = (*self._bounds(), *(self.resolve(part) for part in common), *self._some(common))
        relation = self.own()
        count = len(first) - len(masks)
        select = nodes.Select(tuple(first), relation, self.lead.alias, tuple(self.joins), conditions, True, count)
        step = self.steps.add(f"{self._wanted_name()} members", f"{self.mode.unit}s of each member", select)
        self._counted(step, keys, masks, late)

    def _late(self) -> bool:
        """Whether every key is reached over the link whose column is counted."""
        member = self.lead.arguments[0]
        if not isinstance(member, nodes.Source) or member.alias != self.lead.alias or not self.lead.keys:
            return False
        rows = self.steps.collected.aliases.rows
        for key in self.lead.keys:
            for node in walk(key.expression):
                if isinstance(node, nodes.LeafValue | nodes.PeriodRef):
                    return False
                if isinstance(node, nodes.Source):
                    way = rows[node.alias]
                    if way.root != self.lead.alias or not way.links or way.links[0].by != (member.name,):
                        return False
                    if not all(link.plain for link in way.links):
                        # who a row of history is for hangs on the row's date
                        return False
        return True

    def _counted(
        self, step: str, keys: list[tuple[str, Key]], masks: dict[tuple[nodes.Expression, ...], str], late: bool
    ) -> None:
        """The second select: members whose mask meets a period's, counted by group and period."""
        spine = self.steps.spine(self.lead.frame)
        member = nodes.Ref(step, "member", self.lead.arguments[0].type)
        joins: list[nodes.Join] = []
        if late:
            self.joins, self._linked = [], {self.lead.alias}
            self.worktime = Worktime(self.steps, self.joins)
            self._order_links({a for key in self.lead.keys for a in self._aliases(key.expression)}, self.lead.alias)
            joins = [self._from_member(join, member) for join in self.joins]
            columns = [(name, self.resolve(key.expression)) for name, key in keys]
        else:
            columns = [(name, nodes.Ref(step, name, key.expression.type)) for name, key in keys]
        columns.append(("period", spine.number))
        met: dict[tuple[str, nodes.Ref], tuple[str, nodes.Expression]] = {}
        for _, leaf in self.leaves():
            mask = nodes.Ref(step, masks[leaf.where], WHOLE)
            bits = spine.column("mask", leaf.context, self.mode.unit, self.number)
            found = nodes.Apply("_meets", (mask, bits), BOOL)
            met.setdefault((mask.name, bits), (f"members_{len(met) + 1}", found))
        columns += [(name, nodes.Reduce("count", (member,), condition, COUNT)) for name, condition in met.values()]
        if self.steps.counted.intersection(self.numbers):
            rows = [(f"{name}_behind", nodes.Reduce("count", (), condition, COUNT)) for name, condition in met.values()]
            columns += rows
        some: nodes.Expression | None = None
        for _, condition in met.values():
            some = condition if some is None else nodes.Apply("or", (some, condition), BOOL)
        assert some is not None
        joins.append(nodes.Join("inner", nodes.Step(spine.name), spine.name, (some,)))
        select = nodes.Select(tuple(columns), nodes.Step(step), step, tuple(joins), grouped=True, keys=len(keys) + 1)
        name = self.steps.add(f"{step} counted", "members whose units meet those of the period", select)
        for number, leaf in self.leaves():
            bits = spine.column("mask", leaf.context, self.mode.unit, self.number)
            column = met[masks[leaf.where], bits][0]
            self._found(number, leaf, name, keys, column)

    def _from_member(self, join: nodes.Join, member: nodes.Ref) -> nodes.Join:
        """A join that began at the rows' own link, begun at the member instead."""
        column = self.lead.arguments[0]
        on = tuple(
            nodes.Apply(part.function, tuple(member if a == column else a for a in part.arguments), part.type)
            if isinstance(part, nodes.Apply)
            else part
            for part in join.on
        )
        return nodes.Join(join.kind, join.relation, join.alias, on)

    def _found(self, number: int, leaf: Leaf, step: str, keys: list[tuple[str, Key]], column: str) -> None:
        period = ("period", self.steps.spine(leaf.frame).number)
        empty = leaf.empty_missing

        def finish(found: tuple[nodes.Expression, ...]) -> nodes.Expression:
            if not empty:
                return nodes.Apply("else", (found[0], ZERO), COUNT)
            some = nodes.Apply("greater", (found[0], ZERO), BOOL)
            return nodes.Choose(((some, found[0]),), Constant(None, COUNT), COUNT)

        behind = f"{column}_behind" if self.steps.counted.intersection(self.numbers) else None
        # a row of the step stands for members behind some leaf of it: its groups are the leaves'
        self.steps.located[number] = Located(
            step, self._names(keys), period, ((column, COUNT),), finish, behind, behind, behind is None
        )
