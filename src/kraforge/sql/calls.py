"""Scalar functions and operators as SQL: what is plain is a line, what hangs on storage is a function."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kraforge.errors import InternalError, Mistake
from kraforge.functions import SCALARS
from kraforge.plan import nodes
from kraforge.semantics import bound
from kraforge.sql import text as sql
from kraforge.sql.expressions import COMPARISONS, FIXED, MICRO, common_storage
from kraforge.sql.text import Sql
from kraforge.types import Storage

if TYPE_CHECKING:
    from kraforge.sql.expressions import Printer

Call = Callable[["Printer", nodes.Apply], Sql]

FACTOR_PLACES: Final = 12
"""Decimal places that a floating-point factor of money keeps, after rounding to 12 significant digits."""


def _exact(storage: Storage) -> bool:
    return storage.kind in ("integer", "decimal")


def _values(p: Printer, node: nodes.Apply) -> list[Sql]:
    return [p.value(argument) for argument in node.arguments]


# ---- arithmetic


def _add(p: Printer, node: nodes.Apply) -> Sql:
    sign = "+" if node.function == "add" else "-"
    left, right = _values(p, node)
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
    left, right = _values(p, node)
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
    left, right = (p.cast(value, sql.DOUBLE).text for value in _values(p, node))
    return Sql(f"({left} / NULLIF({right}, 0))", sql.DOUBLE)


def _negate(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = _values(p, node)
    return Sql(f"(-{value.text})", value.storage)


def _abs(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = _values(p, node)
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
    (value,) = _values(p, node)
    if value.storage.kind == "integer":
        return value
    text = f"{node.function}({value.text})"
    return p.cast(Sql(text, sql.OTHER), sql.WHOLE) if value.storage.kind == "decimal" else Sql(text, sql.DOUBLE)


def _significant(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = _values(p, node)
    if value.storage.kind != "double":
        return value
    return Sql(p.call("_significant", value.text), sql.DOUBLE)


def _extreme(p: Printer, node: nodes.Apply) -> Sql:
    values = p.alike(_values(p, node))
    name = "least" if node.function == "min" else "greatest"
    some = " OR ".join(f"{value.text} IS NULL" for value in values)
    texts = ", ".join(f"{value.text}{_collated(p, value)}" for value in values)
    return Sql(f"(CASE WHEN {some} THEN NULL ELSE {name}({texts}) END)", values[0].storage)


# ---- comparison and logic


def _comparable(p: Printer, values: list[Sql]) -> list[Sql]:
    """Operands as one can compare them: a date with a timestamp by the day."""
    kinds = {value.storage.kind for value in values}
    if kinds & {"date", "timestamp", "instant"} and len(kinds) > 1 and kinds <= {"date", "timestamp", "instant"}:
        storage = common_storage([value.storage for value in values])
        assert storage is not None
        return [p.widen(value, storage) for value in values]
    if "text" in kinds and len(kinds) > 1:
        return [p.cast(value, sql.TEXT) for value in values]
    return values


def _collated(p: Printer, value: Sql) -> str:
    return p.dialect.collation if value.storage.kind == "text" else ""


def _compare(p: Printer, node: nodes.Apply) -> Sql:
    left, right = _comparable(p, _values(p, node))
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
    (value,) = _values(p, node)
    word = "IS NULL" if node.function == "is_missing" else "IS NOT NULL"
    return Sql(f"({value.text} {word})", sql.BOOL)


def _in(p: Printer, node: nodes.Apply) -> Sql:
    first, *items = _comparable(p, _values(p, node))
    return Sql(f"({first.text} IN ({', '.join(item.text for item in items)}))", sql.BOOL, bare=True)


def _between(p: Printer, node: nodes.Apply) -> Sql:
    value, low, high = _comparable(p, _values(p, node))
    collated = _collated(p, value)
    return Sql(f"({value.text} BETWEEN {low.text}{collated} AND {high.text}{collated})", sql.BOOL, bare=True)


def _else(p: Printer, node: nodes.Apply) -> Sql:
    first, second = p.alike(_values(p, node))
    return Sql(
        f"coalesce({first.text}, {second.text})", second.storage if first.storage.kind == "other" else first.storage
    )


# ---- dates


def _date(p: Printer, node: nodes.Apply) -> Sql:
    return p.as_date(p.value(node.arguments[0]))


def _bound_by(p: Printer, node: nodes.Apply) -> Sql:
    """Whether a date lies on or after a day, or before it; a timestamp's own column is compared, not its day."""
    value, day = _values(p, node)
    sign = ">=" if node.function == "_from" else "<"
    if value.storage.kind == "timestamp":
        day = Sql(f"CAST({day.text} AS TIMESTAMP)", sql.TIMESTAMP)
    elif value.storage.kind == "instant":
        day = Sql(f"(CAST({day.text} AS TIMESTAMP) AT TIME ZONE {p.zone()})", sql.INSTANT)
    return Sql(f"({value.text} {sign} {day.text})", sql.BOOL, bare=True)


def _end(p: Printer, node: nodes.Apply) -> Sql:
    """The later or the earlier of two days, both of which are there."""
    first, second = (p.as_date(value).text for value in _values(p, node))
    return Sql(f"{'greatest' if node.function == '_later' else 'least'}({first}, {second})", sql.DATE)


def _bit(unit: str) -> Call:
    """A mask with the bit of a day's unit, counted from that of another day."""

    def printer(p: Printer, node: nodes.Apply) -> Sql:
        day, base = (p.as_date(value).text for value in _values(p, node))
        return Sql(p.call("_bit", _units_between(p, day, base, unit)), sql.INTEGER)

    return printer


def _units_between(p: Printer, day: str, base: str, unit: str) -> str:
    if unit in ("month", "quarter", "half", "year"):
        length = {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit]
        if unit == "month":
            first, second = base, day
        else:
            first, second = p.call(f"_start_{unit}", base), p.call(f"_start_{unit}", day)
        months = [f"(extract(year FROM {x}) * 12 + extract(month FROM {x}))" for x in (second, first)]
        between = f"CAST({months[0]} - {months[1]} AS INTEGER)"
        return between if length == 1 else p.call("_whole_division", between, str(length))
    if unit == "week":
        first, second = p.call("_start_week", base), p.call("_start_week", day)
        return p.call("_whole_division", f"CAST({second} - {first} AS INTEGER)", "7")
    return f"CAST({day} - {base} AS INTEGER)"


def _meets(p: Printer, node: nodes.Apply) -> Sql:
    first, second = (value.text for value in _values(p, node))
    return Sql(f"(({first} & {second}) <> 0)", sql.BOOL, bare=True)


def _same(p: Printer, node: nodes.Apply) -> Sql:
    left, right = _comparable(p, _values(p, node))
    return Sql(p.call("_same", left.text, right.text), sql.BOOL)


def _start(unit: str) -> Call:
    def printer(p: Printer, node: nodes.Apply) -> Sql:
        day = p.as_date(p.value(node.arguments[0]))
        return Sql(p.call(f"_start_{unit}", day.text), sql.DATE)

    return printer


def _unit(node: nodes.Apply) -> str:
    unit = node.arguments[1]
    if not isinstance(unit, bound.Constant):
        raise InternalError(Mistake("internal", "the unit of a date function is no constant"))
    return str(unit.value)


def _start_of(p: Printer, node: nodes.Apply) -> Sql:
    day = p.as_date(p.value(node.arguments[0]))
    return Sql(p.call(f"_start_{_unit(node)}", day.text), sql.DATE)


def _end_of(p: Printer, node: nodes.Apply) -> Sql:
    unit = _unit(node)
    day = p.as_date(p.value(node.arguments[0]))
    start = p.call(f"_start_{unit}", day.text)
    if unit in ("day", "week"):
        return Sql(f"({start} + {0 if unit == 'day' else 6})", sql.DATE)
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit]
    return Sql(f"({p.call('_months', start, str(months))} - 1)", sql.DATE)


def _days(p: Printer, node: nodes.Apply) -> Sql:
    first, second = (p.as_date(value).text for value in _values(p, node))
    return Sql(f"CAST({second} - {first} AS BIGINT)", sql.INTEGER)


def _micros(p: Printer, value: Sql) -> str:
    """Microseconds since the epoch, of the point in time that a local time is, or a day's beginning."""
    if p.setting.zone == "UTC":
        at = value if value.storage.kind == "instant" else p.cast(value, sql.TIMESTAMP)
        return p.call("_micros", at.text)
    return p.call("_micros", p.as_instant(value).text)


def _hours(p: Printer, node: nodes.Apply) -> Sql:
    first, second = _values(p, node)
    micros = f"({_micros(p, second)} - {_micros(p, first)})"
    return Sql(f"(CAST({micros} AS DOUBLE PRECISION) / 3600000000)", sql.DOUBLE)


def _between_micros(p: Printer, later: Sql, earlier: Sql) -> str:
    kinds = {later.storage.kind, earlier.storage.kind}
    if "date" in kinds:
        later, earlier = p.as_date(later), p.as_date(earlier)
        return f"(CAST({later.text} - {earlier.text} AS BIGINT) * 86400000000)"
    return f"({_micros(p, later)} - {_micros(p, earlier)})"


def _elapsed(p: Printer, node: nodes.Apply) -> Sql:
    later, earlier = _values(p, node)
    return Sql(_between_micros(p, later, earlier), sql.DURATION)


def _months(p: Printer, node: nodes.Apply) -> Sql:
    """Whole months: the greatest number that, added to the earlier day, is not after the later."""
    first, second = (p.as_date(value).text for value in _values(p, node))

    def whole(low: str, high: str) -> str:
        number = (
            f"((extract(year FROM {high}) - extract(year FROM {low})) * 12"
            f" + extract(month FROM {high}) - extract(month FROM {low}))"
        )
        last = p.call("_last_day_of_month", high)
        short = f"(extract(day FROM {high}) < extract(day FROM {low}) AND {high} <> {last})"
        return f"({number} - CASE WHEN {short} THEN 1 ELSE 0 END)"

    text = f"(CASE WHEN {second} >= {first} THEN {whole(first, second)} ELSE -{whole(second, first)} END)"
    return Sql(f"CAST({text} AS BIGINT)", sql.INTEGER)


def _part(name: str) -> Call:
    def printer(p: Printer, node: nodes.Apply) -> Sql:
        value = p.value(node.arguments[0])
        at = p.as_local(value).text if name == "hour" else p.as_date(value).text
        return Sql(f"CAST(extract({name} FROM {at}) AS BIGINT)", sql.INTEGER)

    return printer


def _weekday(p: Printer, node: nodes.Apply) -> Sql:
    return Sql(p.call("weekday", p.as_date(p.value(node.arguments[0])).text), sql.INTEGER)


def _move(p: Printer, node: nodes.Apply) -> Sql:
    """A date moved by a length. Days and longer move the wall clock, hours and shorter the point in time."""
    moment = p.value(node.arguments[0])
    length = node.arguments[1]
    sign = -1 if node.function == "subtract_time" else 1
    if not isinstance(length, bound.Constant) or length.unit is None:
        return _move_by_value(p, moment, p.value(length), sign)
    number, unit = Decimal(str(length.value)) * sign, length.unit
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(unit)
    if moment.storage.kind == "date":
        if months is not None:
            return Sql(p.call("_months", moment.text, str(int(number * months))), sql.DATE)
        days = number * FIXED[unit] / FIXED["day"]
        return Sql(f"({moment.text} + ({int(days)}))", sql.DATE)
    local = p.as_local(moment)
    if months is not None:
        return Sql(p.call("_months_time", local.text, str(int(number * months))), sql.TIMESTAMP)
    micros = str(int(number * FIXED[unit] * MICRO))
    if unit in ("day", "week") or p.setting.zone == "UTC":
        return Sql(p.call("_plus_micros", local.text, f"({micros})"), sql.TIMESTAMP)
    return Sql(p.call("_plus_micros", p.as_instant(moment).text, f"({micros})"), sql.INSTANT)


def _move_by_value(p: Printer, moment: Sql, length: Sql, sign: int) -> Sql:
    micros = f"({'-' if sign < 0 else ''}{length.text})"
    if moment.storage.kind == "date":
        days = f"CAST(floor({micros} / 86400000000.0) AS INTEGER)"
        return Sql(f"({moment.text} + {days})", sql.DATE)
    return Sql(p.call("_plus_micros", p.as_instant(moment).text, micros), sql.INSTANT)


# ---- text


def _plain(p: Printer, node: nodes.Apply) -> Sql:
    """A function whose plain SQL its declaration states."""
    values = _values(p, node)
    storage = sql.BOOL if node.type.kind == "bool" else values[0].storage
    return Sql(SCALARS[node.function].sql.format(*(value.text for value in values)), storage)


def _text_test(p: Printer, node: nodes.Apply) -> Sql:
    texts = [p.cast(value, sql.TEXT).text for value in _values(p, node)]
    return Sql(p.call(node.function, *texts), sql.BOOL)


def _number(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = _values(p, node)
    if value.storage.kind != "text":
        return value
    return Sql(p.call("_finite", p.call("_number_of_text", value.text)), sql.DOUBLE)


def _text(p: Printer, node: nodes.Apply) -> Sql:
    (value,) = _values(p, node)
    if value.storage.kind == "bool":
        return Sql(f"(CASE WHEN {value.text} THEN 'true' WHEN NOT {value.text} THEN 'false' END)", sql.TEXT)
    if node.arguments[0].type.whole and value.storage.kind in ("double", "decimal"):
        value = p.cast(value, sql.INTEGER)
    return p.cast(value, sql.TEXT)


def _row_key(p: Printer, node: nodes.Apply) -> Sql:
    return Sql(p.call("row_key", *(value.text for value in _values(p, node))), sql.OTHER)


CALLS: Final = MappingProxyType(
    {
        **dict.fromkeys(COMPARISONS, _compare),
        **{f"_start_{unit}": _start(unit) for unit in ("day", "week", "month", "quarter", "half", "year")},
        **{name: _part(name) for name in ("year", "quarter", "month", "day", "hour")},
        **dict.fromkeys(("contains", "starts_with", "ends_with"), _text_test),
        "abs": _abs,
        "add": _add,
        "add_time": _move,
        "and": _connect,
        "between": _between,
        "ceil": _floor,
        "days": _days,
        "divide": _divide,
        "elapsed": _elapsed,
        "else": _else,
        "end_of": _end_of,
        "floor": _floor,
        "hours": _hours,
        "in": _in,
        "is_missing": _is_missing,
        "is_present": _is_missing,
        "left": _plain,
        "lower": _plain,
        "max": _extreme,
        "min": _extreme,
        "months": _months,
        "multiply": _multiply,
        "negate": _negate,
        "not": _not,
        "number": _number,
        "or": _connect,
        "round": _round,
        "row_key": _row_key,
        "significant": _significant,
        "start_of": _start_of,
        "subtract": _add,
        "subtract_time": _move,
        "text": _text,
        "weekday": _weekday,
        **{f"_bit_{unit}": _bit(unit) for unit in ("day", "week", "month", "quarter", "half", "year")},
        "_before": _bound_by,
        "_date": _date,
        "_earlier": _end,
        "_from": _bound_by,
        "_later": _end,
        "_meets": _meets,
        "_same": _same,
    }
)
"""How each function of SCALARS, and each of the plan's own, is printed."""
