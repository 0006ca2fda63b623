"""A product that does not fit is told, and its hint is true."""

from __future__ import annotations

from decimal import Decimal

import pytest

import kraforge as kf

LONG = Decimal("1.123456789012")
CATALOG = {
    "tables": {"t": {"key": "id", "columns": {"id": "text", "a": "number", "b": "number", "m": "money INR"}}},
}


ROWS = {"t": [{"id": "1", "a": LONG, "b": LONG, "m": Decimal("10.25")}]}


def test_plain_numbers_multiplied_first_leave_room_for_money() -> None:
    with kf.Workspace(kf.Catalog.from_dict(CATALOG), ROWS) as workspace:
        with pytest.raises(kf.LimitError) as caught:
            workspace.query({"x": "sum(t.m * t.a * t.b * t.a)"})
        assert caught.value.code == "overflow"
        assert "in brackets" in str(caught.value)
        (row,) = workspace.query({"x": "sum(t.m * (t.a * t.b * t.a))"}).rows()
    assert row["x"] == pytest.approx(Decimal("10.25") * LONG**3, abs=Decimal("1e-9"))
