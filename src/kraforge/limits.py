"""What strangers' formulas and requests may cost, with documented defaults."""

from __future__ import annotations

from attrs import frozen


@frozen
class Limits:
    """Bounds on formulas, plans and runs; going over one raises LimitError. All are inclusive.

    Before lexing: `characters` of one formula. After parsing: `depth` of nesting and `nodes` of the tree, `items` of one
    list. On the expanded graph of KPIs, macros and fields: `expanded_nodes`. Before anything is sent: `cells`, groups not
    yet known counted as one, that is periods × leaves, inner members included. While running: `seconds`, `memory` in
    bytes, `rows` of the answer.
    """

    characters: int = 20_000
    depth: int = 100
    nodes: int = 5_000
    items: int = 1_000
    expanded_nodes: int = 10_000
    cells: int = 2_000_000
    seconds: float = 120.0
    memory: int = 8 * 1024**3
    rows: int = 5_000_000
