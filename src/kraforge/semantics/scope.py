"""Where a part of a formula stands: the rows that are bound, the names that it may use, the text that it is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import evolve, field, frozen

from kraforge.model.declarations import Link, Text
from kraforge.semantics import bound
from kraforge.syntax import nodes
from kraforge.types import Type


@frozen
class Row:
    """A row that an aggregate, a row field or a dimension binds."""

    number: int
    table: str


@frozen
class Closure:
    """An argument of a macro: what was written, with the scope that it was written in."""

    node: nodes.Argument
    scope: Scope


@frozen
class Tie:
    """An equality between what an aggregate below may reach and an outer row."""

    own: bound.Expression
    outer: bound.Expression


@frozen
class Scope:
    """The surroundings of one part of a formula.

    `rows` are all rows bound around it, outermost first; `sees` those among them whose names were in sight where the text
    was written: the last one's names need no table before them. `mode` is `filter` in a condition after a measure or of a
    request, `having` over the answer's columns. `unbounded` names the context function that takes the period away.
    `ties` are the equalities after a measure that may tie aggregates to `rows[-1]`. `columns` are those of `having`. `via`
    are the links that the innermost aggregate names.
    """

    source: Text
    rows: tuple[Row, ...] = ()
    sees: tuple[Row, ...] = ()
    arguments: Mapping[str, Closure] = field(factory=dict)
    values: Mapping[str, Type] = field(factory=dict)
    columns: Mapping[str, Type] = field(factory=dict)
    mode: Literal["plain", "filter", "having"] = "plain"
    macros: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    unbounded: str | None = None
    empty_missing: bool = False
    better: str | None = None
    ties: tuple[Tie, ...] = ()
    via: tuple[Link, ...] | None = None

    def inside(self, row: Row, via: tuple[Link, ...] | None = None) -> Scope:
        """The scope of an aggregate's own row."""
        return evolve(self, rows=(*self.rows, row), sees=(*self.sees, row), ties=(), via=via)

    def entered(self, closure: Closure) -> Scope:
        """The scope in which a macro's argument is bound, at the place where the macro's body uses it."""
        origin = closure.scope
        return evolve(
            self,
            source=origin.source,
            sees=tuple(row for row in origin.sees if row in self.rows),
            arguments=origin.arguments,
            values=origin.values,
            mode=origin.mode if origin.sees else self.mode,
            macros=origin.macros,
            used=origin.used,
        )

    def untied(self) -> Scope:
        """The scope of a whole measure, without any row."""
        return evolve(self, rows=(), sees=(), ties=())
