"""A request's own words, between what the user wrote and what the plan needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from kraforge.errors import Mistake, Mistakes
from kraforge.model.declarations import Declarations
from kraforge.model.request import Request
from kraforge.plan import nodes
from kraforge.plan.known import KNOWN_AT
from kraforge.plan.periods import GRAINS
from kraforge.semantics import bound
from kraforge.semantics.grains import own_units
from kraforge.text import Place, nearest
from kraforge.types import BOOL, DATE, DURATION, MISSING, NUMBER, TEXT, TIMESTAMP, Type

VALUE_TYPES: Mapping[str, Type] = {
    "str": TEXT,
    "bool": BOOL,
    "int": NUMBER,
    "float": NUMBER,
    "Decimal": NUMBER,
    "date": DATE,
    "datetime": TIMESTAMP,
    "timedelta": DURATION,
    "NoneType": MISSING,
    "float64": NUMBER,
    "int64": NUMBER,
}


def check_words(asked: Request, declarations: Declarations) -> None:
    """Raises Mistakes with every word of a request that names nothing of the catalog or of the answer."""
    dimensions = declarations.dimensions
    totals = asked.totals if isinstance(asked.totals, tuple) else ()
    wrong = [_unknown_dimension(name, dimensions) for name in (*asked.by, *totals) if name not in dimensions]
    wrong += [_unknown_dimension(name, dimensions) for name, _ in asked.scope if name not in dimensions]
    wrong += [
        Mistake("bad-request", f"totals name {name!r}, which the answer is not grouped by", hint="add it to by")
        for name in totals
        if name in dimensions and name not in asked.by
    ]
    grains = (*GRAINS, *own_units(declarations.calendar))
    if asked.grain is not None and asked.grain not in grains:
        hint = f"use one of {', '.join(grains)}"
        wrong.append(Mistake("bad-grain", f"there is no grain {asked.grain!r}", hint=hint))
    wrong += [
        Mistake("bad-request", f"order_by names {item.name!r}, which is no column of the answer")
        for item in asked.order_by
        if item.name not in asked.columns
    ]
    if asked.known_at is not None and not any(table.known for table in declarations.tables.values()):
        message = "known_at asks for what was known, and no table says when its rows were"
        wrong.append(Mistake("bad-request", message, Place("known_at"), hint="declare `known` at a table"))
    if wrong:
        raise Mistakes(wrong)


def check_scope(dimension: bound.ContextDimension, values: Sequence[object]) -> None:
    """Raises Mistakes (type-mismatch) for a value of a scope that its dimension can never have."""
    for value in values:
        given = VALUE_TYPES.get(type(value).__name__)
        if (
            given is not None
            and given.kind not in ("missing", dimension.type.kind)
            and not (given.numeric and dimension.type.numeric)
        ):
            message = f"the scope's {dimension.name} is {dimension.type}, and {str(value)[:60]!r} is {given}"
            raise Mistakes(Mistake("type-mismatch", message, Place("scope").inside(dimension.name)))


def over_answer(condition: bound.Expression) -> nodes.Expression:
    """A condition over the answer's columns as the plan has it."""
    match condition:
        case bound.ContextDimension():
            return nodes.Ref("", condition.name, condition.type)
        case bound.Call():
            arguments = tuple(over_answer(argument) for argument in condition.arguments)
            return nodes.Apply(condition.function, arguments, condition.type)
        case bound.Case():
            branches = tuple((over_answer(c), over_answer(v)) for c, v in condition.branches)
            return nodes.Choose(branches, over_answer(condition.otherwise), condition.type)
        case bound.Constant() | bound.Bound():
            return condition
        case _:
            raise Mistakes(Mistake("bad-request", "having is a condition over the answer's columns"))


def _unknown_dimension(name: str, dimensions: Mapping[str, object]) -> Mistake:
    close = nearest(name, dimensions)
    hint = f"did you mean {close!r}?" if close else None
    notes = (f"dimensions: {', '.join(sorted(dimensions))}",) if dimensions else ()
    return Mistake("unknown-dimension", f"there is no dimension {name!r}", hint=hint, notes=notes)


def known_type(asked: Request) -> Type | None:
    """The type of a request's known_at."""
    if asked.known_at is None:
        return None
    return TIMESTAMP if isinstance(asked.known_at, dt.datetime) else DATE


def parameters(asked: Request, zone: str) -> dict[str, Any]:
    """The values that a statement binds: those that users gave, those of the scope, and known_at by the zone's clock."""
    values: dict[str, Any] = dict(asked.values)
    for number, (_, items) in enumerate(asked.scope):
        values |= {f"scope_{number}_{i}": item for i, item in enumerate(items)}
    if asked.known_at is not None:
        values[KNOWN_AT] = _local(asked.known_at, zone)
    return {name: _plain(value) for name, value in values.items()}


def _local(moment: dt.date, zone: str) -> dt.date:
    """A day or a point in time by the clock of a zone."""
    if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return moment


def _plain(value: Any) -> Any:
    """A value as a driver takes it: a duration as its microseconds, a number of numpy's as Python's own."""
    if isinstance(value, dt.timedelta):
        return value // dt.timedelta(microseconds=1)
    return value.item() if type(value).__module__ == "numpy" else value
