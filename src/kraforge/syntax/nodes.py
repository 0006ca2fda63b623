"""The syntax tree of a formula: what was written, where. Nothing here knows names, types or Lark."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from attrs import frozen

from kraforge.text import Span

Unit = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "half", "year"]
Literals = Literal["number", "percent", "money", "duration", "date", "timestamp", "text", "bool", "missing"]


@frozen
class Constant:
    """A literal. `value` by kind: number, percent (85 for 85%), money and duration Decimal; text str; missing None.

    `unit` is the currency of money and the unit of a duration; `raw` the literal as written.
    """

    kind: Literals
    value: Decimal | dt.date | dt.datetime | str | bool | None
    span: Span
    raw: str
    unit: str | None = None


@frozen
class Name:
    """One name of a path; `quoted` where backticks stand round it (they are not part of `text`)."""

    text: str
    span: Span
    quoted: bool = False


@frozen
class Path:
    """Names with dots between them: `invoices.customer.segment`."""

    names: tuple[Name, ...]
    span: Span


@frozen
class Call:
    """A function with its arguments in brackets."""

    name: Name
    arguments: tuple[Argument, ...]
    span: Span


Operator = Literal["+", "-", "*", "/", "=", "!=", "<", "<=", ">", ">=", "and", "or", "else"]


@frozen
class Binary:
    """Two operands with an operator between them; `else` gives the right one where the left is missing."""

    operator: Operator
    left: Expression
    right: Expression
    span: Span


@frozen
class Unary:
    """A sign or a negation before its operand."""

    operator: Literal["-", "not"]
    operand: Expression
    span: Span


@frozen
class Presence:
    """`x is missing` or, where `present`, `x is present`."""

    operand: Expression
    present: bool
    span: Span


@frozen
class Membership:
    """`x in ('a', 'b')` or `x not in …`; the items are constants, or signed ones."""

    operand: Expression
    items: tuple[Expression, ...]
    negated: bool
    span: Span


@frozen
class Between:
    """`x in 1..3` or `x not in …`; both ends belong."""

    operand: Expression
    low: Expression
    high: Expression
    negated: bool
    span: Span


@frozen
class If:
    """`if condition then x else y`."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


@frozen
class Range:
    """`a .. b` (closed), `a ..< b` (half open), or with one end open: `..b`, `..<b`, `a..`."""

    low: Expression | None
    high: Expression | None
    closed: bool
    span: Span


@frozen
class Pair:
    """`key -> value`, only as an argument."""

    key: Expression | Range
    value: Expression
    span: Span


@frozen
class Modifier:
    """`where x`, `on x`, `during a .. b`, `via link`. The span covers the word and what follows it."""

    word: Literal["where", "on", "during", "via"]
    value: Expression | Range
    span: Span


@frozen
class Modified:
    """An expression with modifiers after it, in the order written."""

    operand: Expression
    modifiers: tuple[Modifier, ...]
    span: Span


Expression = Constant | Path | Call | Binary | Unary | Presence | Membership | Between | If | Modified
Argument = Expression | Range | Pair
