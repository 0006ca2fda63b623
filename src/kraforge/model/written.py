"""What stands in a catalog, whatever its notation: plain values with the lines that they were written on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from attrs import frozen

from kraforge.errors import LimitError, Mistake, Mistakes
from kraforge.text import Place

MAX_BYTES: Final = 2_000_000
MAX_LINE: Final = 50_000
MAX_DEPTH: Final = 50
MAX_LINES: Final = 50_000
MAX_PARTS: Final = 100_000

ValueKind = Literal["text", "number", "bool", "date", "timestamp", "nothing", "list", "mapping", "other"]


@frozen(eq=False)
class Written:
    """A value read from a file: a mapping or list of these, or text, Decimal, bool, date, None.

    `line` is that of the key in a mapping, of the item in a list.
    """

    value: object
    line: int


def kind_of(value: object) -> ValueKind:
    """The kind of an opened value; whatever the host passes, without running any of its code."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "bool"
        case int() | float() | Decimal():
            return "number"
        case str():
            return "text"
        case dt.datetime():
            return "timestamp"
        case dt.date():
            return "date"
        case list() | tuple():
            return "list"
        case Mapping():
            return "mapping"
        case _:
            return "other"


def described(value: object) -> str:
    """A value in the words of a message: `the number 5`, `a list`, short and printable."""
    match kind_of(value):
        case "nothing":
            return "nothing"
        case "bool":
            return "true" if value else "false"
        case "number":
            return f"the number {shown(number_text(value) or 'that is not finite or too long')}"
        case "text":
            return f"'{shown(str(value))}'"
        case "date" | "timestamp":
            return f"the date {value}"
        case "list":
            return "a list"
        case "mapping":
            return "a mapping"
        case "other":
            return f"a Python {shown(type(value).__name__)}"


def shown(text: str) -> str:
    """Text of strangers, safe and short enough for a message."""
    cut = text if len(text) <= 60 else text[:57] + "…"
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in cut)


def number(text: str) -> Decimal:
    """A number from a file, however long; not a number where no decimal holds it."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def number_text(value: object) -> str | None:
    """A number as formulas write it, without an exponent; None where it is not finite or has over 38 digits on a side."""
    if isinstance(value, int):
        return str(value) if abs(value) < 10**38 else None
    number = Decimal(float.__repr__(value)) if isinstance(value, float) else value
    if not isinstance(number, Decimal) or not number.is_finite():
        return None
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) > 76 or exponent < -38 or number.adjusted() >= 38:
        return None
    return format(number, "f")


def bad_file(message: str, file: str, line: int | None = None, hint: str | None = None) -> Mistakes:
    """The error of a file that cannot be read as what it is."""
    return Mistakes(Mistake("catalog-syntax", message, Place("", file, line), hint=hint))


def too_deep(file: str, line: int | None = None) -> LimitError:
    """The error of a file that nests further than any catalog does."""
    message = f"the catalog nests more than {MAX_DEPTH} levels deep"
    return LimitError(Mistake("catalog-too-deep", message, Place("", file, line)))


def too_large(what: str, file: str, line: int | None = None) -> LimitError:
    """The error of a file over one of the bounds above."""
    hint = "split it into the files of a folder"
    return LimitError(Mistake("catalog-too-large", f"the catalog has {what}", Place("", file, line), hint=hint))
