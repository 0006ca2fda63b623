"""Whether a condition is sure to fail for a row for which a nested aggregate has nothing.

What is known of such a row: `any` is false, a sum or a count is 0, all else is missing. Everything else is unknown.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from kraforge.plan import nodes
from kraforge.plan.collect import Collected
from kraforge.plan.leaves import Leaf
from kraforge.semantics import bound

UNKNOWN: Final = object()
MISSING: Final = object()

_COMPARE: Final = {
    "equal": lambda a, b: a == b,
    "not_equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
}


def refutes(condition: nodes.Expression, nested: int, collected: Collected) -> bool:
    """Whether the condition is false where the nested leaf has no rows."""
    value = _value(condition, nested, collected)
    return value is False or value is MISSING


def _value(node: nodes.Expression, nested: int, collected: Collected) -> Any:
    match node:
        case bound.Constant():
            return MISSING if node.value is None else node.value
        case nodes.LeafValue():
            return _nothing(collected.leaves[nested]) if node.leaf == nested else UNKNOWN
        case nodes.Apply():
            return _applied(node, nested, collected)
        case _:
            return UNKNOWN


def _nothing(leaf: object) -> Any:
    if not isinstance(leaf, Leaf) or leaf.empty_missing:
        return UNKNOWN
    match leaf.function:
        case "any" | "all":
            return False
        case "sum" | "count" | "count_distinct" | "covered":
            return Decimal(0)
        case _:
            return MISSING


def _applied(node: nodes.Apply, nested: int, collected: Collected) -> Any:
    values = [_value(argument, nested, collected) for argument in node.arguments]
    match node.function:
        case "and":
            return False if any(value is False or value is MISSING for value in values) else UNKNOWN
        case "or":
            return False if all(value is False or value is MISSING for value in values) else UNKNOWN
        case "not":
            return True if values[0] is False or values[0] is MISSING else UNKNOWN
        case name if name in _COMPARE:
            if MISSING in values:
                return False
            if UNKNOWN in values or not all(isinstance(value, Decimal) for value in values):
                return UNKNOWN
            return _COMPARE[name](*values)
        case "is_present":
            return False if values[0] is MISSING else UNKNOWN
        case _:
            return UNKNOWN
