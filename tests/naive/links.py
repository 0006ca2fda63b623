"""Links: to the row that was in force on a date, to the next row of a sequence, to several rows with shares, up a tree.

Everything is looked up by reading all rows. What the data must not be raises a NaiveError with the library's code.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kraforge.model.declarations import Link, Text
from kraforge.syntax import nodes
from naive import names, values
from naive.context import Context, Scope
from naive.data import Placed, Route, Row
from naive.values import NaiveError, compare

if TYPE_CHECKING:
    from naive.evaluate import Evaluator

NEARLY = Decimal("1e-9")
"""How far from a bound the sum of shares may be and still count as the bound: floating shares are not exact."""
UNDATED = NaiveError("needs-at", "a link with history where no date is known yet")


@dataclass(frozen=True)
class Choice:
    """One way through all links that lead to several rows: the row chosen of each, which shares they are, their product."""

    chosen: tuple[tuple[Route, Row | None], ...] = ()
    shares: tuple[tuple[Route, int], ...] = ()
    weight: Decimal | int = 1


def steps(routes: Sequence[Route]) -> list[Route]:
    """The routes up to each link that leads to several rows, the shorter ones first."""
    found = {route[: end + 1] for route in routes for end, link in enumerate(route) if link.many}
    return sorted(found, key=len)


def choices(e: Evaluator, placed: Placed, several: Sequence[Route], context: Context) -> list[Choice]:
    """All ways to choose one row of each link that leads to several."""
    found = [Choice()]
    for route in several:
        longer = []
        for choice in found:
            base = names.walk(e, placed.choosing(choice.chosen), route[:-1], context)
            for number, (row, share) in enumerate(members(e, base, route[-1], context)):
                shares = choice.shares if share is None else (*choice.shares, (route, number))
                weight = choice.weight if share is None else values.multiply(choice.weight, share)
                longer.append(Choice((*choice.chosen, (route, row)), shares, weight))
        found = longer
    return found


def credit(choices_that_count: Sequence[Choice]) -> Decimal | int | None:
    """How much of a row counts: all that its shares add up to; once where it is a matter of membership. None: nothing."""
    if not choices_that_count:
        return None
    shares = {choice.shares: choice.weight for choice in choices_that_count}
    return functools.reduce(values.add, shares.values())


def members(e: Evaluator, base: Placed | None, link: Link, context: Context) -> list[tuple[Row | None, Decimal | None]]:
    """The rows that a link leads to, each with its share (None: the whole); one None stands for what leads nowhere."""
    if base is None:
        return [(None, None)]
    if link.tree:
        return [(row, None) for row in above(e, base, link.tree, context)]
    if link.share:
        sound_shares(e, link, context)
    found: list[tuple[Row | None, Decimal | None]] = []
    for row in between(e, base, link, context):
        member = keyed(e, link.to, key_between(e, link, row), base, context)
        found.append((member, values.significant(row.values[link.share]) if link.share else None))
    if not found:
        return [(None, None)]
    if link.share and link.up_to is not None:
        given = sum((share for _, share in found if share is not None), Decimal(0))
        if given > link.up_to + NEARLY:
            raise NaiveError("over-credited", f"{base.row.values}")
        if given < 1 - NEARLY:
            found.append((None, 1 - given))
    return found


def sound_shares(e: Evaluator, link: Link, context: Context) -> None:
    """Every share that is known is there and not negative."""
    assert link.through is not None
    assert link.share is not None
    for row in e.data.rows(link.through):
        share = row.values.get(link.share)
        if (share is None or share < 0) and names.belongs(e, Placed(row, UNDATED), context):
            raise NaiveError("bad-share", str(row.values))


def target(e: Evaluator, placed: Placed, link: Link, context: Context) -> Row | None:
    """The one row that a link leads to; None where there is none."""
    if link.many:
        raise NaiveError("level-mismatch", f"{link.name} leads to several rows")
    if link.tree:
        line = above(e, placed, link.tree, context)
        assert link.level
        return line[-link.level] if len(line) >= link.level else None
    if link.sequence:
        return neighbour(e, placed.row, link, context)
    if link.plain:
        return keyed(e, link.to, tuple(placed.row.values.get(column) for column in link.by), placed, context)
    found = in_force(e, placed, link, context)
    if found is None or not link.through:
        return found
    return keyed(e, link.to, key_between(e, link, found), placed, context)


def link_value(e: Evaluator, placed: Placed, link: Link, context: Context) -> Any:
    """A link as a value: the key that it holds on the date; of a sequence and a version the key of that row."""
    if link.many or link.tree:
        raise NaiveError("level-mismatch", f"{link.name} leads to several rows")
    if link.plain:
        key = tuple(placed.row.values.get(column) for column in link.by)
    elif link.sequence:
        found = neighbour(e, placed.row, link, context)
        key = key_of(e, found) if found else (None,)
    else:
        found = in_force(e, placed, link, context)
        key = (None,) if found is None else key_between(e, link, found) if link.through else key_of(e, found)
    return None if None in key else key if len(key) > 1 else key[0]


def key_of(e: Evaluator, row: Row) -> tuple[Any, ...]:
    return tuple(row.values.get(column) for column in e.data.tables[row.table].key)


def key_between(e: Evaluator, link: Link, row: Row) -> tuple[Any, ...]:
    """The key of the target that a row of the table between holds."""
    return tuple(row.values.get(column) for column in link.by or e.data.tables[link.to].key)


def keyed(e: Evaluator, table: str, key: tuple[Any, ...], placed: Placed, context: Context) -> Row | None:
    """The row of a table with a key that is known and passes the table's `where`."""
    for row in e.data.having(table, e.data.tables[table].key, key):
        if names.belongs(e, Placed(row, placed.when), context):
            return row
    return None


# ---- history


def in_force(e: Evaluator, placed: Placed, link: Link, context: Context) -> Row | None:
    """The row between (or the version of the target) on the date of the link."""
    sound_history(e, link, context)
    found = between(e, placed, link, context)
    if len(found) > 1:
        raise NaiveError("overlapping-history", str([row.values for row in found]))
    return found[0] if found else None


def between(e: Evaluator, placed: Placed, link: Link, context: Context) -> list[Row]:
    """The rows of the table between (without one: of the target) of a row's key, as far as they are valid on the date."""
    table, columns = held_in(e, link)
    found = e.data.having(table, columns, own_key(e, placed.row, link))
    found = [row for row in found if names.belongs(e, Placed(row, placed.when), context)]
    if not found or link.valid is None:
        return found
    day = lookup_date(e, placed, link, context)
    return [row for row in found if day is not None and lasts(e, row, link.valid, day, context)]


def held_in(e: Evaluator, link: Link) -> tuple[str, tuple[str, ...]]:
    """The table that is searched for rows of a key, and its columns with that key."""
    if link.through is None:
        return link.to, e.data.tables[link.to].key
    if link.match:
        return link.through, link.match
    home = next(table for table in e.data.tables.values() if link in table.links.values())
    return link.through, home.key


def own_key(e: Evaluator, row: Row, link: Link) -> tuple[Any, ...]:
    """What a row is searched by: with `match` its columns of those names where it has them, else its key."""
    home = e.data.tables[row.table]
    if link.through is None:
        columns = link.by
    elif link.match and all(name in e.data.columns[row.table] for name in link.match):
        columns = link.match
    else:
        columns = home.key
    return tuple(row.values.get(column) for column in columns)


def lookup_date(e: Evaluator, placed: Placed, link: Link, context: Context) -> Any:
    """The link's own date, else the one that put the row into its period, else the valuation day."""
    if link.at is not None:
        return e.text(link.at.text, Scope(link.at.text, rows=((placed.table, placed),)), context)
    if isinstance(placed.when, NaiveError):
        raise placed.when
    return placed.when


def lasts(e: Evaluator, row: Row, written: Text, day: Any, context: Context) -> bool:
    """Whether a date lies in a row's range."""
    low, high, span = ends(e, row, written, context)
    if span.low is not None and not compare("<=", low, day):
        return False
    return high is None or compare("<=" if span.closed else "<", day, high)


def ends(e: Evaluator, row: Row, written: Text, context: Context) -> tuple[Any, Any, nodes.Range]:
    """The two ends of a range over a row; missing ones are None."""
    from naive.evaluate import parsed

    text = f"within(true, {written.text})"
    tree = parsed(text)
    assert isinstance(tree, nodes.Call)
    span = tree.arguments[1]
    assert isinstance(span, nodes.Range)
    scope = Scope(text, rows=((row.table, Placed(row, UNDATED)),))
    low, high = (e.value(end, scope, context) if end is not None else None for end in (span.low, span.high))
    return low, high, span


def sound_history(e: Evaluator, link: Link, context: Context) -> None:
    """No two rows of one key are valid at the same time; those that are never valid overlap nothing."""
    if link in e.sound or link.valid is None:
        return
    e.sound.add(link)
    table, columns = held_in(e, link)
    spans: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
    for row in e.data.rows(table):
        key = tuple(row.values.get(column) for column in columns)
        low, high, span = ends(e, row, link.valid, context)
        below = "<=" if span.closed else "<"
        never = (span.low is not None and low is None) or (None not in (low, high) and not compare(below, low, high))
        if None in key or never or not names.belongs(e, Placed(row, UNDATED), context):
            continue
        for other_low, other_high in spans.setdefault(key, []):
            starts_before = other_high is None or low is None or compare(below, low, other_high)
            ends_after = high is None or other_low is None or compare(below, other_low, high)
            if starts_before and ends_after:
                raise NaiveError("overlapping-history", f"{table} {key}")
        spans[key].append((low, high))


# ---- sequences


def neighbour(e: Evaluator, row: Row, link: Link, context: Context) -> Row | None:
    """The next row of the sequence that a row is in, or the one before."""
    if link not in e.sequences:
        e.sequences[link] = dict(_neighbours(e, link, context))
    return e.sequences[link].get(row)


def _neighbours(e: Evaluator, link: Link, context: Context) -> Iterator[tuple[Row, Row]]:
    """Each row with its neighbour."""
    assert link.sequence
    lines: dict[Any, list[Row]] = {}
    for row in e.data.rows(link.to):
        along = names.row_value(e, Placed(row, UNDATED), link.to, [link.sequence.along], context)
        orders = [row.values.get(column) for column in link.sequence.order]
        if along is not None and None not in orders and names.belongs(e, Placed(row, UNDATED), context):
            lines.setdefault(along, []).append(row)

    def before(a: Row, b: Row) -> int:
        for column in link.sequence.order if link.sequence else ():
            if compare("!=", a.values[column], b.values[column]):
                return -1 if compare("<", a.values[column], b.values[column]) else 1
        raise NaiveError("ambiguous-order", f"{a.values} and {b.values}")

    for line in lines.values():
        line.sort(key=functools.cmp_to_key(before))
        for first, second in itertools.pairwise(line):
            yield (first, second) if link.sequence.forward else (second, first)


# ---- trees


def above(e: Evaluator, placed: Placed, tree: str, context: Context) -> list[Row]:
    """A row and all above it, the top last, by the tree of the date that the row stands on."""
    found = [placed.row]
    while parent := parent_of(e, Placed(found[-1], placed.when), tree, context):
        if parent in found:
            raise NaiveError("tree-cycle", str([row.values for row in found]))
        found.append(parent)
    return found


def parent_of(e: Evaluator, placed: Placed, tree: str, context: Context) -> Row | None:
    """The row right above; None for a top: without a parent, its own parent, or with a parent that does not exist."""
    found = names.walk(e, placed, (e.data.tables[placed.table].links[tree],), context)
    return None if found is None or found.row is placed.row else found.row
