"""Every aggregate in every context, over rows, over values that are all missing, and over no rows.

The bounds of each context are written down as days; what an aggregate gives is computed from the values between them, here,
in a third way beside the naive evaluator and the databases.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Iterator
from typing import Any

from cases.reading import Case

CATALOG = {
    "tables": {
        "t": {
            "key": "id",
            "date": "on_day",
            "columns": {
                "id": "text",
                "on_day": "date",
                "n": {"type": "number", "whole": True},
                "flag": "bool",
            },
        }
    }
}

DAYS = [
    "2022-12-31", "2023-01-15", "2023-02-01", "2023-02-28", "2023-03-01", "2023-12-01", "2023-12-31", "2024-01-01",
    "2024-01-30", "2024-01-31", "2024-01-31", "2024-02-01", "2024-02-10", "2024-02-14", "2024-02-29", "2024-03-01",
    "2024-03-05", "2024-03-06", "2024-03-31", "2024-04-01", None,
]  # fmt: skip
NUMBERS = [4, -2, 7, None, 0, 11, 3, 3, 5, 8, -1, 6, None, 6, 2, 9, None, 12, -7, 1, 100]
FLAGS = [{"y": True, "n": False, "-": None}[letter] for letter in "yn-yynyn-nyyyn-ynyyny"]

# The month February 2024, asked by month: the first day and the day after the last, None where open.
CONTEXTS: dict[str, tuple[str | None, str | None]] = {
    "{x}": ("2024-02-01", "2024-03-01"),
    "prior({x})": ("2024-01-01", "2024-02-01"),
    "prior({x}, 2)": ("2023-12-01", "2024-01-01"),
    "prior({x}, 1 year)": ("2023-02-01", "2023-03-01"),
    "prior({x}, 1 week)": ("2024-01-25", "2024-02-23"),
    "next({x})": ("2024-03-01", "2024-04-01"),
    "next({x}, 2 months)": ("2024-04-01", "2024-05-01"),
    "trailing({x}, 2 months)": ("2024-01-01", "2024-03-01"),
    "trailing({x})": ("2024-02-01", "2024-03-01"),
    "trailing({x}, 30 days)": ("2024-01-31", "2024-03-01"),
    "trailing({x}, 1 year)": ("2023-03-01", "2024-03-01"),
    "to_date({x}, year)": ("2024-01-01", "2024-03-01"),
    "to_date({x}, month)": ("2024-02-01", "2024-03-01"),
    "to_date({x}, week)": ("2024-02-26", "2024-03-01"),
    "ever({x})": (None, "2024-03-01"),
    "within({x}, 2024-02-10 .. 2024-03-05)": ("2024-02-10", "2024-03-06"),
    "within({x}, 2024-02-10 ..< 2024-03-05)": ("2024-02-10", "2024-03-05"),
    "within({x}, 2024-03-01 ..)": ("2024-03-01", None),
    "within({x}, ..2024-01-01)": (None, "2024-01-02"),
    "within({x}, 2024-03-05 .. 2024-02-10)": ("2024-03-05", "2024-02-11"),
    "anytime({x})": (None, None),
    "overall({x})": ("2024-02-01", "2024-03-01"),
    "overall({x}, period)": ("2024-02-01", "2024-03-01"),
    "prior(trailing({x}, 2 months))": ("2023-12-01", "2024-02-01"),
    "trailing(prior({x}), 2 months)": ("2023-12-01", "2024-02-01"),
    "prior(ever({x}))": (None, "2024-02-01"),
    "ever(prior({x}))": (None, "2024-02-01"),
    "prior(to_date({x}, year), 1 year)": ("2023-01-01", "2023-03-01"),
    "to_date(prior({x}, 2), year)": ("2023-12-01", "2024-01-01"),
    "trailing(trailing({x}, 2 months), 1 year)": ("2024-01-01", "2024-03-01"),
    "prior(prior({x}), 1 year)": ("2023-01-01", "2023-02-01"),
    "prior(next({x}))": ("2024-02-01", "2024-03-01"),
    "matched(prior({x}))": ("2024-01-01", "2024-02-01"),
    "prior(within({x}, 2024-02-01 ..< 2024-03-01))": ("2024-02-01", "2024-03-01"),
    "within(prior({x}), 2024-02-01 ..< 2024-03-01)": ("2024-01-01", "2024-02-01"),
    "anytime(prior({x}))": (None, None),
}

Counted = list[tuple[str, str, int | None, bool | None]]


def values(rows: Counted) -> list[int]:
    return [n for _, _, n, _ in rows if n is not None]


def dated(rows: Counted) -> list[int]:
    """The values that are present in order of date, then key."""
    return [n for day, _, n, _ in sorted(rows, key=lambda row: row[:2]) if n is not None and day]


def percentile(numbers: list[int], part: float) -> float:
    place = (len(numbers) - 1) * part
    low = sorted(numbers)[int(place)]
    high = sorted(numbers)[min(int(place) + 1, len(numbers) - 1)]
    return low + (high - low) * (place - int(place))


def disc(numbers: list[int], percent: int) -> int:
    return sorted(numbers)[max(0, -(-percent * len(numbers) // 100) - 1)]


FIGURES: dict[str, Callable[[Counted], Any]] = {
    "sum(t.n)": lambda rows: sum(values(rows)),
    "avg(t.n)": lambda rows: statistics.fmean(values(rows)) if values(rows) else None,
    "min(t.n)": lambda rows: min(values(rows), default=None),
    "max(t.n)": lambda rows: max(values(rows), default=None),
    "count(t)": len,
    "count(t where flag)": lambda rows: sum(flag is True for *_, flag in rows),
    "count_distinct(t.n)": lambda rows: len(set(values(rows))),
    "median(t.n)": lambda rows: float(statistics.median(values(rows))) if values(rows) else None,
    "percentile(t.n, 90%)": lambda rows: percentile(values(rows), 0.9) if values(rows) else None,
    "percentile_disc(t.n, 40%)": lambda rows: disc(values(rows), 40) if values(rows) else None,
    "stddev(t.n)": lambda rows: statistics.stdev(values(rows)) if len(values(rows)) > 1 else None,
    "first(t.n)": lambda rows: next(iter(dated(rows)), None),
    "last(t.n)": lambda rows: next(iter(reversed(dated(rows))), None),
    "rate(t, flag)": lambda rows: sum(flag is True for *_, flag in rows) / len(rows) if rows else None,
    "any(t)": lambda rows: bool(rows),
    "any(t, n > 6)": lambda rows: any(n > 6 for n in values(rows)),
    "all(t, n >= -2)": lambda rows: bool(rows) and all(n is not None and n >= -2 for _, _, n, _ in rows),
}


def counted(low: str | None, high: str | None, empty: bool) -> Counted:
    """The rows between two days; without bounds those without a date too."""
    found = []
    for number, (day, n, flag) in enumerate(zip(DAYS, NUMBERS, FLAGS, strict=True)):
        inside = low is high is None if day is None else (low or "") <= day < (high or "9999")
        if inside:
            found.append((day or "", f"{number:02}", None if empty else n, None if empty else flag))
    return found


def table(empty: bool) -> list[dict[str, Any]]:
    """All rows as given."""
    return [
        {
            "id": f"{number:02}",
            "on_day": dt.date.fromisoformat(day) if day else None,
            "n": None if empty else n,
            "flag": None if empty else flag,
        }
        for number, (day, n, flag) in enumerate(zip(DAYS, NUMBERS, FLAGS, strict=True))
    ]


def cases() -> Iterator[Case]:
    """A case for each context and each state of the data, with all aggregates at once."""
    for context, (low, high) in CONTEXTS.items():
        for state in ("rows", "missing", "none"):
            rows = [] if state == "none" else counted(low, high, state == "missing")
            given = [] if state == "none" else table(state == "missing")
            kpis = {f"k{number}": context.format(x=figure) for number, figure in enumerate(FIGURES)}
            expected = {f"k{number}": figure(rows) for number, figure in enumerate(FIGURES.values())}
            request = {"kpis": kpis, "window": "2024-02", "grain": "month"}
            yield Case(
                "grid", f"{context.format(x='x')} of {state}", CATALOG, {"t": given}, request, [expected], None, {}
            )
