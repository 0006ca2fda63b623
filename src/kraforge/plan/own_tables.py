"""Calendars out of tables: the statements that read them, and the units that their rows make.

One row a day; days of one period follow one another, and so do periods. A first statement gathers the days of each
period, few rows; only where something is wrong with them a second one reads the days themselves, to name them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from kraforge.errors import Mistake, Mistakes, SourceError
from kraforge.model.declarations import TableGrain
from kraforge.plan import nodes
from kraforge.plan.collect import Collected, Collector
from kraforge.plan.context import Context
from kraforge.plan.leaves import Leaf, walk
from kraforge.plan.own import TableUnit
from kraforge.plan.shape import Shape
from kraforge.plan.steps import Steps, own_conditions
from kraforge.plan.traits import expressions
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.types import BOOL, COUNT, DATE, Type

LABELS: Final = ("label", "year")
"""What the columns of a period and of its year are called."""

SHOWN: Final = 3
"""How many days with something wrong are named."""


def units_asked(collected: Collected) -> set[str]:
    """The units that anything in a request is moved or split by."""
    contexts: set[Context] = {frame.context for frame in collected.frames}
    seen: list[nodes.Expression] = [column.expression for _, columns in collected.columns for column in columns]
    for leaf in collected.leaves:
        if isinstance(leaf, Leaf):
            contexts.add(leaf.context)
            seen += expressions(leaf)
        else:
            seen.append(leaf.expression)
    contexts |= {node.context for part in seen for node in walk(part) if isinstance(node, nodes.PeriodRef)}
    found = {frame.unit for frame in collected.frames if frame.unit is not None}
    for move in (move for context in contexts for move in context.moves):
        match move:
            case bound.Prior() | bound.Trailing() if move.length is not None:
                found.add(move.length.unit)
            case bound.ToDate():
                found.add(move.unit)
            case _:
                pass
    return found


def reading(checked: Checked, grain: TableGrain, known: Type | None, days: bool = False) -> nodes.Plan:
    """The plan of a statement for a calendar's periods: first and last day, rows, different days, label, year.

    With `days` for its days, one by one: day, label, year. The year only where the calendar has one. `known` is the type of
    a request's known_at.
    """
    alias = "calendar"
    steps = Steps(Collector(checked, known).finished(()), Shape((), (), frozenset()), frozenset())
    types = dict(checked.tables[grain.table].columns)
    labels = tuple(name for name in (grain.period, grain.year) if name is not None)
    for name in (grain.day, *labels):
        if name not in types:
            message = f"the calendar {grain.name} names '{name}', which is no column of {grain.table}"
            raise Mistakes(Mistake("unknown-column", message, grain.place))
    day = nodes.Apply("_date", (nodes.Source(alias, grain.table, grain.day, types[grain.day]),), DATE)
    columns: list[tuple[str, nodes.Expression]] = [
        (key, nodes.Source(alias, grain.table, name, types[name])) for key, name in zip(LABELS, labels, strict=False)
    ]
    if days:
        columns.insert(0, ("day", day))
    else:
        columns += [(name, nodes.Reduce(name, (day,), None, DATE)) for name in ("min", "max")]
        columns += [("count", nodes.Reduce("count", (), None, COUNT))]
        columns += [("days", nodes.Reduce("count_distinct", (day,), None, COUNT))]
    select = nodes.Select(
        tuple(columns),
        steps.relation(grain.table),
        alias,
        where=(*own_conditions(steps, grain.table, alias), nodes.Apply("is_present", (day,), BOOL)),
        grouped=not days,
        keys=len(labels),
    )
    step = steps.add(f"{grain.name} {'days' if days else 'periods'}", f"the calendar {grain.name}", select)
    order = nodes.Order("day" if days else "min")
    shown = tuple((name, nodes.Ref(step, name, value.type)) for name, value in columns)
    types_shown = tuple((name, value.type) for name, value in columns)
    return nodes.Plan(tuple(steps.steps), nodes.Answer(shown, step, None, (order,)), types_shown)


def unit(grain: TableGrain, rows: Sequence[Sequence[Any]]) -> TableUnit | None:
    """The unit that a calendar's periods make, None where there is something wrong with its days."""
    if not rows:
        message = f"the calendar {grain.name} has no days in its table '{grain.table}'"
        raise SourceError(Mistake("bad-calendar", message, grain.place, hint="add a row for each day"))
    years = 1 if grain.year is not None else 0
    before: dt.date | None = None
    starts: list[dt.date] = []
    for row in rows:
        first, last, count, days = row[1 + years :]
        if None in row or count != days or (last - first).days + 1 != days or (before and first != before):
            return None
        starts.append(first)
        before = last + dt.timedelta(days=1)
    assert before is not None
    ends = (*starts, before)
    labels = tuple(row[0] for row in rows)
    if not years:
        return TableUnit(grain.name, grain.table, ends, labels)
    begun = [number for number, row in enumerate(rows) if number == 0 or row[1] != rows[number - 1][1]]
    named = tuple(rows[number][1] for number in begun)
    if len(set(named)) < len(named):
        return None
    year = TableUnit(f"{grain.name}'s year", grain.table, (*(starts[number] for number in begun), before), named)
    return TableUnit(grain.name, grain.table, ends, labels, year)


def faults(grain: TableGrain, days: Sequence[Sequence[Any]]) -> SourceError:
    """The error for a calendar of which not every day has one row, or whose periods are not whole."""
    found = list(dict.fromkeys(_faults(days)))
    more = (f"and {len(found) - SHOWN} more",) if len(found) > SHOWN else ()
    return SourceError(
        Mistake(
            "bad-calendar",
            f"the calendar {grain.name} is not made of whole periods, one row a day, in its table '{grain.table}'",
            grain.place,
            hint="mend the rows"
            if grain.year is not None
            else "mend the rows, or name the column of the year (`year`)",
            notes=(*found[:SHOWN], *more),
        )
    )


def _faults(days: Sequence[Sequence[Any]]) -> Iterator[str]:
    before: dt.date | None = None
    for day, rows in groupby(days, key=lambda row: row[0]):
        number = len(list(rows))
        if number > 1:
            yield f"{day} has {number} rows"
        if before is not None and (day - before).days > 1:
            yield f"no row for {before + dt.timedelta(days=1)}" + (
                f" to {day - dt.timedelta(days=1)}" if (day - before).days > 2 else ""
            )
        before = day
    for column in range(1, len(days[0])):
        ended: dict[Any, dt.date] = {}
        for label, rows in groupby(days, key=lambda row: row[1:] if column == 1 else row[column]):
            its = list(rows)
            shown = " of ".join(str(part) for part in label) if column == 1 else str(label)
            if None in its[0]:
                yield f"{its[0][0]} has no {'period' if its[0][1] is None else 'year'}"
            elif label in ended:
                yield f"{shown} goes on at {its[0][0]}, after it ended on {ended[label]}"
            ended[label] = its[-1][0]
