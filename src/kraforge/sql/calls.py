"""Scalar functions and operators as SQL: what is plain is a line, what hangs on storage is a function."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kraforge.functions import SCALARS
from kraforge.plan import nodes
from kraforge.plan.periods import GRAINS, WEEKS
from kraforge.sql import business, dates
from kraforge.sql import text as sql
from kraforge.sql.expressions import COMPARISONS, comparable, values_of
from kraforge.sql.text import Sql
from kraforge.types import Storage

if TYPE_CHECKING:
    from kraforge.sql.expressions import Printer

FACTOR_PLACES: Final = 12
"""Decimal places that a floating-point factor of money keeps, after rounding to 12 significant digits."""


def _exact(storage: Storage) -> bool:
    return storage.kind in ("integer", "decimal")


# ---- arithmetic


def _add(p: Printer, node: nodes.Apply) -> Sql:
    sign = "+" if node.function == "add" else "-"
    left, right = values_of(p, node)
    kinds = {left.storage.kind, right.storage.kind}
    if kinds == {"integer"}:
        # narrow integers of a source would overflow their own width
        return Sql(f"(CAST({left.text} AS BIGINT) {sign} {right.text})", sql.INTEGER)
    if kinds <= {"integer", "decimal"}:
        scale = max(left.storage.scale, right.storage.scale)
        wide = Storage("decimal", scale)
        return Sql(f"({_wide(p, left)} {sign} {_wide(p, right)})", wide)
    storage = sql.DURATION if kinds <= {"duration", "integer"} else sql.DOUBLE
    if storage is sql.DOUBLE:
        left, right = p.cast(left, sql.DOUBLE), p.cast(right, sql.DOUBLE)
    return Sql(f"({left.text} {sign} {right.text})", storage)


def _wide(p: Printer, value: Sql) -> str:
    if value.storage.kind == "integer":
        return p.cast(value, sql.WHOLE).text
    return value.text


def _multiply(p: Printer, node: nodes.Apply) -> Sql:
    left, right = values_of(p, node)
    money = node.type.kind == "money"
    if _exact(left.storage) and _exact(right.storage):
        scale = left.storage.scale + right.storage.scale
        if scale <= 30 or money:
            return _product(p, left, right)
    elif money and _exact(left.storage):
        return _product(p, _kept(p, left), _factor(p, right))
    elif money and _exact(right.storage):
        return _product(p, _factor(p, left), _kept(p, right))
    return Sql(f"({p.cast(left, sql.DOUBLE).text} * {p.cast(right, sql.DOUBLE).text})", sql.DOUBLE)


def _product(p: Printer, left: Sql, right: Sql) -> Sql:
    """A product that keeps all decimals; 38 digits on both sides, so that what does not fit is an error."""
    storage = Storage("decimal", min(left.storage.scale + right.storage.scale, 38))
    texts = [
        f"CAST({value.text} AS {p.dialect.type_name(Storage('decimal', value.storage.scale))})"
        for value in (left, right)
    ]
    return Sql(f"({texts[0]} * {texts[1]})", storage)


def _kept(p: Printer, value: Sql) -> Sql:
    """Money with room for another factor's decimals."""
    return p.cast(value, Storage("decimal", 20)) if value.storage.scale > 20 else value


def _factor(p: Printer, value: Sql) -> Sql:
    rounded = p.call("_significant", p.cast(value, sql.DOUBLE).text)
    storage = Storage("decimal", FACTOR_PLACES)
    return Sql(f"CAST({rounded} AS {p.dialect.type_name(storage)})", storage)


def _divide(p: Printer, node: nodes.Apply) -> Sql:
    left, right = (p.cast(value, sql.DOUBLE).text for value in values_of(p, node))
    return Sql(f"({left} / NULLIF({right}, 0))", sql.DOUBLE)


def _part_of(p: Printer, node: nodes.Apply) -> Sql:
    """The part, counted from 1, of a rank among so many."""
    rank, parts, count = (value.text for value in values_of(p, node))
    return Sql(f"({p.call('_whole_division', f'(({rank} - 1) * {parts})', count)} + 1)", sql.INTEGER)


def _negate(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    return Sql(f"(-{value.text})", value.storage)


def _abs(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    return Sql(f"abs({value.text})", value.storage)


def _round(p: Printer, node: nodes.Apply) -> Sql:
    value = p.value(node.arguments[0])
    digits = p.value(node.arguments[1]).text if len(node.arguments) > 1 else "0"
    if value.storage.kind == "integer" and digits == "0":
        return value
    if _exact(value.storage):
        kept = value.storage.scale if digits != "0" else 0
        return p.cast(
            Sql(f"round({p.cast(value, Storage('decimal', value.storage.scale)).text}, {digits})", sql.OTHER),
            Storage("decimal", kept),
        )
    return Sql(p.call("_round_double", p.cast(value, sql.DOUBLE).text, digits), sql.DOUBLE)


def _floor(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    if value.storage.kind == "integer":
        return value
    text = f"{node.function}({value.text})"
    return p.cast(Sql(text, sql.OTHER), sql.WHOLE) if value.storage.kind == "decimal" else Sql(text, sql.DOUBLE)


def _significant(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    if value.storage.kind != "double":
        return value
    return Sql(p.call("_significant", value.text), sql.DOUBLE)


def _exact_part(p: Printer, node: nodes.Apply) -> Sql:
    """A share as an exact number: a floating-point one by its first 12 digits."""
    (value,) = values_of(p, node)
    return _factor(p, value) if value.storage.kind == "double" else value


def _extreme(p: Printer, node: nodes.Apply) -> Sql:
    values = p.alike(values_of(p, node))
    name = "least" if node.function == "min" else "greatest"
    some = " OR ".join(f"{value.text} IS NULL" for value in values)
    texts = ", ".join(f"{value.text}{_collated(p, value)}" for value in values)
    return Sql(f"(CASE WHEN {some} THEN NULL ELSE {name}({texts}) END)", values[0].storage)


def _bound(p: Printer, node: nodes.Apply) -> Sql:
    """The later or the earlier of two ends, of which a missing one bounds nothing."""
    values = p.alike(values_of(p, node))
    name = "greatest" if node.function == "_latest" else "least"
    return Sql(f"{name}({', '.join(value.text for value in values)})", values[0].storage)


def _endless(p: Printer, node: nodes.Apply) -> Sql:
    """An end that no day comes before or after."""
    sign = "" if node.function == "_for_ever" else "-"
    kind, storage = ("TIMESTAMP", sql.TIMESTAMP) if node.type.kind == "timestamp" else ("DATE", sql.DATE)
    return Sql(f"{kind} '{sign}infinity'", storage, literal=True)


# ---- comparison and logic


def _collated(p: Printer, value: Sql) -> str:
    return p.dialect.collation if value.storage.kind == "text" else ""


def _compare(p: Printer, node: nodes.Apply) -> Sql:
    left, right = comparable(p, values_of(p, node))
    sign = COMPARISONS[node.function]
    collated = _collated(p, left) if sign not in ("=", "<>") else ""
    return Sql(f"({left.text} {sign} {right.text}{collated})", sql.BOOL, bare=True)


def _connect(p: Printer, node: nodes.Apply) -> Sql:
    texts = [p.condition(argument) for argument in node.arguments]
    return Sql(f"({f' {node.function.upper()} '.join(texts)})", sql.BOOL, bare=True)


def _not(p: Printer, node: nodes.Apply) -> Sql:
    (operand,) = node.arguments
    return Sql(f"(NOT coalesce({p.condition(operand)}, FALSE))", sql.BOOL)


def _is_missing(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    word = "IS NULL" if node.function == "is_missing" else "IS NOT NULL"
    return Sql(f"({value.text} {word})", sql.BOOL)


def _in(p: Printer, node: nodes.Apply) -> Sql:
    first, *items = comparable(p, values_of(p, node))
    return Sql(f"({first.text} IN ({', '.join(item.text for item in items)}))", sql.BOOL, bare=True)


def _between(p: Printer, node: nodes.Apply) -> Sql:
    value, low, high = comparable(p, values_of(p, node))
    collated = _collated(p, value)
    return Sql(f"({value.text} BETWEEN {low.text}{collated} AND {high.text}{collated})", sql.BOOL, bare=True)


def _else(p: Printer, node: nodes.Apply) -> Sql:
    first, second = p.alike(values_of(p, node))
    return Sql(
        f"coalesce({first.text}, {second.text})", second.storage if first.storage.kind == "other" else first.storage
    )


# ---- text


def _plain(p: Printer, node: nodes.Apply) -> Sql:
    """A function whose plain SQL its declaration states."""
    values = values_of(p, node)
    storage = sql.BOOL if node.type.kind == "bool" else values[0].storage
    return Sql(SCALARS[node.function].sql.format(*(value.text for value in values)), storage)


def _text_test(p: Printer, node: nodes.Apply) -> Sql:
    texts = [p.cast(value, sql.TEXT).text for value in values_of(p, node)]
    return Sql(p.call(node.function, *texts), sql.BOOL)


def _number(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    if value.storage.kind != "text":
        return value
    return Sql(p.call("_finite", p.call("_number_of_text", value.text)), sql.DOUBLE)


def _text(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = values_of(p, node)
    if value.storage.kind == "bool":
        return Sql(f"(CASE WHEN {value.text} THEN 'true' WHEN NOT {value.text} THEN 'false' END)", sql.TEXT)
    if node.arguments[0].type.whole and value.storage.kind in ("double", "decimal"):
        value = p.cast(value, sql.INTEGER)
    return p.cast(value, sql.TEXT)


def _row_key(p: Printer, node: nodes.Apply) -> Sql:
    return Sql(p.call("row_key", *(value.text for value in values_of(p, node))), sql.OTHER)


CALLS: Final = MappingProxyType(
    {
        **dict.fromkeys(COMPARISONS, _compare),
        **{f"_start_{unit}": dates.unit_start(unit) for unit in (*GRAINS, *WEEKS)},
        **{name: dates.part_of(name) for name in ("year", "quarter", "month", "day", "hour")},
        **dict.fromkeys(("contains", "starts_with", "ends_with"), _text_test),
        "abs": _abs,
        "add": _add,
        "add_time": dates.move,
        "and": _connect,
        "between": _between,
        "ceil": _floor,
        "days": dates.days,
        "divide": _divide,
        "elapsed": dates.elapsed,
        "else": _else,
        "end_of": dates.end_of,
        "floor": _floor,
        "hours": dates.hours,
        "in": _in,
        "is_missing": _is_missing,
        "is_present": _is_missing,
        "left": _plain,
        "lower": _plain,
        "max": _extreme,
        "min": _extreme,
        "months": dates.months,
        "multiply": _multiply,
        "negate": _negate,
        "not": _not,
        "number": _number,
        "or": _connect,
        "round": _round,
        "row_key": _row_key,
        "significant": _significant,
        "start_of": dates.start_of,
        "subtract": _add,
        "subtract_time": dates.move,
        "text": _text,
        "weekday": dates.weekday,
        **business.CALLS,
        **{f"_bit_{unit}": dates.unit_bit(unit) for unit in (*GRAINS, *WEEKS)},
        "_before": dates.bounded,
        "_date": dates.day,
        "_exact": _exact_part,
        "_day_end": dates.day_end,
        "_day_start": dates.day_start,
        "_earliest": _bound,
        "_earlier": dates.later_or_earlier,
        "_for_ever": _endless,
        "_from": dates.bounded,
        "_latest": _bound,
        "_later": dates.later_or_earlier,
        "_meets": dates.meets,
        "_part_of": _part_of,
        "_same": dates.same,
        "_since_ever": _endless,
    }
)
"""How each function of SCALARS, and each of the plan's own, is printed."""
