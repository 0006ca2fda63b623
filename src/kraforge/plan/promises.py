"""What data must be like for an answer to be right, as plans of the rows that break it: histories do not overlap, orders
do not tie. They are asked before the first answer.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from attrs import frozen

from kraforge.model.declarations import Link
from kraforge.plan import nodes
from kraforge.plan.rows import both
from kraforge.semantics import bound
from kraforge.text import Place
from kraforge.types import BOOL, COUNT, DATE, TEXT, TIMESTAMP

if TYPE_CHECKING:
    from kraforge.plan.steps import Steps

Columns = tuple[tuple[str, nodes.Expression], ...]

SHOWN: Final = 6
"""How many rows that break a promise are shown."""

UNTIL: Final = "holds until"
"""The end of a row, endless where there is none; no name of a user's has a blank."""

EARLIER: Final = " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
ONE: Final = bound.Constant(Decimal(1), COUNT)
ENDLESS: Final = {
    "date": bound.Constant(dt.date(9999, 12, 31), DATE),
    "timestamp": bound.Constant(dt.datetime(9999, 12, 31, 23, 59, 59), TIMESTAMP),
}


@frozen
class Promise:
    """A plan whose rows break what the catalog says of the data, and what to tell then.

    The plan's columns name what is shown of each row.
    """

    code: str
    message: str
    place: Place
    hint: str
    plan: nodes.Plan


def timed(steps: Steps, source: str, hop: Link) -> bool:
    """Whether an end of a history is a point in time."""
    during = steps.collected.checked.link(source, hop.name).valid
    ends = () if during is None else (during.low, during.high)
    return any(end is not None and end.type.kind == "timestamp" for end in ends)


def no_overlap(steps: Steps, source: str, hop: Link, by_days: bool = False) -> Promise:
    """No two rows of a history hold for one key at one time; `by_days` on one day."""
    from kraforge.plan.steps import own_columns, own_conditions

    home, alias = hop.to, "history"
    during = steps.collected.checked.link(source, hop.name).valid
    assert during is not None
    keys = [_source(steps, alias, home, name) for name in hop.match or steps.collected.checked.tables[home].key]
    low, high = (
        None if end is None else _by_days(own_columns(steps, end, home, alias), by_days)
        for end in (during.low, during.high)
    )
    kind = "timestamp" if not by_days and timed(steps, source, hop) else "date"
    low = low or bound.Constant(dt.date(1, 1, 1), DATE)
    until = ENDLESS[kind] if high is None else nodes.Apply("else", (high, ENDLESS[kind]), high.type)
    before = "less_equal" if during.closed else "less"
    where = (*own_conditions(steps, home, alias), *(_present(key) for key in keys), both(low, before, until))
    names = [key.name for key in keys]
    begins, ends = _ends(during, names)
    shown: Columns = (*zip(names, keys, strict=True), (begins, low), (ends, high or bound.Constant(None, DATE)))
    columns = (*shown, (UNTIL, until))
    first = nodes.Select(columns, steps.relation(home), alias, where=where)
    own = {name: nodes.Ref("rows", name, expression.type) for name, expression in columns}
    partition, order = tuple(own[name] for name in names), ((own[begins], False),)
    reached = nodes.Over("max", (own[UNTIL],), partition, order, until.type, EARLIER)
    following = nodes.Over("lead", (own[begins],), partition, order, low.type)
    beside: Columns = (*own.items(), ("reached so far", reached), ("begins next", following))
    met = nodes.Select(beside, nodes.Step("rows"), "rows")
    found = {name: nodes.Ref("met", name, ref.type) for name, ref in own.items()}
    earlier = both(found[begins], before, nodes.Ref("met", "reached so far", until.type))
    later = both(nodes.Ref("met", "begins next", low.type), before, found.pop(UNTIL))
    overlap = nodes.Apply("or", (earlier, later), BOOL)
    named = (nodes.Named("rows", "from when to when each row holds", first), nodes.Named("met", "beside others", met))
    answer = nodes.Answer(tuple(found.items()), "met", overlap, _ordered(*names, begins, ends), SHOWN)
    return Promise(
        "overlapping-history",
        f"rows of {home} hold at one time for the same {', '.join(names)}, and the link {hop.name} leads to one",
        hop.place,
        "mend the dates, or declare `several` where all of them are meant" if hop.match else "mend the dates",
        nodes.Plan(named, answer, ()),
    )


def no_tie(steps: Steps, table: str, hop: Link, columns: tuple[nodes.Source, ...], alias: str) -> Promise:
    """No two rows of a sequence have the same place in its order."""
    found = _twice(steps, table, columns, alias)
    return Promise(
        "ambiguous-order",
        f"rows of {table} tie in the whole order of the sequence {hop.name}",
        hop.place,
        "add a column to `order` that tells them apart, such as the key",
        found,
    )


def one_row(steps: Steps, table: str) -> Promise:
    """No two rows that were known have the same key."""
    alias = "known"
    key = steps.collected.checked.tables[table].key
    columns = tuple(_source(steps, alias, table, name) for name in key)
    return Promise(
        "duplicate-key",
        f"table '{table}' has more than one row that was known for the same {', '.join(key)}",
        Place(f"tables.{table}.key"),
        "mend the data, or declare the columns that tell its rows apart",
        _twice(steps, table, columns, alias),
    )


def _twice(steps: Steps, table: str, columns: tuple[nodes.Source, ...], alias: str) -> nodes.Plan:
    """The values that several rows of a table share."""
    from kraforge.plan.steps import own_conditions

    where = (*own_conditions(steps, table, alias), *(_present(column) for column in columns))
    count = nodes.Reduce("count", (), None, COUNT)
    listed: Columns = (*((column.name, column) for column in columns), ("number of rows", count))
    select = nodes.Select(listed, steps.relation(table), alias, where=where, grouped=True, keys=len(columns))
    found = {name: nodes.Ref("rows", name, expression.type) for name, expression in listed}
    many = both(found["number of rows"], "greater", ONE)
    answer = nodes.Answer(tuple(found.items()), "rows", many, _ordered(*(c.name for c in columns)), SHOWN)
    return nodes.Plan((nodes.Named("rows", "rows that share these values", select),), answer, ())


def _source(steps: Steps, alias: str, table: str, name: str) -> nodes.Source:
    types = dict(steps.collected.checked.tables[table].columns)
    return nodes.Source(alias, table, name, types.get(name, TEXT))


def _present(expression: nodes.Expression) -> nodes.Expression:
    return nodes.Apply("is_present", (expression,), BOOL)


def _by_days(expression: nodes.Expression, by_days: bool) -> nodes.Expression:
    return nodes.Apply("_date", (expression,), DATE) if by_days else expression


def _ends(during: bound.During, taken: list[str]) -> tuple[str, str]:
    """Names for the two ends: those of their columns."""
    names: list[str] = []
    for end, name in ((during.low, "from"), (during.high, "until")):
        own = end.name if isinstance(end, bound.Column) else name
        names.append(own if own not in (*taken, *names) else f"{own} of validity")
    return names[0], names[1]


def _ordered(*names: str) -> tuple[nodes.Order, ...]:
    return tuple(nodes.Order(name) for name in names)
