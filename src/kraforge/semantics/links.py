"""What links say in formulas: from when to when they hold, on which date they are looked up, and which share they give."""

from __future__ import annotations

from attrs import evolve

from kraforge.model.declarations import Link, Text
from kraforge.semantics import bound
from kraforge.semantics.aggregates import anchored, ends, independent
from kraforge.semantics.binder import Binder
from kraforge.semantics.rows import parts
from kraforge.semantics.scope import Row, Scope
from kraforge.syntax import nodes
from kraforge.types import DATE, NUMBER


def link(binder: Binder, table: str, name: str) -> bound.BoundLink:
    """A link's validity, the date that it is looked up on and its share."""
    declared = binder.declarations.tables[table].links[name]
    if declared.tree is not None:
        target = binder.declarations.tables.get(declared.to)
        climbs = target is not None and declared.tree in target.links
        valid = binder.catalog.link(declared.to, declared.tree).valid if climbs else None
        return bound.BoundLink(valid, _at(binder, table, declared))
    home = declared.through or declared.to
    valid = None if declared.valid is None else stretch(binder, home, declared.valid)
    share = None
    if declared.share is not None:
        kind = binder.catalog.columns(home).get(declared.share, NUMBER)
        share = bound.Column(0, home, (), declared.share, NUMBER if kind.kind == "missing" else kind)
    return bound.BoundLink(valid, _at(binder, table, declared), share)


def known(binder: Binder, table: str) -> bound.During | None:
    """From when to when a table's row was what was known, over its row 0."""
    text = binder.declarations.tables[table].known
    return None if text is None else stretch(binder, table, text)


def stretch(binder: Binder, table: str, text: Text) -> bound.During:
    """A stretch of time over row 0 of a table, made of the row's own columns."""
    tree = binder.catalog.range(text)
    row = Row(0, table)
    scope = Scope(text, rows=(row,), sees=(row,))
    written = [end for end in (tree.low, tree.high) if end is not None]
    names = [end.names[0].text for end in written if isinstance(end, nodes.Path) and len(end.names) == 1]
    if not binder.catalog.columns(table) and len(names) == len(written):
        # a table that is only gone through declares nothing: its source will have dates of these names
        dates = iter([bound.Column(0, table, (), name, DATE) for name in names])
        low_, high_ = (None if end is None else next(dates) for end in (tree.low, tree.high))
        return bound.During(low_, high_, tree.closed)
    low, high, closed = ends(binder, tree, scope, tree.span)
    for end in (low, high):
        for part in () if end is None else parts(end):
            own = isinstance(part, bound.Constant | bound.Call | bound.Case)
            if not own and not (isinstance(part, bound.Column) and not part.path):
                message = f"from when to when a row of {table} holds is said by its own columns"
                binder.fail("unsupported", message, scope, tree.span, "bring the dates into the table")
    return bound.During(low, high, closed)


def _at(binder: Binder, table: str, declared: Link) -> bound.Expression | None:
    """The date that a link is looked up on, over row 0 of the table that has it."""
    if declared.at is None:
        return None
    row = Row(0, table)
    scope = Scope(declared.at, rows=(row,), sees=(row,))
    tree = binder.catalog.tree(declared.at)
    expression = binder.bind(tree, scope)
    if isinstance(expression, bound.Column) and expression.type.kind == "missing":
        expression = evolve(expression, type=DATE)  # a column without any value
    if not expression.type.dated:
        binder.fail("type-mismatch", f"a date is needed, not {expression.type}", scope, tree.span)
    independent(binder, expression, scope, tree.span)
    for part in parts(expression):
        if isinstance(part, bound.Aggregate | bound.Band):
            binder.fail(
                "unsupported", "the date of a link holds no aggregates", scope, tree.span, "use dates of the row"
            )
        if isinstance(part, bound.Column):
            anchored(binder, part, scope, tree.span)
            _walks(binder, part)
    return expression


def _walks(binder: Binder, column: bound.Column) -> None:
    """Makes sure that the links to a column do not lead back to the date that is being bound."""
    table = column.table
    for each in column.path:
        if each.at is not None and each.name in binder.declarations.tables[table].links:
            binder.catalog.link(table, each.name)
        table = each.to
