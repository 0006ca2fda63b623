"""Which rows of a table count in a context: by date, by validity, by the link to the outer row."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from kraforge.model.declarations import Table
from kraforge.syntax import nodes
from naive import links, names
from naive.context import Context, Scope
from naive.data import Placed, Route, Row
from naive.values import NaiveError, compare, local_date

if TYPE_CHECKING:
    from naive.aggregate import Call
    from naive.evaluate import Evaluator


def near(e: Evaluator, call: Call, inner: Context) -> list[Row]:
    """The rows that may count: of days that the calendar makes, which are many, those within the bounds."""
    rows = e.data.rows(call.table)
    if not e.data.tables[call.table].made or call.on is not None or call.during is not None:
        return rows
    start, end = (None if day is None else local_date(day) for day in (inner.bounds.start, inner.bounds.end))
    return [
        row
        for row in rows
        if (start is None or start <= row.values["day"]) and (end is None or row.values["day"] <= end)
    ]


def tied(e: Evaluator, placed: Placed, tie: Route | None, scope: Scope, inner: Context) -> bool:
    """Whether links lead from a row to the innermost outer row, where there are any."""
    if tie is None:
        return True
    found = names.walk(e, placed, tie, inner)
    return found is not None and found.row is scope.rows[-1][1].row


def counted(e: Evaluator, call: Call, row: Row, scope: Scope, inner: Context) -> tuple[Placed | None, dt.date | bool]:
    """A row that counts in the context, with the date that counts it: True where none is asked, False where it has none.

    Without a row it does not count.
    """
    table, when = e.data.tables[call.table], dated(e, call, row, scope, inner)
    if when is None and not inner.everywhere:
        return None, False
    if isinstance(when, dt.date) and not in_time(e, table, when, inner):
        return None, False
    placed = Placed(row, day_of(e, inner) if when is True else when)
    if not names.belongs(e, placed, inner):
        return None, False
    if call.during is not None and not valid(e, call.during, scope.inside(table.name, placed, call.via), inner):
        return None, False
    return placed, False if when is None else when


def in_time(e: Evaluator, table: Table, when: dt.date, inner: Context) -> bool:
    """Whether a date lies in the context's bounds and not after the request's as_of.

    Days that the calendar makes end with the window where the context has no end of its own.
    """
    if table.made and inner.unending and e.whole and not replace(e.whole.bounds, start=None).hold(when):
        return False
    return (e.as_of is None or local_date(when) <= e.as_of) and inner.effective().hold(when)


def dated(e: Evaluator, call: Call, row: Row, scope: Scope, inner: Context) -> dt.date | bool | None:
    """The date that puts a row into a period, None where it has none; True where none is asked. No link hangs on it."""
    undated = Placed(row, links.UNDATED)
    date = e.data.tables[call.table].date
    if call.on is not None:
        return names.as_date(e, e.value(call.on, scope.inside(call.table, undated, call.via), inner))
    if date is None or call.during is not None:
        return True
    return names.as_date(e, e.text(date.text, Scope(date.text, rows=((call.table, undated),)), inner))


def day_of(e: Evaluator, context: Context) -> dt.date | NaiveError:
    """The valuation day, or why there is none."""
    try:
        return e.valuation(context)
    except NaiveError as error:
        return error


def valid(e: Evaluator, during: nodes.Range, here: Scope, inner: Context) -> bool:
    """Whether a row is valid on the valuation day; a missing end means still valid."""
    day = e.valuation(inner)
    if during.low is not None and not compare("<=", e.value(during.low, here, inner), day):
        return False
    end = e.value(during.high, here, inner) if during.high is not None else None
    return end is None or compare("<=" if during.closed else "<", day, end)
