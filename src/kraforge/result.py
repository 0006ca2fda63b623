"""The answer of a request: rows as Python values, and the same to frames and files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from kraforge.errors import Mistake
from kraforge.types import Type
from kraforge.values import python_value

if TYPE_CHECKING:
    pass


@frozen
class Heading:
    """A column of an answer: its name, the type of its values, and the KPI's declared unit where there is one."""

    name: str
    type: Type
    unit: str | None = None


@define(eq=False, repr=False)
class Result:
    """An answer. Iterating gives the rows as dicts, in the answer's order.

    Money and exact numbers are Decimal, ratios float (0.8 is 80%), counts int, durations timedelta, dates date; missing is
    None. `partial` has one flag a row: whether the window cuts that row's period. `sql` is what was run, one statement
    after the other; `warnings` are mistakes of severity warning.
    """

    headings: tuple[Heading, ...]
    _raw: Sequence[Sequence[Any]] = field(alias="rows")
    sql: str = ""
    warnings: tuple[Mistake, ...] = ()
    partial: tuple[bool, ...] = ()
    _values: list[tuple[Any, ...]] | None = field(default=None, init=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(heading.name for heading in self.headings)

    @property
    def types(self) -> Mapping[str, Type]:
        """The columns' types by name, in order."""
        return {heading.name: heading.type for heading in self.headings}

    def values(self) -> list[tuple[Any, ...]]:
        """The rows as tuples of Python values, in the order of `names`."""
        if self._values is None:
            convert = [python_value(heading.type) for heading in self.headings]
            self._values = [
                tuple([None if value is None else to(value) for to, value in zip(convert, row, strict=True)])
                for row in self._raw
            ]
            self._raw = self._values
        return self._values

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dicts from column name to Python value."""
        names = self.names
        return [dict(zip(names, row, strict=True)) for row in self.values()]

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows())
