"""Leaves: the aggregates of a request, each with its own context, keys and rows; what is left above them is arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from kraforge.model.declarations import Link
from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.types import Type


@frozen(cache_hash=True)
class Key:
    """What a leaf is grouped by: a dimension of the answer, or a key column of the row that it is nested under.

    `inner` marks a dimension that only aggregates nested in the leaf reach: its value comes from them.
    """

    name: str
    expression: nodes.Expression
    dimension: str | None = None
    inner: bool = False


@frozen
class Siblings:
    """The outer row of a nested aggregate that meets it by equalities and not by links: joined to the leaf's rows."""

    alias: str
    table: str
    on: tuple[tuple[nodes.Expression, nodes.Expression], ...]


@frozen
class During:
    """Validity on the valuation day: from `low`, to `high` (missing: still), which belongs where `closed`."""

    low: nodes.Expression | None
    high: nodes.Expression | None
    closed: bool


@frozen(cache_hash=True)
class Leaf:
    """An aggregate in a context. Expressions are over rows of `table` under the alias `alias`.

    `where` are conjuncts: the aggregate's own, the context's, the table's; `kept` are those of the last two. `on` puts a
    row into the context's bounds; None where every row counts in every period. `dated_rows_only` is false under
    anytime, where rows without a date count too. `nested` are the leaves that its expressions use.
    """

    table: str
    alias: str
    function: str
    arguments: tuple[nodes.Expression, ...]
    condition: nodes.Expression | None
    where: tuple[nodes.Expression, ...]
    on: nodes.Expression | None
    during: During | None
    dated_rows_only: bool
    keys: tuple[Key, ...]
    context: Context
    frame: int
    siblings: Siblings | None
    nested: tuple[int, ...]
    type: Type
    empty_missing: bool
    kept: tuple[nodes.Expression, ...] = ()
    tie: tuple[Link, ...] | None = None


@frozen
class Parts:
    """`each`: cells of an inner frame, aggregated to those of the outer one."""

    frame: int
    inner: int
    expression: nodes.Expression
    function: str
    arguments: tuple[nodes.Expression, ...]
    keys: tuple[str, ...]
    nested: tuple[int, ...]
    type: Type


@frozen
class Frame:
    """A grid of cells: dimensions × the periods of a spine.

    The first frame is the answer's. A frame of parts splits the bounds that `context` has in each period of `parent`
    by `unit`; one of members adds the dimension `member` to the parent's,
    unless that has it (`asked`).
    """

    number: int
    dimensions: tuple[str, ...]
    parent: int | None = None
    unit: str | None = None
    member: str | None = None
    asked: bool = False
    context: Context = Context()


class Aliases:
    """Names of joined rows: stable, readable, and made only of ASCII letters, digits and underscores."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, tuple[Link, ...]], str] = {}
        self._taken: set[str] = set()
        self.rows: dict[str, tuple[str, str, tuple[Link, ...]]] = {}

    def root(self, table: str, role: str = "") -> str:
        """The alias of an aggregate's own row, or of an outer row that it meets as a sibling."""
        return self._name((f"{role} {table}", ()), [role, table] if role else [table], table)

    def linked(self, root: str, links: tuple[Link, ...]) -> str:
        """The alias of the row that links lead to from a root alias."""
        if not links:
            return root
        return self._name((root, links), [root, *(link.name for link in links)], links[-1].to, root)

    def _name(self, key: tuple[str, tuple[Link, ...]], words: list[str], table: str, root: str = "") -> str:
        if key not in self._names:
            wanted = safe_name("_".join(words))
            name, number = wanted, 2
            while name in self._taken:
                name, number = f"{wanted}_{number}", number + 1
            self._taken.add(name)
            self._names[key] = name
            self.rows[name] = (table, root or name, key[1])
        return self._names[key]


def renumbered_in(expression: nodes.Expression, numbers: Mapping[int, int]) -> nodes.Expression:
    """An expression with other numbers for the leaves in it."""
    match expression:
        case nodes.LeafValue():
            return evolve(expression, leaf=numbers[expression.leaf])
        case nodes.Apply():
            return evolve(expression, arguments=tuple(renumbered_in(part, numbers) for part in expression.arguments))
        case nodes.Choose():
            branches = tuple((renumbered_in(c, numbers), renumbered_in(v, numbers)) for c, v in expression.branches)
            return evolve(expression, branches=branches, otherwise=renumbered_in(expression.otherwise, numbers))
        case _:
            return expression


def renumbered(leaf: Leaf, numbers: Mapping[int, int]) -> Leaf:
    """A leaf with other numbers for those nested in it."""

    def new(part: nodes.Expression | None) -> Any:
        return None if part is None else renumbered_in(part, numbers)

    return evolve(
        leaf,
        arguments=tuple(new(part) for part in leaf.arguments),
        condition=new(leaf.condition),
        where=tuple(new(part) for part in leaf.where),
        kept=tuple(new(part) for part in leaf.kept),
        on=new(leaf.on),
        keys=tuple(evolve(key, expression=new(key.expression)) for key in leaf.keys),
        nested=tuple(numbers[number] for number in leaf.nested),
    )


def safe_name(text: str) -> str:
    """A name of our own from a user's: lower-case ASCII letters, digits and underscores, at most 40 of them."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40] or "unnamed"


def walk(expression: nodes.Expression) -> Iterator[nodes.Expression]:
    """The expression and all those in it."""
    pending = [expression]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(children(node))


def children(node: nodes.Expression) -> tuple[nodes.Expression, ...]:
    """The operands of an expression."""
    match node:
        case nodes.Apply():
            return node.arguments
        case nodes.Choose():
            return (*(part for branch in node.branches for part in branch), node.otherwise)
        case nodes.Reduce():
            return node.arguments + ((node.where,) if node.where is not None else ()) + node.order
        case nodes.Over():
            return node.arguments + node.partition + tuple(expression for expression, _ in node.order)
        case _:
            return ()
