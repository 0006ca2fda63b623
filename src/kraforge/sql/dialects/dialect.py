"""What every dialect has in common, and where it may say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from kraforge.plan.periods import Days
from kraforge.types import Storage

Template = Callable[["Setting", tuple[str, ...]], str]
"""Texts of operands to the text of a call."""

TYPES: Final = MappingProxyType(
    {
        "integer": "BIGINT",
        "double": "DOUBLE PRECISION",
        "text": "VARCHAR",
        "bool": "BOOLEAN",
        "date": "DATE",
        "timestamp": "TIMESTAMP",
        "instant": "TIMESTAMP WITH TIME ZONE",
        "duration": "BIGINT",
        "missing": '"NULL"',
        "other": "VARCHAR",
    }
)


@frozen
class Setting:
    """What of a catalog's calendar the printing of dates needs: zone (IANA name), fiscal year and week start."""

    zone: str = "UTC"
    days: Days = Days()


@frozen
class Dialect:
    """A dialect's exceptions to plain SQL.

    `templates` are texts for functions whose plain SQL it does not read. Whatever neither plain SQL nor a template
    covers is refused before anything is sent. `lists` says that it unnests several lists side by side.
    """

    name: str
    templates: Mapping[str, Template] = field(factory=dict)
    reduces: Mapping[str, Template] = field(factory=dict)
    types: Mapping[str, str] = TYPES
    collation: str = ""
    lists: bool = False

    def type_name(self, storage: Storage) -> str:
        """The SQL type of a storage."""
        if storage.kind == "decimal":
            return f"DECIMAL(38, {storage.scale})"
        return self.types[storage.kind]
