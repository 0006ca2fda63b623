"""Requests of strangers on live databases: answered soon, or refused by an error of the library's own; nothing they wrote is run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kraforge as kf
from cases.loading import statements
from hostile.company import CATALOG, ROWS
from hostile.measure import bounded
from hostile.requests import KNOWN, ON_POSTGRES, REQUESTS, TEXTS, WORDS, WRONG_TYPES
from kraforge.errors import CODES
from postgres import schema

TOLD = {"check", "syntax", "names", "types", "limits"}
TOTAL = [{"bills": 200}]


@pytest.fixture(name="ws", scope="module")
def _workspace() -> Iterator[kf.Workspace]:
    with kf.Workspace(kf.Catalog.from_dict(CATALOG), ROWS) as ws:
        with pytest.raises(kf.Mistakes):
            ws.query({"value": "sum("})
        ws.query(["revenue", "average"], by=["status", "segment"], grain="month", totals=True)
        yield ws


@pytest.fixture(name="remote", scope="module")
def _remote(postgres_address: str) -> Iterator[kf.Workspace]:
    catalog = kf.Catalog.from_dict(CATALOG)
    with (
        schema(postgres_address, statements(catalog.declarations, ROWS)) as address,
        kf.Workspace(catalog, kf.connect(address)) as ws,
    ):
        ws.query(["revenue", "average"], by=["status", "segment"], grain="month", totals=True)
        yield ws


def words(name: str) -> dict[str, Any]:
    given = REQUESTS[name][1]
    return given if isinstance(given, dict) else given()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.xfail(strict=True) if name in KNOWN else ()) for name in REQUESTS]
)
def test_a_request_is_answered(name: str, ws: kf.Workspace) -> None:
    asked = words(name)
    bounded(lambda: ws.query(**asked).rows(), REQUESTS[name][0])
    assert ws.query("bills").rows() == TOTAL


@pytest.mark.parametrize("name", ON_POSTGRES)
def test_a_request_is_answered_by_postgres(name: str, remote: kf.Workspace) -> None:
    asked = words(name)
    bounded(lambda: remote.query(**asked).rows(), REQUESTS[name][0])
    assert remote.query("bills").rows() == TOTAL


@pytest.mark.parametrize("word", WORDS)
def test_a_value_of_any_python_type_is_answered(word: str, ws: kf.Workspace) -> None:
    for given in WRONG_TYPES:
        found = bounded(lambda given=given: ws.query(**{"kpis": "bills", word: given}).rows(), None)  # type: ignore[misc]
        assert found.code == "ok" or CODES[found.code].family in TOLD, (given, found.error)


@pytest.mark.parametrize("word", WORDS)
def test_any_text_is_answered(word: str, ws: kf.Workspace) -> None:
    for given in TEXTS:
        found = bounded(lambda given=given: ws.query(**{"kpis": "bills", word: given}).rows(), None)  # type: ignore[misc]
        assert found.code == "ok" or CODES[found.code].family in TOLD, (given, found.error)
    assert ws.query("bills").rows() == TOTAL


@pytest.mark.parametrize("number", range(len(WRONG_TYPES)))
def test_what_is_no_source_is_told(number: int) -> None:
    given = WRONG_TYPES[number]
    catalog = kf.Catalog.from_dict(CATALOG)
    given_to_tables = {"customers": given, "invoices": given}
    for sources in (given, given_to_tables) if given != [] and given != () else (given,):
        with pytest.raises(kf.KraforgeError):
            kf.Workspace(catalog, sources).query("bills")


OVERFLOWS = {
    "64 bits in a sum": ({"n": 2**63 - 1}, {"n": "number"}, "sum(t.n)", "ok"),
    "over 64 bits": ({"n": 2**64}, {"n": "number"}, "sum(t.n)", "ok"),
    "38 digits in a sum": ({"n": 10**38 - 1}, {"n": "number"}, "sum(t.n)", "overflow"),
    "over 38 digits": ({"n": 10**40}, {"n": "number"}, "sum(t.n)", None),
    "money of 38 digits": ({"n": 10**33}, {"n": "money INR"}, "sum(t.n)", "ok"),
    "products of money": ({"n": 10**30}, {"n": "money INR"}, "sum(t.n * 1000000000000)", "overflow"),
    "the largest double": ({"n": 1.7e308}, {"n": "number"}, "sum(t.n)", None),
    "nan": ({"n": float("nan")}, {"n": "number"}, "sum(t.n)", "ok"),
    "text for a number": ({"n": "x"}, {"n": "number"}, "sum(t.n)", "bad-value"),
    "bytes for text": ({"n": b"\xff"}, {"n": "text"}, "count_distinct(t.n)", "bad-value"),
    "half a pair": ({"n": "\ud800"}, {"n": "text"}, "count_distinct(t.n)", "bad-value"),
    "a list for a number": ({"n": [1]}, {"n": "number"}, "sum(t.n)", "bad-value"),
    "an object": ({"n": object()}, {"n": "number"}, "sum(t.n)", "bad-value"),
}


@pytest.mark.parametrize("name", OVERFLOWS)
def test_data_that_does_not_fit_is_told(name: str) -> None:
    row, columns, formula, code = OVERFLOWS[name]
    catalog = kf.Catalog.from_dict({"tables": {"t": {"columns": columns}}})

    def run() -> list[dict[str, Any]]:
        with kf.Workspace(catalog, {"t": [row] * 20}) as ws:
            return ws.query({"value": formula}).rows()

    bounded(run, code)


HEADERS = [
    'a"; DROP TABLE t; --',
    "a' OR 1=1 --",
    "$1",
    "a b",
    "{0}",
    "%s",
    "\u202ea",
    "select",
    "\U0001f4a9",
    "a.b",
    "__class__",
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize(
    "file", ["plain.csv", "a'; DROP TABLE t; --.csv", 'a".csv', "a*.csv", "a[b].csv", "a{b,c}.csv", "a b$1.csv"]
)
def test_names_of_files_and_columns_are_only_names(header: str, file: str, tmp_path: Path) -> None:
    quoted = header.replace('"', '""')
    (tmp_path / file).write_text(f'"{quoted}",n\nx,1\ny,2\n', encoding="utf-8")
    (tmp_path / "ab.csv").write_text("secret,n\nx,100\n")
    catalog = kf.Catalog.from_dict(
        {"tables": {"t": {"columns": {header: "text", "n": "number"}}}, "dimensions": {"d": f"t.`{header}`"}}
        if header.isprintable()
        else {"tables": {"t": {"columns": {"n": "number"}}}}
    )
    with kf.Workspace(catalog, {"t": tmp_path / file}) as ws:
        assert ws.query({"value": "sum(t.n)"}).rows() == [{"value": 3}]
        if header.isprintable():
            assert [row["value"] for row in ws.query({"value": "sum(t.n)"}, by="d").rows()] == [1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([file, "ab.csv"])


secret_of_the_test = [{"n": 1}]


def test_no_variable_of_python_is_a_table() -> None:
    catalog = kf.Catalog.from_dict({"tables": {"secret_of_the_test": {"columns": {"n": "number"}}}})
    with pytest.raises(kf.KraforgeError):
        kf.Workspace(catalog, {})
