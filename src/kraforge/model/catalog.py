"""The catalog as users hold it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from kraforge.model.declarations import Declarations


@frozen
class Catalog:
    """The definitions that formulas are checked against: tables, links, dimensions, parameters, macros, KPIs.

    Made by `load` or `from_dict`. Nothing in it can change; one catalog may serve many workspaces and threads.
    """

    declarations: Declarations = field(repr=False)
    memo: dict[object, object] = field(factory=dict, init=False, repr=False, eq=False)

    @classmethod
    def load(cls, path: str | Path) -> Catalog:
        """Reads a YAML, TOML or JSON file, or a folder of them.

        Raises Mistakes with every mistake of shape at once, each with its file and line. What formulas mean is checked
        by `kraforge.check`, and where a request needs it.
        """
        from kraforge.model.load import load

        return cls(load(path))

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any]) -> Catalog:
        """Takes a mapping of the same form that a file has. Raises Mistakes with every mistake of shape at once."""
        from kraforge.model.load import from_dict

        return cls(from_dict(mapping))
