"""The single joins that a link is made of, and what of it hangs on dates."""

from __future__ import annotations

from attrs import evolve

from kraforge.model.declarations import Declarations, Link, Table
from kraforge.semantics.binding import Catalog
from kraforge.semantics.structure_links import matched

Links = tuple[Link, ...]


def key_of(table: Table) -> tuple[str, ...]:
    """The columns that make a table's key."""
    return table.key or ((table.members[1],) if table.members else ())


def hops(catalog: Catalog, table: str, link: Link) -> Links:
    """The single joins of a link from a table: over the table between, over the pairs of a sequence, and on to the target.

    Of a hop, `by` are columns of the row that it starts from and `match` those that hold them at its end (the key where
    empty). A hop is its own only hop. Trees are none.
    """
    tables = catalog.declarations.tables
    if link.through is not None:
        match = link.match or key_of(tables[table])
        here = matched(tables[table], evolve(link, match=match), catalog.columns(table))
        between = evolve(link, to=link.through, through=None, by=here, match=match[: len(here)])
        by = link.by or key_of(tables.get(link.to, Table(link.to)))
        return between, Link(link.name, link.to, by, place=link.place)
    if link.sequence is not None and not link.by:
        key = key_of(tables[table])
        return evolve(link, by=key, match=key), Link(link.name, link.to, key, place=link.place)
    return (link,)


def floats(declarations: Declarations, link: Link) -> bool:
    """Whether a link is looked up on the date that puts a row into its period, as it has none of its own."""
    if link.tree is not None:
        climbed = declarations.tables.get(link.to, Table(link.to)).links.get(link.tree)
        return link.at is None and climbed is not None and climbed.valid is not None
    return link.valid is not None and link.at is None


def versioned(declarations: Declarations, table: str) -> bool:
    """Whether a table holds versions: its key repeats, and a link to it says from when to when each holds."""
    links = (link for each in declarations.tables.values() for link in each.links.values())
    return any(link.to == table and link.valid is not None and link.through is None for link in links)
