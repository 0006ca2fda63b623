"""The tables of a catalog, each where its rows are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from attrs import define, field, frozen

from kraforge.errors import Mistake, SourceError
from kraforge.limits import Limits
from kraforge.model.declarations import Declarations, Table
from kraforge.sources.connect import connect
from kraforge.sources.duckdb import DuckDB
from kraforge.sources.fit import fits
from kraforge.sources.links import columns_at_first, columns_named, day_mistakes, link_mistakes
from kraforge.sources.source import Answer, Source, check_unique
from kraforge.sources.tabular import open_tables, tables_in
from kraforge.text import Place, nearest
from kraforge.types import Storage, Type


@frozen
class Home:
    """Where a table of the catalog is: its source, its name there, and how its columns are kept.

    `columns` has the declared columns by their names in the catalog, then what else the source has, by its names.
    `names` gives the source's name of each of these.
    """

    source: Source
    table: str
    columns: Mapping[str, Storage]
    names: Mapping[str, str]


@define(eq=False)
class Sources:
    """All tables of a catalog, opened; `homes` is by the catalog's names. Populations of members or days have no home."""

    homes: Mapping[str, Home]
    embedded: DuckDB | None = None
    limits: Limits = field(factory=Limits)
    _opened: tuple[Source, ...] = ()
    _checked: set[tuple[str, tuple[str, ...]]] = field(factory=set, init=False)
    _kept: set[tuple[str, tuple[tuple[str, object], ...]]] = field(factory=set, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def engine(self) -> DuckDB:
        """An embedded DuckDB for what no single source can do: the one over plain tables, else an empty one."""
        with self._lock:
            if self.embedded is None:
                self.embedded = open_tables({}, {}, self.limits)
                self._opened += (self.embedded,)
            return self.embedded

    def check_key(self, table: str, key: tuple[str, ...], *, scan: str | None = None) -> None:
        """Raise `duplicate-key` where rows of a table share a key of these columns; asked once for a table and key.

        The columns are named as in the catalog; `scan` is what stands after FROM where only some rows count.
        """
        if (table, key) not in self._checked:
            home = self.homes[table]
            check_unique(home.source, home.table, [home.names[name] for name in key], scan=scan, limits=self.limits)
            self._checked.add((table, key))

    def keeps(
        self, promise: str, source: Source, parameters: Mapping[str, object], broken: Callable[[Answer], Mistake]
    ) -> None:
        """Raise what `broken` says of the rows of a statement, where there are any; asked once for its parameters."""
        bound = tuple(sorted((name, value) for name, value in parameters.items() if f"${name}" in promise))
        if (promise, bound) not in self._kept:
            answer = source.run(promise, dict(bound), limits=self.limits)
            if answer.rows:
                raise SourceError(broken(answer))
            self._kept.add((promise, bound))

    def close(self) -> None:
        """Close every source, also those that were given open, except connections of the host's own."""
        for source in self._opened:
            source.close()

    def __enter__(self) -> Sources:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_sources(sources: Any, declarations: Declarations, limits: Limits | None = None) -> Sources:
    """Find every table of the catalog in what the host gave, and check declared columns against what is stored.

    `sources` is a mapping from table to anything tabular, or from source name to a source (or to a mapping of tables, a
    folder, an address), or both at once; or one source, address or folder. A table is looked for by its name in the
    catalog, then by its `table`. Raises SourceError with every `missing-table`, `unknown-source`, `missing-column` and
    `column-mismatch` at once; `bad-value` and `source-unreachable` at the first.
    """
    limits = limits or Limits()
    plain, named, opened = _sorted(sources, limits)
    asked = [table for table in declarations.tables.values() if table.members is None and table.made is None]
    declared = {
        name: {column.source or column.name: column.type for column in table.columns.values()}
        for table in asked
        for name in (table.table or table.name, table.name)
    }
    try:
        used = columns_named(declarations)
        first = columns_at_first(declarations, used)
        embedded = open_tables(plain, declared, limits, first) if plain else None
        opened += [embedded] if embedded else []
        for name, tables in [(name, value) for name, value in named.items() if isinstance(value, dict)]:
            named[name] = open_tables(tables, declared, limits, first)
            opened.append(named[name])
        mistakes: list[Mistake] = []
        homes = {}
        for table in asked:
            home = _home(table, plain, embedded, named, used.get(table.name, ()), mistakes)
            if home is not None:
                homes[table.name] = home
        mistakes += link_mistakes(declarations.tables, homes)
        mistakes += day_mistakes(declarations, homes)
        if mistakes:
            raise SourceError(mistakes)
    except BaseException:
        for source in opened:
            source.close()
        raise
    return Sources(homes, embedded, limits, tuple(opened))


def _sorted(sources: Any, limits: Limits) -> tuple[dict[str, Any], dict[str, Any], list[Source]]:
    """What was given: tables by name, sources by name ("" where it is the only one), and what has to be closed."""
    if not isinstance(sources, Mapping):
        if isinstance(sources, str | Path) and Path(sources).is_dir():
            return dict(tables_in(Path(sources))), {}, []
        source = connect(sources, limits=limits)
        return {}, {"": source}, [source]
    plain: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for name, value in sources.items():
        if isinstance(value, Mapping):
            named[name] = dict(value)
        elif isinstance(value, str | Path) and Path(value).is_dir():
            named[name] = dict(tables_in(Path(value)))
        elif _connectable(value):
            named[name] = connect(value, limits=limits)
        else:
            plain[name] = value
    return plain, named, [source for source in named.values() if isinstance(source, Source)]


def _connectable(value: Any) -> bool:
    """Whether it is a source, an address or a connection rather than a table."""
    if isinstance(value, str):
        return "://" in value
    return isinstance(value, Source) or (hasattr(value, "cursor") and hasattr(value, "execute"))


def _home(
    table: Table,
    plain: Mapping[str, Any],
    embedded: DuckDB | None,
    named: Mapping[str, Any],
    used: Sequence[tuple[str, str]],
    mistakes: list[Mistake],
) -> Home | None:
    at = table.table or table.name
    source: Source | None
    if embedded is not None and (table.name in plain or at in plain):
        source, at = embedded, table.name if table.name in plain else at
    elif table.source is not None and named:
        source = named.get(table.source) or (named.get("") if len(named) == 1 else None)
        if source is None:
            mistakes.append(_unknown_source(table, table.source, named))
            return None
    elif len(named) == 1:
        source = next(iter(named.values()))
    else:
        known = [*plain, *(["…"] if named else [])]
        mistakes.append(_missing(table, known, several=len(named) > 1))
        return None
    try:
        stored = source.schema(at)
    except SourceError as error:
        mistakes += [_placed(mistake, table) for mistake in error.mistakes]
        return None
    return _checked(table, source, at, stored, used, mistakes)


def _checked(
    table: Table,
    source: Source,
    at: str,
    stored: Mapping[str, Storage],
    used: Sequence[tuple[str, str]],
    mistakes: list[Mistake],
) -> Home | None:
    """The table's home, with every column that is declared or `used`, by what, checked against what is stored."""
    columns: dict[str, Storage] = {}
    names: dict[str, str] = {}
    wrong = len(mistakes)
    for column in table.columns.values():
        there = column.source or column.name
        storage = stored.get(there)
        if storage is None:
            mistakes.append(_missing_column(table, f"table '{table.name}' declares", there, at, stored))
        elif unfit := fits(column.type, storage):
            mistakes.append(_mismatch(column.place, table, column.name, column.type, storage, unfit))
        else:
            columns[column.name], names[column.name] = storage, there
    taken = set(names.values())
    for name, storage in stored.items():
        if name not in taken and name not in columns:
            columns[name], names[name] = storage, name
    known = {*columns, *table.columns}
    mistakes += [_missing_column(table, what, name, at, columns) for name, what in used if name not in known]
    return Home(source, at, columns, names) if len(mistakes) == wrong else None


def _placed(mistake: Mistake, table: Table) -> Mistake:
    place = table.place if str(table.place) else Place(f"tables.{table.name}")
    return Mistake(mistake.code, mistake.message, place, hint=mistake.hint, notes=mistake.notes)


def _missing(table: Table, known: list[str], several: bool) -> Mistake:
    close = nearest(table.name, known)
    hint = "say which source it is in, with the table's key `source`" if several else "add it to the sources"
    return _placed(
        Mistake(
            "missing-table",
            f"no source has the table '{table.name}'",
            hint=f"did you mean '{close}'?" if close else hint,
            notes=(f"tables given: {', '.join(known)}",) if known else (),
        ),
        table,
    )


def _unknown_source(table: Table, name: str, named: Mapping[str, Any]) -> Mistake:
    close = nearest(name, [known for known in named if known])
    return _placed(
        Mistake(
            "unknown-source",
            f"table '{table.name}' is in source '{name}', which was not given",
            hint=f"did you mean '{close}'?" if close else f"pass sources={{'{name}': …}}",
            notes=(f"sources given: {', '.join(filter(None, named)) or 'none by name'}",),
        ),
        table,
    )


def _missing_column(table: Table, who: str, there: str, at: str, stored: Mapping[str, Storage]) -> Mistake:
    close = nearest(there, stored)
    return _placed(
        Mistake(
            "missing-column",
            f"{who} column '{there}', which '{at}' does not have",
            hint=f"did you mean '{close}'?" if close else None,
            notes=(f"columns there: {', '.join(sorted(stored))}",),
        ),
        table,
    )


def _mismatch(place: Place, table: Table, name: str, declared: Type, storage: Storage, fix: str) -> Mistake:
    return Mistake(
        "column-mismatch",
        f"column '{name}' of table '{table.name}' is declared {declared} but stored as {storage.kind}",
        place if str(place) else Place(f"tables.{table.name}.columns.{name}"),
        hint=fix,
    )
