"""The answer of a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from attrs import define, field, frozen

from kraforge.errors import Mistake, Mistakes
from kraforge.result import cents, export, table
from kraforge.result.values import python_value
from kraforge.types import Type


@frozen
class Heading:
    """A column of an answer: its name, the type of its values, and the KPI's declared unit where there is one.

    `key` says that it tells the groups and periods apart, `adds` that its values over all groups of a period add up to
    the total.
    """

    name: str
    type: Type
    unit: str | None = None
    key: bool = False
    adds: bool = False


@define(eq=False, repr=False)
class Result:
    """An answer. Iterating gives the rows as dicts, in the answer's order.

    Money and exact numbers are Decimal, ratios float (0.8 is 80%), counts int (a Decimal where shares of rows add up to
    no whole number), durations timedelta, dates date; missing is None. `partial` has one flag a row: whether the window
    cuts that row's period. `sql` is what was run, one statement after the other; `warnings` are mistakes of severity
    warning.
    """

    headings: tuple[Heading, ...]
    _raw: Sequence[Sequence[Any]] = field(alias="rows")
    sql: str = ""
    warnings: tuple[Mistake, ...] = ()
    partial: tuple[bool, ...] = ()
    grain: str | None = None
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

    def __repr__(self) -> str:
        shown = table.render(self.types, self.values()[: table.REPR_ROWS], self.grain)
        more = len(self) - table.REPR_ROWS
        return f"{shown}\n… {more:,} more rows" if more > 0 else shown

    def table(self) -> str:
        """All rows as a table to read: numbers to the right, ratios in percent, missing as a dash."""
        return table.render(self.types, self.values(), self.grain)

    def in_whole_cents(self, places: int = 2) -> Result:
        """The answer with money rounded to so many decimals, so that shown parts add up to the shown total.

        Where values add up over the groups, the sum so far is rounded along the groups of each period, in the order of
        their keys, and each is shown what it adds to it: a cent at most beside its own rounding. Other money (averages,
        the groups of a tree) is rounded half away from zero, each value by itself. Raises Mistakes (bad-request).
        """
        if isinstance(places, bool) or not isinstance(places, int) or not 0 <= places <= 18:
            raise Mistakes(Mistake("bad-request", f"places is a whole number from 0 to 18, not {places!r}"))
        named = {heading.name: at for at, heading in enumerate(self.headings)}
        apart = [named[name] for name in ("period", "total") if name in named]
        keys = [at for at, heading in enumerate(self.headings) if heading.key and at not in apart]
        money = [at for at, heading in enumerate(self.headings) if heading.type.kind == "money" and not heading.key]
        rows = cents.whole(self.values(), keys, apart, [at for at in money if self.headings[at].adds], places)
        alone = frozenset(at for at in money if not self.headings[at].adds)
        rows = [
            tuple(
                cents.rounded(value, places) if at in alone and value is not None else value
                for at, value in enumerate(row)
            )
            for row in rows
        ]
        return Result(self.headings, rows, self.sql, self.warnings, self.partial, self.grain)

    def to_arrow(self) -> Any:
        """As a pyarrow.Table: exact decimals, 64-bit counts, durations in microseconds. Raises `not-installed`."""
        return export.arrow(self.types, self.values())

    def to_polars(self) -> Any:
        """As a polars.DataFrame, with the types that `to_arrow` has. Raises `not-installed`."""
        return export.polars(self.types, self.values())

    def to_pandas(self) -> Any:
        """As a pandas.DataFrame; exact numbers stay Decimal objects. Raises `not-installed`."""
        return export.pandas(self.types, self.values())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows as an Arrow stream. Raises `not-installed` for durations where pyarrow is not installed."""
        return export.stream(self.types, self.values())

    def to_csv(self, to: str | Path | IO[str]) -> None:
        """Write CSV with a header: missing as an empty field, a duration in seconds, a ratio as a fraction."""
        export.csv(self.types, self.values(), to)

    def to_json(self, to: str | Path | IO[str]) -> None:
        """Write a JSON list with an object a row; exact numbers with all digits, a duration in seconds."""
        export.json(self.types, self.values(), to)

    def to_parquet(self, to: str | Path) -> None:
        """Write a Parquet file; a duration is an interval."""
        export.parquet(self.types, self.values(), to)
