"""What is said when a workspace opens, and tables on the first day of an installation, when they hold next to nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import kraforge as kf
from kraforge.model.declarations import Column, Dimension, Table, Text
from kraforge.text import Place
from kraforge.types import RATIO, TEXT

OWNER = {"to": "people", "through": "owners", "match": "customer_id", "by": "person_id", "valid": "since ..< until"}
SALES: list[dict[str, Any]] = [
    {"sale_id": "s1", "customer_id": "c1", "day": "2026-01-10", "amount": 10},
    {"sale_id": "s2", "customer_id": "c2", "day": "2026-01-11", "amount": 5},
]
OWNERS: list[dict[str, Any]] = [{"customer_id": "c1", "person_id": "p1", "since": "2025-01-01", "until": "2030-01-01"}]
CREDITS: list[dict[str, Any]] = [{"sale_id": "s1", "person_id": "p1", "part": 1}]


def catalog(**links: Any) -> kf.Catalog:
    """Sales with an owner by a history that is not declared, and the links asked for."""
    columns = {"sale_id": "text", "customer_id": "text", "day": "date", "amount": "number"}
    sales = {"key": "sale_id", "date": "day", "columns": columns, "links": {"owner": OWNER, **links}}
    people = {"key": "person_id", "columns": {"person_id": "text"}}
    owner: dict[str, Any] = {"to": "people", "from": {"sales": "owner"}}
    credited = {"credited": {"to": "people", "from": {"sales": "credit"}}} if "credit" in links else {}
    return kf.Catalog.from_dict(
        {"tables": {"sales": sales, "people": people}, "dimensions": {"owner": owner, **credited}}
    )


def opened(known: kf.Catalog, **tables: Any) -> kf.Workspace:
    """A workspace of the sales with these tables."""
    return kf.Workspace(known, {"sales": SALES, "people": [{"person_id": "p1"}], "owners": OWNERS, **tables})


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ({**OWNER, "match": ["customer_id", "person_id"]}, "wrong-arguments"),
        ({**OWNER, "by": ["person_id", "customer_id"]}, "wrong-arguments"),
        ({"to": "people", "through": "credits", "share": "person_id"}, "type-mismatch"),
        ({"to": "persons", "by": "customer_id"}, "unknown-table"),
    ],
)
def test_a_link_that_fits_nothing_is_told_when_a_workspace_opens(link: dict[str, Any], code: str) -> None:
    with pytest.raises(kf.Mistakes) as caught:
        opened(catalog(other=link), credits=CREDITS)
    assert [(mistake.code, mistake.place.path) for mistake in caught.value.mistakes] == [
        (code, "tables.sales.links.other")
    ]


def frame(kind: str, rows: list[dict[str, Any]]) -> Any:
    """Rows as what holds tables."""
    if kind == "pandas":
        return pytest.importorskip("pandas").DataFrame(rows)
    if kind == "pyarrow":
        return pytest.importorskip("pyarrow").Table.from_pylist(rows)
    return pytest.importorskip("polars").DataFrame(rows) if kind == "polars" else rows


@pytest.mark.parametrize("kind", ["rows", "pandas", "polars", "pyarrow"])
def test_a_history_that_nothing_has_ended_in_needs_no_declaration(kind: str) -> None:
    day = dt.date(2025, 1, 1)
    rows = [{"customer_id": "c1", "person_id": "p1", "since": day, "until": None}]
    with opened(catalog(), owners=frame(kind, rows)) as made:
        assert made.query({"n": "sum(sales.amount)"}, by="owner").rows() == [
            {"owner": "p1", "n": 10},
            {"owner": None, "n": 5},
        ]


def test_a_history_that_nothing_has_begun_in_holds_never() -> None:
    rows = [{"customer_id": "c1", "person_id": "p1", "since": None, "until": None}]
    with opened(catalog(), owners=rows) as made:
        assert made.query({"n": "sum(sales.amount)"}, by="owner").rows() == [{"owner": None, "n": 15}]


def test_tables_without_rows_have_the_columns_that_the_catalog_names() -> None:
    known = catalog(
        credit={"to": "people", "through": "credits", "match": "sale_id", "by": "person_id", "share": "part"}
    )
    with opened(known, owners=[], credits=[]) as made:
        for by in ("owner", "credited"):
            assert made.query({"n": "sum(sales.amount)"}, by=by).rows() == [{by: None, "n": 15}]


def test_calendars_of_tables_without_rows() -> None:
    calendar = {
        "working_week": {"monday-friday": "09:00-17:00"},
        "holidays": {"table": "days_off", "day": "day"},
        "grains": {"retail": {"table": "retail_days", "day": "day", "period": "month", "year": "year"}},
    }
    shifts = {"table": "shifts", "by": "team", "weekday": "weekday", "hours": ["first", "last"]}
    known = kf.Catalog.from_dict(
        {
            "calendar": calendar,
            "calendars": {"teams": {**shifts, "holidays": {"table": "team_off", "by": "team", "day": "day"}}},
            "tables": {"sales": {"key": "sale_id", "date": "day", "columns": {"sale_id": "text", "day": "date"}}},
        }
    )
    tables: dict[str, Any] = {name: [] for name in ("days_off", "retail_days", "shifts", "team_off")}
    with kf.Workspace(known, {"sales": SALES, **tables}) as made:
        days = {"n": "sum(business_days(sales.day, sales.day + 7 days))"}
        assert made.query(days).rows() == [{"n": 10}]
        assert made.query({"n": "sum(business_days(sales.day, sales.day + 7 days, sales.customer_id))"}).rows() == [
            {"n": 0}
        ]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("count(sales where closed_on is missing)", 2),
        ("count(sales where closed_on <= 2026-02-01)", 0),
        ("count(sales on closed_on)", 0),
        ("sum(sales.closed_on)", 0),
        ("count(sales where closed_on = 'x')", 0),
        ("count(sales where closed_on)", 0),
        ("count_distinct(sales.closed_on)", 0),
        ("max(sales.closed_on)", None),
        ("avg(sales.closed_on)", None),
        ("sum(days(sales.day, sales.closed_on else as_of))", 41),
    ],
)
def test_a_column_without_any_value_fits_every_use(formula: str, value: object) -> None:
    with opened(catalog(), sales=[{**row, "closed_on": None} for row in SALES]) as made:
        assert made.query({"n": formula}, window="2026-01").rows() == [{"n": value}]


@pytest.mark.parametrize(("kind", "parts"), [("percent", (60, 50)), ("ratio", (0.6, 0.5))])
def test_too_much_credit_is_told_as_it_is_written(kind: str, parts: tuple[float, float]) -> None:
    known = catalog(credit={"to": "people", "through": "credits", "share": "part"}).declarations
    columns = {"sale_id": Column("sale_id", TEXT), "person_id": Column("person_id", TEXT)}
    columns["part"] = Column("part", RATIO, percent=kind == "percent")
    declared = evolve(known, tables={**known.tables, "credits": Table("credits", columns)})
    rows = [{"sale_id": "s1", "person_id": f"p{number}", "part": part} for number, part in enumerate(parts, 1)]
    people = [{"person_id": "p1"}, {"person_id": "p2"}]
    with opened(kf.Catalog(declared), people=people, credits=rows) as made, pytest.raises(kf.SourceError) as caught:
        made.query({"n": "sum(sales.amount)"}, by="credited")
    (mistake,) = caught.value.mistakes
    assert mistake.message == "the shares of rows of sales over credit add up to more than 100%"
    whole = "110" if kind == "percent" else "1.1"
    assert mistake.notes == (
        f"for example sale_id s1, person_id p1, part {parts[0]}, in all {whole}",
        f"sale_id s1, person_id p2, part {parts[1]}, in all {whole}",
    )


def test_a_link_to_no_table_is_told_once_and_where_it_stands() -> None:
    known = catalog(other={"to": "persons", "by": "customer_id"}).declarations
    sales = known.tables["sales"]
    fields = {"who": Text("other.person_id", Place("tables.sales.fields.who"))}
    dimensions = {"seller": Dimension("seller", to="people", routes={"sales": ("other",)})}
    declared = evolve(
        known,
        tables={**known.tables, "sales": evolve(sales, fields=fields)},
        dimensions={**known.dimensions, **dimensions},
    )
    with pytest.raises(kf.Mistakes) as caught:
        kf.check(kf.Catalog(declared))
    assert [(mistake.code, mistake.place.path) for mistake in caught.value.mistakes] == [
        ("unknown-table", "tables.sales.links.other")
    ]


def test_a_table_of_people_that_is_not_there_is_told_once() -> None:
    due = {"report": {"rule": "FREQ=WEEKLY;BYDAY=FR", "start": "2026-01-02", "of": "people"}}
    people = {"table": "persons", "leave": {"table": "leaves", "during": "first .. last"}}
    leaves = {"key": "id", "columns": {"id": "text", "first": "date", "last": "date"}}
    with pytest.raises(kf.Mistakes) as caught:
        kf.Catalog.from_dict({"calendar": {"people": people, "expected": due}, "tables": {"leaves": leaves}})
    assert [mistake.place.path for mistake in caught.value.mistakes] == ["calendar.people.table"]
