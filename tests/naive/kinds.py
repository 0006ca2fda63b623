"""Whether an expression is a date or a timestamp, told from how it is written: where both meet, the date is a moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kraforge.syntax import nodes
from naive.context import Scope

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

SAME = {
    "prior", "next", "trailing", "to_date", "ever", "within", "anytime", "matched", "overall", "each", "add_business_days",
}  # fmt: skip
KEPT = {"min", "max", "first", "last", "percentile_disc"}
DATES = {"start_of", "end_of"}
NAMED = {("as_of",), ("period", "start"), ("period", "end")}


def kind(e: Evaluator, node: Any, scope: Scope) -> str | None:
    """`timestamp`, `date`, or None for anything else."""
    match node:
        case nodes.Constant():
            return node.kind if node.kind in ("date", "timestamp") else None
        case nodes.Path():
            return of_path(e, [name.text for name in node.names], scope)
        case nodes.Modified():
            return kind(e, node.operand, scope)
        case nodes.Binary(operator="else"):
            return common(e, scope, node.left, node.right)
        case nodes.If():
            return common(e, scope, node.then, node.otherwise)
        case nodes.Binary(operator="+" | "-"):
            left, right = kind(e, node.left, scope), kind(e, node.right, scope)
            return None if left and right else left or right
        case nodes.Call():
            return of_call(e, node, scope)
    return None


def common(e: Evaluator, scope: Scope, *options: Any) -> str | None:
    """The kind of a value that is one of several: a timestamp where one of them is."""
    found = {kind(e, option, scope) for option in options}
    return "timestamp" if "timestamp" in found else "date" if "date" in found else None


def of_call(e: Evaluator, node: nodes.Call, scope: Scope) -> str | None:
    from naive import aggregate
    from naive.evaluate import parsed

    name = node.name.text
    if macro := e.declarations.functions.get(name):
        arguments = dict(zip(macro.parameters, ((a, scope) for a in node.arguments), strict=True))
        return kind(e, parsed(macro.formula.text), replace(scope, text=macro.formula.text, arguments=arguments))
    if name in aggregate.FUNCTIONS and not aggregate.compares(e, node, scope):
        call = aggregate.read(e, node, scope)
        inner = scope.inside(call.table, None)  # type: ignore[arg-type]
        return kind(e, call.expression, inner) if name in KEPT else None
    if name in ("min", "max"):
        return common(e, scope, *node.arguments)
    if name == "add_business_hours":
        return "timestamp"
    if name in DATES:
        return "date"
    return kind(e, node.arguments[0], scope) if name in SAME else None


def of_path(e: Evaluator, names: list[str], scope: Scope) -> str | None:
    """The kind of what a path stands for, found as its value is."""
    from naive.evaluate import parsed
    from naive.names import declared

    head, rest = names[0], names[1:]
    if head in scope.arguments:
        argument, outer = scope.arguments[head]
        place = replace(outer, rows=scope.rows, filter=scope.filter, via=scope.via)
        if rest and isinstance(argument, nodes.Path):
            return of_path(e, [*(name.text for name in argument.names), *rest], place)
        return kind(e, argument, place)
    if scope.answer is not None and head in scope.answer:
        return of_value(scope.answer[head])
    if scope.rows and not scope.filter and declared(e, scope.rows[-1][0], head):
        return of_column(e, scope.rows[-1][0], names)
    if tuple(names) in NAMED:
        return "date"
    if rest and head in e.data.tables:
        return of_column(e, head, rest)
    known = e.declarations
    if head in e.given:
        return of_value(e.given[head])
    for versioned in (known.parameters.get(head), known.kpis.get(head)):
        if versioned is not None:
            text = versioned.versions[0].value.text
            return kind(e, parsed(text), Scope(text, rows=scope.rows))
    if head in known.dimensions and (formula := known.dimensions[head].formula):
        return kind(e, parsed(formula.text), Scope(formula.text))
    return of_column(e, scope.rows[-1][0], names) if scope.rows else None


def of_column(e: Evaluator, table: str, names: list[str]) -> str | None:
    """The kind of a column, a field, or one of a linked row."""
    from naive.evaluate import parsed

    home = e.data.tables[table]
    head, rest = names[0], names[1:]
    if head in home.links:
        return of_column(e, home.links[head].to, rest) if rest else None
    if head in home.fields:
        text = home.fields[head].text
        return kind(e, parsed(text), Scope(text, rows=((table, None),)))  # type: ignore[arg-type]
    if head in home.columns:
        found = home.columns[head].type.kind
        return found if found in ("date", "timestamp") else None
    return next((of_value(row.values[head]) for row in e.data.rows(table) if row.values.get(head) is not None), None)


def of_value(value: Any) -> str | None:
    if isinstance(value, dt.date):
        return "timestamp" if isinstance(value, dt.datetime) else "date"
    return None
