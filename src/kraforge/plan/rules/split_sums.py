"""A sum with nested sums in it, as sums of its parts.

before   ever(sum(invoices.gross - sum(allocations.amount)))      one value per invoice and period
after    ever(sum(invoices.gross)) - ever(sum(allocations.amount, from the later of both dates))

It holds where the context has no start (each row, once in, stays in), where the nested sum stands in the same context, and
for rows whose own part is present: a row whose expression is missing is left out with all that is nested in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.plan.leaves import Aliases, Key, Leaf, Parts, walk
from kraforge.semantics import bound
from kraforge.types import BOOL, DATE

Terms = list[tuple[int, nodes.Expression]]


def split_sum(leaf: Leaf, leaves: Sequence[Leaf | Parts], aliases: Aliases) -> list[tuple[str, Leaf]] | None:
    """The leaves to add and subtract in place of one, or None where it has to stay whole."""
    if leaf.function != "sum" or not leaf.nested or leaf.empty_missing or leaf.on is None or leaf.during is not None:
        return None
    if leaf.siblings is not None or leaf.fans or leaf.credit or not _never_starts(leaf.context):
        return None
    terms: Terms = []
    _terms(leaf.arguments[0], 1, terms)
    own = [(sign, term) for sign, term in terms if not _nested_in(term)]
    inner = [(sign, term) for sign, term in terms if _nested_in(term)]
    others = [*leaf.where, leaf.on, *(key.expression for key in leaf.keys)]
    if not own or not inner or own[0][0] < 0 or any(_nested_in(part) for part in others):
        return None
    base = own[0][1]
    for sign, term in own[1:]:
        base = nodes.Apply("add" if sign > 0 else "subtract", (base, term), leaf.type)
    parts = [("add", evolve(leaf, arguments=(base,), nested=()))]
    for sign, term in inner:
        if not isinstance(term, nodes.LeafValue) or term.at != leaf.alias:
            return None
        part = _moved(leaf, leaves[term.leaf], base, aliases)
        if part is None:
            return None
        parts.append(("add" if sign > 0 else "subtract", part))
    return parts


def _terms(expression: nodes.Expression, sign: int, found: Terms) -> None:
    match expression:
        case nodes.Apply(function="add", arguments=(left, right)):
            _terms(left, sign, found)
            _terms(right, sign, found)
        case nodes.Apply(function="subtract", arguments=(left, right)):
            _terms(left, sign, found)
            _terms(right, -sign, found)
        case _:
            found.append((sign, expression))


def _nested_in(expression: nodes.Expression) -> bool:
    return any(isinstance(node, nodes.LeafValue) for node in walk(expression))


def _never_starts(context: Context) -> bool:
    """Whether bounds have an end and no start, in every period."""
    opened = False
    for move in context.moves:
        if isinstance(move, bound.Ever):
            opened = True
        elif not isinstance(move, bound.Prior):
            opened = False
    return opened and not any(isinstance(move, bound.Anytime | bound.Within) for move in context.moves)


def _moved(leaf: Leaf, nested: Leaf | Parts, base: nodes.Expression, aliases: Aliases) -> Leaf | None:
    """A nested sum as one over its own rows, with the outer row reached by links."""
    if not isinstance(nested, Leaf) or nested.function != "sum" or nested.tie is None or nested.on is None:
        return None
    if nested.context != leaf.context or nested.nested or nested.siblings or nested.during or nested.empty_missing:
        return None
    if any(key.dimension is not None for key in nested.keys) or any(_nested_in(part) for part in nested.where):
        return None
    home = nested.tie
    parts = (base, leaf.on, *leaf.where, *(key.expression for key in leaf.keys))
    moved = [aliases.moved_in(part, leaf.alias, home) for part in parts if part is not None]
    found = [part for part in moved if part is not None]
    if len(found) < len(parts):
        return None
    amount, on, *rest = found
    where, keys = rest[: len(leaf.where)], rest[len(leaf.where) :]
    dates = (nodes.Apply("_date", (on,), DATE), nodes.Apply("_date", (nested.on,), DATE))
    present = tuple(nodes.Apply("is_present", (part,), BOOL) for part in (*dates, amount))
    return evolve(
        nested,
        where=tuple(dict.fromkeys((*nested.where, *where, *present))),
        on=nodes.Apply("_later", dates, DATE),
        keys=tuple(Key(key.name, own, key.dimension) for key, own in zip(leaf.keys, keys, strict=True)),
        type=leaf.type,
        tie=None,
    )
