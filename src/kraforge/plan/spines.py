"""The periods of an answer as rows: which dates of which context a plan needs, and what they are when it runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Literal

from attrs import frozen

from kraforge.plan import nodes
from kraforge.plan.context import Bounds, Context
from kraforge.plan.leaves import safe_name
from kraforge.plan.periods import Period, add_days, start_of
from kraforge.plan.timeline import Hull, Timeline, bit_index
from kraforge.semantics import bound
from kraforge.types import DATE, WHOLE, Storage, Type

What = Literal[
    "period", "part", "day", "cell", "answer", "start", "last", "days", "as_of", "valued", "low", "high", "unit", "mask"
]
Cell = dt.date | int | str | None

INTEGER = Storage("integer")
DAY = Storage("date")


@frozen
class SpineColumn:
    """A column of the periods: what it is, of which context, by which unit."""

    name: str
    what: What
    context: Context
    unit: str | None
    scan: int = -1

    @property
    def type(self) -> Type:
        """Dates, but for numbers of periods and of days."""
        return WHOLE if self.what in ("period", "part", "days", "mask") else DATE

    @property
    def storage(self) -> Storage:
        """How it is kept."""
        return INTEGER if self.type is WHOLE else DAY


class Spine:
    """The periods of one frame; columns are added as the plan needs them."""

    def __init__(self, owner: int, name: str, parts: bool) -> None:
        self.owner = owner
        self.name = name
        self.columns: list[SpineColumn] = []
        self.column("period")
        if parts:
            self.column("part")
        self.column("cell")

    @property
    def number(self) -> nodes.Ref:
        """The column that tells the periods apart."""
        return self.column("part" if self.owner else "period")

    def column(self, what: What, context: Context | None = None, unit: str | None = None, scan: int = -1) -> nodes.Ref:
        """A column of the periods, by the alias that the step has wherever it is joined: its own name.

        `scan` is given for a mask, whose bits are counted from the start of that scan's bounds.
        """
        context = context or Context()
        for known in self.columns:
            if (known.what, known.context, known.unit, known.scan) == (what, context, unit, scan):
                return nodes.Ref(self.name, known.name, known.type)
        wanted = _label(what, context, unit)
        taken = {known.name for known in self.columns}
        name, number = wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        made = SpineColumn(name, what, context, unit, scan)
        self.columns.append(made)
        return nodes.Ref(self.name, made.name, made.type)

    def days(self, context: Context, name: str) -> Spine:
        """A list of the days that a context's bounds have in each period, so that rows meet periods by an equality."""
        found = Spine(self.owner, name, False)
        found.columns = [c for c in self.columns if c.name == self.number.name]
        found.column("day", context)
        return found

    def node(self) -> nodes.Given:
        """The plan's step."""
        return nodes.Given(tuple((column.name, column.storage) for column in self.columns))


def rows(
    columns: tuple[SpineColumn, ...], owner: int, timeline: Timeline, hulls: tuple[Hull, ...]
) -> list[tuple[Cell, ...]]:
    """The rows of a spine for the window of a timeline, with the hulls of the scans."""
    if columns[-1].what == "day":
        return [
            (number, add_days(bounds.low, past))
            for number, bounds in enumerate(timeline.bounds(owner, columns[-1].context))
            if bounds.low is not None and bounds.high is not None
            for past in range((bounds.high - bounds.low).days)
        ]
    fill = [_filler(column, owner, timeline, hulls) for column in columns]
    return [tuple(value(number) for value in fill) for number in range(len(timeline.periods(owner)))]


def _filler(column: SpineColumn, owner: int, timeline: Timeline, hulls: tuple[Hull, ...]) -> Callable[[int], Cell]:
    periods = timeline.periods(owner)
    match column.what:
        case "period":
            return lambda i: periods[i][0]
        case "part":
            return lambda i: i
        case "cell":
            return lambda i: periods[i][1].start
        case "answer":
            return lambda i: _answered(i, owner, timeline).start
        case "mask":
            found = timeline.bounds(owner, column.context)
            base = hulls[column.scan].low
            return lambda i: _mask(found[i], base, column.unit, timeline)
        case what:
            found = timeline.bounds(owner, column.context)
            return lambda i: _date(found[i], what, column.unit, timeline)


def _answered(number: int, frame: int, timeline: Timeline) -> Period:
    """The period of the answer that a part is a part of; a period itself where there are no parts."""
    while frame:
        number = timeline.periods(frame)[number][0]
        frame = timeline.owner(timeline.frames[frame].parent or 0)
    return timeline.periods(0)[number][1]


def _mask(bounds: Bounds, base: dt.date | None, unit: str | None, timeline: Timeline) -> int:
    """The bits of the units that bounds span, counted from the first unit of a scan."""
    if bounds.low is None or bounds.high is None or base is None or bounds.low >= bounds.high:
        return 0
    days = timeline.calendar.days
    first = bit_index(bounds.low, base, unit or "day", days)
    last = bit_index(add_days(bounds.high, -1), base, unit or "day", days)
    return (1 << (last + 1)) - (1 << first)


def _date(bounds: Bounds, what: What, unit: str | None, timeline: Timeline) -> Cell:
    days = timeline.calendar.days
    match what:
        case "start":
            return bounds.start
        case "last":
            return bounds.last
        case "days":
            return (bounds.last - bounds.start).days + 1
        case "as_of":
            return bounds.as_of
        case "valued":
            return start_of(bounds.as_of, unit or "day", days)
        case "low":
            return "-infinity" if bounds.low is None else start_of(bounds.low, unit or "day", days)
        case "high":
            return "infinity" if bounds.high is None or bounds.high == dt.date.max else bounds.high
        case _:
            # bounds without a day in them must meet no unit's rows
            if bounds.low is None or bounds.high is None or bounds.low >= bounds.high:
                return None
            return start_of(bounds.low, unit or "day", days)


def _label(what: What, context: Context, unit: str | None) -> str:
    words = []
    for move in context.moves:
        match move:
            case bound.Prior():
                length = f"{move.length.number * move.periods} {move.length.unit}" if move.length else str(move.periods)
                words.append(f"{'next' if move.forward else 'prior'} {length}")
            case bound.Trailing():
                words.append(f"trailing {move.length.number} {move.length.unit}" if move.length else "trailing")
            case bound.ToDate():
                words.append(f"{move.unit} to date")
            case bound.Overall():
                words.append("window")
            case _:
                words.append(type(move).__name__)
    last = {"cell": "first_day", "last": "last_day", "mask": "bits"}.get(what, what)
    return safe_name(
        " ".join([*words, *([unit] if unit and what in ("unit", "mask") else []), "" if what == "unit" else last])
    )
