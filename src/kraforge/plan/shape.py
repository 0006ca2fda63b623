"""How each leaf is answered for a window: which grain its rows are gathered by, which leaves share a scan.

Windows of the same shape share one plan; the bounds themselves are filled in when it runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final, Literal

from attrs import define, field, frozen

from kraforge.errors import Mistake, Mistakes
from kraforge.plan import nodes
from kraforge.plan.context import Bounds, Calendar, Context, bounds
from kraforge.plan.leaves import Frame, Leaf, Parts, children, walk
from kraforge.plan.periods import MONTHS, Days, Period, next_start, spine, start_of
from kraforge.semantics import bound

if TYPE_CHECKING:
    from kraforge.plan.collect import Collected

MERGEABLE: Final = frozenset({"sum", "count", "avg", "rate", "any", "all", "min", "max"})

Kind = Literal["fixed", "unit", "window", "spans", "bits", "members", "regroup", "pairs", "parts"]

BITS: Final = 62
"""How many calendar units a 64-bit mask can tell apart."""


@frozen
class Mode:
    """How a leaf is answered.

    fixed: one value for all periods. unit: by the calendar unit that each period's bounds are. window: partial values by
    `unit`, gathered over bounds that span several. spans: by the first and last unit in which a row is valid, spread over
    the units between. bits: a mask of the units in which there is a row (any). members: such a mask for each member, counted
    in each period (count_distinct). regroup: by what meets dates of the context (ageing), which comes after. pairs: rows paired with the periods they count in, where a row's
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


@frozen
class Trait:
    """What of a leaf decides its shape, found once: leaves of one `kin` may share a scan, those of one `members` a mask.

    `inner` says that it is taken for each row of another table and knows no groups of its own. `refers` says that its rows look at dates of the context.
    """

    kin: int
    members: int
    owner: int
    dated: bool
    refers: bool
    mergeable: bool
    function: str
    during: bool
    inner: bool
    regroups: bool


def owner_of(frames: Sequence[Frame], frame: int) -> int:
    """The frame whose periods a frame has: members and totals have those of another."""
    while frames[frame].unit is None:
        parent = frames[frame].parent
        if parent is None:
            return 0
        frame = parent
    return frame


def traits(
    leaves: Sequence[Leaf | Parts], frames: Sequence[Frame], needed: Collection[int]
) -> tuple[Trait | None, ...]:
    """The traits of all leaves that are needed."""
    kin: dict[object, int] = {}
    depths: list[int] = []
    found: list[Trait | None] = []
    for index, leaf in enumerate(leaves):
        if isinstance(leaf, Parts) or index not in needed:
            depths.append(0)
            found.append(None)
            continue
        # leaves of one depth never need one another, so that scans cannot wait for each other in a circle
        depths.append(1 + max((depths[nested] for nested in leaf.nested), default=-1))
        owner = owner_of(frames, leaf.frame)
        member = leaf.arguments if leaf.function == "count_distinct" else ()
        facts = (depths[-1], leaf.table, leaf.keys, leaf.on, leaf.siblings, leaf.dated_rows_only, leaf.during)
        members = kin.setdefault((*facts, member), len(kin)) if member else -1
        number = kin.setdefault(facts, len(kin))
        refers = any(_refers(part) for part in expressions(leaf))
        inner = not leaf.empty_missing and all(key.dimension is None for key in leaf.keys) and bool(leaf.keys)
        during = leaf.during is not None
        mergeable = leaf.function in MERGEABLE
        found.append(
            Trait(
                number,
                members,
                owner,
                leaf.on is not None,
                refers,
                mergeable,
                leaf.function,
                during,
                inner,
                refers and regroups(leaf),
            )
        )
    return tuple(found)


def decide(collected: Collected, timeline: Timeline) -> tuple[Shape, tuple[Hull, ...]]:
    """The shape of a request in its window, and the hull of each scan."""
    decision = _Decision(timeline, collected.traits)
    for number, leaf in enumerate(collected.leaves):
        decision.add(number, leaf)
    return decision.shape(collected.leaves), tuple(scan.hull for scan in decision.scans)


@define(eq=False)
class _Scan:
    key: object
    hull: Hull
    leaves: list[int] = field(factory=list)
    kinds: list[tuple[str, str | None, tuple[Bounds, ...]]] = field(factory=list)


@define(eq=False)
class _Decision:
    """Decides leaf by leaf; leaves alike in traits and context are decided once."""

    timeline: Timeline
    traits: tuple[Trait | None, ...]
    scans: list[_Scan] = field(factory=list)
    modes: list[Mode] = field(factory=list)
    _known: dict[object, Mode] = field(factory=dict)

    def add(self, number: int, leaf: Leaf | Parts) -> None:
        """Decides one leaf; those nested in it were decided before."""
        trait = self.traits[number]
        if trait is None or isinstance(leaf, Parts):
            self.modes.append(Mode("parts"))
            return
        nested = any(self.modes[number].kind != "fixed" for number in leaf.nested)
        key = (trait, leaf.context, nested)
        mode = self._known.get(key)
        if mode is None:
            mode = self._known[key] = self._mode(trait, leaf.context, nested)
        self.modes.append(mode)
        self.scans[mode.scan].leaves.append(number)

    def _mode(self, trait: Trait, context: Context, nested: bool) -> Mode:
        depends = trait.refers or trait.during or nested
        windows = self.timeline.bounds(trait.owner, context)
        whole = hull(windows) if trait.dated else Hull(None, None)
        kind, unit, join = self._kind(trait, windows, whole, depends, nested)
        match kind:
            case "pairs":
                key: object = (trait.kin, "pairs", trait.owner, context, join)
            case "fixed":
                key = (trait.kin, "fixed", whole)
            case "spans":
                key = (trait.kin, "spans", trait.owner, context, unit)
                whole = self._spanned(windows, unit)
            case "regroup":
                key = (trait.kin, "regroup", trait.owner, context, unit)
            case "members":
                key = (trait.members, "members", trait.owner, unit)
            case "bits":
                key = (trait.kin, "bits", unit)
            case _:
                key = (trait.kin, unit)
        number = self._scan(key, kind, unit, windows, whole)
        return Mode(kind, unit, number, whole.low is not None, whole.high is not None, join)

    def _kind(
        self, trait: Trait, windows: tuple[Bounds, ...], whole: Hull, depends: bool, nested: bool
    ) -> tuple[Kind, str | None, Literal["all", "unit", "range"]]:
        units = [u for u in dict.fromkeys((self.timeline.grain(trait.owner), "month", "week", "day")) if u is not None]
        if trait.during and not trait.dated and trait.mergeable and not (trait.refers or nested) and len(windows) > 1:
            return "spans", self._valued_unit(windows, units), "all"
        if trait.regroups and trait.mergeable and not trait.during and not nested and len(windows) > 1:
            if not trait.dated:
                return "regroup", None, "all"
            aligned = [u for u in units if u == "day" or _aligned(windows, whole, u, self.timeline)]
            return "regroup", aligned[0], "all"
        if not trait.dated or len({(w.low, w.high) for w in windows}) <= 1:
            return ("pairs" if depends else "fixed"), None, "all"
        if not depends and (trait.function == "count_distinct" or (trait.function == "any" and trait.inner)):
            for unit in units:
                if self._fits(windows, whole, unit):
                    return ("bits" if trait.function == "any" else "members"), unit, "all"
        for unit in units:
            if _unit_windows(windows, whole, unit, self.timeline):
                return ("pairs", unit, "unit") if depends else ("unit", unit, "all")
        if depends or not trait.mergeable:
            return "pairs", None, "range"
        unit = next(unit for unit in units if unit == "day" or _aligned(windows, whole, unit, self.timeline))
        return "window", unit, "all"

    def _fits(self, windows: Sequence[Bounds], whole: Hull, unit: str) -> bool:
        """Whether the units of a hull can be the bits of a mask."""
        if whole.low is None or whole.high is None or not _aligned(windows, whole, unit, self.timeline):
            return False
        return bit_index(whole.high - dt.timedelta(days=1), whole.low, unit, self.timeline.calendar.days) < BITS

    def _valued_unit(self, windows: Sequence[Bounds], units: Sequence[str]) -> str:
        """The coarsest unit of which every valuation day is the last."""
        days = self.timeline.calendar.days
        after = [w.as_of + dt.timedelta(days=1) for w in windows]
        return next(u for u in units if u == "day" or all(start_of(day, u, days) == day for day in after))

    def _spanned(self, windows: Sequence[Bounds], unit: str | None) -> Hull:
        """From the unit of the first valuation day to the one after the last's."""
        days = self.timeline.calendar.days
        first, last = min(w.as_of for w in windows), max(w.as_of for w in windows)
        return Hull(
            start_of(first, unit or "day", days), next_start(start_of(last, unit or "day", days), unit or "day")
        )

    def _scan(self, key: object, kind: str, unit: str | None, windows: tuple[Bounds, ...], whole: Hull) -> int:
        """A scan that has the rows already, or nearly; else a new one."""
        mine = (kind, unit, windows)
        for number, scan in enumerate(self.scans):
            if scan.key == key and _overlap(scan.hull, whole) and self._aligned(scan, mine, whole):
                scan.hull = scan.hull.with_(whole)
                if mine not in scan.kinds:
                    scan.kinds.append(mine)
                return number
        self.scans.append(_Scan(key, whole, kinds=[mine]))
        return len(self.scans) - 1

    def _aligned(self, scan: _Scan, mine: tuple[str, str | None, tuple[Bounds, ...]], whole: Hull) -> bool:
        """Whether bounds that a hull may cut are still cut by the hull of all leaves of the scan."""
        if mine[1] is None or mine[0] in ("pairs", "spans", "regroup") or scan.kinds == [mine]:
            return True
        together = scan.hull.with_(whole)
        for kind, unit, windows in (*scan.kinds, mine):
            if unit is None:
                return False
            if kind in ("bits", "members"):
                fits = self._fits(windows, together, unit)
            else:
                test = _unit_windows if kind == "unit" else _aligned
                fits = test(windows, together, unit, self.timeline)
            if not fits:
                return False
        return True

    def shape(self, leaves: Sequence[Leaf | Parts]) -> Shape:
        """What was decided."""
        known: dict[tuple[int, Context, int], bool] = {}
        full = set()
        for number, leaf in enumerate(leaves):
            trait, scan = self.traits[number], self.modes[number].scan
            if trait is None or isinstance(leaf, Parts):
                continue
            key = (trait.owner, leaf.context, scan)
            if not trait.dated or self.modes[number].kind in ("members", "regroup"):
                full.add(number)
                continue
            if key not in known:
                known[key] = _covers(self.timeline.bounds(trait.owner, leaf.context), self.scans[scan].hull)
            if known[key]:
                full.add(number)
        return Shape(tuple(self.modes), tuple(tuple(scan.leaves) for scan in self.scans), frozenset(full))


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


def bit_index(day: dt.date, base: dt.date, unit: str, days: Days) -> int:
    """How many units after that of `base` a day's unit lies."""
    first, second = start_of(base, unit, days), start_of(day, unit, days)
    if unit in ("day", "week"):
        return (second - first).days // (7 if unit == "week" else 1)
    return ((second.year - first.year) * 12 + second.month - first.month) // MONTHS[unit]


def _refers(expression: nodes.Expression) -> bool:
    """Whether an expression looks at dates of the context."""
    return any(isinstance(node, nodes.PeriodRef) for node in walk(expression))


def regroups(leaf: Leaf) -> bool:
    """Whether only keys and conditions look at dates of the context, and only through values of which there are few."""
    fixed = [*leaf.arguments, *(part for part in (leaf.condition, leaf.on) if part is not None)]
    if leaf.siblings is not None or any(_refers(part) for part in fixed) or any(key.inner for key in leaf.keys):
        return False
    met = [part for part in (*leaf.where, *(key.expression for key in leaf.keys)) if _refers(part)]
    return all(_few(part) for part in met)


def _few(expression: nodes.Expression) -> bool:
    """Whether what an expression has beside dates of the context are days, texts, bools or whole numbers."""
    if not _refers(expression):
        type_ = expression.type
        return (
            type_.kind in ("date", "text", "bool", "missing") or type_.whole or isinstance(expression, bound.Constant)
        )
    return all(_few(part) for part in children(expression))


def expressions(leaf: Leaf) -> list[nodes.Expression]:
    """All row expressions of a leaf."""
    found = [*leaf.arguments, *leaf.where, *(key.expression for key in leaf.keys)]
    found += [part for part in (leaf.condition, leaf.on) if part is not None]
    if leaf.siblings is not None:
        found += [part for pair in leaf.siblings.on for part in pair]
    if leaf.during is not None:
        found += [part for part in (leaf.during.low, leaf.during.high) if part is not None]
    return found


def _overlap(one: Hull, other: Hull) -> bool:
    """Whether two hulls are close enough for one scan: neither shall read much more than it needs."""
    if (one.low is None) != (other.low is None):
        return False
    if one.low is None:
        return (one.high is None) == (other.high is None)
    together, shorter = one.with_(other).days(), min(one.days() or 0, other.days() or 0)
    return together is not None and together <= 1.5 * shorter


__all__ = ["Hull", "Mode", "Shape", "Timeline", "decide", "hull", "traits"]
