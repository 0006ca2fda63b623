"""What shares and trees must be like, as plans of the rows that break it: nobody is credited more than there is, no member
stands above itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from kraforge.errors import UnsupportedError
from kraforge.model.declarations import Link
from kraforge.plan import nodes
from kraforge.plan.fans import SHARE
from kraforge.plan.promises import SHOWN, Promise
from kraforge.plan.rows import both
from kraforge.plan.steps import Steps, own_columns, own_conditions
from kraforge.semantics import bound
from kraforge.semantics.bound import Constant
from kraforge.text import Place
from kraforge.types import BOOL, NUMBER, TEXT, WHOLE

if TYPE_CHECKING:
    from kraforge.plan.credit import Columns

NEARLY: Final = Decimal("0.000000001")
"""By how much a sum of shares may miss its bound: floating-point thirds are not exact."""

NOTHING: Final = Constant(Decimal(0), NUMBER)


def bad_share(steps: Steps, hop: Link, share: bound.Expression) -> Promise:
    """Every row between has a share that is not negative."""
    table, alias = hop.to, "between"
    types = dict(steps.collected.checked.tables[table].columns)
    value = own_columns(steps, share, table, alias)
    names = tuple(dict.fromkeys((*hop.match, str(hop.share))))
    columns = tuple((name, nodes.Source(alias, table, name, types.get(name, TEXT))) for name in names)
    wrong = nodes.Apply("or", (nodes.Apply("is_missing", (value,), BOOL), both(value, "less", NOTHING)), BOOL)
    where = (*own_conditions(steps, table, alias), wrong)
    select = nodes.Select(columns, steps.relation(table), alias, where=where)
    plan = _plan(steps, [nodes.Named("wrong", "rows without a share", select)], columns)
    return Promise(
        "bad-share",
        f"rows of {table} have no share in {hop.share}, or a negative one",
        hop.place,
        "mend the data, or leave such rows out with the table's where",
        plan,
    )


def over_credited(steps: Steps, source: str, hop: Link, parts: str, of: Columns, to: Columns, ends: Columns) -> Promise:
    """The shares of a row add up to no more than the link allows; `parts` is the step that has them."""
    assert hop.up_to is not None
    share = nodes.Ref(parts, SHARE, NUMBER)
    groups = (*of, *ends)
    total = nodes.Reduce("sum", (share,), None, NUMBER)
    most = both(total, "greater", Constant(hop.up_to + NEARLY, NUMBER))
    sums = nodes.Select(
        (*groups, (SHARE, total)), nodes.Step(parts), parts, grouped=True, keys=len(groups), having=(most,)
    )
    same = [nodes.Apply("_same", (nodes.Ref("sums", name, column.type), column), BOOL) for name, column in groups]
    met = tuple((name, nodes.Ref("sums", name, column.type)) for name, column in of)
    joins = (nodes.Join("inner", nodes.Step(parts), parts, tuple(same)), *_there(steps, source, hop, met))
    shown = {name: column for name, (_, column) in zip(hop.match, of, strict=True)}
    shown |= {name if name not in shown else f"{name} of {hop.name}": column for name, column in to}
    wrong = ((str(hop.share), share), ("in all", nodes.Ref("sums", SHARE, NUMBER)))
    columns = (*shown.items(), *ends, *((name, _as_written(steps, hop, value)) for name, value in wrong))
    found = nodes.Select(columns, nodes.Step("sums"), "sums", joins, distinct=True)
    named = (nodes.Named("sums", "what adds up to too much", sums), nodes.Named("wrong", "their rows", found))
    percent = f"{(hop.up_to * 100).normalize():f}"
    return Promise(
        "over-credited",
        f"the shares of rows of {source} over {hop.name} add up to more than {percent}%",
        hop.place,
        "mend the shares, say that the column is a percent, or allow more with up_to",
        _plan(steps, named, columns),
    )


def _as_written(steps: Steps, hop: Link, share: nodes.Expression) -> nodes.Expression:
    """A share as the data have it: 60 where the column is a percent."""
    columns = steps.collected.checked.declarations.tables[hop.to].columns
    percent = hop.share is not None and hop.share in columns and columns[hop.share].percent
    return nodes.Apply("multiply", (share, Constant(Decimal(100), NUMBER)), NUMBER) if percent else share


def keyed(steps: Steps, table: str) -> Promise:
    """Every row has a key, where rows are told apart by it."""
    found, alias = steps.collected.checked.tables[table], "keyed"
    types = dict(found.columns)
    columns = tuple((name, nodes.Source(alias, table, name, types.get(name, TEXT))) for name in found.key)
    missing: nodes.Expression = Constant(False, BOOL)
    for _, column in columns:
        missing = nodes.Apply("or", (missing, nodes.Apply("is_missing", (column,), BOOL)), BOOL)
    where = (missing, *_own(steps, table, alias))
    select = nodes.Select(columns, steps.relation(table), alias, where=where)
    return Promise(
        "duplicate-key",
        f"rows of {table} have no key, and can come into one group twice",
        Place(f"tables.{table}.key"),
        "mend the data, or leave such rows out with the table's where",
        _plan(steps, [nodes.Named("wrong", "rows without a key", select)], columns),
    )


def no_cycle(steps: Steps, table: str, parent: Link, lines: str, of: Columns, keys: Columns, depth: str) -> Promise:
    """No member of a tree stands above itself, at any date."""
    up = nodes.Ref(lines, depth, WHOLE)
    same = tuple(nodes.Apply("equal", (mine, key), BOOL) for (_, mine), (_, key) in zip(of, keys, strict=True))
    least = nodes.Reduce("min", (up,), None, WHOLE)
    columns = (*((name, ref) for (name, _), (_, ref) in zip(keys, of, strict=True)), ("steps back to it", least))
    where = (*same, both(up, "greater", Constant(Decimal(0), WHOLE)))
    select = nodes.Select(columns, nodes.Step(lines), lines, where=where, grouped=True, keys=len(of))
    named = nodes.Named("wrong", "those that stand above themselves", select)
    return Promise(
        "tree-cycle",
        f"members of {table} stand above themselves by the link {parent.name}",
        parent.place,
        "mend the data: a tree has a top",
        _plan(steps, [named], columns),
    )


def not_too_deep(
    steps: Steps, table: str, parent: Link, lines: str, of: Columns, keys: Columns, depth: str, deepest: int
) -> Promise:
    """No member of a tree has more above it than are looked for."""
    up = nodes.Ref(lines, depth, WHOLE)
    columns = tuple((name, ref) for (name, _), (_, ref) in zip(keys, of, strict=True))
    where = (both(up, "greater", Constant(Decimal(deepest), WHOLE)),)
    select = nodes.Select(columns, nodes.Step(lines), lines, where=where, distinct=True)
    named = nodes.Named("wrong", "those with too many above them", select)
    return Promise(
        "tree-too-deep",
        f"members of {table} have more than {deepest} others above them by the link {parent.name}",
        parent.place,
        "a tree of members has fewer levels; see whether the link is the right one",
        _plan(steps, [named], columns),
    )


def _plan(steps: Steps, named: Sequence[nodes.Named], columns: Columns) -> nodes.Plan:
    """A plan of steps with all that they read, whose answer are some rows of the last."""
    last = named[-1].name
    found = tuple((name, nodes.Ref(last, name, column.type)) for name, column in columns)
    order = tuple(nodes.Order(name) for name, _ in found)
    return nodes.Plan((*_read(steps, named), *named), nodes.Answer(found, last, None, order, SHOWN), ())


def _read(steps: Steps, named: Sequence[nodes.Named]) -> list[nodes.Named]:
    """The steps that others read, in order."""
    wanted = {name for step in named for name in _reads(step)}
    found: list[nodes.Named] = []
    for step in reversed(steps.steps):
        if step.name in wanted:
            found.append(step)
            wanted |= _reads(step)
    return found[::-1]


def _reads(step: nodes.Named) -> set[str]:
    parts = step.body.parts if isinstance(step.body, nodes.Union) else (step.body,)
    selects = [part for part in parts if isinstance(part, nodes.Select)]
    relations = [r for select in selects for r in (select.relation, *(join.relation for join in select.joins))]
    return {relation.name for relation in relations if isinstance(relation, nodes.Step)}


def _there(steps: Steps, source: str, hop: Link, of: Columns) -> tuple[nodes.Join, ...]:
    """The join that leaves only rows that there are, where it is plain which."""
    found = steps.collected.checked.tables[source]
    if found.made is not None:
        return ()
    types = dict(found.columns)
    on = [
        nodes.Apply("equal", (nodes.Source("row", source, name, types.get(name, TEXT)), column), BOOL)
        for name, (_, column) in zip(hop.by, of, strict=True)
    ]
    return (nodes.Join("inner", steps.relation(source), "row", (*on, *_own(steps, source, "row"))),)


def _own(steps: Steps, table: str, alias: str) -> tuple[nodes.Expression, ...]:
    try:
        return own_conditions(steps, table, alias)
    except UnsupportedError:
        return ()
