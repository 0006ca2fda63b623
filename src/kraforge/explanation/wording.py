"""Bound expressions in the words of the language: names as they are resolved, macros and KPIs put in place.

What a used row field, dimension or KPI stands for is written by its name again.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, assert_never

from attrs import evolve, frozen

from kraforge.explanation import written
from kraforge.explanation.written import NOWHERE, code
from kraforge.functions.business import NAMES as BUSINESS
from kraforge.functions.operators import SIGNS
from kraforge.model.declarations import Link
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.semantics.pauses import paused
from kraforge.semantics.rows import below, rows_of, weigh
from kraforge.syntax import nodes
from kraforge.syntax.format import unparse

Links = tuple[Link, ...]
Key = tuple[str, ...]

LARGE: Final = 1_000
"""A KPI of more parts is not looked for in others."""
OPERATORS: Final[dict[str, Any]] = {name: sign for sign, name in SIGNS.items()} | {
    "add_time": "+",
    "subtract_time": "-",
    "elapsed": "-",
}


@frozen
class Home:
    """The row whose names need no table before them, or the row that `links` lead to from it.

    `full`: they get one all the same, as in the first argument of an aggregate. `named`: what has a name is written by it.
    """

    row: int = -1
    table: str = ""
    links: Links = ()
    full: bool = False
    named: bool = True


@frozen
class Named:
    """A row field (of `table`) or a dimension (`bare`) that an expression may be written as."""

    name: str
    table: str
    bare: bool
    expression: bound.Expression
    text: str


class Words:
    """Writes bound expressions as formulas. `used` are the definitions whose names are used where they fit."""

    def __init__(self, checked: Checked, used: Iterable[Key] = ()) -> None:
        self._checked = checked
        self._named: dict[Key, list[Named]] = {}
        self._kpis: dict[str, str] = {}
        self._parameters = [key[1] for key in used if key[0] == "parameter"]
        for key in used:
            if key[0] == "field":
                self._name(key[2], key[1], False, checked.field(key[1], key[2]))
            elif key[0] == "dimension":
                dimension = checked.dimension(key[1])
                self._name(key[1], dimension.table, True, dimension.expression)
        for key in used:
            if key[0] == "kpi" and weigh(checked.expression(key[1]))[0] <= LARGE:
                self._kpis.setdefault(self.spelled(checked.expression(key[1])), key[1])

    def text(self, expression: bound.Expression, home: Home = Home()) -> str:
        """The expression as a formula, seen from a row."""
        return unparse(self._node(expression, home))

    def spelled(self, measure: bound.Expression) -> str:
        """A measure as a formula, all of it spelled out."""
        return unparse(self._structure(measure, Home(named=False)))

    def aggregate(self, aggregate: bound.Aggregate) -> str:
        """An aggregate as a formula, which may be a KPI's, with fields and dimensions by their names."""
        return unparse(self._structure(aggregate, Home()))

    def code(self, expression: bound.Expression, home: Home = Home()) -> str:
        """The expression inside a sentence."""
        return code(self.text(expression, home))

    # ---- names for what they stand for

    def _name(self, name: str, table: str, bare: bool, expression: bound.Expression) -> None:
        kind = _kind(expression)
        if kind is not None and _anchor(expression) is not None:
            text = unparse(self._structure(expression, Home(0, table, named=False)))
            self._named.setdefault(kind, []).append(Named(name, table, bare, expression, text))

    def _written(self, expression: bound.Expression, home: Home) -> nodes.Path | None:
        """The name of a field, dimension or KPI that the expression is, seen from a row."""
        kind = _kind(expression)
        if self._kpis and home == Home() and kind is not None and not rows_of(expression):
            kpi = self._kpis.get(self.spelled(expression))
            return None if kpi is None else written.path(kpi)
        known = self._named.get(kind, []) if kind is not None else []
        found = _anchor(expression) if known else None
        if found is None:
            return None
        row, path, table = found
        for named in known:
            own = _anchor(named.expression)
            assert own is not None
            cut = len(path) - len(own[1])
            if cut < 0 or path[cut:] != own[1]:
                continue
            links = path[:cut]
            table = home.table if row == home.row else table
            if unparse(self._structure(expression, Home(row, table, links, named=False))) == named.text:
                if named.bare:
                    return written.path(named.name)
                return self._column(bound.Column(row, table, links, named.name, expression.type), home)
        return None

    # ---- nodes

    def _node(self, expression: bound.Expression, home: Home) -> nodes.Expression:
        return (home.named and self._written(expression, home)) or self._structure(expression, home)

    def _structure(self, expression: bound.Expression, home: Home) -> nodes.Expression:
        match expression:
            case bound.Constant():
                return written.constant(expression)
            case bound.Bound():
                return written.path(expression.name)
            case bound.Column():
                return self._column(expression, home)
            case bound.PeriodValue():
                return written.path("as_of") if expression.what == "as_of" else written.path("period", expression.what)
            case bound.Call():
                return self._call(expression, home)
            case bound.Case():
                rest = self._node(expression.otherwise, home)
                for condition, value in reversed(expression.branches):
                    rest = nodes.If(self._node(condition, home), self._node(value, home), rest, NOWHERE)
                return rest
            case bound.Aggregate():
                return self._aggregate(expression, home)
            case bound.InContext():
                return self._context(expression, home)
            case bound.Each():
                by = expression.unit or expression.dimension or ""
                further = [self._node(argument, home) for argument in expression.arguments]
                return written.call(
                    "each",
                    self._node(expression.operand, home),
                    written.path(by),
                    written.path(expression.function),
                    *further,
                )
            case bound.Rank():
                return written.call("rank", self._node(expression.operand, home))
            case bound.Band():
                operand = self._node(expression.operand, Home(0, expression.table, named=home.named))
                ties = [written.path("value")] if expression.by_value else []
                return written.call("band", operand, written.number(Decimal(expression.parts)), *ties)
            case bound.Versioned():
                return self._versioned(expression, home)
            case bound.ContextDimension():
                return written.path(expression.name)
            case bound.ContextColumn():
                return written.path(expression.table, *(link.name for link in expression.path), expression.name)
        assert_never(expression)

    def _column(self, column: bound.Column, home: Home) -> nodes.Path:
        for climb in (link for link in column.path if link.tree is not None):
            for dimension in self._checked.declarations.dimensions.values():
                if (dimension.to, dimension.tree, dimension.level) == (climb.to, climb.tree, climb.level):
                    return written.path(dimension.name)
        names = [*(link.name for link in column.path), column.name]
        if _between(column.path):
            names.pop()
        if column.row == home.row and column.path[: len(home.links)] == home.links:
            names = names[len(home.links) :]
            return written.path(home.table, *names) if home.full else written.path(*names)
        return written.path(column.table, *names)

    def _call(self, call: bound.Call, home: Home) -> nodes.Expression:
        function, arguments = call.function, [self._node(argument, home) for argument in call.arguments]
        if function in OPERATORS:
            if function in ("add", "subtract"):
                arguments = [written.bare(*pair) for pair in zip(call.arguments, arguments, strict=True)]
            return nodes.Binary(OPERATORS[function], arguments[0], arguments[1], NOWHERE)
        match function:
            case "not" if isinstance(arguments[0], nodes.Membership | nodes.Between) and not arguments[0].negated:
                return evolve(arguments[0], negated=True)
            case "not":
                return nodes.Unary("not", arguments[0], NOWHERE)
            case "negate":
                return nodes.Unary("-", arguments[0], NOWHERE)
            case "is_missing" | "is_present":
                return nodes.Presence(arguments[0], function == "is_present", NOWHERE)
            case "in":
                return nodes.Membership(arguments[0], tuple(arguments[1:]), False, NOWHERE)
            case "between":
                return nodes.Between(arguments[0], arguments[1], arguments[2], False, NOWHERE)
            case "significant":
                return arguments[0]
            case "start_of" | "end_of":
                unit = call.arguments[1]
                assert isinstance(unit, bound.Constant)
                return written.call(function, arguments[0], written.path(str(unit.value)))
            case "row_key":
                return self._link(call, home) or written.call(function, *arguments)
            case "_date" | "_day_end" | "_day_start":
                return arguments[0]
            case _ if function in BUSINESS:
                return written.call(function, *arguments[:2], *self._calendar(call.arguments[2], home))
            case _:
                return written.call(function, *arguments)

    def _calendar(self, calendar: bound.Expression, home: Home) -> Iterable[nodes.Expression]:
        """The calendar of a call of business time, where it is not the catalog's own."""
        match calendar:
            case bound.Constant(value=str() as name):
                return [written.path(name)] if name else []
            case bound.Call(function="_person", arguments=(_, key, *_)):
                person = self._node(key, home)
                return [nodes.Path(person.names[:-1], NOWHERE)] if isinstance(person, nodes.Path) else []
            case _:
                return [self._node(calendar, home)]

    def _link(self, key: bound.Call, home: Home) -> nodes.Path | None:
        """The link of several columns whose key is meant."""
        columns = [part for part in key.arguments if isinstance(part, bound.Column)]
        first = columns[0]
        if _between(first.path):
            return self._column(first, home)
        table = first.path[-1].to if first.path else first.table
        for link in self._checked.declarations.tables[table].links.values():
            if link.plain and link.by == tuple(column.name for column in columns):
                return self._column(evolve(first, name=link.name), home)
        return None

    def _aggregate(self, aggregate: bound.Aggregate, around: Home) -> nodes.Expression:
        home = Home(aggregate.row, aggregate.table, named=around.named)
        if aggregate.function == "covered":
            aggregate = paused(aggregate)
        table = written.path(aggregate.table)
        arguments: list[nodes.Argument]
        if aggregate.condition is not None:
            arguments = [table, self._node(aggregate.condition, home)]
        elif aggregate.arguments and any(_speaks_of(argument, aggregate.row) for argument in aggregate.arguments):
            arguments = [self._node(argument, evolve(home, full=True)) for argument in aggregate.arguments]
        else:
            arguments = [table, *(self._node(argument, home) for argument in aggregate.arguments)]
        modifiers = tuple(self._modifiers(aggregate, home))
        if modifiers:
            last = arguments[-1]
            assert not isinstance(last, nodes.Range | nodes.Pair)
            arguments[-1] = nodes.Modified(last, modifiers, NOWHERE)
        return written.call(aggregate.function, *arguments)

    def _modifiers(self, aggregate: bound.Aggregate, home: Home) -> Iterable[nodes.Modifier]:
        conditions = [
            nodes.Binary("=", self._node(own, home), self._node(outer, home), NOWHERE) for own, outer in aggregate.ties
        ]
        where = [*conditions, *([] if aggregate.where is None else [self._node(aggregate.where, home)])]
        if where:
            whole: nodes.Expression = where[0]
            for condition in where[1:]:
                whole = nodes.Binary("and", whole, condition, NOWHERE)
            yield nodes.Modifier("where", whole, NOWHERE)
        if aggregate.on is not None and aggregate.dated:
            yield nodes.Modifier("on", self._node(aggregate.on, home), NOWHERE)
        if aggregate.during is not None:
            during = aggregate.during
            yield nodes.Modifier("during", self._range(during.low, during.high, during.closed, home), NOWHERE)
        if aggregate.via:
            yield nodes.Modifier("via", written.path(*(link.name for link in aggregate.via)), NOWHERE)

    def _range(
        self, low: bound.Expression | None, high: bound.Expression | None, closed: bool, home: Home
    ) -> nodes.Range:
        ends = [None if end is None else self._node(end, home) for end in (low, high)]
        return nodes.Range(ends[0], ends[1], closed, NOWHERE)

    def _context(self, expression: bound.InContext, home: Home) -> nodes.Expression:
        operand, change = self._node(expression.operand, home), expression.change
        match change:
            case bound.Prior():
                word = "next" if change.forward else "prior"
                if change.length is not None:
                    return written.call(word, operand, written.length(change.length))
                return written.call(
                    word, operand, *([written.number(Decimal(change.periods))] if change.periods > 1 else [])
                )
            case bound.Trailing():
                return written.call(
                    "trailing", operand, *([] if change.length is None else [written.length(change.length)])
                )
            case bound.ToDate():
                return written.call("to_date", operand, written.path(change.unit))
            case bound.Ever() | bound.Anytime() | bound.Matched():
                return written.call(type(change).__name__.lower(), operand)
            case bound.Within():
                return written.call("within", operand, self._range(change.low, change.high, change.closed, home))
            case bound.Overall():
                dropped: list[nodes.Argument] = [written.path(name) for name in change.dimensions]
                dropped += [nodes.Pair(written.path(old), written.path(new), NOWHERE) for old, new in change.coarser]
                return written.call("overall", operand, *dropped, *([written.path("period")] if change.period else []))
            case bound.Filtered():
                condition = nodes.Modifier("where", self._node(change.condition, home), NOWHERE)
                return nodes.Modified(operand, (condition,), NOWHERE)
        assert_never(change)

    def _versioned(self, expression: bound.Versioned, home: Home) -> nodes.Expression:
        mine = [(start, getattr(value, "value", value)) for start, value in expression.versions]
        for name in self._parameters:
            known = self._checked.parameter(name)
            if isinstance(known, bound.Versioned):
                theirs = [(start, getattr(value, "value", value)) for start, value in known.versions]
                if mine == theirs:
                    return written.path(name)
        (_, first), *later = expression.versions
        rest = self._node(first, home)
        for start, value in later:
            day = nodes.Constant("date", start, NOWHERE, "")
            since = nodes.Binary(">=", written.path("period", "start"), day, NOWHERE)
            rest = nodes.If(since, self._node(value, home), rest, NOWHERE)
        return rest


def _between(path: Links) -> bool:
    """Whether a path ends at the table between of a link: what that has for the link is the link itself."""
    return bool(path) and bool(path[-1].match) and path[-1].through is None


def _kind(expression: bound.Expression) -> Key | None:
    """What two expressions share that may be written the same; None for those that need no name."""
    match expression:
        case bound.Call():
            return ("call", expression.function)
        case bound.Case():
            return ("case", str(len(expression.branches)))
        case bound.Aggregate():
            return ("aggregate", expression.function, expression.table)
        case bound.InContext():
            return ("context", type(expression.change).__name__)
        case _:
            return None


def _anchor(expression: bound.Expression) -> tuple[int, Links, str] | None:
    """The first row that an expression speaks of, with the links that it follows from there, and its table."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        match part:
            case bound.Column():
                return part.row, part.path, part.table
            case bound.Aggregate() if part.outer is not None:
                table = part.tie[-1].to if part.tie and not part.outer_path else ""
                return part.outer, part.outer_path, table
        waiting += reversed(list(below(part)))
    return None


def _speaks_of(expression: bound.Expression, row: int) -> bool:
    """Whether a column of a row stands in an expression, outside of aggregates."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, bound.Column) and part.row == row:
            return True
        if not isinstance(part, bound.Aggregate):
            waiting += below(part)
    return False
