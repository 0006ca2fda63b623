"""The context of an aggregate: which bounds, which groups, which rows; and the bounds that it has in each period.

A context is what context functions have left on the way from the formula's top to an aggregate. Its bounds are computed
here, in plain dates, for every period of the answer; SQL only ever sees the finished bounds.
"""

from __future__ import annotations

import datetime as dt

from attrs import evolve, field, frozen

from kraforge.errors import Mistake, Mistakes
from kraforge.plan.periods import Days, Period, add_days, own_length, shift, start_of
from kraforge.semantics import bound

Move = (
    bound.Prior
    | bound.Trailing
    | bound.ToDate
    | bound.Ever
    | bound.Anytime
    | bound.Within
    | bound.Matched
    | bound.Overall
)


@frozen(cache_hash=True)
class Context:
    """What decides the bounds and the rows of an aggregate.

    `moves` are the changes of bounds, the outer one first; `overall(x, period)` is one, to the request's window.
    `dropped` are dimensions without grouping, `all_dropped` for all; `coarser` pairs a dimension with the one that
    replaces it. `filters` are conditions after measures and of the request.
    """

    moves: tuple[Move, ...] = ()
    dropped: frozenset[str] = frozenset()
    all_dropped: bool = False
    coarser: tuple[tuple[str, str], ...] = ()
    filters: tuple[bound.Expression, ...] = ()

    def changed(self, change: bound.Change) -> Context:
        """This context with a further change, inside what is there."""
        match change:
            case bound.Within():
                self._refuse_open(change)
                return evolve(self, moves=(*self.moves, change))
            case bound.Overall():
                if change.coarser:
                    return evolve(self, coarser=self.coarser + change.coarser)
                if change.period:
                    window = bound.Overall(period=True)
                    return evolve(
                        self, moves=(*self.moves, window), dropped=self.dropped | frozenset(change.dimensions)
                    )
                if change.dimensions:
                    return evolve(self, dropped=self.dropped | frozenset(change.dimensions))
                return evolve(self, all_dropped=True)
            case bound.Filtered():
                return evolve(self, filters=(*self.filters, change.condition))
            case bound.Anytime():
                # nothing that stands outside can still be seen, but the bounds before it give as_of its day
                return evolve(self, moves=(*self.moves, change))
            case _:
                return evolve(self, moves=(*self.moves, change))

    def _refuse_open(self, within: bound.Within) -> None:
        """Raises Mistakes (no-period) where a bound is an end that this context does not have."""
        for end in (within.low, within.high):
            while isinstance(end, bound.Call) and is_day(end):
                end = end.arguments[0]
            if not isinstance(end, bound.PeriodValue):
                continue
            if (end.what == "start" and not self.has_start) or (end.what == "end" and not self.has_end):
                raise Mistakes(
                    Mistake(
                        "no-period", f"period.{end.what} stands where the period has no such end", hint="name a day"
                    )
                )

    @property
    def looks(self) -> bool:
        """Whether a bound is a date of the period."""
        ends = [end for move in self.moves if isinstance(move, bound.Within) for end in (move.low, move.high)]
        return any(is_day(end) and not isinstance(end, bound.Constant) for end in ends)

    @property
    def has_start(self) -> bool:
        """Whether the bounds begin somewhere."""
        return self._ends()[0]

    @property
    def has_end(self) -> bool:
        """Whether the bounds end somewhere."""
        return self._ends()[1]

    @property
    def unending(self) -> bool:
        """Whether the bounds end nowhere, or with dates of a row."""
        deciding = (bound.Anytime, bound.Within, bound.Overall)
        last = next((move for move in reversed(self.moves) if isinstance(move, deciding)), None)
        return isinstance(last, bound.Anytime) or (
            isinstance(last, bound.Within) and (last.high is None or not is_day(last.high))
        )

    def _ends(self) -> tuple[bool, bool]:
        start = end = True
        for move in self.moves:
            match move:
                case bound.Ever():
                    start = False
                case bound.Anytime():
                    start = end = False
                case bound.Within():
                    start, end = move.low is not None, move.high is not None
                case bound.Overall():
                    start = end = True
                case bound.Trailing() | bound.ToDate():
                    start = end
                case _:
                    pass
        return start, end

    @property
    def within(self) -> bound.Within | None:
        """The `within` that sets both bounds, where its bounds are dates of a row."""
        found = None
        for move in self.moves:
            if isinstance(move, bound.Within):
                known = all(end is None or is_day(end) for end in (move.low, move.high))
                found = None if known else move
            elif isinstance(move, bound.Anytime | bound.Overall):
                found = None
        return found


@frozen
class Bounds:
    """The bounds of a context in one period: [low, high), None where open; `last` is the context's last day.

    `as_of` is the valuation day: the earlier of the request's as_of and the context's last day.
    """

    low: dt.date | None
    high: dt.date | None
    as_of: dt.date
    start: dt.date
    last: dt.date


@frozen
class Calendar:
    """What the bounds of contexts are computed from: the spine's grain, its days, the window and the request's as_of.

    `named` is the length of a window that was written as periods of a calendar of one's own.
    """

    days: Days
    grain: str | None
    low: dt.date
    high: dt.date
    as_of: dt.date | None = None
    named: tuple[int, str] | None = None
    own: tuple[int, str] = field(init=False)
    cells: str | None = field(init=False)

    @own.default
    def _own(self) -> tuple[int, str]:
        return (1, self.grain) if self.grain else self.named or own_length(self.low, self.high, self.days)

    @cells.default
    def _cells(self) -> str | None:
        """What the cells are: a window without a grain is of weeks where it shifts by weeks, or of what it was named by."""
        return self.grain or ("week" if self.own[1] == "week" else self.named and self.named[1])


def bounds(context: Context, period: Period, calendar: Calendar) -> Bounds:
    """The bounds that a context has in a period of the answer."""
    low: dt.date | None = period.low
    high: dt.date | None = period.high
    start, end = period.low, period.high
    after = None if calendar.as_of is None else add_days(calendar.as_of, 1)
    # under matched the end at which as_of cuts the period; further shifts move it with the period's own
    cut: dt.date | None = None
    for move in context.moves:
        match move:
            case bound.Prior():
                number, unit = _length(move, calendar)
                sign = number if move.forward else -number
                if low is not None:
                    low = shift(low, sign, unit, calendar.cells, calendar.days)
                    start = shift(start, sign, unit, calendar.cells, calendar.days)
                if high is not None:
                    high = shift(high, sign, unit, calendar.cells, calendar.days)
                    end = shift(end, sign, unit, calendar.cells, calendar.days)
                if cut is not None:
                    cut = shift(cut, sign, unit, calendar.cells, calendar.days)
            case bound.Trailing():
                number, unit = (move.length.number, move.length.unit) if move.length else calendar.own
                start = shift(end, -number, unit, calendar.cells, calendar.days)
                low = start if high is not None else None
            case bound.ToDate():
                start = start_of(add_days(end, -1), move.unit, calendar.days)
                low = start if high is not None else None
            case bound.Ever():
                low = None
            case bound.Anytime():
                low = high = cut = None
            case bound.Within():
                as_of = add_days(end, -1) if calendar.as_of is None else min(calendar.as_of, add_days(end, -1))
                low = _day(move.low, start, add_days(end, -1), as_of)
                high = _day(move.high, start, add_days(end, -1), as_of)
                if high is not None and move.closed:
                    high = add_days(high, 1)
                start, end = low or start, high or end
                cut = None
            case bound.Overall():
                low, high = start, end = calendar.low, calendar.high
                cut = None if cut is None or after is None else min(high, after)
            case bound.Matched():
                cut = None if high is None or after is None else min(high, after)
    if cut is not None and high is not None:
        high = min(high, cut)
        end = min(end, cut)
    last = add_days(end, -1)
    as_of = last
    if calendar.as_of is not None:
        as_of = calendar.as_of if high is None else min(calendar.as_of, last)
    elif high is None:
        as_of = add_days(period.high, -1)
    if after is not None:
        high = after if high is None else min(high, after)
    if low is not None and high is not None and high < low:
        high = low
    return Bounds(low, high, as_of, start, last)


def _length(move: bound.Prior, calendar: Calendar) -> tuple[int, str]:
    if move.length is not None:
        return move.length.number * move.periods, move.length.unit
    number, unit = calendar.own
    return number * move.periods, unit


def is_day(expression: bound.Expression | None) -> bool:
    """Whether a bound of `within` is a day that is known before any row is read; a moment or a row's date is not."""
    match expression:
        case bound.Constant():
            return not isinstance(expression.value, dt.datetime)
        case bound.PeriodValue():
            return expression.what != "days"
        case bound.Call(function="add_time" | "subtract_time", arguments=(day, bound.Constant(unit=unit))):
            return unit in ("day", "week") and is_day(day)
        case _:
            return False


def _day(expression: bound.Expression | None, start: dt.date, last: dt.date, as_of: dt.date) -> dt.date | None:
    """A bound of `within` in a period that begins and ends then; None where it is open or no day."""
    match expression:
        case bound.Constant(value=dt.date() as value) if not isinstance(value, dt.datetime):
            return value
        case bound.PeriodValue():
            return {"start": start, "end": last, "as_of": as_of}.get(expression.what)
        case bound.Call(arguments=(day, bound.Constant(value=number, unit=unit))) if is_day(expression):
            found = _day(day, start, last, as_of)
            sign = -1 if expression.function == "subtract_time" else 1
            return None if found is None else add_days(found, sign * int(str(number)) * (7 if unit == "week" else 1))
        case _:
            return None
