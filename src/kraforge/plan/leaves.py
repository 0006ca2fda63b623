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


@frozen
class Credit:
    """The leaf whose step has the groups of each row, each once, and the alias that it is joined under."""

    leaf: int
    alias: str


@frozen(cache_hash=True)
class Leaf:
    """An aggregate in a context. Expressions are over rows of `table` under the alias `alias`.

    `where` are conjuncts: the aggregate's own, the context's, the table's; `kept` are those of the last two. `on` puts a
    row into the context's bounds; None where every row counts in every period. `dated_rows_only` is false under
    anytime, where rows without a date count too. `nested` are the leaves that its expressions use. `tie` is the alias of
    the row that links tie it to. `fans` are the rows that links to several lead to on the way to its groups and conditions, `weight`
    what each of its rows counts by shares; `credit` stands for them where a row must not come into a group twice.
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
    tie: str | None = None
    fans: tuple[str, ...] = ()
    weight: nodes.Expression | None = None
    credit: Credit | None = None


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


@frozen
class Joined:
    """A joined row: of `table`, by the hops `links` from the row of alias `root`, the last of them from `before`.

    A root has neither hops nor `before`. `day` is the date on which the last hop is looked up, where it has history;
    `looks` says that some day on the way is a date of the context.
    """

    table: str
    root: str
    links: tuple[Link, ...] = ()
    before: str | None = None
    day: nodes.Expression | None = None
    looks: bool = False


class Aliases:
    """Names of joined rows: stable, readable, and made only of ASCII letters, digits and underscores.

    `rows` says what each stands for. One hop looked up on two dates gives two rows.
    """

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self._taken: set[str] = set()
        self.rows: dict[str, Joined] = {}

    def root(self, table: str, role: str = "") -> str:
        """The alias of an aggregate's own row, or of an outer row that it meets as a sibling."""
        key = (role, table)
        if key not in self._names:
            name = self._name(key, [role, table] if role else [table])
            self.rows[name] = Joined(table, name)
        return self._names[key]

    def step(self, before: str, hop: Link, day: nodes.Expression | None = None) -> str:
        """The alias of the row that one hop leads to from a row, looked up on `day`."""
        key = (before, hop, day)
        if key not in self._names:
            known = self.rows[before]
            links = (*known.links, hop)
            names = [link.name for link, after in zip(links, (*links[1:], None), strict=True) if _named(link, after)]
            name = self._name(key, [known.root, *names, *([hop.to] if hop.match else [])])
            used = () if day is None else tuple(walk(day))
            seen = {part.alias for part in used if isinstance(part, nodes.Source)}
            looks = known.looks or any(isinstance(part, nodes.PeriodRef) for part in used)
            looks = looks or any(alias in self.rows and self.rows[alias].looks for alias in seen)
            self.rows[name] = Joined(hop.to, known.root, links, before, day, looks)
        return self._names[key]

    def moved(self, alias: str, old: str, home: str) -> str | None:
        """The same row reached from `home` in place of `old`; None where the way to it does not lead over `old`."""
        if alias == old:
            return home
        known = self.rows.get(alias)
        if known is None or known.before is None:
            return None
        before = self.moved(known.before, old, home)
        if before is None:
            return None
        day = None if known.day is None else self.moved_in(known.day, old, home)
        return None if day is None and known.day is not None else self.step(before, known.links[-1], day)

    def moved_in(self, expression: nodes.Expression, old: str, home: str) -> nodes.Expression | None:
        """An expression over a row and what it leads to, as seen from `home`; None where other rows are in it."""
        match expression:
            case nodes.Source():
                alias = self.moved(expression.alias, old, home)
                return None if alias is None else evolve(expression, alias=alias)
            case nodes.LeafValue() if expression.at:
                alias = self.moved(expression.at, old, home)
                return None if alias is None else evolve(expression, at=alias)
            case nodes.Apply():
                parts = [self.moved_in(part, old, home) for part in expression.arguments]
                if any(part is None for part in parts):
                    return None
                return evolve(expression, arguments=tuple(part for part in parts if part is not None))
            case nodes.Choose():
                whole = [self.moved_in(part, old, home) for part in children(expression)]
                if any(part is None for part in whole):
                    return None
                *rest, otherwise = (part for part in whole if part is not None)
                return evolve(expression, branches=tuple(zip(rest[::2], rest[1::2], strict=True)), otherwise=otherwise)
            case _:
                return expression

    def _name(self, key: object, words: list[str]) -> str:
        wanted = safe_name("_".join(words))
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}_{number}", number + 1
        self._taken.add(name)
        self._names[key] = name
        return name


def _named(hop: Link, after: Link | None) -> bool:
    """Whether a hop gives its name: of two hops of one link only the last does."""
    return after is None or not hop.match or hop.name != after.name


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
        credit=None if leaf.credit is None else evolve(leaf.credit, leaf=numbers[leaf.credit.leaf]),
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
