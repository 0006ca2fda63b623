"""The first and the last date of everything that a request asks: its window where it names none."""

from __future__ import annotations

import datetime as dt

from attrs import evolve

from kraforge.plan import nodes
from kraforge.plan.collect import Collected, Collector
from kraforge.plan.context import Context
from kraforge.plan.evidence import asked
from kraforge.plan.leaves import Leaf, renumbered, renumbered_in, walk
from kraforge.plan.needs import Column, leaves_in, used
from kraforge.plan.rows import Base, Rows, both
from kraforge.semantics import bound
from kraforge.types import DATE


def extent(collected: Collected, as_of: dt.date | None) -> Collected:
    """A request for the least and the greatest of every date up to as_of that puts rows into periods.

    Whatever the request filters; rows that a table's own `where` leaves out do not count.
    """
    other = Collector(collected.checked, collected.known_at)
    other.aliases = collected.aliases
    other.new_frame(())
    columns: list[Column] = []
    carried: dict[int, int] = {}

    def carry(number: int) -> int:
        """A leaf that a date needs, among the leaves of the new request."""
        if number not in carried:
            leaf = collected.leaves[number]
            assert isinstance(leaf, Leaf)
            for nested in leaf.nested:
                carry(nested)
            carried[number] = other._number(renumbered(leaf, carried))
        return carried[number]

    def dates(number: int) -> bool:
        """Whether a leaf has dates that a window can go by; days of a calendar have no first and no last."""
        trait = collected.kinds[collected.kind_of[number]].trait
        return trait.dated and not trait.made

    numbers = measured(collected)
    if not any(dates(number) for number in numbers):
        # nothing that is measured has a date: what filters and groups look at is all that there is
        numbers = {n for kind in collected.kinds for n in kind.leaves}
    for number in sorted(numbers):
        leaf = collected.leaves[number]
        if not isinstance(leaf, Leaf) or leaf.on is None or not dates(number):
            continue
        if leaf.siblings is not None:
            outer, rows_of = leaf.siblings, collected.aliases.rows
            roots = {rows_of[node.alias].root for node in walk(leaf.on) if isinstance(node, nodes.Source)}
            if outer.alias in roots and leaf.alias in roots:
                continue
            # a date of the outer row is one of its table's
            moved = evolve(leaf, table=outer.table, alias=outer.alias) if outer.alias in roots else leaf
            leaf = evolve(moved, siblings=None)
        assert leaf.on is not None
        nested = tuple(sorted(carry(n) for n in leaves_in(leaf.on)))
        leaf = evolve(leaf, on=renumbered_in(leaf.on, carried))
        rows = Rows(other, 0, {(0, ()): Base(leaf.alias, leaf.table, leaf.on)})
        where = tuple(rows.place(p, Context()) for p in other.own_where(leaf.table))
        assert leaf.on is not None
        day = nodes.Apply("_date", (leaf.on,), DATE)
        if as_of is not None:
            where = (*where, both(day, "less_equal", bound.Constant(as_of, DATE)))
        for function in ("min", "max"):
            asked_for = _alone(evolve(leaf, function=function, arguments=(day,), where=where, nested=nested))
            column = nodes.LeafValue(other._number(asked_for), "", DATE)
            columns.append(Column(f"{function}_{len(columns)}", column, DATE))
    return other.finished(((0, tuple(columns)),))


def _alone(leaf: Leaf) -> Leaf:
    """A leaf over all rows that it has: without groups, periods and weights."""
    bare = evolve(leaf, condition=None, on=None, during=None, keys=(), kept=(), context=Context(), frame=0, type=DATE)
    return evolve(bare, empty_missing=False, dated_rows_only=True, fans=(), weight=None, credit=None)


def measured(collected: Collected) -> set[int]:
    """The leaves that measures ask, nested ones too; those of dimensions and filters must not change the window."""
    pending = list(used(collected.leaves, collected.columns))
    found: set[int] = set()
    while pending:
        number = pending.pop()
        if number not in found and collected.kind_of[number] >= 0:
            found.add(number)
            leaf = collected.leaves[number]
            pending += asked(leaf) if isinstance(leaf, Leaf) else []
    return found
