"""The leaf of a band: the rows of a population that filters leave."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve

from kraforge.plan.context import Context
from kraforge.plan.fans import fanned
from kraforge.plan.leaves import Key, Leaf
from kraforge.plan.needs import bounds_only
from kraforge.plan.reached import reached
from kraforge.plan.rows import Base, Rows, conjuncts
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
    leaf = Leaf(
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
    return fanned(collector, leaf)
