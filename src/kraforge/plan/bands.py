"""Bands: a population cut into equal parts by rank, with a value for each of its rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve

from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.plan.leaves import Key, Leaf
from kraforge.plan.needs import bounds_only
from kraforge.plan.reached import reached
from kraforge.plan.rows import Base, Rows, conjuncts
from kraforge.plan.scans import Scanner
from kraforge.plan.steps import Located
from kraforge.semantics import bound
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, WHOLE

if TYPE_CHECKING:
    from kraforge.plan.collect import Collector


def band_leaf(collector: Collector, band: bound.Band, context: Context, frame: int) -> Leaf:
    """The leaf of a band: the rows of its population that filters leave, each with its part.

    `context.filters` are the answer's; those that the population reaches decide who is ranked.
    """
    root = collector.aliases.root(band.table)
    rows = Rows(collector, frame, {(0, ()): Base(root, band.table)})
    inside = evolve(context, filters=())
    table = collector.checked.tables[band.table]
    population = bound.Aggregate("count", band.table, 0, (), WHOLE)
    filters = [reached(collector.checked, part, population) for whole in context.filters for part in conjuncts(whole)]
    where = [*collector.own_where(band.table), *(part for part in filters if part is not None)]
    placed = tuple(rows.place(part, inside) for part in where)
    operand = rows.place(band.operand, inside)
    base = Base(root, band.table)
    keys = tuple(
        Key(f"key_{number}", rows.column(base, name, collector.column_type(band.table, name)))
        for number, name in enumerate(table.key, 1)
    )
    return Leaf(
        table=band.table,
        alias=root,
        function="band",
        arguments=(operand, Constant(Decimal(band.parts), WHOLE), Constant(band.by_value, BOOL)),
        condition=None,
        where=placed,
        on=None,
        during=None,
        dated_rows_only=True,
        keys=keys,
        context=bounds_only(context),
        frame=frame,
        siblings=None,
        nested=tuple(sorted(set(rows.nested))),
        type=band.type,
        empty_missing=False,
        kept=placed,
    )


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
