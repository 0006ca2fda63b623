"""Aggregates: which rows count, and what they add up to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kraforge.syntax import nodes
from naive import counting, figures, links, names, values
from naive.context import ANY, Context, Filter, Group, Scope, Trace
from naive.data import Placed, Route, Row
from naive.values import NaiveError, same

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

FUNCTIONS = {
    "sum", "avg", "min", "max", "count", "count_distinct", "median", "percentile", "percentile_disc", "stddev",
    "first", "last", "rate", "any", "all", "covered",
}  # fmt: skip
CONDITIONS = {"rate", "any", "all"}
EMPTY = {"sum": 0, "count": 0, "count_distinct": 0, "any": False, "all": False, "covered": ()}


@dataclass
class Call:
    """An aggregate as written: its table, its expression (none for all rows), what stands after it."""

    function: str
    table: str
    expression: nodes.Argument | None
    fraction: nodes.Argument | None
    where: nodes.Argument | None
    on: nodes.Argument | None
    during: nodes.Range | None
    via: Route | None


def compares(e: Evaluator, node: nodes.Call, scope: Scope) -> bool:
    """Whether min or max compares several values instead of aggregating one."""
    if node.name.text not in ("min", "max") or len(node.arguments) == 1:
        return False
    return table_name(e, bare(node.arguments[0]), scope) is None


def bare(argument: nodes.Argument) -> nodes.Argument:
    """An argument without its modifiers."""
    while isinstance(argument, nodes.Modified):
        argument = argument.operand
    return argument


def in_brackets(node: nodes.Modified) -> bool:
    """Whether brackets close after the modifiers, which then belong to a measure inside."""
    return node.span.end > node.modifiers[-1].span.end


def table_name(e: Evaluator, argument: nodes.Argument, scope: Scope) -> str | None:
    """The table that an argument names, if it is one bare name of a table; of what is due in `expected(…)` too."""
    if isinstance(argument, nodes.Call) and argument.name.text == "expected" and len(argument.arguments) == 1:
        return table_name(e, argument.arguments[0], replace(scope, rows=()))
    if not isinstance(argument, nodes.Path) or len(argument.names) != 1:
        return None
    name = argument.names[0].text
    if name in scope.arguments:
        inner, outer = scope.arguments[name]
        return table_name(e, inner, outer)
    if scope.rows and not scope.filter and names.declared(e, scope.rows[-1][0], name):
        return None
    return name if name in e.data.tables else None


def heads(e: Evaluator, node: Any, scope: Scope) -> set[str]:
    """The tables that the columns of an expression start from, nested aggregates left out."""
    if isinstance(node, nodes.Path):
        head = node.names[0].text
        if head in scope.arguments:
            return heads(e, *scope.arguments[head])
        return {head} if len(node.names) > 1 and head in e.data.tables else set()
    if isinstance(node, nodes.Call):
        if node.name.text in FUNCTIONS and not compares(e, node, scope):
            return set()
        if macro := e.declarations.functions.get(node.name.text):
            from naive.evaluate import parsed

            arguments = dict(zip(macro.parameters, ((a, scope) for a in node.arguments), strict=True))
            return heads(e, parsed(macro.formula.text), Scope(macro.formula.text, arguments))
    found: set[str] = set()
    for part in parts(node):
        found |= heads(e, part, scope)
    return found


def parts(node: Any) -> list[Any]:
    """The nodes right below a node."""
    match node:
        case nodes.Call():
            return list(node.arguments)
        case nodes.Binary():
            return [node.left, node.right]
        case nodes.Unary() | nodes.Presence():
            return [node.operand]
        case nodes.Membership():
            return [node.operand, *node.items]
        case nodes.Between():
            return [node.operand, node.low, node.high]
        case nodes.If():
            return [node.condition, node.then, node.otherwise]
        case nodes.Range():
            return [part for part in (node.low, node.high) if part]
        case nodes.Pair():
            return [node.key, node.value]
        case nodes.Modified():
            return [node.operand, *(modifier.value for modifier in node.modifiers)]
        case _:
            return []


def read(e: Evaluator, node: nodes.Call, scope: Scope) -> Call:
    """An aggregate's table, expression and modifiers, wherever they stand."""
    arguments, modifiers = [], {}
    for argument in node.arguments:
        while isinstance(argument, nodes.Modified) and not in_brackets(argument):
            modifiers.update({modifier.word: modifier.value for modifier in argument.modifiers})
            argument = argument.operand
        arguments.append(argument)
    fraction = arguments.pop() if node.name.text in ("percentile", "percentile_disc") else None
    table = table_name(e, arguments[0], scope)
    expression = arguments[0] if table is None else arguments[1] if len(arguments) > 1 else None
    if table is None:
        outer = {name for name, _ in scope.rows}
        starts = heads(e, expression, scope)
        starts = starts - outer or starts
        if len(starts) != 1:
            raise NaiveError("mixed-tables" if starts else "unknown-table", node.name.text)
        table = starts.pop()
    via = modifiers.get("via")
    route = names.linked(e, table, [name.text for name in via.names]) if isinstance(via, nodes.Path) else None
    during = modifiers.get("during")
    assert during is None or isinstance(during, nodes.Range)
    where, on = modifiers.get("where"), modifiers.get("on")
    return Call(node.name.text, table, expression, fraction, where, on, during, route)


def value(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """An aggregate's value in a context, under its outer rows; remembered with what it told the trace."""
    if scope.arguments:
        return values.ordinary(_value(e, node, scope, context))
    key = (id(node), scope.rows, scope.empty_missing, context, e.trace.required)
    if key not in e.memo:
        before, e.trace.group, e.trace.dated = (e.trace.group, e.trace.dated), False, False
        result = values.ordinary(_value(e, node, scope, context))
        e.memo[key] = result, e.trace.group, e.trace.dated
        e.trace.group, e.trace.dated = before
    result, group, dated = e.memo[key]
    e.trace.group |= group
    e.trace.dated |= dated
    return result


def _value(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    call = read(e, node, scope)
    found: list[tuple[Any, Row, Any]] = []
    weights: list[Any] = []
    behind = 0
    asked, inner = constraints(e, call, context)
    tie = tie_of(e, call, scope)
    several = links.steps([route for one in asked for route in routes(e, one, call)] + ([tie] if tie else []))
    for row in counting.near(e, call, inner):
        placed, date = counting.counted(e, call, row, scope, inner)
        if placed is None:
            continue
        ways = [
            way
            for way in links.choices(e, placed, several, inner)
            if counting.tied(e, placed.choosing(way.chosen), tie, scope, inner)
            and all(meets(e, one, call, placed.choosing(way.chosen), inner) for one in asked)
        ]
        weight = links.credit(ways)
        if weight is None:
            continue
        here = scope.inside(call.table, placed, call.via)
        passed = True if call.where is None else e.value(call.where, here, inner)
        result = True if call.expression is None else e.value(call.expression, here, inner)
        if passed is not True:
            continue
        behind += 1
        if call.function in CONDITIONS and call.expression is not None:
            result = result is True
        if result is not None:
            found.append((result, row, date))
            weights.append(weight)
    tell(e, call, context, inner, behind)
    if not found:
        return None if scope.empty_missing else EMPTY.get(call.function)
    if call.function in figures.WEIGHED and any(weight != 1 for weight in weights):
        return figures.WEIGHED[call.function]([result for result, _, _ in found], weights)
    fraction = e.value(call.fraction, scope, context) if call.fraction is not None else None
    ordered = found
    if call.function in ("first", "last"):
        ordered = in_order(e, found)
        if not ordered:
            return None
    return figures.FIGURES[call.function]([result for result, _, _ in ordered], fraction)


def tell(e: Evaluator, call: Call, context: Context, inner: Context, behind: int) -> None:
    """Notes in the trace that rows were behind this aggregate."""
    if not behind:
        return
    newly = inner.applied - context.applied
    if not e.trace.required <= inner.applied:
        return
    if newly & e.trace.required:
        e.trace.group = True
    if call.on is not None or call.during is not None or e.data.tables[call.table].date is not None:
        e.trace.dated = True


def in_order(e: Evaluator, found: list[tuple[Any, Row, Any]]) -> list[tuple[Any, Row, Any]]:
    """Rows by the date that counts them, then by key; those of a dated table without a date are left out."""

    def place(one: tuple[Any, Row, Any]) -> tuple[Any, ...]:
        key = e.data.key(one[1])
        when = one[2]
        moment = values.instant(when) if isinstance(when, dt.datetime) else when
        return (() if when is True else (moment,)) + (key if isinstance(key, tuple) else (key,))

    return sorted((one for one in found if one[2] is not False), key=place)


def constraints(e: Evaluator, call: Call, context: Context) -> tuple[list[Group | Filter], Context]:
    """The groups and filters that this aggregate's table reaches, and the context inside, where they are done with."""
    asked = [one for one in context.pending() if reaches(e, one, call)]
    inner = context.having([one.number for one in asked])
    if inner.pending() and not any(nested(e, part) for part in (call.expression, call.where, call.on) if part):
        raise NaiveError("unreachable-dimension", f"from {call.table}")
    return asked, inner


def nested(e: Evaluator, node: Any) -> bool:
    """Whether there may be an aggregate in an expression: a call of one, or a name that can stand for a formula."""
    if isinstance(node, nodes.Call) and (node.name.text in FUNCTIONS or node.name.text in e.declarations.functions):
        return True
    if isinstance(node, nodes.Path):
        fields = {name for table in e.data.tables.values() for name in table.fields}
        last = node.names[-1].text
        return last in fields or last in e.declarations.kpis or last in e.declarations.dimensions
    return any(nested(e, part) for part in parts(node))


def reaches(e: Evaluator, one: Group | Filter, call: Call) -> bool:
    """Whether a table's rows can be asked a constraint."""
    return None not in asked_routes(e, one, call)


def routes(e: Evaluator, one: Group | Filter, call: Call) -> list[Route]:
    """The links that lead to all that a constraint asks of a row."""
    return [route for route in asked_routes(e, one, call) if route]


def asked_routes(e: Evaluator, one: Group | Filter, call: Call) -> list[Route | None]:
    """The links to each thing that a constraint asks; None where there is no way."""
    if isinstance(one, Group):
        return [names.dimension_route(e, one.dimension, call.table, call.via)]
    return [
        names.dimension_route(e, name, call.table, call.via)
        if what == "dimension"
        else e.data.route(call.table, name, call.via)
        for what, name in mentioned(e, one.condition, one.scope)
    ]


def mentioned(e: Evaluator, node: Any, scope: Scope) -> set[tuple[str, str]]:
    """The dimensions and tables that a filter asks of a row; outer rows' tables are not among them."""
    if isinstance(node, nodes.Path):
        head = node.names[0].text
        if head in scope.arguments:
            return mentioned(e, *scope.arguments[head])
        if len(node.names) > 1:
            outer = {name for name, _ in scope.rows}
            return {("table", head)} if head in e.data.tables and head not in outer else set()
        known = head in e.given or head in e.declarations.parameters or head in e.declarations.kpis
        return {("dimension", head)} if head in e.declarations.dimensions and not known else set()
    found: set[tuple[str, str]] = set()
    for part in parts(node):
        found |= mentioned(e, part, scope)
    return found


def meets(e: Evaluator, one: Group | Filter, call: Call, row: Placed, inner: Context) -> bool:
    """Whether a row is in a group, or passes a filter.

    Aggregates in what is asked there know nothing of other groups and filters, and speak for nothing.
    """
    outer, e.trace = e.trace, Trace()
    met = _meets(e, one, call, row, replace(inner, constraints=()))
    e.trace = outer
    return met


def _meets(e: Evaluator, one: Group | Filter, call: Call, row: Placed, inner: Context) -> bool:
    if isinstance(one, Filter):
        place = one.scope.inside(call.table, row, call.via, asked=True)
        return e.value(one.condition, place, inner) is True
    if one.coarser:
        return same(coarse(e, one, call, row, inner), one.value)
    found = names.dimension(e, one.dimension, call.table, row, inner, call.via)
    if one.value is ANY:
        if not any(same(found, other) for other in one.seen):
            one.seen.append(found)
        return True
    return same(found, one.value)


def coarse(e: Evaluator, one: Group, call: Call, row: Placed, inner: Context) -> Any:
    """The coarser dimension's value of the member that a row belongs to."""
    route = names.dimension_route(e, one.dimension, call.table, call.via)
    assert route is not None
    member = names.walk(e, row, route, inner)
    if member is None:
        return None
    return names.dimension(e, str(one.coarser), member.table, Placed(member.row, one.day), inner, None)


def tie_of(e: Evaluator, call: Call, scope: Scope) -> Route | None:
    """The links from this table's rows to the innermost outer row; None where only an equality ties them."""
    if not scope.rows:
        return None
    home = scope.rows[-1][0]
    if home == call.table and not call.via:
        raise NaiveError("unreachable-table", f"{call.table} under itself")
    return e.data.route(call.table, home, call.via)
