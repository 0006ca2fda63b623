"""How one table leads to another: routes of many-to-one links, and what they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from kraforge.errors import Mistake, Mistakes
from kraforge.model.declarations import Declarations, Link
from kraforge.semantics import bound
from kraforge.semantics.binding import Catalog
from kraforge.semantics.linked import linked
from kraforge.semantics.rows import parts

Links = tuple[Link, ...]

MOST_ROUTES = 50
"""How many routes are looked for: more are as ambiguous as two."""


def written(links: Links) -> str:
    """A route as formulas write it."""
    return ".".join(link.name for link in links)


def routes(catalog: Catalog, from_table: str, to_table: str, via: Links | None = None) -> list[Links]:
    """All routes of links from one table to another that visit no table twice; [()] from a table to itself.

    With `via` only those that begin with it, which may lead back to the table itself.
    """
    tables = catalog.declarations.tables
    if via:
        if via[-1].to == to_table:
            return [via]
        seen = (from_table, *(link.to for link in via))
        return [via + rest for rest in search(catalog.declarations, via[-1].to, to_table, seen)]
    if from_table == to_table:
        return [()]
    if from_table not in tables or to_table not in tables:
        return []
    return list(catalog.routes(from_table, to_table))


def search(declarations: Declarations, start: str, goal: str, seen: tuple[str, ...]) -> list[Links]:
    """All ways from one table to another round those seen, the shortest first, up to a number that says enough.

    Links to several rows are no ways: they are taken only where they are named.
    """
    leads = _leading_to(declarations, goal)
    found: list[Links] = []
    known: set[tuple[object, ...]] = set()
    steps = 0
    waiting: list[tuple[str, Links, tuple[str, ...]]] = [(start, (), seen)]
    while waiting and len(found) < MOST_ROUTES and steps < 20_000:
        steps += 1
        table, links, visited = waiting.pop(0)
        for link in declarations.tables[table].links.values():
            if link.many or link.to in visited or link.to not in leads:
                continue
            further = (*links, link)
            if link.to != goal:
                waiting.append((link.to, further, (*visited, link.to)))
                continue
            same = tuple((each.to, each.by) if each.plain else (each.to, each.name) for each in further)
            if same not in known:
                known.add(same)
                found.append(further)
    return found


def _leading_to(declarations: Declarations, goal: str) -> set[str]:
    """The tables from which some links lead to a table, and itself."""
    sources: dict[str, list[str]] = {}
    for table in declarations.tables.values():
        for link in table.links.values():
            if not link.many:
                sources.setdefault(link.to, []).append(table.name)
    leads, waiting = {goal}, [goal]
    while waiting:
        for name in sources.get(waiting.pop(), ()):
            if name not in leads:
                leads.add(name)
                waiting.append(name)
    return leads & set(declarations.tables)


def route(catalog: Catalog, from_table: str, to_table: str, via: Links | None = None) -> Links:
    """The only route. Raises Mistakes: unreachable-table, or ambiguous-link with the routes listed."""
    found = routes(catalog, from_table, to_table, via)
    if len(found) == 1:
        return found[0]
    if found:
        raise Mistakes(_ambiguous(from_table, to_table, found))
    by_way = f" by way of {written(via)}" if via else ""
    raise Mistakes(
        Mistake(
            "unreachable-table",
            f"no links lead from {from_table} to {to_table}{by_way}",
            hint="declare a link, or tie the two by an equality in where",
        )
    )


def _ambiguous(from_table: str, to_table: str, found: list[Links]) -> Mistake:
    ways = ", ".join(sorted(written(links) for links in found)[:10])
    return Mistake(
        "ambiguous-link",
        f"more than one route leads from {from_table} to {to_table}",
        hint=f"choose one with via, for example via {found[0][0].name}",
        notes=(f"routes: {ways}",),
    )


def way(catalog: Catalog, dimension: bound.BoundDimension, table: str, via: Links | None = None) -> Links | None:
    """The links from a table to a dimension's home table, None where none lead there.

    `via` counts where it leads there; then the route that the dimension declares for the table; then the only one there
    is. A tree's own link comes last. Raises Mistakes (ambiguous-link) where there are several.
    """
    links = _way_home(catalog, dimension, table, via)
    return links if links is None or dimension.tree is None else (*links, dimension.tree)


def _way_home(catalog: Catalog, dimension: bound.BoundDimension, table: str, via: Links | None) -> Links | None:
    if via:
        chosen = routes(catalog, table, dimension.table, via)
        if len(chosen) > 1:
            raise Mistakes(_ambiguous(table, dimension.table, chosen))
        if chosen:
            return chosen[0]
    for name, links in dimension.routes:
        if name == table:
            return links
    found = routes(catalog, table, dimension.table)
    if len(found) > 1:
        raise Mistakes(_ambiguous(table, dimension.table, found))
    return found[0] if found else None


def several(expression: bound.Expression) -> Link | None:
    """A link to several rows that an expression's columns go over; None where each has one value a row."""
    columns = (part for part in parts(expression) if isinstance(part, bound.Column))
    return next((link for column in columns for link in column.path if link.many), None)


def dimension(
    catalog: Catalog,
    dimension: bound.BoundDimension | str,
    table: str,
    via: Links | None = None,
    numbers: Iterator[int] | None = None,
) -> bound.Expression | None:
    """A dimension's value over row 0 of a table, None where the table cannot reach it. Raises Mistakes (ambiguous-link)."""
    found = catalog.dimension(dimension) if isinstance(dimension, str) else dimension
    links = way(catalog, found, table, via)
    if links is None:
        return None
    return linked(catalog, found.expression, links, table, 0, numbers or count(1))


def context_column(
    catalog: Catalog,
    column: bound.ContextColumn,
    table: str,
    via: Links | None = None,
    numbers: Iterator[int] | None = None,
) -> bound.Expression | None:
    """The value of `table.column` of a filter over row 0 of a table, None where it cannot be reached.

    Raises Mistakes (ambiguous-link) where several routes lead there.
    """
    found = routes(catalog, table, column.table, via) if via else []
    found = found or routes(catalog, table, column.table)
    if len(found) > 1:
        raise Mistakes(_ambiguous(table, column.table, found))
    if not found:
        return None
    links = (*found[0], *column.path)
    home = links[-1].to if links else table
    if column.name in catalog.declarations.tables[home].fields:
        return linked(catalog, catalog.field(home, column.name), links, table, 0, numbers or count(1))
    return bound.Column(0, table, links, column.name, column.type)


def unsaid(catalog: Catalog, names: Iterable[str], measures: Iterable[bound.Expression]) -> Iterator[Mistake]:
    """A warning for each table that reaches a group by a route which the dimension's `from` does not say."""
    groups = [catalog.dimension(name) for name in names]
    told: set[tuple[str, str]] = set()
    for aggregate in (part for measure in measures for part in parts(measure)):
        if not isinstance(aggregate, bound.Aggregate) or aggregate.outer is not None or aggregate.via:
            continue
        for group in groups:
            pair = (group.name, aggregate.table)
            if not group.routes or pair in told or aggregate.table in dict(group.routes):
                continue
            told.add(pair)
            links = way(catalog, group, aggregate.table)
            if links:
                yield Mistake(
                    "implied-route",
                    f"{aggregate.table} is grouped by {group.name} over {written(links)}, which the dimension does not say",
                    hint=f"add it to the dimension's from, or group {aggregate.table} by another dimension",
                    severity="warning",
                )
