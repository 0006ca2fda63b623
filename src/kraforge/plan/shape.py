"""How each leaf is answered for a window: which grain its rows are gathered by, which leaves share a scan.

Windows of the same shape share one plan; the bounds themselves are filled in when it runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Final, Literal

from attrs import define, field, frozen

from kraforge.plan.context import Bounds, Context
from kraforge.plan.periods import GRAINS, WEEKS, add_days, next_start, start_of
from kraforge.plan.timeline import Hull, Timeline, aligned, bit_index, covers, hull, overlap, unit_windows
from kraforge.plan.traits import Kind, Trait

if TYPE_CHECKING:
    from kraforge.plan.collect import Collected

Way = Literal["fixed", "unit", "window", "spans", "bits", "members", "regroup", "pairs", "parts"]

Join = Literal["all", "unit", "days", "range"]

LISTED: Final = 4_000
"""How many days of periods a statement lists, so that rows meet them by an equality."""

BITS: Final = 62
"""How many calendar units a 64-bit mask can tell apart."""


@frozen
class Mode:
    """How a leaf is answered.

    fixed: one value for all periods. unit: by the calendar unit that each period's bounds are. window: partial values by
    `unit`, gathered over bounds that span several. spans: by the first and last unit in which a row is valid, spread
    over the units between. bits: a mask of the units in which there is a row (any). members: such a mask for each
    member, counted in each period (count_distinct). regroup: by what meets dates of the context (ageing), which comes
    after. pairs: rows paired with the periods they count in, where a row's values hang on the period or rows are
    needed again. `scan` numbers the scan that it shares. `low` and `high` say whether the scan is bounded; `join` how
    pairs meet their periods.
    """

    kind: Way
    unit: str | None = None
    scan: int = -1
    low: bool = False
    high: bool = False
    join: Join = "all"


@frozen
class Shape:
    """The modes of all leaves, and for each scan its leaves; `full` are leaves whose periods leave nothing of their
    scan's bounds out."""

    modes: tuple[Mode, ...]
    scans: tuple[tuple[int, ...], ...]
    full: frozenset[int]


def decide(collected: Collected, timeline: Timeline) -> tuple[Shape, tuple[Hull, ...]]:
    """The shape of a request in its window, and the hull of each scan."""
    decision = _Decision(timeline)
    for number, kind in enumerate(collected.kinds):
        decision.add(number, kind)
    key = (tuple(decision.modes), decision.full(collected.kinds))
    shape = collected.shapes.get(key)
    if shape is None:
        shape = collected.shapes.setdefault(key, _shape(decision, collected, key[1]))
    return shape, tuple(scan.hull for scan in decision.scans)


def _shape(decision: _Decision, collected: Collected, full: Sequence[int]) -> Shape:
    """What was decided for kinds, said for leaves."""
    modes = tuple(decision.modes[kind] if kind >= 0 else Mode("parts") for kind in collected.kind_of)
    scans = tuple(
        tuple(sorted(leaf for kind in scan.kinds for leaf in collected.kinds[kind].leaves)) for scan in decision.scans
    )
    return Shape(modes, scans, frozenset(leaf for kind in full for leaf in collected.kinds[kind].leaves))


@define(eq=False)
class _Scan:
    key: object
    hull: Hull
    uses: list[tuple[str, str | None, tuple[Bounds, ...]]]
    kinds: list[int] = field(factory=list)


@frozen
class _Times:
    """The bounds of a context in each period, their hull, whether they are all the same, the units that they could be
    counted by, and the one that each of them is."""

    windows: tuple[Bounds, ...]
    whole: Hull
    same: bool
    units: tuple[str, ...]
    unit: str | None


@define(eq=False)
class _Decision:
    """Decides leaf by leaf; leaves alike in traits and context are decided once."""

    timeline: Timeline
    scans: list[_Scan] = field(factory=list)
    modes: list[Mode] = field(factory=list)
    _times: dict[tuple[int, Context], _Times] = field(factory=dict)

    def add(self, number: int, kind: Kind) -> None:
        """Decides one kind; those nested in it were decided before."""
        mode = self._mode(kind.trait, kind.context, any(self.modes[n].kind != "fixed" for n in kind.nested))
        self.modes.append(mode)
        self.scans[mode.scan].kinds.append(number)

    def _times_of(self, owner: int, context: Context) -> _Times:
        """The bounds of a context and what follows from them, worked out once."""
        key = (owner, context)
        found = self._times.get(key)
        if found is None:
            windows = self.timeline.bounds(owner, context)
            whole = hull(windows)
            same = len({(w.low, w.high) for w in windows}) <= 1
            days = self._units(owner, whole)
            unit = None if same else next((u for u in days if unit_windows(windows, whole, u, self.timeline)), None)
            found = self._times[key] = _Times(windows, whole, same, days, unit)
        return found

    def _units(self, owner: int, whole: Hull) -> tuple[str, ...]:
        """The units by which SQL can gather rows, the coarsest first. Own periods are put together from them."""
        grain = self.timeline.grain(owner)
        common = tuple(u for u in dict.fromkeys((grain, "month", "week", "day")) if u in GRAINS)
        days = self.timeline.calendar.days
        if not days.own.by_name or whole.low is None or whole.low.isoweekday() == days.week_starts:
            return common
        return (*common[:-1], WEEKS[whole.low.weekday()], "day")

    def _mode(self, trait: Trait, context: Context, nested: bool) -> Mode:
        times = self._times_of(trait.owner, context)
        windows, whole = times.windows, times.whole if trait.dated else Hull(None, None)
        kind, unit, join = self._kind(trait, times, nested)
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

    def _kind(self, trait: Trait, times: _Times, nested: bool) -> tuple[Way, str | None, Join]:
        windows, whole, units = times.windows, times.whole, times.units
        depends = trait.refers or trait.during or nested
        if trait.during and not trait.dated and trait.mergeable and not (trait.refers or nested) and len(windows) > 1:
            return "spans", self._valued_unit(windows, units), "all"
        if trait.regroups and trait.mergeable and not trait.during and not nested and len(windows) > 1:
            if not trait.dated or times.same:
                return "regroup", None, "all"
            return "regroup", self._coarsest(times), "all"
        if not trait.dated or times.same:
            return ("pairs" if depends else "fixed"), None, "all"
        if not depends and (trait.distinct or trait.nested_any):
            for unit in units:
                if self._fits(windows, whole, unit):
                    return ("members" if trait.distinct else "bits"), unit, "all"
        if times.unit is not None:
            return ("pairs", times.unit, "unit") if depends else ("unit", times.unit, "all")
        if depends or not trait.mergeable:
            return "pairs", None, "days" if _days(windows) <= LISTED else "range"
        return "window", self._coarsest(times), "all"

    def _coarsest(self, times: _Times) -> str:
        """The coarsest unit on whose starts all bounds fall."""
        return next(u for u in times.units if u == "day" or aligned(times.windows, times.whole, u, self.timeline))

    def _fits(self, windows: Sequence[Bounds], whole: Hull, unit: str) -> bool:
        """Whether the units of a hull can be the bits of a mask."""
        if whole.low is None or whole.high is None or not aligned(windows, whole, unit, self.timeline):
            return False
        return bit_index(add_days(whole.high, -1), whole.low, unit, self.timeline.calendar.days) < BITS

    def _valued_unit(self, windows: Sequence[Bounds], units: Sequence[str]) -> str:
        """The coarsest unit of which every valuation day is the last."""
        days = self.timeline.calendar.days
        after = [add_days(w.as_of, 1) for w in windows]
        return next(u for u in units if u == "day" or all(start_of(day, u, days) == day for day in after))

    def _spanned(self, windows: Sequence[Bounds], unit: str | None) -> Hull:
        """From the unit of the first valuation day to the one after the last's."""
        days = self.timeline.calendar.days
        first, last = min(w.as_of for w in windows), max(w.as_of for w in windows)
        return Hull(
            start_of(first, unit or "day", days), next_start(start_of(last, unit or "day", days), unit or "day", days)
        )

    def _scan(self, key: object, kind: str, unit: str | None, windows: tuple[Bounds, ...], whole: Hull) -> int:
        """A scan that has the rows already, or nearly; else a new one."""
        mine = (kind, unit, windows)
        for number, scan in enumerate(self.scans):
            if scan.key == key and overlap(scan.hull, whole) and self._aligned(scan, mine, whole):
                scan.hull = scan.hull.with_(whole)
                if mine not in scan.uses:
                    scan.uses.append(mine)
                return number
        self.scans.append(_Scan(key, whole, uses=[mine]))
        return len(self.scans) - 1

    def _aligned(self, scan: _Scan, mine: tuple[str, str | None, tuple[Bounds, ...]], whole: Hull) -> bool:
        """Whether bounds that a hull may cut are still cut by the hull of all leaves of the scan."""
        if mine[1] is None or mine[0] in ("pairs", "spans", "regroup") or scan.uses == [mine]:
            return True
        together = scan.hull.with_(whole)
        for kind, unit, windows in (*scan.uses, mine):
            if unit is None:
                return False
            if kind in ("bits", "members"):
                fits = self._fits(windows, together, unit)
            else:
                test = unit_windows if kind == "unit" else aligned
                fits = test(windows, together, unit, self.timeline)
            if not fits:
                return False
        return True

    def full(self, kinds: Sequence[Kind]) -> tuple[int, ...]:
        """The kinds whose periods leave nothing of their scan's bounds out."""
        found = []
        for number, (kind, mode) in enumerate(zip(kinds, self.modes, strict=True)):
            if (
                not kind.trait.dated
                or mode.kind in ("members", "regroup")
                or covers(self._times_of(kind.trait.owner, kind.context).windows, self.scans[mode.scan].hull)
            ):
                found.append(number)
        return tuple(found)


def _days(windows: Sequence[Bounds]) -> float:
    """How many days bounds have, all periods together; without end where one is open."""
    return sum(inf if w.low is None or w.high is None else (w.high - w.low).days for w in windows)
