"""Trees over values that combine: rows are grouped by the member first, and its figure then goes to all above it.

    SELECT seller, month, sum(amount) FROM invoices GROUP BY seller, month
    SELECT above, month, sum(sum) FROM that JOIN lines ON member = seller GROUP BY above, month

With history the stretch of time in which the way up does not change is a key beside the member, so that it is looked up
once a row by the member, and all above it once a group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from kraforge.plan import nodes, trees
from kraforge.plan.credit import FROM, meets
from kraforge.plan.fans import aliases_in
from kraforge.plan.leaves import Key, Leaf
from kraforge.plan.partials import Partial
from kraforge.plan.traits import MERGEABLE, expressions
from kraforge.types import BOOL, DATE

if TYPE_CHECKING:
    from kraforge.plan.scans import Scanner

Leaves = list[tuple[int, Leaf]]
Columns = tuple[tuple[str, nodes.Expression], ...]


@frozen
class Roll:
    """A tree that a scan leaves out, to be climbed afterwards: the alias of those above, the place of its key."""

    alias: str
    place: int
    leaves: Leaves


def roll(scanner: Scanner) -> Roll | None:
    """What a scan can leave for afterwards; None where it climbs no tree, or needs rows for it."""
    leaves = scanner.leaves()
    if scanner.mode.kind == "bits" or any(leaf.function not in MERGEABLE for _, leaf in leaves):
        return None
    lead = scanner.lead
    aliases = scanner.steps.collected.aliases
    for place, key in enumerate(lead.keys):
        alias = key.expression.alias if isinstance(key.expression, nodes.Source) else ""
        row = aliases.rows.get(alias)
        if row is None or row.before is None or row.links[-1].tree is None or not row.links[-1].many:
            continue
        again = sum(key.expression == other.expression for other in lead.keys) > 1
        others = [part for _, leaf in leaves for part in expressions(leaf) if part != key.expression]
        if not again and alias not in aliases_in(others):
            member = _member(scanner, alias)
            return Roll(alias, place, [(number, _with_key(leaf, place, member)) for number, leaf in leaves])
    return None


def _with_key(leaf: Leaf, place: int, expression: nodes.Expression) -> Leaf:
    keys: list[Key] = list(leaf.keys)
    keys[place] = evolve(keys[place], expression=expression)
    return evolve(leaf, keys=tuple(keys))


def _member(scanner: Scanner, alias: str) -> nodes.Source:
    """The member's key; where a column holds it, that column, without the member's own row."""
    collected = scanner.steps.collected
    before = collected.aliases.rows[alias].before
    assert before is not None
    row = collected.aliases.rows[before]
    (key,) = collected.checked.tables[row.table].key
    type_ = dict(collected.checked.tables[row.table].columns)[key]
    if row.before is not None and row.links[-1].plain and not row.links[-1].match:
        source = collected.aliases.rows[row.before].table
        return nodes.Source(row.before, source, row.links[-1].by[0], type_)
    return nodes.Source(before, row.table, key, type_)


def look_up(scanner: Scanner, found: Roll) -> Columns:
    """Joins the stretch of time in which a member's way up was as it was then, and gives the column that tells it."""
    row = scanner.steps.collected.aliases.rows[found.alias]
    if row.day is None:
        return ()
    day = trees.known(scanner.resolve(row.day))
    step = trees.spans(scanner.steps, row.links[-1])
    member = scanner.resolve(found.leaves[0][1].keys[found.place].expression)
    (of,) = trees.of(scanner.steps, row.table, step)
    on = (nodes.Apply("equal", (member, of), BOOL), *meets(day, step))
    scanner.joins.append(nodes.Join("left", nodes.Step(step), step, on))
    return ((FROM, nodes.Ref(step, FROM, DATE)),)


def climb(scanner: Scanner, found: Roll, step: str, keys: Columns, partials: dict[Partial, str]) -> str:
    """The step in which the values of each member go to all above it; `keys` are all columns that are grouped by."""
    steps = scanner.steps
    row = steps.collected.aliases.rows[found.alias]
    hop = row.links[-1]
    dated = row.day is not None
    lines = trees.ways(steps, hop) if dated else trees.climbed(steps, hop)
    name = keys[found.place][0]
    (of,) = trees.of(steps, row.table, lines)
    (above,) = steps.collected.checked.tables[row.table].key
    type_ = keys[found.place][1].type
    on: tuple[nodes.Expression, ...] = (nodes.Apply("equal", (nodes.Ref(step, name, type_), of), BOOL),)
    if dated:
        then = (nodes.Ref(step, FROM, DATE), nodes.Ref(lines, FROM, DATE))
        on += (nodes.Apply("equal", then, BOOL),)
    columns = tuple(
        (own, nodes.Ref(lines, above, type_) if own == name else nodes.Ref(step, own, expression.type))
        for own, expression in keys
        if own != FROM
    )
    merged = tuple(
        (own, nodes.Reduce(part.merge, (nodes.Ref(step, own, part.type),), None, part.type))
        for part, own in partials.items()
    )
    join = nodes.Join("left", nodes.Step(lines), lines, on)
    select = nodes.Select((*columns, *merged), nodes.Step(step), step, (join,), grouped=True, keys=len(columns))
    return steps.add(f"{step} rolled up", "to each member and all above it", select)
