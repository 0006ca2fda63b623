"""What a statement cannot reach, even if it came from a stranger."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from givens import CATALOG, GIVENS

from kraforge.errors import KraforgeError
from kraforge.limits import Limits
from kraforge.sources.open import open_sources
from kraforge.sources.source import Source
from kraforge.sources.tabular import open_tables

OURS = ["rows", "polars", "csv", "parquet", "duckdb file"]


@pytest.fixture(params=OURS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    inside = tmp_path / "inside"
    inside.mkdir()
    with GIVENS[request.param](inside, "") as given, open_sources(given, CATALOG) as sources:
        yield sources.homes["bills"].source


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.csv"
    file.write_text("word\nhush\n")
    return file


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_parquet('{folder}/../*.parquet')",
        "ATTACH '{folder}/other.db' AS other",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_paths = ['{secret}']",
        "SET max_execution_time = 0",
        "SET memory_limit = '1TB'",
        "SET python_enable_replacements = true",
        "SET temp_directory = '{folder}'",
        "RESET lock_configuration",
        "SELECT * FROM hidden_variable",
    ],
)
def test_nothing_outside_is_reached(source: Source, secret: Path, sql: str) -> None:
    import polars

    hidden_variable = polars.DataFrame({"word": ["hush"]})
    before = sorted(secret.parent.iterdir())
    with pytest.raises(KraforgeError) as caught:
        source.run(sql.format(secret=secret, folder=secret.parent), {})
    assert caught.value.code == "source-failed"
    assert sorted(secret.parent.iterdir()) == before
    assert hidden_variable.height == 1


def test_parquet_is_read_where_it_lies_and_its_neighbours_are_not(tmp_path: Path) -> None:
    import polars

    for name in ("given", "other"):
        polars.DataFrame({"name": [name]}).write_parquet(tmp_path / f"{name}.parquet")
    with open_tables({"given": tmp_path / "given.parquet"}, {}) as source:
        assert source.run("SELECT name FROM given", {}).rows == [("given",)]
        with pytest.raises(KraforgeError):
            source.run(f"SELECT * FROM read_parquet('{tmp_path}/other.parquet')", {})


def test_a_host_file_is_never_written(tmp_path: Path) -> None:
    with GIVENS["duckdb file"](tmp_path, "") as given, open_sources(given, CATALOG) as sources:
        for sql in ("DELETE FROM bills", "DROP TABLE bills", "CREATE TABLE x (a int)"):
            with pytest.raises(KraforgeError):
                sources.homes["bills"].source.run(sql, {})


def test_postgres_sessions_only_read(tmp_path: Path, postgres_address: str) -> None:
    with GIVENS["postgres"](tmp_path, postgres_address) as given, open_sources(given, CATALOG) as sources:
        source = sources.homes["bills"].source
        for sql in ("DELETE FROM bills", "CREATE TABLE x (a int)", "SELECT 1; DELETE FROM bills"):
            with pytest.raises(KraforgeError):
                source.run(sql, {})
        assert source.run("SELECT count(*) AS n FROM bills", {}).rows == [(3,)]


def test_memory_is_bounded_and_nothing_spills_to_disk(tmp_path: Path) -> None:
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        with open_tables({}, {}, Limits(memory=64 * 1024**2)) as source:
            with pytest.raises(KraforgeError) as caught:
                source.run("SELECT count(*) FROM (SELECT DISTINCT md5(range::text) FROM range(3000000))", {})
            assert caught.value.code == "out-of-memory"
            assert source.run("SELECT 1", {}).rows == [(1,)]
    finally:
        os.chdir(before)
    assert list(tmp_path.iterdir()) == []


def test_the_memory_of_a_file_of_ours_is_bounded_for_all_who_open_it(tmp_path: Path) -> None:
    limits = Limits(memory=64 * 1024**2)
    many = "SELECT count(*) FROM (SELECT DISTINCT md5(range::text) FROM range(3000000))"
    with GIVENS["duckdb file"](tmp_path, "") as given, open_sources(given, CATALOG, limits) as first:
        with open_sources(given, CATALOG, limits) as second:
            for sources in (first, second):
                with pytest.raises(KraforgeError) as caught:
                    sources.homes["bills"].source.run(many, {})
                assert caught.value.code == "out-of-memory"
        with pytest.raises(KraforgeError) as caught:
            open_sources(given, CATALOG, Limits(memory=32 * 1024**2))
        assert caught.value.code == "source-unreachable"
        assert first.homes["bills"].source.run("SELECT count(*) AS n FROM bills", {}).rows == [(3,)]


def test_importing_brings_in_no_engine() -> None:
    check = (
        "import sys, kraforge.sources.open, kraforge.result; "
        "sys.exit(bool({'duckdb', 'psycopg', 'pyarrow', 'pandas', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
