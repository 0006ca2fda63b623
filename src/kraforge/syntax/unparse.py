"""Syntax tree to text: canonical, on one line, with no bracket that is not needed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, assert_never

from kraforge.syntax import nodes

CLOSED_WORDS: Final = frozenset({"if", "not", "true", "false", "missing"})
"""Words that are never a name unless in backticks; the other reserved ones are names where only a value can stand."""

TIGHT: Final = frozenset({"number", "percent", "date", "timestamp"})
"""The literals that need no blanks round `..`."""

# How tightly each form binds, as the rules of the grammar nest.
_SCOPED, _EXPRESSION, _EITHER, _BOTH, _NEGATION, _COMPARISON, _SUM, _PRODUCT, _SIGN, _OPERAND = range(10)

# For each operator: how tightly it binds, and its left and right operand at the least.
_BINDING: Final[dict[str, tuple[int, int, int]]] = {
    "else": (_EXPRESSION, _EITHER, _EXPRESSION),
    "or": (_EITHER, _EITHER, _BOTH),
    "and": (_BOTH, _BOTH, _NEGATION),
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), (_COMPARISON, _SUM, _SUM)),
    **dict.fromkeys("+-", (_SUM, _SUM, _PRODUCT)),
    **dict.fromkeys("*/", (_PRODUCT, _PRODUCT, _SIGN)),
}


def unparse(tree: nodes.Argument | nodes.Modifier) -> str:
    """The text of a tree; parsing it gives the same tree, spans apart. Recurses as deep as the tree."""
    match tree:
        case nodes.Constant():
            return tree.raw or _literal(tree)
        case nodes.Path():
            return ".".join(_name(name, first=i == 0) for i, name in enumerate(tree.names))
        case nodes.Call():
            return f"{_name(tree.name, first=True)}({', '.join(map(unparse, tree.arguments))})"
        case nodes.Binary():
            _, left, right = _BINDING[tree.operator]
            return f"{_at(left, tree.left)} {tree.operator} {_at(right, tree.right)}"
        case nodes.Unary(operator="-"):
            operand = _at(_SIGN, tree.operand)
            return f"-({operand})" if operand.startswith("-") else f"-{operand}"
        case nodes.Unary():
            return f"not {_at(_NEGATION, tree.operand)}"
        case nodes.Presence():
            return f"{_at(_SUM, tree.operand)} is {'present' if tree.present else 'missing'}"
        case nodes.Membership():
            word = "not in" if tree.negated else "in"
            return f"{_at(_SUM, tree.operand)} {word} ({', '.join(map(unparse, tree.items))})"
        case nodes.Between():
            word = "not in" if tree.negated else "in"
            return f"{_at(_SUM, tree.operand)} {word} {_range(tree.low, '..', tree.high)}"
        case nodes.If():
            condition, then = _at(_EITHER, tree.condition), _at(_EITHER, tree.then)
            return f"if {condition} then {then} else {_at(_EXPRESSION, tree.otherwise)}"
        case nodes.Range():
            return _range(tree.low, ".." if tree.closed else "..<", tree.high)
        case nodes.Pair():
            key = unparse(tree.key) if isinstance(tree.key, nodes.Range) else _at(_EXPRESSION, tree.key)
            return f"{key} -> {_at(_EXPRESSION, tree.value)}"
        case nodes.Modifier():
            if isinstance(tree.value, nodes.Range):
                return f"{tree.word} {unparse(tree.value)}"
            return f"{tree.word} {_at(_SUM if tree.word == 'on' else _EXPRESSION, tree.value)}"
        case nodes.Modified():
            return " ".join([_at(_EXPRESSION, tree.operand), *map(unparse, tree.modifiers)])
    assert_never(tree)


def tight(*ends: nodes.Expression | None) -> bool:
    """Whether `..` stands between the ends of a range without blanks: `1..30`, but `hired_on .. left_on`."""
    inner = (end.operand if isinstance(end, nodes.Unary) else end for end in ends if end is not None)
    return all(isinstance(end, nodes.Constant) and end.kind in TIGHT for end in inner)


def _at(least: int, tree: nodes.Expression) -> str:
    """The text of an operand, in brackets where it binds less tightly than it has to."""
    text = unparse(tree)
    return f"({text})" if _binds(tree) < least else text


def _binds(tree: nodes.Expression) -> int:
    match tree:
        case nodes.Binary():
            return _BINDING[tree.operator][0]
        case nodes.Unary():
            return _SIGN if tree.operator == "-" else _NEGATION
        case nodes.Presence() | nodes.Membership() | nodes.Between():
            return _COMPARISON
        case nodes.If():
            return _EXPRESSION
        case nodes.Modified():
            return _SCOPED
        case nodes.Constant() | nodes.Path() | nodes.Call():
            return _OPERAND
    assert_never(tree)


def _range(low: nodes.Expression | None, sign: str, high: nodes.Expression | None) -> str:
    ends = ["" if end is None else _at(_SUM, end) for end in (low, high)]
    return (sign if tight(low, high) else f" {sign} ").join(ends).strip()


def _name(name: nodes.Name, first: bool) -> str:
    plain = re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name.text) and not (first and name.text in CLOSED_WORDS)
    return name.text if plain and not name.quoted else f"`{name.text}`"


def _literal(constant: nodes.Constant) -> str:
    """The text of a constant that was never written."""
    match constant.value:
        case bool(value):
            return "true" if value else "false"
        case Decimal() as value:
            unit = constant.unit or ""
            if constant.kind == "duration" and value != 1:
                unit = "halves" if unit == "half" else f"{unit}s"
            return f"{value:f}%" if constant.kind == "percent" else f"{value:f} {unit}".rstrip()
        case str(value):
            return "'" + value.replace("'", "''") + "'"
        case None:
            return "missing"
        case value:
            return value.isoformat()
