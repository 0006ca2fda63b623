"""What a name stands for: macro arguments, the innermost table's names, parameters, KPIs, dimensions, outer rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kraforge.model.declarations import Link, Text
from kraforge.syntax import nodes
from naive import links
from naive.context import Context, Scope
from naive.data import Placed, Route
from naive.values import LastDay, NaiveError, compare, local_date

if TYPE_CHECKING:
    from naive.evaluate import Evaluator


def path_value(e: Evaluator, node: nodes.Path, scope: Scope, context: Context) -> Any:
    """The value of a path."""
    names = [name.text for name in node.names]
    head, rest = names[0], names[1:]
    if head in scope.arguments:
        argument, outer = scope.arguments[head]
        place = replace(outer, rows=scope.rows, filter=scope.filter, via=scope.via)
        if rest and isinstance(argument, nodes.Path):
            argument = nodes.Path((*argument.names, *node.names[1:]), node.span)
        return e.value(argument, place, context)
    if scope.answer is not None and len(names) == 1 and head in scope.answer:
        return scope.answer[head]
    if scope.rows and not scope.filter:
        table, row = scope.rows[-1]
        if declared(e, table, head):
            return row_value(e, row, table, names, context)
    if names == ["as_of"] or (head == "period" and rest in (["start"], ["end"], ["days"])):
        return period_value(e, names, context)
    if rest and head in e.data.tables:
        return table_value(e, head, rest, scope, context)
    if not rest:
        if head in e.given:
            return e.given[head]
        if head in e.declarations.parameters:
            return e.text(e.version(e.declarations.parameters[head], context), Scope(), context)
        if head in e.declarations.kpis:
            return e.kpi(head, scope, context)
        if head in e.declarations.dimensions and scope.rows:
            table, row = scope.rows[-1]
            return dimension(e, head, table, row, context, scope.via)
    if scope.rows and not scope.filter and head in e.data.columns[scope.rows[-1][0]]:
        return row_value(e, scope.rows[-1][1], scope.rows[-1][0], names, context)
    raise NaiveError("unknown-name", ".".join(names))


def declared(e: Evaluator, table: str, name: str) -> bool:
    """Whether a table declares a column, link or field of that name."""
    home = e.data.tables[table]
    return name in home.columns or name in home.links or name in home.fields


def period_value(e: Evaluator, names: Sequence[str], context: Context) -> Any:
    """`period.start`, `period.end`, `period.days` and `as_of`; missing where a bound of `within` is."""
    if names == ["as_of"]:
        return LastDay.of(e.valuation(context))
    bounds = context.effective()
    start, last = bounds.start, bounds.last_day()
    if (start is None and names[1] != "end") or (last is None and names[1] != "start"):
        if bounds.never:
            return None
        raise NaiveError("no-period", ".".join(names))
    if names[1] == "end":
        return LastDay.of(last)  # type: ignore[arg-type]
    first = local_date(start)  # type: ignore[arg-type]
    return first if names[1] == "start" else (last - first).days + 1  # type: ignore[operator]


def table_value(e: Evaluator, table: str, rest: list[str], scope: Scope, context: Context) -> Any:
    """`table.column` of the innermost row, of an outer row, or in a filter of the row that links lead to."""
    if not scope.rows:
        raise NaiveError("level-mismatch", f"{table}.{'.'.join(rest)}")
    for name, row in reversed(scope.rows):
        if name == table:
            return row_value(e, row, table, rest, context)
    home, row = scope.rows[-1]
    route = e.data.route(home, table, scope.via) if scope.filter else None
    if route is None:
        raise NaiveError("mixed-tables", f"{home} and {table}")
    found = walk(e, row, route, context)
    return row_value(e, found, table, rest, context) if found else None


def row_value(e: Evaluator, row: Placed, table: str, names: Sequence[str], context: Context) -> Any:
    """Links walked with dots, then a column, a field, or the last link itself: the key that it holds."""
    home = e.data.tables[table]
    head, rest = names[0], names[1:]
    if head in home.columns and not rest:
        return row.values.get(head)
    if head in home.links:
        link = home.links[head]
        if not rest:
            return links.link_value(e, row, link, context)
        found = walk(e, row, (link,), context)
        return row_value(e, found, found.table, rest, context) if found else None
    if head in home.fields and not rest:
        text = home.fields[head].text
        return e.text(text, Scope(text, rows=((table, row),)), context)
    if head in e.data.columns[table] and not rest:
        return row.values.get(head)
    raise NaiveError("unknown-column", f"{table}.{head}")


def walk(e: Evaluator, row: Placed, route: Route, context: Context) -> Placed | None:
    """The row that links lead to; None where one leads nowhere, or to a row that its table's `where` leaves out."""
    found: Placed | None = row
    chosen = dict(row.chosen)
    for end, link in enumerate(route):
        if found is None:
            return None
        to = chosen[route[: end + 1]] if route[: end + 1] in chosen else links.target(e, found, link, context)
        found = Placed(to, row.when) if to else None
    return found if route else row


def belongs(e: Evaluator, row: Placed, context: Context) -> bool:
    """Whether a row is known and passes its table's own `where`; a member where a row that it is a value of does."""
    table = e.data.tables[row.table]
    if table.members:
        home, column = table.members
        return any(
            belongs(e, Placed(one, row.when), context) for one in e.data.having(home, [column], (row.values[column],))
        )
    if table.known is not None and not known(e, row, table.known, context):
        return False
    where = table.where
    return where is None or e.text(where.text, Scope(where.text, rows=((row.table, row),)), context) is True


def known(e: Evaluator, row: Placed, written: Text, context: Context) -> bool:
    """Whether a row was what was known: at the request's known_at, without one now."""
    low, high, span = links.ends(e, row.row, written, context)
    if span.low is not None and low is None:
        return False
    if e.known_at is None:
        return high is None
    starts = span.low is None or compare("<=", low, e.known_at)
    return starts and (high is None or compare("<=" if span.closed else "<", e.known_at, high))


def home_of(e: Evaluator, name: str) -> str:
    """The table that a dimension is a value of."""
    from naive.aggregate import heads

    dimension = e.declarations.dimensions[name]
    if dimension.to:
        return dimension.to
    from naive.evaluate import parsed

    assert dimension.formula is not None
    found = heads(e, parsed(dimension.formula.text), Scope(dimension.formula.text))
    if len(found) != 1:
        raise NaiveError("mixed-tables", name)
    return found.pop()


def dimension_route(e: Evaluator, name: str, table: str, via: Route | None) -> Route | None:
    """The links from a table to a dimension's home, and up its tree; None where it cannot be reached."""
    home = home_of(e, name)
    declared = e.declarations.dimensions[name]
    route = e.data.links(table, declared.routes[table]) if table in declared.routes else None
    route = e.data.route(table, home, via, route)
    if route is None or declared.tree is None:
        return route
    return (*route, Link(declared.tree, home, tree=declared.tree, level=declared.level))


def dimension(e: Evaluator, name: str, table: str, row: Placed, context: Context, via: Route | None) -> Any:
    """The dimension's value for a row; missing where the links lead nowhere."""
    route = dimension_route(e, name, table, via)
    if route is None:
        raise NaiveError("unreachable-dimension", f"{name} from {table}")
    found = walk(e, row, route, context)
    if found is None:
        return None
    formula = e.declarations.dimensions[name].formula
    if formula is None:
        return e.data.key(found.row)
    return e.text(formula.text, Scope(formula.text, rows=((found.table, found),)), context)


def linked(e: Evaluator, table: str, names: Sequence[str]) -> tuple[Link, ...]:
    """The links that `via` names, from the aggregate's table."""
    names = names[1:] if names[0] == table and len(names) > 1 and names[0] not in e.data.tables[table].links else names
    return e.data.links(table, names)


def as_date(e: Evaluator, value: Any) -> dt.date | None:
    """A value that dates a row, or missing."""
    if value is None or isinstance(value, dt.date):
        return value
    raise NaiveError("type-mismatch", str(value))
