"""Bound expressions in the words of the language: names as they are resolved, macros and KPIs put in place.

What a used row field, dimension or KPI stands for is written by its name again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, assert_never

from attrs import evolve, frozen

from kraforge.functions.operators import SIGNS
from kraforge.model.declarations import Link
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.semantics.rows import below, rows_of
from kraforge.syntax import nodes
from kraforge.syntax.format import unparse
from kraforge.text import Span

Links = tuple[Link, ...]
Key = tuple[str, ...]

NOWHERE: Final = Span(0, 0)
OPERATORS: Final[dict[str, Any]] = {name: sign for sign, name in SIGNS.items()} | {
    "add_time": "+",
    "subtract_time": "-",
    "elapsed": "-",
}


def safe(text: str) -> str:
    """The text on one line, with what a terminal would act on written as an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def code(text: str) -> str:
    """A piece of the language inside a sentence, in backticks as Markdown has them."""
    text = safe(text)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def name(*names: str) -> str:
    """Names with dots between them as formulas write them, in backticks where they need these."""
    return safe(unparse(_path(*names)))


@frozen
class Home:
    """The row whose names need no table before them, or the row that `links` lead to from it.

    `full`: they get one all the same, as in the first argument of an aggregate.
    """

    row: int = -1
    table: str = ""
    links: Links = ()
    full: bool = False


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
            if key[0] == "kpi":
                self._kpis.setdefault(self.spelled(checked.expression(key[1])), key[1])

    def text(self, expression: bound.Expression, home: Home = Home()) -> str:
        """The expression as a formula, seen from a row."""
        return unparse(self._node(expression, home))

    def spelled(self, measure: bound.Expression) -> str:
        """A measure as a formula, without the names of KPIs."""
        return unparse(self._structure(measure, Home()))

    def code(self, expression: bound.Expression, home: Home = Home()) -> str:
        """The expression inside a sentence."""
        return code(self.text(expression, home))

    # ---- names for what they stand for

    def _name(self, name: str, table: str, bare: bool, expression: bound.Expression) -> None:
        kind = _kind(expression)
        if kind is not None and _anchor(expression) is not None:
            text = unparse(self._structure(expression, Home(0, table)))
            self._named.setdefault(kind, []).append(Named(name, table, bare, expression, text))

    def _written(self, expression: bound.Expression, home: Home) -> nodes.Path | None:
        """The name of a field, dimension or KPI that the expression is, seen from a row."""
        kind = _kind(expression)
        if self._kpis and home == Home() and kind is not None and not rows_of(expression):
            kpi = self._kpis.get(self.spelled(expression))
            return None if kpi is None else _path(kpi)
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
            if unparse(self._structure(expression, Home(row, table, links))) == named.text:
                if named.bare:
                    return _path(named.name)
                return self._column(bound.Column(row, table, links, named.name, expression.type), home)
        return None

    # ---- nodes

    def _node(self, expression: bound.Expression, home: Home) -> nodes.Expression:
        return self._written(expression, home) or self._structure(expression, home)

    def _structure(self, expression: bound.Expression, home: Home) -> nodes.Expression:
        match expression:
            case bound.Constant():
                return _constant(expression)
            case bound.Bound():
                return _path(expression.name)
            case bound.Column():
                return self._column(expression, home)
            case bound.PeriodValue():
                return _path("as_of") if expression.what == "as_of" else _path("period", expression.what)
            case bound.Call():
                return self._call(expression, home)
            case bound.Case():
                rest = self._node(expression.otherwise, home)
                for condition, value in reversed(expression.branches):
                    rest = nodes.If(self._node(condition, home), self._node(value, home), rest, NOWHERE)
                return rest
            case bound.Aggregate():
                return self._aggregate(expression)
            case bound.InContext():
                return self._context(expression, home)
            case bound.Each():
                by = expression.unit or expression.dimension or ""
                further = [self._node(argument, home) for argument in expression.arguments]
                return _call(
                    "each", self._node(expression.operand, home), _path(by), _path(expression.function), *further
                )
            case bound.Rank():
                return _call("rank", self._node(expression.operand, home))
            case bound.Band():
                operand = self._node(expression.operand, Home(0, expression.table))
                ties = [_path("value")] if expression.by_value else []
                return _call("band", operand, _number(Decimal(expression.parts)), *ties)
            case bound.Versioned():
                return self._versioned(expression, home)
            case bound.ContextDimension():
                return _path(expression.name)
            case bound.ContextColumn():
                return _path(expression.table, *(link.name for link in expression.path), expression.name)
        assert_never(expression)

    def _column(self, column: bound.Column, home: Home) -> nodes.Path:
        names = [*(link.name for link in column.path), column.name]
        if column.row == home.row and column.path[: len(home.links)] == home.links:
            names = names[len(home.links) :]
            return _path(home.table, *names) if home.full else _path(*names)
        return _path(column.table, *names)

    def _call(self, call: bound.Call, home: Home) -> nodes.Expression:
        function, arguments = call.function, [self._node(argument, home) for argument in call.arguments]
        if function in OPERATORS:
            if function in ("add", "subtract"):
                arguments = [_bare(*pair) for pair in zip(call.arguments, arguments, strict=True)]
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
                return _call(function, arguments[0], _path(str(unit.value)))
            case "row_key":
                return self._link(call, home) or _call(function, *arguments)
            case _:
                return _call(function, *arguments)

    def _link(self, key: bound.Call, home: Home) -> nodes.Path | None:
        """The link of several columns whose key is meant."""
        columns = [part for part in key.arguments if isinstance(part, bound.Column)]
        first = columns[0]
        table = first.path[-1].to if first.path else first.table
        for link in self._checked.declarations.tables[table].links.values():
            if link.by == tuple(column.name for column in columns):
                return self._column(evolve(first, name=link.name), home)
        return None

    def _aggregate(self, aggregate: bound.Aggregate) -> nodes.Expression:
        home = Home(aggregate.row, aggregate.table)
        table = _path(aggregate.table)
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
        return _call(aggregate.function, *arguments)

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
            yield nodes.Modifier("via", _path(*(link.name for link in aggregate.via)), NOWHERE)

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
                    return _call(word, operand, _length(change.length))
                return _call(word, operand, *([_number(Decimal(change.periods))] if change.periods > 1 else []))
            case bound.Trailing():
                return _call("trailing", operand, *([] if change.length is None else [_length(change.length)]))
            case bound.ToDate():
                return _call("to_date", operand, _path(change.unit))
            case bound.Ever() | bound.Anytime() | bound.Matched():
                return _call(type(change).__name__.lower(), operand)
            case bound.Within():
                return _call("within", operand, self._range(change.low, change.high, change.closed, home))
            case bound.Overall():
                dropped: list[nodes.Argument] = [_path(name) for name in change.dimensions]
                dropped += [nodes.Pair(_path(old), _path(new), NOWHERE) for old, new in change.coarser]
                return _call("overall", operand, *dropped, *([_path("period")] if change.period else []))
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
                    return _path(name)
        (_, first), *later = expression.versions
        rest = self._node(first, home)
        for start, value in later:
            day = nodes.Constant("date", start, NOWHERE, "")
            since = nodes.Binary(">=", _path("period", "start"), day, NOWHERE)
            rest = nodes.If(since, self._node(value, home), rest, NOWHERE)
        return rest


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


def _path(*names: str) -> nodes.Path:
    return nodes.Path(tuple(nodes.Name(name, NOWHERE) for name in names), NOWHERE)


def _call(name: str, *arguments: nodes.Argument) -> nodes.Call:
    return nodes.Call(nodes.Name(name, NOWHERE), arguments, NOWHERE)


def _number(value: Decimal) -> nodes.Constant:
    return nodes.Constant("number", value, NOWHERE, "")


def _length(length: bound.Length) -> nodes.Constant:
    return nodes.Constant("duration", Decimal(length.number), NOWHERE, "", length.unit)


def _bare(operand: bound.Expression, node: nodes.Expression) -> nodes.Expression:
    """A whole number beside a ratio, as in `1 - r`."""
    if isinstance(operand, bound.Constant) and isinstance(operand.value, Decimal) and operand.type.kind == "ratio":
        whole = operand.value.to_integral_value()
        return _number(whole) if operand.value == whole >= 0 else node
    return node


def _constant(constant: bound.Constant) -> nodes.Expression:
    value, kind = constant.value, constant.type.kind
    written: Any = kind
    unit = constant.unit or constant.type.currency
    match value:
        case None:
            written = "missing"
        case bool():
            written = "bool"
        case Decimal() if value < 0:
            return nodes.Unary("-", _constant(evolve(constant, value=-value)), NOWHERE)
        case Decimal() if kind == "ratio":
            written, value = "percent", value * 100
        case Decimal() if kind not in ("money", "duration"):
            written = "number"
        case str():
            written = "text"
        case dt.datetime():
            written = "timestamp"
        case dt.date():
            written = "date"
    if isinstance(value, Decimal):
        value = _plain(value)
    return nodes.Constant(written, value, NOWHERE, "", unit)


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end."""
    return (
        value.quantize(Decimal(1))
        if value == value.to_integral_value() and value.adjusted() < 27
        else value.normalize()
    )
