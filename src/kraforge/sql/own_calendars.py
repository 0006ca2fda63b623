"""The units of a catalog's own calendars, those out of tables read from their source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock
from typing import Any

from kraforge.errors import Mistake, UnsupportedError
from kraforge.model.declarations import TableGrain, WeeksGrain
from kraforge.plan.own import NONE, Unit, Units, week_units
from kraforge.plan.own_tables import faults, reading, unit
from kraforge.semantics.check import Checked
from kraforge.semantics.grains import own_units
from kraforge.sql.statement import Lowering
from kraforge.sql.text import fill
from kraforge.types import Type

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
        self._texts: dict[tuple[str, Type | None, bool], str] = {}
        self._last: dict[tuple[str, ...], tuple[object, Units]] = {}
        self._lock = Lock()

    def units(self, asked: Iterable[str | None], run: Run | None, known: Type | None = None) -> Units:
        """The units that are asked for, and all of whole weeks. `known` is the type of a request's known_at.

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
        read = {name: [tuple(row) for row in run(self._text(grain, known, False))] for name, grain in tables.items()}
        last = self._last.get(tuple(tables))
        if last is not None and last[0] == read:
            return last[1]
        made: dict[str, Unit] = {}
        for name, grain in tables.items():
            found = unit(grain, read[name])
            if found is None:
                raise faults(grain, run(self._text(grain, known, True)))
            made[name] = found
        units = Units({**self.always.by_name, **made})
        with self._lock:
            self._last[tuple(tables)] = read, units
        return units

    def _text(self, grain: TableGrain, known: Type | None, days: bool) -> str:
        key = (grain.name, known, days)
        if key not in self._texts:
            lowered = self._lowering().statement(reading(self._checked, grain, known, days))
            self._texts[key] = fill(lowered.template, {})
        return self._texts[key]
