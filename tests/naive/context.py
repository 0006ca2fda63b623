"""What a measure depends on: the bounds, the groups and filters that hold, the outer rows."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kraforge.syntax import nodes
from naive.calendar import Bounds
from naive.data import Placed, Route

ANY: Final = object()
_numbers = itertools.count()


@dataclass(frozen=True, eq=False)
class Scope:
    """Where a formula stands: its text, the arguments of macros, the rows around it (the innermost last).

    In a `filter` the innermost row has no bare names: it is asked by dimension or `table.column`. `answer` holds the
    columns that `having` may name. `via` is the innermost aggregate's.
    """

    text: str = ""
    arguments: Mapping[str, tuple[nodes.Argument, Scope]] = field(default_factory=dict)
    rows: tuple[tuple[str, Placed], ...] = ()
    filter: bool = False
    kpi: str | None = None
    empty_missing: bool = False
    via: Route | None = None
    answer: Mapping[str, Any] | None = None

    def inside(self, table: str, row: Placed, via: Route | None = None, asked: bool = False) -> Scope:
        """The scope of an aggregate's row, or of a filter that is `asked` of it."""
        return replace(self, rows=(*self.rows, (table, row)), filter=asked, via=via)


@dataclass(frozen=True, eq=False)
class Group:
    """Rows whose dimension has the value (ANY: every row, and its value is noted in `seen`).

    `coarser`: rows whose member has that value of another dimension on that `day`. `asked`: a group of the answer, not of
    `each`.
    """

    dimension: str
    value: Any
    seen: list[Any] = field(default_factory=list)
    coarser: str | None = None
    day: Any = None
    asked: bool = False
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True, eq=False)
class Filter:
    """Rows for which a condition holds."""

    condition: nodes.Argument
    scope: Scope
    number: int = field(default_factory=lambda: next(_numbers))


@dataclass(frozen=True)
class Context:
    """Bounds of the period and what else is asked of each row.

    `cell` is the answer's period, `first` the day that versions go by; `step` the length that one period has (number,
    unit). `cut` is the end that as_of cuts, moved along by shifts, under matched.
    `everywhere`: rows without a date count too. `unending`: it has no end of its own, but may see days ahead.
    `applied` numbers the constraints that an outer row has met already.
    """

    bounds: Bounds
    cell: Bounds
    step: tuple[int, str] | None
    first: dt.date | None = None
    constraints: tuple[Group | Filter, ...] = ()
    applied: frozenset[int] = frozenset()
    cut: Any = None
    everywhere: bool = False
    unending: bool = False

    @property
    def cells(self) -> str | None:
        """What one period is."""
        return self.step[1] if self.step else None

    def pending(self) -> list[Group | Filter]:
        return [one for one in self.constraints if one.number not in self.applied]

    def having(self, applied: list[int]) -> Context:
        return replace(self, applied=self.applied | set(applied)) if applied else self

    def effective(self) -> Bounds:
        """The bounds, ended where a matched cut ends them."""
        if self.cut is None or self.bounds.end is None:
            return self.bounds
        return replace(self.bounds, end=min(self.cut, self.bounds.end))


@dataclass
class Trace:
    """Whether some aggregate had a row behind it: one in all groups `required`, one of a table with a date."""

    required: frozenset[int] = frozenset()
    group: bool = False
    dated: bool = False
