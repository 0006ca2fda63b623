"""The periods of every frame of a request, and the bounds of every context in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from attrs import evolve, field, frozen

from kraforge.errors import LimitError, Mistake, Mistakes
from kraforge.plan.context import Bounds, Calendar, Context, bounds
from kraforge.plan.leaves import Frame
from kraforge.plan.periods import WEEKS, Days, Period, add_days, count_periods, fiscal_index, spine, start_of


@frozen
class Hull:
    """The bounds of a scan: from the first to the last of its leaves' bounds, None where open."""

    low: dt.date | None
    high: dt.date | None

    def days(self) -> int | None:
        """Its length, None where it is open at the start."""
        if self.low is None:
            return None
        return ((self.high or dt.date.max) - self.low).days

    def with_(self, other: Hull) -> Hull:
        """The hull of both."""
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Hull(low, high)


def owner_of(frames: Sequence[Frame], frame: int) -> int:
    """The frame whose periods a frame has: members and totals have those of another."""
    while frames[frame].unit is None:
        parent = frames[frame].parent
        if parent is None:
            return 0
        frame = parent
    return frame


@frozen
class Timeline:
    """The periods of every frame of a request, and the bounds of every context in them.

    `most` bounds the parts of `each`.
    """

    calendar: Calendar
    frames: tuple[Frame, ...]
    most: int = 1_000_000
    _periods: dict[int, tuple[tuple[int, Period], ...]] = field(factory=dict, eq=False)
    _bounds: dict[tuple[int, Context], tuple[Bounds, ...]] = field(factory=dict, eq=False)

    def owner(self, frame: int) -> int:
        """The frame whose periods a frame has: members and totals have those of another."""
        return owner_of(self.frames, frame)

    def periods(self, frame: int) -> tuple[tuple[int, Period], ...]:
        """The periods of a frame, each with the number of the outer frame's period that it is part of."""
        frame = self.owner(frame)
        if frame not in self._periods:
            facts = self.frames[frame]
            if facts.unit is None:
                whole = spine(self.calendar.low, self.calendar.high, self.calendar.grain, self.calendar.days)
                self._periods[frame] = tuple(enumerate(whole))
            else:
                assert facts.parent is not None
                self._periods[frame] = self._parts(facts, facts.parent)
        return self._periods[frame]

    def _parts(self, facts: Frame, parent: int) -> tuple[tuple[int, Period], ...]:
        assert facts.unit is not None
        parts: list[tuple[int, Period]] = []
        planned = 0
        for number, (_, period) in enumerate(self.periods(parent)):
            whole = bounds(facts.context, period, self._calendar(parent))
            high = whole.high
            low = whole.low
            if low is None or high is None:
                raise Mistakes(
                    Mistake("parts-do-not-fit", "each() needs a context with a start and an end", hint="move ever() in")
                )
            free = bounds(facts.context, period, self._free(parent))
            for day in (free.low, free.high):
                if day is not None and start_of(day, facts.unit, self.calendar.days) != day:
                    raise Mistakes(
                        Mistake(
                            "parts-do-not-fit",
                            f"{facts.unit}s do not fit into the period from {free.low} to before {free.high}",
                            hint="use a grain or a window that is made of whole ones",
                        )
                    )
            planned += count_periods(low, high, facts.unit, self.calendar.days)
            if planned > self.most:
                raise LimitError(
                    Mistake(
                        "too-many-cells",
                        f"each() would split the answer into more than {self.most:,} {facts.unit}s",
                        hint="ask a shorter window, or longer parts",
                    )
                )
            parts += [(number, part) for part in spine(low, high, facts.unit, self.calendar.days)] if low < high else []
        return tuple(parts)

    def _calendar(self, frame: int) -> Calendar:
        facts = self.frames[self.owner(frame)]
        if facts.unit is None:
            return self.calendar
        return Calendar(self.calendar.days, facts.unit, self.calendar.low, self.calendar.high, self.calendar.as_of)

    def grain(self, frame: int) -> str | None:
        """What one period of a frame is."""
        return self._calendar(frame).grain

    def _free(self, frame: int) -> Calendar:
        return evolve(self._calendar(frame), as_of=None)

    def bounds(self, frame: int, context: Context) -> tuple[Bounds, ...]:
        """The bounds of a context in each period of a frame."""
        frame = self.owner(frame)
        key = (frame, context)
        if key not in self._bounds:
            calendar = self._calendar(frame)
            self._bounds[key] = tuple(bounds(context, period, calendar) for _, period in self.periods(frame))
        return self._bounds[key]


def hull(windows: Sequence[Bounds]) -> Hull:
    """From the first to the last of the bounds that are not empty."""
    real = [w for w in windows if w.low is None or w.high is None or w.low < w.high]
    if not real:
        day = windows[0].low if windows else dt.date(2000, 1, 1)
        return Hull(day, day)
    lows = [w.low for w in real]
    highs = [w.high for w in real]
    low = None if any(day is None for day in lows) else min(day for day in lows if day is not None)
    high = None if any(day is None for day in highs) else max(day for day in highs if day is not None)
    return Hull(low, high)


def aligned(windows: Sequence[Bounds], whole: Hull, unit: str, timeline: Timeline) -> bool:
    """Whether all bounds fall on starts of the unit, those of the hull excepted."""
    days = timeline.calendar.days
    for window in windows:
        for day, edge in ((window.low, whole.low), (window.high, whole.high)):
            if day is not None and day != edge and start_of(day, unit, days) != day:
                return False
    return True


def unit_windows(windows: Sequence[Bounds], whole: Hull, unit: str, timeline: Timeline) -> bool:
    """Whether the bounds of every period are one unit of the calendar each, cut at most by the hull."""
    days = timeline.calendar.days
    seen: set[dt.date] = set()
    for window in windows:
        if window.low is None or window.high is None:
            return False
        if window.low >= window.high:
            continue
        first, last = start_of(window.low, unit, days), start_of(add_days(window.high, -1), unit, days)
        if first != last or first in seen:
            return False
        if window.low not in (first, whole.low):
            return False
        if window.high != whole.high and start_of(window.high, unit, days) != window.high:
            return False
        seen.add(first)
    return True


def covers(windows: Sequence[Bounds], whole: Hull) -> bool:
    """Whether every day of a hull lies in the bounds of some period."""
    reached = whole.low
    for window in sorted(windows, key=lambda w: w.low or dt.date.min):
        if window.low is not None and (reached is None or window.low > reached):
            return False
        if window.high is None:
            return True
        reached = window.high if reached is None else max(reached, window.high)
    return whole.high is not None and reached is not None and reached >= whole.high


def overlap(one: Hull, other: Hull) -> bool:
    """Whether two hulls are close enough for one scan: neither shall read much more than it needs."""
    if (one.low is None) != (other.low is None):
        return False
    if one.low is None:
        return (one.high is None) == (other.high is None)
    together, shorter = one.with_(other).days(), min(one.days() or 0, other.days() or 0)
    return together is not None and together <= 1.5 * shorter


def bit_index(day: dt.date, base: dt.date, unit: str, days: Days) -> int:
    """How many units after that of `base` a day's unit lies."""
    first, second = start_of(base, unit, days), start_of(day, unit, days)
    if unit in ("day", "week", *WEEKS):
        return (second - first).days // (1 if unit == "day" else 7)
    if unit == "month":
        return (second.year - first.year) * 12 + second.month - first.month
    return fiscal_index(day, unit, days) - fiscal_index(base, unit, days)
