"""Functions of business time over rows: each end of a stretch is looked up in a step of calendars, by one integer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kraforge.functions.business import NAMES
from kraforge.plan import nodes
from kraforge.plan.calendars import Uses, day_number, key, number_of, whole
from kraforge.plan.leaves import Leaf, Parts, walk
from kraforge.plan.traits import expressions
from kraforge.semantics.bound import Constant
from kraforge.semantics.populations import calendars
from kraforge.types import BOOL, WHOLE

if TYPE_CHECKING:
    from kraforge.plan.collect import Collected
    from kraforge.plan.steps import Steps


class Worktime:
    """Joins calendars to the rows of one select: once for each calendar and moment that is looked up."""

    def __init__(self, steps: Steps, joins: list[nodes.Join]) -> None:
        self.steps = steps
        self.joins = joins
        self._joined: dict[tuple[str, nodes.Expression], str] = {}

    def applied(self, call: nodes.Apply) -> nodes.Expression:
        """A call, its arguments resolved; as columns of what is joined where it goes by a calendar."""
        match call:
            case nodes.Apply(function="business_days", arguments=(first, second, calendar)):
                number = self.number(calendar)
                ends = tuple(self._ordinal(number, end) for end in (second, first))
                return nodes.Apply("subtract", ends, call.type)
            case _:
                return call

    def number(self, calendar: nodes.Expression) -> nodes.Expression:
        """The number of a calendar."""
        assert isinstance(calendar, Constant)
        return whole(number_of(self.steps.calendars.declarations, str(calendar.value)))

    def _ordinal(self, number: nodes.Expression, day: nodes.Expression) -> nodes.Expression:
        """How many working days there are up to and with a day."""
        step = self.steps.calendars.working_days()
        return nodes.Ref(self._met(step, key(number, day_number(day))), "ordinal", WHOLE)

    def _met(self, step: str, own: nodes.Expression) -> str:
        """Joins a step by its key, once, and gives its alias."""
        if (step, own) not in self._joined:
            alias = self.steps.alias(step, self._joined.values())
            on = nodes.Apply("equal", (nodes.Ref(alias, "key", WHOLE), own), BOOL)
            self.joins.append(nodes.Join("left", nodes.Step(step), alias, (on,)))
            self._joined[step, own] = alias
        return self._joined[step, own]



def uses(collected: Collected) -> Uses:
    """The calendars that a request needs."""
    names: set[str] = set()
    texts = ids = False
    for call in calls(collected):
        calendar = call.arguments[2]
        if isinstance(calendar, nodes.Apply) and calendar.function == "_person":
            calendar = calendar.arguments[0]
        if isinstance(calendar, Constant):
            names.add(str(calendar.value))
        elif calendar.type.kind == "text":
            texts = True
        else:
            ids = True
    made = made_tables(collected)
    for own in (each for name in made for each in calendars(collected.checked, name)):
        if isinstance(own, Constant):
            names.add(str(own.value))
        elif own.type.kind == "text":
            texts = True
        else:
            ids = True
    return Uses(frozenset(names), texts, ids, bool(made))


def made_tables(collected: Collected) -> tuple[str, ...]:
    """What the tables that are made of days are made of."""
    leaves = [leaf for leaf in collected.leaves if isinstance(leaf, Leaf)]
    read = [leaf.table for leaf in leaves] + [leaf.siblings.table for leaf in leaves if leaf.siblings is not None]
    tables = collected.checked.declarations.tables
    return tuple(dict.fromkeys(made for table in read if (made := tables[table].made) is not None))


def calls(collected: Collected) -> Iterator[nodes.Apply]:
    """The calls of business time in a request."""
    found = [part for leaf in collected.leaves if isinstance(leaf, Leaf) for part in expressions(leaf)]
    found += [leaf.expression for leaf in collected.leaves if isinstance(leaf, Parts)]
    found += [column.expression for _, columns in collected.columns for column in columns]
    for expression in found:
        for node in walk(expression):
            if isinstance(node, nodes.Apply) and node.function in NAMES:
                yield node
