"""What all tests share: the PostgreSQL server, and how much hypothesis tries."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from postgres import server

# HYPOTHESIS_PROFILE=nightly tries other examples every time, and many more of them.
settings.register_profile(
    "steady",
    max_examples=110,
    derandomize=True,
    deadline=None,
    print_blob=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("nightly", settings.get_profile("steady"), max_examples=5000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The address of a PostgreSQL server; `postgres.schema` gives a place of one's own on it."""
    with server() as address:
        yield address
