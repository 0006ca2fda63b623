"""What a benchmark found: a table with a row for each figure, beside its target."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from attrs import frozen

from benchmarks.interleave import Timing


@frozen
class Finding:
    """One figure in words, what it should be, and whether it is. Without a target, `met` is None."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


@frozen
class Section:
    """The findings of one benchmark under its title, with what has to be known to read them."""

    title: str
    about: str
    findings: tuple[Finding, ...]

    def markdown(self) -> str:
        """The section as a part of a page."""
        lines = [f"## {self.title}", "", self.about, "", "| | measured | target | met |", "| --- | --- | --- | --- |"]
        for finding in self.findings:
            met = {None: "", True: "yes", False: "**no**"}[finding.met]
            lines.append(f"| {finding.what} | {finding.measured} | {finding.target} | {met} |")
        return "\n".join(lines) + "\n"


def at_most(what: str, mine: Timing, theirs: Timing, limit: float) -> Finding:
    """How many times the other's CPU time something takes, and whether the median is within a limit."""
    low, middle, high = mine.times(theirs)
    measured = f"{middle:.2f}× ({low:.2f} to {high:.2f}; {len(mine.seconds)} rounds)"
    return Finding(what, measured, f"≤ {limit:.2f}×", round(middle, 2) <= limit)


def faster(what: str, mine: Timing, theirs: Timing, limit: float) -> Finding:
    """How many times faster something is than another, and whether the median reaches a limit."""
    low, middle, high = theirs.times(mine)
    measured = f"{middle:.1f}× ({low:.1f} to {high:.1f}; {len(mine.seconds)} rounds)"
    return Finding(what, measured, f"≥ {limit:.0f}×", middle >= limit)


def milliseconds(what: str, seconds: Sequence[float], limit: float | None = None) -> Finding:
    """A CPU time in milliseconds with its quartiles, and whether the median is within a limit."""
    low, middle, high = (1000 * value for value in quartiles(seconds))
    measured = f"{_short(middle)} ms ({_short(low)} to {_short(high)}; {len(seconds)} rounds)"
    if limit is None:
        return Finding(what, measured)
    return Finding(what, measured, f"≤ {limit:g} ms", middle <= limit)


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile; of a few values the least, the median and the greatest."""
    if len(values) < 4:
        return min(values), statistics.median(values), max(values)
    low, middle, high = statistics.quantiles(values, n=4)
    return low, middle, high


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"
