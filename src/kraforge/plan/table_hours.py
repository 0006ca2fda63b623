"""What hours out of a table must be like: readable, and no two shifts of a calendar at one time."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING

from kraforge.model.workdays import Hours
from kraforge.plan import nodes
from kraforge.plan.calendar_nodes import column, minus, plus, present, times, whole
from kraforge.plan.calendar_tables import TableRows, written
from kraforge.plan.promises import SHOWN, Promise
from kraforge.text import Place
from kraforge.types import BOOL, WHOLE

if TYPE_CHECKING:
    from kraforge.plan.calendars import Calendars

DAY, WEEK = 86_400, 604_800


def promised(calendars: Calendars, hours: Hours) -> None:
    """Has it asked that the hours of a table can be read, and that its shifts do not overlap."""
    for make in (_readable, _apart):
        calendars.steps.promise((make.__name__, hours.name), partial(make, calendars, hours))


def _shown(calendars: Calendars, hours: Hours) -> tuple[TableRows, list[tuple[str, nodes.Expression]]]:
    """The rows of a table of hours, and the columns that are shown of them."""
    assert hours.table is not None
    rows = TableRows(calendars, hours.table.table, "hours")
    names = (hours.table.by, hours.table.weekday, *hours.table.hours)
    return rows, [(name, rows.column(name)) for name in dict.fromkeys(names)]


def _readable(calendars: Calendars, hours: Hours) -> Promise:
    rows, shown = _shown(calendars, hours)
    assert hours.table is not None
    tests = [nodes.Apply("_is_weekday", (rows.column(hours.table.weekday),), BOOL)]
    tests += [nodes.Apply("_is_clock", (rows.column(name),), BOOL) for name in hours.table.hours]
    there = [present(rows.column(name)) for name in (hours.table.weekday, *hours.table.hours)]
    wrong = nodes.Apply("not", (nodes.Apply("and", tuple(tests), BOOL),), BOOL)
    select = rows.select(shown, (*there, wrong))
    return _promise(
        hours,
        "rows of hours cannot be read",
        'write weekdays as 1 (Monday) to 7 or by their English names, times as "09:30" or seconds of the day',
        (nodes.Named("rows", "hours that cannot be read", select),),
        [(name, part) for name, part in shown],
    )


def _apart(calendars: Calendars, hours: Hours) -> Promise:
    rows, shown = _shown(calendars, hours)
    assert hours.table is not None
    weekday, begins, ends = written(rows, hours.table)
    before = times(minus(weekday, whole(1)), whole(DAY))
    by, first_of, last_of, next_of = _free(4, [name for name, _ in shown])
    own = [(by, rows.column(hours.table.by)), *shown]
    spans = [*own, (first_of, plus(before, begins)), (last_of, plus(before, ends))]
    needed = (hours.table.by, hours.table.weekday, *hours.table.hours)
    tests = [nodes.Apply("_is_weekday", (rows.column(hours.table.weekday),), BOOL)]
    tests += [nodes.Apply("_is_clock", (rows.column(name),), BOOL) for name in hours.table.hours]
    select = rows.select(spans, (*(present(rows.column(name)) for name in needed), *tests))
    kept = [(name, nodes.Ref("spans", name, part.type)) for name, part in spans]
    found = dict(kept)
    partition, start = (found[by],), found[first_of]
    following = nodes.Over("lead", (start,), partition, ((start, False),), WHOLE)
    first = nodes.Over("min", (start,), partition, (), WHOLE)
    # after the last shift of a week the first one comes again
    next_ = nodes.Apply("else", (following, plus(first, whole(WEEK))), WHOLE)
    ordered = nodes.Select((*kept, (next_of, next_)), nodes.Step("spans"), "spans")
    clash = nodes.Apply("less", (column("beside", next_of), column("beside", last_of)), BOOL)
    wrong = nodes.Select(
        tuple((name, nodes.Ref("beside", name, part.type)) for name, part in shown),
        nodes.Step("beside"),
        "beside",
        where=(clash,),
    )
    return _promise(
        hours,
        "shifts overlap the next one of the same calendar",
        "end each before the next one begins",
        (
            nodes.Named("spans", "each shift in seconds of the week", select),
            nodes.Named("beside", "beside the next one", ordered),
            nodes.Named("rows", "shifts that overlap the next", wrong),
        ),
        shown,
    )


def _free(count: int, taken: list[str]) -> list[str]:
    """Names for columns of ours that are none of those taken."""
    names = (f"of_shift_{number}" for number in itertools.count())
    return list(itertools.islice((name for name in names if name not in taken), count))


def _promise(
    hours: Hours,
    message: str,
    hint: str,
    steps: tuple[nodes.Named, ...],
    shown: list[tuple[str, nodes.Expression]],
) -> Promise:
    assert hours.table is not None
    columns = tuple((name, nodes.Ref("rows", name, part.type)) for name, part in shown)
    order = tuple(nodes.Order(name) for name, _ in columns)
    plan = nodes.Plan(steps, nodes.Answer(columns, "rows", None, order, SHOWN), ())
    told = f"{message}: table {hours.table.table}, the calendar {hours.name}"
    return Promise("bad-calendar", told, Place(f"calendars.{hours.name}.table"), hint, plan)
