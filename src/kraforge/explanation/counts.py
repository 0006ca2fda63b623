"""Rows that fall in no period: counted with one statement, a row of numbers for all tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from kraforge.compiler import Compiler, Prepared
from kraforge.explanation.report import Count
from kraforge.explanation.wording import Home, Words
from kraforge.model.request import Request
from kraforge.plan import cells
from kraforge.plan.collect import Collector
from kraforge.plan.context import Context
from kraforge.plan.needs import Column
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.semantics.rows import parts, rows_of
from kraforge.types import BOOL, COUNT

Run = Callable[[str], Sequence[Sequence[Any]]]
"""Runs a statement and gives its rows."""


def counts(
    checked: Checked, compiler: Compiler, words: Words, aggregates: Sequence[bound.Aggregate], run: Run
) -> tuple[Count, ...]:
    """For each table and date that puts its rows into periods: how many rows there are, and how many have no date."""
    made = {table.name for table in checked.declarations.tables.values() if table.made is not None}
    dates = _dates(words, [aggregate for aggregate in aggregates if aggregate.table not in made])
    if not dates:
        return ()
    collector = Collector(checked)
    frame = collector.new_frame(()).number
    columns = []
    for number, aggregate in enumerate(dates.values()):
        assert aggregate.on is not None
        missing = bound.Call("is_missing", (aggregate.on,), BOOL)
        for name, where in (("rows", None), ("undated", missing)):
            count = bound.Aggregate("count", aggregate.table, aggregate.row, (), COUNT, where=where)
            columns.append(Column(f"{name}_{number}", collector.cell(count, Context(), frame), COUNT))
    facts = cells.Request((), None, False, False, None, (), None)
    prepared = Prepared(collector.finished(((frame, tuple(columns)),)), facts, False, ())
    day = dt.date(2000, 1, 1)
    timeline = compiler.timeline(Request(()), prepared, day, day + dt.timedelta(days=1))
    (row,) = run(compiler.statement(prepared, timeline, run=run).sql)
    return tuple(Count(table, date, row[2 * number], row[2 * number + 1]) for number, (table, date) in enumerate(dates))


def _dates(words: Words, aggregates: Sequence[bound.Aggregate]) -> dict[tuple[str, str], bound.Aggregate]:
    """The aggregates by table and date, one of each; those whose date is of an outer row are left out."""
    found: dict[tuple[str, str], bound.Aggregate] = {}
    for aggregate in aggregates:
        if aggregate.on is None or not rows_of(aggregate.on) <= {aggregate.row}:
            continue
        date = words.text(aggregate.on, Home(aggregate.row, aggregate.table))
        found.setdefault((aggregate.table, date), aggregate)
    return found


def aggregates_of(expressions: Sequence[bound.Expression]) -> list[bound.Aggregate]:
    """All aggregates of expressions, nested ones too."""
    return [part for each in expressions for part in parts(each) if isinstance(part, bound.Aggregate)]
