"""What `explain` answers: facts for programs, and a text to read."""

from __future__ import annotations

from attrs import frozen

from kraforge.explanation.written import name, safe
from kraforge.types import Type


@frozen
class Definition:
    """A definition that the formula uses, directly (`depth` 0) or by way of the one before it with a smaller depth.

    `kind` is kpi, field, parameter, function or dimension. `again`: it stands further up with what it uses itself.
    """

    depth: int
    kind: str
    name: str
    text: str
    again: bool = False


@frozen
class Leaf:
    """An aggregate in words: whose `rows` count when, under which `conditions`, in which `context`, and the `value`.

    `text` is the aggregate with its names resolved. `nested` are those taken for each of its rows. `sees_later`: rows
    after the period may count.
    """

    number: str
    text: str
    function: str
    table: str
    rows: str
    conditions: tuple[str, ...]
    context: tuple[str, ...]
    value: str
    sees_later: bool
    nested: tuple[Leaf, ...] = ()


@frozen
class Table:
    """A table that is read: its name `at` the source, its key, event `date` and condition (`where`) as declared.

    `population` where it has no event date. `links` are those that are walked from it.
    """

    name: str
    at: str
    key: tuple[str, ...]
    date: str | None
    where: str | None
    links: tuple[str, ...] = ()

    @property
    def population(self) -> bool:
        """Whether all its rows count in every period, unless `on` or `during` says otherwise."""
        return self.date is None


@frozen
class Group:
    """How the aggregates over `table` reach a dimension: the `path` to it, None where none leads there.

    `moving`: its value may change between periods.
    """

    dimension: str
    table: str
    path: str | None
    moving: bool = False


@frozen
class Count:
    """How many rows of a table (after its own `where`) have no `date`, and so fall in no period."""

    table: str
    date: str
    rows: int
    undated: int


@frozen
class Explanation:
    """What a KPI means. `str()` of it is the text to read; everything in it is there as data too.

    `formula` is as written, of each version with its first day. `leaves` are its aggregates, `uses` the definitions behind
    it. `sql` is that of a request for `window` without groups, empty where the parts of each() need a window of their own.
    """

    name: str
    title: str | None
    description: str | None
    formula: str
    type: Type
    unit: str | None
    better: str | None
    uses: tuple[Definition, ...]
    leaves: tuple[Leaf, ...]
    tables: tuple[Table, ...]
    groups: tuple[Group, ...]
    notes: tuple[str, ...]
    counts: tuple[Count, ...]
    window: str
    sql: str

    def __str__(self) -> str:
        head = safe(self.name) + (f": {safe(self.title)}" if self.title else "")
        lines = [head, *([safe(" ".join(self.description.split()))] if self.description else [])]
        lines += ["", *_indented(self.formula), "", self._result()]
        if self.uses:
            lines += ["", "Uses", *(_definition(each) for each in self.uses)]
        lines += ["", "Computed from"]
        for leaf in self.leaves:
            lines += _leaf(leaf, "  ")
        if not self.leaves:
            lines.append("  no rows: it is the same in every cell")
        lines += _section("Tables", [_table(table) for table in self.tables])
        lines += _section("Rows without a date", [_count(count) for count in self.counts])
        lines += _section("Groups", _groups(self.groups))
        lines += _section("Notes", [f"- {note}" for note in self.notes])
        if self.sql:
            lines += ["", f"SQL for {safe(self.window)}, without groups", *_indented(self.sql)]
        return "\n".join(lines)

    def _result(self) -> str:
        unit = f", shown in {safe(self.unit)}" if self.unit else ""
        direction = f"; {self.better} is better" if self.better else ""
        return f"Gives {_article(str(self.type))}{unit}{direction}."


def _article(kind: str) -> str:
    plain = kind.startswith(("money", "text", "missing"))
    return kind if plain else f"a {kind}"


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _indented(text: str) -> list[str]:
    return [f"  {safe(line)}" for line in text.split("\n")]


def _definition(each: Definition) -> str:
    indent = "  " * (min(each.depth, 20) + 1)
    text = "(see above)" if each.again else safe(" ".join(each.text.split()))
    return f"{indent}{each.kind} {safe(each.name)}: {text}"


def _leaf(leaf: Leaf, indent: str) -> list[str]:
    inner = indent + "   "
    lines = [f"{indent}{leaf.number}. {safe(leaf.text)}", f"{inner}rows: {leaf.rows}"]
    lines += [f"{inner}only with: {condition}" for condition in leaf.conditions]
    if leaf.context:
        lines.append(f"{inner}context: {'; '.join(leaf.context)}")
    lines.append(f"{inner}value: {leaf.value}")
    for nested in leaf.nested:
        lines += _leaf(nested, inner)
    return lines


def _table(table: Table) -> str:
    said = [f"key {', '.join(map(name, table.key))}"] if table.key else []
    said.append("a population, without event date" if table.date is None else f"event date {safe(table.date)}")
    if table.where is not None:
        said.append(f"only rows with {safe(table.where)}")
    if table.links:
        said.append(f"links walked: {', '.join(map(name, table.links))}")
    at = "" if table.at == table.name else f" ({safe(table.at)})"
    return f"{name(table.name)}{at}: {'; '.join(said)}"


def _count(count: Count) -> str:
    return f"{name(count.table)}: {count.undated:,} of {count.rows:,} have no {safe(count.date)} and fall in no period"


def _groups(groups: tuple[Group, ...]) -> list[str]:
    lines = []
    for table in dict.fromkeys(group.table for group in groups):
        mine = [group for group in groups if group.table == table]
        ways = [f"{name(group.dimension)} by {group.path}" for group in mine if group.path is not None]
        lines.append(f"{table}: {', '.join(ways) or 'no dimension'}")
        missing = [name(group.dimension) for group in mine if group.path is None]
        if missing:
            lines.append(f"  does not reach {', '.join(missing)}")
    return lines
