"""What the makers of the sample company share: its time, its dice, its row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any, Final

Row = dict[str, Any]
Tables = dict[str, list[Row]]

START: Final = dt.date(2024, 4, 1)
END: Final = dt.date(2026, 4, 1)
"""The company's books: from START, up to and without END."""

TEAMS: Final = ("North", "West", "South", "East", "Key accounts")
SEASON: Final = {
    1: 0.95,
    2: 0.92,
    3: 1.25,
    4: 0.85,
    5: 0.92,
    6: 0.84,
    7: 0.8,
    8: 0.92,
    9: 1.1,
    10: 1.35,
    11: 1.2,
    12: 1.0,
}
"""How busy a month is: the festive months and the fiscal year's end are, the monsoon is not."""


def dice(seed: int, name: str) -> Random:
    """A random generator of its own for each table, so that a change to one table leaves the others as they were."""
    return Random(f"kraforge demo {seed} {name}")


def rupees(amount: float) -> Decimal:
    """An amount with two decimals."""
    return Decimal(round(amount * 100)).scaleb(-2)


def day(random: Random, first: dt.date, last: dt.date) -> dt.date:
    """A day from `first`, up to and without `last`."""
    return first + dt.timedelta(days=int(random.random() * max(1, (last - first).days)))


def moment(random: Random, on: dt.date) -> dt.datetime:
    """A minute of a day's working hours."""
    return dt.datetime(on.year, on.month, on.day, 9 + int(random.random() * 10), int(random.random() * 60))


def known(when: dt.date | dt.datetime) -> bool:
    """Whether it lies before the books end; what comes later has not happened yet."""
    return (when.date() if isinstance(when, dt.datetime) else when) < END


def months() -> list[tuple[dt.date, float]]:
    """The first day of each month of the books with its weight: season times two percent growth a month."""
    firsts = [dt.date(START.year + (START.month - 1 + n) // 12, (START.month - 1 + n) % 12 + 1, 1) for n in range(24)]
    return [(first, SEASON[first.month] * 1.02**n) for n, first in enumerate(firsts)]
