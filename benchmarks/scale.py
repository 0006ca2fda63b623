"""How big the benchmarks are."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Scale:
    """Rows of the fact tables together, of each other table, the sizes of growth, and the rounds of every timing.

    `venvs` says whether to install the peers: that takes minutes and needs a package index.
    """

    facts: int
    others: int
    growth: tuple[int, ...]
    rounds: int
    venvs: bool = True


SCALES: Mapping[str, Scale] = {
    "tiny": Scale(600, 60, (100, 200), 1, venvs=False),
    "small": Scale(300_000, 60_000, (100_000, 300_000, 1_000_000), 7),
    "full": Scale(10_000_000, 1_000_000, (1_000_000, 2_000_000, 5_000_000, 10_000_000), 15),
}
