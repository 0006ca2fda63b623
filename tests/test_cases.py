"""Every case, by the naive evaluator, on DuckDB and on PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

import kraforge as kf
from cases import grid
from cases.loading import statements
from cases.reading import Case, cases, difference, files
from kraforge.errors import CODES
from kraforge.model.load import from_dict
from naive import answer
from postgres import schema

ALL = [*(case for path in files() for case in cases(path)), *grid.cases()]
ANSWERED = [pytest.param(case, id=case.id) for case in ALL if case.rows is not None]
REFUSED = [pytest.param(case, id=case.id) for case in ALL if case.error is not None]

# Codes that need more than a catalog, rows and a request; their own tests are elsewhere.
ELSEWHERE = {
    "catalog-syntax", "column-mismatch", "missing-column", "missing-table", "unknown-source", "source-unreachable",
    "source-failed", "not-installed", "bad-value", "graph-too-large", "too-many-rows",
    "out-of-time", "out-of-memory", "cancelled", "catalog-too-deep", "catalog-too-large", "internal",
}  # fmt: skip


def test_names_of_cases_are_unique() -> None:
    ids = [case.id for case in ALL]
    assert sorted(ids) == sorted(set(ids))


def test_every_code_occurs_in_a_case() -> None:
    told = {case.error for case in ALL} | {case.warning for case in ALL}
    assert set(CODES) - told == ELSEWHERE


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
    if case.warning:
        assert case.warning in {mistake.code for mistake in result.warnings}


@pytest.fixture(scope="session")
def loaded(postgres_address: str) -> Iterator[dict[str, str]]:
    """Addresses of schemas that hold given rows, by the statements that made them."""
    addresses: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        addresses[""] = postgres_address
        yield _Loading(addresses, stack)


class _Loading(dict[str, str]):
    """Makes a schema when its statements are first asked for."""

    def __init__(self, known: dict[str, str], stack: contextlib.ExitStack) -> None:
        super().__init__(known)
        self.stack = stack

    def __missing__(self, sql: str) -> str:
        self[sql] = self.stack.enter_context(schema(self[""], sql))
        return self[sql]


@pytest.mark.parametrize("case", ANSWERED)
def test_postgres_gives_the_rows(case: Case, loaded: dict[str, str]) -> None:
    address = loaded[statements(from_dict(case.catalog), case.given)]
    with kf.Workspace(kf.Catalog.from_dict(case.catalog), kf.connect(address)) as ws:
        rows = ws.query(**case.request).rows()
    assert case.rows is not None
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
