"""Context functions pushed down to the aggregates: a request's measures become leaves with arithmetic above them.

Nothing here knows the window: what is collected serves every window and as_of of the same request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve, field, frozen

from kraforge.errors import Mistake, Mistakes, UnsupportedError
from kraforge.plan import nodes
from kraforge.plan.banded import band_leaf
from kraforge.plan.coarser import coarser_key
from kraforge.plan.context import Context, is_day
from kraforge.plan.evidence import Evidence, evidence
from kraforge.plan.fans import fanned
from kraforge.plan.known import own_where
from kraforge.plan.leaves import Aliases, Frame, Key, Leaf, Parts, Siblings
from kraforge.plan.needs import (
    Column,
    anytime,
    bounds_only,
    has_rank,
    leaves_in,
    needed_by,
    ranks_within,
    used,
)
from kraforge.plan.reached import claim, reached, via_of
from kraforge.plan.rows import DECIDING, Base, Environment, Rows, _Siblings, both, conjuncts
from kraforge.plan.rules.split_sums import split_sum
from kraforge.plan.shape import Shape
from kraforge.plan.traits import Kind, kinds
from kraforge.semantics import bound, reach
from kraforge.semantics.check import Checked
from kraforge.types import BOOL, DATE, TEXT, Type


@frozen
class Collected:
    """A request's leaves, frames and columns; `columns` by frame number (the first, and one a total).

    `kind_of` gives for each leaf the number of its kind; `shapes` are those that windows had so far.
    """

    leaves: tuple[Leaf | Parts, ...]
    frames: tuple[Frame, ...]
    columns: tuple[tuple[int, tuple[Column, ...]], ...]
    aliases: Aliases
    checked: Checked
    coarser: Mapping[str, int]
    kinds: tuple[Kind, ...]
    kind_of: tuple[int, ...]
    evidence: Mapping[int, Evidence]
    sparse: bool = False
    known_at: Type | None = None
    shapes: dict[object, Shape] = field(factory=dict, eq=False)


class Collector:
    """Collects the leaves of a request. One collector serves one request and is then read only."""

    def __init__(self, checked: Checked, known_at: Type | None = None) -> None:
        self.checked = checked
        self.known_at = known_at
        self.aliases = Aliases()
        self.leaves: list[Leaf | Parts] = []
        self.frames: list[Frame] = []
        self.coarser: dict[str, int] = {}
        self._numbers: dict[Leaf | Parts, int] = {}

    def finished(self, columns: tuple[tuple[int, tuple[Column, ...]], ...], sparse: bool = False) -> Collected:
        """What was collected; `sparse` where cells without rows are left out."""
        frames, leaves = tuple(self.frames), tuple(self.leaves)
        needed = needed_by(leaves, columns, self.coarser)
        speaking = evidence(leaves, frames, used(leaves, columns) & needed, sparse)
        made = {table.name for table in self.checked.declarations.tables.values() if table.made is not None}
        found, kind_of = kinds(leaves, frames, needed, frozenset(speaking), made, self.aliases.rows)
        return Collected(
            leaves,
            frames,
            columns,
            self.aliases,
            self.checked,
            self.coarser,
            found,
            kind_of,
            speaking,
            sparse,
            self.known_at,
        )

    # ---- frames and cells

    def new_frame(self, dimensions: Sequence[str], **facts: object) -> Frame:
        """A further grid of cells."""
        made = Frame(len(self.frames), tuple(dimensions), **facts)  # type: ignore[arg-type]
        same = (known for known in self.frames if evolve(known, number=made.number) == made)
        # each measure has members of its own: those with a row behind it
        if made.member is None and (found := next(same, None)) is not None:
            return found
        self.frames.append(made)
        return made

    def cell(self, expression: bound.Expression, context: Context, frame: int) -> nodes.Expression:
        """A measure in a context as arithmetic over leaves."""
        match expression:
            case bound.Constant() | bound.Bound():
                return expression
            case bound.PeriodValue():
                return self.period(expression, context, frame)
            case bound.Call():
                arguments = tuple(self.cell(argument, context, frame) for argument in expression.arguments)
                return nodes.Apply(expression.function, arguments, expression.type)
            case bound.Case():
                branches = tuple(
                    (self.cell(condition, context, frame), self.cell(value, context, frame))
                    for condition, value in expression.branches
                )
                return nodes.Choose(branches, self.cell(expression.otherwise, context, frame), expression.type)
            case bound.Aggregate():
                return self._aggregate(expression, context, frame)
            case bound.InContext():
                return self.cell(expression.operand, context.changed(expression.change), frame)
            case bound.Each():
                return self._each(expression, context, frame)
            case bound.Rank():
                if ranks_within(expression) > 2:
                    mistake = Mistake("unsupported", "ranks stand in ranks of ranks", hint="give an inner one a KPI")
                    raise UnsupportedError(mistake)
                operand = self.cell(expression.operand, context, frame)
                rank = nodes.Over("rank", (), (_cell_period(frame),), ((operand, expression.higher),), expression.type)
                present = nodes.Apply("is_present", (operand,), BOOL)
                return nodes.Choose(((present, rank),), bound.Constant(None, expression.type), expression.type)
            case bound.Versioned():
                return self.versioned(expression, frame, lambda operand: self.cell(operand, context, frame))
            case bound.Column() | bound.Band() | bound.ContextDimension() | bound.ContextColumn():
                mistake = Mistake("level-mismatch", "a value of a row stands where one of a group is needed")
                raise Mistakes(mistake)

    def period(self, value: bound.PeriodValue, context: Context, frame: int) -> nodes.Expression:
        """A date of the context at hand."""
        open_ = value.what in ("start", "days") and not context.has_start
        if open_ or (value.what in ("end", "days") and not context.has_end):
            word = f"period.{value.what}"
            raise Mistakes(
                Mistake(
                    "no-period", f"{word} stands where the period has no such end", hint="move it out of the context"
                )
            )
        what = {"start": "start", "end": "last", "days": "days", "as_of": "as_of"}[value.what]
        return nodes.PeriodRef(bounds_only(context), what, frame, value.type)  # type: ignore[arg-type]

    def versioned(
        self, value: bound.Versioned, frame: int, place: Callable[[bound.Expression], nodes.Expression]
    ) -> nodes.Expression:
        """The version in force at the start of the answer's period."""
        start = nodes.PeriodRef(Context(), "answer", frame, DATE)
        (_, first), *later = value.versions
        branches = tuple(
            (both(start, "greater_equal", bound.Constant(day, DATE)), place(version))
            for day, version in reversed(later)
            if day is not None
        )
        return nodes.Choose(branches, place(first), value.type) if branches else place(first)

    def _kept(self, context: Context, frame: int) -> tuple[str, ...]:
        """The dimensions of a frame that a context still groups by."""
        if context.all_dropped:
            return ()
        return tuple(name for name in self.frames[frame].dimensions if name not in context.dropped)

    def _aggregate(self, aggregate: bound.Aggregate, context: Context, frame: int) -> nodes.Expression:
        kept = self._kept(context, frame)
        replaced = dict(pair for pair in context.coarser if pair[0] in kept)
        plain = tuple(name for name in kept if name not in replaced)
        keys = tuple(coarser_key(self, aggregate, pair, context, frame) for pair in replaced.items())
        leaf = self.made(aggregate, context, frame, keys, {}, plain)
        parts = split_sum(leaf, self.leaves, self.aliases)
        if parts is None:
            return nodes.LeafValue(self._number(leaf), "", aggregate.type)
        value: nodes.Expression | None = None
        for sign, part in parts:
            term = nodes.LeafValue(self._number(part), "", aggregate.type)
            value = term if value is None else nodes.Apply(sign, (value, term), aggregate.type)
        assert value is not None
        return value

    def _each(self, each: bound.Each, context: Context, frame: int) -> nodes.Expression:
        kept = self._kept(context, frame)
        inside = evolve(context, all_dropped=False, dropped=frozenset())
        if each.unit is not None:
            inner = self.new_frame(kept, parent=frame, unit=each.unit, context=bounds_only(context))
            inside = evolve(inside, moves=())
        else:
            assert each.dimension is not None
            if has_rank(each.operand):
                mistake = Mistake("unsupported", "a rank of each member is not in this version", hint="rank the whole")
                raise UnsupportedError(mistake)
            dimensions = kept if each.dimension in kept else (*kept, each.dimension)
            inner = self.new_frame(dimensions, parent=frame, member=each.dimension, asked=each.dimension in kept)
        first = len(self.leaves)
        expression = self.cell(each.operand, inside, inner.number)
        arguments = tuple(self.cell(argument, Context(), frame) for argument in each.arguments)
        used = tuple(sorted({*range(first, len(self.leaves)), *leaves_in(expression)}))
        parts = Parts(frame, inner.number, expression, each.function, arguments, kept, used, each.type)
        return nodes.LeafValue(self._number(parts), "", each.type)

    def band(self, band: bound.Band, context: Context, frame: int) -> int:
        """The leaf of a band."""
        return self._number(band_leaf(self, band, context, frame))

    def own_where(self, table: str) -> tuple[bound.Expression, ...]:
        """The conditions that every use of a table makes, over row 0."""
        return own_where(self.checked, table, self.known_at)

    def column_type(self, table: str, name: str) -> Type:
        """The type of a column, as declared or as its source has it."""
        return dict(self.checked.tables[table].columns).get(name, TEXT)

    def leaf(
        self,
        aggregate: bound.Aggregate,
        context: Context,
        frame: int,
        keys: tuple[Key, ...],
        inherited: Environment,
        dimensions: tuple[str, ...],
        *,
        siblings: _Siblings | None = None,
        taken: set[str | bound.Expression] | None = None,
    ) -> int:
        """The number of the leaf that `made` gives."""
        return self._number(
            self.made(aggregate, context, frame, keys, inherited, dimensions, siblings=siblings, taken=taken)
        )

    def made(
        self,
        aggregate: bound.Aggregate,
        context: Context,
        frame: int,
        keys: tuple[Key, ...],
        inherited: Environment,
        dimensions: tuple[str, ...],
        *,
        siblings: _Siblings | None = None,
        taken: set[str | bound.Expression] | None = None,
    ) -> Leaf:
        """The leaf that an aggregate is in a context; `dimensions` are the groups that it shall have.

        `taken` is given for a nested aggregate: what its table cannot reach is left to others, and what it takes over
        is recorded there. Raises Mistakes where a dimension or filter is reached by nothing.
        """
        ways, far = self._split_dimensions(aggregate, dimensions)
        conditions, far_filters = self._split_filters(aggregate, context)
        inside = evolve(context, filters=())
        rows = Rows(self, frame, inherited)
        rows.dimensions, rows.filters, rows.narrowed = far, far_filters, context.filters
        here, on = self._placing(aggregate, rows, inside)
        groups = [Key(name, here.place(way, inside), name) for name, way in ways]
        arguments = tuple(rows.place(argument, inside) for argument in aggregate.arguments)
        condition = None if aggregate.condition is None else rows.place(aggregate.condition, inside)
        own_where = self.own_where(aggregate.table)
        where = [here.place(part, inside) for part in (*own_where, *conditions)]
        kept = tuple(dict.fromkeys(where))
        where += [*(rows.place(part, inside) for part in conjuncts(aggregate.where))]
        during = None if aggregate.during is None else rows.during(aggregate.during, inside)
        where += self._within(rows, inside, on)
        taken_here = rows.taken | here.taken
        claim(aggregate, far, far_filters, taken_here)
        if taken is not None:
            taken.update(taken_here, (key.dimension for key in groups if key.dimension))
            taken.update(part for part in context.filters if part not in far_filters)
        leaf = Leaf(
            table=aggregate.table,
            alias=self.aliases.root(aggregate.table),
            function=aggregate.function,
            arguments=arguments,
            condition=condition,
            where=tuple(dict.fromkeys(where)),
            on=on,
            during=during,
            dated_rows_only=not anytime(context),
            keys=(*keys, *groups, *self._inner_keys(far, taken_here)),
            context=bounds_only(context),
            frame=frame,
            siblings=self._siblings(aggregate, rows, siblings, inside),
            nested=tuple(sorted({*here.nested, *rows.nested})),
            type=aggregate.type,
            empty_missing=aggregate.empty_missing,
            kept=kept,
            tie=_home(aggregate, inherited),
        )
        return fanned(self, leaf)

    def _placing(
        self, aggregate: bound.Aggregate, rows: Rows, context: Context
    ) -> tuple[Rows, nodes.Expression | None]:
        """Has `rows` know an aggregate's own row; what places row 0 of its table; what puts a row into its period."""
        # what puts a row into its period cannot hang on it
        own = Base(self.aliases.root(aggregate.table), aggregate.table, DECIDING)
        inherited = rows.environment
        rows.environment = {**inherited, (aggregate.row, ()): own}
        on = None if aggregate.on is None else rows.place(aggregate.on, bounds_only(context))
        own = evolve(own, moment=on)
        rows.environment = {**inherited, (aggregate.row, ()): own}
        here = Rows(self, rows.frame, {(0, ()): own})
        here.narrowed = rows.narrowed
        return here, on

    def _inner_keys(self, far: tuple[str, ...], taken: set[str | bound.Expression]) -> tuple[Key, ...]:
        """The groups that nested aggregates took over: their values come from them."""
        types = self.checked.dimensions
        return tuple(
            Key(name, nodes.LeafValue(-1, "", types[name].type), name, inner=True) for name in far if name in taken
        )

    def number(self, leaf: Leaf | Parts) -> int:
        """The number of a leaf, which it gets when it is first asked for."""
        return self._number(leaf)

    def _number(self, leaf: Leaf | Parts) -> int:
        if leaf not in self._numbers:
            self._numbers[leaf] = len(self.leaves)
            self.leaves.append(leaf)
        return self._numbers[leaf]

    def _siblings(
        self, aggregate: bound.Aggregate, rows: Rows, siblings: _Siblings | None, context: Context
    ) -> Siblings | None:
        if siblings is None:
            return None
        pairs = tuple((rows.place(ours, context), rows.place(theirs, context)) for ours, theirs in aggregate.ties)
        return Siblings(siblings.alias, siblings.table, pairs)

    def moment(self, aggregate: bound.Aggregate, own: Base, frame: int, context: Context) -> nodes.Expression | None:
        """The date that puts an aggregate's rows into their period; None where none does."""
        if aggregate.on is None:
            return None
        rows = Rows(self, frame, {(aggregate.row, ()): evolve(own, moment=DECIDING)})
        return rows.place(aggregate.on, bounds_only(context))

    def _split_dimensions(
        self, aggregate: bound.Aggregate, dimensions: tuple[str, ...]
    ) -> tuple[list[tuple[str, bound.Expression]], tuple[str, ...]]:
        """The groups that a table reaches itself, over row 0, and those left to aggregates nested in it."""
        groups, far = [], []
        for name in dimensions:
            expression = reach.dimension(self.checked, name, aggregate.table, via_of(aggregate))
            if expression is None:
                far.append(name)
            else:
                groups.append((name, expression))
        return groups, tuple(far)

    def _split_filters(
        self, aggregate: bound.Aggregate, context: Context
    ) -> tuple[list[bound.Expression], tuple[bound.Expression, ...]]:
        """The context's conditions over row 0 of this table, and those left to aggregates nested in it."""
        own: list[bound.Expression] = []
        far: list[bound.Expression] = []
        for condition in (part for whole in context.filters for part in conjuncts(whole)):
            found = reached(self.checked, condition, aggregate)
            if found is None:
                far.append(condition)
            else:
                own.append(found)
        return own, tuple(far)

    def _within(self, rows: Rows, context: Context, on: nodes.Expression | None) -> list[nodes.Expression]:
        """The bounds of `within` that are dates of an outer row, as conditions."""
        within = context.within
        if within is None or on is None:
            return []
        found: list[nodes.Expression] = []
        if within.low is not None and not is_day(within.low):
            found.append(both(on, "greater_equal", rows.place(within.low, Context())))
        if within.high is not None and not is_day(within.high):
            operator = "less_equal" if within.closed else "less"
            found.append(both(on, operator, rows.place(within.high, Context())))
        return found


def _home(aggregate: bound.Aggregate, inherited: Environment) -> str | None:
    """The alias of the outer row that links tie an aggregate to."""
    if aggregate.outer is None or aggregate.outer_path or aggregate.tie is None:
        return None
    return inherited[aggregate.outer, ()].alias


def _cell_period(frame: int) -> nodes.PeriodRef:
    return nodes.PeriodRef(Context(), "cell", frame, DATE)
