"""The units of a catalog's own calendars, those out of tables read from their source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from kraforge.errors import Mistake, UnsupportedError
from kraforge.model.declarations import TableGrain, WeeksGrain
from kraforge.plan.own_tables import faults, reading, unit
from kraforge.plan.own import NONE, Unit, Units, week_units
from kraforge.semantics.check import Checked
from kraforge.semantics.grains import own_units
from kraforge.sql.statement import Lowering
from kraforge.sql.text import fill

Run = Callable[[str], Sequence[Sequence[Any]]]
"""Asks a source one statement, and gives its rows."""


class OwnCalendars:
    """The units of a catalog's own calendars. Those of whole weeks are always known, those of tables are read anew each
    time; as long as a table's periods stay the same, so do the units."""

    def __init__(self, checked: Checked, lowering: Callable[[], Lowering]) -> None:
        self._checked = checked
        self._lowering = lowering
        self._declared = own_units(checked.declarations.calendar)
        grains = checked.declarations.calendar.grains.values()
        weeks = {name: made for g in grains if isinstance(g, WeeksGrain) for name, made in week_units(g).items()}
        self.always = Units(weeks) if weeks else NONE
        self._texts: dict[tuple[str, bool], str] = {}
        self._known: dict[tuple[str, ...], tuple[object, Units]] = {}
        self._lock = Lock()

    def units(self, asked: Iterable[str | None], run: Run | None) -> Units:
        """The units that are asked for, and all of whole weeks.

        Raises UnsupportedError where a table is needed and there is nothing to `run` a statement, SourceError
        (bad-calendar) where its days do not make whole periods.
        """
        grains = {name: self._declared[name] for name in sorted(filter(None, set(asked))) if name in self._declared}
        tables = {name: grain for name, grain in grains.items() if isinstance(grain, TableGrain)}
        if not tables:
            return self.always
        if run is None:
            name, grain = next(iter(tables.items()))
            message = f"the calendar {name} is the table '{grain.table}', which only a source can tell"
            raise UnsupportedError(Mistake("unsupported", message, grain.place, hint="ask a workspace over the source"))
        read = {name: [tuple(row) for row in run(self._text(grain, False))] for name, grain in tables.items()}
        known = self._known.get(tuple(tables))
        if known is not None and known[0] == read:
            return known[1]
        units = Units({**self.always.by_name, **{name: self._unit(tables[name], read[name], run) for name in tables}})
        with self._lock:
            self._known[tuple(tables)] = read, units
        return units

    def _unit(self, grain: TableGrain, rows: Sequence[Sequence[Any]], run: Run) -> Unit:
        found = unit(grain, rows)
        if found is None:
            raise faults(grain, run(self._text(grain, True)))
        return found

    def _text(self, grain: TableGrain, days: bool) -> str:
        key = (grain.name, days)
        if key not in self._texts:
            lowered = self._lowering().statement(reading(self._checked, grain, days))
            self._texts[key] = fill(lowered.template, {})
        return self._texts[key]
