"""The groups of each row, each once: the step of a leaf `credit`.

SELECT invoice, team, sum(share) FROM invoices JOIN credited JOIN employees GROUP BY 1, 2
"""

from __future__ import annotations

from kraforge.plan import nodes
from kraforge.plan.credit import Columns
from kraforge.plan.fans import SHARE
from kraforge.plan.faults import keyed
from kraforge.plan.scans import Scanner
from kraforge.plan.steps import Located
from kraforge.types import NUMBER


class Credits(Scanner):
    """Builds the step of a leaf `credit`: the groups of each row, each once, with the sum of the shares there."""

    def build(self) -> None:
        """Adds the step."""
        lead = self.lead
        if self.steps.collected.checked.tables[lead.table].made is None:
            self.steps.unique(lead.table)
            self.steps.promise(("keyed", lead.table), lambda: keyed(self.steps, lead.table))
        self._join_rows(self.leaves())
        keys = [(key.name, self.resolve(key.expression)) for key in lead.keys]
        periods, _ = self._period_columns()
        columns = (*keys, *periods)
        where = tuple(self.resolve(condition) for condition in lead.where)
        relation, joins = self.own(), tuple(self.joins)
        words = f"the groups of each row of {lead.table}"
        if lead.weight is None:
            select = nodes.Select(columns, relation, lead.alias, joins, where, distinct=True)
        else:
            share: nodes.Expression = lead.weight
            if lead.arguments:
                columns, relation, share = self._apart(columns, relation, joins, where)
                joins, where = (), ()
            total = nodes.Reduce("sum", (share,), None, NUMBER)
            alias = relation.name if isinstance(relation, nodes.Step) and lead.arguments else lead.alias
            select = nodes.Select(
                (*columns, (SHARE, total)), relation, alias, joins, where, grouped=True, keys=len(columns)
            )
        name = self.steps.add(f"{lead.table} groups", words, select)
        found = tuple((key.name, key.dimension, key.expression.type) for key in lead.keys)
        period = ("period", self.steps.spine(lead.frame).number) if periods else None
        for number in self.numbers:
            self.steps.located[number] = Located(name, found, period, ((SHARE, NUMBER),), lambda p: p[0])

    def _apart(
        self,
        columns: Columns,
        relation: nodes.Relation,
        joins: tuple[nodes.Join, ...],
        where: tuple[nodes.Expression, ...],
    ) -> tuple[Columns, nodes.Relation, nodes.Expression]:
        """A step before, in which a member's share stands once however many groups of its own it has."""
        lead = self.lead
        assert lead.weight is not None
        members = tuple((f"member_{number}", self.resolve(part)) for number, part in enumerate(lead.arguments, 1))
        share = (SHARE, nodes.Reduce("min", (lead.weight,), None, NUMBER))
        grouped = (*columns, *members)
        select = nodes.Select((*grouped, share), relation, lead.alias, joins, where, grouped=True, keys=len(grouped))
        step = self.steps.add(f"{lead.table} members", "the members of each row in each group, once", select)
        again = tuple((name, nodes.Ref(step, name, column.type)) for name, column in columns)
        return again, nodes.Step(step), nodes.Ref(step, SHARE, NUMBER)
