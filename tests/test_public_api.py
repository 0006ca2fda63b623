"""What is public is exactly what `kraforge.__all__` lists, and importing it costs next to nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import kraforge

PUBLIC = {
    "Catalog", "InternalError", "KraforgeError", "LimitError", "Limits", "Mistake", "Mistakes", "Result", "SourceError",
    "UnsupportedError", "Workspace", "__version__", "check", "compile", "connect",
}  # fmt: skip


def test_all_lists_exactly_the_public_names() -> None:
    assert set(kraforge.__all__) == PUBLIC
    assert kraforge.__all__ == sorted(kraforge.__all__)


def test_every_public_name_is_there_and_documented() -> None:
    for name in PUBLIC - {"__version__"}:
        assert getattr(kraforge, name).__doc__, f"{name} has no docstring"


def test_dir_shows_the_public_names_only() -> None:
    assert set(dir(kraforge)) == PUBLIC


def test_every_error_is_a_kraforge_error() -> None:
    errors = [kraforge.Mistakes, kraforge.LimitError, kraforge.SourceError, kraforge.UnsupportedError]
    assert all(issubclass(error, kraforge.KraforgeError) for error in [*errors, kraforge.InternalError])


def test_the_version_is_that_of_the_package() -> None:
    assert kraforge.__version__ == version("kraforge")


def test_import_brings_in_no_heavy_package() -> None:
    heavy = "duckdb lark ruamel psycopg pyarrow pandas polars numpy cattrs"
    program = f"import sys, kraforge; print(*[name for name in {heavy.split()!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []
