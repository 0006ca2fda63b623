"""Expressions of a plan as SQL text of a dialect: every operand in brackets, storage worked out on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import assert_never

from kraforge.errors import InternalError, LimitError, Mistake, UnsupportedError
from kraforge.plan import nodes
from kraforge.semantics import bound
from kraforge.sql import text as sql
from kraforge.sql.dialects import Dialect, Setting
from kraforge.sql.text import Sql
from kraforge.types import Storage, Type

Call = Callable[["Printer", nodes.Apply], Sql]

Scope = Callable[[nodes.Ref | nodes.Source], Sql]
"""Gives the text of a column of what is in scope."""

COMPARISONS = {
    "equal": "=",
    "not_equal": "<>",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
}
FIXED = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400}
MICRO = 1_000_000
MOST_TEXT = 1_000_000
"""Characters of one expression."""


class Printer:
    """Prints expressions for one dialect, in one scope of columns."""

    def __init__(self, dialect: Dialect, setting: Setting, scope: Scope) -> None:
        self.dialect = dialect
        self.setting = setting
        self.scope = scope

    # ---- the kinds of expression

    def print(self, node: nodes.Expression) -> Sql:
        """An expression; a bool may be missing where false is meant (see `value`)."""
        match node:
            case bound.Constant():
                return self.constant(node)
            case bound.Bound():
                return self._bound(node)
            case nodes.Ref() | nodes.Source():
                found = self.scope(node)
                nothing = found.storage.kind == "missing" and node.type.kind != "missing"
                return self.constant(bound.Constant(None, node.type)) if nothing else found
            case nodes.Apply():
                return self._apply(node)
            case nodes.Choose():
                return self._choose(node)
            case nodes.Slot():
                return Sql(f"DATE {sql.slot(node.name)}", sql.DATE, literal=True)
            case nodes.Reduce():
                return self._reduce(node)
            case nodes.Over():
                return self._over(node)
            case nodes.LeafValue() | nodes.LeafBehind() | nodes.PeriodRef():
                raise InternalError(Mistake("internal", f"{type(node).__name__} was left in a plan"))
            case _:
                assert_never(node)

    def value(self, node: nodes.Expression) -> Sql:
        """An expression as a value: what compares or decides is true or false, never missing.

        Raises LimitError (graph-too-large) where the text grows beyond bounds: some functions repeat their operands.
        """
        printed = self.print(node)
        if len(printed.text) > MOST_TEXT:
            mistake = Mistake("graph-too-large", "an expression becomes too long", hint="part it into KPIs or fields")
            raise LimitError(mistake)
        return Sql(f"coalesce({printed.text}, FALSE)", sql.BOOL) if printed.bare else printed

    def condition(self, node: nodes.Expression) -> str:
        """An expression where a condition stands: missing counts as false there."""
        return self.print(node).text

    def call(self, name: str, *operands: str) -> str:
        """A function that every dialect has a template for."""
        template = self.dialect.templates.get(name)
        if template is None:
            raise UnsupportedError(Mistake("unsupported", f"{self.dialect.name} cannot do {name.lstrip('_')}"))
        return template(self.setting, operands)

    def cast(self, value: Sql, storage: Storage) -> Sql:
        """A value kept another way."""
        if value.storage == storage:
            return value
        return Sql(f"CAST({value.text} AS {self.dialect.type_name(storage)})", storage)

    def constant(self, node: bound.Constant) -> Sql:
        """A literal; a duration is its microseconds."""
        value = node.value
        match value:
            case None:
                storage = sql.assumed(node.type)
                return Sql(f"CAST(NULL AS {self.dialect.type_name(storage)})", storage, literal=True)
            case bool():
                return Sql("TRUE" if value else "FALSE", sql.BOOL, literal=True)
            case str():
                return Sql(sql.text_literal(value), sql.TEXT, literal=True)
            case dt.datetime():
                return sql.timestamp_literal(value)
            case dt.date():
                return sql.date_literal(value)
            case Decimal() | int():
                if node.type.kind == "duration" and node.unit is not None:
                    return self._duration(Decimal(value), node.unit)
                return sql.number_literal(Decimal(value))

    def _duration(self, number: Decimal, unit: str) -> Sql:
        if unit not in FIXED:
            raise UnsupportedError(
                Mistake("bad-length", f"a {unit} has no fixed length", hint="add it to a date, or use days")
            )
        return Sql(str(int(number * FIXED[unit] * MICRO)), sql.DURATION, literal=True)

    def _bound(self, node: bound.Bound) -> Sql:
        storage = sql.assumed(node.type)
        return Sql(f"CAST(${node.name} AS {self.dialect.type_name(storage)})", storage)

    def _choose(self, node: nodes.Choose) -> Sql:
        values = self.alike([self.value(value) for _, value in node.branches] + [self.value(node.otherwise)])
        parts = [
            f"WHEN {self.condition(when)} THEN {then.text}"
            for (when, _), then in zip(node.branches, values[:-1], strict=True)
        ]
        return Sql(f"(CASE {' '.join(parts)} ELSE {values[-1].text} END)", values[-1].storage)

    def alike(self, values: list[Sql]) -> list[Sql]:
        """Values brought to one storage, wide enough for all."""
        storage = common_storage([value.storage for value in values if not value.text.startswith("CAST(NULL")])
        if storage is None:
            return values
        return [self.widen(value, storage) for value in values]

    def widen(self, value: Sql, storage: Storage) -> Sql:
        """A value brought to a storage, by the calendar's zone where it comes to times."""
        if value.storage == storage:
            return value
        if value.text.startswith("CAST(NULL"):
            return Sql(f"CAST(NULL AS {self.dialect.type_name(storage)})", storage, literal=True)
        if storage.kind == "date":
            return self.as_date(value)
        if storage.kind == "instant":
            return self.as_instant(value)
        if storage.kind == "timestamp":
            return self.as_local(value)
        return self.cast(value, storage)

    # ---- times

    def zone(self) -> str:
        """The catalog's zone as a literal."""
        return sql.text_literal(self.setting.zone)

    def as_date(self, value: Sql) -> Sql:
        """The day that a value lies on, in the catalog's zone."""
        match value.storage.kind:
            case "date":
                return value
            case "instant":
                return Sql(f"CAST(({value.text} AT TIME ZONE {self.zone()}) AS DATE)", sql.DATE)
            case _:
                return Sql(f"CAST({value.text} AS DATE)", sql.DATE)

    def as_local(self, value: Sql) -> Sql:
        """The wall-clock time in the catalog's zone."""
        if value.storage.kind == "instant":
            return Sql(f"({value.text} AT TIME ZONE {self.zone()})", sql.TIMESTAMP)
        return self.cast(value, sql.TIMESTAMP)

    def as_instant(self, value: Sql) -> Sql:
        """The point in time."""
        if value.storage.kind == "instant":
            return value
        return Sql(f"({self.as_local(value).text} AT TIME ZONE {self.zone()})", sql.INSTANT)

    # ---- calls

    def _apply(self, node: nodes.Apply) -> Sql:
        from kraforge.sql.calls import CALLS

        printer = CALLS.get(node.function)
        if printer is None:
            raise UnsupportedError(
                Mistake("unsupported", f"{node.function}() is not in this version", hint="see the list of functions")
            )
        return printer(self, node)

    def _reduce(self, node: nodes.Reduce) -> Sql:
        from kraforge.sql.reduces import reduce

        return reduce(self, node)

    def _over(self, node: nodes.Over) -> Sql:
        partition = ", ".join(self.value(key).text for key in node.partition)
        order = ", ".join(f"{self._ordered(key)} {'DESC' if down else 'ASC'} NULLS LAST" for key, down in node.order)
        values = [self.value(argument) for argument in node.arguments]
        arguments = ", ".join(value.text for value in values)
        by = f"PARTITION BY {partition} " if partition else ""
        ordered = f"ORDER BY {order}{node.frame}" if order else ""
        text = f"{node.function}({arguments}) OVER ({by}{ordered})"
        # engines widen sums of integers to types that are slow to reckon with
        text = f"CAST({text} AS BIGINT)" if node.function == "sum" else text
        own = node.function in ("lead", "lag", "min", "max")
        return Sql(text, values[0].storage if own else sql.INTEGER)

    def _ordered(self, node: nodes.Expression) -> str:
        """An expression to order by: texts by their characters, whatever the engine's language."""
        value = self.value(node)
        return f"{value.text}{self.dialect.collation if value.storage.kind == 'text' else ''}"


def common_storage(storages: list[Storage]) -> Storage | None:
    """A storage that holds values of all: floating point over decimal over integer; instants over local times."""
    storages = [storage for storage in storages if storage.kind != "missing"]
    kinds = {storage.kind for storage in storages}
    if not kinds:
        return None
    if len(kinds) == 1 and "decimal" not in kinds:
        return storages[0]
    if kinds <= {"integer", "decimal"}:
        return Storage("decimal", max(storage.scale for storage in storages))
    if kinds <= {"integer", "decimal", "double", "duration"}:
        return sql.DURATION if kinds == {"integer", "duration"} else sql.DOUBLE
    if kinds <= {"date", "timestamp", "instant"}:
        return sql.DATE if "date" in kinds else sql.INSTANT
    return storages[0]


def columns_scope(tables: Mapping[str, Mapping[str, Sql]]) -> Scope:
    """A scope that finds columns by alias and name."""

    def find(column: nodes.Ref | nodes.Source) -> Sql:
        return tables[column.alias][column.name]

    return find


def is_whole(type_: Type) -> bool:
    """Whether a value of the type is an integer however it is kept."""
    return type_.whole or type_.kind == "count"


def values_of(p: Printer, node: nodes.Apply) -> list[Sql]:
    """The operands of a call as values."""
    return [p.value(argument) for argument in node.arguments]


def comparable(p: Printer, values: list[Sql]) -> list[Sql]:
    """Operands as one can compare them: a date with a timestamp by the day."""
    kinds = {value.storage.kind for value in values}
    if kinds & {"date", "timestamp", "instant"} and len(kinds) > 1 and kinds <= {"date", "timestamp", "instant"}:
        storage = common_storage([value.storage for value in values])
        assert storage is not None
        return [p.widen(value, storage) for value in values]
    if "text" in kinds and len(kinds) > 1:
        return [p.cast(value, sql.TEXT) for value in values]
    return values
