"""What the language can call: each function is one declaration, in the file of its kind."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kraforge.functions import aggregates, business, contexts, dates, operators, scalars, shapes
from kraforge.functions.declaration import Aggregate, ContextFunction, Misfit, Scalar

__all__ = ["AGGREGATES", "CONTEXTS", "SCALARS", "Aggregate", "ContextFunction", "Misfit", "Scalar"]

SCALARS: Final[Mapping[str, Scalar]] = MappingProxyType(
    {
        scalar.name: scalar
        for scalar in (
            *operators.OPERATORS,
            *scalars.SCALARS,
            *dates.DATES,
            *business.BUSINESS,
            *shapes.SHAPES,
        )
    }
)
"""Operators and scalar functions, by name."""

AGGREGATES: Final[Mapping[str, Aggregate]] = MappingProxyType({item.name: item for item in aggregates.AGGREGATES})
"""Aggregates, by name."""

CONTEXTS: Final[Mapping[str, ContextFunction]] = MappingProxyType({item.name: item for item in contexts.CONTEXTS})
"""Context functions, by name."""
