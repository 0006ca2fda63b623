"""What of a context an aggregate's table reaches itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve

from kraforge.errors import Mistakes
from kraforge.model.declarations import Link
from kraforge.plan.needs import named_in, unreachable
from kraforge.semantics import bound, reach
from kraforge.semantics.check import Checked


def via_of(aggregate: bound.Aggregate) -> tuple[Link, ...] | None:
    """The link chosen for groups: a nested aggregate's `via` is its tie, not its way to groups."""
    return aggregate.via if aggregate.outer is None else None


def reached(checked: Checked, expression: bound.Expression, aggregate: bound.Aggregate) -> bound.Expression | None:
    """A condition of a context over row 0 of the aggregate's table; None where the table does not reach it."""
    match expression:
        case bound.ContextDimension():
            return reach.dimension(checked, expression.name, aggregate.table, via_of(aggregate))
        case bound.ContextColumn():
            return reach.context_column(checked, expression, aggregate.table, via_of(aggregate))
        case bound.Call():
            arguments = [reached(checked, argument, aggregate) for argument in expression.arguments]
            if any(argument is None for argument in arguments):
                return None
            return evolve(expression, arguments=tuple(a for a in arguments if a is not None))
        case bound.Case():
            parts = [(reached(checked, c, aggregate), reached(checked, v, aggregate)) for c, v in expression.branches]
            otherwise = reached(checked, expression.otherwise, aggregate)
            branches = tuple((c, v) for c, v in parts if c is not None and v is not None)
            if otherwise is None or len(branches) < len(parts):
                return None
            return evolve(expression, branches=branches, otherwise=otherwise)
        case _:
            return expression


def claim(
    aggregate: bound.Aggregate,
    dimensions: Sequence[str],
    filters: Sequence[bound.Expression],
    inside: Collection[str | bound.Expression],
) -> None:
    """Raises Mistakes where neither the aggregate's table nor one nested in it reaches a dimension or filter."""
    for name in dimensions:
        if name not in inside:
            raise Mistakes(unreachable(name, aggregate.table))
    for condition in filters:
        if condition not in inside:
            named = named_in(condition)
            code = "unreachable-table" if "." in named else "unreachable-dimension"
            raise Mistakes(evolve(unreachable(named, aggregate.table), code=code))
