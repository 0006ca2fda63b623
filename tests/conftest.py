"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postgres import server


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The address of a PostgreSQL server; `postgres.schema` gives a place of one's own on it."""
    with server() as address:
        yield address
