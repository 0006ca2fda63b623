"""Who is credited for a row, and with how much: the tables between, as steps.

    parts      SELECT invoice, employee, share FROM credits
    credited   SELECT invoice, employee, sum(share) FROM parts, and what is left of 100% to nobody, GROUP BY 1, 2

The same member twice is credited once, with both shares. A member that does not exist is nobody. With history there is such
a set for each stretch of time in which nothing changes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import evolve

from kraforge.errors import Mistake, UnsupportedError
from kraforge.model.declarations import Link
from kraforge.plan import nodes
from kraforge.plan.fans import SHARE
from kraforge.plan.faults import bad_share, over_credited
from kraforge.plan.rows import both
from kraforge.plan.steps import Steps, own_columns, own_conditions
from kraforge.semantics import bound
from kraforge.semantics.bound import Constant
from kraforge.semantics.hops import key_of
from kraforge.types import BOOL, DATE, DURATION, NUMBER, TEXT, Type

FROM: Final = "holds from"
UNTIL: Final = "holds until"
TINY: Final = Constant(Decimal("0.999999999"), NUMBER)
"""Shares that add up to this much leave nothing: a third in floating point, three times, is no rest."""

Columns = tuple[tuple[str, nodes.Expression], ...]


def join(
    steps: Steps, source: str, before: str, hop: Link, alias: str, day: nodes.Expression | None, once: bool
) -> nodes.Join:
    """The join of the members of a row by way of a table between; each `once`, else as often as it has shares."""
    name = credited(steps, source, hop, once)
    on: list[nodes.Expression] = [
        nodes.Apply("equal", (nodes.Source(before, source, mine, _type(steps, source, mine)), theirs), BOOL)
        for mine, theirs in zip(hop.by, _of(steps, hop, alias), strict=True)
    ]
    on += () if day is None else meets(day, alias)
    return nodes.Join("left", nodes.Step(name), alias, tuple(on))


def credited(steps: Steps, source: str, hop: Link, once: bool) -> str:
    """The step with the members of each row, and their shares where the link has any."""
    between = _Between(steps, source, hop)
    key = ("credited", source, hop.name)
    if key not in steps.made:
        steps.made[key] = between.build()
    if not once or hop.share is None:
        return steps.made[key]
    if (*key, "once") not in steps.made:
        steps.made[*key, "once"] = between.together(steps.made[key])
    return steps.made[*key, "once"]


def _type(steps: Steps, table: str, column: str) -> Type:
    return dict(steps.collected.checked.tables[table].columns).get(column, TEXT)


def _of(steps: Steps, hop: Link, alias: str) -> list[nodes.Ref]:
    """The columns that hold the row's own key."""
    return [nodes.Ref(alias, f"of {n}", _type(steps, hop.to, name)) for n, name in enumerate(hop.match, 1)]


class _Between:
    """The steps of one table between."""

    def __init__(self, steps: Steps, source: str, hop: Link) -> None:
        self.steps, self.source, self.hop = steps, source, hop
        self.link = steps.collected.checked.declarations.tables[source].links[hop.name]
        self.said = steps.collected.checked.link(source, hop.name)
        self.target = steps.collected.checked.declarations.tables[self.link.to]
        self.by = self.link.by or key_of(self.target)

    def build(self) -> str:
        """Adds them; the name of the last."""
        parts = self._parts()
        if self.said.valid is not None:
            parts = self._stretches(parts)
        self._promise(parts)
        if self.said.share is not None:
            return self._with_rest(parts)
        of, to = self._keys(parts)
        select = nodes.Select((*of, *to, *self._ends(parts)), nodes.Step(parts), parts, distinct=True)
        return self.steps.add(f"{self.source} {self.hop.name}", f"the {self.link.to} of each row, once", select)

    def together(self, whole: str) -> str:
        """The shares of each member of a row as one."""
        of, to = self._keys(whole)
        groups = (*of, *to, *self._ends(whole))
        share = nodes.Reduce("sum", (nodes.Ref(whole, SHARE, NUMBER),), None, NUMBER)
        select = nodes.Select((*groups, (SHARE, share)), nodes.Step(whole), whole, grouped=True, keys=len(groups))
        return self.steps.add(f"{self.source} {self.hop.name}", f"the {self.link.to} of each row, once", select)

    def _promise(self, parts: str) -> None:
        """Has the shares looked at before the first answer."""
        steps, hop, said = self.steps, self.hop, self.said
        if said.share is None:
            return
        share = said.share
        steps.promise(("share", hop.to, hop.share), lambda: bad_share(steps, hop, share))
        if hop.up_to is not None:
            of, to = self._keys(parts)
            ends = self._ends(parts)
            what = ("credit", self.source, hop.name)
            steps.promise(what, lambda: over_credited(steps, self.source, hop, parts, of, to, ends))

    def _keys(self, step: str) -> tuple[Columns, Columns]:
        """The columns of a step that hold the row's key, and those that hold the member's."""
        of = tuple((ref.name, ref) for ref in _of(self.steps, self.hop, step))
        names = key_of(self.target)
        to = tuple(
            (by, nodes.Ref(step, by, _type(self.steps, self.link.to, name)))
            for by, name in zip(self.by, names, strict=True)
        )
        return of, to

    def _ends(self, step: str) -> Columns:
        if self.said.valid is None:
            return ()
        return tuple((end, nodes.Ref(step, end, DATE)) for end in (FROM, UNTIL))

    def _parts(self) -> str:
        """The rows of the table between, with the keys of members that exist."""
        between, to = self.hop.to, self.link.to
        here, there = self.steps.free(f"{self.hop.name} row"), self.steps.free(f"{self.hop.name} member")
        matched = [nodes.Source(here, between, name, _type(self.steps, between, name)) for name in self.hop.match]
        names = key_of(self.target)
        keys = [nodes.Source(there, to, name, _type(self.steps, to, name)) for name in names]
        mine = [nodes.Source(here, between, name, _type(self.steps, between, name)) for name in self.by]
        equal = (nodes.Apply("equal", pair, BOOL) for pair in zip(mine, keys, strict=True))
        on = (*equal, *own_conditions(self.steps, to, there))
        columns: list[tuple[str, nodes.Expression]] = [
            *((f"of {number}", column) for number, column in enumerate(matched, 1)),
            *zip(self.by, keys, strict=True),
        ]
        where = [*own_conditions(self.steps, between, here)]
        where += [nodes.Apply("is_present", (column,), BOOL) for column in matched]
        if self.said.valid is not None:
            ends = held(self.steps, self.said.valid, between, here)
            columns += zip((FROM, UNTIL), ends, strict=True)
            where += holds_at_all(self.steps, self.said.valid, between, here, ends)
        if self.said.share is not None:
            part = own_columns(self.steps, self.said.share, between, here)
            columns.append((SHARE, nodes.Apply("_exact", (part,), NUMBER)))
        self.steps.unique(to)
        joined = nodes.Join("left", self.steps.relation(to), there, on)
        select = nodes.Select(tuple(columns), self.steps.relation(between), here, (joined,), tuple(where))
        words = f"{between} by {to}"
        return self.steps.add(f"{self.source} {self.hop.name} parts", words, select)

    def _stretches(self, parts: str) -> str:
        """The parts of each stretch of time in which a row's members do not change."""
        of, _ = self._keys(parts)
        names = [name for name, _ in of]
        spans = stretches(self.steps, parts, names, f"{self.source} {self.hop.name}")
        here = [nodes.Ref(spans, name, column.type) for name, column in of]
        equal = (nodes.Apply("equal", pair, BOOL) for pair in zip(here, (column for _, column in of), strict=True))
        on = (*equal, *meets(nodes.Ref(spans, FROM, DATE), parts))
        columns: list[tuple[str, nodes.Expression]] = [*zip(names, here, strict=True)]
        columns += [*self._keys(parts)[1], *((end, nodes.Ref(spans, end, DATE)) for end in (FROM, UNTIL))]
        if self.said.share is not None:
            columns.append((SHARE, nodes.Ref(parts, SHARE, NUMBER)))
        joined = nodes.Join("inner", nodes.Step(parts), parts, on)
        select = nodes.Select(tuple(columns), nodes.Step(spans), spans, (joined,))
        return self.steps.add(f"{self.source} {self.hop.name} at times", "the parts of each stretch of time", select)

    def _with_rest(self, parts: str) -> str:
        """The parts, and what is left of 100% to nobody."""
        if self.hop.up_to is None:
            return parts
        of, to = self._keys(parts)
        groups, share = (*of, *self._ends(parts)), nodes.Ref(parts, SHARE, NUMBER)
        total = nodes.Reduce("sum", (share,), None, NUMBER)
        totals = self.steps.add(
            f"{self.source} {self.hop.name} totals",
            "how much of each row is credited",
            nodes.Select((*groups, (SHARE, total)), nodes.Step(parts), parts, grouped=True, keys=len(groups)),
        )
        credited = nodes.Ref(totals, SHARE, NUMBER)
        rest = nodes.Apply("subtract", (Constant(Decimal(1), NUMBER), credited), NUMBER)
        left = nodes.Select(
            (*((name, nodes.Ref(totals, name, column.type)) for name, column in groups), *to, (SHARE, rest)),
            nodes.Step(totals),
            totals,
            # none of the keys, and yet of their kinds
            (nodes.Join("left", nodes.Step(parts), parts, (Constant(False, BOOL),)),),
            (both(credited, "less", TINY),),
        )
        whole = nodes.Select((*groups, *to, (SHARE, share)), nodes.Step(parts), parts)
        note = "and what is left to nobody"
        return self.steps.add(f"{self.source} {self.hop.name} and rest", note, nodes.Union((whole, left)))


def held(steps: Steps, valid: bound.During, table: str, alias: str) -> tuple[nodes.Expression, nodes.Expression]:
    """From when, and until when (not included), a row of a history holds; what has no end holds for ever."""
    low, high = (None if end is None else own_columns(steps, end, table, alias) for end in (valid.low, valid.high))
    never, ever = endless_ends(valid)
    if valid.closed and high is not None:
        if ever.type is not DATE:
            mistake = Mistake("unsupported", f"a row of {table} holds to a moment, and that moment with it")
            raise UnsupportedError(evolve(mistake, hint="write ..< before the last moment"))
        high = nodes.Apply("add_time", (high, Constant(Decimal(1), DURATION, "day")), DATE)
    return low or never, ever if high is None else nodes.Apply("else", (high, ever), ever.type)


def endless_ends(valid: bound.During) -> tuple[nodes.Apply, nodes.Apply]:
    """The ends of what holds for ever: days, or moments where a history's own ends are moments."""
    ends = (end.type for end in (valid.low, valid.high) if end is not None)
    kind = next((type_ for type_ in ends if type_.kind == "timestamp"), DATE)
    return nodes.Apply("_since_ever", (), kind), nodes.Apply("_for_ever", (), kind)


def holds_at_all(
    steps: Steps, valid: bound.During, table: str, alias: str, ends: tuple[nodes.Expression, nodes.Expression]
) -> tuple[nodes.Expression, ...]:
    """That there is a time at which a row of a history holds."""
    some = both(ends[0], "less", ends[1])
    if valid.low is None:
        return (some,)
    return (nodes.Apply("is_present", (own_columns(steps, valid.low, table, alias),), BOOL), some)


def meets(day: nodes.Expression, alias: str) -> tuple[nodes.Expression, ...]:
    """That a row of a step holds on a day."""
    start, until = (nodes.Ref(alias, end, DATE) for end in (FROM, UNTIL))
    return (both(start, "less_equal", day), both(day, "less", until))


def stretches(steps: Steps, step: str, keys: list[str], words: str) -> str:
    """The stretches of time in which nothing begins or ends among the rows of a step with the same keys."""

    def points(end: str) -> nodes.Select:
        columns = (*((name, nodes.Ref(step, name, TEXT)) for name in keys), (FROM, nodes.Ref(step, end, DATE)))
        return nodes.Select(columns, nodes.Step(step), step)

    union = nodes.Union((points(FROM), points(UNTIL)), True)
    changes = steps.add(f"{words} changes", "the days on which something changes", union)
    at = nodes.Ref(changes, FROM, DATE)
    group = tuple(nodes.Ref(changes, name, TEXT) for name in keys)
    until = nodes.Over("lead", (at,), group, ((at, False),), DATE)
    columns: Columns = (*zip(keys, group, strict=True), (FROM, at), (UNTIL, until))
    select = nodes.Select(columns, nodes.Step(changes), changes)
    return steps.add(f"{words} times", "the stretches of time between them", select)
