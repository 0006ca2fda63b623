"""A formula's value at one place: one cell, and inside aggregates one row. Nothing is cut short: every part is evaluated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from kraforge.model.declarations import Declarations, Kpi, Link, Parameter
from kraforge.syntax import nodes
from kraforge.syntax.parse import parse
from naive import aggregate, business, calendars, changes, grains, kinds, names, populations, scalars, values
from naive.calendar import Almanac
from naive.context import Context, Group, Scope, Trace
from naive.data import Data, Row
from naive.values import Length, Money, NaiveError
from naive.worktime import Reach, Schedule

parsed = cache(parse)


class Evaluator:
    """The state of one request: its data, its as_of, the whole window, the groups known so far."""

    def __init__(self, data: Data, as_of: dt.date | None, given: Mapping[str, Any], known_at: Any = None) -> None:
        self.data = data
        data.made = lambda table: populations.records(self, table)
        self.declarations: Declarations = data.declarations
        self.as_of = as_of
        self.given = given
        self.known_at = known_at
        self.sound: set[Link] = set()
        self.sequences: dict[Link, dict[Row, Row]] = {}
        self.schedules: dict[Any, Schedule] = {}
        self.pauses: dict[int, nodes.Call] = {}
        self.sums: dict[int, nodes.Call] = {}
        self.asks_days = self.asks_dates = self.into_dimensions = False
        self.whole: Context | None = None
        self.groups: list[tuple[Any, ...]] | None = None
        self.grouping: list[Group] = []
        self.trace = Trace()
        self.memo: dict[Any, tuple[Any, bool, bool]] = {}
        self.almanac = Almanac.of(data.declarations.calendar, grains.Units(self))

    @property
    def reach(self) -> Reach:
        """How far calendars go."""
        return calendars.reach(self)

    def value(self, node: nodes.Argument, scope: Scope, context: Context) -> Any:
        """The value of an expression; None is missing."""
        match node:
            case nodes.Constant():
                return self.constant(node)
            case nodes.Path():
                return names.path_value(self, node, scope, context)
            case nodes.Unary(operator="-"):
                return values.negative(self.value(node.operand, scope, context))
            case nodes.Unary():
                return self.value(node.operand, scope, context) is not True
            case nodes.Binary():
                if node.operator == "-" and (net := business.netted(self, node, scope, context)):
                    return net[0]
                left, right = self.value(node.left, scope, context), self.value(node.right, scope, context)
                found = binary(node.operator, left, right)
                return self.one_of(node, found, scope) if node.operator == "else" else found
            case nodes.Presence():
                return (self.value(node.operand, scope, context) is not None) == node.present
            case nodes.Membership():
                value = self.value(node.operand, scope, context)
                found = [values.compare("=", value, self.value(item, scope, context)) for item in node.items]
                return any(found) != node.negated
            case nodes.Between():
                value, low, high = (self.value(x, scope, context) for x in (node.operand, node.low, node.high))
                return (values.compare(">=", value, low) and values.compare("<=", value, high)) != node.negated
            case nodes.If():
                condition = self.value(node.condition, scope, context)
                branches = self.value(node.then, scope, context), self.value(node.otherwise, scope, context)
                return self.one_of(node, branches[0] if condition is True else branches[1], scope)
            case nodes.Modified():
                return changes.filtered(self, node, scope, context)
            case nodes.Call():
                return self.call(node, scope, context)
        raise NaiveError("syntax", str(node))

    def one_of(self, node: nodes.Argument, found: Any, scope: Scope) -> Any:
        """The value that was taken of several; a date is a moment where another would have been a timestamp."""
        if isinstance(found, dt.date) and kinds.kind(self, node, scope) == "timestamp":
            return values.moment(found, self.data.zone)
        return found

    def call(self, node: nodes.Call, scope: Scope, context: Context) -> Any:
        """A macro, an aggregate, a context function or a scalar function."""
        name = node.name.text
        if macro := self.declarations.functions.get(name):
            arguments = dict(zip(macro.parameters, ((a, scope) for a in node.arguments), strict=True))
            inner = replace(scope, text=macro.formula.text, arguments=arguments)
            return self.value(parsed(macro.formula.text), inner, context)
        if name in aggregate.FUNCTIONS and not aggregate.compares(self, node, scope):
            return aggregate.value(self, node, scope, context)
        if name in changes.FUNCTIONS:
            return changes.FUNCTIONS[name](self, node, scope, context)
        if name in scalars.FUNCTIONS:
            arguments = [self.value(argument, scope, context) for argument in node.arguments]
            return self.one_of(node, scalars.FUNCTIONS[name](self, *arguments), scope)
        if name in business.FORMS:
            return business.FORMS[name](self, node, scope, context)
        if name in scalars.FORMS:
            return scalars.FORMS[name](self, node, scope, context)
        raise NaiveError("unknown-function", name)

    def constant(self, node: nodes.Constant) -> Any:
        """A literal's value."""
        match node.kind:
            case "percent":
                return Decimal(node.value) / 100  # type: ignore[arg-type]
            case "money":
                return Money(node.value)  # type: ignore[arg-type]
            case "duration":
                return Length(node.value, str(node.unit))  # type: ignore[arg-type]
            case "number":
                number = Decimal(node.value)  # type: ignore[arg-type]
                return int(number) if number == int(number) else number
            case "timestamp":
                return self.data.local(node.value)  # type: ignore[arg-type]
            case _:
                return node.value

    def text(self, formula: str, scope: Scope, context: Context) -> Any:
        """The value of a formula of the catalog."""
        return self.value(parsed(formula), scope, context)

    def kpi(self, name: str, scope: Scope, context: Context) -> Any:
        """A KPI at this place, by the version in force at the start of the answer's period."""
        kpi = self.declarations.kpis[name]
        formula = self.version(kpi, context)
        inner = Scope(formula, rows=scope.rows, filter=scope.filter, kpi=name, empty_missing=kpi.empty_missing)
        return self.text(formula, inner, context)

    def version(self, versioned: Kpi | Parameter, context: Context) -> str:
        """The text in force on the first day of the answer's whole period, without a grain of its window."""
        start = context.first
        found = versioned.versions[0].value.text
        for version in versioned.versions[1:]:
            if start is not None and version.start is not None and version.start <= start:
                found = version.value.text
        return found

    def valuation(self, context: Context) -> dt.date:
        """as_of: the earlier of the request's and the context's last day; without an end the request's, else the cell's."""
        last = context.effective().last_day()
        if last is None:
            last = self.as_of or context.cell.last_day()
        if last is None:
            raise NaiveError("needs-period", "as_of")
        return min(last, self.as_of) if self.as_of else last


def binary(operator: str, left: Any, right: Any) -> Any:
    """An operator applied to two values."""
    match operator:
        case "+":
            return values.add(left, right)
        case "-":
            return values.subtract(left, right)
        case "*":
            return values.multiply(left, right)
        case "/":
            return values.divide(left, right)
        case "and":
            return left is True and right is True
        case "or":
            return left is True or right is True
        case "else":
            return right if left is None else left
        case _:
            return values.compare(operator, left, right)
