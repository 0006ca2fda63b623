"""Which declared types can be read from which storage."""

from __future__ import annotations

from typing import Final

from kraforge.types import Kind, Storage, Type

_NUMBERS: Final = frozenset({"integer", "decimal", "double"})
_DAYS: Final = frozenset({"date", "timestamp", "instant"})
_STORED: Final[dict[Kind, frozenset[str]]] = {
    "number": _NUMBERS,
    "count": _NUMBERS,
    "ratio": _NUMBERS,
    "money": _NUMBERS,
    "duration": frozenset({"duration"}),
    "date": _DAYS,
    "timestamp": _DAYS,
    "text": frozenset({"text", "other"}),
    "bool": frozenset({"bool"}),
    "missing": frozenset(),
}


def fits(declared: Type, storage: Storage) -> str | None:
    """None where a column of this type can be read from the storage, otherwise what to do about it."""
    if storage.kind == "missing" or storage.kind in _STORED[declared.kind]:
        return None
    stored = storage.as_type().kind
    if storage.kind == "text":
        return f"store it as {_wanted(declared)}, cast it in a view, or declare it text"
    return f"declare it {stored}, or cast it in a view"


def _wanted(declared: Type) -> str:
    if declared.kind in ("number", "count", "ratio", "money"):
        return "a decimal"
    return f"a {declared.kind}"
