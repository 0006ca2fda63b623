"""The tables of a catalog as they are declared, where no source says more."""

from __future__ import annotations

from kraforge.model.declarations import Link
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.semantics.hops import hops, key_of
from kraforge.semantics.rows import parts
from kraforge.sql.statement import Stored
from kraforge.sql.text import assumed
from kraforge.types import NUMBER, TEXT, Storage, Type


def declared_tables(checked: Checked) -> dict[str, Stored]:
    """How the tables of a catalog are taken to be kept: as their columns are declared."""
    found: dict[str, Stored] = {}
    for table in checked.declarations.tables.values():
        if table.members is None and table.made is None:
            # keys that are numbers are taken to be integers, so that links join plain columns
            keyed = {*table.key, *(name for link in table.links.values() for name in link.by)}
            storages = {name: _kept(column.type, name in keyed) for name, column in table.columns.items()}
            named = tuple((table.table or table.name).split("."))
            found[table.name] = Stored(named, storages, table.columns, {})
    for table in checked.declarations.tables.values():
        for link in table.links.values():
            between = found.get(link.through or "")
            if between is not None and not between.columns:
                found[link.through or ""] = _with(between, _gone_through(checked, table.name, link))
    return found


def _kept(type_: Type, key: bool) -> Storage:
    return Storage("integer") if key and type_.kind == "number" else assumed(type_)


def _with(stored: Stored, storages: dict[str, Storage]) -> Stored:
    return Stored(stored.name, {**storages, **stored.storages}, stored.columns, stored.names)


def _gone_through(checked: Checked, table: str, link: Link) -> dict[str, Storage]:
    """The columns that a link needs of a table between which declares none."""
    first, last = hops(checked, table, link)
    own, target = checked.columns(table), checked.columns(link.to)
    keys = key_of(checked.declarations.tables[link.to])
    found = {there: _kept(own.get(mine, TEXT), True) for mine, there in zip(first.by, first.match, strict=True)}
    found |= {by: _kept(target.get(key, TEXT), True) for by, key in zip(last.by, keys, strict=False)}
    said = checked.link(table, link.name)
    ends = () if said.valid is None else (said.valid.low, said.valid.high)
    for part in (part for end in ends if end is not None for part in parts(end)):
        if isinstance(part, bound.Column):
            found[part.name] = assumed(part.type)
    return found if link.share is None else {**found, link.share: assumed(NUMBER)}
