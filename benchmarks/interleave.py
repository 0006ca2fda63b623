"""Timing several ways of one thing in turns, so that a noisy machine disturbs all of them alike.

pytest-benchmark would time one function after the other, by the wall clock, and compare them afterwards: on a machine that is
never alone, that compares two moments rather than two ways.
"""

from __future__ import annotations

import gc
import resource
import statistics
from collections.abc import Callable, Mapping

from attrs import frozen


@frozen
class Timing:
    """The CPU seconds (user and system, all threads) of each round of one way."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def times(self, other: Timing) -> tuple[float, float, float]:
        """How many times the other's CPU time this took, round by round: lower quartile, median, upper quartile."""
        ratios = sorted(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))
        if len(ratios) < 4:
            return ratios[0], statistics.median(ratios), ratios[-1]
        low, middle, high = statistics.quantiles(ratios, n=4)
        return low, middle, high


def cpu_seconds() -> float:
    """User and system time of this process so far, over all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def interleave(ways: Mapping[str, Callable[[], object]], rounds: int, repeat: int = 1) -> dict[str, Timing]:
    """Run every way once in each round, beginning with another one each time, and time it.

    Each way runs once before the first round. With `repeat` a way runs so many times in a row, for work that is too
    short for the clock; the seconds are those of one run.
    """
    names = list(ways)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for name in names:
        ways[name]()
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            gc.collect()
            before = cpu_seconds()
            for _ in range(repeat):
                ways[name]()
            seconds[name].append((cpu_seconds() - before) / repeat)
    return {name: Timing(name, tuple(values)) for name, values in seconds.items()}
