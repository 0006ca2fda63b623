"""Whether two ways of one thing give equal rows; a benchmark compares nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

Rows = Sequence[Sequence[Any]]


def assert_equal(ours: Rows, theirs: Rows) -> None:
    """Equal rows in equal order: exact numbers exactly, floating-point ones within 1e-9 of each other."""
    assert len(ours) == len(theirs), f"{len(ours)} rows against {len(theirs)}"
    for mine, wanted in zip(ours, theirs, strict=True):
        assert len(mine) == len(wanted), f"{len(mine)} columns against {len(wanted)}"
        assert all(map(same, mine, wanted)), f"{mine} against {wanted}"


def assert_each(ours: Rows, names: Sequence[str], found: dict[str, Rows]) -> None:
    """The cells of a whole answer (group, period, KPIs) are those of each KPI asked alone, and empty where that has none.

    A KPI asked alone has rows (group, number of the month, value), and none where nothing happened.
    """
    for position, name in enumerate(names, start=2):
        cells = {(group, month): value for group, month, value in found[name]}
        for row in ours:
            wanted = cells.pop((row[0], row[1].year * 12 + row[1].month - 1), None)
            assert same(row[position], wanted) or (wanted is None and row[position] == 0), f"{name}: {row} {wanted}"
        assert not cells, f"{name}: {cells}"


def same(mine: object, wanted: object) -> bool:
    """Whether two values are equal, whatever kinds of number they are."""
    if isinstance(mine, float) or isinstance(wanted, float):
        if not isinstance(mine, int | float | Decimal) or not isinstance(wanted, int | float | Decimal):
            return False
        return math.isclose(mine, wanted, rel_tol=1e-9, abs_tol=1e-12)
    return mine == wanted
