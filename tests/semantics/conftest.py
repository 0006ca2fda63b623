"""One catalog for the tests of the checker."""

from __future__ import annotations

from pathlib import Path

import pytest

from kraforge.model.load import load
from kraforge.semantics.check import Checked, check


@pytest.fixture(scope="session")
def checked() -> Checked:
    return check(load(Path(__file__).parent / "catalog.yaml"))
