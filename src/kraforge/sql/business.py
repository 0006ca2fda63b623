"""Business time as SQL: moments and days as numbers, found in the steps of business calendars by one integer."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kraforge.plan import nodes
from kraforge.sql import text as sql
from kraforge.sql.expressions import values_of
from kraforge.sql.text import Sql

if TYPE_CHECKING:
    from kraforge.sql.expressions import Printer

KEYS: Final = 4_194_304
"""How many days, or other numbers, a calendar has room for in a key: more than there are up to the year 9999."""

BASE: Final = "DATE '0001-01-01'"


def _key(p: Printer, node: nodes.Apply) -> Sql:
    calendar, number = values_of(p, node)
    if calendar.text == "0":
        return Sql(number.text, sql.INTEGER)
    return Sql(f"({calendar.text} * {KEYS} + {number.text})", sql.INTEGER)


def _day_number(p: Printer, node: nodes.Apply) -> Sql:
    day = p.as_date(p.value(node.arguments[0]))
    return Sql(f"CAST({day.text} - {BASE} AS BIGINT)", sql.INTEGER)


CALLS: Final = MappingProxyType(
    {
        "_calendar_key": _key,
        "_day_number": _day_number,
    }
)
"""How each function of business time is printed."""
