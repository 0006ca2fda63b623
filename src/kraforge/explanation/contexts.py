"""The context of an aggregate in words: what context functions around it change, the outer one first."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, frozen

from kraforge.explanation.wording import Home, Words
from kraforge.explanation.written import code, name
from kraforge.functions.dates import UNITS
from kraforge.model.declarations import Calendar
from kraforge.semantics import bound

Step = bound.Change | bound.Each
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STARTS = (bound.Trailing, bound.ToDate, bound.Ever)
JOINED = {
    "sum": "the sum of them", "avg": "their mean", "min": "the least of them", "max": "the greatest of them",
    "median": "their median", "stddev": "their standard deviation", "count": "how many of them there are",
    "percentile": "a percentile of them", "percentile_disc": "a percentile of them", "any": "whether any of them holds",
    "all": "whether all of them hold", "rate": "the share of them that holds",
}  # fmt: skip


@frozen
class Reach:
    """What a context can move: the rows' dates, the valuation day of `during`, or (`inner`) what is nested."""

    dated: bool
    during: bool
    inner: bool


def effective(steps: Sequence[Step], reach: Reach) -> tuple[Step, ...]:
    """The steps that change something: a later start takes the place of an earlier one, anytime and within of all."""
    kept: list[Step] = []
    for step in steps:
        unbounded = any(isinstance(each, bound.Anytime) for each in kept)
        match step:
            case bound.Filtered():
                continue
            case bound.Overall() | bound.Each():
                kept.append(step)
            case _ if not (reach.dated or reach.during or reach.inner):
                continue
            case bound.Trailing() | bound.ToDate() | bound.Ever() | bound.Anytime() if not (reach.dated or reach.inner):
                continue
            case bound.Anytime() | bound.Within():
                kept = [each for each in kept if isinstance(each, bound.Overall | bound.Each)]
                kept.append(step)
            case bound.Trailing() | bound.ToDate() | bound.Ever() if not unbounded:
                last = max((i for i, each in enumerate(kept) if isinstance(each, bound.Each)), default=-1)
                kept = [each for i, each in enumerate(kept) if i <= last or not isinstance(each, STARTS)]
                kept.append(step)
            case bound.Prior() | bound.Matched() if not unbounded:
                kept.append(step)
            case _:
                pass
    return tuple(kept)


def without_period(steps: Sequence[Step]) -> bool:
    """Whether rows without a date count too: under anytime, unless within sets new bounds."""
    found = False
    for step in steps:
        found = isinstance(step, bound.Anytime) or (found and not isinstance(step, bound.Within | bound.Each))
    return found


def sees_later(steps: Sequence[Step]) -> bool:
    """Whether rows after the period may count."""
    return any(
        isinstance(step, bound.Within | bound.Anytime) or (isinstance(step, bound.Prior) and step.forward)
        for step in steps
    )


@define
class Telling:
    """Steps told one after the other; `own` is what one period is called, `it` the period that the last one left."""

    words: Words
    calendar: Calendar
    home: Home = Home()
    own: str = "period"
    it: str = "the period"
    moved: bool = False

    def phrases(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """One phrase for each step."""
        return tuple(phrase for step in steps for phrase in self._phrases(step))

    def _phrases(self, step: Step) -> tuple[str, ...]:
        before, it = self.moved, self.it
        match step:
            case bound.Prior():
                direction = "later" if step.forward else "earlier"
                self.it, self.moved = "that period", True
                return (f"{'all of it ' if before else ''}{self._far(step)} {direction}",)
            case bound.Trailing():
                self.moved = True
                if step.length is None:
                    return (f"over one {self.own} that ends with {it}",)
                number, unit = step.length.number, step.length.unit
                unit = shown(unit)
                length = f"the {unit} that ends" if number == 1 else f"the {number} {plural(unit, number)} that end"
                return (f"over {length} with {it}",)
            case bound.ToDate():
                self.moved = True
                return (f"from the start of the {self._unit(step.unit)} to the end of {it}",)
            case bound.Ever():
                self.moved = True
                return (f"from the beginning to the end of {it}",)
            case bound.Anytime():
                self.moved = True
                return ("whatever the period, rows without a date too",)
            case bound.Within():
                self.moved = True
                return (f"{self._between(step)}, whatever the period",)
            case bound.Matched():
                return ("like for like: where as_of cuts the period, an earlier one ends at the same point",)
            case bound.Overall():
                return tuple(self._overall(step))
            case bound.Filtered():
                return (f"only rows with {self.words.code(step.condition)}",)
            case bound.Each():
                return (self._each(step),)

    def _far(self, step: bound.Prior) -> str:
        if step.length is not None:
            number = step.length.number * step.periods
            return f"{number} {plural(shown(step.length.unit), number)}"
        return f"one {self.own}" if step.periods == 1 else f"{step.periods} {plural(self.own, step.periods)}"

    def _unit(self, unit: str) -> str:
        month, day = self.calendar.fiscal_year_starts
        if unit not in UNITS:
            return code(unit)
        if unit == "week":
            return f"week (from {WEEKDAYS[self.calendar.week_starts - 1]})"
        if unit == "month" or (month, day) == (1, 1):
            return unit
        return f"fiscal {unit} ({'' if unit == 'year' else 'of a year '}from {day} {MONTHS[month - 1]})"

    def _between(self, step: bound.Within) -> str:
        low = None if step.low is None else self.words.code(step.low, self.home)
        high = None if step.high is None else self.words.code(step.high, self.home)
        last = "" if high is None else f" to {high} ({'included' if step.closed else 'not included'})"
        return f"dated{'' if low is None else f' from {low}'}{last}"

    def _overall(self, step: bound.Overall) -> list[str]:
        said = []
        if step.period:
            said.append("over the request's whole window")
        if step.dimensions:
            said.append(f"without the groups of {listed(code(name(each)) for each in step.dimensions)}")
        said += [
            f"for all members of {code(name(old))} that have the cell's {code(name(new))} on the valuation day, each with all its rows"
            for old, new in step.coarser
        ]
        return said or ["of all groups together (filters stay)"]

    def _each(self, step: bound.Each) -> str:
        joined = JOINED[step.function]
        if step.unit is None:
            return f"for each {code(name(step.dimension or ''))} with a row behind it, then {joined}"
        unit = shown(step.unit)
        it, self.own, self.it, self.moved = self.it, unit, f"the {unit}", False
        return f"for each {unit} of {it} begun by as_of, then {joined}"


def shown(unit: str) -> str:
    """A unit of the calendar in a sentence; one of a calendar of one's own as code."""
    return unit if unit in UNITS else code(unit)


def plural(word: str, number: int) -> str:
    """A unit after a number: 3 months, 2 halves."""
    return word if number == 1 else "halves" if word == "half" else f"{word}s"


def listed(items: object) -> str:
    """a, b and c."""
    words = [str(item) for item in items]  # type: ignore[attr-defined]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
