"""Define, check, compute and explain KPIs from formulas in config.

The names below are the whole public surface; everything else may change without notice. They are brought in when first
used, so that importing kraforge costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kraforge.compiled import check, compile
    from kraforge.errors import (
        InternalError,
        KraforgeError,
        LimitError,
        Mistake,
        Mistakes,
        SourceError,
        UnsupportedError,
    )
    from kraforge.limits import Limits
    from kraforge.model.catalog import Catalog
    from kraforge.result import Result
    from kraforge.sources import connect
    from kraforge.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "Catalog",
    "InternalError",
    "KraforgeError",
    "LimitError",
    "Limits",
    "Mistake",
    "Mistakes",
    "Result",
    "SourceError",
    "UnsupportedError",
    "Workspace",
    "__version__",
    "check",
    "compile",
    "connect",
]

_HOMES = {
    "Catalog": "model.catalog",
    "InternalError": "errors",
    "KraforgeError": "errors",
    "LimitError": "errors",
    "Limits": "limits",
    "Mistake": "errors",
    "Mistakes": "errors",
    "Result": "result",
    "SourceError": "errors",
    "UnsupportedError": "errors",
    "Workspace": "workspace",
    "check": "compiled",
    "compile": "compiled",
    "connect": "sources",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'kraforge' has no attribute {name!r}")
    value = getattr(import_module(f"kraforge.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
