"""Whether the two ends of every link are kept alike, so that equal keys can be equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kraforge.errors import Mistake
from kraforge.model.declarations import Link, Table
from kraforge.types import Storage

if TYPE_CHECKING:
    from kraforge.sources.open import Home

NUMBERS = ("integer", "decimal", "double")


def link_mistakes(tables: Mapping[str, Table], homes: Mapping[str, Home]) -> list[Mistake]:
    """A mistake (column-mismatch) for each link whose column can never equal the key that it names."""
    found = []
    for table in tables.values():
        for link in table.links.values():
            target = tables.get(link.to)
            if target is None or link.through is not None:
                continue
            keys = target.key or ((target.members[1],) if target.members else ())
            for mine, theirs in zip(link.by, keys, strict=False):
                wrong = _unlike(_kept(table, mine, tables, homes), _kept(target, theirs, tables, homes))
                if wrong is not None:
                    found.append(_mistake(table, link, mine, theirs, wrong))
    return found


def _kept(
    table: Table, column: str, tables: Mapping[str, Table], homes: Mapping[str, Home]
) -> tuple[Storage, bool] | None:
    """How a column is kept, and whether it is read as text."""
    if table.members is not None:
        source = tables.get(table.members[0])
        return None if source is None else _kept(source, table.members[1], tables, homes)
    home = homes.get(table.name)
    storage = None if home is None else home.columns.get(column)
    declared = table.columns.get(column)
    return None if storage is None else (storage, declared is not None and declared.type.kind == "text")


def _unlike(mine: tuple[Storage, bool] | None, theirs: tuple[Storage, bool] | None) -> tuple[str, str] | None:
    """The two kinds where they do not fit together."""
    if mine is None or theirs is None:
        return None
    kinds = [_class(storage, text) for storage, text in (mine, theirs)]
    if kinds[0] == kinds[1] or "other" in kinds:
        return None
    return mine[0].kind, theirs[0].kind


def _class(storage: Storage, text: bool) -> str:
    if storage.kind == "double":
        # as text 1 would be 1.0: it is no key that a text can equal
        return "number"
    if text or storage.kind == "text":
        return "text"
    return "number" if storage.kind in NUMBERS else "date" if storage.kind == "date" else storage.kind


def _mistake(table: Table, link: Link, mine: str, theirs: str, kinds: tuple[str, str]) -> Mistake:
    floating = "; a frame keeps whole numbers as floating point where one is missing" if kinds[0] == "double" else ""
    return Mistake(
        "column-mismatch",
        f"link '{link.name}' of table '{table.name}' compares '{mine}', kept as {kinds[0]}, "
        f"with '{theirs}' of '{link.to}', kept as {kinds[1]}",
        link.place,
        hint=f"bring both to one type{floating}",
    )
