"""What shows that a group or a cell has rows: which aggregates speak for it, by their own rows or by nested ones.

A group is in the answer when some aggregate has a row behind it. Where only nested tables reach a group, their rows speak
for it, for outer rows that count. In a sparse answer every cell needs such a row of a table with an event date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define

from kraforge.plan import nodes
from kraforge.plan.leaves import Frame, Leaf, Parts, walk
from kraforge.plan.partials import Partial, rows_behind
from kraforge.plan.rows import joined
from kraforge.plan.traits import expressions
from kraforge.types import BOOL, COUNT


@define
class Evidence:
    """How a leaf speaks: by its `own` rows, and by rows of the `nested` leaves numbered."""

    own: bool
    nested: tuple[int, ...]


def evidence(
    leaves: Sequence[Leaf | Parts], frames: Sequence[Frame], top: Iterable[int], sparse: bool
) -> dict[int, Evidence]:
    """The leaves whose rows have to be counted, and how each speaks."""
    found: dict[int, Evidence] = {}
    for number in sorted(top):
        leaf = leaves[number]
        if isinstance(leaf, Parts):
            continue
        inner = _inner(leaf)
        if inner:
            reached = _reaching(leaf, inner, leaves, frames, sparse)
            found[number] = Evidence(False, tuple(reached))
            _speak(reached, leaves, frames, found)
        elif sparse:
            nested = [m for m in asked(leaf) if _counts_within(m, leaves, frames)]
            if _counts(leaf) or nested:
                found[number] = Evidence(_counts(leaf), tuple(nested))
                _speak(nested, leaves, frames, found)
        elif frames[leaf.frame].member is not None:
            found[number] = Evidence(True, ())
    return found


def _speak(
    numbers: Iterable[int], leaves: Sequence[Leaf | Parts], frames: Sequence[Frame], found: dict[int, Evidence]
) -> None:
    for number in numbers:
        leaf = leaves[number]
        if not isinstance(leaf, Leaf) or number in found:
            continue
        inner = _inner(leaf)
        nested = [m for m in asked(leaf) if _counts_within(m, leaves, frames)]
        if inner:
            found[number] = Evidence(False, tuple(_reaching(leaf, inner, leaves, frames, False)))
        else:
            found[number] = Evidence(True, () if _counts(leaf) else tuple(nested))
        _speak(found[number].nested, leaves, frames, found)


def _inner(leaf: Leaf) -> set[str | None]:
    """The dimensions that only nested leaves reach."""
    return {key.dimension for key in leaf.keys if key.inner}


def asked(leaf: Leaf) -> list[int]:
    """The leaves that an aggregate itself asks, not its groups or the filters of its context."""
    parts = [*leaf.arguments, *(part for part in leaf.where if part not in leaf.kept)]
    parts += [part for part in (leaf.condition, leaf.on) if part is not None]
    if leaf.during is not None:
        parts += [part for part in (leaf.during.low, leaf.during.high) if part is not None]
    return sorted({node.leaf for part in parts for node in walk(part) if isinstance(node, nodes.LeafValue)})


def _reaching(
    leaf: Leaf, inner: set[str | None], leaves: Sequence[Leaf | Parts], frames: Sequence[Frame], sparse: bool
) -> list[int]:
    """The nested leaves that reach such dimensions; in a sparse answer those with rows of a time."""
    reached = [m for m in leaf.nested if inner & _dimensions(leaves[m])]
    return [m for m in reached if not sparse or _counts_within(m, leaves, frames)]


def _dimensions(leaf: Leaf | Parts) -> set[str | None]:
    return {key.dimension for key in leaf.keys} if isinstance(leaf, Leaf) else set()


def _counts(leaf: Leaf | Parts) -> bool:
    """Whether rows of a leaf belong to a time: populations are there always, and show nothing."""
    return isinstance(leaf, Leaf) and (leaf.on is not None or leaf.during is not None)


def _counts_within(number: int, leaves: Sequence[Leaf | Parts], frames: Sequence[Frame]) -> bool:
    leaf = leaves[number]
    if isinstance(leaf, Leaf) and not leaf.keys and frames[leaf.frame].dimensions:
        # taken without the outer row and its groups, it speaks for none of them
        return False
    return _counts(leaf) or any(_counts_within(m, leaves, frames) for m in leaf.nested)


def behind(leaf: Leaf, how: Evidence) -> Partial:
    """How many rows speak for a group or cell."""
    if not how.nested:
        return rows_behind(leaf)
    spoken: nodes.Expression | None = joined(leaf.where) if how.own else None
    if how.own and spoken is None:
        return rows_behind(leaf)
    places = {
        node.leaf: node.at for part in expressions(leaf) for node in walk(part) if isinstance(node, nodes.LeafValue)
    }
    some: nodes.Expression | None = None
    for number in how.nested:
        there = nodes.LeafBehind(number, places.get(number, ""), BOOL)
        some = there if some is None else nodes.Apply("or", (some, there), BOOL)
    assert some is not None
    nested = joined((*leaf.kept, some))
    assert nested is not None
    whole = nested if spoken is None else nodes.Apply("or", (spoken, nested), BOOL)
    return Partial("count", (), (whole,), COUNT, "sum")
