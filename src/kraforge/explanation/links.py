"""What is said of links that are not plain: on which date they are looked up, which row comes next; and of what was known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from kraforge.errors import KraforgeError
from kraforge.explanation.written import code, name
from kraforge.model.declarations import Link
from kraforge.semantics import bound, reach
from kraforge.semantics.check import Checked
from kraforge.semantics.rows import parts

Links = tuple[Link, ...]


def said(checked: Checked, expressions: Iterable[bound.Expression], known_at: dt.date | None) -> Iterator[str]:
    """A sentence for each link of the expressions and their groups that is not plain, and for each table that has `known`."""
    found: dict[tuple[str, str], None] = {}
    tables: dict[str, None] = {}

    def walk(table: str, links: Links) -> None:
        tables.setdefault(table)
        for link in links:
            own = checked.declarations.tables[table].links.get(link.name)
            if own is not None and not own.plain:
                found.setdefault((table, link.name))
                tables.setdefault(own.through or own.to)
            table = link.to
            tables.setdefault(table)

    for part in (part for expression in expressions for part in parts(expression)):
        match part:
            case bound.Column() | bound.Band():
                walk(part.table, part.path)
            case bound.Aggregate():
                walk(part.table, part.tie or ())
                for links in _ways(checked, part):
                    walk(part.table, links)
    for table, link in found:
        sentence = _sentence(checked.declarations.tables[table].links[link], table)
        if sentence is not None:
            yield sentence
    for table in tables:
        known = checked.declarations.tables[table].known
        if known is not None:
            when = "those that are known now, without an end" if known_at is None else f"those known at {known_at}"
            yield f"of {name(table)} there are {when} of {code(known.text)}"


def _ways(checked: Checked, aggregate: bound.Aggregate) -> Iterator[Links]:
    """How the table of an aggregate reaches dimensions."""
    for dimension in filter(checked.written.__contains__, checked.declarations.dimensions):
        try:
            links = reach.way(
                checked,
                checked.dimension(dimension),
                aggregate.table,
                aggregate.via if aggregate.outer is None else None,
            )
        except KraforgeError:
            # what is wrong with it is told when it is asked for
            continue
        yield links or ()


def _sentence(link: Link, table: str) -> str | None:
    called = code(name(table, link.name))
    if link.sequence is not None:
        word = "next" if link.sequence.forward else "previous"
        order = ", ".join(link.sequence.order)
        return f"{called} is the {word} row of the same {code(link.sequence.along)} by {order}, whatever the period"
    if link.valid is None:
        return None
    at = "the date that puts the row into its period, the valuation day where none does"
    day = at if link.at is None else code(link.at.text)
    return f"{called} is the one that is valid ({code(link.valid.text)} of {name(link.through or link.to)}) on {day}"
