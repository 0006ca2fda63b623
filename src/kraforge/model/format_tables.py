"""The catalog's format of tables: columns, links, fields, populations of members."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from attrs import evolve

from kraforge import types
from kraforge.model.declarations import Column, Link, Sequence, Table
from kraforge.model.plain import FORMULA, LINE, NAMED, NAMES, RANGE, STEP, TRUTH, path_of
from kraforge.model.shapes import Either, Key, Many, Named, Plain, Record, Wrong
from kraforge.text import Place

KINDS: Final = ("number", "count", "ratio", "percent", "duration", "date", "timestamp", "text", "bool")


# ---- columns


def _type(value: Any, place: Place, name: str) -> tuple[types.Type, bool]:
    """A column's type, and whether it is written as percent."""
    if value.startswith("money "):
        return types.money(value.removeprefix("money ")), False
    if value == "count":
        return types.COUNT, False
    return types.Type("ratio" if value == "percent" else value), value == "percent"


def _column(value: dict[str, Any], place: Place, name: str) -> Column:
    kind, percent = value["type"]
    if value.get("whole") and kind.kind not in ("number", "count", "money"):
        raise Wrong(f"a {kind.kind} is never a whole number", "whole")
    if "values" in value:
        if kind.kind != "text":
            raise Wrong("only text has a list of values", "values")
        if len(set(value["values"])) < len(value["values"]):
            raise Wrong("the list has a value twice", "values")
        kind = evolve(kind, values=tuple(value["values"]))
    kind = evolve(kind, whole=bool(value["whole"])) if "whole" in value else kind
    return Column(name, kind, percent, value.get("column"), place)


TYPE: Final = Plain(
    f"a type ({', '.join(KINDS)}, or money with a currency)",
    _type,
    rf"{'|'.join(KINDS)}|money [A-Z]{{3}}",
    examples=(*KINDS, "money INR"),
)
COLUMN: Final = Either(
    (
        evolve(TYPE, make=lambda value, place, name: _column({"type": _type(value, place, name)}, place, name)),
        Record(
            "a column",
            {
                "type": Key(TYPE, "What its values are."),
                "values": Key(Many(Plain("text")), "All values that the text may have."),
                "whole": Key(TRUTH, "Whether every value is a whole number."),
                "column": Key(LINE, "The name at the source; the same if not given."),
            },
            _column,
            needs=(("type",),),
        ),
    )
)


# ---- links

_BESIDE: Final = {
    "match": ("through",),
    "share": ("through",),
    "several": ("through",),
    "up_to": ("share",),
    "at": ("valid",),
    "order": ("following", "preceding"),
}
"""What each of these keys needs, one of them."""


def _bound(value: Any, place: Place, name: str) -> Decimal | None:
    if value == "any":
        return None
    bound = Decimal(value.removesuffix("%")) / 100
    if bound <= 0:
        raise Wrong("a bound of shares is over 0%")
    return bound


def _link(value: dict[str, Any], place: Place, name: str) -> Link:
    for key in ("by", "match", "order"):
        if len(set(value.get(key, ()))) < len(value.get(key, ())):
            raise Wrong("the link has a column twice", key)
    for key, needed in _BESIDE.items():
        if key in value and not any(other in value for other in needed):
            raise Wrong(f"'{key}' stands only beside {' or '.join(map(repr, needed))}", key)
    if "following" in value or "preceding" in value:
        return _sequence(value, place, name)
    if "through" not in value and "by" not in value:
        raise Wrong("a link needs 'by', 'through', 'following' or 'preceding'", code="missing-key")
    if value.get("several") and "share" in value:
        raise Wrong("a link with shares leads to several rows anyway", "several", hint="leave one of the two out")
    one = "through" not in value or "share" in value or "valid" in value
    if value.get("several") is False and not one:
        hint = "leave it out, or say with 'valid' when each row holds"
        raise Wrong("without 'valid' a table between may lead to several rows", "several", hint=hint)
    return Link(name, **{"several": not one, **value}, place=place)


def _sequence(value: dict[str, Any], place: Place, name: str) -> Link:
    forward = "following" in value
    if "order" not in value:
        raise Wrong("a link along a sequence needs 'order'", code="missing-key")
    sequence = Sequence(value["following" if forward else "preceding"], value["order"], forward)
    return Link(name, value["to"], sequence=sequence, place=place)


_SEQUENCE: Final = ("to", "order")
LINK: Final = Record(
    "a link",
    {
        "to": Key(NAMED, "The table that it leads to."),
        "by": Key(NAMES, "The columns that hold its key: of this table, or of the table between, there as the key is named if not given."),
        "through": Key(NAMED, "A table between; without `valid` a row may have several targets, each gets the whole row."),
        "match": Key(NAMES, "Its columns with this row's key, or with what it has by the same names; the key's names if not given."),
        "valid": Key(RANGE, "From when to when a row of the table between, or of a table of versions, holds."),
        "at": Key(FORMULA, "The date of this row that is looked up; the one that put it into its period if not given."),
        "share": Key(NAMED, "The column of the table between with the part that each target is credited."),
        "up_to": Key(
            Plain("a bound such as 150%, or any", _bound, r"[0-9]{1,6}(?:\.[0-9]{1,6})?%|any"),
            "What the shares of a row may add up to; 100% if not given.",
        ),
        "several": Key(TRUTH, "Whether a row may have several targets at a date, each of which gets the whole row."),
        "following": Key(NAMED, "Leads to the next row of this table with the same value of this link or column."),
        "preceding": Key(NAMED, "Leads to the previous row with the same value of this link or column."),
        "order": Key(NAMES, "The columns that such rows are in order by; no two rows have all alike."),
    },
    _link,
    needs=(("to",),),
    alone={"following": _SEQUENCE, "preceding": _SEQUENCE},
)  # fmt: skip


# ---- tables


def _table(value: dict[str, Any], place: Place, name: str) -> Table:
    columns, links, fields = (value.get(part, {}) for part in ("columns", "links", "fields"))
    for part, others in (("links", columns), ("fields", {**columns, **links})):
        for twice in (name for name in value.get(part, {}) if name in others):
            raise Wrong(f"the table has two things named '{twice}'", part, twice, code="duplicate-name")
    if len(set(value.get("key", ()))) < len(value.get("key", ())):
        raise Wrong("the key has a column twice", "key")
    for link in links.values():
        if link.sequence and link.to != name:
            raise Wrong(f"a sequence leads to rows of '{name}' itself", "links", link.name, hint=f"write to: {name}")
    return Table(name, **{**value, "columns": columns, "links": links, "fields": fields}, place=place)


def _members(value: Any, place: Place, name: str) -> tuple[str, str]:
    table, column = path_of(value)
    return table, column


TABLE: Final = Record(
    "a table",
    {
        "source": Key(NAMED, "The source that has it; the only one if not given."),
        "table": Key(LINE, "The name at the source; the same if not given."),
        "key": Key(NAMES, "The column or columns that name a row."),
        "date": Key(FORMULA, "The event date, a formula over a row; without it the table is a population."),
        "where": Key(FORMULA, "A condition over a row that holds for every use."),
        "known": Key(RANGE, "From when to when a row was what was known: `recorded_at ..< superseded_at`."),
        "calendar": Key(FORMULA, "The calendar of business time over its rows: a name, or a formula that gives one."),
        "columns": Key(Named(COLUMN), "Columns with their types; those left out have the source's."),
        "links": Key(Named(LINK), "Links to other tables, by name."),
        "fields": Key(Named(FORMULA), "Row formulas, by name."),
        "members": Key(
            Plain("a column such as payments.customer_id", _members, rf"{STEP}\.{STEP}"),
            "Makes the table a population of the values of this column.",
        ),
    },
    _table,
    alone={"members": ("links", "fields", "calendar")},
)
