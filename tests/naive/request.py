"""A request's rows: the window, its periods, the groups, then having, order and limit."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from attrs import evolve

from kraforge.model.declarations import Declarations
from kraforge.syntax import nodes
from kraforge.syntax.format import unparse
from kraforge.text import Span
from naive import aggregate, changes, counting, values
from naive.calendar import Bounds
from naive.context import ANY, Context, Filter, Group, Scope, Trace
from naive.data import Data, Placed, Row
from naive.evaluate import Evaluator, parsed
from naive.values import NaiveError, compare, local_date, same

Rows = list[dict[str, Any]]


@dataclass
class Asked:
    """A request's words."""

    kpis: dict[str, tuple[str | None, bool]]
    window: Any = None
    grain: str | None = None
    by: Sequence[str] = ()
    where: str | None = None
    having: str | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    as_of: dt.date | None = None
    order_by: Sequence[str] = ()
    limit: int | None = None
    totals: bool | Sequence[str] = ()
    sparse: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)
    known_at: Any = None

    @classmethod
    def of(cls, request: Any) -> Asked:
        """A request from the words of `Workspace.query`; a KPI is a name, a formula or a mapping."""
        words = {key: value for key, value in request.items() if value is not None}
        kpis: Any = words.pop("kpis")
        if isinstance(kpis, str):
            kpis = [kpis]
        read: dict[str, tuple[str | None, bool]] = {}
        for name in kpis:
            formula = kpis[name] if isinstance(kpis, Mapping) else None
            if isinstance(formula, Mapping):
                read[name] = str(formula["formula"]), formula.get("empty") == "missing"
            else:
                read[name] = formula, False
        for name in ("by", "order_by"):
            if isinstance(words.get(name), str):
                words[name] = [words[name]]
        if isinstance(words.get("as_of"), str):
            words["as_of"] = dt.date.fromisoformat(words["as_of"])
        return cls(read, **words)


def answer(declarations: Declarations, tables: Mapping[str, Sequence[Mapping[str, Any]]], request: Any) -> Rows:
    """The rows that `Workspace.query` gives for the same request."""
    asked = Asked.of(request)
    declarations = with_trees(declarations, asked.by)
    data = Data(declarations, tables)
    if asked.known_at is not None and not any(table.known for table in declarations.tables.values()):
        raise NaiveError("bad-request", "known_at")
    rows = _rows(data, asked, list(asked.by), None)
    if asked.totals:
        rows = [row | {"total": None} for row in rows]
        dropped = list(asked.by) if asked.totals is True else None
        for names_dropped in [dropped] if dropped is not None else [[name] for name in asked.totals]:  # type: ignore[union-attr]
            kept = [name for name in asked.by if name not in names_dropped]
            rows += _rows(data, asked, kept, names_dropped)
    return _ordered(data, asked, rows)


def with_trees(declarations: Declarations, by: Sequence[str]) -> Declarations:
    """The catalog with the dimensions that are asked as `employee.manager.tree`: all above an employee by that link."""
    dimensions = dict(declarations.dimensions)
    for name in by:
        if name not in dimensions and name.endswith(".tree"):
            home, link, _ = name.split(".")
            dimensions[name] = evolve(dimensions[home], name=name, tree=link)
    return evolve(declarations, dimensions=dimensions)


def _rows(data: Data, asked: Asked, by: list[str], dropped: list[str] | None) -> Rows:
    """The rows of one kind: all dimensions, or a total without some."""
    e = Evaluator(data, asked.as_of, asked.values, moment(data, asked.known_at))
    text = asked.where or "true"
    filters = [Filter(condition, Scope(text)) for condition in changes.conditions(parsed(text))]
    filters += [_scoped(name, given) for name, given in asked.scope.items()]
    cells = _cells(e, asked)
    e.groups = None
    groups = _groups(e, asked, by, filters, cells)
    e.groups = groups
    rows = []
    for group in groups:
        e.grouping = [Group(name, value, asked=True) for name, value in zip(by, group, strict=True)]
        for first, context in cells:
            e.trace = Trace(frozenset(one.number for one in e.grouping))
            context = _with(context, [*filters, *e.grouping])
            row: dict[str, Any] = dict.fromkeys(asked.by)
            row |= dict(zip(by, group, strict=True))
            if asked.grain:
                row["period"] = first
            row |= _kpis(e, asked, context)
            if dropped is not None:
                row["total"] = ", ".join(dropped)
            if not asked.sparse or e.trace.dated:
                rows.append({name: values.shown(value) for name, value in row.items()})
    return rows


def moment(data: Data, known_at: Any) -> Any:
    """A day, or a moment in the catalog's zone, as given or as text."""
    if isinstance(known_at, str):
        known_at = dt.datetime.fromisoformat(known_at) if "T" in known_at else dt.date.fromisoformat(known_at)
    return data.local(known_at) if isinstance(known_at, dt.datetime) else known_at


def _scoped(dimension: str, given: Any) -> Filter:
    """Rows whose dimension has one of the values."""
    given = given if isinstance(given, list | tuple | set) else [given]
    arguments = {f"value {number}": value for number, value in enumerate(given)}
    span = Span(0, 0)
    path = nodes.Path((nodes.Name(dimension, span),), span)
    items = tuple(nodes.Path((nodes.Name(name, span),), span) for name in arguments)
    return Filter(nodes.Membership(path, items, False, span), Scope(answer=arguments))


def _with(context: Context, constraints: Sequence[Group | Filter]) -> Context:
    return replace(context, constraints=tuple(constraints))


def _kpis(e: Evaluator, asked: Asked, context: Context) -> dict[str, Any]:
    found = {}
    for name, (formula, empty_missing) in asked.kpis.items():
        if formula is None:
            found[name] = e.kpi(name, Scope(), context)
        else:
            found[name] = e.text(formula, Scope(formula, empty_missing=empty_missing), context)
    return found


def _groups(
    e: Evaluator, asked: Asked, by: list[str], filters: list[Filter], cells: list[tuple[Any, Context]]
) -> list[tuple[Any, ...]]:
    """The groups that have a row behind some aggregate in some period; without dimensions the one group."""
    if not by:
        return [()]
    every = [Group(name, ANY, asked=True) for name in by]
    for _, context in cells:
        _kpis(e, asked, _with(context, [*filters, *every]))
    found = []
    for group in itertools.product(*(one.seen for one in every)):
        constraints = [Group(name, value, asked=True) for name, value in zip(by, group, strict=True)]
        e.trace = Trace(frozenset(one.number for one in constraints))
        for _, context in cells:
            _kpis(e, asked, _with(context, [*filters, *constraints]))
        if e.trace.group:
            found.append(group)
    return found


def _cells(e: Evaluator, asked: Asked) -> list[tuple[dt.date | None, Context]]:
    """The periods of the window, each with its context."""
    if asked.window is not None:
        start, end = e.almanac.window(asked.window)
    else:
        found = _span(e, asked)
        if found is None:
            if e.asks_days:
                raise NaiveError("needs-period", "days of a calendar decide no window")
            if asked.grain:
                return []
            open_ended = Bounds(None, None)
            context = Context(open_ended, open_ended, None)
            e.whole = context
            return [(None, context)]
        start, end = found
        if asked.grain:
            start = e.almanac.start_of(start, asked.grain)
            last = e.almanac.start_of(end - dt.timedelta(days=1), asked.grain)
            end = e.almanac.after(last, asked.grain)
    whole = Bounds(start, end)
    own = e.almanac.own_length(asked.window, start, end) if asked.window is not None else None
    step = (1, asked.grain) if asked.grain else own
    e.whole = Context(whole, whole, step, start)
    if not asked.grain:
        return [(None, e.whole)]
    return [(first, Context(b, b, step, first)) for first, b in e.almanac.periods(start, end, asked.grain)]


def _span(e: Evaluator, asked: Asked) -> tuple[dt.date, dt.date] | None:
    """From the first to the day after the last date that the request's aggregates use.

    Where nothing that is measured has dates, what dimensions and filters look at is all that there is.
    """
    measures = [
        text
        for name, (formula, _) in asked.kpis.items()
        for text in ([formula] if formula is not None else [v.value.text for v in e.declarations.kpis[name].versions])
    ]
    found = _spanned(e, measures)
    if not e.asks_dates:
        e.into_dimensions = True
        filters = [asked.where] if asked.where else []
        found = _spanned(e, [*measures, *asked.by, *asked.scope, *filters])
    return found


def _spanned(e: Evaluator, texts: Sequence[str]) -> tuple[dt.date, dt.date] | None:
    """The span of the dates that the aggregates of formulas use."""
    dates: list[dt.date] = []
    open_ended = Bounds(None, None)
    context = Context(open_ended, open_ended, None, everywhere=True)
    for text in texts:
        _dates(e, parsed(text), Scope(text), context, dates, frozenset())
    return (min(dates), max(dates) + dt.timedelta(days=1)) if dates else None


def _dates(e: Evaluator, node: Any, scope: Scope, context: Context, dates: list[dt.date], seen: frozenset[str]) -> None:
    """Adds the dates of all rows of the aggregates below a node, names and macros followed."""
    if isinstance(node, nodes.Path):
        for text in _formulas(e, node, scope):
            if text not in seen:
                _dates(e, parsed(text), Scope(text, rows=scope.rows), context, dates, seen | {text})
        if node.names[0].text in scope.arguments:
            _dates(e, *scope.arguments[node.names[0].text], context, dates, seen)
        return
    if isinstance(node, nodes.Call) and (macro := e.declarations.functions.get(node.name.text)):
        arguments = dict(zip(macro.parameters, ((a, scope) for a in node.arguments), strict=True))
        _dates(e, parsed(macro.formula.text), Scope(macro.formula.text, arguments, scope.rows), context, dates, seen)
        return
    if (
        isinstance(node, nodes.Call)
        and node.name.text in aggregate.FUNCTIONS
        and not aggregate.compares(e, node, scope)
    ):
        call = aggregate.read(e, node, scope)
        made = e.data.tables[call.table].made
        e.asks_days |= made is not None
        has_date = call.on is not None or (e.data.tables[call.table].date is not None and call.during is None)
        e.asks_dates |= has_date and made is None
        rows = e.data.rows(call.table) if not made and (call.during is None or call.on is not None) else []
        call = replace(call, during=None)
        for row in rows:
            placed, when = counting.counted(e, call, row, Scope(scope.text, scope.arguments), context)
            if placed is not None and isinstance(when, dt.date):
                dates.append(local_date(when))
        scope = scope.inside(call.table, Placed(Row(call.table, 0, {})))
    for part in aggregate.parts(node):
        _dates(e, part, scope, context, dates, seen)


def _formulas(e: Evaluator, node: nodes.Path, scope: Scope) -> list[str]:
    """The formulas that a path may stand for: a KPI's versions, a field's of that name, a dimension's where that counts."""
    last = node.names[-1].text
    found = [table.fields[last].text for table in e.data.tables.values() if last in table.fields]
    if len(node.names) == 1 and last in e.declarations.kpis:
        found += [version.value.text for version in e.declarations.kpis[last].versions]
    dimension = e.declarations.dimensions.get(last) if e.into_dimensions else None
    return [*found, *([dimension.formula.text] if dimension and dimension.formula else [])]


def _labels(data: Data, dimension: str) -> list[str]:
    """The labels of a dimension that is a bucket, in the order written, the rest last; none where it is something else."""
    declarations = data.declarations
    formula = declarations.dimensions[dimension].formula
    tree = None if formula is None else parsed(formula.text)
    if isinstance(tree, nodes.Path) and len(tree.names) == 2:
        table = declarations.tables.get(tree.names[0].text)
        field = None if table is None else table.fields.get(tree.names[1].text)
        tree = None if field is None else parsed(field.text)
    if not isinstance(tree, nodes.Call) or tree.name.text != "bucket":
        return []
    labels = []
    for part in tree.arguments[1:]:
        if isinstance(part, nodes.Pair) and isinstance(part.value, nodes.Constant):
            labels.append(str(part.value.value))
        elif isinstance(part, nodes.Range):
            labels.append(unparse(part))
    return [*labels, "other"]


def _ordered(data: Data, asked: Asked, rows: Rows) -> Rows:
    """Having, order, limit."""
    if asked.having:
        e = Evaluator(data, asked.as_of, asked.values)
        bounds = Bounds(None, None)
        context = Context(bounds, bounds, None)
        tree = parsed(asked.having)
        rows = [row for row in rows if e.value(tree, Scope(asked.having, answer=row), context) is True]
    order = [(name.lstrip("-"), name.startswith("-")) for name in asked.order_by]
    order += [(name, False) for name in (*asked.by, "total", "period")]

    placed = {name: found for name in asked.by if (found := _labels(data, name))}

    def before(a: dict[str, Any], b: dict[str, Any]) -> int:
        for name, down in order:
            x, y = a.get(name), b.get(name)
            if same(x, y):
                continue
            if x is None or y is None:
                # totals, which have a word in the column total, stand after all groups
                return (1 if x is None else -1) * (-1 if name == "total" else 1)
            if name in placed:
                x, y = placed[name].index(x), placed[name].index(y)
            return (-1 if compare("<", x, y) else 1) * (-1 if down else 1)
        return 0

    rows = sorted(rows, key=functools.cmp_to_key(before))
    return rows[: asked.limit] if asked.limit is not None else rows
