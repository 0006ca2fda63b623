"""The benchmarks run, and both sides of each give equal rows. Nothing here looks at a clock."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.__main__ import BENCHMARKS
from benchmarks.scale import SCALES


@pytest.mark.parametrize("name", BENCHMARKS)
def test_benchmark_compares_equal_rows(name: str) -> None:
    section = BENCHMARKS[name](SCALES["tiny"])
    assert section.title in section.markdown()
    assert section.findings
