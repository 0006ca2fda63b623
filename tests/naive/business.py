"""Business time in formulas: days and hours by a calendar, the moment after so much work, pauses taken off once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from attrs import evolve

from kraforge.syntax import nodes
from kraforge.text import Span
from naive import calendars, values
from naive.context import Context, Scope
from naive.values import instant, local_date, moment
from naive.worktime import Schedule, within

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

LASTING = ("business_hours", "business_days", "hours", "days")
BY_DAYS = ("business_days", "days")


@dataclass(frozen=True)
class Stretch:
    """From one moment or day to another."""

    a: Any
    b: Any


def hours(e: Evaluator, a: Any, b: Any) -> float:
    """Exact elapsed time; a date is its first moment, `as_of` and `period.end` their last."""
    return (instant(moment(b, e.data.zone)) - instant(moment(a, e.data.zone))) / dt.timedelta(hours=1)


def lasting(e: Evaluator, function: str, a: Any, b: Any, schedule: Schedule | None) -> Any:
    """How far b is after a; missing where the calendar is, or does not reach."""
    if function in BY_DAYS:
        a, b = local_date(a), local_date(b)
    else:
        a, b = moment(a, e.data.zone), moment(b, e.data.zone)
    if function == "days":
        return (b - a).days
    if function == "hours":
        return hours(e, a, b)
    if schedule is None or not within(e.reach, a, b):
        return None
    if function == "business_days":
        return schedule.days(a, b) if a <= b else -schedule.days(b, a)
    if instant(a) > instant(b):
        return -(schedule.worked(b, a) / dt.timedelta(hours=1))
    return schedule.worked(a, b) / dt.timedelta(hours=1)


def schedule_of(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Schedule | None:
    """The calendar of a call: its third argument, else the innermost row's, else the catalog's own."""
    if node.name.text in ("hours", "days"):
        return None
    if len(node.arguments) > 2:
        return calendars.of_node(e, node.arguments[2], scope, context)
    return calendars.of_rows(e, scope, context)


def between(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """business_hours and business_days; inside a sum of pauses the stretch itself."""
    a, b = (e.value(argument, scope, context) for argument in node.arguments[:2])
    if id(node) in e.pauses:
        return None if a is None or b is None else Stretch(a, b)
    schedule = schedule_of(e, node, scope, context)
    return None if a is None or b is None else lasting(e, node.name.text, a, b, schedule)


def add_days(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """The n-th working day after a day, or before it; a timestamp keeps its time of day."""
    a, number = (e.value(argument, scope, context) for argument in node.arguments[:2])
    schedule = schedule_of(e, node, scope, context)
    if a is None or number is None or schedule is None or not within(e.reach, a):
        return None
    day = schedule.nth(local_date(a), int(number), e.reach)
    if day is None or int(number) == 0:
        return None if day is None else a
    return values.on_wall(dt.datetime.combine(day, a.time()), e.data.zone) if isinstance(a, dt.datetime) else day


def add_hours(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """The moment by which so many working hours have passed."""
    a, number = (e.value(argument, scope, context) for argument in node.arguments[:2])
    schedule = schedule_of(e, node, scope, context)
    if a is None or number is None or schedule is None:
        return None
    a = moment(a, e.data.zone)
    work = dt.timedelta(microseconds=round(number * 3_600_000_000))
    return schedule.after(a, work, e.reach) if within(e.reach, a) else None


FORMS: dict[str, Callable[[Evaluator, nodes.Call, Scope, Context], Any]] = {
    "business_hours": between, "business_days": between, "hours": between, "days": between,
    "add_business_days": add_days, "add_business_hours": add_hours,
}  # fmt: skip


# ---- pauses


def netted(e: Evaluator, node: nodes.Binary, scope: Scope, context: Context) -> tuple[Any] | None:
    """`f(a, b) - sum(f(x, y))` over a row: the pauses that lie between a and b, each moment once. None: not that form."""
    from naive.aggregate import read, value

    outer = meant(e, node.left, scope)
    total = meant(e, node.right, scope)
    if outer is None or total is None or not scope.rows:
        return None
    call, place = outer
    summed, around = total
    if call.name.text not in LASTING or summed.name.text != "sum":
        return None
    aggregate = read(e, summed, around)
    if aggregate.expression is None:
        return None
    inner = around.inside(aggregate.table, scope.rows[-1][1], aggregate.via)
    inside = meant(e, aggregate.expression, inner)
    if inside is None or inside[0].name.text != call.name.text or not same_calendar(e, call, place, inside[0], inner):
        return None
    a, b = (e.value(argument, place, context) for argument in call.arguments[:2])
    schedule = schedule_of(e, call, place, context)
    e.pauses[id(inside[0])] = inside[0]
    stretches = value(e, e.sums.setdefault(id(summed), evolve(summed, name=COVERED)), around, context)
    del e.pauses[id(inside[0])]
    if a is None or b is None or stretches is None:
        return (None,)
    return (values.subtract(lasting(e, call.name.text, a, b, schedule), covered(e, call, a, b, stretches, schedule)),)


COVERED = nodes.Name("covered", Span(0, 0))


def covered(e: Evaluator, call: nodes.Call, a: Any, b: Any, pauses: Any, schedule: Schedule | None) -> Any:
    """What lies between a and b and in some pause."""
    by_days = call.name.text in BY_DAYS

    def place(value: Any) -> Any:
        return local_date(value) if by_days else instant(moment(value, e.data.zone))

    low, high = place(a), place(b)
    total: Any = 0
    for start, end in sorted((place(pause.a), place(pause.b)) for pause in pauses):
        start, end = max(start, low), min(end, high)
        if start < end:
            part = lasting(e, call.name.text, start, end, schedule)
            total = values.add(total, part)
            low = end
    return total


def meant(e: Evaluator, node: Any, scope: Scope) -> tuple[nodes.Call, Scope] | None:
    """The call that an expression is, or stands for by a macro, a macro's argument or a field of the row."""
    from naive.evaluate import parsed

    if isinstance(node, nodes.Path) and len(node.names) == 1:
        name = node.names[0].text
        if name in scope.arguments:
            argument, outer = scope.arguments[name]
            return meant(e, argument, replace(outer, rows=scope.rows, filter=scope.filter, via=scope.via))
        if scope.rows and name in e.data.tables[scope.rows[-1][0]].fields:
            text = e.data.tables[scope.rows[-1][0]].fields[name].text
            return meant(e, parsed(text), Scope(text, rows=scope.rows[-1:]))
    if not isinstance(node, nodes.Call):
        return None
    macro = e.declarations.functions.get(node.name.text)
    if macro is None:
        return node, scope
    arguments = dict(zip(macro.parameters, ((a, scope) for a in node.arguments), strict=True))
    return meant(e, parsed(macro.formula.text), Scope(macro.formula.text, arguments, scope.rows))


def same_calendar(e: Evaluator, outer: nodes.Call, place: Scope, inner: nodes.Call, inside: Scope) -> bool:
    """Whether two calls go by one calendar: both by none, by one declared name, or by the same path from the outer row."""
    if outer.name.text in ("hours", "days"):
        return True
    if len(outer.arguments) < 3 or len(inner.arguments) < 3:
        return len(outer.arguments) == len(inner.arguments) and e.data.tables[inside.rows[-1][0]].calendar is None
    ours, theirs = written(outer.arguments[2], place), written(inner.arguments[2], inside)
    if len(ours) == 1 and ours[0] in e.declarations.calendars:
        return theirs == ours and e.declarations.calendars[ours[0]].table is None
    table = place.rows[-1][0]
    return bool(ours) and theirs == (ours if ours[0] == table else [table, *ours])


def written(node: nodes.Argument, scope: Scope) -> list[str]:
    """The names of a path, a macro's argument followed to what it is; none where it is something else."""
    while isinstance(node, nodes.Path) and len(node.names) == 1 and node.names[0].text in scope.arguments:
        node, scope = scope.arguments[node.names[0].text]
    return [name.text for name in node.names] if isinstance(node, nodes.Path) else []
