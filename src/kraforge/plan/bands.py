"""Bands: a population cut into equal parts by rank, with a value for each of its rows."""

from __future__ import annotations

from kraforge.plan import nodes
from kraforge.plan.scans import Scanner
from kraforge.plan.steps import Located
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, WHOLE


class Bands(Scanner):
    """Builds the step of a band: no groups, but a window over the rows of each period."""

    def build(self) -> None:
        """Adds the step; rows without a value have no part."""
        self._join_rows(self.leaves())
        operand, parts, by_value = self.lead.arguments
        value = self.resolve(operand)
        columns = [(key.name, self.resolve(key.expression)) for key in self.lead.keys]
        periods, _ = self._period_columns()
        partition = tuple(expression for _, expression in periods)
        ranked = ((value, False), *((expression, False) for _, expression in columns))
        assert isinstance(by_value, Constant)
        if by_value.value is True:
            first = nodes.Over("rank", (), partition, ((value, False),), WHOLE)
            rows = nodes.Over("count", (value,), partition, (), WHOLE)
            part: nodes.Expression = nodes.Apply("_part_of", (first, parts, rows), WHOLE)
        else:
            part = nodes.Over("ntile", (parts,), partition, ranked, WHOLE)
        there = nodes.Apply("is_present", (value,), BOOL)
        where = (*(self.resolve(condition) for condition in self.lead.where), there)
        relation = self.own()
        select = nodes.Select((*columns, *periods, ("band", part)), relation, self.lead.alias, tuple(self.joins), where)
        name = self.steps.add(f"{self.lead.table} bands", "parts of the population by rank", select)
        keys = tuple((key.name, None, key.expression.type) for key in self.lead.keys)
        number = self.numbers[0]
        period = ("period", self.steps.spine(self.lead.frame).number) if periods else None
        self.steps.located[number] = Located(name, keys, period, (("band", WHOLE),), lambda found: found[0])
