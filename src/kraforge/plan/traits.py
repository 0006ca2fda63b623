"""What of a leaf decides how it is answered, found once for all windows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.plan.leaves import Frame, Joined, Leaf, Parts, children, walk
from kraforge.plan.timeline import owner_of
from kraforge.semantics import bound

MERGEABLE: Final = frozenset({"sum", "count", "avg", "rate", "any", "all", "min", "max"})


@frozen
class Trait:
    """What of a leaf decides its shape, found once: leaves of one `kin` may share a scan, those of one `members` a mask.

    `refers` says that its rows look at dates of the context, `nested_any` that it is an `any` for each row of another table
    and knows no groups of its own, `regroups` that its rows can be grouped before dates of the context come in, `made` that
    its rows are made of a calendar's days, which have no first and no last.
    """

    kin: int
    members: int
    owner: int
    dated: bool
    refers: bool
    mergeable: bool
    distinct: bool
    during: bool
    nested_any: bool
    regroups: bool
    made: bool = False


@frozen
class Kind:
    """Leaves that are decided together: alike in traits and context, with nested leaves of the same kinds.

    `nested` are numbers of kinds, all less than this one's own; `leaves` numbers of leaves.
    """

    trait: Trait
    context: Context
    nested: tuple[int, ...]
    leaves: tuple[int, ...]


def kinds(
    leaves: Sequence[Leaf | Parts],
    frames: Sequence[Frame],
    needed: Collection[int],
    counted: Collection[int],
    made: Collection[str] = (),
    rows: Mapping[str, Joined] = MappingProxyType({}),
) -> tuple[tuple[Kind, ...], tuple[int, ...]]:
    """The kinds of all leaves that are needed, and for each leaf the number of its kind (-1 where it has none).

    The rows of those `counted` are counted, for which a mask does not do; tables `made` have days of a calendar.
    """
    kin: dict[object, int] = {}
    depths: list[int] = []
    found: dict[tuple[Trait, Context, tuple[int, ...]], list[int]] = {}
    numbers: dict[object, int] = {}
    of: list[int] = []
    for index, leaf in enumerate(leaves):
        if isinstance(leaf, Parts) or index not in needed:
            depths.append(0)
            of.append(-1)
            continue
        # leaves of one depth never need one another, so that scans cannot wait for each other in a circle
        depths.append(1 + max((depths[nested] for nested in leaf.nested), default=-1))
        nested = tuple(sorted({of[number] for number in leaf.nested}))
        trait = _trait(leaf, depths[-1], kin, frames, leaf.table in made)
        if any(row.looks for row in joined(leaf, rows)):
            trait = evolve(trait, refers=True, regroups=False)
        if index in counted:
            trait = evolve(trait, nested_any=False, regroups=trait.regroups and not leaf.nested)
        key = (trait, leaf.context, nested)
        found.setdefault(key, []).append(index)
        of.append(numbers.setdefault(key, len(numbers)))
    whole = tuple(Kind(trait, context, nested, tuple(own)) for (trait, context, nested), own in found.items())
    return whole, tuple(of)


def _trait(leaf: Leaf, depth: int, kin: dict[object, int], frames: Sequence[Frame], made: bool) -> Trait:
    distinct = leaf.function == "count_distinct" and not any(key.inner for key in leaf.keys)
    own = (leaf.function, leaf.arguments, leaf.where) if leaf.function in ("band", "credit", "covered") else ()
    # days end with the window where a context has no end
    ends = made and leaf.context.unending
    facts = (
        depth, ends, leaf.table, leaf.keys, leaf.on, leaf.siblings, leaf.dated_rows_only, leaf.during, leaf.fans, leaf.credit, own
    )  # fmt: skip
    looks = any(refers(part) for part in expressions(leaf))
    return Trait(
        kin=kin.setdefault(facts, len(kin)),
        members=kin.setdefault((*facts, leaf.arguments), len(kin)) if distinct else -1,
        owner=owner_of(frames, leaf.frame),
        dated=leaf.on is not None,
        refers=looks,
        mergeable=leaf.function in MERGEABLE,
        distinct=distinct,
        during=leaf.during is not None,
        nested_any=leaf.function == "any"
        and not leaf.empty_missing
        and bool(leaf.keys)
        and all(key.dimension is None for key in leaf.keys),
        regroups=looks and regroups(leaf),
        made=made,
    )


def looks(leaf: Leaf, rows: Mapping[str, Joined]) -> bool:
    """Whether a leaf's rows, or those that are joined to them, hang on dates of the context."""
    return any(refers(part) for part in expressions(leaf)) or any(row.looks for row in joined(leaf, rows))


def joined(leaf: Leaf, rows: Mapping[str, Joined]) -> Iterator[Joined]:
    """The rows that are joined to a leaf's."""
    for node in (node for part in expressions(leaf) for node in walk(part)):
        alias = node.alias if isinstance(node, nodes.Source) else getattr(node, "at", "")
        if alias in rows:
            yield rows[alias]


def refers(expression: nodes.Expression) -> bool:
    """Whether an expression looks at dates of the context."""
    return any(isinstance(node, nodes.PeriodRef) for node in walk(expression))


def regroups(leaf: Leaf) -> bool:
    """Whether only keys and conditions look at dates of the context, and only through values of which there are few."""
    fixed = [*leaf.arguments, *(part for part in (leaf.condition, leaf.on) if part is not None)]
    if leaf.siblings is not None or any(refers(part) for part in fixed) or any(key.inner for key in leaf.keys):
        return False
    met = [part for part in (*leaf.where, *(key.expression for key in leaf.keys)) if refers(part)]
    return all(_few(part) for part in met)


def _few(expression: nodes.Expression) -> bool:
    """Whether what an expression has beside dates of the context are days, texts, bools or whole numbers."""
    if not refers(expression):
        type_ = expression.type
        return (
            type_.kind in ("date", "text", "bool", "missing") or type_.whole or isinstance(expression, bound.Constant)
        )
    return all(_few(part) for part in children(expression))


def expressions(leaf: Leaf) -> list[nodes.Expression]:
    """All row expressions of a leaf."""
    found = [*leaf.arguments, *leaf.where, *(key.expression for key in leaf.keys)]
    found += [part for part in (leaf.condition, leaf.on) if part is not None]
    if leaf.siblings is not None:
        found += [part for pair in leaf.siblings.on for part in pair]
    if leaf.during is not None:
        found += [part for part in (leaf.during.low, leaf.during.high) if part is not None]
    return found
