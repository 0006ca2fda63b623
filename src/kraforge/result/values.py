"""Values of engines as the Python values that answers have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Context, Decimal
from math import isfinite
from typing import Any, Final

from kraforge.errors import LimitError, Mistake, SourceError
from kraforge.types import Type

_CENTS: Final = -2
_WIDE: Final = Context(prec=400)
"""Room for the largest double with all its digits."""


def python_value(kind: Type) -> Callable[[Any], Any]:
    """The conversion of a present value of a type. Floating-point NaN and infinity become None."""
    match kind.kind:
        case "count":
            return _whole
        case "money":
            return _money
        case "number":
            return _whole if kind.whole else _number
        case "ratio":
            return _ratio
        case "duration":
            return _duration
        case "date":
            return _date
        case "timestamp":
            return _timestamp
        case "bool":
            return bool
        case _:
            return _text


def _whole(value: Any) -> int | Decimal | float | None:
    """A whole number; what shares have made parts of stays exact."""
    if isinstance(value, float) and not isfinite(value):
        return None
    return int(value) if value == int(value) else _number(value)


def _ratio(value: Any) -> float | None:
    number = float(value)
    return number if isfinite(number) else None


def _number(value: Any) -> Decimal | float | None:
    if isinstance(value, float):
        return value if isfinite(value) else None
    return _trimmed(Decimal(value), 0)


def _money(value: Any) -> Decimal | None:
    if isinstance(value, float):
        return _trimmed(Decimal(repr(value)), _CENTS)
    return _trimmed(Decimal(value), _CENTS)


def _trimmed(value: Decimal, most: int) -> Decimal | None:
    """Without the zeros after the last place that is not 0, but with the places to the exponent `most`."""
    if not value.is_finite():
        return None
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent == most:
        return value
    if exponent > most:
        return value.quantize(Decimal(1).scaleb(most), context=_WIDE)
    digits = str(value.scaleb(-exponent, context=_WIDE))
    kept = exponent + len(digits) - len(digits.rstrip("0"))
    return value.quantize(Decimal(1).scaleb(min(kept, most) if value else most), context=_WIDE)


def _duration(value: Any) -> dt.timedelta:
    if isinstance(value, dt.timedelta):
        return value
    try:
        return dt.timedelta(seconds=float(value))
    except OverflowError:
        mistake = Mistake("overflow", "the answer has a duration of more than 999999999 days", hint="scale the data")
        raise LimitError(mistake) from None


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    raise _beyond(value)


def _timestamp(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    raise _beyond(value)


def _beyond(value: object) -> SourceError:
    """Engines reckon further than Python's years 1 to 9999, and then give text."""
    return SourceError(Mistake("bad-value", f"the answer has the date {value}, which is beyond the years 1 to 9999"))


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else str(value)
