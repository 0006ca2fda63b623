"""Scans: leaves that share a table, keys, date and grain become one select of partial values."""

from __future__ import annotations

from attrs import field, frozen

from kraforge.errors import Mistake, UnsupportedError
from kraforge.plan import nodes
from kraforge.plan.collect import Collected
from kraforge.plan.leaves import Key, Leaf, Parts, safe_name, walk
from kraforge.plan.partials import Finish, Partial, rows_behind, split
from kraforge.plan.rows import Base, Rows, conjuncts
from kraforge.plan.shape import Mode, Shape, expressions, owner_of
from kraforge.plan.spines import Spine
from kraforge.semantics import bound
from kraforge.types import BOOL, COUNT, DATE, Type


@frozen
class Located:
    """Where a leaf's value is found: a step, its key columns, how it meets a period, and how it is finished.

    `period` is a column of the step and the spine's column that equals it; None where one value serves all periods.
    """

    step: str
    keys: tuple[tuple[str, str | None, Type], ...]
    period: tuple[str, nodes.Ref] | None
    parts: tuple[tuple[str, Type], ...]
    finish: Finish = field(eq=False)
    behind: str | None = None
    complete: bool = True

    def value(self, alias: str) -> nodes.Expression:
        """The leaf's value, where the step has an alias."""
        return self.finish(tuple(nodes.Ref(alias, name, type_) for name, type_ in self.parts))


class Steps:
    """The steps of a plan while it is built."""

    def __init__(self, collected: Collected, shape: Shape, top: frozenset[int], counted: frozenset[int]) -> None:
        self.collected = collected
        self.shape = shape
        self.top = top  # leaves that cells use: their rows decide which groups there are
        self.counted = counted  # leaves whose rows are counted for every cell
        self.windows: dict[tuple[str, object, int], str] = {}
        self.steps: list[nodes.Named] = []
        self.spines: dict[int, Spine] = {}
        self.located: dict[int, Located] = {}
        self.checked_keys: list[str] = []
        # a step named like a table would hide it from later steps, one named like a joined row be taken for it
        tables = collected.checked.declarations.tables.values()
        self._names = {part.lower() for t in tables for name in (t.name, t.table or "") for part in name.split(".")}
        self._names |= set(collected.aliases.rows)
        self._tables: dict[str, nodes.Relation] = {}

    def add(self, wanted: str, note: str, body: nodes.Body) -> str:
        """Adds a step under a name of its own."""
        name, number = safe_name(wanted), 2
        while name in self._names:
            name, number = f"{safe_name(wanted)}_{number}", number + 1
        self._names.add(name)
        self.steps.append(nodes.Named(name, note, body))
        return name

    def owner(self, frame: int) -> int:
        """The frame whose periods a frame has."""
        return owner_of(self.collected.frames, frame)

    def spine(self, frame: int) -> Spine:
        """The spine of a frame's periods."""
        owner = self.owner(frame)
        if owner not in self.spines:
            self.spines[owner] = Spine(owner, self.collected.frames[owner].unit is not None)
        return self.spines[owner]

    def covered(self, scan: int, common: tuple[nodes.Expression, ...]) -> bool:
        """Whether some leaf has every row of a scan behind it, so that the scan's groups are its."""
        for number in self.shape.scans[scan]:
            leaf = self.collected.leaves[number]
            if number in self.shape.full and isinstance(leaf, Leaf) and all(part in common for part in leaf.where):
                return True
        return False

    def relation(self, name: str) -> nodes.Relation:
        """A catalog's table as a relation: members of a column are a step of their own."""
        table = self.collected.checked.tables[name]
        if table.members is None:
            return nodes.Scan(name)
        if name not in self._tables:
            home, column = table.members
            alias = safe_name(home)
            value = nodes.Source(alias, home, column, dict(self.collected.checked.tables[home].columns)[column])
            where = (*own_conditions(self, home, alias), nodes.Apply("is_present", (value,), BOOL))
            select = nodes.Select(((column, value),), nodes.Scan(home), alias, where=where, distinct=True)
            self._tables[name] = nodes.Step(self.add(f"{name} members", f"the values of {home}.{column}", select))
        return self._tables[name]


def own_conditions(steps: Steps, table: str, alias: str) -> tuple[nodes.Expression, ...]:
    """The conditions that a table's `where` puts on its rows, over an alias.

    Raises UnsupportedError where the table is linked to and its `where` needs more than its own columns.
    """
    where = steps.collected.checked.tables[table].where
    if where is None:
        return ()
    probe = _OwnColumns(steps.collected, alias, table)
    return tuple(probe.place(part) for part in conjuncts(where))


class _OwnColumns:
    def __init__(self, collected: Collected, alias: str, table: str) -> None:
        self.alias, self.table, self.collected = alias, table, collected

    def place(self, expression: bound.Expression) -> nodes.Expression:
        match expression:
            case bound.Constant() | bound.Bound():
                return expression
            case bound.Column(path=()):
                return nodes.Source(self.alias, self.table, expression.name, expression.type)
            case bound.Call():
                return nodes.Apply(
                    expression.function, tuple(self.place(a) for a in expression.arguments), expression.type
                )
            case bound.Case():
                branches = tuple((self.place(c), self.place(v)) for c, v in expression.branches)
                return nodes.Choose(branches, self.place(expression.otherwise), expression.type)
            case _:
                raise UnsupportedError(
                    Mistake(
                        "unsupported",
                        f"the `where` of table {self.table!r} looks at other rows, and other tables link to it",
                        hint="use only the table's own columns in it, or move the condition into the KPIs",
                    )
                )


class Scanner:
    """Builds one scan: its joins, keys, conditions and partial values."""

    def __init__(self, steps: Steps, number: int) -> None:
        self.steps = steps
        self.number = number
        self.members = steps.shape.scans[number]
        lead = steps.collected.leaves[self.members[0]]
        assert isinstance(lead, Leaf)
        self.lead = lead
        self.mode: Mode = steps.shape.modes[self.members[0]]
        self.joins: list[nodes.Join] = []
        self._joined: dict[tuple[str, str, nodes.Ref | None], str] = {}
        self._linked: set[str] = {lead.alias}
        self._domains: dict[str, nodes.Ref] = {}
        self.complete = True

    def leaves(self) -> list[tuple[int, Leaf]]:
        """The leaves of this scan."""
        found = []
        for number in self.members:
            leaf = self.steps.collected.leaves[number]
            assert isinstance(leaf, Leaf)
            found.append((number, leaf))
        return found

    def build(self) -> None:
        """Adds the scan's step and says for each of its leaves where it is found."""
        leaves = self.leaves()
        self._join_rows(leaves)
        keys = [(self._key_name(key), key) for key in self.lead.keys]
        self._join_domains()
        columns: list[tuple[str, nodes.Expression]] = [
            (name, self._domains[key.name] if key.inner else self.resolve(key.expression)) for name, key in keys
        ]
        period = self._period_column()
        if period is not None:
            columns.append(period)
        common = self._common([leaf.where for _, leaf in leaves])
        self.complete = self.steps.covered(self.number, common)
        partials: dict[Partial, str] = {}
        found: list[tuple[int, Leaf, tuple[Partial, ...], Finish]] = []
        for number, leaf in leaves:
            parts, finish = split(leaf, self._tie_break())
            needed = (*parts, rows_behind(leaf)) if self._needs_presence(number, leaf, common) else parts
            for part in needed:
                partials.setdefault(part, safe_name(f"{part.function} {len(partials) + 1}"))
            found.append((number, leaf, parts, finish))
        columns += [(name, self._reduce(part, common)) for part, name in partials.items()]
        where = (*self._bounds(), *(self.resolve(part) for part in common))
        select = nodes.Select(
            tuple(columns),
            self.steps.relation(self.lead.table),
            self.lead.alias,
            tuple(self.joins),
            where,
            grouped=True,
            keys=len(keys) + (period is not None),
        )
        name = self.steps.add(self._wanted_name(), self._note(), select)
        for number, leaf, parts, finish in found:
            self._locate(number, leaf, name, keys, partials, parts, finish)

    # ---- what is joined

    def _join_rows(self, leaves: list[tuple[int, Leaf]]) -> None:
        """Joins linked rows, the outer rows of siblings, the periods, and nested leaves, in an order that works."""
        siblings = self.lead.siblings
        used = {a for _, leaf in leaves for e in expressions(leaf) for a in self._aliases(e)}
        self._order_links(used, self.lead.alias)
        if siblings is not None:
            on = tuple(
                nodes.Apply("equal", (self.resolve(ours), self.resolve(theirs)), BOOL) for ours, theirs in siblings.on
            )
            on += own_conditions(self.steps, siblings.table, siblings.alias)
            self.joins.append(nodes.Join("inner", self.steps.relation(siblings.table), siblings.alias, on))
            self._linked.add(siblings.alias)
            self._order_links(used, siblings.alias)
        if self._pairs():
            self._join_periods()

    def _pairs(self) -> bool:
        return self.mode.kind == "pairs"

    def _aliases(self, expression: nodes.Expression) -> set[str]:
        found = set()
        for node in walk(expression):
            if isinstance(node, nodes.Source):
                found.add(node.alias)
            elif isinstance(node, nodes.LeafValue) and node.at:
                found.add(node.at)
        return found

    def _order_links(self, used: set[str], root: str) -> None:
        rows = self.steps.collected.aliases.rows
        wanted = [alias for alias in sorted(used) if alias in rows and rows[alias][1] == root]
        for alias in sorted(wanted, key=lambda alias: len(rows[alias][2])):
            self._link(alias)

    def _link(self, alias: str) -> None:
        """Joins the row that an alias stands for, after the rows on the way to it."""
        if alias in self._linked:
            return
        collected = self.steps.collected
        table, root, links = collected.aliases.rows[alias]
        if not links:
            return
        before = collected.aliases.linked(root, links[:-1])
        self._link(before)
        source = collected.aliases.rows[before][0]
        key = collected.checked.tables[table].key
        on: list[nodes.Expression] = []
        for mine, theirs in zip(links[-1].by, key, strict=True):
            left = nodes.Source(before, source, mine, self._type(source, mine))
            right = nodes.Source(alias, table, theirs, self._type(table, theirs))
            on.append(nodes.Apply("equal", (left, right), BOOL))
        on += own_conditions(self.steps, table, alias)
        self.joins.append(nodes.Join("left", self.steps.relation(table), alias, tuple(on)))
        self._linked.add(alias)
        if table not in self.steps.checked_keys and collected.checked.tables[table].members is None:
            self.steps.checked_keys.append(table)

    def _type(self, table: str, column: str) -> Type:
        return dict(self.steps.collected.checked.tables[table].columns).get(column, DATE)

    def _join_periods(self) -> None:
        spine = self.steps.spine(self.lead.frame)
        on: tuple[nodes.Expression, ...] = ()
        if self.mode.join != "all":
            assert self.lead.on is not None
            date = self.resolve(self.lead.on)
            if self.mode.join == "unit":
                unit = self.mode.unit
                start = nodes.Apply(f"_start_{unit}", (date,), DATE)
                on = (nodes.Apply("equal", (start, spine.column("unit", self.lead.context, unit)), BOOL),)
            else:
                on = (
                    nodes.Apply("_from", (date, spine.column("low", self.lead.context)), BOOL),
                    nodes.Apply("_before", (date, spine.column("high", self.lead.context)), BOOL),
                )
        self.joins.append(nodes.Join("inner" if on else "cross", nodes.Step(spine.name), spine.name, on))

    def _join_domains(self) -> None:
        """Dimensions that only nested leaves reach: every value of theirs meets every row."""
        for key in self.lead.keys:
            if not key.inner:
                continue
            parts = []
            for number in self.lead.nested:
                located = self.steps.located[number]
                for name, dimension, type_ in located.keys:
                    if dimension == key.dimension:
                        column = nodes.Ref(located.step, name, type_)
                        parts.append(
                            nodes.Select(((name, column),), nodes.Step(located.step), located.step, distinct=True)
                        )
            body = nodes.Union(tuple(parts), distinct=True)
            step = self.steps.add(f"values of {key.name}", f"the groups by {key.name} that nested rows have", body)
            first = parts[0].columns[0]
            self._domains[key.name] = nodes.Ref(step, first[0], first[1].type)
            self.joins.append(nodes.Join("cross", nodes.Step(step), step))

    def resolve(self, expression: nodes.Expression) -> nodes.Expression:
        """An expression with nested leaves and dates of contexts as columns of what is joined."""
        match expression:
            case nodes.LeafValue():
                return self._nested(expression)
            case nodes.PeriodRef():
                spine = self.steps.spine(expression.frame)
                return spine.column(expression.what, expression.context)
            case nodes.Apply():
                return nodes.Apply(
                    expression.function, tuple(self.resolve(a) for a in expression.arguments), expression.type
                )
            case nodes.Choose():
                branches = tuple((self.resolve(c), self.resolve(v)) for c, v in expression.branches)
                return nodes.Choose(branches, self.resolve(expression.otherwise), expression.type)
            case _:
                return expression

    def _nested(self, value: nodes.LeafValue) -> nodes.Expression:
        """Joins the step of a nested leaf to the row that it belongs to, once, and gives the leaf's value."""
        located = self.steps.located[value.leaf]
        spine = located.period[1] if located.period is not None else None
        key = (located.step, value.at, spine)
        if key not in self._joined:
            alias = located.step if located.step not in self._joined.values() else f"{located.step}_{len(self._joined)}"
            self.joins.append(nodes.Join("left", nodes.Step(located.step), alias, self._meet(located, value.at, alias)))
            self._joined[key] = alias
        return located.value(self._joined[key])

    def _meet(self, located: Located, at: str, alias: str) -> tuple[nodes.Expression, ...]:
        on: list[nodes.Expression] = []
        if at:
            table = self.steps.collected.aliases.rows[at][0]
            names = self.steps.collected.checked.tables[table].key
            own = [(name, type_) for name, dimension, type_ in located.keys if dimension is None]
            for (name, type_), column in zip(own, names, strict=True):
                mine = nodes.Source(at, table, column, self._type(table, column))
                on.append(nodes.Apply("equal", (nodes.Ref(alias, name, type_), mine), BOOL))
        for name, dimension, type_ in located.keys:
            if dimension is not None and dimension in self._domains:
                on.append(nodes.Apply("_same", (nodes.Ref(alias, name, type_), self._domains[dimension]), BOOL))
        if located.period is not None:
            column, spine = located.period
            on.append(nodes.Apply("equal", (nodes.Ref(alias, column, spine.type), spine), BOOL))
        return tuple(on)

    # ---- what is selected

    def _key_name(self, key: Key) -> str:
        taken = [known.name for known in self.lead.keys]
        return f"{safe_name(key.name)}_{taken.index(key.name) + 1}" if key.dimension or "->" in key.name else key.name

    def _period_column(self) -> tuple[str, nodes.Expression] | None:
        match self.mode.kind:
            case "fixed":
                return None
            case "pairs":
                spine = self.steps.spine(self.lead.frame)
                return "period", spine.column("part" if spine.owner else "period")
            case _:
                assert self.lead.on is not None
                date = self.resolve(self.lead.on)
                return str(self.mode.unit), nodes.Apply(f"_start_{self.mode.unit}", (date,), DATE)

    def _common(self, conditions: list[tuple[nodes.Expression, ...]]) -> tuple[nodes.Expression, ...]:
        first, *others = conditions
        return tuple(part for part in first if all(part in other for other in others))

    def _reduce(self, part: Partial, common: tuple[nodes.Expression, ...]) -> nodes.Reduce:
        left = [self.resolve(condition) for condition in part.where if condition not in common]
        where: nodes.Expression | None = None
        for condition in left:
            where = condition if where is None else nodes.Apply("and", (where, condition), BOOL)
        arguments = tuple(self.resolve(argument) for argument in part.arguments)
        order = tuple(self.resolve(argument) for argument in part.order)
        return nodes.Reduce(part.function, arguments, where, part.type, order)

    def _bounds(self) -> tuple[nodes.Expression, ...]:
        """The scan's bounds; under anytime rows without a date pass too."""
        if self.lead.on is None:
            return ()
        date = self.resolve(self.lead.on)
        found: list[nodes.Expression] = []
        if any(self.steps.shape.modes[number].low for number in self.members):
            found.append(nodes.Apply("_from", (date, nodes.Slot(f"scan_{self.number}_low", DATE)), BOOL))
        if any(self.steps.shape.modes[number].high for number in self.members):
            found.append(nodes.Apply("_before", (date, nodes.Slot(f"scan_{self.number}_high", DATE)), BOOL))
        if not self.lead.dated_rows_only:
            undated = nodes.Apply("is_missing", (date,), BOOL)
            found = [nodes.Apply("or", (condition, undated), BOOL) for condition in found]
        elif not found:
            found.append(nodes.Apply("is_present", (date,), BOOL))
        return tuple(found)

    def _tie_break(self) -> tuple[nodes.Expression, ...]:
        table = self.steps.collected.checked.tables[self.lead.table]
        types = dict(table.columns)
        return tuple(
            nodes.Source(self.lead.alias, self.lead.table, name, types[name]) for name in table.key if name in types
        )

    # ---- where leaves are found

    def _needs_presence(self, number: int, leaf: Leaf, common: tuple[nodes.Expression, ...]) -> bool:
        if number in self.steps.counted:
            return True
        return number in self.steps.top and bool(leaf.keys) and not self.steps.covered(self.number, common)

    def _locate(
        self,
        number: int,
        leaf: Leaf,
        step: str,
        keys: list[tuple[str, Key]],
        partials: dict[Partial, str],
        parts: tuple[Partial, ...],
        finish: Finish,
    ) -> None:
        mode = self.steps.shape.modes[number]
        names = tuple(
            (name, key.dimension or (key.name if "->" in key.name else None), key.expression.type) for name, key in keys
        )
        columns = tuple((partials[part], part.type) for part in parts)
        behind = partials.get(rows_behind(leaf))
        spine = self.steps.spine(leaf.frame) if mode.kind != "fixed" else None
        period: tuple[str, nodes.Ref] | None = None
        match mode.kind:
            case "unit":
                assert spine is not None
                period = (str(mode.unit), spine.column("unit", leaf.context, mode.unit))
            case "pairs":
                assert spine is not None
                period = ("period", spine.column("part" if spine.owner else "period"))
            case "window":
                assert spine is not None
                step = self._window(leaf, mode, spine, step, names, partials)
                period = ("period", spine.column("part" if spine.owner else "period"))
            case _:
                pass
        self.steps.located[number] = Located(step, names, period, columns, finish, behind, self.complete)

    def _window(
        self,
        leaf: Leaf,
        mode: Mode,
        spine: Spine,
        step: str,
        keys: tuple[tuple[str, str | None, Type], ...],
        partials: dict[Partial, str],
    ) -> str:
        """The partial values of a scan gathered over the bounds that a context has in each period."""
        known = (step, leaf.context, spine.owner)
        if known in self.steps.windows:
            return self.steps.windows[known]
        low = spine.column("low", leaf.context, mode.unit)
        high = spine.column("high", leaf.context)
        unit = nodes.Ref(step, str(mode.unit), DATE)
        on = (
            nodes.Apply("greater_equal", (unit, low), BOOL),
            nodes.Apply("less", (unit, high), BOOL),
        )
        columns: list[tuple[str, nodes.Expression]] = [(name, nodes.Ref(step, name, type_)) for name, _, type_ in keys]
        columns.append(("period", spine.column("part" if spine.owner else "period")))
        for part, name in partials.items():
            if part.merge:
                value = nodes.Ref(step, name, part.type)
                columns.append((name, nodes.Reduce(part.merge, (value,), None, part.type)))
        select = nodes.Select(
            tuple(columns),
            nodes.Step(step),
            step,
            (nodes.Join("inner", nodes.Step(spine.name), spine.name, on),),
            grouped=True,
            keys=len(keys) + 1,
        )
        name = self.steps.add(
            f"{step} {low.name.removesuffix('_low')}", "gathered over the bounds of each period", select
        )
        self.steps.windows[known] = name
        return name

    def _wanted_name(self) -> str:
        names = [key.name for key in self.lead.keys]
        by = f" by {' '.join(names)}" if names else ""
        return f"{self.lead.table}{by}{' ' + str(self.mode.unit) if self.mode.unit else ''}"

    def _note(self) -> str:
        keys = [key.dimension or key.name for key in self.lead.keys] + ([self.mode.unit] if self.mode.unit else [])
        return f"{self.lead.table}{' by ' + ', '.join(str(key) for key in keys) if keys else ''}"


__all__ = ["COUNT", "Base", "Located", "Parts", "Rows", "Scanner", "Steps", "own_conditions"]
