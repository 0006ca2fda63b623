"""Business time as SQL: moments and days as numbers, found in the steps of business calendars by one integer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kraforge.plan import nodes
from kraforge.semantics import bound
from kraforge.sql import text as sql
from kraforge.sql.expressions import values_of
from kraforge.sql.text import Sql

if TYPE_CHECKING:
    from kraforge.sql.expressions import Call, Printer

KEYS: Final = 4_194_304
"""How many days, or other numbers, a calendar has room for in a key: more than there are up to the year 9999."""

BASE: Final = "DATE '0001-01-01'"
SINCE: Final = 62_135_596_800_000_000
"""Microseconds from the first midnight of the year 1 to that of 1970."""

MICROS: Final = 86_400_000_000
NUMBERS: Final = frozenset(("integer", "decimal", "double"))
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _key(p: Printer, node: nodes.Apply) -> Sql:
    calendar, number = values_of(p, node)
    if calendar.text == "0":
        return Sql(number.text, sql.INTEGER)
    return Sql(f"({calendar.text} * {KEYS} + {number.text})", sql.INTEGER)


def _day_number(p: Printer, node: nodes.Apply) -> Sql:
    day = p.as_date(p.value(node.arguments[0]))
    return Sql(f"CAST({day.text} - {BASE} AS BIGINT)", sql.INTEGER)


def _integers(sign: str) -> Call:
    def printer(p: Printer, node: nodes.Apply) -> Sql:
        left, right = (p.cast(value, sql.INTEGER).text for value in values_of(p, node))
        return Sql(f"({left} {sign} {right})", sql.INTEGER)

    return printer


def _extreme(name: str) -> Call:
    def printer(p: Printer, node: nodes.Apply) -> Sql:
        left, right = (value.text for value in values_of(p, node))
        return Sql(f"{name}({left}, {right})", sql.INTEGER)

    return printer


def _moment(p: Printer, node: nodes.Apply) -> Sql:
    """Microseconds of a clock since the year 1: of UTC, or of the catalog's wall clock, which may be ahead by a fixed offset."""
    value, shown = _shown(p, node)
    return Sql(f"({p.call('_micros', value.text)} + {SINCE + shown})", sql.INTEGER)


def _moment_day(p: Printer, node: nodes.Apply) -> Sql:
    """The number of the day on which a clock shows a moment."""
    value, _ = _shown(p, node)
    if value.storage.kind == "instant":
        return Sql(p.call("_whole_division", _moment(p, node).text, str(MICROS)), sql.INTEGER)
    return Sql(f"CAST({p.as_date(value).text} - {BASE} AS BIGINT)", sql.INTEGER)


def _shown(p: Printer, node: nodes.Apply) -> tuple[Sql, int]:
    """A moment by a clock, and by how many microseconds the clock is ahead of what is said of it."""
    value = p.value(node.arguments[0])
    clock, offset = (part.value for part in node.arguments[1:] if isinstance(part, bound.Constant))
    if clock == "utc":
        return p.as_instant(value), 0
    if value.storage.kind == "instant" and offset is not None:
        return value, int(str(offset)) * 1_000_000
    return p.as_local(value), 0


def _zoned(p: Printer, node: nodes.Apply) -> Sql:
    """The moment of UTC at which the clock of a zone shows so many seconds of a day."""
    day, seconds, zone = values_of(p, node)
    wall = p.call("_plus_micros", p.cast(day, sql.TIMESTAMP).text, f"(CAST({seconds.text} AS BIGINT) * 1000000)")
    return Sql(f"({p.call('_micros', f'({wall} AT TIME ZONE {zone.text})')} + {SINCE})", sql.INTEGER)


def _unrolled(p: Printer, node: nodes.Apply) -> Sql:
    """A moment of a day on which the clock changes, counted on from the day's beginning without the change."""
    moment, change, gap = (value.text for value in values_of(p, node))
    return Sql(f"({moment} + CASE WHEN {moment} >= {change} THEN {gap} ELSE 0 END)", sql.INTEGER)


def _worked(p: Printer, node: nodes.Apply) -> Sql:
    """The working time up to a moment: that of the days before, and what has passed of each stretch of the day."""
    moment, before, *stretches = (value.text for value in values_of(p, node))
    passed = [
        f" + least(greatest({moment} - {begins}, 0), {length})"
        for begins, length in zip(stretches[::2], stretches[1::2], strict=True)
    ]
    return Sql(f"({before}{''.join(passed)})", sql.INTEGER)


def _hours(p: Printer, node: nodes.Apply) -> Sql:
    first, second = (value.text for value in values_of(p, node))
    return Sql(f"(CAST({second} - {first} AS DOUBLE PRECISION) / 3600000000)", sql.DOUBLE)


def _number_of_days(p: Printer, node: nodes.Apply) -> Sql:
    """A number of days to move by; missing where no calendar reaches that far."""
    return _within(p, p.value(node.arguments[0]), "1", 200_000)


def _micros_of_hours(p: Printer, node: nodes.Apply) -> Sql:
    """A number of hours to move by in microseconds; missing where no calendar reaches that far."""
    return _within(p, p.value(node.arguments[0]), "3600000000", 3_000_000)


def _within(p: Printer, value: Sql, factor: str, most: int) -> Sql:
    if value.literal and value.storage.kind in ("integer", "decimal") and "NULL" not in value.text:
        written = Decimal(value.text.strip("()"))
        if abs(written) > most:
            return Sql("CAST(NULL AS BIGINT)", sql.INTEGER, literal=True)
        return sql.number_literal(round(written * int(factor)))
    text = value.text if factor == "1" else f"round({value.text} * {factor})"
    number = p.cast(Sql(text, sql.OTHER), sql.INTEGER).text
    return Sql(f"(CASE WHEN {value.text} BETWEEN -{most} AND {most} THEN {number} END)", sql.INTEGER)


def _hour_of_work(p: Printer, node: nodes.Apply) -> Sql:
    (time,) = values_of(p, node)
    return Sql(p.call("_whole_division", time.text, "3600000000"), sql.INTEGER)


def _moved_to(p: Printer, node: nodes.Apply) -> Sql:
    """A date, or the time of day of a timestamp, on another day."""
    moment, day = values_of(p, node)
    if moment.storage.kind == "date":
        return day
    local = p.as_local(moment)
    days = f"CAST({day.text} - {p.as_date(moment).text} AS BIGINT)"
    return Sql(p.call("_plus_micros", local.text, f"({days} * {MICROS})"), sql.TIMESTAMP)


def _at_moment(p: Printer, node: nodes.Apply) -> Sql:
    """A timestamp from the microseconds of a clock."""
    moment, clock = node.arguments
    micros = f"({p.value(moment).text} - {SINCE})"
    if isinstance(clock, bound.Constant) and clock.value == "utc":
        return Sql(p.call("_plus_micros", "TIMESTAMPTZ '1970-01-01 00:00:00+00'", micros), sql.INSTANT)
    return Sql(p.call("_plus_micros", "TIMESTAMP '1970-01-01 00:00:00'", micros), sql.TIMESTAMP)


def _bucket(p: Printer, node: nodes.Apply) -> Sql:
    time, size = values_of(p, node)
    return Sql(p.call("_whole_division", time.text, size.text), sql.INTEGER)


def _every_number(p: Printer, node: nodes.Apply) -> Sql:
    """A row for each number from the first to the last."""
    first, last = (p.cast(value, sql.INTEGER).text for value in values_of(p, node))
    return Sql(p.call("_numbers", first, last), sql.INTEGER)


def _every_day(p: Printer, node: nodes.Apply) -> Sql:
    """A row for each day from the first to the last."""
    first, last = (p.as_date(value).text for value in values_of(p, node))
    return Sql(p.call("_days", first, last), sql.DATE)


def _without_leave(p: Printer, node: nodes.Apply) -> Sql:
    """Working time less what was taken before it, and of the stretch of leave that began last."""
    time, low, length, taken = (value.text for value in values_of(p, node))
    return Sql(f"({time} - coalesce({taken} + least({time} - {low}, {length}), 0))", sql.INTEGER)


# ---- what tables of calendars hold


def _whole(p: Printer, node: nodes.Apply) -> Sql:
    return p.cast(p.value(node.arguments[0]), sql.INTEGER)


def _id_text(p: Printer, node: nodes.Apply) -> Sql:
    value = p.value(node.arguments[0])
    if value.storage.kind in ("decimal", "double"):
        value = p.cast(value, sql.INTEGER)
    return p.cast(value, sql.TEXT)


def _weekday_number(p: Printer, node: nodes.Apply) -> Sql:
    """1 for Monday to 7 for Sunday, by number or English name; missing where it is neither."""
    value = p.value(node.arguments[0])
    if value.storage.kind == "integer":
        return value
    days = " ".join(f"WHEN '{day}' THEN {n} WHEN '{n}' THEN {n}" for n, day in enumerate(WEEKDAYS, 1))
    return Sql(f"CAST(CASE lower(trim({_id_text(p, node).text})) {days} END AS BIGINT)", sql.INTEGER)


def _clock_seconds(p: Printer, node: nodes.Apply) -> Sql:
    """Seconds of the day: a number of them, or a time such as 09:30."""
    value = p.value(node.arguments[0])
    if value.storage.kind in NUMBERS:
        return p.cast(value, sql.INTEGER)
    text = f"trim({p.cast(value, sql.TEXT).text})"
    hours, minutes = (f"CAST(split_part({text}, ':', {n}) AS BIGINT)" for n in (1, 2))
    # a time without seconds has 0 of them
    seconds = f"CAST('0' || split_part(split_part({text}, ':', 3), '.', 1) AS BIGINT)"
    return Sql(f"({hours} * 3600 + {minutes} * 60 + {seconds})", sql.INTEGER)


def _is_weekday(p: Printer, node: nodes.Apply) -> Sql:
    value = p.value(node.arguments[0])
    entire = f" AND {value.text} = floor({value.text})" if value.storage.kind in ("decimal", "double") else ""
    return Sql(f"({_weekday_number(p, node).text} BETWEEN 1 AND 7{entire})", sql.BOOL, bare=True)


def _is_clock(p: Printer, node: nodes.Apply) -> Sql:
    """Whether a value can be read as a time of the day."""
    value = p.value(node.arguments[0])
    if value.storage.kind in NUMBERS:
        return Sql(f"({value.text} BETWEEN 0 AND 86400)", sql.BOOL, bare=True)
    times = "([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]*)?)?|24:00(:00([.]0*)?)?"
    return Sql(f"(trim({p.cast(value, sql.TEXT).text}) SIMILAR TO '({times})')", sql.BOOL, bare=True)


CALLS: Final[Mapping[str, Call]] = MappingProxyType(
    {
        "_at_moment": _at_moment,
        "_bucket": _bucket,
        "_calendar_key": _key,
        "_clock_seconds": _clock_seconds,
        "_day_number": _day_number,
        "_every_day": _every_day,
        "_every_number": _every_number,
        "_greatest": _extreme("greatest"),
        "_hour_of_work": _hour_of_work,
        "_hours": _hours,
        "_id_text": _id_text,
        "_is_clock": _is_clock,
        "_is_weekday": _is_weekday,
        "_least": _extreme("least"),
        "_micros_of_hours": _micros_of_hours,
        "_minus": _integers("-"),
        "_moment": _moment,
        "_moment_day": _moment_day,
        "_moved_to": _moved_to,
        "_number_of_days": _number_of_days,
        "_plus": _integers("+"),
        "_times": _integers("*"),
        "_unrolled": _unrolled,
        "_weekday_number": _weekday_number,
        "_whole": _whole,
        "_without_leave": _without_leave,
        "_worked": _worked,
        "_zoned": _zoned,
    }
)
"""How each function of business time, and of the steps of calendars, is printed."""
