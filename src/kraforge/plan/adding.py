"""Which columns of an answer add up: whether the parts of a total are shown beside one another, each row in one of them."""

from __future__ import annotations

from kraforge.plan import nodes
from kraforge.plan.collect import Collected
from kraforge.plan.fans import shares
from kraforge.plan.leaves import Leaf
from kraforge.semantics.bound import Bound, Constant


def adds_up(collected: Collected, expression: nodes.Expression) -> bool:
    """Whether the values of a column over all groups of a period add up to the total."""
    match expression:
        case nodes.LeafValue():
            leaf = collected.leaves[expression.leaf]
            return isinstance(leaf, Leaf) and leaf.function == "sum" and _parted(collected, leaf)
        case nodes.Apply(function="add" | "subtract" | "negate"):
            return all(adds_up(collected, part) for part in expression.arguments)
        case nodes.Apply(function="multiply", arguments=(left, right)):
            fixed = (isinstance(left, Constant | Bound), isinstance(right, Constant | Bound))
            return (fixed[1] and adds_up(collected, left)) or (fixed[0] and adds_up(collected, right))
        case _:
            return False


def _parted(collected: Collected, leaf: Leaf) -> bool:
    """Whether a leaf has all groups of its cells, and a row counts whole over all of them together."""
    frame = collected.frames[leaf.frame]
    if not set(frame.dimensions) <= {key.dimension for key in leaf.keys}:
        return False
    other = None if leaf.credit is None else collected.leaves[leaf.credit.leaf]
    fans = (*leaf.fans, *(other.fans if isinstance(other, Leaf) else ()))
    return all(shares(collected.aliases, fan) for fan in fans)
