"""A plan as one SQL statement: named steps that an auditor can read and run one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from kraforge.errors import InternalError, Mistake
from kraforge.model.declarations import Column
from kraforge.plan import nodes
from kraforge.plan.spines import Cell
from kraforge.sql import text as sql
from kraforge.sql.dialects import Dialect, Setting
from kraforge.sql.expressions import Printer, columns_scope
from kraforge.sql.text import Sql
from kraforge.types import Storage, Type


@frozen
class Stored:
    """A table at its source: its identifier, and by the catalog's names of its columns how they are kept, how they are
    declared, and what the source calls them."""

    name: tuple[str, ...]
    storages: Mapping[str, Storage]
    columns: Mapping[str, Column]
    names: Mapping[str, str]


@frozen
class Lowered:
    """A statement with slots for what hangs on the window, and the names, types and storage of its columns."""

    template: str
    columns: tuple[tuple[str, Type], ...]
    storages: tuple[Storage, ...]
    given: Mapping[str, tuple[tuple[str, Storage], ...]]


@frozen
class Lowering:
    """Prints the steps of one plan in order, and keeps how each step's columns are stored."""

    dialect: Dialect
    setting: Setting
    tables: Mapping[str, Stored]
    steps: dict[str, dict[str, Storage]] = field(factory=dict)

    def statement(self, plan: nodes.Plan) -> Lowered:
        """The whole plan as text."""
        texts = []
        uses = _uses(plan)
        given: dict[str, tuple[tuple[str, Storage], ...]] = {}
        for step in plan.steps:
            match step.body:
                case nodes.Given():
                    given[step.name] = step.body.columns
                    self.steps[step.name] = dict(step.body.columns)
                    names = ", ".join(sql.quote(name) for name, _ in step.body.columns)
                    texts.append(f"{sql.quote(step.name)} ({names}) AS (\n  {sql.slot(step.name)}\n)")
                case nodes.Days():
                    self.steps[step.name] = {"day": sql.DATE}
                    texts.append(self._step(step, self._days(step.body), uses))
                case nodes.Select():
                    body = self._select(step.name, step.body)
                    texts.append(self._step(step, body, uses))
                case nodes.Union():
                    word = "UNION" if step.body.distinct else "UNION ALL"
                    body = f"\n  {word}\n".join(self._parts(step, step.body))
                    texts.append(self._step(step, body, uses))
        answer, storages = self._answer(plan.answer)
        word = "WITH RECURSIVE\n" if any(_recurs(step) for step in plan.steps) else "WITH\n"
        return Lowered(word + ",\n".join(texts) + "\n" + answer, plan.columns, storages, given)

    def _step(self, step: nodes.Named, body: str, uses: Mapping[str, int]) -> str:
        kept = " MATERIALIZED" if uses.get(step.name, 0) > 1 and not _recurs(step) else ""
        note = "".join(c if c.isprintable() else " " for c in step.note).replace("*/", "* /")
        return f"{sql.quote(step.name)} AS{kept} (  -- {note}\n{body}\n)"

    def _days(self, body: nodes.Days) -> str:
        printer = Printer(self.dialect, self.setting, columns_scope({}))
        low, high = printer.value(body.low), printer.value(body.high)
        return f"  SELECT {printer.call('_days', low.text, high.text)} AS {sql.quote('day')}"

    def _printer(self, select: nodes.Select) -> Printer:
        tables: dict[str, Mapping[str, Sql]] = {select.alias: self._columns(select.relation, select.alias)}
        for join in select.joins:
            tables[join.alias] = self._columns(join.relation, join.alias)
        return Printer(self.dialect, self.setting, columns_scope(tables))

    def _columns(self, relation: nodes.Relation, alias: str) -> Mapping[str, Sql]:
        if isinstance(relation, nodes.Step):
            return {
                name: Sql(f"{sql.quote(alias)}.{sql.quote(name)}", storage)
                for name, storage in self.steps[relation.name].items()
            }
        return _Table(self, relation.table, alias)

    def _relation(self, relation: nodes.Relation) -> str:
        if isinstance(relation, nodes.Step):
            return sql.quote(relation.name)
        return ".".join(sql.quote(part) for part in self.tables[relation.table].name)

    def _parts(self, step: nodes.Named, union: nodes.Union) -> list[str]:
        """The selects of a union; exact columns are kept with the decimals of all, of which an engine would drop some."""
        if _recurs(step):
            return [self._select(step.name, part) for part in union.parts]
        parts = [(part, self._printer(part)) for part in union.parts]
        columns = [[printer.value(expression) for _, expression in part.columns] for part, printer in parts]
        for at, values in enumerate(zip(*columns, strict=True)):
            kept = {value.storage for value in values if not value.text.startswith("CAST(NULL")}
            if len(kept) > 1 and {storage.kind for storage in kept} <= {"integer", "decimal"}:
                wide = Storage("decimal", max(storage.scale for storage in kept))
                for row, (_, printer) in zip(columns, parts, strict=True):
                    row[at] = printer.widen(row[at], wide)
        return [
            self._printed(step.name, part, printer, values)
            for (part, printer), values in zip(parts, columns, strict=True)
        ]

    def _select(self, step: str, select: nodes.Select) -> str:
        printer = self._printer(select)
        return self._printed(step, select, printer, [printer.value(expression) for _, expression in select.columns])

    def _printed(self, step: str, select: nodes.Select, printer: Printer, values: list[Sql]) -> str:
        columns = list(zip((name for name, _ in select.columns), values, strict=True))
        known = self.steps.setdefault(step, {})
        for name, value in columns:
            if name not in known or value.text.startswith("CAST(NULL") is False:
                known.setdefault(name, value.storage)
        listed = ",\n".join(f"    {value.text} AS {sql.quote(name)}" for name, value in columns)
        lines = [f"  SELECT{' DISTINCT' if select.distinct else ''}\n{listed}"]
        lines.append(f"  FROM {self._relation(select.relation)} AS {sql.quote(select.alias)}")
        lines += [self._join(printer, join) for join in select.joins]
        if select.where:
            lines.append("  WHERE " + "\n    AND ".join(printer.condition(part) for part in select.where))
        if select.grouped and select.keys:
            lines.append("  GROUP BY " + ", ".join(str(number) for number in range(1, select.keys + 1)))
        if select.having:
            lines.append("  HAVING " + " AND ".join(printer.condition(part) for part in select.having))
        return "\n".join(lines)

    def _join(self, printer: Printer, join: nodes.Join) -> str:
        relation = f"{self._relation(join.relation)} AS {sql.quote(join.alias)}"
        if join.kind == "cross" or (join.kind == "inner" and not join.on):
            return f"  CROSS JOIN {relation}"
        on = "\n    AND ".join(printer.condition(part) for part in join.on) or "TRUE"
        return f"  {join.kind.upper()} JOIN {relation}\n    ON {on}"

    def _answer(self, answer: nodes.Answer) -> tuple[str, tuple[Storage, ...]]:
        tables = {answer.step: self._columns(nodes.Step(answer.step), answer.step)}
        printer = Printer(self.dialect, self.setting, columns_scope(tables))
        values = [
            (name, self._out(printer, printer.value(expression), expression.type))
            for name, expression in answer.columns
        ]
        listed = ",\n".join(f"  {value.text} AS {sql.quote(name)}" for name, value in values)
        lines = [f"SELECT\n{listed}", f"FROM {sql.quote(answer.step)}"]
        if answer.where is not None:
            lines.append(f"WHERE {printer.condition(answer.where)}")
        if answer.order:
            keys = [self._order(tables[answer.step][key.name], key) for key in answer.order]
            lines.append("ORDER BY " + ", ".join(keys))
        if answer.limit is not None:
            lines.append(f"LIMIT {answer.limit}")
        return "\n".join(lines), tuple(value.storage for _, value in values)

    def _out(self, printer: Printer, value: Sql, type_: Type) -> Sql:
        """A value as it leaves: no infinities, durations in seconds, times in the catalog's zone."""
        if type_.kind == "duration":
            return Sql(f"({printer.cast(value, sql.DOUBLE).text} / 1000000)", sql.DOUBLE)
        match value.storage.kind:
            case "double":
                return Sql(printer.call("_finite", value.text), value.storage)
            case "instant":
                return printer.as_local(value)
            case _:
                return value

    def _order(self, value: Sql, key: nodes.Order) -> str:
        collated = self.dialect.collation if value.storage.kind == "text" else ""
        text = f"{value.text}{collated}"
        if key.labels:
            places = " ".join(f"WHEN {sql.text_literal(label)} THEN {i}" for i, label in enumerate(key.labels))
            text = f"CASE {value.text} {places} END"
        return f"{text} {'DESC' if key.descending else 'ASC'} NULLS {'FIRST' if key.missing_first else 'LAST'}"


class _Table(Mapping[str, Sql]):
    """The columns of a source's table, read by their declared types."""

    def __init__(self, lowering: Lowering, table: str, alias: str) -> None:
        self.stored = lowering.tables[table]
        self.alias = alias
        self.printer = Printer(lowering.dialect, lowering.setting, columns_scope({}))

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.stored.storages)

    def __len__(self) -> int:
        return len(self.stored.storages)

    def __getitem__(self, name: str) -> Sql:
        declared = self.stored.columns.get(name)
        at_source = self.stored.names.get(name) or (declared.source if declared else None) or name
        text = f"{sql.quote(self.alias)}.{sql.quote(at_source)}"
        storage = self.stored.storages.get(name)
        if storage is None:
            if declared is None:
                raise InternalError(Mistake("internal", f"column {name!r} is not known at its source"))
            storage = sql.assumed(declared.type)
        if storage.kind == "missing":
            kept = sql.assumed(declared.type) if declared else storage
            return Sql(f"CAST(NULL AS {self.printer.dialect.type_name(kept)})", kept, literal=True)
        return self._read(Sql(text, storage), declared)

    def _read(self, value: Sql, declared: Column | None) -> Sql:
        p = self.printer
        if value.storage.kind == "double":
            # a source may keep single precision, in which sums would be reckoned too
            value = Sql(p.call("_finite", f"CAST({value.text} AS DOUBLE PRECISION)"), value.storage)
        elif value.storage.kind == "decimal":
            value = Sql(p.call("_finite_exact", value.text), value.storage)
        elif value.storage.kind == "duration":
            value = Sql(p.call("_interval_micros", value.text), value.storage)
        if declared is None:
            return value
        if declared.percent:
            return Sql(f"({p.cast(value, sql.DOUBLE).text} / 100)", sql.DOUBLE)
        match declared.type.kind, value.storage.kind:
            case "money", "double":
                return p.cast(value, Storage("decimal", 6))
            case "date", "timestamp" | "instant":
                return p.as_date(value)
            case "timestamp", "date":
                return p.cast(value, sql.TIMESTAMP)
            case "text", kind if kind not in ("text", "other"):
                return p.cast(value, sql.TEXT)
            case _:
                return value


def _recurs(step: nodes.Named) -> bool:
    """Whether a step reads its own rows."""
    parts = step.body.parts if isinstance(step.body, nodes.Union) else ()
    return any(part.relation == nodes.Step(step.name) for part in parts)


def _uses(plan: nodes.Plan) -> dict[str, int]:
    """How often each step is read by later ones."""
    uses: dict[str, int] = {plan.answer.step: 1}
    for step in plan.steps:
        selects = step.body.parts if isinstance(step.body, nodes.Union) else (step.body,)
        for select in selects:
            if isinstance(select, nodes.Select):
                for relation in (select.relation, *(join.relation for join in select.joins)):
                    if isinstance(relation, nodes.Step):
                        uses[relation.name] = uses.get(relation.name, 0) + 1
    return uses


def rows_text(columns: Sequence[tuple[str, Storage]], rows: Sequence[Sequence[Cell]], dialect: Dialect) -> str:
    """The rows of a step that are given: as columns of lists where the dialect reads them faster, else as VALUES."""
    if not rows:
        typed = ", ".join(f"CAST(NULL AS {dialect.type_name(storage)})" for _, storage in columns)
        return f"SELECT {typed} WHERE FALSE"
    if dialect.lists:
        lists = [_list([row[number] for row in rows], s, dialect) for number, (_, s) in enumerate(columns)]
        return "SELECT " + ",\n    ".join(lists)
    texts = [[_cell(cell, storage, dialect) for cell, (_, storage) in zip(row, columns, strict=True)] for row in rows]
    # the first row decides of what type the columns are
    texts[0] = [f"CAST({text} AS {dialect.type_name(kind)})" for text, (_, kind) in zip(texts[0], columns, strict=True)]
    return "VALUES " + ",\n    ".join(f"({', '.join(row)})" for row in texts)


def _list(values: Sequence[Cell], storage: Storage, dialect: Dialect) -> str:
    """A column as one text that is split: a quarter faster to plan than as many literals."""
    kind = dialect.type_name(storage)
    if None in values or storage.kind == "text":
        return (
            f"unnest(CAST([{', '.join('NULL' if v is None else _shown(v, quoted=True) for v in values)}] AS {kind}[]))"
        )
    return f"unnest(CAST(string_split('{' '.join(_shown(v) for v in values)}', ' ') AS {kind}[]))"


def _shown(value: Cell, quoted: bool = False) -> str:
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    return sql.text_literal(text) if quoted else text


def _cell(value: Cell, storage: Storage, dialect: Dialect) -> str:
    match value:
        case None:
            return f"CAST(NULL AS {dialect.type_name(storage)})"
        case int():
            return str(value)
        case _ if storage.kind == "text":
            return _shown(value, quoted=True)
        case _:
            return f"DATE {_shown(value, quoted=True)}"


def slot_text(day: dt.date | None) -> str:
    """A bound of a scan, as what stands after the word DATE.

    The last day that Python has stands for the one after it: as an end it must leave no row of that day out.
    """
    return f"'{day.isoformat()}'" if day is not None and day != dt.date.max else "'infinity'"
