"""The bound tree: every name resolved, every level and type known. It is what the plan is built from.

Rows. An aggregate binds a row of its table; `row` numbers are unique within one bound formula. `Column(row=3,
path=(customer,), name="segment")` is the column of the row that aggregate row 3 links to. A row field, a table's `where`
and `date`, and a dimension are bound once, with row 0 as the row of their own table, and `substitute` puts them in
place. Columns of an outer row carry the outer row's number.

Sugar is gone: growth, change, share, blend, macros, KPIs, parameters and fields are expanded into the nodes below.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from attrs import frozen

from kraforge.errors import Mistake
from kraforge.model.declarations import Link
from kraforge.text import Span
from kraforge.types import Type

Value = Decimal | str | bool | dt.date | dt.datetime | None


@frozen
class Constant:
    """A value known before any row is read. Ratios are fractions (85% is 0.85); money is its amount.

    A duration has `unit` (second … year) and `value` its number.
    """

    value: Value
    type: Type
    unit: str | None = None


@frozen
class Bound:
    """A value that the request brings (`values={"wanted": …}`), bound as a parameter, never parsed."""

    name: str
    type: Type


@frozen
class Column:
    """A column of the row `row` of `table`, or of the row that `path` leads to. Missing where a link is."""

    row: int
    table: str
    path: tuple[Link, ...]
    name: str
    type: Type


@frozen
class PeriodValue:
    """`period.start`, `period.end` (the last day, included), `period.days`, or `as_of`, of the context it stands in."""

    what: Literal["start", "end", "days", "as_of"]
    type: Type


@frozen
class Call:
    """A declared scalar function or operator, by its name in `kraforge.functions.SCALARS`.

    `span` points into the formula for messages.
    """

    function: str
    arguments: tuple[Expression, ...]
    type: Type
    span: Span | None = None


@frozen
class Case:
    """The value of the first branch whose condition holds, else `otherwise` (if, bucket, steps become this).

    `labels` are those of a bucket, in the order written, the rest last.
    """

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression
    type: Type
    labels: tuple[str, ...] = ()


@frozen
class During:
    """Valid from `low` to `high` on the valuation day; a missing end means still valid, a missing start never valid."""

    low: Expression | None
    high: Expression | None
    closed: bool


@frozen
class Aggregate:
    """An aggregate over the rows of `table`, which it binds as `row`. Everything in it is at the row level.

    `arguments` are the row expressions after the table (none for count, any and all of a table). `condition` belongs to
    rate, any and all (their first argument) and is None elsewhere. `where` has the table's own `where` joined in by
    the plan, not here. `on` is the date that puts a row into a period: the modifier's, else the table's event date,
    None for a population (or with `during` alone). `outer` is the row that this aggregate is nested under (None at the
    measure level) and `tie` the links from a row of `table` to it; where siblings meet by an equality in `where`, `tie`
    is None and `ties` holds the pairs (expression over this row, expression over the outer row).
    `outer_path` are the links from row `outer` to the linked row that this aggregate is taken for, where a field of a
    linked row was put in place; `tie` then leads to that row's table.
    `via` is the link chosen for groups. `dated` says that `on` was written. `empty_missing`: the KPI's `empty: missing`.
    """

    function: str
    table: str
    row: int
    arguments: tuple[Expression, ...]
    type: Type
    condition: Expression | None = None
    where: Expression | None = None
    on: Expression | None = None
    dated: bool = False
    during: During | None = None
    via: tuple[Link, ...] | None = None
    outer: int | None = None
    outer_path: tuple[Link, ...] = ()
    tie: tuple[Link, ...] | None = None
    ties: tuple[tuple[Expression, Expression], ...] = ()
    empty_missing: bool = False
    span: Span | None = None


@frozen
class Length:
    """A length of the calendar: 3 months, 90 days."""

    number: int
    unit: str


@frozen
class Prior:
    """Both bounds earlier by `length`, or by `periods` of the answer; later where `forward`."""

    length: Length | None
    periods: int = 1
    forward: bool = False


@frozen
class Trailing:
    """The start from the end: `length`, or one period of the answer."""

    length: Length | None


@frozen
class ToDate:
    """The start is that of the end's year, half, quarter, month or week."""

    unit: str


@frozen
class Ever:
    """No start."""


@frozen
class Anytime:
    """No bounds; also rows without a date."""


@frozen
class Within:
    """Bounds are `low` and `high`: constants, or dates of an outer row. `closed`: the last day belongs."""

    low: Expression | None
    high: Expression | None
    closed: bool


@frozen
class Matched:
    """Earlier periods end where the shift moves the end at which as_of cuts the cell."""


@frozen
class Overall:
    """Without grouping (`dimensions` empty), without some dimensions, over the whole window (`period`), or at coarser
    ones (`coarser`: pairs of dimension and the one that replaces it)."""

    dimensions: tuple[str, ...] = ()
    period: bool = False
    coarser: tuple[tuple[str, str], ...] = ()


@frozen
class ContextDimension:
    """A dimension's value, in a filter after a measure or in a request: each aggregate below finds its own way to it."""

    name: str
    type: Type


@frozen
class ContextColumn:
    """`table.column` in a filter after a measure or in a request: each aggregate finds its one path to the table.

    `path` holds further links from that table.
    """

    table: str
    path: tuple[Link, ...]
    name: str
    type: Type


@frozen
class Filtered:
    """A filter after a measure. Made of constants, calls, ContextDimension and ContextColumn."""

    condition: Expression


Change = Prior | Trailing | ToDate | Ever | Anytime | Within | Matched | Overall | Filtered


@frozen
class InContext:
    """`operand` with `change` applied to the context of every aggregate in it."""

    change: Change
    operand: Expression
    type: Type
    span: Span | None = None


@frozen
class Each:
    """`operand` for the parts of a period (`unit`) or the members of a `dimension`, then aggregated by `function`."""

    operand: Expression
    unit: str | None
    dimension: str | None
    function: str
    type: Type
    arguments: tuple[Expression, ...] = ()
    span: Span | None = None


@frozen
class Rank:
    """The rank of `operand` among the groups of a period, 1 the best; `higher` is the direction of best."""

    operand: Expression
    higher: bool
    type: Type
    span: Span | None = None


@frozen
class Band:
    """The part, 1 (lowest) to `parts`, that a row of the population falls into by `operand`; `by_value` keeps ties.

    The population is `table`; `operand` stands over its row 0, whatever surrounds it. The row asked about is the one
    that `path` leads to from row `row`.
    """

    operand: Expression
    parts: int
    by_value: bool
    row: int
    table: str
    type: Type
    path: tuple[Link, ...] = ()


@frozen
class Versioned:
    """One of several expressions, by the start of the answer's period: (from, expression), the first from None."""

    versions: tuple[tuple[dt.date | None, Expression], ...]
    type: Type


Expression = (
    Constant
    | Bound
    | Column
    | PeriodValue
    | Call
    | Case
    | Aggregate
    | InContext
    | Each
    | Rank
    | Band
    | Versioned
    | ContextDimension
    | ContextColumn
)


@frozen
class Measure:
    """A bound KPI or formula at the measure level, ready to be planned, with the warnings of its own text."""

    name: str
    expression: Expression
    type: Type
    better: str | None = None
    unit: str | None = None
    warnings: tuple[Mistake, ...] = ()


@frozen
class BoundTable:
    """A table with its own expressions bound over row 0: event date, `where`, when it was `known`; its columns' types."""

    name: str
    key: tuple[str, ...]
    columns: tuple[tuple[str, Type], ...]
    date: Expression | None
    where: Expression | None
    members: tuple[str, str] | None = None
    known: During | None = None
    made: str | None = None


@frozen
class BoundLeave:
    """Days off: the stretch of a row of `table`, over its row 0, and the links from there to the people."""

    table: str
    during: During
    links: tuple[Link, ...]


@frozen
class BoundPeople:
    """Whose days a population has: rows of `table` while they are valid (`during`, None: always), not on `leave`.

    `calendar` gives the number of a person's calendar; None where it is another's. All are over row 0 of `table`.
    """

    table: str
    during: During | None
    leave: tuple[BoundLeave, ...]
    calendar: Expression | None


@frozen
class BoundLink:
    """What a link says in formulas: `valid` over row 0 of the table between (of the target where there is none), `share`
    over row 0 of the table between, `at` over row 0 of the table that has the link.

    A tree has the `valid` of the link that it climbs.
    """

    valid: During | None = None
    at: Expression | None = None
    share: Expression | None = None


@frozen
class BoundDimension:
    """A dimension: its home `table` and its value as an expression over row 0 of that table.

    `routes`: for a table that declares how it gets there, the links to the home table. `tree` is the link from a row of
    the home table to itself and all above it, or to the one on a level.
    """

    name: str
    table: str
    expression: Expression
    type: Type
    routes: tuple[tuple[str, tuple[Link, ...]], ...] = ()
    labels: tuple[str, ...] = ()
    tree: Link | None = None
