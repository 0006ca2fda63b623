"""Trees: every member with itself and all above it, with from when to when where the way up has a history.

    edges    SELECT employee, manager FROM employees JOIN employees
    lines    SELECT employee, employee, 0 FROM employees
             UNION ALL SELECT employee, manager, depth + 1 FROM lines JOIN edges ON manager = employee

A row that is its own parent, or whose parent does not exist, is a top.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from kraforge.model.declarations import Link
from kraforge.plan import nodes
from kraforge.plan.credit import FROM, UNTIL, Columns, endless_ends, held, holds_at_all, meets, stretches
from kraforge.plan.faults import no_cycle, not_too_deep
from kraforge.plan.promises import no_overlap
from kraforge.plan.rows import both
from kraforge.plan.steps import Steps, own_conditions
from kraforge.semantics.bound import Constant
from kraforge.semantics.hops import hops, key_of
from kraforge.types import BOOL, DATE, TEXT, WHOLE, Type

DEEPEST: Final = 100
"""How many levels a tree may have above a member."""

DEPTH: Final = "steps up"
ZERO: Final = Constant(Decimal(0), WHOLE)
ONE: Final = Constant(Decimal(1), WHOLE)


def join(steps: Steps, before: str, hop: Link, alias: str, day: nodes.Expression | None) -> nodes.Join:
    """The join of a member with itself and all above it, or with the one on a level."""
    name = climbed(steps, hop)
    key = key_of(steps.collected.checked.declarations.tables[hop.to])
    mine = [nodes.Source(before, hop.to, name, _type(steps, hop.to, name)) for name in key]
    equal = (nodes.Apply("equal", pair, BOOL) for pair in zip(mine, of(steps, hop.to, alias), strict=True))
    on = (*equal, *(() if day is None else meets(known(day), alias)))
    return nodes.Join("left", nodes.Step(name), alias, on)


def known(day: nodes.Expression) -> nodes.Expression:
    """A date to look a tree up on; where it is missing, so are all parents, and a member stands alone."""
    return nodes.Apply("else", (day, nodes.Apply("_since_ever", (), day.type)), day.type)


def climbed(steps: Steps, hop: Link) -> str:
    """The step with each member and all above it, or the one on a level."""
    key = ("tree", hop.to, str(hop.tree), str(hop.level))
    if key not in steps.made:
        tree = _Tree(steps, hop)
        steps.made[key] = tree.whole() if hop.level is None else tree.on_level(hop.level)
    return steps.made[key]


def ways(steps: Steps, hop: Link) -> str:
    """The step with each member and all above it in each stretch of time in which no part of its way up changes."""
    key = ("ways", hop.to, str(hop.tree))
    if key not in steps.made:
        tree = _Tree(steps, hop)
        steps.made[key] = tree.cut(tree.lines(), spans(steps, hop))
    return steps.made[key]


def spans(steps: Steps, hop: Link) -> str:
    """The step with these stretches of time."""
    key = ("ways at times", hop.to, str(hop.tree))
    if key not in steps.made:
        tree = _Tree(steps, hop)
        steps.made[key] = tree.spans(tree.lines())
    return steps.made[key]


def of(steps: Steps, table: str, alias: str) -> list[nodes.Ref]:
    """The columns that hold the member, beside those of the one above."""
    key = key_of(steps.collected.checked.declarations.tables[table])
    return [nodes.Ref(alias, f"of {n}", _type(steps, table, name)) for n, name in enumerate(key, 1)]


def _type(steps: Steps, table: str, column: str) -> Type:
    return dict(steps.collected.checked.tables[table].columns).get(column, TEXT)


class _Tree:
    """The steps of one tree."""

    def __init__(self, steps: Steps, hop: Link) -> None:
        self.steps, self.table, self.hop = steps, hop.to, hop
        checked = steps.collected.checked
        self.parent = checked.declarations.tables[hop.to].links[str(hop.tree)]
        self.key = key_of(checked.declarations.tables[hop.to])
        self.valid = checked.link(hop.to, self.parent.name).valid
        self.words = f"{hop.to} {hop.tree}"

    def whole(self) -> str:
        """Each member with itself and all above it."""
        lines = self.lines()
        columns = (*self._of(lines), *self._keys(lines), *self._ends(lines))
        return self.steps.add(f"{self.words} lines up", "each with itself and all above it", _plain(columns, lines))

    def on_level(self, level: int) -> str:
        """Each member with the one above it on a level, 1 the top."""
        lines = ways(self.steps, self.hop) if self.valid is not None else self.lines()
        depth = nodes.Ref(lines, DEPTH, WHOLE)
        own = tuple(column for _, column in (*self._of(lines), *self._ends(lines)))
        most = nodes.Over("max", (depth,), own, (), WHOLE)
        columns = (*self._of(lines), *self._keys(lines), *self._ends(lines))
        note = "counted from the top"
        counted = self.steps.add(
            f"{self.words} levels",
            note,
            _plain((*columns, ("level", nodes.Apply("subtract", (most, depth), WHOLE))), lines),
        )
        wanted = both(nodes.Ref(counted, "level", WHOLE), "equal", Constant(Decimal(level - 1), WHOLE))
        columns = (*self._of(counted), *self._keys(counted), *self._ends(counted))
        select = nodes.Select(columns, nodes.Step(counted), counted, where=(wanted,))
        return self.steps.add(f"{self.words} level {level}", f"each with the one above it on level {level}", select)

    def lines(self) -> str:
        """Each member with itself and all above it, and how many steps up."""
        key = ("lines", self.table, self.parent.name)
        if key in self.steps.made:
            return self.steps.made[key]
        edges = self._edges()
        name = self.steps.made[key] = self.steps.free(f"{self.words} climbed")
        here = self.steps.free(f"{self.table} member")
        member = self._columns(here)
        of = tuple((f"of {number}", column) for number, column in enumerate(member, 1))
        # no end either way, and yet of the kind that ends have
        nothing = (nodes.Join("left", nodes.Step(edges), edges, (Constant(False, BOOL),)),) if self.valid else ()
        endless = endless_ends(self.valid) if self.valid else ()
        ends = tuple(
            (name, nodes.Apply("else", (column, end), end.type))
            for (name, column), end in zip(self._ends(edges), endless, strict=True)
        )
        start = nodes.Select(
            (
                *of,
                *zip(self.key, member, strict=True),
                (DEPTH, nodes.Apply("add", (ZERO, ZERO), WHOLE)),
                *ends,
            ),
            self.steps.relation(self.table),
            here,
            nothing,
            own_conditions(self.steps, self.table, here),
        )
        depth = nodes.Ref(name, DEPTH, WHOLE)
        on: list[nodes.Expression] = [
            nodes.Apply("equal", (mine, child), BOOL)
            for (_, mine), (_, child) in zip(self._keys(name), self._of(edges), strict=True)
        ]
        columns = (*self._of(name), *self._keys(edges), (DEPTH, nodes.Apply("add", (depth, ONE), WHOLE)))
        if self.valid is not None:
            low, high = (self._common(name, edges, end) for end in (FROM, UNTIL))
            columns += ((FROM, low), (UNTIL, high))
            on += _overlap(name, edges)
        up = nodes.Select(
            columns,
            nodes.Step(name),
            name,
            (nodes.Join("inner", nodes.Step(edges), edges, tuple(on)),),
            (both(depth, "less_equal", Constant(Decimal(DEEPEST), WHOLE)),),
        )
        self.steps.steps.append(nodes.Named(name, "step by step up", nodes.Union((start, up))))
        self._promise(name)
        return name

    def _promise(self, lines: str) -> None:
        """Has the tree looked at before the first answer."""
        steps, facts = self.steps, (self.table, self.parent, lines, self._of(lines), self._keys(lines), DEPTH)
        steps.promise(("cycle", self.table, self.parent.name), lambda: no_cycle(steps, *facts))
        steps.promise(("depth", self.table, self.parent.name), lambda: not_too_deep(steps, *facts, DEEPEST))

    def _common(self, one: str, other: str, end: str) -> nodes.Expression:
        """The later start or the earlier end of two stretches; a missing one bounds nothing."""
        function = "_latest" if end == FROM else "_earliest"
        return nodes.Apply(function, (nodes.Ref(one, end, DATE), nodes.Ref(other, end, DATE)), DATE)

    def _edges(self) -> str:
        """Each member with its parent."""
        steps = self.steps
        here, there = steps.free(f"{self.table} child"), steps.free(f"{self.table} parent")
        *between, last = hops(steps.collected.checked, self.table, self.parent)
        joins: list[nodes.Join] = []
        before, source = here, self.table
        where = list(own_conditions(steps, self.table, here))
        ends: tuple[nodes.Expression, ...] = ()
        for hop in between:
            alias = steps.free(f"{self.table} {hop.name}")
            on = _equal(steps, before, source, hop.by, alias, hop.to, hop.match)
            on += own_conditions(steps, hop.to, alias)
            joins.append(nodes.Join("inner", steps.relation(hop.to), alias, on))
            before, source = alias, hop.to
        if self.valid is not None:
            ends = held(steps, self.valid, source, before)
            where += holds_at_all(steps, self.valid, source, before, ends)
            what = ("overlap", source, between[0].match, self.parent.valid and self.parent.valid.text)
            steps.promise(what, lambda: no_overlap(steps, self.table, between[0]))
        on = _equal(steps, before, source, last.by, there, self.table, self.key)
        on += own_conditions(steps, self.table, there)
        joins.append(nodes.Join("inner", steps.relation(self.table), there, on))
        child, parent = self._columns(here), self._columns(there)
        same: nodes.Expression | None = None
        for pair in zip(child, parent, strict=True):
            equal = nodes.Apply("equal", pair, BOOL)
            same = equal if same is None else nodes.Apply("and", (same, equal), BOOL)
        assert same is not None
        where.append(nodes.Apply("not", (same,), BOOL))
        columns = (
            *((f"of {number}", column) for number, column in enumerate(child, 1)),
            *zip(self.key, parent, strict=True),
            *zip((FROM, UNTIL), ends, strict=False),
        )
        steps.unique(self.table)
        select = nodes.Select(columns, steps.relation(self.table), here, tuple(joins), tuple(where))
        return steps.add(f"{self.words} edges", "each with its parent", select)

    def spans(self, lines: str) -> str:
        """The stretches of time in which no part of a member's way up changes."""
        return stretches(self.steps, lines, [name for name, _ in self._of(lines)], self.words)

    def cut(self, lines: str, spans: str) -> str:
        """The lines in each of these stretches."""
        of = self._of(lines)
        on: list[nodes.Expression] = [
            nodes.Apply("equal", (mine, theirs), BOOL)
            for (_, mine), (_, theirs) in zip(self._of(spans), of, strict=True)
        ]
        on += _within(spans, lines)
        columns = (*of, *self._keys(lines), *self._ends(spans), (DEPTH, nodes.Ref(lines, DEPTH, WHOLE)))
        joined = nodes.Join("inner", nodes.Step(lines), lines, tuple(on))
        select = nodes.Select(columns, nodes.Step(spans), spans, (joined,))
        return self.steps.add(f"{self.words} ways", "the whole way up in each stretch of time", select)

    def _columns(self, alias: str) -> tuple[nodes.Source, ...]:
        return tuple(nodes.Source(alias, self.table, name, _type(self.steps, self.table, name)) for name in self.key)

    def _of(self, step: str) -> Columns:
        return tuple((ref.name, ref) for ref in of(self.steps, self.table, step))

    def _keys(self, step: str) -> Columns:
        return tuple((name, nodes.Ref(step, name, _type(self.steps, self.table, name))) for name in self.key)

    def _ends(self, step: str) -> Columns:
        return tuple((end, nodes.Ref(step, end, DATE)) for end in (FROM, UNTIL)) if self.valid is not None else ()


def _equal(
    steps: Steps, before: str, source: str, by: tuple[str, ...], alias: str, table: str, key: tuple[str, ...]
) -> tuple[nodes.Expression, ...]:
    found = []
    for mine, theirs in zip(by, key, strict=True):
        left = nodes.Source(before, source, mine, _type(steps, source, mine))
        right = nodes.Source(alias, table, theirs, _type(steps, table, theirs))
        found.append(nodes.Apply("equal", (left, right), BOOL))
    return tuple(found)


def _overlap(one: str, other: str) -> tuple[nodes.Expression, ...]:
    """That two stretches have a time in common."""
    low, high = nodes.Ref(one, FROM, DATE), nodes.Ref(one, UNTIL, DATE)
    from_, until = nodes.Ref(other, FROM, DATE), nodes.Ref(other, UNTIL, DATE)
    return (both(from_, "less", high), both(low, "less", until))


def _within(one: str, other: str) -> tuple[nodes.Expression, ...]:
    """That a stretch lies within another; none of the other's ends is inside it."""
    low, high = nodes.Ref(one, FROM, DATE), nodes.Ref(one, UNTIL, DATE)
    start, until = nodes.Ref(other, FROM, DATE), nodes.Ref(other, UNTIL, DATE)
    return (both(start, "less_equal", low), both(high, "less_equal", until))


def _plain(columns: Columns, step: str) -> nodes.Select:
    return nodes.Select(columns, nodes.Step(step), step)
