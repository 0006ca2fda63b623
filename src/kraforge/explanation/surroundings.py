"""What lies round the aggregates of a formula: the tables that they read, and the groups that these reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kraforge.errors import KraforgeError
from kraforge.explanation.report import Group, Table
from kraforge.explanation.written import name
from kraforge.model.declarations import Link
from kraforge.semantics import bound, reach
from kraforge.semantics.aggregates import unanchored
from kraforge.semantics.check import Checked
from kraforge.semantics.rows import below, parts

Links = tuple[Link, ...]


def tables(checked: Checked, expressions: Iterable[bound.Expression]) -> Iterator[Table]:
    """The tables that expressions read, those of aggregates first as they are met, each once."""
    walked: dict[str, dict[str, None]] = {}
    home: dict[int, str] = {}

    def walk(table: str, links: Links) -> None:
        for link in links:
            walked.setdefault(table, {})[link.name] = None
            if link.through is not None:
                walked.setdefault(link.through, {})
            table = link.to
        walked.setdefault(table, {})

    def look(part: bound.Expression) -> None:
        match part:
            case bound.Aggregate():
                home[part.row] = part.table
                walked.setdefault(part.table, {})
                walk(part.table, part.tie or ())
                if part.outer is not None and part.outer in home:
                    walk(home[part.outer], part.outer_path)
            case bound.Column() | bound.Band():
                walk(part.table, part.path)
        for inner in below(part):
            look(inner)

    for expression in expressions:
        look(expression)
    looked: set[str] = set()
    while waiting := [table for table in walked if table not in looked]:
        for table in waiting:
            looked.add(table)
            where = checked.tables[table].where
            if where is not None:
                look(where)
    for table, links in walked.items():
        declared = checked.declarations.tables[table]
        at = f"the values of {name(*declared.members)}" if declared.members else declared.table or table
        at = at if declared.made is None else "days of a calendar"
        yield Table(
            table,
            at,
            checked.tables[table].key,
            None if declared.date is None else declared.date.text,
            None if declared.where is None else declared.where.text,
            tuple(links),
        )


def groups(checked: Checked, aggregates: Iterable[bound.Aggregate]) -> Iterator[Group]:
    """How the table of each outermost aggregate reaches each dimension, a table with the same via once."""
    seen: set[tuple[str, Links | None]] = set()
    for aggregate in aggregates:
        if (aggregate.table, aggregate.via) in seen:
            continue
        seen.add((aggregate.table, aggregate.via))
        via = f" via {name(*(link.name for link in aggregate.via))}" if aggregate.via else ""
        shown = f"{name(aggregate.table)}{via}"
        for each in filter(checked.written.__contains__, checked.declarations.dimensions):
            try:
                dimension = checked.dimension(each)
                yield Group(each, shown, _path(checked, aggregate, dimension), moving(dimension.expression))
            except KraforgeError:
                # a dimension that is wrong or ambiguous is told when it is asked for
                yield Group(each, shown, None)


def _path(checked: Checked, aggregate: bound.Aggregate, dimension: bound.BoundDimension) -> str | None:
    links = reach.way(checked, dimension, aggregate.table, aggregate.via if aggregate.outer is None else None)
    if links is None:
        inner = [part for part in parts(aggregate) if isinstance(part, bound.Aggregate) and part is not aggregate]
        for part in inner:
            if reach.way(checked, dimension, part.table, None) is not None:
                return f"the nested {name(part.table)}"
        return None
    value = dimension.expression
    walked = [link.name for link in links if link.tree is None]
    words = ", ".join(word for link in links if (word := _several(link)) is not None)
    if isinstance(value, bound.Column):
        path = name(*walked, *(link.name for link in value.path), value.name)
    else:
        path = name(*walked) if walked else "its own row"
    return f"{path} ({words})" if words else path


def _several(link: Link) -> str | None:
    """What becomes of a row that a link leads to several others."""
    if link.tree is not None:
        return "and all above" if link.level is None else f"the one above on level {link.level}"
    if link.share is not None:
        return f"split by the shares of {name(link.name)}"
    return f"the whole row for each of {name(link.name)}" if link.several else None


def moving(expression: bound.Expression) -> bool:
    """Whether a group may change between periods: its value hangs on the period."""
    return any(isinstance(part, bound.PeriodValue | bound.Aggregate) for part in unanchored(expression))
