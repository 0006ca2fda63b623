"""Every case, by the naive evaluator, on DuckDB and on PostgreSQL."""

from __future__ import annotations

import pytest

import kraforge as kf
from cases.loading import statements
from cases.reading import Case, cases, difference, files
from kraforge.model.load import from_dict
from naive import answer
from postgres import schema

ALL = [case for path in files() for case in cases(path)]
ANSWERED = [pytest.param(case, id=case.id) for case in ALL if case.rows is not None]
REFUSED = [pytest.param(case, id=case.id) for case in ALL if case.error is not None]


def test_names_of_cases_are_unique() -> None:
    ids = [case.id for case in ALL]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("case", ANSWERED)
def test_the_naive_evaluator_gives_the_rows(case: Case) -> None:
    rows = answer(from_dict(case.catalog), case.given, case.request)
    assert case.rows is not None
    assert difference(case.rows, rows) is None, rows


@pytest.mark.parametrize("case", ANSWERED)
def test_duckdb_gives_the_rows(case: Case) -> None:
    with workspace(case) as ws:
        result = ws.query(**case.request)
    assert case.rows is not None
    assert difference(case.rows, result.rows()) is None, result.rows()
    for name, kind in case.types.items():
        assert str(result.types[name]) == kind


@pytest.mark.parametrize("case", ANSWERED)
def test_postgres_gives_the_rows(case: Case, postgres_address: str) -> None:
    catalog = kf.Catalog.from_dict(case.catalog)
    assert case.rows is not None
    with schema(postgres_address, statements(from_dict(case.catalog), case.given)) as address:
        with kf.Workspace(catalog, kf.connect(address)) as ws:
            rows = ws.query(**case.request).rows()
    assert difference(case.rows, rows) is None, rows


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_has_its_code(case: Case) -> None:
    with pytest.raises(kf.KraforgeError) as raised, workspace(case) as ws:
        ws.query(**case.request)
    assert case.error in {mistake.code for mistake in raised.value.mistakes}, str(raised.value)


def workspace(case: Case) -> kf.Workspace:
    """A workspace over the given rows; tables without rows are empty."""
    tables = case.catalog.get("tables", {})
    given = {name: case.given.get(name, []) for name, table in tables.items() if "members" not in table}
    return kf.Workspace(kf.Catalog.from_dict(case.catalog), given)
