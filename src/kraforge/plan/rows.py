"""Row expressions of one aggregate: bound columns become columns of aliased rows, nested aggregates become leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from kraforge.errors import InternalError, KraforgeError, Mistake, Mistakes, UnsupportedError
from kraforge.model.declarations import Link
from kraforge.plan import nodes
from kraforge.plan.context import Context
from kraforge.plan.leaves import During, Key
from kraforge.plan.needs import bounds_only, leaves_in
from kraforge.semantics import bound
from kraforge.semantics.hops import floats, hops
from kraforge.types import BOOL, DATE, Type

if TYPE_CHECKING:
    from kraforge.plan.collect import Collector

Links = tuple[Link, ...]


@frozen
class Unknown:
    """A date on which no link can be looked up, and why."""

    error: KraforgeError


@frozen
class Base:
    """Where a bound row stands in a leaf: its alias and its table.

    `moment` is the date on which links with history and without `at` are looked up from it, None for the valuation day
    of the context at hand.
    """

    alias: str
    table: str
    moment: nodes.Expression | Unknown | None = None


DECIDING: Final = Unknown(
    Mistakes(
        Mistake(
            "needs-at",
            "a link is looked up on the date of the row, which it would decide here",
            hint="say in the link's declaration which date it is looked up on, with `at`",
        )
    )
)
FAR: Final = Unknown(
    UnsupportedError(
        Mistake(
            "unsupported",
            "a link is looked up on the date of a row that cannot be seen from here",
            hint="say in the link's declaration which date it is looked up on, with `at`",
        )
    )
)


Environment = dict[tuple[int, Links], Base]


class Rows:
    """Turns the row expressions of one aggregate into expressions over aliases.

    `environment` says where each bound row stands. `dimensions` and `filters` are those of the answer that this
    aggregate's table cannot reach; aggregates nested in it take them over, and `taken` records which were. `narrowed` are
    all filters of the answer.
    """

    def __init__(self, collector: Collector, frame: int, environment: Environment) -> None:
        self.collector = collector
        self.frame = frame
        self.environment = environment
        self.dimensions: tuple[str, ...] = ()
        self.filters: tuple[bound.Expression, ...] = ()
        self.narrowed: tuple[bound.Expression, ...] = ()
        self.taken: set[str | bound.Expression] = set()
        self.nested: list[int] = []

    def _shortest(self, column: bound.Column) -> Links:
        """The links to a column. A row that is made of days has its person's key itself, and that person is there."""
        own = self.collector.checked.tables[column.table].made is not None
        return () if own and len(column.path) == 1 and column.name in column.path[0].by else column.path

    def base(self, row: int, path: Links, context: Context) -> Base:
        """Where the row that `path` leads to from bound row `row` stands."""
        for (number, prefix), base in self.environment.items():
            if number == row and path[: len(prefix)] == prefix:
                return self.beyond(base, path[len(prefix) :], context)
        raise UnsupportedError(
            Mistake(
                "unsupported",
                "an aggregate of a linked row cannot lie within dates of an outer row in this version",
                hint="take its context inside the field, for example anytime(…)",
            )
        )

    def beyond(self, base: Base, links: Links, context: Context) -> Base:
        """Where the row that links lead to from a base stands."""
        for link in links:
            for hop in hops(self.collector.checked, base.table, link):
                base = self.hop(base, hop, context)
        return base

    def hop(self, base: Base, hop: Link, context: Context) -> Base:
        """Where the row that one hop leads to stands: with history, on the date that it is looked up on."""
        dated = hop.valid is not None or (hop.tree is not None and floats(self.collector.checked.declarations, hop))
        day = self._day(base, hop, context) if dated else None
        return Base(self.collector.aliases.step(base.alias, hop, day), hop.to, base.moment)

    def _day(self, base: Base, hop: Link, context: Context) -> nodes.Expression:
        """The date on which a hop is looked up from a row: its `at`, else what put the row into its period."""
        at = None if hop.tree is not None else self.collector.checked.link(base.table, hop.name).at
        if at is not None:
            return Rows(self.collector, self.frame, {(0, ()): base}).place(at, bounds_only(context))
        if isinstance(base.moment, Unknown):
            raise base.moment.error
        day = base.moment or self.valuation(context)
        self.nested += sorted(leaves_in(day))
        return day

    def valuation(self, context: Context) -> nodes.Expression:
        """The valuation day of a context."""
        return self.collector.period(bound.PeriodValue("as_of", DATE), context, self.frame)

    def column(self, base: Base, name: str, type_: Type) -> nodes.Source:
        """A column of the row at a base."""
        return nodes.Source(base.alias, base.table, name, type_)

    def place(self, expression: bound.Expression, context: Context, untied: bool = False) -> nodes.Expression:
        """A bound row expression as one over aliases, in a context; `untied` inside `overall` of a row condition."""
        match expression:
            case bound.Constant() | bound.Bound():
                return expression
            case bound.Column():
                path = self._shortest(expression)
                base = self.base(expression.row, path, context)
                return self.column(base, expression.name, expression.type)
            case bound.PeriodValue():
                return self.collector.period(expression, context, self.frame)
            case bound.Call():
                arguments = tuple(self.place(argument, context, untied) for argument in expression.arguments)
                return nodes.Apply(expression.function, arguments, expression.type)
            case bound.Case():
                branches = tuple(
                    (self.place(condition, context, untied), self.place(value, context, untied))
                    for condition, value in expression.branches
                )
                return nodes.Choose(branches, self.place(expression.otherwise, context, untied), expression.type)
            case bound.InContext():
                change = expression.change
                loose = untied or (isinstance(change, bound.Overall) and not change.dimensions and not change.coarser)
                return self.place(expression.operand, context.changed(change), loose and not _period_only(change))
            case bound.Aggregate():
                return self._nested(expression, context, untied)
            case bound.Versioned():
                return self.collector.versioned(
                    expression, self.frame, lambda operand: self.place(operand, context, untied)
                )
            case bound.Band():
                return self._band(expression, context)
            case bound.Each() | bound.Rank():
                word = "each" if isinstance(expression, bound.Each) else "rank"
                raise UnsupportedError(
                    Mistake(
                        "unsupported",
                        f"{word}() for each row of a table is not in this version",
                        hint=f"take {word}() of a measure, outside the aggregate",
                    )
                )
            case bound.ContextDimension() | bound.ContextColumn():
                raise InternalError(Mistake("internal", "a filter of a context stands in a row expression"))

    def _nested(self, aggregate: bound.Aggregate, context: Context, untied: bool) -> nodes.Expression:
        """The leaf of an aggregate taken for each row; the row's table has its key."""
        collector = self.collector
        if (untied or aggregate.outer is None) and (row := _row_within(context)) is not None:
            return self._crossed(aggregate, context, row)
        if untied or aggregate.outer is None:
            # one figure without the outer row and without groups; what the answer is narrowed to holds anew
            free = evolve(context, filters=(*self.narrowed, *context.filters))
            leaf = collector.leaf(aggregate, free, self.frame, (), {}, ())
            self.nested.append(leaf)
            return nodes.LeafValue(leaf, "", aggregate.type)
        base = self.base(aggregate.outer, aggregate.outer_path, context)
        keys, inherited, siblings = self._tie(aggregate, base, context)
        inner = evolve(context, filters=(*context.filters, *self.filters))
        leaf = collector.leaf(
            aggregate, inner, self.frame, keys, inherited, self.dimensions, siblings=siblings, taken=self.taken
        )
        self.nested.append(leaf)
        value = nodes.LeafValue(leaf, base.alias, aggregate.type)
        if collector.aliases.rows[base.alias].before is None:
            return value
        first = collector.checked.tables[base.table].key[0]
        present = nodes.Apply("is_present", (self.column(base, first, collector.column_type(base.table, first)),), BOOL)
        return nodes.Choose(((present, value),), bound.Constant(None, aggregate.type), aggregate.type)

    def _crossed(self, aggregate: bound.Aggregate, context: Context, row: int) -> nodes.Expression:
        """An aggregate without its outer row, but within dates of that row: every row meets every outer one."""
        collector = self.collector
        base = self.base(row, (), context)
        alias = collector.aliases.root(base.table, "outer")
        home = self._moved(base, base, alias, context)
        keys = self._keys(home)
        free = evolve(context, filters=(*self.narrowed, *context.filters))
        leaf = collector.leaf(
            evolve(aggregate, ties=()),
            free,
            self.frame,
            keys,
            {(row, ()): home},
            (),
            siblings=_Siblings(alias, base.table),
        )
        self.nested.append(leaf)
        return nodes.LeafValue(leaf, base.alias, aggregate.type)

    def _tie(
        self, aggregate: bound.Aggregate, base: Base, context: Context
    ) -> tuple[tuple[Key, ...], Environment, _Siblings | None]:
        """The keys that tie an aggregate's rows to the row at `base`, and where outer rows stand for it."""
        collector = self.collector
        if aggregate.tie is None:
            alias = collector.aliases.root(base.table, "outer")
            inherited = self._inherited(aggregate, base, alias, context)
            return self._keys(Base(alias, base.table)), inherited, _Siblings(alias, base.table)
        declarations = collector.checked.declarations
        own = Base(collector.aliases.root(aggregate.table), aggregate.table, DECIDING)
        if any(floats(declarations, link) for link in aggregate.tie):
            own = evolve(own, moment=collector.moment(aggregate, own, self.frame, context))
        rows = Rows(collector, self.frame, {(aggregate.row, ()): own})
        before = rows.beyond(own, aggregate.tie[:-1], context)
        *between, last = hops(collector.checked, before.table, aggregate.tie[-1])
        for hop in between:
            before = rows.hop(before, hop, context)
        home = rows.hop(before, last, context)
        keys = self._keys(home)
        if last.plain:
            # the row before has the key in columns of its own
            pairs = zip(keys, last.by, strict=True)
            keys = tuple(Key(key.name, rows.column(before, by, key.expression.type)) for key, by in pairs)
        return keys, self._inherited(aggregate, base, home.alias, context), None

    def _keys(self, base: Base) -> tuple[Key, ...]:
        """The key of the row at a base."""
        names = self.collector.checked.tables[base.table].key
        types = (self.collector.column_type(base.table, name) for name in names)
        columns = (self.column(base, name, type_) for name, type_ in zip(names, types, strict=True))
        return tuple(Key(f"key_{number}", column) for number, column in enumerate(columns, 1))

    def _inherited(self, aggregate: bound.Aggregate, base: Base, home: str, context: Context) -> Environment:
        """Outer rows as seen from the nested aggregate: all that can be reached from the row it is tied to."""
        assert aggregate.outer is not None
        seen: Environment = {(aggregate.outer, aggregate.outer_path): self._moved(base, base, home, context)}
        for key, other in self.environment.items():
            if self.collector.aliases.moved(other.alias, base.alias, home) is not None:
                seen.setdefault(key, self._moved(other, base, home, context))
        return seen

    def _moved(self, row: Base, base: Base, home: str, context: Context) -> Base:
        """A row that `base` leads to, where `home` stands for `base`; its moment stays what it is here."""
        aliases = self.collector.aliases
        alias = aliases.moved(row.alias, base.alias, home)
        assert alias is not None
        moment = row.moment or self.valuation(context)
        if not isinstance(moment, Unknown):
            moment = aliases.moved_in(moment, base.alias, home) or FAR
        return Base(alias, row.table, moment)

    def during(self, during: bound.During, context: Context) -> During:
        """The bounds of `during` over this aggregate's row."""
        low = None if during.low is None else self.place(during.low, context)
        high = None if during.high is None else self.place(during.high, context)
        return During(low, high, during.closed)

    def _band(self, band: bound.Band, context: Context) -> nodes.Expression:
        """The part of its population that a row falls into: a leaf with a value for each row of the population."""
        base = self.base(band.row, band.path, context)
        leaf = self.collector.band(band, evolve(context, filters=self.narrowed), self.frame)
        self.nested.append(leaf)
        return nodes.LeafValue(leaf, base.alias, band.type)


@frozen
class _Siblings:
    alias: str
    table: str


def _row_within(context: Context) -> int | None:
    """The row whose dates the context lies within, None where there is none."""
    within = context.within
    if within is None:
        return None
    pending = [end for end in (within.low, within.high) if end is not None]
    while pending:
        node = pending.pop()
        match node:
            case bound.Column():
                return node.row
            case bound.Call():
                pending.extend(node.arguments)
            case bound.InContext():
                pending.append(node.operand)
            case bound.Aggregate() if node.outer is not None:
                return node.outer
            case bound.Case():
                pending.extend(part for branch in node.branches for part in branch)
            case _:
                pass
    return None


def _period_only(change: bound.Change) -> bool:
    return isinstance(change, bound.Overall) and change.period and not change.dimensions


def conjuncts(expression: bound.Expression | None) -> tuple[bound.Expression, ...]:
    """The conditions that hold together where the expression holds."""
    if expression is None:
        return ()
    found: list[bound.Expression] = []
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, bound.Call) and node.function == "and":
            pending.extend(reversed(node.arguments))
        else:
            found.append(node)
    return tuple(found)


def both(low: nodes.Expression, operator: str, high: nodes.Expression) -> nodes.Apply:
    """A comparison of two values."""
    return nodes.Apply(operator, (low, high), BOOL)


def joined(conditions: Sequence[nodes.Expression]) -> nodes.Expression | None:
    """Conditions as one that holds where all hold; None where there are none."""
    found: nodes.Expression | None = None
    for condition in conditions:
        found = condition if found is None else nodes.Apply("and", (found, condition), BOOL)
    return found


def valid(during: During, day: nodes.Expression) -> tuple[nodes.Expression, ...]:
    """The conditions under which a row is valid on a day."""
    found: list[nodes.Expression] = []
    if during.low is not None:
        found.append(both(_as_date(during.low), "less_equal", day))
    if during.high is not None:
        high = _as_date(during.high)
        ends = both(day, "less_equal" if during.closed else "less", high)
        found.append(nodes.Apply("or", (nodes.Apply("is_missing", (high,), BOOL), ends), BOOL))
    return tuple(found)


def _as_date(expression: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("_date", (expression,), DATE)
