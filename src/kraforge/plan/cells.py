"""The cells of an answer: groups with a row behind some aggregate, times periods, joined to what leaves have for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from attrs import evolve, frozen

from kraforge.plan import nodes
from kraforge.plan.coarser import ABOVE
from kraforge.plan.leaves import Frame, Leaf, Parts, safe_name, walk
from kraforge.plan.needs import Column
from kraforge.plan.spines import Spine
from kraforge.plan.steps import Located, Steps
from kraforge.plan.worktime import Worktime
from kraforge.semantics.bound import Constant
from kraforge.types import BOOL, TEXT, WHOLE

SPOKEN = "has rows"
"""The column that tells cells with rows from those that a sparse answer leaves out; no safe name has a blank."""

Columns = tuple[tuple[str, nodes.Expression], ...]


@frozen
class Request:
    """What of a request shapes the answer: everything but its window, as_of and values.

    `dimensions` in the order asked; `frames` pairs each frame with the dropped dimensions that its rows name as total.
    """

    dimensions: tuple[str, ...]
    grain: str | None
    totals: bool
    sparse: bool
    having: nodes.Expression | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None


class Cells:
    """The cells of one frame: its groups and periods, joined to what leaves have for them."""

    def __init__(self, steps: Steps, frame: Frame) -> None:
        self.steps = steps
        self.frame = frame
        self.spine: Spine = steps.spine(frame.number)
        self.groups: str | None = None
        self.refs: dict[str, nodes.Ref] = {}
        self.joins: list[nodes.Join] = []
        self.worktime = Worktime(steps, self.joins)
        self._joined: dict[tuple[str, nodes.Ref | None], str] = {}
        self._first = nodes.Join("cross", nodes.Step(self.spine.name), self.spine.name)

    # ---- groups

    def _own_leaves(self) -> list[tuple[int, Leaf, Located]]:
        """The leaves that cells use and that speak for groups of this frame."""
        found = []
        for number in sorted(self.steps.top):
            located = self.steps.located.get(number)
            leaf = self.steps.collected.leaves[number]
            if located is None or not isinstance(leaf, Leaf) or not self._speaks(leaf.frame):
                continue
            if set(self.frame.dimensions) <= {dimension for _, dimension, _ in located.keys}:
                found.append((number, leaf, located))
        return found

    def _speaks(self, frame: int) -> bool:
        """Whether leaves of a frame speak for this one: it is it, or made inside it without losing its dimensions."""
        frames = self.steps.collected.frames
        at: int | None = frame
        while at is not None and at != self.frame.number:
            own = set(frames[at].dimensions) - {frames[at].member if not frames[at].asked else None}
            if not set(self.frame.dimensions) <= own:
                return False
            at = frames[at].parent
        return at is not None

    def make_groups(self) -> None:
        """The groups that have a row behind some aggregate, as a step."""
        if not self.frame.dimensions:
            return
        home = self._home()
        if home is not self.frame:
            cells = Cells(self.steps, home)
            cells.make_groups()
            self.groups, self.refs = cells.groups, cells.refs
            return
        known = self.steps.groups.get(self.frame.number)
        if known is None:
            parts = self._group_parts()
            body = parts[0] if len(parts) == 1 else nodes.Union(tuple(dict.fromkeys(parts)), distinct=True)
            words = f"groups by {' '.join(self.frame.dimensions)}"
            known = self.steps.add(words, "groups with a row behind an aggregate", body)
            self.steps.groups[self.frame.number] = known
        self.groups = known
        for number, dimension in enumerate(self.frame.dimensions, 1):
            type_ = self.steps.collected.checked.dimensions[dimension].type
            self.refs[dimension] = nodes.Ref(known, f"{safe_name(dimension)}_{number}", type_)

    def _home(self) -> Frame:
        """The frame whose groups this one has: parts of periods have those of the frame that they are parts for."""
        frame = self.frame
        while frame.unit is not None and frame.parent is not None:
            parent = self.steps.collected.frames[frame.parent]
            if parent.dimensions != frame.dimensions or parent.member is not None:
                break
            frame = parent
        return frame

    def _of_parent(self) -> list[nodes.Select]:
        """The groups of the frame around parts with fewer dimensions: those without a row have parts too."""
        frame = self.frame
        parent = None if frame.parent is None or frame.unit is None else self.steps.collected.frames[frame.parent]
        if parent is None or parent.member is not None or not set(frame.dimensions) <= set(parent.dimensions):
            return []
        cells = Cells(self.steps, parent)
        cells.make_groups()
        assert cells.groups is not None
        columns = tuple((f"{safe_name(d)}_{i}", cells.refs[d]) for i, d in enumerate(frame.dimensions, 1))
        return [nodes.Select(columns, nodes.Step(cells.groups), cells.groups, distinct=True)]

    def _group_parts(self) -> list[nodes.Select]:
        found: dict[tuple[str, Columns, tuple[nodes.Join, ...]], list[nodes.Expression]] = {}
        complete = {located.step for _, _, located in self._own_leaves() if located.complete}
        for _, _, located in self._own_leaves():
            joins, where = ((), ()) if located.step in complete else self._present(located)
            found.setdefault((located.step, self._group_columns(located), joins), []).extend(where)
        parts = []
        for (step, columns, joins), conditions in found.items():
            some: nodes.Expression | None = None
            for condition in dict.fromkeys(conditions):
                some = condition if some is None else nodes.Apply("or", (some, condition), BOOL)
            where = (some,) if some is not None else ()
            parts.append(nodes.Select(columns, nodes.Step(step), step, joins, where, distinct=True))
        parts += self._of_parent()
        if not parts:
            # nothing that is asked has these dimensions: no group can be named
            parts.append(self._nobody(None))
        return parts

    def _nobody(self, spine: Spine | None) -> nodes.Select:
        """No groups, under the columns that groups have."""
        types = self.steps.collected.checked.dimensions
        columns: list[tuple[str, nodes.Expression]] = [
            (f"{safe_name(d)}_{i}", Constant(None, types[d].type)) for i, d in enumerate(self.frame.dimensions, 1)
        ]
        if spine is not None:
            columns.append(("period", spine.number))
        relation = nodes.Step(self.spine.name)
        return nodes.Select(tuple(columns), relation, self.spine.name, where=(Constant(False, BOOL),))

    def _group_columns(self, located: Located) -> tuple[tuple[str, nodes.Expression], ...]:
        names = {dimension: (name, type_) for name, dimension, type_ in located.keys}
        return tuple(
            (f"{safe_name(dimension)}_{number}", nodes.Ref(located.step, *names[dimension]))
            for number, dimension in enumerate(self.frame.dimensions, 1)
        )

    def _present(self, located: Located) -> tuple[tuple[nodes.Join, ...], tuple[nodes.Expression, ...]]:
        """The join to periods and the condition that leave only groups with a row behind a leaf."""
        joins: tuple[nodes.Join, ...] = ()
        where: tuple[nodes.Expression, ...] = ()
        if located.period is not None:
            column, spine = located.period
            on = nodes.Apply("equal", (nodes.Ref(located.step, column, spine.type), spine), BOOL)
            joins = (nodes.Join("inner", nodes.Step(spine.alias), spine.alias, (on,)),)
        if located.behind is not None:
            behind = nodes.Ref(located.step, located.behind, WHOLE)
            where = (nodes.Apply("greater", (behind, Constant(Decimal(0), WHOLE)), BOOL),)
        return joins, where

    # ---- cells

    def resolve(self, expression: nodes.Expression) -> nodes.Expression:
        """An expression over leaves as one over what is joined to the cells."""
        match expression:
            case nodes.LeafValue():
                return self._value(self.steps.located[expression.leaf])
            case nodes.PeriodRef():
                return self.steps.spine(expression.frame).column(expression.what, expression.context)
            case nodes.Apply():
                arguments = tuple(self.resolve(argument) for argument in expression.arguments)
                return self.worktime.applied(nodes.Apply(expression.function, arguments, expression.type))
            case nodes.Choose():
                branches = tuple((self.resolve(c), self.resolve(v)) for c, v in expression.branches)
                return nodes.Choose(branches, self.resolve(expression.otherwise), expression.type)
            case nodes.Over() if any(_has_window(key) for key, _ in expression.order):
                order = tuple((self._apart(key), down) for key, down in expression.order)
                return self.resolve(evolve(expression, order=order))
            case nodes.Ref():
                return expression
            case nodes.Over():
                arguments = tuple(self.resolve(argument) for argument in expression.arguments)
                order = tuple((self.resolve(key), down) for key, down in expression.order)
                partition = (self._cell_number(),)
                return nodes.Over(expression.function, arguments, partition, order, expression.type, expression.frame)
            case _:
                return expression

    def _value(self, located: Located) -> nodes.Expression:
        """A leaf's value in a cell; missing where the group above is asked of one that has none."""
        value = located.value(self._join(located))
        for _, dimension, _ in located.keys:
            if dimension not in self.refs and dimension is not None and f" -> {ABOVE}" in dimension:
                there = nodes.Apply("is_present", (self._coarser(dimension),), BOOL)
                value = nodes.Choose(((there, value),), Constant(None, value.type), value.type)
        return value

    def _apart(self, expression: nodes.Expression) -> nodes.Expression:
        """A value with a rank in it as a step of its own: SQL has no windows over windows."""
        cells = Cells(self.steps, self.frame)
        cells._begin()
        value = cells.resolve(expression)
        keys = [(ref.name, ref) for ref in cells.refs.values()]
        columns: list[tuple[str, nodes.Expression]] = [*keys, ("period", cells.spine.number), ("value", value)]
        step = self.steps.add("ranked", "ranks that are ranked again", cells._select(columns))
        names = tuple((name, d, ref.type) for d, (name, ref) in zip(cells.refs, keys, strict=True))
        period = ("period", cells.spine.number)
        located = Located(step, names, period, (("value", expression.type),), lambda found: found[0])
        return located.value(self._join(located))

    def _cell_number(self) -> nodes.Ref:
        return self.spine.number

    def _join(self, located: Located) -> str:
        """Joins a leaf's step to the cells on groups and period, once."""
        spine = located.period[1] if located.period is not None else None
        key = (located.step, spine)
        if key not in self._joined:
            alias = self.steps.alias(located.step, self._joined.values())
            on = self._on(located, alias)
            self.joins.append(nodes.Join("left", nodes.Step(located.step), alias, on))
            self._joined[key] = alias
        return self._joined[key]

    def _on(self, located: Located, alias: str) -> tuple[nodes.Expression, ...]:
        on: list[nodes.Expression] = []
        for name, dimension, type_ in located.keys:
            assert dimension is not None
            mine = self.refs[dimension] if dimension in self.refs else self._coarser(dimension)
            on.append(nodes.Apply("_same", (nodes.Ref(alias, name, type_), mine), BOOL))
        if located.period is not None:
            column, spine = located.period
            on.append(nodes.Apply("equal", (nodes.Ref(alias, column, spine.type), spine), BOOL))
        return tuple(on)

    def _coarser(self, pair: str) -> nodes.Expression:
        """The coarser dimension of a cell's member, looked up at the member's own table."""
        located = self.steps.located[self.steps.collected.coarser[pair]]
        return located.value(self._join(located))

    def _select(self, columns: list[tuple[str, nodes.Expression]], **facts: object) -> nodes.Select:
        """A select over the cells with all that its columns need joined."""
        joins = tuple(self.joins)
        spine = nodes.Step(self.spine.name)
        if self.groups is None:
            return nodes.Select(tuple(columns), spine, self.spine.name, joins, **facts)  # type: ignore[arg-type]
        return nodes.Select(
            tuple(columns),
            nodes.Step(self.groups),
            self.groups,
            (self._first, *joins),
            **facts,  # type: ignore[arg-type]
        )

    def _begin(self) -> None:
        """The frame's groups, or its members with a row behind."""
        if self.frame.member is None:
            self.make_groups()
        else:
            self._members()

    # ---- what is made of cells

    def parts(self, number: int, parts: Parts) -> None:
        """`each`: the inner frame's cells aggregated to the outer's."""
        self._begin()
        ranked = _has_window(parts.expression)
        value = self._apart(parts.expression) if ranked else self.resolve(parts.expression)
        arguments = tuple(self.resolve(argument) for argument in parts.arguments)
        keys = [(f"{safe_name(d)}_{i}", self.refs[d]) for i, d in enumerate(parts.keys, 1)]
        theirs = self.steps.spine(parts.frame)
        period_of = self.spine.number if theirs is self.spine else self.spine.column("period")
        columns: list[tuple[str, nodes.Expression]] = [*keys, ("period", period_of)]
        columns.append(("value", nodes.Reduce(parts.function, (value, *arguments), None, parts.type)))
        if self.steps.collected.sparse:
            some = self._any_behind((parts.expression,))
            columns.append(("behind", nodes.Reduce("count", (), some, WHOLE)))
        select = self._select(columns, grouped=True, keys=len(keys) + 1)
        step = self.steps.add(f"each {self.frame.unit or self.frame.member}", "parts, then aggregated", select)
        outer = self.steps.spine(parts.frame)
        period = ("period", outer.number)
        names = tuple((name, d, ref.type) for (name, ref), d in zip(keys, parts.keys, strict=True))
        default = parts.function in ("sum", "count", "count_distinct")

        def finish(found: tuple[nodes.Expression, ...]) -> nodes.Expression:
            zero = Constant(Decimal(0), parts.type)
            return nodes.Apply("else", (found[0], zero), parts.type) if default else found[0]

        behind = "behind" if self.steps.collected.sparse else None
        self.steps.located[number] = Located(step, names, period, (("value", parts.type),), finish, behind, behind)

    def _members(self) -> None:
        """The members with a row behind, group by group and period by period, in place of groups × periods."""
        selects: list[nodes.Select] = []
        spine = self.spine
        for _, leaf, located in self._own_leaves():
            theirs = self.steps.spine(leaf.frame)
            joins, where = self._present(located)
            if located.period is None:
                joins = (nodes.Join("cross", nodes.Step(theirs.name), theirs.name),)
            period = theirs.number if theirs is spine else theirs.column("period")
            columns = (*self._group_columns(located), ("period", period))
            select = nodes.Select(columns, nodes.Step(located.step), located.step, joins, where, distinct=True)
            if select not in selects:
                selects.append(select)
        if not selects:
            selects.append(self._nobody(spine))
        name = self.steps.add(
            f"members by {' '.join(self.frame.dimensions)}",
            "members with a row behind",
            nodes.Union(tuple(selects), True),
        )
        self.groups = name
        for number, dimension in enumerate(self.frame.dimensions, 1):
            type_ = self.steps.collected.checked.dimensions[dimension].type
            self.refs[dimension] = nodes.Ref(name, f"{safe_name(dimension)}_{number}", type_)
        on = nodes.Apply("equal", (nodes.Ref(name, "period", WHOLE), spine.number), BOOL)
        self._first = nodes.Join("inner", nodes.Step(spine.name), spine.name, (on,))

    def answer(self, columns: Sequence[Column], request: Request) -> nodes.Select:
        """The rows of one frame of the answer, under the columns that all frames share."""
        self.make_groups()
        values: list[nodes.Expression] = []
        for name in request.dimensions:
            type_ = self.steps.collected.checked.dimensions[name].type
            values.append(self.refs.get(name, Constant(None, type_)))
        if request.totals:
            dropped = [name for name in request.dimensions if name not in self.frame.dimensions]
            values.append(Constant(", ".join(dropped) if dropped else None, TEXT))
        if request.grain is not None:
            values.append(self.spine.column("cell"))
        values += [self.resolve(column.expression) for column in columns]
        out = list(zip(column_names(request, columns), values, strict=True))
        if request.sparse:
            # a column and not a condition here: ranks see the cells that are left out
            out.append((SPOKEN, self._any_behind(column.expression for column in columns)))
        return self._select(out)

    def _any_behind(self, expressions: Iterable[nodes.Expression]) -> nodes.Expression:
        """Whether some aggregate of the expressions, or one nested in it, has a row behind it in a cell."""
        found: nodes.Expression = Constant(False, BOOL)
        numbers = {n.leaf for part in expressions for n in walk(part) if isinstance(n, nodes.LeafValue)}
        for number in sorted(numbers):
            located = self.steps.located[number]
            told = number in self.steps.counted or isinstance(self.steps.collected.leaves[number], Parts)
            if told and located.spoken is not None and len(located.keys) == len(self.frame.dimensions):
                rows = nodes.Ref(self._join(located), located.spoken, WHOLE)
                some = nodes.Apply("greater", (rows, Constant(Decimal(0), WHOLE)), BOOL)
                found = nodes.Apply("or", (found, some), BOOL)
        return found


def _has_window(expression: nodes.Expression) -> bool:
    return any(isinstance(node, nodes.Over) for node in walk(expression))


def column_names(request: Request, columns: Sequence[Column]) -> list[str]:
    """Names of our own for the answer's columns: engines fold case and cut long names, users' names may do neither."""
    wanted = [*request.dimensions, *(["total"] if request.totals else []), *(["period"] if request.grain else [])]
    names: list[str] = []
    for name in [*wanted, *(column.name for column in columns)]:
        safe = safe_name(name)
        names.append(safe if safe not in names else f"{safe}_{len(names) + 1}")
    return names
