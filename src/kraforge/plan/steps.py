"""The steps of a plan while it is built, and where each leaf's value is found among them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from attrs import field, frozen

from kraforge.errors import Mistake, UnsupportedError
from kraforge.functions.business import NAMES
from kraforge.plan import nodes
from kraforge.plan.calendars import Calendars
from kraforge.plan.collect import Collected
from kraforge.plan.context import Context
from kraforge.plan.known import own_where
from kraforge.plan.layout import Layout
from kraforge.plan.leaves import Leaf, safe_name
from kraforge.plan.partials import Finish
from kraforge.plan.promises import Promise, one_row
from kraforge.plan.shape import Shape
from kraforge.plan.spines import Spine
from kraforge.plan.timeline import owner_of
from kraforge.plan.worktime import uses
from kraforge.semantics import bound
from kraforge.types import BOOL, Type

Keys = tuple[tuple[str, str | None, Type], ...]
"""The key columns of a step: name, the dimension that it is, type."""


@frozen
class Located:
    """Where a leaf's value is found: a step, its key columns, how it meets a period, and how it is finished.

    `behind` counts the rows that speak for groups, `spoken` those that speak for cells, where that was needed; `complete`
    says that every group of the step has one. `period` is a column of the step and the spine's column that equals it; None
    where one value serves all periods.
    """

    step: str
    keys: Keys
    period: tuple[str, nodes.Ref] | None
    parts: tuple[tuple[str, Type], ...]
    finish: Finish = field(eq=False)
    behind: str | None = None
    spoken: str | None = None
    complete: bool = True

    def value(self, alias: str) -> nodes.Expression:
        """The leaf's value, where the step has an alias."""
        return self.finish(tuple(nodes.Ref(alias, name, type_) for name, type_ in self.parts))


class Steps:
    """The steps of a plan while it is built."""

    def __init__(
        self, collected: Collected, shape: Shape, top: frozenset[int] = frozenset(), layout: Layout = Layout()
    ) -> None:
        self.collected = collected
        self.shape = shape
        self.top = top  # leaves that cells use: their rows decide which groups there are
        self.counted = frozenset(collected.evidence)  # leaves whose rows are counted for every cell
        self.windows: dict[tuple[str, object, int], str] = {}
        self.steps: list[nodes.Named] = []
        self.spines: dict[int, Spine] = {}
        self.days_listed: dict[tuple[int, Context], Spine] = {}
        self.located: dict[int, Located] = {}
        self.groups: dict[int, str] = {}
        self.checked_keys: list[str] = []
        self.promises: dict[tuple[object, ...], Promise] = {}
        self.made: dict[tuple[str, ...], str] = {}  # steps that links share, by what they are
        # a step named like a table would hide it from later steps, one named like a joined row be taken for it
        tables = collected.checked.declarations.tables.values()
        self._names = {part.lower() for t in tables for name in (t.name, t.table or "") for part in name.split(".")}
        self._names |= set(collected.aliases.rows)
        self._tables: dict[str, nodes.Relation] = {}
        self.calendars = Calendars(self, uses(collected), layout)

    def add(self, wanted: str, note: str, body: nodes.Body) -> str:
        """Adds a step under a name of its own."""
        name = self.free(wanted)
        self.steps.append(nodes.Named(name, note, body))
        return name

    def free(self, wanted: str) -> str:
        """A name that nothing else has."""
        name, number = safe_name(wanted), 2
        while name in self._names:
            name, number = f"{safe_name(wanted)}_{number}", number + 1
        self._names.add(name)
        return name

    def unique(self, table: str) -> None:
        """Promises that the key of a table's rows is unique."""
        found = self.collected.checked.tables[table]
        if found.known is not None:
            self.promise(("key", table), lambda: one_row(self, table))
        elif table not in self.checked_keys and found.members is None and found.made is None:
            self.checked_keys.append(table)

    def promise(self, key: tuple[object, ...], make: Callable[[], Promise]) -> None:
        """Has something asked of the data before the first answer, once for a key."""
        if key not in self.promises:
            self.promises[key] = make()

    def alias(self, step: str, taken: Collection[str]) -> str:
        """An alias for one more use of a step in a select: like no other alias there, and like no other step."""
        name, number = step, 2
        while name in taken or (name != step and name in self._names):
            name, number = f"{step}_again_{number}", number + 1
        return name

    def owner(self, frame: int) -> int:
        """The frame whose periods a frame has."""
        return owner_of(self.collected.frames, frame)

    def spine(self, frame: int) -> Spine:
        """The spine of a frame's periods."""
        owner = self.owner(frame)
        if owner not in self.spines:
            named = self.free("periods" if owner == 0 else f"parts_{owner}")
            self.spines[owner] = Spine(owner, named, self.collected.frames[owner].unit is not None)
        return self.spines[owner]

    def days(self, frame: int, context: Context) -> Spine:
        """The days of each of a frame's periods, by the bounds that a context has in it."""
        key = (self.owner(frame), context)
        if key not in self.days_listed:
            spine = self.spine(frame)
            self.days_listed[key] = spine.days(context, self.free(f"days of {spine.name}"))
        return self.days_listed[key]

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
        if table.made is not None:
            from kraforge.plan.populations import as_read, population

            return nodes.Step(population(self, name, as_read(self, name)))
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
    where = own_where(steps.collected.checked, table, steps.collected.known_at)
    return tuple(own_columns(steps, part, table, alias) for part in where)


def own_columns(steps: Steps, expression: bound.Expression, table: str, alias: str) -> nodes.Expression:
    """An expression over a table's row 0 that needs only its own columns, over an alias."""
    return _OwnColumns(steps.collected, alias, table).place(expression)


class _OwnColumns:
    def __init__(self, collected: Collected, alias: str, table: str) -> None:
        self.alias, self.table, self.collected = alias, table, collected

    def place(self, expression: bound.Expression) -> nodes.Expression:
        match expression:
            case bound.Constant() | bound.Bound():
                return expression
            case bound.Column(path=()):
                return nodes.Source(self.alias, self.table, expression.name, expression.type)
            case bound.Call() if expression.function not in NAMES:
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
