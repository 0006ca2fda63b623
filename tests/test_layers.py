"""A floor imports only lower floors, also inside functions."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import kraforge

ROOT = Path(kraforge.__file__).parent
FLOORS = [
    {"cli"},
    {"testing", "report"},
    {"packs"},
    {"__init__"},
    {"workspace", "compiled"},
    {"explanation"},
    {"compiler", "sources", "result"},
    {"sql"},
    {"plan"},
    {"semantics", "scorecard"},
    {"model"},
    {"functions", "syntax"},
    {"types"},
    {"errors", "limits"},
    {"text"},
]
HEIGHT = {name: len(FLOORS) - number for number, names in enumerate(FLOORS) for name in names}
FILES = sorted(ROOT.rglob("*.py"))


def part(module: str) -> str:
    """The floor's part that `kraforge.x.y` or, for a public name, `kraforge.Name` belongs to."""
    name = module.split(".")[1] if "." in module else "__init__"
    return name if name in HEIGHT else "__init__"


def imports(file: Path) -> set[str]:
    """The parts of kraforge that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            module = node.module or ""
            names |= {f"{module}.{alias.name}" for alias in node.names} if module == "kraforge" else {module}
    return {part(name) for name in names if name.split(".")[0] == "kraforge"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_downwards(file: Path) -> None:
    own = file.relative_to(ROOT).parts[0].removesuffix(".py")
    assert own in HEIGHT
    assert {name for name in imports(file) - {own} if HEIGHT[name] >= HEIGHT[own]} == set()
