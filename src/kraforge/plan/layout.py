"""What of business calendars shapes a plan: how many stretches of work a day has, which zones keep still, how ids are numbered.

Working time is cut at midnights of a clock, so that a moment finds what it needs by the number of its day alone. The clock
is the wall clock of the catalog's zone; where that changes, moments that are known as instants go by UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import frozen

from kraforge.model.declarations import Declarations, Shift
from kraforge.model.workdays import Hours
from kraforge.plan.calendars import Reach, Uses

DAY: Final = 86_400
Clock = Literal["wall", "utc"]


@frozen
class Cut:
    """How midnights of a clock cut the shifts: a day has at most `parts` stretches of work, and those of a shift lie from
    `first` to `last` days after the day that it begins on."""

    parts: int = 1
    first: int = 0
    last: int = 0


@frozen
class TableFacts:
    """What the data say of a calendar out of a table.

    `shifts` are the most of any weekday. `wall` and `utc` have, for each clock and the days after the one that shifts
    begin on, the most stretches of any weekday. `whole` says that its ids are whole numbers that leave room for days.
    """

    shifts: int = 4
    wall: tuple[tuple[int, int], ...] = ((0, 4), (1, 1))
    utc: tuple[tuple[int, int], ...] = ((0, 4), (1, 1))
    whole: bool = False


@frozen
class Layout:
    """The layout of the calendars of a request.

    `shifts` are the most that begin on any day. `offset` is that of the catalog's zone from UTC in seconds, None where it
    changes; `steady` says that no zone of a calendar changes. `moved` are the offsets of calendars out of tables, by name.
    `direct`: the ids of the one calendar out of a table make its numbers.
    """

    shifts: int = 1
    wall: Cut = Cut()
    utc: Cut = Cut()
    offset: int | None = 0
    steady: bool = True
    moved: tuple[tuple[str, int], ...] = ()
    direct: bool = False

    def cut(self, clock: Clock) -> Cut:
        """How a clock cuts the shifts."""
        return self.wall if clock == "wall" else self.utc


@frozen
class Times:
    """What of business calendars a statement hangs on."""

    reach: Reach
    layout: Layout


def layout(declarations: Declarations, uses: Uses, reach: Reach, facts: Mapping[str, TableFacts]) -> Layout:
    """The layout of the calendars that a request uses."""
    zone = declarations.calendar.timezone
    own = offsets(zone, reach)
    tables = uses.tables(declarations)
    every = (*(hours for _, hours in uses.needed(declarations)), *tables)
    known = {hours.name: facts.get(hours.name, TableFacts()) for hours in tables}
    wall = _together(
        _cut(hours, ahead(hours.zone, zone, reach), known[hours.name].wall if hours.table else ()) for hours in every
    )
    utc = _together(
        _cut(hours, ahead(hours.zone, "UTC", reach), known[hours.name].utc if hours.table else ()) for hours in every
    )
    steady = all(len(offsets(hours.zone, reach)) == 1 for hours in every)
    direct = len(tables) == 1 and known[tables[0].name].whole
    moved = tuple((hours.name, offsets(hours.zone, reach)[0]) for hours in tables)
    counts = (*(len(shifts) for hours in every for shifts in _written(hours)), *(f.shifts for f in known.values()))
    shifts = max((1, *counts))
    return Layout(shifts, wall, utc, own[0] if len(own) == 1 else None, steady, moved, direct)


def ahead(zone: str, clock: str, reach: Reach) -> tuple[int, ...]:
    """By how many seconds the clock of a zone may be ahead of another's."""
    if zone == clock:
        return (0,)
    return tuple(sorted({mine - other for mine in offsets(zone, reach) for other in offsets(clock, reach)}))


def _cut(hours: Hours, moved: Iterable[int], known: Iterable[tuple[int, int]]) -> Cut:
    most: dict[int, int] = {}
    for by in moved:
        for shifts in _written(hours):
            for position, count in _positions(shifts, by).items():
                most[position] = max(most.get(position, 0), count)
    for position, count in known:
        most[position] = max(most.get(position, 0), count)
    return Cut(sum(most.values()), min(most, default=0), max(most, default=0))


def _written(hours: Hours) -> Iterator[tuple[Shift, ...]]:
    """The shifts of each weekday and special day, as far as they are declared."""
    yield from hours.week
    yield from (shifts for _, shifts in hours.special)


def _positions(shifts: Iterable[Shift], moved: int) -> dict[int, int]:
    """How many stretches of a day's shifts lie how many days after it."""
    counts: dict[int, int] = {}
    for shift in shifts:
        for position in range((shift.start - moved) // DAY, (shift.end - moved - 1) // DAY + 1):
            counts[position] = counts.get(position, 0) + 1
    return counts


def _together(cuts: Iterable[Cut]) -> Cut:
    known = list(cuts) or [Cut()]
    return Cut(max(1, *(c.parts for c in known)), min(c.first for c in known), max(c.last for c in known))


def offsets(zone: str, reach: Reach) -> tuple[int, ...]:
    """All offsets of a zone from UTC in some years, in seconds."""
    return tuple(sorted({offset for _, offset in _days(zone, reach.first, reach.last)}))


def changes(zone: str, reach: Reach) -> list[tuple[dt.date, dt.time]]:
    """The days on which a zone's clock changes, each with the time that it then shows: from it on the new offset holds."""
    known = ZoneInfo(zone)
    found = []
    days = _days(zone, reach.first, reach.last)
    for (day, before), (_, after) in pairwise(days):
        if before == after:
            continue
        low = dt.datetime.combine(day, dt.time()) - dt.timedelta(seconds=before)
        first, last = 0, DAY + 3 * 3600
        while last - first > 1:
            middle = (first + last) // 2
            at = (low + dt.timedelta(seconds=middle)).replace(tzinfo=dt.UTC).astimezone(known)
            first, last = (middle, last) if at.utcoffset() == dt.timedelta(seconds=before) else (first, middle)
        shown = low + dt.timedelta(seconds=last + after)
        found.append((shown.date(), shown.time()))
    return found


@lru_cache(maxsize=256)
def _days(zone: str, first: int, last: int) -> tuple[tuple[dt.date, int], ...]:
    """Each day with the offset at its beginning."""
    known = ZoneInfo(zone)
    day, found = dt.date(first, 1, 1), []
    while day <= dt.date(last, 12, 31):
        offset = dt.datetime.combine(day, dt.time(), known).utcoffset() or dt.timedelta()
        found.append((day, int(offset.total_seconds())))
        day += dt.timedelta(days=1)
    return tuple(found)
