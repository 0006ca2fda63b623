"""Whether a request asks nothing of a period but its valuation day, which a request's as_of is too."""

from __future__ import annotations

from kraforge.plan import nodes
from kraforge.plan.collect import Collected
from kraforge.plan.leaves import Leaf, walk
from kraforge.plan.traits import expressions


def valued(collected: Collected) -> bool:
    """Whether every date of a period that is looked at is the valuation day."""
    if any(frame.unit is not None for frame in collected.frames):
        return False
    if any(kind.context.looks or kind.trait.made for kind in collected.kinds):
        return False
    looked = [column.expression for _, columns in collected.columns for column in columns]
    looked += [part for leaf in collected.leaves if isinstance(leaf, Leaf) for part in expressions(leaf)]
    looked += [row.day for row in collected.aliases.rows.values() if row.day is not None]
    dates = (node for part in looked for node in walk(part) if isinstance(node, nodes.PeriodRef))
    return all(node.what in ("as_of", "cell") for node in dates)
