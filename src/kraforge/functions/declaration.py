"""The shape of a declared function: its facts stand together, in one place each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from attrs import frozen

from kraforge.types import Type


@frozen
class Misfit:
    """Why the types of some arguments do not fit: a clause, an error code, and what to do."""

    message: str
    code: str = "type-mismatch"
    hint: str | None = None


TypeRule = Callable[[Sequence[Type]], Type | Misfit]
"""Gives the type of a call from its arguments' types, or says why they do not fit."""


@frozen
class Scalar:
    """A function or operator over values: of a row, or of a cell.

    `name` is what formulas write (an operator has its plan name: add, subtract, less_than …). `least` and `most` bound the
    number of arguments (`most` None: any). `sql` is the plain SQL with {0}, {1} … for operands, empty where a lowering
    of its own is needed; missing in, missing out unless `missing` says otherwise.
    """

    name: str
    least: int
    most: int | None
    gives: TypeRule
    doc: str
    example: str
    sql: str = ""
    missing: Literal["spreads", "handled"] = "spreads"
    operator: bool = False


@frozen
class Aggregate:
    """An aggregate: rows of a table to one value a cell.

    `combines` is how the values of parts give the value of the whole: `sum`, `min`, `max`, or `never` (rows are needed
    again). `empty` is what no rows give: `zero`, `false` or `missing`.
    """

    name: str
    takes: Literal["table", "value", "condition", "two values"]
    gives: TypeRule
    combines: Literal["sum", "min", "max", "never"]
    empty: Literal["zero", "false", "missing"]
    doc: str
    example: str


@frozen
class ContextFunction:
    """A function that evaluates a whole measure in another context. `arguments` describes what may follow the measure."""

    name: str
    arguments: tuple[str, ...]
    doc: str
    example: str
