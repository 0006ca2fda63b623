"""A dimension that says its ways to some tables warns where another table takes a way of its own."""

from __future__ import annotations

from typing import Any

import kraforge as kf

CATALOG: dict[str, Any] = {
    "tables": {
        "staff": {
            "key": "id",
            "columns": {"id": "text", "boss_id": "text"},
            "links": {"boss": {"to": "staff", "by": "boss_id"}},
        },
        "visits": {
            "key": "id",
            "date": "day",
            "columns": {"id": "text", "by_id": "text", "day": "date"},
            "links": {"by": {"to": "staff", "by": "by_id"}},
        },
    },
    "dimensions": {"manager": {"to": "staff", "from": {"staff": "boss"}}},
}
ROWS = {"staff": [{"id": "a", "boss_id": "b"}], "visits": [{"id": "1", "by_id": "a", "day": "2026-01-05"}]}


def warned(catalog: dict[str, Any], kpi: str) -> list[str]:
    with kf.Workspace(kf.Catalog.from_dict(catalog), ROWS) as workspace:
        return [warning.code for warning in workspace.query({"x": kpi}, window="2026", by="manager").warnings]


def test_a_route_that_the_dimension_does_not_say_is_told() -> None:
    assert warned(CATALOG, "count(visits)") == ["implied-route"]


def test_a_route_that_is_said_or_chosen_is_not() -> None:
    assert warned(CATALOG, "count(staff)") == []
    said = {**CATALOG, "dimensions": {"manager": {"to": "staff", "from": {"staff": "boss", "visits": "by.boss"}}}}
    assert warned(said, "count(visits)") == []
    assert warned(CATALOG, "count(visits via by)") == []
