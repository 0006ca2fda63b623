"""What a value is: its kind and unit. Levels (constant, row, measure) are a matter of where it stands, not of its type."""

from __future__ import annotations

from typing import Final, Literal

from attrs import evolve, frozen

Kind = Literal["number", "count", "ratio", "money", "duration", "date", "timestamp", "text", "bool", "missing"]


@frozen
class Type:
    """The kind of a value with what belongs to it.

    `currency` is set for money only, `values` for text with a closed list only. `whole` says that every value is an
    integer: counts, days, columns declared so.
    """

    kind: Kind
    currency: str | None = None
    values: tuple[str, ...] | None = None
    whole: bool = False

    @property
    def numeric(self) -> bool:
        """Whether arithmetic with numbers is meant by it: number, count, ratio, money."""
        return self.kind in ("number", "count", "ratio", "money")

    @property
    def dated(self) -> bool:
        """Whether it names a day: date or timestamp."""
        return self.kind in ("date", "timestamp")

    def __str__(self) -> str:
        return f"money {self.currency}" if self.currency else self.kind

    def loosened(self) -> Type:
        """The same type without the promise of whole numbers or listed values."""
        return evolve(self, whole=False, values=None)


NUMBER: Final = Type("number")
WHOLE: Final = Type("number", whole=True)
COUNT: Final = Type("count", whole=True)
RATIO: Final = Type("ratio")
DURATION: Final = Type("duration")
DATE: Final = Type("date")
TIMESTAMP: Final = Type("timestamp")
TEXT: Final = Type("text")
BOOL: Final = Type("bool")
MISSING: Final = Type("missing")


def money(currency: str) -> Type:
    """Money in a currency, by its ISO 4217 code."""
    return Type("money", currency=currency)


@frozen
class Storage:
    """How a source keeps a column: what its SQL type is to us. `scale` counts decimal places of a decimal.

    `timestamp` is a wall clock in the catalog's zone, `instant` a point in time (timestamp with time zone). `missing` is
    a column of rows without any value: it has no type of its own and is read as whatever it is declared.
    """

    kind: Literal[
        "integer", "decimal", "double", "text", "bool", "date", "timestamp", "instant", "duration", "missing", "other"
    ]
    scale: int = 0

    def as_type(self) -> Type:
        """The type of a column that the catalog leaves undeclared."""
        match self.kind:
            case "integer":
                return WHOLE
            case "decimal" | "double":
                return NUMBER
            case "instant":
                return TIMESTAMP
            case "other":
                return TEXT
            case kind:
                return Type(kind)
