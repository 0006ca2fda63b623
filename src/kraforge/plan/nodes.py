"""The plan: named steps of rows, each built from steps before it, and the expressions over them. Data only.

A step's columns are referred to by the alias that the step has where it is used; their storage is worked out when the
plan is lowered, step by step.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from kraforge.plan.context import Context
from kraforge.semantics import bound
from kraforge.types import Storage, Type

Unit = Literal["day", "week", "month", "quarter", "half", "year"]


@frozen(cache_hash=True)
class Ref:
    """A column of an earlier step, by the alias that the step has where it is used."""

    alias: str
    name: str
    type: Type


@frozen(cache_hash=True)
class Source:
    """A column of a source's table as it is stored, before it is read by its declared type."""

    alias: str
    table: str
    name: str
    type: Type


@frozen(cache_hash=True)
class Apply:
    """A scalar function or operator, by its name in SCALARS or one of the plan's own (`_same`, `_unit_month` …)."""

    function: str
    arguments: tuple[Expression, ...]
    type: Type


@frozen(cache_hash=True)
class Choose:
    """The value of the first branch whose condition holds."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression
    type: Type


@frozen(cache_hash=True)
class LeafValue:
    """What an aggregate gives: a leaf by its number; in rows, for the row that the alias `at` stands for.

    It stands for an expression over a step's columns until the plan knows which step answers it.
    """

    leaf: int
    at: str
    type: Type


@frozen
class LeafBehind:
    """Whether a nested leaf has a row behind it, for the row that the alias `at` stands for."""

    leaf: int
    at: str
    type: Type


@frozen(cache_hash=True)
class PeriodRef:
    """A date of a context in the period at hand: `start`, `last`, `days`, `as_of`, of frame `frame`."""

    context: Context
    what: Literal["start", "last", "days", "as_of", "cell", "answer"]
    frame: int
    type: Type


@frozen
class Slot:
    """A date that is known only when the plan runs: a bound of a scan."""

    name: str
    type: Type


@frozen
class Reduce:
    """A SQL aggregate over the rows of a select: sum, count, min, max, count_distinct, … with the rows that it sees."""

    function: str
    arguments: tuple[Expression, ...]
    where: Expression | None
    type: Type
    order: tuple[Expression, ...] = ()


@frozen
class Over:
    """A window function over the rows of a select: rank, running sums."""

    function: str
    arguments: tuple[Expression, ...]
    partition: tuple[Expression, ...]
    order: tuple[tuple[Expression, bool], ...]
    type: Type
    frame: str = ""


Expression = (
    bound.Constant
    | bound.Bound
    | Ref
    | Source
    | Apply
    | Choose
    | LeafValue
    | LeafBehind
    | PeriodRef
    | Slot
    | Reduce
    | Over
)


@frozen
class Scan:
    """A table of the catalog at its source."""

    table: str


@frozen
class Step:
    """The rows of an earlier step, by its name."""

    name: str


Relation = Scan | Step


@frozen
class Join:
    """A relation joined to those before it: `left` keeps their rows, `inner` keeps matches, `cross` pairs all.

    `on` are conditions, all of which hold; `_same` in one is equality in which missing equals missing.
    """

    kind: Literal["left", "inner", "cross"]
    relation: Relation
    alias: str
    on: tuple[Expression, ...] = ()


@frozen
class Select:
    """Rows of a relation: joined, filtered, grouped by the first `keys` columns where `grouped`, and projected."""

    columns: tuple[tuple[str, Expression], ...]
    relation: Relation
    alias: str
    joins: tuple[Join, ...] = ()
    where: tuple[Expression, ...] = ()
    grouped: bool = False
    keys: int = 0
    distinct: bool = False
    having: tuple[Expression, ...] = ()


@frozen
class Union:
    """The rows of several steps or selects under the same columns; `distinct` drops repeats, missing equal to missing."""

    parts: tuple[Select, ...]
    distinct: bool = False


@frozen
class Given:
    """Rows that are given when the plan runs: the periods of the answer with the bounds of every context, days off.

    `columns` are names with their storage, in the order of the rows.
    """

    columns: tuple[tuple[str, Storage], ...]


@frozen
class Days:
    """All days from `low` to `high`, both ends included, as the column `day`."""

    low: Slot
    high: Slot


Body = Select | Union | Given | Days


@frozen
class Named:
    """A step: its name, what it is in words, and how its rows come about."""

    name: str
    note: str
    body: Body


@frozen
class Order:
    """A column to order by; missing comes last, or first. Labels of a bucket order as they were declared."""

    name: str
    descending: bool = False
    labels: tuple[str, ...] = ()
    missing_first: bool = False


@frozen
class Answer:
    """The last select: which columns come out, in which order of rows."""

    columns: tuple[tuple[str, Expression], ...]
    step: str
    where: Expression | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None


@frozen
class Plan:
    """All steps in order, and the answer. `columns` are the types of what comes out."""

    steps: tuple[Named, ...]
    answer: Answer
    columns: tuple[tuple[str, Type], ...]
