"""Moving bound expressions: onto other rows, with rows of their own, and measuring them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

from attrs import evolve

from kraforge.model.declarations import Link
from kraforge.semantics.bound import (
    Aggregate,
    Band,
    Bound,
    Call,
    Case,
    Column,
    Constant,
    ContextColumn,
    ContextDimension,
    During,
    Each,
    Expression,
    Filtered,
    InContext,
    PeriodValue,
    Rank,
    Versioned,
    Within,
)

Links = tuple[Link, ...]
Change = Callable[[Expression], Expression]


def below(expression: Expression) -> Iterator[Expression]:
    """The expressions directly below one, in the order of the text; a band's operand, which stands alone, is not."""
    match expression:
        case Constant() | Bound() | Column() | PeriodValue() | ContextDimension() | ContextColumn() | Band():
            return
        case Call():
            yield from expression.arguments
        case Case():
            for condition, value in expression.branches:
                yield condition
                yield value
            yield expression.otherwise
        case Aggregate():
            yield from expression.arguments
            during = expression.during
            ends = (during.low, during.high) if during else ()
            yield from (
                part for part in (expression.condition, expression.where, expression.on, *ends) if part is not None
            )
            for own, other in expression.ties:
                yield own
                yield other
        case InContext():
            change = expression.change
            if isinstance(change, Filtered):
                yield change.condition
            elif isinstance(change, Within):
                yield from (end for end in (change.low, change.high) if end is not None)
            yield expression.operand
        case Each():
            yield expression.operand
            yield from expression.arguments
        case Rank():
            yield expression.operand
        case Versioned():
            yield from (value for _, value in expression.versions)
        case _:
            assert_never(expression)


def rebuild(expression: Expression, change: Change) -> Expression:
    """The expression with `change` applied to everything directly below it; itself where nothing changes."""

    def maybe(part: Expression | None) -> Expression | None:
        return None if part is None else change(part)

    old = tuple(below(expression))
    match expression:
        case Constant() | Bound() | Column() | PeriodValue() | ContextDimension() | ContextColumn() | Band():
            return expression
        case Call():
            arguments = tuple([change(argument) for argument in expression.arguments])
            return expression if _same(arguments, old) else evolve(expression, arguments=arguments)
        case Case():
            branches = tuple([(change(condition), change(value)) for condition, value in expression.branches])
            new = Case(branches, change(expression.otherwise), expression.type, expression.labels)
        case Aggregate():
            during = expression.during
            return evolve(
                expression,
                arguments=tuple([change(argument) for argument in expression.arguments]),
                condition=maybe(expression.condition),
                where=maybe(expression.where),
                on=maybe(expression.on),
                during=during and During(maybe(during.low), maybe(during.high), during.closed),
                ties=tuple([(change(own), change(other)) for own, other in expression.ties]),
            )
        case InContext():
            what = expression.change
            if isinstance(what, Filtered):
                what = Filtered(change(what.condition))
            elif isinstance(what, Within):
                what = Within(maybe(what.low), maybe(what.high), what.closed)
            return evolve(expression, change=what, operand=change(expression.operand))
        case Each():
            arguments = tuple([change(argument) for argument in expression.arguments])
            return evolve(expression, operand=change(expression.operand), arguments=arguments)
        case Rank():
            return evolve(expression, operand=change(expression.operand))
        case Versioned():
            return evolve(expression, versions=tuple([(start, change(value)) for start, value in expression.versions]))
        case _:
            assert_never(expression)
    return expression if _same(tuple(below(new)), old) else new


def _same(new: tuple[Expression, ...], old: tuple[Expression, ...]) -> bool:
    return len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True))


def shared(step: Callable[[Expression, Change], Expression]) -> Change:
    """A change that is worked out once for each expression object; `step` gets it to go on with."""
    done: dict[int, tuple[Expression, Expression]] = {}

    def change(expression: Expression) -> Expression:
        known = done.get(id(expression))
        if known is None:
            known = done[id(expression)] = (expression, step(expression, change))
        return known[1]

    return change


def prefix(expression: Expression, links: Links, table: str, row: int, numbers: Iterator[int]) -> Expression:
    """What stands over row 0 of a linked table, over `row` of `table`, which reaches it by `links`.

    Nested aggregates get new rows out of `numbers`.
    """
    renamed = {0: row}

    def step(part: Expression, change: Change) -> Expression:
        match part:
            case Column() if part.row == 0:
                return evolve(part, row=row, table=table, path=links + part.path)
            case Column():
                return evolve(part, row=renamed.get(part.row, part.row))
            case Band() if part.row == 0:
                return evolve(part, row=row, path=links + part.path)
            case Aggregate():
                renamed[part.row] = next(numbers)
                new = rebuild(part, change)
                assert isinstance(new, Aggregate)
                if part.outer == 0:
                    return evolve(new, row=renamed[part.row], outer=row, outer_path=links + part.outer_path)
                outer = None if part.outer is None else renamed.get(part.outer, part.outer)
                return evolve(new, row=renamed[part.row], outer=outer)
            case _:
                return rebuild(part, change)

    return shared(step)(expression)


def numbered(expression: Expression, numbers: Iterator[int]) -> Expression:
    """The expression with a row of its own for each aggregate, also where a part is used twice; row 0 stays."""

    def go(part: Expression, renamed: dict[int, int]) -> Expression:
        match part:
            case Column() | Band():
                return evolve(part, row=renamed.get(part.row, part.row))
            case Aggregate():
                inner = {**renamed, part.row: next(numbers)}
                new = rebuild(part, lambda each: go(each, inner))
                assert isinstance(new, Aggregate)
                outer = None if part.outer is None else renamed.get(part.outer, part.outer)
                return evolve(new, row=inner[part.row], outer=outer)
            case _:
                return rebuild(part, lambda each: go(each, renamed))

    return go(expression, {})


def rows_of(expression: Expression) -> frozenset[int]:
    """The rows that an expression speaks of, without those that its own aggregates bind."""
    found: set[int] = set()
    own: set[int] = set()
    for part in parts(expression):
        if isinstance(part, Column | Band):
            found.add(part.row)
        elif isinstance(part, Aggregate):
            own.add(part.row)
            if part.outer is not None:
                found.add(part.outer)
    return frozenset(found - own)


def parts(expression: Expression) -> Iterator[Expression]:
    """An expression and everything below it, each object once."""
    seen: set[int] = set()
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += below(part)


def weigh(expression: Expression) -> tuple[int, int]:
    """How many nodes an expression has, a part used twice counted twice, and how deep it is; without building it."""
    known: dict[int, tuple[int, int]] = {}
    waiting = [expression]
    while waiting:
        part = waiting[-1]
        children = list(below(part))
        unknown = [child for child in children if id(child) not in known]
        if unknown:
            waiting += unknown
            continue
        waiting.pop()
        sizes = [known[id(child)] for child in children]
        known[id(part)] = (1 + sum(size for size, _ in sizes), 1 + max((depth for _, depth in sizes), default=0))
    return known[id(expression)]
