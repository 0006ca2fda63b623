"""Units of a catalog's own calendars: what formulas and requests may call a period, beside month and year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kraforge.model.declarations import Calendar, Grain, TableGrain, WeeksGrain
from kraforge.semantics.binding import Binding
from kraforge.semantics.scope import Scope
from kraforge.syntax import nodes

LEVELS: Final = ("week", "month", "quarter", "half", "year")
"""What a calendar of whole weeks has units of, the shortest first."""


def own_units(calendar: Calendar) -> Mapping[str, Grain]:
    """The units of a catalog's own calendars by name: a calendar of weeks gives one for each level, a table one."""
    found: dict[str, Grain] = {}
    for grain in calendar.grains.values():
        match grain:
            case TableGrain():
                found[grain.name] = grain
            case WeeksGrain():
                found |= {f"{grain.name}_{level}": grain for level in LEVELS}
    return found


def own_unit(binding: Binding, node: nodes.Argument, scope: Scope) -> str | None:
    """The unit of a calendar of one's own that a bare word names, None where it is something else."""
    word = binding.word(node, scope)
    return word if word is not None and word in own_units(binding.declarations.calendar) else None
