"""Values and what is done with them: missing spreads, money is exact, quotients are floating point."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

EXACT = Context(prec=400)
unsettled: list[Any] = []
"""What engines may answer otherwise with equal right, such as which of two nearly equal floats is the greater."""


class NaiveError(Exception):
    """A mistake in a formula or request, by the code that the library would give."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Money(Decimal):
    """An exact amount."""


@dataclass(frozen=True)
class Length:
    """A literal such as `3 months` or `1.5 hours`."""

    number: Decimal
    unit: str

    def elapsed(self) -> dt.timedelta:
        """As a duration; months and longer are not one."""
        seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
        if self.unit not in seconds:
            raise NaiveError("bad-length", self.unit)
        return dt.timedelta(microseconds=int(self.number * seconds[self.unit] * 1000000))


def present(value: Any) -> Any:
    """NaN and infinity count as missing."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    return value


class LastDay(dt.date):
    """`as_of` or `period.end`: where a moment is needed, its end, where it `closes`."""

    closes = False

    @classmethod
    def of(cls, day: dt.date) -> LastDay:
        found = cls(day.year, day.month, day.day)
        found.closes = True
        return found


class Midnight(dt.datetime):
    """The moment at which a day ends, which lies on that day still; None: an ordinary moment."""

    ended: dt.date | None = None


def local_date(value: dt.date | dt.datetime) -> dt.date:
    """The local day; timestamps here always carry the catalog's zone."""
    if isinstance(value, dt.datetime):
        return getattr(value, "ended", None) or value.date()
    return value


def on_wall(wall: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The moment at which the clocks of a zone show a time: the second one where they do twice, later where never."""
    both = [wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    return max(both, key=instant)


def moment(value: Any, zone: dt.tzinfo) -> Any:
    """A date as a moment: its beginning, of `as_of` and `period.end` its end."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        return value
    if not getattr(value, "closes", False):
        return on_wall(dt.datetime.combine(value, dt.time()), zone)
    next_day = value + dt.timedelta(days=1)
    found = Midnight(next_day.year, next_day.month, next_day.day, tzinfo=zone)
    found.ended = dt.date(value.year, value.month, value.day)
    return found


def late(value: Any) -> int:
    """How two of the same date or moment are ordered: an end of a day after its beginning, before the next one's."""
    return int(getattr(value, "closes", False)) - int(getattr(value, "ended", None) is not None)


def ordinary(value: Any) -> Any:
    """A date or moment like any other, no longer the end of a day."""
    if isinstance(value, LastDay):
        return dt.date(value.year, value.month, value.day)
    return dt.datetime.combine(value.date(), value.timetz()) if isinstance(value, Midnight) else value


def instant(value: dt.datetime) -> dt.datetime:
    return value.astimezone(dt.UTC)


def significant(value: Any) -> Decimal:
    """A number rounded to 12 significant digits, half away from zero."""
    exact = Decimal(value)
    return exact if exact == 0 else Context(prec=12, rounding=ROUND_HALF_UP).plus(exact)


def like(result: Decimal, *operands: Any) -> Any:
    """An exact result: money where an operand is, an integer where all are."""
    if any(isinstance(operand, Money) for operand in operands):
        return Money(result)
    return int(result) if all(isinstance(operand, int) for operand in operands) else result


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    """Operands brought to one form: literal lengths to durations, 0 to a duration beside one."""
    a, b = (x.elapsed() if isinstance(x, Length) else x for x in (a, b))
    if isinstance(a, dt.timedelta) and not isinstance(b, dt.timedelta | dt.date) and b == 0:
        b = dt.timedelta()
    elif isinstance(b, dt.timedelta) and not isinstance(a, dt.timedelta | dt.date) and a == 0:
        a = dt.timedelta()
    return a, b


def add(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    if isinstance(b, dt.date):
        a, b = b, a
    if isinstance(a, dt.date):
        return moved(a, b)
    a, b = _pair(a, b)
    if isinstance(a, dt.timedelta):
        return a + b
    if isinstance(a, float) or isinstance(b, float):
        return present(float(a) + float(b))
    return like(EXACT.add(Decimal(a), Decimal(b)), a, b)


def moved(day: dt.date, by: Any, sign: int = 1) -> dt.date:
    """A date or timestamp moved: days and longer on the wall clock, months clamped, hours as elapsed time."""
    from naive.calendar import DAYS, MONTHS, clamped

    if isinstance(by, dt.timedelta):
        if isinstance(day, dt.datetime):
            return (instant(day) + sign * by).astimezone(day.tzinfo)
        return day + sign * by
    if not isinstance(by, Length):
        raise NaiveError("type-mismatch", f"{day} and {by}")
    number = sign * by.number
    if by.unit in MONTHS:
        date = clamped(day.year, day.month + int(number) * MONTHS[by.unit], day.day)
    elif by.unit in DAYS:
        date = local_date(day) + dt.timedelta(days=int(number * DAYS[by.unit]))
    else:
        return moved(day, sign * by.elapsed())
    if isinstance(day, dt.datetime):
        assert day.tzinfo is not None
        return on_wall(dt.datetime.combine(date, day.time()), day.tzinfo)
    return date


def subtract(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    if isinstance(a, dt.date) and isinstance(b, dt.date):
        if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
            return instant(a) - instant(b)
        return local_date(a) - local_date(b)
    if isinstance(a, dt.date):
        return moved(a, b, -1)
    return add(a, negative(b))


def negative(a: Any) -> Any:
    if a is None:
        return None
    if isinstance(a, Length):
        a = a.elapsed()
    return Money(EXACT.minus(a)) if isinstance(a, Money) else EXACT.minus(a) if isinstance(a, Decimal) else -a


def multiply(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    a, b = (x.elapsed() if isinstance(x, Length) else x for x in (a, b))
    if isinstance(b, dt.timedelta):
        a, b = b, a
    if isinstance(a, dt.timedelta):
        return dt.timedelta(microseconds=round(float(a / dt.timedelta(microseconds=1)) * float(b)))
    if isinstance(a, Money) or isinstance(b, Money):
        a, b = (significant(x) if isinstance(x, float) else x for x in (a, b))
        return Money(EXACT.multiply(Decimal(a), Decimal(b)))
    if isinstance(a, float) or isinstance(b, float):
        return present(float(a) * float(b))
    return like(EXACT.multiply(Decimal(a), Decimal(b)), a, b)


def divide(a: Any, b: Any) -> Any:
    """A quotient as a float (a duration by a number stays one); by zero it is missing."""
    if a is None or b is None:
        return None
    a, b = (x.elapsed() if isinstance(x, Length) else x for x in (a, b))
    if b in (0, dt.timedelta()):
        return None
    if isinstance(a, dt.timedelta):
        if isinstance(b, dt.timedelta):
            return a / b
        return dt.timedelta(microseconds=round(a / dt.timedelta(microseconds=1) / float(b)))
    if isinstance(b, dt.timedelta):
        return 0.0
    near(float(b), 0.0)
    return present(float(a) / float(b))


def comparable(a: Any, b: Any) -> tuple[Any, Any]:
    """Two present values in a form that Python compares as the language does."""
    a, b = _pair(a, b)
    if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
        return instant(a), instant(b)
    if isinstance(a, dt.date) and isinstance(b, dt.date):
        return local_date(a), local_date(b)
    if isinstance(a, float) != isinstance(b, float) and not isinstance(a, str | bool | dt.timedelta):
        return float(a), float(b)
    return a, b


def near(a: Any, b: Any) -> None:
    """Notes two floats that engines may order either way; those with few binary digits are exact everywhere."""
    if isinstance(a, float) and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) and not (a == b and a * 4096 % 1 == 0):
        unsettled.append((a, b))


def compare(operator: str, a: Any, b: Any) -> bool:
    """A comparison; with missing it is false."""
    if a is None or b is None:
        return False
    a, b = comparable(a, b)
    near(a, b)
    match operator:
        case "=":
            return bool(a == b)
        case "!=":
            return bool(a != b)
        case "<":
            return bool(a < b)
        case "<=":
            return bool(a <= b)
        case ">":
            return bool(a > b)
        case _:
            return bool(a >= b)


def same(a: Any, b: Any) -> bool:
    """Equality of keys and groups: missing is equal to missing."""
    return (a is None and b is None) or compare("=", a, b)


def round_away(value: Any, digits: int = 0) -> Any:
    """Rounded half away from zero."""
    if value is None:
        return None
    unit = Decimal(1).scaleb(-digits)
    if isinstance(value, float):
        near(value, math.floor(value * 10**digits) / 10**digits + float(unit) / 2)
    with localcontext(EXACT):
        rounded = Decimal(value).quantize(unit, rounding=ROUND_HALF_UP)
    if isinstance(value, Money):
        return Money(rounded)
    if digits <= 0 and not isinstance(value, float):
        return int(rounded)
    return float(rounded) if isinstance(value, float) else rounded


def shown(value: Any) -> Any:
    """A value as an answer shows it."""
    if isinstance(value, Money):
        return Decimal(value)
    if isinstance(value, Length):
        return value.elapsed()
    return value
