"""Where the tables of a catalog are found, and what is said when they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from givens import CATALOG, GIVENS, ROWS, catalog, dicts, filled

from kraforge.errors import KraforgeError, SourceError, UnsupportedError
from kraforge.model.declarations import Column, Declarations, Link, Table
from kraforge.model.load import from_dict
from kraforge.sources import connect
from kraforge.sources.open import open_sources
from kraforge.types import DATE, NUMBER, TEXT, money

PEOPLE = catalog(people={"id": TEXT}, bills={"id": TEXT})
ONE: list[dict[str, Any]] = [{"id": "x"}]


def codes(sources: Any, declarations: Declarations) -> list[str]:
    with pytest.raises(KraforgeError) as caught:
        open_sources(sources, declarations)
    return [mistake.code for mistake in caught.value.mistakes]


def test_tables_and_sources_may_be_given_together(tmp_path: Path) -> None:
    with filled() as connection, open_sources({"people": ONE, "billing": connection}, PEOPLE) as sources:
        assert {name: home.source.dialect for name, home in sources.homes.items()} == dict.fromkeys(
            PEOPLE.tables, "duckdb"
        )
        assert sources.homes["people"].source is not sources.homes["bills"].source


def test_a_source_may_be_an_address_a_folder_or_a_mapping_of_tables(tmp_path: Path) -> None:
    named = Declarations(tables={name: Table(name, source=f"{name} source") for name in ("bills", "people", "tills")})
    (tmp_path / "people.csv").write_text("id\nx\n")
    with GIVENS["duckdb file"](tmp_path, "") as address:
        given = {"bills source": address, "people source": str(tmp_path), "tills source": {"tills": ONE}}
        with open_sources(given, named) as sources:
            for home in sources.homes.values():
                assert home.source.run(f'SELECT count(*) FROM "{home.table}"', {}).rows[0][0] in (1, len(ROWS))


def test_a_table_is_found_by_its_name_at_the_source(postgres_address: str, tmp_path: Path) -> None:
    renamed = {"amount_due": Column("amount_due", money("INR"), source="amount")}
    declarations = Declarations(tables={"invoices": Table("invoices", renamed, table="bills")})
    for given in ("rows", "csv", "duckdb file", "postgres"):
        with GIVENS[given](tmp_path, postgres_address) as data, open_sources(data, declarations) as sources:
            home = sources.homes["invoices"]
            assert home.table == "bills"
            assert home.names["amount_due"] == "amount"
            assert home.names["id"] == "id"
            assert "amount" not in home.columns


def test_a_table_in_another_schema_is_found_by_both_names(postgres_address: str) -> None:
    import psycopg

    declarations = Declarations(tables={"invoices": Table("invoices", table="finance.sales_invoice")})
    create = (
        "DROP SCHEMA IF EXISTS finance CASCADE; CREATE SCHEMA finance; CREATE TABLE finance.sales_invoice (id text)"
    )
    with psycopg.connect(postgres_address, autocommit=True) as connection:
        connection.execute(create)
    with filled() as duck:
        duck.execute("CREATE SCHEMA finance; CREATE TABLE finance.sales_invoice (id text)")
        for source in (connect(postgres_address), connect(duck)):
            with open_sources(source, declarations) as sources:
                home = sources.homes["invoices"]
                assert home.source.name(home.table) == ("finance", "sales_invoice")
                assert list(home.columns) == ["id"]
                assert home.table in home.source.tables()


def test_a_population_of_members_needs_no_table() -> None:
    payers = {**CATALOG.tables, "payers": Table("payers", members=("bills", "id"))}
    with open_sources({"bills": dicts()}, Declarations(tables=payers)) as sources:
        assert set(sources.homes) == {"bills"}


def test_every_table_that_is_missing_is_named() -> None:
    assert codes({"peopel": ONE}, PEOPLE) == ["missing-table", "missing-table"]
    with pytest.raises(SourceError) as caught:
        open_sources({"peopel": ONE, "bills": ONE}, PEOPLE)
    assert caught.value.mistakes[0].hint == "did you mean 'peopel'?"
    assert caught.value.mistakes[0].place.path == "tables.people"
    with filled() as connection:
        assert codes(connection, PEOPLE) == ["missing-table"]


def test_a_source_that_was_not_given_is_named() -> None:
    declarations = Declarations(tables={"people": Table("people", source="hr")})
    with filled() as connection:
        assert codes({"crm": connection}, declarations) == ["unknown-source"]


def test_declared_columns_are_checked_against_the_stored_ones() -> None:
    declarations = catalog(bills={"id": NUMBER, "amuont": money("INR"), "at": money("INR"), "paid": DATE, "day": DATE})
    with filled() as connection:
        assert codes(connection, declarations) == [
            "column-mismatch",
            "missing-column",
            "column-mismatch",
            "column-mismatch",
        ]
        with pytest.raises(SourceError) as caught:
            open_sources(connection, declarations)
    hints = [mistake.hint for mistake in caught.value.mistakes]
    assert hints == [
        "store it as a decimal, cast it in a view, or declare it text",
        "did you mean 'amount'?",
        "declare it timestamp, or cast it in a view",
        "declare it bool, or cast it in a view",
    ]


def test_columns_of_keys_and_links_are_looked_for() -> None:
    link = Link("payer", "people", ("idd",))
    declarations = Declarations(
        tables={"bills": Table("bills", key=("nmuber",), links={"payer": link}), "people": Table("people", key=("id",))}
    )
    given = {"bills": [{"id": 1, "number": 2}], "people": ONE}
    with pytest.raises(SourceError) as caught:
        open_sources(given, declarations)
    assert [(mistake.code, mistake.hint) for mistake in caught.value.mistakes[:2]] == [
        ("missing-column", "did you mean 'number'?"),
        ("missing-column", "did you mean 'id'?"),
    ]


HISTORY = {
    "calendar": {
        "people": {"table": "people"},
        "holidays": {"table": "days_off", "day": "day"},
        "grains": {"season": {"table": "seasons", "day": "day", "period": "season"}},
    },
    "calendars": {"shifts": {"table": "hours", "by": "id", "weekday": "weekday", "hours": ["first", "last"]}},
    "tables": {
        "people": {"key": "id"},
        "bills": {
            "key": "number",
            "links": {
                "owner": {"to": "people", "through": "owners", "match": "bill", "by": "person"},
                "next": {"to": "bills", "following": "shop", "order": ["day", "number"]},
            },
        },
    },
}
KEPT: dict[str, list[dict[str, Any]]] = {
    "people": ONE,
    "bills": [{"number": 1, "shop": "a", "day": "x"}],
    "owners": [{"bill": 1, "person": "x"}],
    "days_off": [{"day": "2026-01-01"}],
    "seasons": [{"day": "2026-01-01", "season": "winter"}],
    "hours": [{"id": "a", "weekday": 1, "first": "09:00", "last": "17:00"}],
}


def test_tables_of_calendars_and_histories_are_opened_and_made_ones_are_not() -> None:
    with open_sources(KEPT, from_dict(HISTORY)) as sources:
        assert sorted(sources.homes) == sorted(KEPT)


def test_columns_of_calendars_and_histories_are_looked_for() -> None:
    short = {name: [{"other": "x"}] for name in KEPT}
    with pytest.raises(SourceError) as caught:
        open_sources(short, from_dict(HISTORY))
    found = {(mistake.code, mistake.message.split(", which")[0]) for mistake in caught.value.mistakes}
    assert found == {
        ("missing-column", message)
        for message in (
            "the key of table 'people' names column 'id'",
            "the key of table 'bills' names column 'number'",
            "the link 'next' of table 'bills' names column 'shop'",
            "the link 'next' of table 'bills' names column 'day'",
            "the link 'next' of table 'bills' names column 'number'",
            "the link 'owner' of table 'bills' names column 'bill'",
            "the link 'owner' of table 'bills' names column 'person'",
            "the calendar names column 'day'",
            "the grain 'season' names column 'day'",
            "the grain 'season' names column 'season'",
            "the calendar 'shifts' names column 'id'",
            "the calendar 'shifts' names column 'weekday'",
            "the calendar 'shifts' names column 'first'",
            "the calendar 'shifts' names column 'last'",
        )
    }
    assert codes({name: rows for name, rows in KEPT.items() if name != "owners"}, from_dict(HISTORY)) == [
        "missing-table"
    ]


@pytest.mark.parametrize("wrong", [{"bill": "1", "person": "x"}, {"bill": 1, "person": 7}])
def test_both_ends_of_a_table_between_are_kept_alike(wrong: dict[str, Any]) -> None:
    assert codes({**KEPT, "owners": [wrong]}, from_dict(HISTORY)) == ["column-mismatch"]


@pytest.mark.parametrize("target", ["sqlite:///x.db", "mysql://u:secret@h/d", "invoices", 3, object()])
def test_what_is_no_source_is_refused(target: Any) -> None:
    with pytest.raises(UnsupportedError) as caught:
        connect(target)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("data", [3, "notes.docx", {1, 2}, iter(ONE)])
def test_what_is_no_table_is_refused(data: Any, tmp_path: Path) -> None:
    if isinstance(data, str):
        (tmp_path / data).touch()
        data = tmp_path / data
    assert codes({"bills": data}, PEOPLE) == ["unsupported"]


@pytest.mark.parametrize(
    "target", ["duckdb:///nowhere.duckdb", "postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=2"]
)
def test_what_cannot_be_reached_is_said_without_its_password(target: str) -> None:
    with pytest.raises(SourceError) as caught:
        connect(target)
    assert caught.value.code == "source-unreachable"
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_or_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("not a database")
    with pytest.raises(SourceError) as caught:
        connect(f"duckdb:///{tmp_path}/x.duckdb")
    assert caught.value.code == "source-unreachable"
    assert codes({"bills": tmp_path / "bills.csv"}, PEOPLE) == ["source-unreachable"]


def test_a_lost_connection_is_replaced(postgres_address: str) -> None:
    import psycopg

    with connect(postgres_address) as source:  # type: ignore[attr-defined]
        ((process,),) = source.run("SELECT pg_backend_pid() AS p", {}).rows
        with psycopg.connect(postgres_address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
        assert source.run("SELECT 1 AS x", {}).rows == [(1,)]


def test_a_stream_that_can_be_read_only_once_is_copied() -> None:
    import polars

    class Once:
        def __init__(self) -> None:
            self.left = [polars.DataFrame({"id": ["a", "b"]})]

        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            return self.left.pop().__arrow_c_stream__(requested_schema)

    with open_sources({"people": Once(), "bills": ONE}, PEOPLE) as sources:
        for _ in range(2):
            assert sources.homes["people"].source.run("SELECT count(*) FROM people", {}).rows == [(2,)]


def test_a_key_is_checked_once_by_the_names_of_the_catalog() -> None:
    renamed = Table("people", {"person": Column("person", TEXT, source="id")})
    with open_sources({"people": ONE * 2}, Declarations(tables={"people": renamed})) as sources:
        with pytest.raises(SourceError) as caught:
            sources.check_key("people", ("person",))
        assert caught.value.code == "duplicate-key"
        sources.check_key("people", ("person",), scan="(SELECT 'a' AS id) t")
        sources.check_key("people", ("person",))


def test_days_of_calendars_are_kept_as_days() -> None:
    calendar = {
        "holidays": {"table": "free", "day": "number"},
        "grains": {"season": {"table": "free", "day": "number", "period": "name"}},
    }
    declarations = from_dict(
        {"calendar": calendar, "calendars": {"shop": {"holidays": calendar["holidays"]}}, "tables": {"free": {}}}
    )
    rows = [{"number": 1, "name": "x"}]
    assert codes({"free": rows}, declarations) == ["column-mismatch"] * 3
    with open_sources({"free": [{"number": "2026-01-01", "name": "x"}]}, declarations) as sources:
        assert set(sources.homes) == {"free"}
