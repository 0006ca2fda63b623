"""A floor imports only lower floors, also inside functions."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import kraforge

ROOT = Path(kraforge.__file__).parent
FLOORS = [
    {"cli"},
    {"testing", "report", "packs"},
    {"__init__"},
    {"workspace"},
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
HEAVY = {"duckdb", "lark", "ruamel", "psycopg", "pyarrow", "pandas", "polars"}


def imports(tree: ast.AST) -> set[str]:
    """The full names that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            module = node.module or ""
            names |= {f"{module}.{alias.name}" for alias in node.names} if module == "kraforge" else {module}
    return names


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_downwards(file: Path) -> None:
    own = file.relative_to(ROOT).parts[0].removesuffix(".py")
    found = {name for name in imports(ast.parse(file.read_text("utf-8"))) if name.split(".")[0] == "kraforge"}
    upwards = [
        name for name in found if part(name) != own and HEIGHT[part(name)] >= HEIGHT[own] and part(name) in HEIGHT
    ]
    # `from kraforge import __version__` is the one fact that a lower floor may read from the top.
    assert [name for name in upwards if name != "kraforge.__version__"] == []


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_heavy_packages_are_imported_where_first_needed(file: Path) -> None:
    tree = ast.parse(file.read_text("utf-8"))
    top = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
    assert {name.split(".")[0] for name in imports(top)} & HEAVY == set()
