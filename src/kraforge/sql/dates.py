"""Dates, timestamps and masks of calendar units as SQL."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve

from kraforge.errors import InternalError, Mistake
from kraforge.plan import nodes
from kraforge.plan.periods import WEEKS
from kraforge.semantics import bound
from kraforge.sql import text as sql
from kraforge.sql.expressions import FIXED, MICRO, comparable, values_of
from kraforge.sql.text import Sql

if TYPE_CHECKING:
    from kraforge.sql.expressions import Call, Printer


def day(p: Printer, node: nodes.Apply) -> Sql:
    return p.as_date(p.value(node.arguments[0]))


def day_end(p: Printer, node: nodes.Apply) -> Sql:
    """The moment at which a day ends: the next midnight."""
    return p.cast(Sql(f"({day(p, node).text} + 1)", sql.DATE), sql.TIMESTAMP)


def day_start(p: Printer, node: nodes.Apply) -> Sql:
    """The moment at which a day begins."""
    return p.cast(day(p, node), sql.TIMESTAMP)


def bounded(p: Printer, node: nodes.Apply) -> Sql:
    """Whether a date lies on or after a day, or before it; a timestamp's own column is compared, not its day."""
    later = node.arguments[0]
    if node.function == "_before" and isinstance(later, nodes.Apply) and later.function == "_later":
        # the later of two days lies before a third where both do; scans can make use of that
        both = [
            bounded(p, nodes.Apply("_before", (part, node.arguments[1]), node.type)).text for part in later.arguments
        ]
        return Sql(f"({' AND '.join(both)})", sql.BOOL, bare=True)
    value, day = values_of(p, node)
    sign = ">=" if node.function == "_from" else "<"
    if value.storage.kind == "timestamp":
        day = Sql(f"CAST({day.text} AS TIMESTAMP)", sql.TIMESTAMP)
    elif value.storage.kind == "instant":
        day = Sql(f"(CAST({day.text} AS TIMESTAMP) AT TIME ZONE {p.zone()})", sql.INSTANT)
    return Sql(f"({value.text} {sign} {day.text})", sql.BOOL, bare=True)


def later_or_earlier(p: Printer, node: nodes.Apply) -> Sql:
    """The later or the earlier of two days, both of which are there."""
    first, second = (p.as_date(value).text for value in values_of(p, node))
    return Sql(f"{'greatest' if node.function == '_later' else 'least'}({first}, {second})", sql.DATE)


def unit_bit(unit: str) -> Call:
    """A mask with the bit of a day's unit, counted from that of another day."""

    def printer(p: Printer, node: nodes.Apply) -> Sql:
        day, base = (p.as_date(value).text for value in values_of(p, node))
        return Sql(p.call("_bit", units_between(p, day, base, unit)), sql.INTEGER)

    return printer


def units_between(p: Printer, day: str, base: str, unit: str) -> str:
    if unit in ("month", "quarter", "half", "year"):
        length = {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit]
        if unit == "month":
            first, second = base, day
        else:
            first, second = p.call(f"_start_{unit}", base), p.call(f"_start_{unit}", day)
            if p.setting.days.year_day > 28:
                # a period may begin on the first of the month after its own
                first, second = f"({first} - 28)", f"({second} - 28)"
        months = [f"(extract(year FROM {x}) * 12 + extract(month FROM {x}))" for x in (second, first)]
        between = f"CAST({months[0]} - {months[1]} AS INTEGER)"
        return between if length == 1 else p.call("_whole_division", between, str(length))
    if unit.startswith("week"):
        first, second = start(p, unit, base), start(p, unit, day)
        return p.call("_whole_division", f"CAST({second} - {first} AS INTEGER)", "7")
    return f"CAST({day} - {base} AS INTEGER)"


def meets(p: Printer, node: nodes.Apply) -> Sql:
    first, second = (value.text for value in values_of(p, node))
    return Sql(f"(({first} & {second}) <> 0)", sql.BOOL, bare=True)


def same(p: Printer, node: nodes.Apply) -> Sql:
    left, right = comparable(p, values_of(p, node))
    return Sql(p.call("_same", left.text, right.text), sql.BOOL)


def unit_start(unit: str) -> Call:
    def printer(p: Printer, node: nodes.Apply) -> Sql:
        day = p.as_date(p.value(node.arguments[0]))
        return Sql(start(p, unit, day.text), sql.DATE)

    return printer


def start(p: Printer, unit: str, day: str) -> str:
    """The first day of a unit, also of weeks that start on another day than the catalog's."""
    if unit not in WEEKS:
        return p.call(f"_start_{unit}", day)
    days = evolve(p.setting.days, week_starts=WEEKS.index(unit) + 1)
    return p.dialect.templates["_start_week"](evolve(p.setting, days=days), (day,))


def unit_of(node: nodes.Apply) -> str:
    unit = node.arguments[1]
    if not isinstance(unit, bound.Constant):
        raise InternalError(Mistake("internal", "the unit of a date function is no constant"))
    return str(unit.value)


def start_of(p: Printer, node: nodes.Apply) -> Sql:
    day = p.as_date(p.value(node.arguments[0]))
    return Sql(p.call(f"_start_{unit_of(node)}", day.text), sql.DATE)


def end_of(p: Printer, node: nodes.Apply) -> Sql:
    unit = unit_of(node)
    day = p.as_date(p.value(node.arguments[0]))
    start = p.call(f"_start_{unit}", day.text)
    if unit in ("day", "week"):
        return Sql(f"({start} + {0 if unit == 'day' else 6})", sql.DATE)
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}[unit]
    after = p.call("_months", start, str(months))
    if unit != "month" and p.setting.days.year_day > 28:
        after = p.call(f"_start_{unit}", f"({after} + 3)")
    return Sql(f"({after} - 1)", sql.DATE)


def days(p: Printer, node: nodes.Apply) -> Sql:
    first, second = (p.as_date(value).text for value in values_of(p, node))
    return Sql(f"CAST({second} - {first} AS BIGINT)", sql.INTEGER)


def micros(p: Printer, value: Sql) -> str:
    """Microseconds since the epoch, of the point in time that a local time is, or a day's beginning."""
    if p.setting.zone == "UTC":
        at = value if value.storage.kind == "instant" else p.cast(value, sql.TIMESTAMP)
        return p.call("_micros", at.text)
    return p.call("_micros", p.as_instant(value).text)


def hours(p: Printer, node: nodes.Apply) -> Sql:
    first, second = values_of(p, node)
    between = f"({micros(p, second)} - {micros(p, first)})"
    return Sql(f"(CAST({between} AS DOUBLE PRECISION) / 3600000000)", sql.DOUBLE)


def between_micros(p: Printer, later: Sql, earlier: Sql) -> str:
    kinds = {later.storage.kind, earlier.storage.kind}
    if "date" in kinds:
        later, earlier = p.as_date(later), p.as_date(earlier)
        return f"(CAST({later.text} - {earlier.text} AS BIGINT) * 86400000000)"
    return f"({micros(p, later)} - {micros(p, earlier)})"


def elapsed(p: Printer, node: nodes.Apply) -> Sql:
    later, earlier = values_of(p, node)
    return Sql(between_micros(p, later, earlier), sql.DURATION)


def months(p: Printer, node: nodes.Apply) -> Sql:
    """Whole months: the greatest number that, added to the earlier day, is not after the later."""
    first, second = (p.as_date(value).text for value in values_of(p, node))

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


def part_of(name: str) -> Call:
    def printer(p: Printer, node: nodes.Apply) -> Sql:
        value = p.value(node.arguments[0])
        at = p.as_local(value).text if name == "hour" else p.as_date(value).text
        return Sql(f"CAST(extract({name} FROM {at}) AS BIGINT)", sql.INTEGER)

    return printer


def weekday(p: Printer, node: nodes.Apply) -> Sql:
    return Sql(p.call("weekday", p.as_date(p.value(node.arguments[0])).text), sql.INTEGER)


def move(p: Printer, node: nodes.Apply) -> Sql:
    """A date moved by a length. Days and longer move the wall clock, hours and shorter the point in time."""
    moment = p.value(node.arguments[0])
    length = node.arguments[1]
    sign = -1 if node.function == "subtract_time" else 1
    if not isinstance(length, bound.Constant) or length.unit is None:
        return move_by_value(p, moment, p.value(length), sign)
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


def move_by_value(p: Printer, moment: Sql, length: Sql, sign: int) -> Sql:
    micros = f"({'-' if sign < 0 else ''}{length.text})"
    if moment.storage.kind == "date":
        days = f"CAST(floor({micros} / 86400000000.0) AS INTEGER)"
        return Sql(f"({moment.text} + {days})", sql.DATE)
    return Sql(p.call("_plus_micros", p.as_instant(moment).text, micros), sql.INSTANT)
