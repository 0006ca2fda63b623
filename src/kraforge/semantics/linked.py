"""What stands over a row, seen from a row that links to it: missing where the link leads to no row."""

from __future__ import annotations

from collections.abc import Iterator

from kraforge.functions import SCALARS
from kraforge.model.declarations import Link
from kraforge.semantics import bound
from kraforge.semantics.binding import Catalog
from kraforge.semantics.rows import prefix
from kraforge.types import BOOL, TEXT

COMPARISONS = frozenset(
    ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "in", "between", "is_present")
)


def linked(
    catalog: Catalog,
    expression: bound.Expression,
    links: tuple[Link, ...],
    table: str,
    row: int,
    numbers: Iterator[int],
) -> bound.Expression:
    """An expression over row 0 of the table that `links` lead to, over `row` of `table`.

    A field or dimension of a missing row is missing, whatever its formula makes of missing columns.
    """
    moved = prefix(expression, links, table, row, numbers)
    if not links or vanishes(expression):
        return moved
    home = catalog.declarations.tables.get(links[-1].to)
    if home is None:
        return moved
    key = home.key[0] if home.key else home.members[1] if home.members else None
    if key is None:
        return moved
    column = bound.Column(row, table, links, key, catalog.columns(home.name).get(key, TEXT))
    there = bound.Call("is_present", (column,), BOOL)
    return bound.Case(((there, moved),), bound.Constant(None, moved.type), moved.type)


def vanishes(expression: bound.Expression) -> bool:
    """Whether a value is missing where all columns of its row are."""
    match expression:
        case bound.Column() | bound.Aggregate():
            # the plan sees to it that an aggregate for a missing row is missing
            return True
        case bound.Constant():
            return expression.value is None
        case bound.InContext():
            return vanishes(expression.operand)
        case bound.Call():
            declared = SCALARS.get(expression.function)
            spreads = declared is not None and declared.missing == "spreads"
            return spreads and any(vanishes(argument) for argument in expression.arguments)
        case bound.Case():
            return vanishes(expression.otherwise) and all(_fails(condition) for condition, _ in expression.branches)
        case _:
            return False


def _fails(condition: bound.Expression) -> bool:
    """Whether a condition is false where all columns of its row are missing."""
    match condition:
        case bound.Call(function="and"):
            return any(_fails(part) for part in condition.arguments)
        case bound.Call(function="or"):
            return all(_fails(part) for part in condition.arguments)
        case bound.Call() if condition.function in COMPARISONS:
            return any(vanishes(part) for part in condition.arguments)
        case _:
            return False
