"""Links, calendars and grains: the tables and columns that they name are there and fit together."""

from __future__ import annotations

from typing import Any

import pytest

from kraforge.errors import Mistakes
from kraforge.model.declarations import Declarations
from kraforge.model.load import from_dict
from kraforge.semantics.check import check
from kraforge.semantics.structure_links import matched
from kraforge.types import TEXT, Storage

TEXTS = {"source": Storage("text")}
DAILY = {"rule": "FREQ=DAILY", "start": "2026-01-01"}


def catalog(calendar: dict[str, Any] | None = None, **links: Any) -> Declarations:
    """People, sales linked as asked, and a calendar."""
    tables = {
        "people": {"key": "person_id", "columns": {"person_id": "text", "hired": "date"}},
        "shops": {"key": ["company", "shop"], "columns": {"company": "text", "shop": "text"}},
        "versions": {"key": "person_id", "columns": {"person_id": "text", "start": "date", "end": "date"}},
        "loose": {"columns": {"id": "text"}},
        "between": {
            "columns": {"sale_id": "text", "person_id": "text", "pct": "ratio", "name": "text", "start": "date"}
        },
        "sales": {
            "key": "sale_id",
            "columns": {"sale_id": "text", "who": "text", "day": "date", "name": "text"},
            "links": {"person": {"to": "people", "by": "who"}, **links},
        },
    }
    return from_dict({"calendar": {"working_week": {"monday": "09:00-17:00"}} | (calendar or {}), "tables": tables})


def mistakes_of(declarations: Declarations) -> list[tuple[str, str]]:
    """What is wrong where the columns of every table are known."""
    schemas = {name: TEXTS for name, table in declarations.tables.items() if table.made is None}
    with pytest.raises(Mistakes) as raised:
        check(declarations, schemas)
    return [(mistake.code, mistake.place.path.replace("tables.sales.links.", "")) for mistake in raised.value.mistakes]


LINKS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "through columns that are not there": (
        {"to": "people", "through": "between", "match": "sale", "by": "person", "share": "part"},
        [("unknown-column", "x")] * 3,
    ),
    "through a table to one without a key": (
        {"to": "loose", "through": "between", "by": "name"},
        [("missing-key", "x")],
    ),
    "through too few columns for the target's key": (
        {"to": "shops", "through": "between", "by": "name"},
        [("wrong-arguments", "x")],
    ),
    "through more columns than this key has": (
        {"to": "people", "through": "between", "match": ["sale_id", "pct"]},
        [("wrong-arguments", "x")],
    ),
    "a share that is no ratio": (
        {"to": "people", "through": "between", "share": "name"},
        [("type-mismatch", "x")],
    ),
    "a table of versions by too many columns": (
        {"to": "versions", "by": ["who", "name"], "valid": "start .. end"},
        [("wrong-arguments", "x")],
    ),
    "a sequence in an order of no column": (
        {"to": "sales", "following": "person", "order": ["day", "number"]},
        [("unknown-column", "x")],
    ),
    "a sequence along nothing": (
        {"to": "sales", "preceding": "persn", "order": ["day", "sale_id"]},
        [("unknown-column", "x")],
    ),
    "a sequence along several rows": (
        {"to": "sales", "following": "many", "order": ["day", "sale_id"]},
        [("wrong-arguments", "x")],
    ),
    "days of the calendar": ({"to": "workdays", "by": ["who", "day"]}, [("unsupported", "x")]),
    "through days of the calendar": (
        {"to": "people", "through": "workdays", "match": "day"},
        [("unsupported", "x.through")],
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_says_what_is_wrong_with_it(name: str) -> None:
    written, expected = LINKS[name]
    many = {"to": "people", "through": "between"}
    assert mistakes_of(catalog({"people": {"table": "people"}}, x=written, many=many)) == expected


FINE: dict[str, Any] = {
    "a share": {"to": "people", "through": "between", "share": "pct"},
    "a match of a column of the same name": {
        "to": "people",
        "through": "between",
        "match": "name",
        "valid": "start ..",
    },
    "a table of versions": {"to": "versions", "by": "who", "valid": "start ..< end", "at": "day"},
    "a sequence along a link": {"to": "sales", "following": "person", "order": ["day", "sale_id"]},
    "a sequence along a column": {"to": "sales", "following": "name", "order": ["day", "sale_id"]},
}


@pytest.mark.parametrize("name", FINE)
def test_a_link_with_history_is_fine(name: str) -> None:
    declarations = catalog(x=FINE[name])
    check(declarations, dict.fromkeys(declarations.tables, TEXTS))


@pytest.mark.parametrize(
    ("match", "columns", "own"),
    [
        ("id", ["id", "customer"], ("id",)),
        ("sale", ["id", "customer"], ("id",)),
        ("customer", ["id", "customer"], ("customer",)),
        (["customer", "day"], ["id", "customer", "day"], ("customer", "day")),
        (["customer", "day"], ["id", "customer"], ()),
    ],
)
def test_what_a_match_is_compared_with(match: Any, columns: list[str], own: tuple[str, ...]) -> None:
    link = {"to": "people", "through": "between", "match": match, "by": "person"}
    table = from_dict({"tables": {"people": {"key": "id"}, "t": {"key": "id", "links": {"x": link}}}}).tables["t"]
    assert matched(table, table.links["x"], dict.fromkeys(columns, TEXT)) == own


CALENDARS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "holidays of no column": (
        {"calendar": {"holidays": {"table": "days", "day": "date"}}},
        [("unknown-column", "calendar.holidays")],
    ),
    "holidays that are no dates": (
        {"calendar": {"holidays": {"table": "days", "day": "name"}}},
        [("type-mismatch", "calendar.holidays")],
    ),
    "holidays of a calendar of a table": (
        {"calendars": {"a": {"holidays": {"table": "days", "day": "day", "by": "id"}}}},
        [("unknown-column", "calendars.a.holidays")],
    ),
    "holidays of members": (
        {"calendar": {"holidays": {"table": "names", "day": "name"}}, "names": True},
        [("unsupported", "calendar.holidays"), ("type-mismatch", "calendar.holidays")],
    ),
    "hours of no columns": (
        {"calendars": {"a": {"table": "days", "by": "id", "weekday": "number", "hours": ["begin", "end"]}}},
        [("unknown-column", "calendars.a")] * 4,
    ),
    "hours that are dates": (
        {"calendars": {"a": {"table": "days", "by": "name", "weekday": "day", "hours": ["day", "name"]}}},
        [("type-mismatch", "calendars.a")] * 2,
    ),
    "a grain of no columns": (
        {"calendar": {"grains": {"g": {"table": "days", "day": "day", "period": "month", "year": "year"}}}},
        [("unknown-column", "calendar.grains.g")] * 2,
    ),
    "a grain of days that are none": (
        {"calendar": {"grains": {"g": {"table": "days", "day": "name", "period": "name"}}}},
        [("type-mismatch", "calendar.grains.g")],
    ),
}


@pytest.mark.parametrize("name", CALENDARS)
def test_a_calendar_says_what_is_wrong_with_it(name: str) -> None:
    written, expected = CALENDARS[name]
    parts = {key: value for key, value in written.items() if key != "names"}
    tables: dict[str, Any] = {"days": {"columns": {"day": "date", "name": "text"}}}
    tables |= {"names": {"members": "days.name"}} if "names" in written else {}
    assert mistakes_of(from_dict({**parts, "tables": tables})) == expected


def test_tables_that_declarations_made_by_hand_lack() -> None:
    written = from_dict(
        {
            "calendar": {"grains": {"g": {"table": "days", "day": "day", "period": "month"}}},
            "calendars": {"a": {"table": "shifts", "by": "id", "weekday": "day", "hours": ["first", "last"]}},
            "tables": {
                "t": {
                    "key": "id",
                    "columns": {"id": "text"},
                    "links": {"x": {"to": "t", "through": "between", "by": "a", "match": "b"}},
                }
            },
        }
    )
    bare = Declarations(written.calendar, written.calendars, tables={"t": written.tables["t"]})
    assert mistakes_of(bare) == [
        ("unknown-table", "tables.t.links.x.through"),
        ("unknown-table", "calendars.a.table"),
        ("unknown-table", "calendar.grains.g.table"),
    ]
