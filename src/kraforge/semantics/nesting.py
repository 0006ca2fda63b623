"""Aggregates taken for each row of an outer one: what ties their rows to it."""

from __future__ import annotations

from attrs import evolve

from kraforge.errors import Mistakes
from kraforge.model.declarations import Link
from kraforge.semantics import bound, reach
from kraforge.semantics.binding import Binding
from kraforge.semantics.hops import versioned
from kraforge.semantics.rows import Change, numbered, prefix, rebuild, rows_of, shared
from kraforge.semantics.scope import Row, Scope, Tie
from kraforge.text import Span

Links = tuple[Link, ...]
Pairs = tuple[tuple[bound.Expression, bound.Expression], ...]


def conjuncts(condition: bound.Expression | None) -> list[bound.Expression]:
    """The conditions that `and` joins."""
    if condition is None:
        return []
    if isinstance(condition, bound.Call) and condition.function == "and":
        return [part for argument in condition.arguments for part in conjuncts(argument)]
    return [condition]


def joined(conditions: list[bound.Expression]) -> bound.Expression | None:
    """One condition of several."""
    if not conditions:
        return None
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = bound.Call(
            "and", (whole, condition), condition.type, condition.span if isinstance(condition, bound.Call) else None
        )
    return whole


def tie(binding: Binding, aggregate: bound.Aggregate, scope: Scope, span: Span) -> bound.Aggregate:
    """The aggregate with what ties it to the innermost row of the scope: a route of links, or equalities.

    An equality in `where` that ties is taken out of it.
    """
    row = scope.rows[-1]
    if versioned(binding.declarations, row.table):
        binding.fail(
            "unsupported",
            f"an aggregate is taken for each row of {row.table}, which holds versions: its key repeats",
            scope,
            span,
            "take it for the rows of a table with one row per key",
        )
    links = _links(binding, aggregate, row, scope, span)
    if links is not None:
        return evolve(aggregate, outer=row.number, tie=links)
    pairs, rest = equalities(aggregate, row)
    pairs += _given(binding, aggregate, scope)
    if pairs:
        return evolve(aggregate, outer=row.number, ties=pairs, where=joined(rest))
    binding.fail(
        "unreachable-table",
        f"an aggregate over {aggregate.table} stands inside one over {row.table}, and no links lead from "
        f"{aggregate.table} to {row.table}",
        scope,
        span,
        "take it as overall(…), or tie the two by an equality in where",
    )


def _links(binding: Binding, aggregate: bound.Aggregate, row: Row, scope: Scope, span: Span) -> Links | None:
    """The route to the outer row; None where there is none, or where an equality says what is meant instead."""
    table = aggregate.table
    if table == row.table and not aggregate.via:
        binding.fail(
            "level-mismatch",
            f"an aggregate over {table} stands inside an aggregate over {table}",
            scope,
            span,
            "an inner aggregate is over a table that links to the outer one; overall(…) compares with all rows",
        )
    found = reach.routes(binding.catalog, table, row.table, aggregate.via)
    if len(found) == 1:
        return found[0]
    if not found and aggregate.via and table != row.table:
        found = reach.routes(binding.catalog, table, row.table)
        if len(found) == 1:
            return found[0]
    if found and not equalities(aggregate, row)[0]:
        try:
            reach.route(binding.catalog, table, row.table, None)
        except Mistakes as error:
            mistake = error.mistakes[0]
            binding.fail(mistake.code, mistake.message, scope, span, mistake.hint, mistake.notes)
    return None


def equalities(aggregate: bound.Aggregate, row: Row) -> tuple[Pairs, list[bound.Expression]]:
    """The equalities of `where` between the aggregate's row and outer rows as pairs, and the other conditions."""
    pairs: list[tuple[bound.Expression, bound.Expression]] = []
    rest: list[bound.Expression] = []
    for condition in conjuncts(aggregate.where):
        if isinstance(condition, bound.Call) and condition.function == "equal":
            left, right = condition.arguments
            sides = rows_of(left), rows_of(right)
            if sides == (frozenset({aggregate.row}), frozenset({row.number})):
                pairs.append((left, right))
                continue
            if sides == (frozenset({row.number}), frozenset({aggregate.row})):
                pairs.append((right, left))
                continue
        rest.append(condition)
    return tuple(pairs), rest


def _given(binding: Binding, aggregate: bound.Aggregate, scope: Scope) -> Pairs:
    """The equalities of a filter around, as far as the aggregate's table reaches what they compare."""
    pairs = []
    for each in scope.ties:
        own = over(binding, each.own, aggregate)
        if own is not None:
            pairs.append((own, each.outer))
    return tuple(pairs)


def over(binding: Binding, expression: bound.Expression, aggregate: bound.Aggregate) -> bound.Expression | None:
    """A filter's expression over an aggregate's row; None where its table cannot reach what the filter names."""
    missing = False

    def step(part: bound.Expression, change: Change) -> bound.Expression:
        nonlocal missing
        found: bound.Expression | None = part
        if isinstance(part, bound.ContextColumn):
            found = reach.context_column(binding.catalog, part, aggregate.table, aggregate.via, binding.numbers)
        elif isinstance(part, bound.ContextDimension):
            found = reach.dimension(binding.catalog, part.name, aggregate.table, aggregate.via, binding.numbers)
        else:
            return rebuild(part, change)
        if found is None:
            missing = True
            return part
        return prefix(found, (), aggregate.table, aggregate.row, binding.numbers)

    result = shared(step)(expression)
    return None if missing else result


def nest(binding: Binding, expression: bound.Expression, scope: Scope, span: Span) -> bound.Expression:
    """A measure, taken for each row: its aggregates are tied to the innermost row. What overall() drops stays whole."""
    row = scope.rows[-1]
    key = ("nested", id(expression), row, scope.ties)
    known = binding.inlined.get(key)
    if known is not None:
        return known

    def step(part: bound.Expression, change: Change) -> bound.Expression:
        match part:
            case bound.Aggregate() if part.outer is None:
                number = next(binding.numbers)
                return tie(binding, _own(part, number, binding), scope, span)
            case bound.InContext(change=bound.Overall() as overall) if is_whole(overall):
                return numbered(part, binding.numbers)
            case bound.Rank():
                binding.fail("level-mismatch", "rank() compares groups; it has no value for a row", scope, span)
            case _:
                return rebuild(part, change)

    known = shared(step)(expression)
    binding.inlined[key] = known
    return known


def is_whole(overall: bound.Overall) -> bool:
    """Whether overall() drops the outer row too: where it names neither dimensions nor the period alone."""
    return not overall.dimensions and not overall.coarser and not overall.period


def _own(aggregate: bound.Aggregate, number: int, binding: Binding) -> bound.Aggregate:
    """A copy of an aggregate with a row of its own."""
    renamed = {aggregate.row: number}

    def step(part: bound.Expression, change: Change) -> bound.Expression:
        match part:
            case bound.Column() | bound.Band():
                return evolve(part, row=renamed.get(part.row, part.row))
            case bound.Aggregate():
                renamed.setdefault(part.row, next(binding.numbers))
                new = rebuild(part, change)
                assert isinstance(new, bound.Aggregate)
                outer = None if part.outer is None else renamed.get(part.outer, part.outer)
                return evolve(new, row=renamed[part.row], outer=outer)
            case _:
                return rebuild(part, change)

    copy = shared(step)(aggregate)
    assert isinstance(copy, bound.Aggregate)
    return copy


def pushed(
    binding: Binding, expression: bound.Expression, conditions: list[bound.Expression], scope: Scope, span: Span
) -> bound.Expression:
    """Conditions that speak of outer rows, put into every aggregate of the innermost row below."""
    row = scope.rows[-1]

    def step(part: bound.Expression, change: Change) -> bound.Expression:
        if not isinstance(part, bound.Aggregate) or part.outer != row.number:
            return rebuild(part, change)
        kept = conjuncts(part.where)
        for condition in conditions:
            own = over(binding, condition, part)
            if own is None:
                binding.fail(
                    "unreachable-table", f"{part.table} cannot reach what this condition compares", scope, span
                )
            pairs, _ = equalities(evolve(part, where=own), row)
            if not pairs or any(pair not in part.ties for pair in pairs):
                kept.append(own)
        return evolve(part, where=joined(kept))

    return shared(step)(expression)


def tying(condition: bound.Expression, scope: Scope) -> Tie | None:
    """The equality of a filter that may tie aggregates below to an outer row."""
    if not isinstance(condition, bound.Call) or condition.function != "equal":
        return None
    left, right = condition.arguments
    for own, outer in ((left, right), (right, left)):
        if not rows_of(own) and rows_of(outer) == {scope.rows[-1].number} and not isinstance(own, bound.Constant):
            return Tie(own, outer)
    return None
