"""Pieces of formulas that nobody wrote: nodes made from values and names, and texts that are safe to show."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from kraforge.functions.dates import UNITS
from kraforge.semantics import bound
from kraforge.syntax import nodes
from kraforge.syntax.format import unparse
from kraforge.text import Span

NOWHERE: Final = Span(0, 0)


def safe(text: str) -> str:
    """The text on one line, with what a terminal would act on written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def code(text: str) -> str:
    """A piece of the language inside a sentence, in backticks as Markdown has them."""
    text = safe(text)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def name(*names: str) -> str:
    """Names with dots between them as formulas write them, in backticks where they need these."""
    return safe(unparse(path(*names)))


def path(*names: str) -> nodes.Path:
    """Names with dots between them."""
    return nodes.Path(tuple(nodes.Name(name, NOWHERE) for name in names), NOWHERE)


def call(name: str, *arguments: nodes.Argument) -> nodes.Call:
    """A function with its arguments."""
    return nodes.Call(nodes.Name(name, NOWHERE), arguments, NOWHERE)


def number(value: Decimal) -> nodes.Constant:
    """A number."""
    return nodes.Constant("number", value, NOWHERE, "")


def length(length: bound.Length) -> nodes.Expression:
    """A length of the calendar; a unit of a calendar of one's own is a length by itself."""
    if length.unit not in UNITS:
        return path(length.unit)
    return nodes.Constant("duration", Decimal(length.number), NOWHERE, "", length.unit)


def bare(operand: bound.Expression, node: nodes.Expression) -> nodes.Expression:
    """A whole number beside a ratio, as in `1 - r`."""
    if isinstance(operand, bound.Constant) and isinstance(operand.value, Decimal) and operand.type.kind == "ratio":
        whole = operand.value.to_integral_value()
        return number(whole) if operand.value == whole >= 0 else node
    return node


def constant(given: bound.Constant) -> nodes.Expression:
    """A literal; a fraction that is a ratio as a percentage."""
    value, kind = given.value, given.type.kind
    written: Any = kind
    unit = given.unit or given.type.currency
    match value:
        case None:
            written = "missing"
        case bool():
            written = "bool"
        case Decimal() if value < 0:
            return nodes.Unary("-", constant(evolve(given, value=-value)), NOWHERE)
        case Decimal() if kind == "ratio":
            written, value = "percent", value * 100
        case Decimal() if kind not in ("money", "duration"):
            written = "number"
        case str():
            written = "text"
        case dt.datetime():
            written = "timestamp"
        case dt.date():
            written = "date"
    if isinstance(value, Decimal):
        value = _plain(value)
    return nodes.Constant(written, value, NOWHERE, "", unit)


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end."""
    whole = value == value.to_integral_value() and value.adjusted() < 27
    return value.quantize(Decimal(1)) if whole else value.normalize()
