"""Trees: dimensions that count a row for its member and for all above it."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from kraforge.errors import Mistake
from kraforge.model.declarations import Declarations, Dimension, Link
from kraforge.semantics import bound
from kraforge.semantics.binding import Binding
from kraforge.semantics.problems import Stop, listed, suggestion

PARENT = "parent"
"""What a tree's dimension is coarsened to: the group above."""


def with_trees(declarations: Declarations) -> Declarations:
    """The declarations with a dimension `employee.manager.tree` for every one that a link of its table climbs."""
    made = {dimension.name: dimension for dimension in _climbing(declarations)}
    if not made:
        return declarations
    return evolve(declarations, dimensions={**made, **declarations.dimensions})


def _climbing(declarations: Declarations) -> Iterator[Dimension]:
    for dimension in declarations.dimensions.values():
        table = declarations.tables.get(dimension.to or "")
        if table is None or dimension.tree is not None:
            continue
        for link in table.links.values():
            if climbs(link, table.name):
                yield evolve(dimension, name=f"{dimension.name}.{link.name}.tree", tree=link.name)


def climbs(link: Link, table: str) -> bool:
    """Whether a link leads from a row of a table to one other row of it, and not by a sequence."""
    return link.to == table and not link.many and link.sequence is None and link.tree is None


def tree_link(binding: Binding, declared: Dimension, key: tuple[str, ...]) -> Link | None:
    """The link from a member of a dimension to itself and all above it; None where it is no tree."""
    if declared.tree is None or declared.to is None:
        return None
    links = binding.declarations.tables[declared.to].links
    place = declared.place.inside("tree")
    parent = links.get(declared.tree)
    if parent is None:
        message = f"table '{declared.to}' has no link '{declared.tree}'"
        hint = suggestion(declared.tree, links)
        binding.log.add(Mistake("unknown-link", message, place, None, None, hint, listed("links", links)))
        raise Stop
    if not climbs(parent, declared.to):
        message = f"the link {declared.tree} does not lead from a row of {declared.to} to one other row of it"
        binding.log.add(Mistake("wrong-arguments", message, place, hint="a tree climbs a link to the parent"))
        raise Stop
    return Link(f"{declared.tree}_tree", declared.to, key, tree=declared.tree, level=declared.level)


def is_tree(dimension: bound.BoundDimension) -> bool:
    """Whether a row counts in several groups of a dimension, one above the other."""
    return dimension.tree is not None and dimension.tree.many
