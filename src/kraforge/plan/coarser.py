"""Coarser groups: `employee -> team`, all members who have the cell's team; `org -> parent`, the group above in a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from kraforge.errors import Mistake, Mistakes
from kraforge.plan.context import Context
from kraforge.plan.leaves import Key, Leaf
from kraforge.plan.needs import bounds_only, unreachable
from kraforge.plan.rows import Base, Rows
from kraforge.plan.traits import looks
from kraforge.semantics import bound, reach
from kraforge.semantics.trees import PARENT
from kraforge.types import BOOL

if TYPE_CHECKING:
    from kraforge.plan.collect import Collector

ABOVE: Final = "the one above"
"""The parent of a tree's group in the names of keys, which no dimension's name is taken for."""


def coarser_key(
    collector: Collector, aggregate: bound.Aggregate, pair: tuple[str, str], context: Context, frame: int
) -> Key:
    """What an aggregate is grouped by where a dimension gives way to a coarser one; cells look theirs up.

    All members who have the cell's coarser one: the way goes over the finer dimension. Of a tree, the figure of the group
    above is met at that group.
    """
    old, new = pair
    checked = collector.checked
    fine = reach.dimension(checked, old, aggregate.table, aggregate.via)
    home = checked.dimensions[old]
    above = _parent(collector, home) if new == PARENT and new not in checked.declarations.dimensions else None
    coarse = above or reach.dimension(checked, new, home.table)
    if fine is None or coarse is None or not isinstance(fine, bound.Column):
        raise Mistakes(unreachable(old if fine is None else new, aggregate.table if fine is None else home.table))
    link = reach.several(coarse)
    if link is not None:
        message = f"a member of {old} has several of {new}: {link.name} leads to several rows"
        raise Mistakes(Mistake("level-mismatch", message, hint="name a dimension that each member has one of"))
    name = _look_up(collector, (old, new if above is None else ABOVE), home, coarse, context, frame)
    own = Base(collector.aliases.root(aggregate.table), aggregate.table)
    own = evolve(own, moment=collector.moment(aggregate, own, frame, context))
    if above is not None:
        rows = Rows(collector, frame, {(0, ()): own})
        return Key(name, rows.place(fine, bounds_only(context)))
    member = evolve(Rows(collector, frame, {}).beyond(own, fine.path, context), moment=None)
    rows = Rows(collector, frame, {(0, ()): member})
    return Key(name, rows.place(coarse, bounds_only(context)))


def _parent(collector: Collector, home: bound.BoundDimension) -> bound.Expression | None:
    """The group above in a tree, over row 0 of its table; missing for a top."""
    own = home.expression
    if home.tree is None or home.tree.tree is None or not isinstance(own, bound.Column):
        return None
    link = collector.checked.declarations.tables[home.table].links[home.tree.tree]
    above = evolve(own, path=(link,))
    other = bound.Call("not_equal", (above, own), BOOL)
    return bound.Case(((other, above),), bound.Constant(None, own.type), own.type)


def _look_up(
    collector: Collector,
    pair: tuple[str, str],
    home: bound.BoundDimension,
    coarse: bound.Expression,
    context: Context,
    frame: int,
) -> str:
    """What the coarser value of each member is called; a leaf gives it, one for each context that it looks at."""
    plain = f"{pair[0]} -> {pair[1]}"
    leaf = _values(collector, pair[0], home, coarse, Context(), 0)
    if looks(leaf, collector.aliases.rows):
        leaf = _values(collector, pair[0], home, coarse, bounds_only(context), frame)
    number = collector.number(leaf)
    known = {number: name for name, number in collector.coarser.items()}
    name = known.get(number) or (plain if plain not in collector.coarser else f"{plain} {number}")
    collector.coarser[name] = number
    return name


def _values(
    collector: Collector, old: str, home: bound.BoundDimension, coarse: bound.Expression, context: Context, frame: int
) -> Leaf:
    """A leaf with the coarser value of each member of a dimension."""
    root = collector.aliases.root(home.table)
    rows = Rows(collector, frame, {(0, ()): Base(root, home.table)})
    value = rows.place(coarse, context)
    key = Key(old, rows.place(home.expression, context), old)
    where = tuple(rows.place(part, context) for part in collector.own_where(home.table))
    return Leaf(
        table=home.table,
        alias=root,
        function="max",
        arguments=(value,),
        condition=None,
        where=where,
        on=None,
        during=None,
        dated_rows_only=False,
        keys=(key,),
        context=context,
        frame=frame,
        siblings=None,
        nested=tuple(rows.nested),
        type=coarse.type,
        empty_missing=False,
    )
