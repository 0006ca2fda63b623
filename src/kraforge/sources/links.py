"""The columns that a catalog names outside formulas: whether links compare what is kept alike, and days are days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from kraforge.errors import KraforgeError, Mistake
from kraforge.model.declarations import Declarations, Link, Table, TableGrain, Text
from kraforge.semantics.structure_links import matched
from kraforge.syntax.nodes import Path
from kraforge.syntax.ranges import parse_range
from kraforge.types import Storage

if TYPE_CHECKING:
    from kraforge.sources.open import Home

NUMBERS = ("integer", "decimal", "double")


def link_mistakes(tables: Mapping[str, Table], homes: Mapping[str, Home]) -> list[Mistake]:
    """A mistake (column-mismatch) for each link whose column can never equal the key that it names."""
    found = []
    for table in tables.values():
        for link in table.links.values():
            for home, mine, target, theirs in _compared(tables, homes, table, link):
                wrong = _unlike(_kept(home, mine, tables, homes), _kept(target, theirs, tables, homes))
                if wrong is not None:
                    found.append(_mistake(table, link, home, mine, target, theirs, wrong))
    return found


def _compared(
    tables: Mapping[str, Table], homes: Mapping[str, Home], table: Table, link: Link
) -> Iterator[tuple[Table, str, Table, str]]:
    """The pairs of columns that a link compares, each with its table."""
    target = tables.get(link.to)
    if target is None:
        return
    home = table if link.through is None else tables.get(link.through)
    if home is None:
        return
    keys = target.key or ((target.members[1],) if target.members else ())
    yield from ((home, mine, target, theirs) for mine, theirs in zip(link.by, keys, strict=False))
    if home is not table:
        known = homes[table.name].columns if table.name in homes else table.columns
        own = matched(table, link, known)
        yield from ((home, theirs, table, mine) for theirs, mine in zip(link.match, own, strict=False))


def columns_named(declarations: Declarations) -> dict[str, list[tuple[str, str]]]:
    """The columns that a catalog names outside formulas, by table, each with what names it."""
    found: dict[str, list[tuple[str, str]]] = {}

    def add(table: str, who: str, *columns: str | None) -> None:
        found.setdefault(table, []).extend((column, who) for column in columns if column is not None)

    for table in declarations.tables.values():
        add(table.name, f"the key of table '{table.name}' names", *table.key)
        for link in table.links.values():
            who = f"the link '{link.name}' of table '{table.name}' names"
            add(link.through or table.name, who, *link.by, *link.match, link.share)
            if link.sequence is not None:
                add(table.name, who, *link.sequence.order)
                add(table.name, who, None if link.sequence.along in table.links else link.sequence.along)
    calendar = declarations.calendar
    for work in (*declarations.calendars.values(), *([calendar.work] if calendar.work else [])):
        who = f"the calendar '{work.name}' names" if work.name else "the calendar names"
        if work.table is not None:
            add(work.table.table, who, work.table.by, work.table.weekday, *work.table.hours)
        for holidays in work.holidays.tables if work.holidays else ():
            add(holidays.table, who, holidays.day, holidays.by)
    for grain in calendar.grains.values():
        if isinstance(grain, TableGrain):
            add(grain.table, f"the grain '{grain.name}' names", grain.day, grain.period, grain.year)
    return found


def day_mistakes(declarations: Declarations, homes: Mapping[str, Home]) -> Iterator[Mistake]:
    """A mistake (column-mismatch) for each column of days off, or of a calendar's days, that is kept as something else."""
    calendar = declarations.calendar
    named = [
        (holidays.table, holidays.day, work.place.inside("holidays"))
        for work in (*declarations.calendars.values(), *([calendar.work] if calendar.work else []))
        for holidays in (work.holidays.tables if work.holidays else ())
    ]
    named += [
        (grain.table, grain.day, grain.place) for grain in calendar.grains.values() if isinstance(grain, TableGrain)
    ]
    for table, column, place in dict.fromkeys(named):
        storage = homes[table].columns.get(column) if table in homes else None
        if storage is not None and storage.kind in (*NUMBERS, "bool", "duration"):
            message = (
                f"column '{column}' of table '{table}' has the days of a calendar, but is stored as {storage.kind}"
            )
            yield Mistake("column-mismatch", message, place, hint="store it as a date, or cast it in a view")


def columns_at_first(
    declarations: Declarations, used: Mapping[str, Iterable[tuple[str, str]]]
) -> dict[str, dict[str, None]]:
    """The columns that a table has though no row shows them: what is `used` and what stretches of time name."""
    found = {table: dict.fromkeys(column for column, _ in columns) for table, columns in used.items()}
    people = declarations.calendar.people
    ranges = [] if people is None else [(leave.table, leave.during) for leave in people.leave]
    for table in declarations.tables.values():
        ranges += [(link.through or link.to, link.valid) for link in table.links.values() if link.valid is not None]
        ranges += [] if table.known is None else [(table.name, table.known)]
    for name, text in ranges:
        home = declarations.tables.get(name)
        for column in _columns_in(text) if home is not None else ():
            if home is not None and column not in (*home.fields, *home.links):
                found.setdefault(name, {})[column] = None
    for name, home in declarations.tables.items():
        renamed = {column.name for column in home.columns.values() if column.source is not None}
        found[name] = {column: None for column in found.get(name, ()) if column not in renamed}
        found.setdefault(home.table or name, found[name])
    return found


def _columns_in(text: Text) -> list[str]:
    """The columns that the two ends of a stretch of time are, where they are plain ones."""
    try:
        written = parse_range(text.text)
    except KraforgeError:
        return []
    ends = [end for end in (written.low, written.high) if isinstance(end, Path)]
    return [end.names[0].text for end in ends if len(end.names) == 1]


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
    if storage.kind == "missing":
        return "other"  # fits anything
    if storage.kind == "double":
        # as text 1 would be 1.0: it is no key that a text can equal
        return "number"
    if text or storage.kind == "text":
        return "text"
    return "number" if storage.kind in NUMBERS else "date" if storage.kind == "date" else storage.kind


def _mistake(
    table: Table, link: Link, home: Table, mine: str, target: Table, theirs: str, kinds: tuple[str, str]
) -> Mistake:
    floating = "; a frame keeps whole numbers as floating point where one is missing" if kinds[0] == "double" else ""
    between = "" if home is table else f" of '{home.name}'"
    return Mistake(
        "column-mismatch",
        f"link '{link.name}' of table '{table.name}' compares '{mine}'{between}, kept as {kinds[0]}, "
        f"with '{theirs}' of '{target.name}', kept as {kinds[1]}",
        link.place,
        hint=f"bring both to one type{floating}",
    )
