"""The aggregates of a formula in words: whose rows, in which period, under which conditions, and what they give."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, frozen

from kraforge.explanation.contexts import Reach, Step, Telling, effective, sees_later, without_period
from kraforge.explanation.days import made_of
from kraforge.explanation.report import Leaf
from kraforge.explanation.wording import Home, Words
from kraforge.explanation.written import code, name
from kraforge.functions import AGGREGATES
from kraforge.semantics import bound, reach
from kraforge.semantics.check import Checked
from kraforge.semantics.nesting import conjuncts
from kraforge.semantics.pauses import paused
from kraforge.semantics.rows import below, parts

GIVES = {
    "sum": "the sum of {x}",
    "avg": "the mean of {x}",
    "min": "the least {x}",
    "max": "the greatest {x}",
    "count": "how many rows there are",
    "count_distinct": "how many different values of {x} there are",
    "median": "the median of {x}, interpolated between two values",
    "percentile": "the value of {x} below which {p} of the rows lie, interpolated between two values",
    "percentile_disc": "the least value of {x} that occurs with at least {p} of the rows at or below it",
    "stddev": "the sample standard deviation of {x}",
    "first": "{x} of the earliest row",
    "last": "{x} of the latest row",
    "rate": "the share of the rows with {c}",
    "covered": "what {x} gives for the time that the rows cover together, each moment once, within the time that it is taken off",
    "any": "whether there is a row{c}",
    "all": "whether there are rows{c}",
}


@frozen
class Found:
    """An aggregate with the steps of context around it, the outer one first."""

    aggregate: bound.Aggregate
    steps: tuple[Step, ...]
    untied: bool = False


def collected(expression: bound.Expression, steps: tuple[Step, ...] = ()) -> Iterator[Found]:
    """The outermost aggregates of an expression, in the order of the text."""
    match expression:
        case bound.Aggregate():
            yield Found(expression, steps)
        case bound.InContext(change=bound.Filtered() as change):
            filters = (bound.Filtered(condition) for condition in conjuncts(change.condition))
            yield from collected(expression.operand, (*steps, *filters))
        case bound.InContext():
            yield from collected(expression.operand, (*steps, expression.change))
        case bound.Each():
            yield from collected(expression.operand, (*steps, expression))
            for argument in expression.arguments:
                yield from collected(argument, steps)
        case _:
            for part in below(expression):
                yield from collected(part, steps)


class Leaves:
    """Describes aggregates."""

    def __init__(self, checked: Checked, words: Words) -> None:
        self.checked = checked
        self.words = words
        self.calendar = checked.declarations.calendar

    def leaf(self, found: Found, number: str, around: tuple[Step, ...] = ()) -> Leaf:
        """One aggregate with those nested in it. `around` are the steps that the aggregate around it has too."""
        aggregate, home = found.aggregate, Home(found.aggregate.row, found.aggregate.table)
        further = tuple(step for step in found.steps if not self._filters(step, aggregate))
        inner = [
            evolve(each, untied=each.aggregate.outer is None)
            for part in below(aggregate)
            for each in collected(part, further)
        ]
        speaks = any(isinstance(part, bound.PeriodValue) for part in parts(aggregate))
        can = Reach(aggregate.on is not None, aggregate.during is not None, bool(inner) or speaks)
        context = Telling(self.words, self.calendar).phrases(effective(found.steps[len(around) :], can))
        if effective(around, can) and not context:
            context = (f"that of {number.rpartition('.')[0]}",)
        return Leaf(
            number=number,
            text=self.words.aggregate(aggregate),
            function=aggregate.function,
            table=aggregate.table,
            rows=self._rows(found, home),
            conditions=tuple(self._conditions(found, home)),
            context=context,
            value=self._value(aggregate, home),
            sees_later=sees_later(effective(found.steps, can)),
            nested=tuple(self.leaf(each, f"{number}.{i}", further) for i, each in enumerate(inner, 1)),
        )

    def _filters(self, step: Step, aggregate: bound.Aggregate) -> bool:
        """Whether a step is a filter that the table of an aggregate reaches itself, so that it is not for those inside."""
        if not isinstance(step, bound.Filtered):
            return False
        via = aggregate.via if aggregate.outer is None else None
        for part in parts(step.condition):
            if isinstance(part, bound.ContextDimension):
                if reach.way(self.checked, self.checked.dimension(part.name), aggregate.table, via) is None:
                    return False
            elif (
                isinstance(part, bound.ContextColumn)
                and reach.context_column(self.checked, part, aggregate.table, via) is None
            ):
                return False
        return True

    # ---- whose rows, and when

    def _rows(self, found: Found, home: Home) -> str:
        aggregate = found.aggregate
        table = self.checked.tables[aggregate.table]
        which = f"rows of {code(name(aggregate.table))}{self._tied(found)}"
        if table.members is not None:
            which = f"{which} (the values of {code(name(*table.members))})"
        if table.made is not None:
            which = f"{which} (one for {made_of(self.checked, self.words, table.made)})"
        own = None if table.date is None else self.words.code(table.date, Home(0, aggregate.table))
        parts_ = []
        if aggregate.on is not None:
            parts_.append(f"each in the period of {self._date(aggregate, own, home)}")
            if not without_period(found.steps) and table.made is None:
                parts_[0] += "; those without it fall in no period"
        if aggregate.during is not None:
            parts_.append(self._during(aggregate.during, home))
            if aggregate.on is None and own is not None:
                parts_[-1] += f"; the event date {own} does not matter"
        if not parts_:
            return f"all {which}, in every period: a population, it has no event date"
        return f"{which}, {', and '.join(parts_)}"

    def _tied(self, found: Found) -> str:
        """How the rows of a nested aggregate meet the row around it."""
        aggregate = found.aggregate
        if aggregate.outer is None:
            return ", all of them, without the row around and without groups" if found.untied else ""
        if aggregate.tie is not None:
            target = aggregate.tie[-1].to
            whose = code(name(*(link.name for link in aggregate.tie)))
            if aggregate.outer_path:
                through = code(name(*(link.name for link in aggregate.outer_path)))
                return f" whose {whose} is the row of {code(name(target))} that the row around has as its {through}"
            return f" whose {whose} is the row of {code(name(target))} at hand"
        home = Home(aggregate.row, aggregate.table)
        pairs = [f"{self.words.code(own, home)} equal to {self.words.code(outer)}" for own, outer in aggregate.ties]
        return f" with {' and '.join(pairs)}"

    def _date(self, aggregate: bound.Aggregate, own: str | None, home: Home) -> str:
        assert aggregate.on is not None
        date = self.words.code(aggregate.on, home)
        said = date if aggregate.dated or own is None else f"its event date, {date}"
        if isinstance(aggregate.on, bound.Column) and aggregate.on.path:
            said += f" of the row of {code(name(aggregate.on.path[-1].to))} that it links to"
        if aggregate.on.type.kind == "timestamp":
            said += f", by its day in {code(self.calendar.timezone)}"
        if aggregate.dated and own is not None and own != date:
            said += f", not of its event date {own}"
        return said

    def _during(self, during: bound.During, home: Home) -> str:
        low = None if during.low is None else self.words.code(during.low, home)
        high = None if during.high is None else self.words.code(during.high, home)
        said = f"counted when valid on the valuation day{'' if low is None else f', from {low}'}"
        missing = [] if low is None else ["a missing start means never valid"]
        if high is not None:
            said += f" to {high} ({'' if during.closed else 'not '}included)"
            missing.append("a missing end means still valid")
        return "; ".join([said, *missing])

    def _conditions(self, found: Found, home: Home) -> Iterator[str]:
        aggregate = found.aggregate
        if aggregate.where is not None:
            yield self.words.code(aggregate.where, home)
        own = self.checked.tables[aggregate.table].where
        if own is not None:
            yield f"{self.words.code(own, Home(0, aggregate.table))} (of every use of {code(name(aggregate.table))})"
        for step in found.steps:
            if isinstance(step, bound.Filtered) and self._filters(step, aggregate):
                yield f"{self.words.code(step.condition)} (of the measure around it)"

    # ---- what it gives

    def _value(self, aggregate: bound.Aggregate, home: Home) -> str:
        given = paused(aggregate) if aggregate.function == "covered" else aggregate
        values = [self.words.code(argument, home) for argument in given.arguments]
        condition = None if aggregate.condition is None else self.words.code(aggregate.condition, home)
        test = condition or ""
        if aggregate.function == "any":
            test = f" with {condition}" if condition else ""
        elif aggregate.function == "all":
            test = f" and all of them have {condition}" if condition else ""
        said = [GIVES[aggregate.function].format(x=values[0] if values else "", p=values[-1] if values else "", c=test)]
        if values:
            said.append(f"rows whose {values[0]} is missing are left out")
        if condition:
            said.append("a row for which the condition is missing does not fulfil it")
        if aggregate.function == "stddev":
            said.append("no row or one gives missing")
        else:
            said.append(f"no rows give {self.empty(aggregate)}")
        return "; ".join(said)

    def empty(self, aggregate: bound.Aggregate) -> str:
        """What no rows give."""
        if aggregate.empty_missing:
            return "missing (the KPI says so)"
        if aggregate.function == "covered":
            return "0"
        return {"zero": "0", "false": "false", "missing": "missing"}[AGGREGATES[aggregate.function].empty]
