"""How each leaf is answered for a window: which grain its rows are gathered by, which leaves share a scan.

Windows of the same shape share one plan; the bounds themselves are filled in when it runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal

from attrs import field, frozen

from kraforge.errors import Mistake, Mistakes
from kraforge.plan import nodes
from kraforge.plan.collect import Collected
from kraforge.plan.context import Bounds, Calendar, Context, bounds
from kraforge.plan.leaves import Frame, Leaf, Parts, walk
from kraforge.plan.periods import GRAINS, Period, spine, start_of

MERGEABLE: Final = frozenset({"sum", "count", "avg", "rate", "any", "all", "min", "max"})

Kind = Literal["fixed", "unit", "window", "pairs", "parts"]


@frozen
class Mode:
    """How a leaf is answered.

    fixed: one value for all periods. unit: by the calendar unit that each period's bounds are. window: partial values by
    `unit`, gathered over bounds that span several. pairs: rows paired with the periods they count in, where a row's
    values hang on the period or rows are needed again. `scan` numbers the scan that it shares. `low` and `high` say
    whether the scan is bounded; `join` how pairs meet their periods.
    """

    kind: Kind
    unit: str | None = None
    scan: int = -1
    low: bool = False
    high: bool = False
    join: Literal["all", "unit", "range"] = "all"


@frozen
class Shape:
    """The modes of all leaves, and for each scan its leaves; `full` are leaves whose periods leave nothing of their
    scan's bounds out."""

    modes: tuple[Mode, ...]
    scans: tuple[tuple[int, ...], ...]
    full: frozenset[int]


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


@frozen
class Timeline:
    """The periods of every frame of a request, and the bounds of every context in them."""

    calendar: Calendar
    frames: tuple[Frame, ...]
    _periods: dict[int, tuple[tuple[int, Period], ...]] = field(factory=dict, eq=False)
    _bounds: dict[tuple[int, Context], tuple[Bounds, ...]] = field(factory=dict, eq=False)

    def owner(self, frame: int) -> int:
        """The frame whose periods a frame has: members and totals have those of another."""
        while self.frames[frame].unit is None and self.frames[frame].parent is not None:
            parent = self.frames[frame].parent
            assert parent is not None
            frame = parent
        return frame if self.frames[frame].unit is not None else 0

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
        for number, (_, period) in enumerate(self.periods(parent)):
            whole = bounds(facts.context, period, self._calendar(parent))
            high = whole.high
            low = whole.low
            if low is None or high is None:
                raise Mistakes(
                    Mistake("parts-do-not-fit", "each() needs a context with a start and an end", hint="move ever() in")
                )
            free = bounds(facts.context, period, self._free(parent))
            for bound in (free.low, free.high):
                if bound is not None and start_of(bound, facts.unit, self.calendar.days) != bound:
                    raise Mistakes(
                        Mistake(
                            "parts-do-not-fit",
                            f"{facts.unit}s do not fit into the period from {free.low} to before {free.high}",
                            hint="use a grain or a window that is made of whole ones",
                        )
                    )
            parts += [(number, part) for part in spine(low, high, facts.unit, self.calendar.days)] if low < high else []
        return tuple(parts)

    def _calendar(self, frame: int) -> Calendar:
        facts = self.frames[self.owner(frame)]
        if facts.unit is None:
            return self.calendar
        return Calendar(self.calendar.days, facts.unit, self.calendar.low, self.calendar.high, self.calendar.as_of)

    def _free(self, frame: int) -> Calendar:
        facts = self._calendar(frame)
        return Calendar(facts.days, facts.grain, facts.low, facts.high)

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


def _aligned(windows: Sequence[Bounds], whole: Hull, unit: str, timeline: Timeline) -> bool:
    """Whether all bounds fall on starts of the unit, those of the hull excepted."""
    days = timeline.calendar.days
    for window in windows:
        for day, edge in ((window.low, whole.low), (window.high, whole.high)):
            if day is not None and day != edge and start_of(day, unit, days) != day:
                return False
    return True


def _unit_windows(windows: Sequence[Bounds], whole: Hull, unit: str, timeline: Timeline) -> bool:
    """Whether the bounds of every period are one unit of the calendar each, cut at most by the hull."""
    days = timeline.calendar.days
    seen: set[dt.date] = set()
    for window in windows:
        if window.low is None or window.high is None:
            return False
        if window.low >= window.high:
            continue
        first, last = start_of(window.low, unit, days), start_of(window.high - dt.timedelta(days=1), unit, days)
        if first != last or first in seen:
            return False
        if window.low not in (first, whole.low):
            return False
        if window.high != whole.high and start_of(window.high, unit, days) != window.high:
            return False
        seen.add(first)
    return True


def decide(collected: Collected, timeline: Timeline) -> tuple[Shape, tuple[Hull, ...]]:
    """The shape of a request in its window, and the hull of each scan."""
    modes: list[Mode] = []
    scans: list[list[int]] = []
    keys: list[object] = []
    hulls: list[Hull] = []
    depths: list[int] = []
    members: list[list[tuple[Mode, tuple[Bounds, ...]]]] = []

    def _still_aligned(scan: int, mode: Mode, windows: tuple[Bounds, ...], whole: Hull) -> bool:
        """Whether bounds that a hull may cut are still cut by the hull of all leaves of the scan."""
        if mode.kind not in ("unit", "window") or (members[scan][0][1] == windows and len(members[scan]) == 1):
            return True
        together = hulls[scan].with_(whole)
        for kind, known in (*members[scan], (mode, windows)):
            test = _unit_windows if kind.kind == "unit" else _aligned
            if kind.unit is None or not test(known, together, kind.unit, timeline):
                return False
        return True

    for number, leaf in enumerate(collected.leaves):
        if isinstance(leaf, Parts):
            modes.append(Mode("parts"))
            depths.append(0)
            continue
        windows = timeline.bounds(leaf.frame, leaf.context)
        whole = hull(windows) if leaf.on is not None else Hull(None, None)
        mode = _mode(leaf, windows, whole, timeline, modes)
        depths.append(1 + max((depths[nested] for nested in leaf.nested), default=-1))
        # leaves of one depth never need one another, so that scans cannot wait for each other in a circle
        key = (depths[-1], _scan_key(leaf, mode, timeline, whole))
        scan = next(
            (
                i
                for i, known in enumerate(keys)
                if known == key and _overlap(hulls[i], whole) and _still_aligned(i, mode, windows, whole)
            ),
            len(scans),
        )
        if scan == len(scans):
            scans.append([])
            keys.append(key)
            hulls.append(whole)
            members.append([])
        scans[scan].append(number)
        if (mode, windows) not in members[scan]:
            members[scan].append((mode, windows))
        hulls[scan] = hulls[scan].with_(whole)
        modes.append(Mode(mode.kind, mode.unit, scan, whole.low is not None, whole.high is not None, mode.join))
    full = frozenset(
        number
        for number, leaf in enumerate(collected.leaves)
        if isinstance(leaf, Leaf) and _covers(timeline.bounds(leaf.frame, leaf.context), hulls[modes[number].scan])
    )
    return Shape(tuple(modes), tuple(tuple(scan) for scan in scans), full), tuple(hulls)


def _covers(windows: Sequence[Bounds], whole: Hull) -> bool:
    """Whether every day of a hull lies in the bounds of some period."""
    reached = whole.low
    for window in sorted(windows, key=lambda w: w.low or dt.date.min):
        if window.low is not None and (reached is None or window.low > reached):
            return False
        if window.high is None:
            return True
        reached = window.high if reached is None else max(reached, window.high)
    return whole.high is not None and reached is not None and reached >= whole.high


def _mode(leaf: Leaf, windows: Sequence[Bounds], whole: Hull, timeline: Timeline, modes: Sequence[Mode]) -> Mode:
    same = leaf.on is None or len({(w.low, w.high) for w in windows}) <= 1
    depends = period_dependent(leaf, modes)
    if same:
        return Mode("pairs", join="all") if depends else Mode("fixed")
    grain = timeline._calendar(leaf.frame).grain
    units = [unit for unit in dict.fromkeys((grain, "month", "week", "day")) if unit is not None]
    for unit in units:
        if _unit_windows(windows, whole, unit, timeline):
            return Mode("pairs", unit, join="unit") if depends else Mode("unit", unit)
    if depends or leaf.function not in MERGEABLE:
        return Mode("pairs", join="range")
    unit = next(unit for unit in units if unit == "day" or _aligned(windows, whole, unit, timeline))
    return Mode("window", unit)


def period_dependent(leaf: Leaf, modes: Sequence[Mode]) -> bool:
    """Whether what a leaf's rows hold hangs on the period: through dates of the context, or nested aggregates."""
    if any(modes[number].kind != "fixed" for number in leaf.nested):
        return True
    return any(isinstance(node, nodes.PeriodRef) for expression in expressions(leaf) for node in walk(expression))


def expressions(leaf: Leaf) -> list[nodes.Expression]:
    """All row expressions of a leaf."""
    found = [*leaf.arguments, *leaf.where, *(key.expression for key in leaf.keys)]
    found += [part for part in (leaf.condition, leaf.on) if part is not None]
    if leaf.siblings is not None:
        found += [part for pair in leaf.siblings.on for part in pair]
    return found


def _scan_key(leaf: Leaf, mode: Mode, timeline: Timeline, whole: Hull) -> object:
    """What leaves must have in common to share a scan."""
    facts = (leaf.table, leaf.keys, leaf.on, leaf.siblings, leaf.dated_rows_only)
    match mode.kind:
        case "pairs":
            return (*facts, "pairs", timeline.owner(leaf.frame), leaf.context, mode.join)
        case "fixed":
            return (*facts, "fixed", whole)
        case _:
            return (*facts, mode.unit)


def _overlap(one: Hull, other: Hull) -> bool:
    """Whether two hulls are close enough for one scan: neither shall read much more than it needs."""
    if (one.low is None) != (other.low is None):
        return False
    if one.low is None:
        return (one.high is None) == (other.high is None)
    together, shorter = one.with_(other).days(), min(one.days() or 0, other.days() or 0)
    return together is not None and together <= 1.5 * shorter


__all__ = ["GRAINS", "Hull", "Mode", "Shape", "Timeline", "decide", "hull"]
