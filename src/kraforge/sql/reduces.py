"""SQL aggregates: a condition goes inside as CASE, which DuckDB runs faster than FILTER."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kraforge.errors import InternalError, Mistake
from kraforge.plan import nodes
from kraforge.sql import text as sql
from kraforge.sql.text import Sql
from kraforge.types import Storage

if TYPE_CHECKING:
    from kraforge.sql.expressions import Printer


def reduce(p: Printer, node: nodes.Reduce) -> Sql:
    """One aggregate over the rows of a select."""
    condition = None if node.where is None else p.condition(node.where)
    if node.function == "count" and not node.arguments:
        return Sql("count(*)" if condition is None else f"count(CASE WHEN {condition} THEN 1 END)", sql.INTEGER)
    value = p.value(node.arguments[0])
    if value.literal and value.storage.kind == "text":
        # a bare literal has no type of its own for an engine that picks aggregates by type
        value = Sql(f"CAST({value.text} AS {p.dialect.type_name(sql.TEXT)})", sql.TEXT)
    text = value.text if condition is None else f"CASE WHEN {condition} THEN {value.text} END"
    match node.function:
        case "count":
            return Sql(f"count({text})", sql.INTEGER)
        case "count_distinct":
            return Sql(f"count(DISTINCT {text})", sql.INTEGER)
        case "bit_or":
            return Sql(f"bit_or({text})", sql.INTEGER)
        case "sum":
            return _sum(p, value, text)
        case "min" | "max":
            return _extreme(p, node, value, text)
        case "avg":
            return Sql(f"avg({_double(p, value, text)})", sql.DOUBLE)
        case "stddev":
            return Sql(f"stddev_samp({_double(p, value, text)})", sql.DOUBLE)
        case "median":
            return Sql(_template(p, node, _double(p, value, text)), sql.DOUBLE)
        case "percentile":
            return Sql(_template(p, node, _double(p, value, text), p.value(node.arguments[1]).text), sql.DOUBLE)
        case "percentile_disc":
            return Sql(_template(p, node, text, p.value(node.arguments[1]).text), value.storage)
        case "first" | "last":
            keys = [
                p.value(key).text + (p.dialect.collation if p.value(key).storage.kind == "text" else "")
                for key in node.order
            ]
            return Sql(_template(p, node, text, *keys), value.storage)
        case name:
            raise InternalError(Mistake("internal", f"no SQL for the aggregate {name}"))


def _template(p: Printer, node: nodes.Reduce, *texts: str) -> str:
    return p.dialect.reduces[node.function](p.setting, texts)


def _double(p: Printer, value: Sql, text: str) -> str:
    return text if value.storage.kind == "double" else f"CAST({text} AS DOUBLE PRECISION)"


def _sum(p: Printer, value: Sql, text: str) -> Sql:
    match value.storage.kind:
        case "integer":
            return p.cast(Sql(f"sum({text})", sql.OTHER), sql.WHOLE)
        case "decimal":
            return Sql(f"sum({text})", Storage("decimal", value.storage.scale))
        case "duration":
            return p.cast(Sql(f"sum({text})", sql.OTHER), sql.DURATION)
        case _:
            return Sql(f"sum({text})", value.storage)


def _extreme(p: Printer, node: nodes.Reduce, value: Sql, text: str) -> Sql:
    if value.storage.kind == "bool":
        return Sql(p.dialect.reduces[f"bool_{node.function}"](p.setting, (text,)), sql.BOOL)
    collated = f"({text}){p.dialect.collation}" if value.storage.kind == "text" and p.dialect.collation else text
    return Sql(f"{node.function}({collated})", value.storage)
