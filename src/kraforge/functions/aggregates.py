"""The aggregates: from the rows of a table to one value a cell."""

from __future__ import annotations

from collections.abc import Sequence

from kraforge.functions.declaration import Aggregate, Misfit
from kraforge.functions.units import averaged, condition, counted, measurable
from kraforge.types import BOOL, NUMBER, RATIO, Type


def _extreme(types: Sequence[Type]) -> Type | Misfit:
    (type_,) = types
    if type_.dated:
        return type_
    return measurable(types)


def _summed(types: Sequence[Type]) -> Type | Misfit:
    found = measurable(types)
    return NUMBER if isinstance(found, Type) and found.kind == "missing" else found


def _any_value(types: Sequence[Type]) -> Type:
    return types[0]


def _bool(types: Sequence[Type]) -> Type | Misfit:
    found = condition(types)
    return found if isinstance(found, Misfit) else BOOL


def _rate(types: Sequence[Type]) -> Type | Misfit:
    found = condition(types)
    return found if isinstance(found, Misfit) else RATIO


def _percentile(types: Sequence[Type]) -> Type | Misfit:
    if types[1].kind != "ratio":
        return Misfit("the part is a percentage", "wrong-arguments", "write it as in percentile(x, 90%)")
    return averaged(types)


def _percentile_disc(types: Sequence[Type]) -> Type | Misfit:
    if types[1].kind != "ratio":
        return Misfit("the part is a percentage", "wrong-arguments", "write it as in percentile_disc(x, 90%)")
    return _extreme(types[:1])


AGGREGATES = (
    Aggregate("sum", "value", _summed, "sum", "zero", "The sum; 0 of no rows.", "sum(invoices.net_amount)"),
    Aggregate("avg", "value", averaged, "never", "missing", "The mean of the values that are present.", "avg(tickets.closed_at - tickets.opened_at)"),
    Aggregate("min", "value", _extreme, "min", "missing", "The least value.", "min(invoices.issued_on)"),
    Aggregate("max", "value", _extreme, "max", "missing", "The greatest value.", "max(invoices.issued_on)"),
    Aggregate("count", "table", counted, "sum", "zero", "How many rows a table has.", "count(leads where qualified)"),
    Aggregate("count_distinct", "value", counted, "never", "zero", "How many different values are present.", "count_distinct(invoices.customer)"),
    Aggregate("median", "value", averaged, "never", "missing", "The middle value, interpolated between two.", "median(tickets.minutes)"),
    Aggregate("percentile", "two values", _percentile, "never", "missing", "The value below which so many percent lie, interpolated between two.", "percentile(tickets.minutes, 90%)"),
    Aggregate("percentile_disc", "two values", _percentile_disc, "never", "missing", "The least value that occurs with at least so many percent at or below it.", "percentile_disc(tickets.minutes, 90%)"),
    Aggregate("stddev", "value", averaged, "never", "missing", "The sample standard deviation; missing of one value.", "stddev(orders.amount)"),
    Aggregate("first", "value", _any_value, "never", "missing", "The value of the earliest row, by its date.", "first(stock.level on counted_on)"),
    Aggregate("last", "value", _any_value, "never", "missing", "The value of the latest row, by its date.", "last(stock.level on counted_on)"),
    Aggregate("rate", "condition", _rate, "never", "missing", "The share of the rows that fulfil a condition.", "rate(tickets, resolved_at <= due_at)"),
    Aggregate("any", "condition", _bool, "max", "false", "Whether there is a row, or one that fulfils a condition.", "any(invoices)"),
    Aggregate("all", "condition", _bool, "never", "false", "Whether there are rows and all fulfil a condition.", "all(tickets, resolved_at is present)"),
)  # fmt: skip
