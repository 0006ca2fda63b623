"""What expressions need: the leaves in them, the dimensions and tables that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from kraforge.errors import Mistake
from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.plan.leaves import Leaf, Parts, walk
from kraforge.semantics import bound
from kraforge.types import Type


@frozen
class Column:
    """A column of the answer: a measure as arithmetic over leaves."""

    name: str
    expression: nodes.Expression
    type: Type
    better: str | None = None
    unit: str | None = None


def used(leaves: tuple[Leaf | Parts, ...], columns: tuple[tuple[int, tuple[Column, ...]], ...]) -> set[int]:
    """The leaves that cells use, those of parts too."""
    expressions = [column.expression for _, found in columns for column in found]
    expressions += [leaf.expression for leaf in leaves if isinstance(leaf, Parts)]
    return {number for expression in expressions for number in leaves_in(expression)}


def needed_by(
    leaves: tuple[Leaf | Parts, ...],
    columns: tuple[tuple[int, tuple[Column, ...]], ...],
    coarser: Mapping[str, int],
) -> set[int]:
    """The leaves that the columns stand on; rewriting may have left others."""
    pending = [n for _, found in columns for column in found for n in leaves_in(column.expression)]
    pending += coarser.values()
    needed: set[int] = set()
    while pending:
        number = pending.pop()
        if number not in needed:
            needed.add(number)
            pending += leaves[number].nested
    return needed


def leaves_in(expression: nodes.Expression) -> set[int]:
    """The leaves whose values an expression uses."""
    return {node.leaf for node in walk(expression) if isinstance(node, nodes.LeafValue)}


def bounds_only(context: Context) -> Context:
    """What of a context decides its bounds."""
    return Context(moves=context.moves)


def ranks_within(expression: bound.Expression) -> int:
    """How many ranks stand inside one another in a measure, at most 3."""
    depth = 0
    while depth < 3 and has_rank(expression):
        depth += 1
        expression = next(_ranked(expression))
    return depth


def _ranked(expression: bound.Expression) -> Iterator[bound.Expression]:
    """What is ranked in a measure."""
    pending = [expression]
    while pending:
        node = pending.pop()
        match node:
            case bound.Rank():
                yield node.operand
            case bound.Call():
                pending.extend(node.arguments)
            case bound.Case():
                pending.extend(part for branch in node.branches for part in branch)
                pending.append(node.otherwise)
            case bound.InContext() | bound.Each():
                pending.append(node.operand)
            case bound.Versioned():
                pending.extend(part for _, part in node.versions)
            case _:
                pass


def has_rank(expression: bound.Expression) -> bool:
    """Whether a measure has a rank in it."""
    return next(_ranked(expression), None) is not None


def anytime(context: Context) -> bool:
    """Whether the context has lost its period to anytime: then rows without a date count."""
    found = False
    for move in context.moves:
        found = isinstance(move, bound.Anytime) or (found and not isinstance(move, bound.Within | bound.Overall))
    return found


def named_in(condition: bound.Expression) -> str:
    """A dimension or column that a condition of a context names."""
    pending = [condition]
    while pending:
        node = pending.pop()
        match node:
            case bound.ContextDimension():
                return node.name
            case bound.ContextColumn():
                return f"{node.table}.{node.name}"
            case bound.Call():
                pending.extend(node.arguments)
            case _:
                pass
    return "the condition"


def unreachable(name: str, table: str) -> Mistake:
    """The mistake of a group or filter that a table does not reach."""
    return Mistake(
        "unreachable-dimension",
        f"table {table!r} does not reach {name!r}",
        hint=f"take the aggregate over {table} as overall(…), or declare a link from {table}",
    )
