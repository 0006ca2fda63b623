"""The unit that a KPI declares, checked against the type of its formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kraforge.errors import Mistake
from kraforge.semantics.problems import listed, suggestion
from kraforge.text import Place
from kraforge.types import Type

_TIME: Final = ("duration", "number", "count")
UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("number", "count", "ratio"),
    "count": ("count",),
    "ratio": ("ratio",),
    "percent": ("ratio",),
    "points": ("ratio", "number", "count"),
    "score": ("number", "count", "ratio"),
    "money": ("money",),
    "duration": ("duration",),
    **dict.fromkeys(("seconds", "minutes", "hours", "days", "weeks", "months", "years"), _TIME),
    "date": ("date",),
    "timestamp": ("timestamp",),
    "text": ("text",),
    "bool": ("bool",),
}
"""For each unit, the kinds of value that may be shown in it."""


def check_unit(unit: str, type_: Type, place: Place) -> Mistake | None:
    """What is wrong with a declared unit; None where it fits."""
    word, _, currency = unit.partition(" ")
    if word not in UNITS or (currency and word != "money"):
        return Mistake(
            "unit-declared", f"'{unit}' is no unit", place, None, None, suggestion(word, UNITS), listed("units", UNITS)
        )
    if type_.kind == "missing" or (type_.kind in UNITS[word] and (not currency or type_.currency == currency)):
        return None
    if word == "count" and type_.kind == "number" and type_.whole:
        return None
    return Mistake("unit-declared", f"the unit is declared as {unit}, and the formula gives {type_}", place)
