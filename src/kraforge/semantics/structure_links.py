"""What can be wrong with a link outside its formulas: tables, columns, keys, and what leads where."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

from attrs import frozen

from kraforge.errors import Mistake
from kraforge.model.declarations import Declarations, Link, Table
from kraforge.semantics.problems import listed, suggestion
from kraforge.text import Place
from kraforge.types import Storage, Type


@frozen
class Known:
    """What is known of a catalog: its declarations, and the columns of its tables, all of those in `schemas`."""

    declarations: Declarations
    schemas: Mapping[str, Mapping[str, Storage]]
    columns: Callable[[str], Mapping[str, Type]]

    def no_table(self, name: str, place: Place) -> Iterator[Mistake]:
        """The mistake that a table is not there."""
        tables = self.declarations.tables
        if name not in tables:
            message, hint, notes = f"no table is called '{name}'", suggestion(name, tables), listed("tables", tables)
            yield Mistake("unknown-table", message, place, None, None, hint, notes)

    def lacking(self, table: str, names: tuple[str, ...], what: str, place: Place) -> Iterator[Mistake]:
        """Columns that `what` names and the table lacks, as far as the source's own columns are known."""
        known = self.columns(table)
        for name in names:
            if name not in known and table in self.schemas:
                message = f"{what} names '{name}', which is no column of {table}"
                hint, notes = suggestion(name, known), listed("columns", known)
                yield Mistake("unknown-column", message, place, None, None, hint, notes)

    def unfit(
        self, table: str, name: str, kinds: tuple[str, ...], wanted: str, what: str, place: Place
    ) -> Iterator[Mistake]:
        """The mistake that a column is of another kind than is wanted, where its type is known."""
        kind = self.columns(table).get(name)
        if kind is not None and kind.kind not in (*kinds, "missing"):
            yield Mistake("type-mismatch", f"{what} is '{name}' of {table}, a {kind}; {wanted} is needed", place)


def mistakes(known: Known, table: Table, link: Link) -> Iterator[Mistake]:
    """Everything wrong with a link of a table."""
    target = known.declarations.tables.get(link.to)
    if target is None:
        yield from known.no_table(link.to, link.place)
    elif target.made is not None:
        message = f"the link {table.name}.{link.name} leads to {target.name}, whose rows are made of the calendar"
        yield Mistake("unsupported", message, link.place, hint="link both to the people")
    elif link.sequence is not None:
        yield from _sequence(known, table, link)
    elif link.through is not None:
        yield from _through(known, table, link, link.through, target)
    else:
        yield from known.lacking(table.name, link.by, f"link {table.name}.{link.name}", link.place)
        yield from _length(f"the link {table.name}.{link.name}", link.by, target, link.place)


def _length(what: str, columns: tuple[str, ...], target: Table, place: Place) -> Iterator[Mistake]:
    key = target.key or ((target.members[1],) if target.members else ())
    if not key:
        yield Mistake("missing-key", f"{what} leads to {target.name}, which has no key", place)
    elif len(key) != len(columns):
        message = f"{what} has {len(columns)} columns, and the key of {target.name} has {len(key)}"
        yield Mistake("wrong-arguments", message, place)


def _through(known: Known, table: Table, link: Link, between: str, target: Table) -> Iterator[Mistake]:
    what = f"link {table.name}.{link.name}"
    home = known.declarations.tables.get(between)
    if home is None:
        yield from known.no_table(between, link.place.inside("through"))
        return
    if home.made is not None:
        message = f"the {what} goes through {between}, whose rows are made of the calendar"
        yield Mistake("unsupported", message, link.place.inside("through"))
        return
    share = () if link.share is None else (link.share,)
    names = tuple(dict.fromkeys((*link.match, *link.by, *share)))
    yield from known.lacking(between, names, what, link.place)
    yield from _length(f"the {what}", link.by, target, link.place)
    if not matched(table, link, known.columns(table.name)):
        message = f"'match' of {what} has {len(link.match)} columns, and the key of {table.name} has {len(table.key)}"
        hint = f"name what holds the key, or columns that {table.name} has too"
        yield Mistake("wrong-arguments", message, link.place, hint=hint)
    for column in share:
        yield from known.unfit(
            between, column, ("number", "ratio", "count"), "a ratio", f"the share of {what}", link.place
        )


def matched(table: Table, link: Link, columns: Container[str]) -> tuple[str, ...]:
    """The columns of a row that `match` of a link through another table is compared with; none where none fit.

    The key, where `match` has its names; else the row's columns of the same names, where there are all; else the key.
    """
    key = table.key or ((table.members[1],) if table.members else ())
    if link.match != key and all(name in columns for name in link.match):
        return link.match
    return key if len(key) == len(link.match) else ()


def _sequence(known: Known, table: Table, link: Link) -> Iterator[Mistake]:
    assert link.sequence is not None
    along, order = link.sequence.along, link.sequence.order
    what = f"link {table.name}.{link.name}"
    word = "following" if link.sequence.forward else "preceding"
    if link.to != table.name:
        yield Mistake(
            "wrong-arguments", f"the {what} follows a sequence, so it leads to {table.name} itself", link.place
        )
    yield from known.lacking(table.name, order, f"the order of {what}", link.place)
    other = table.links.get(along)
    if other is None:
        yield from known.lacking(table.name, (along,), f"'{word}' of {what}", link.place)
    elif other.many or other.sequence is not None:
        message = f"'{word}' of {what} names the link '{along}', which does not hold one key a row"
        yield Mistake("wrong-arguments", message, link.place, hint="name a column, or a link to one row")
