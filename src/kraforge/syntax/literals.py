"""Literals: from the token as written to its value, with what is wrong with it."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, cast

from kraforge.errors import Mistake
from kraforge.syntax.currencies import CURRENCIES
from kraforge.syntax.machine import Token
from kraforge.syntax.nodes import Constant, Unit
from kraforge.text import Span, nearest

DIGITS: Final = 38
"""How many digits a number has at most, before and after the point together; exponents stay within them too."""

Report = Callable[[Mistake], None]


def constant(token: Token, report: Report) -> Constant:
    """The constant that a literal stands for. What is wrong is reported, and some value takes its place."""
    span, raw = Span(token.start, token.end), token.text

    def refuse(message: str, hint: str | None = None) -> None:
        report(Mistake("bad-literal", message, span=span, hint=hint))

    match token.kind:
        case "NUMBER":
            return Constant("number", _number(raw, refuse), span, raw)
        case "PERCENT":
            return Constant("percent", _number(raw[:-1], refuse), span, raw)
        case "MONEY" | "DURATION":
            number, unit = raw.split()
            value, raw = _number(number, refuse), f"{number} {unit}"
            if token.kind == "DURATION":
                return Constant("duration", value, span, raw, _unit(unit))
            if unit not in CURRENCIES:
                _refuse_currency(number, unit, refuse)
            return Constant("money", value, span, raw, unit)
        case "DATE":
            return Constant("date", _date(raw, refuse), span, raw)
        case "TIMESTAMP":
            return Constant("timestamp", _timestamp(raw, refuse), span, raw)
        case "MISDATED":
            refuse(f"{shown(raw)} is not a date or a timestamp", _redated(raw))
            return Constant("date", None, span, raw)
        case "TEXT":
            if any(c in raw for c in "\t\r"):
                refuse("a text holds a tab or another control character", "leave it out")
            return Constant("text", raw[1:-1].replace("''", "'"), span, raw)
        case "TRUE" | "FALSE":
            return Constant("bool", token.kind == "TRUE", span, raw)
        case _:
            return Constant("missing", None, span, raw)


def shown(text: str) -> str:
    """A stretch of a formula for a message: short, printable, in quotes once."""
    short = text if len(text) <= 40 else text[:39] + "…"
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)
    return printable if text[:1] == "'" != text[1:2] else f"'{printable}'"


def _number(raw: str, refuse: Callable[[str, str | None], None]) -> Decimal:
    mantissa, _, exponent = raw.lower().partition("e")
    if len(mantissa.replace(".", "").lstrip("0")) > DIGITS or len(exponent.lstrip("+-").lstrip("0")) > 3:
        refuse(f"a number has at most {DIGITS} digits", "round it or use a larger unit")
        return Decimal(1)
    value = Decimal(raw)
    if value and (value.adjusted() >= DIGITS or cast(int, value.as_tuple().exponent) < -DIGITS):
        refuse(f"a number has at most {DIGITS} digits", "round it or use a larger unit")
    return value


def _unit(word: str) -> Unit:
    return cast(Unit, "half" if word == "halves" else word.removesuffix("s"))


def _refuse_currency(number: str, unit: str, refuse: Callable[[str, str | None], None]) -> None:
    near = nearest(unit, sorted(CURRENCIES))
    hint = f"did you mean {number} {near}?" if near and len(number) < 20 else None
    refuse(f"{unit} is not a currency of ISO 4217", hint)


def _date(raw: str, refuse: Callable[[str, str | None], None]) -> dt.date | None:
    year, month, day = (int(part) for part in raw.split("-"))
    if not year or not 1 <= month <= 12:
        refuse(f"{raw} is not a date: " + ("there is no year 0" if not year else f"there is no month {month:02}"), None)
        return None
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        refuse(f"{raw} is not a date: that month has days 1 to {last}", f"write {raw[:8]}{min(max(day, 1), last):02}")
        return None
    return dt.date(year, month, day)


def _timestamp(raw: str, refuse: Callable[[str, str | None], None]) -> dt.datetime | None:
    date = _date(raw[:10], refuse)
    hour, minute, second = (int(part) for part in (raw[11:] + ":00").split(":")[:3])
    if hour > 23 or minute > 59 or second > 59:
        refuse(f"{raw[11:]} is not a time of day", "hours go to 23, minutes and seconds to 59")
        return None
    return dt.datetime(date.year, date.month, date.day, hour, minute, second) if date else None


def _redated(raw: str) -> str:
    """What to write instead of something that is nearly a date."""
    if raw.endswith("Z") or re.search(r"T\d\d?:\d\d(:\d\d)?-", raw):
        return "a timestamp has no zone of its own: it is in the catalog's"
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?", raw)
    if match is None:
        return "write a date like 2026-04-01, a timestamp like 2026-04-01T09:30, with blanks round what follows"
    year, *parts = (part for part in match.groups() if part)
    date = "-".join([year, *(part.zfill(2) for part in parts[:2])])
    time = ":".join(part.zfill(2) for part in parts[2:])
    return f"write {date}T{time}" if time else f"write {date}"
