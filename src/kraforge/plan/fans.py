"""Aggregates whose groups or filters lie behind links to several rows: each row joined to its members, and weighed.

    sum(amount) by employee        SELECT employee, sum(amount * share) FROM rows JOIN credited GROUP BY employee

Where a row could so come into one group twice (two of its members are in it), and that matters to the aggregate, its
members are grouped first, by a leaf `credit` of their own:

    median(amount) by team         credit: SELECT DISTINCT row, team FROM rows JOIN members
                                   SELECT team, median(amount) FROM rows JOIN credit GROUP BY team
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import evolve

from kraforge.errors import Mistake, UnsupportedError
from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.plan.leaves import Aliases, Credit, Key, Leaf, walk
from kraforge.plan.traits import expressions
from kraforge.semantics.bound import Bound, Constant
from kraforge.semantics.hops import key_of
from kraforge.types import NUMBER

if TYPE_CHECKING:
    from kraforge.plan.collect import Collector

SHARE: Final = "its share"
"""The column of what a member is credited; no name of a user's has a blank."""

WEIGHED: Final = frozenset({"sum", "count", "avg", "rate"})
ONCE: Final = frozenset({"count_distinct", "min", "max", "any", "all", "first", "last"})
"""Aggregates to which it is the same whether a row comes once or twice."""


def fanned(collector: Collector, leaf: Leaf) -> Leaf:
    """The leaf with what its links to several rows make of it; itself where it has none.

    Raises UnsupportedError where a membership leads to shares that cannot be told apart.
    """
    fans = tuple(_fans(collector.aliases, expressions(leaf)))
    if not fans:
        return leaf
    leaf = _shortened(collector, leaf, fans)
    leaf = evolve(leaf, fans=fans, weight=_weight(collector.aliases, fans))
    loose = [fan for fan in fans if not _told_apart(collector, leaf, fan)]
    if leaf.function in WEIGHED:
        loose = [fan for fan in loose if not shares(collector.aliases, fan)]
    if not loose or leaf.function in ONCE:
        return leaf
    return _credited(collector, leaf, loose)


def meets_once(leaf: Leaf) -> bool:
    """Whether a row must meet a member once: shares of the same member in one."""
    return leaf.function not in (WEIGHED | ONCE) and (leaf.function != "credit" or bool(leaf.arguments))


def aliases_in(parts: Iterable[nodes.Expression]) -> set[str]:
    """The joined rows that expressions look at."""
    found = set()
    for part in parts:
        for node in walk(part):
            if isinstance(node, nodes.Source):
                found.add(node.alias)
            elif isinstance(node, nodes.LeafValue | nodes.LeafBehind) and node.at:
                found.add(node.at)
    return found


def shares(aliases: Aliases, fan: str) -> bool:
    """Whether a link to several rows splits what it leads from among them."""
    return aliases.rows[fan].links[-1].share is not None


def _fans(aliases: Aliases, parts: Iterable[nodes.Expression]) -> Iterator[str]:
    """The links to several rows on the way to what expressions look at, the first ones first."""
    found: set[str] = set()
    for alias in aliases_in(parts):
        here: str | None = alias
        while here is not None and here in aliases.rows:
            row = aliases.rows[here]
            if row.before is not None and row.links[-1].many:
                found.add(here)
            here = row.before
    yield from sorted(found, key=lambda fan: (len(aliases.rows[fan].links), fan))


def _weight(aliases: Aliases, fans: tuple[str, ...]) -> nodes.Expression | None:
    """What of a row counts: the product of the shares, a row without members being whole."""
    weight: nodes.Expression | None = None
    for fan in fans:
        if shares(aliases, fan):
            share = nodes.Apply("else", (nodes.Ref(fan, SHARE, NUMBER), Constant(Decimal(1), NUMBER)), NUMBER)
            weight = share if weight is None else nodes.Apply("multiply", (weight, share), NUMBER)
    return weight


def member_key(collector: Collector, fan: str) -> tuple[nodes.Source, ...]:
    """The columns that hold the key of a member: its own in a tree, those of the table between."""
    row = collector.aliases.rows[fan]
    hop = row.links[-1]
    if hop.tree is not None:
        return _key(collector, fan, row.table)
    assert row.before is not None
    declarations = collector.checked.declarations
    link = declarations.tables[collector.aliases.rows[row.before].table].links[hop.name]
    to = key_of(declarations.tables[link.to])
    types = (collector.column_type(link.to, name) for name in to)
    return tuple(nodes.Source(fan, row.table, by, type_) for by, type_ in zip(link.by or to, types, strict=True))


def _key(collector: Collector, alias: str, table: str) -> tuple[nodes.Source, ...]:
    names = key_of(collector.checked.declarations.tables[table])
    return tuple(nodes.Source(alias, table, name, collector.column_type(table, name)) for name in names)


def _shortened(collector: Collector, leaf: Leaf, fans: Collection[str]) -> Leaf:
    """The leaf with keys of members read where the table between holds them: only members that exist are there."""
    rows = collector.aliases.rows
    found: dict[nodes.Expression, nodes.Expression] = {}
    for alias in aliases_in(expressions(leaf)):
        before = rows[alias].before if alias in rows else None
        if before in fans and before is not None and rows[before].links[-1].tree is None:
            found |= zip(_key(collector, alias, rows[alias].table), member_key(collector, before), strict=True)
    if not found:
        return leaf
    return evolve(
        leaf,
        keys=tuple(evolve(key, expression=_replaced(key.expression, found)) for key in leaf.keys),
        where=tuple(_replaced(part, found) for part in leaf.where),
        kept=tuple(_replaced(part, found) for part in leaf.kept),
    )


def _replaced(expression: nodes.Expression, found: Mapping[nodes.Expression, nodes.Expression]) -> nodes.Expression:
    """An expression with others in the place of some parts."""
    match expression:
        case nodes.Source():
            return found.get(expression, expression)
        case nodes.Apply():
            return evolve(expression, arguments=tuple(_replaced(part, found) for part in expression.arguments))
        case nodes.Choose():
            branches = tuple((_replaced(c, found), _replaced(v, found)) for c, v in expression.branches)
            return evolve(expression, branches=branches, otherwise=_replaced(expression.otherwise, found))
        case _:
            return expression


def _told_apart(collector: Collector, leaf: Leaf, fan: str) -> bool:
    """Whether a row meets one member at most in each group: the member is a group, or a filter names one."""
    wanted = set(member_key(collector, fan))
    for key in leaf.keys:
        wanted -= set(_parts_of_key(key.expression))
    for condition in leaf.where:
        match condition:
            case nodes.Apply(function="equal" | "in", arguments=(nodes.Source() as value, Constant() | Bound())):
                wanted.discard(value)
            case nodes.Apply(function="equal", arguments=(Constant() | Bound(), nodes.Source() as value)):
                wanted.discard(value)
            case _:
                pass
    return not wanted


def _parts_of_key(expression: nodes.Expression) -> tuple[nodes.Expression, ...]:
    if isinstance(expression, nodes.Apply) and expression.function == "row_key":
        return expression.arguments
    return (expression,)


def _credited(collector: Collector, leaf: Leaf, loose: Collection[str]) -> Leaf:
    """The leaf over rows that meet each group once, by a leaf that groups their members."""
    aliases = collector.aliases
    names = collector.checked.tables[leaf.table].key
    if not names:
        message = f"rows of {leaf.table} can come into one group twice, and it has no key to tell them by"
        raise UnsupportedError(Mistake("unsupported", message, hint=f"declare the key of {leaf.table}"))
    behind = set(leaf.fans)

    def over(part: nodes.Expression) -> bool:
        return any(True for _ in _over(aliases, part, behind))

    rest = [*leaf.arguments, *(part for part in (leaf.condition, leaf.on) if part is not None)]
    if leaf.siblings is not None or leaf.during is not None or any(over(part) for part in rest):
        message = f"{leaf.function} looks at members that a row has several of"
        raise UnsupportedError(Mistake("unsupported", message, hint="group by the members themselves"))
    own = tuple(
        Key(f"key_{number}", nodes.Source(leaf.alias, leaf.table, name, collector.column_type(leaf.table, name)))
        for number, name in enumerate(names, 1)
    )
    told = tuple(
        Key(f"fan_{number}", key.expression, key.name) for number, key in enumerate(leaf.keys) if over(key.expression)
    )
    credit = evolve(
        leaf,
        function="credit",
        arguments=_apart(collector, leaf, loose),
        condition=None,
        where=tuple(part for part in leaf.where if over(part)),
        kept=(),
        on=None,
        keys=own + told,
        nested=_nested_in([*(k.expression for k in told), *(part for part in leaf.where if over(part))]),
        type=NUMBER,
        tie=None,
        context=leaf.context if leaf.during is not None else Context(moves=leaf.context.moves),
    )
    number = collector.number(credit)
    alias = aliases.root(leaf.table, f"credit {number}")
    keys = tuple(
        evolve(key, expression=nodes.Ref(alias, f"fan_{place}", key.expression.type)) if over(key.expression) else key
        for place, key in enumerate(leaf.keys)
    )
    return evolve(
        leaf,
        keys=keys,
        where=tuple(part for part in leaf.where if not over(part)),
        kept=tuple(part for part in leaf.kept if not over(part)),
        fans=(),
        weight=None if leaf.weight is None else nodes.Ref(alias, SHARE, NUMBER),
        credit=Credit(number, alias),
        nested=tuple(sorted({*leaf.nested, number})),
    )


def _over(aliases: Aliases, part: nodes.Expression, fans: set[str]) -> Iterator[str]:
    """The fans that an expression's rows lie behind."""
    for alias in aliases_in([part]):
        at: str | None = alias
        while at is not None and at in aliases.rows:
            if at in fans:
                yield at
            at = aliases.rows[at].before


def _apart(collector: Collector, leaf: Leaf, loose: Collection[str]) -> tuple[nodes.Expression, ...]:
    """What tells the shares of a row apart where memberships come on top of them."""
    shared = [fan for fan in leaf.fans if shares(collector.aliases, fan)]
    members = {fan for fan in loose if not shares(collector.aliases, fan)}
    if not shared or not members:
        return ()
    for fan in shared:
        if any(True for _ in _over(collector.aliases, nodes.Source(fan, "", "", NUMBER), members)):
            message = "shares behind a membership cannot be added up where a row has several members in a group"
            raise UnsupportedError(Mistake("unsupported", message, hint="group by the members themselves"))
    return tuple(column for fan in shared for column in member_key(collector, fan))


def _nested_in(parts: Iterable[nodes.Expression]) -> tuple[int, ...]:
    return tuple(sorted({node.leaf for part in parts for node in walk(part) if isinstance(node, nodes.LeafValue)}))
