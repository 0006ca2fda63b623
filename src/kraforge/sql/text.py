"""Pieces of SQL text: quoting, literals, and values with their storage."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import frozen

from kraforge.errors import InternalError, Mistake
from kraforge.types import Storage, Type

SLOT = "\x00"
"""Stands round the name of what is filled in when a plan runs; no name or text may hold it."""

INTEGER = Storage("integer")
DOUBLE = Storage("double")
TEXT = Storage("text")
BOOL = Storage("bool")
DATE = Storage("date")
TIMESTAMP = Storage("timestamp")
INSTANT = Storage("instant")
DURATION = Storage("duration")
OTHER = Storage("other")
WHOLE = Storage("decimal", 0)

MOST_PLACES = 18
"""More decimal places than this are kept as floating point: 38 digits must leave room for the whole part."""


@frozen
class Sql:
    """An expression's text, which can stand as an operand anywhere, and how its value is kept.

    `bare` says that a boolean text may be missing where false is meant: fit for a condition, not for a value.
    """

    text: str
    storage: Storage
    bare: bool = False
    literal: bool = False


def quote(name: str) -> str:
    """An identifier in double quotes."""
    _refuse_slots(name)
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """A text in single quotes."""
    _refuse_slots(value)
    return "'" + value.replace("'", "''") + "'"


def _refuse_slots(text: str) -> None:
    if SLOT in text:
        raise InternalError(Mistake("internal", "a NUL character came through to SQL"))


def slot(name: str) -> str:
    """What stands for a text that is filled in when the plan runs."""
    return f"{SLOT}{name}{SLOT}"


def fill(template: str, texts: dict[str, str]) -> str:
    """A template with every slot filled in."""
    parts = template.split(SLOT)
    parts[1::2] = [texts[name] for name in parts[1::2]]
    return "".join(parts)


def assumed(type_: Type) -> Storage:
    """How a column of a type is taken to be kept where no source says it."""
    match type_.kind:
        case "count":
            return INTEGER
        case "money":
            return Storage("decimal", 2)
        case "number" | "ratio" | "missing":
            return INTEGER if type_.whole else DOUBLE
        case kind:
            return Storage(kind)


def places(value: Decimal) -> int:
    """The decimal places of an exact number."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def number_literal(value: Decimal | int) -> Sql:
    """A number: an integer, a decimal with its places, or floating point where 38 digits cannot hold it."""
    value = Decimal(value)
    decimals = places(value)
    plain = format(value.normalize() if value else Decimal(0), "f")
    digits = len(plain.replace("-", "").replace(".", ""))
    if digits > 38 or decimals > MOST_PLACES:
        return Sql(f"CAST('{value}' AS DOUBLE PRECISION)", DOUBLE, literal=True)
    shown = f"({plain})" if plain.startswith("-") else plain
    if decimals == 0 and digits <= 18:
        return Sql(shown, INTEGER, literal=True)
    if digits > 18:
        return Sql(f"CAST('{plain}' AS DECIMAL(38, {decimals}))", Storage("decimal", decimals), literal=True)
    return Sql(shown, Storage("decimal", decimals), literal=True)


def date_literal(value: dt.date) -> Sql:
    """A date."""
    return Sql(f"DATE '{value.isoformat()}'", DATE, literal=True)


def timestamp_literal(value: dt.datetime) -> Sql:
    """A wall-clock time in the catalog's zone."""
    return Sql(f"TIMESTAMP '{value.isoformat(sep=' ')}'", TIMESTAMP, literal=True)
