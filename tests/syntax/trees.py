"""Trees in a compact text form, and the readers of the data files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from kraforge.syntax import nodes

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def sexpr(node: nodes.Argument | nodes.Modifier | None) -> str:
    """The shape and the values of a tree, without spans: `(+ a (call sum b))`."""
    match node:
        case None:
            return "_"
        case nodes.Constant(kind, value, _, _, unit):
            if unit or isinstance(value, date):
                return form(kind, plain(value), *([unit] if unit else []))
            return literal(node)
        case nodes.Path(names):
            return ".".join(map(name, names))
        case nodes.Call(function, arguments):
            return form("call", name(function), *map(sexpr, arguments))
        case nodes.Binary(operator, left, right):
            return form(operator, sexpr(left), sexpr(right))
        case nodes.Unary(operator, operand):
            return form(operator, sexpr(operand))
        case nodes.Presence(operand, present):
            return form("is-present" if present else "is-missing", sexpr(operand))
        case nodes.Membership(operand, items, negated):
            return form("not-in" if negated else "in", *map(sexpr, (operand, *items)))
        case nodes.Between(operand, low, high, negated):
            return form("not-between" if negated else "between", *map(sexpr, (operand, low, high)))
        case nodes.If(condition, then, otherwise):
            return form("if", *map(sexpr, (condition, then, otherwise)))
        case nodes.Range(low, high, closed):
            return form(".." if closed else "..<", sexpr(low), sexpr(high))
        case nodes.Pair(key, value):
            return form("->", sexpr(key), sexpr(value))
        case nodes.Modifier(word, value):
            return form(word, sexpr(value))
        case nodes.Modified(operand, modifiers):
            return form("with", *map(sexpr, (operand, *modifiers)))


def form(*parts: str) -> str:
    return f"({' '.join(parts)})"


def name(name: nodes.Name) -> str:
    return f"`{name.text}`" if name.quoted else name.text


def plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def literal(constant: nodes.Constant) -> str:
    match constant.kind:
        case "percent":
            return f"{plain(constant.value)}%"
        case "text":
            return f"'{constant.value}'"
        case "missing":
            return "missing"
        case _:
            return plain(constant.value).lower()


def examples() -> list[str]:
    """The formulas of grammar/examples.txt."""
    return blocks(ROOT / "grammar" / "examples.txt")


def entries(file: str) -> list[list[str]]:
    """The blocks of a data file, as lines."""
    return [block.split("\n") for block in blocks(HERE / file)]


def blocks(file: Path) -> list[str]:
    """What stands between empty lines, after the first block, which says what the file is."""
    return file.read_text("utf-8").strip("\n").split("\n\n")[1:]
