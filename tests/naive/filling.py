"""Values of columns made at random, one in six missing, many of them on an edge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Chance(Protocol):
    """Where choices come from: hypothesis, or a random generator."""

    def pick(self, options: Sequence[T]) -> T: ...
    def number(self, low: int, high: int) -> int: ...


STATUS = ["open", "done", "void"]
KINDS = {
    "amount": ("money", "money EUR"),
    "cost": ("money", "money EUR"),
    "quantity": ("whole", {"type": "number", "whole": True}),
    "score": ("number", "number"),
    "part": ("ratio", "percent"),
    "status": ("status", {"type": "text", "values": STATUS}),
    "word": ("text", "text"),
    "flag": ("bool", "bool"),
    "due": ("date", "date"),
    "since": ("date", "date"),
    "until": ("date", "date"),
    "at": ("timestamp", "timestamp"),
    "done_at": ("timestamp", "timestamp"),
}


def value(chance: Chance, column: str) -> Any:
    """A value of a column; one in six is missing."""
    if chance.number(0, 5) == 0:
        return None
    match KINDS[column][0]:
        case "money":
            return f"{chance.pick([0, 1, -1, 2, 5, 10, 10, 250])}.{chance.pick(['00', '00', '25', '01'])}"
        case "whole":
            return chance.pick([-1, 0, 0, 1, 1, 2, 3, 7])
        case "number":
            return chance.pick([0.0, 0.5, 0.5, 1.0, 2.25, -1.5, float("nan"), float("inf")])
        case "ratio":
            return chance.pick([0.0, 25.0, 50.0, 50.0, 100.0])
        case "status":
            return chance.pick(STATUS)
        case "text":
            return chance.pick(["a", "B", "a ", "ä", "aa", ""])
        case "bool":
            return chance.pick([True, False])
        case "date":
            return day(chance)
        case _:
            hour = chance.pick([0, 1, 9, 23])
            return dt.datetime.combine(day(chance), dt.time(hour, chance.pick([0, 30])))


def day(chance: Chance) -> dt.date:
    """A day in or near the first months of 2024; ends of months more often."""
    if chance.number(0, 2) == 0:
        ends = [
            "2023-12-31",
            "2024-01-01",
            "2024-01-31",
            "2024-02-01",
            "2024-02-29",
            "2024-03-01",
            "2024-03-31",
            "2024-04-01",
            "2023-02-28",
        ]
        return dt.date.fromisoformat(chance.pick(ends))
    return dt.date(2023, 12, 15) + dt.timedelta(days=chance.number(0, 135))
