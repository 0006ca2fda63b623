"""The words of a request: what they become, and which do not fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from kraforge.errors import Mistakes
from kraforge.model.request import Asked, Order, request

JANUARY = (dt.date(2026, 1, 1), dt.date(2026, 2, 1))


@pytest.mark.parametrize(
    ("kpis", "asked"),
    [
        ("revenue", [Asked("revenue")]),
        (["a", "b"], [Asked("a"), Asked("b")]),
        (("a",), [Asked("a")]),
        ({"a": "count(t)"}, [Asked("a", "count(t)")]),
        ({"a": "1", "b": "2"}, [Asked("a", "1"), Asked("b", "2")]),
        ({"a": {"formula": "1", "unit": "ratio", "empty": "missing"}}, [Asked("a", "1", "ratio", True)]),
        (["a", {"b": "1", "c": {"formula": "2"}}, "d"], [Asked("a"), Asked("b", "1"), Asked("c", "2"), Asked("d")]),
    ],
)
def test_kpis(kpis: Any, asked: list[Asked]) -> None:
    assert list(request(kpis).kpis) == asked


@pytest.mark.parametrize(
    ("window", "made"),
    [
        (None, None),
        ("2026-Q1", "2026-Q1"),
        (" FY2026 ", "FY2026"),
        (("2026-01-01", "2026-02-01"), JANUARY),
        (list(JANUARY), JANUARY),
        ([JANUARY[0], "2026-02-01"], JANUARY),
    ],
)
def test_windows(window: Any, made: Any) -> None:
    assert request("a", window=window).window == made


def test_the_rest() -> None:
    made = request(
        ["a", "b"],
        grain="month",
        by="segment",
        where="x = 1",
        having="a > 1",
        as_of="2026-03-31",
        order_by=["-a", "segment", "period"],
        limit=0,
        totals=["segment"],
        sparse=True,
        scope={"team": ["x", "y"], "segment": None},
        values={"wanted": Decimal("1.5")},
    )
    assert made.by == ("segment",)
    assert made.as_of == dt.date(2026, 3, 31)
    assert made.order_by == (Order("a", descending=True), Order("segment"), Order("period"))
    assert made.totals == ("segment",)
    assert made.scope == (("segment", (None,)), ("team", ("x", "y")))
    assert (made.types, dict(made.values)) == ((("wanted", "Decimal"),), {"wanted": Decimal("1.5")})
    assert made.columns == ("segment", "period", "a", "b", "total")


def test_a_column_with_a_dash_is_ordered_by_its_name() -> None:
    assert request({"-a": "1", "a": "2"}, order_by="-a").order_by == (Order("-a"),)


def test_totals_of_nothing_are_none() -> None:
    assert request("a", totals=[]) == request("a", totals=False)
    assert request("a", totals=True).totals is True


def test_equal_requests_are_one_key() -> None:
    def made(value: Any = 1, **words: Any) -> Any:
        return request(["a"], window=list(JANUARY), by=["x"], values={"v": value}, **words)

    assert {made(), made(2), made(scope=None)} == {made()}
    assert len({made(), made("1"), made(True), made(1.0), made(limit=1)}) == 5
    scopes: list[Mapping[str, Any]] = [{"x": 1}, {"x": True}, {"x": 1.0}, {"x": "1"}, {"x": [1, 1]}, {"x": Decimal(1)}]
    assert len({made(scope=scope) for scope in scopes}) == len(scopes)
    assert made(scope={"x": {1, 2}, "y": 3}) == made(scope={"y": [3], "x": [1, 2]})


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ({"kpis": []}, "kpis"),
        ({"kpis": {}}, "kpis"),
        ({"kpis": None}, "kpis"),
        ({"kpis": ""}, "kpis"),
        ({"kpis": [5]}, "kpis"),
        ({"kpis": {5: "1"}}, "kpis"),
        ({"kpis": ["a", "a"]}, "kpis"),
        ({"kpis": ["a", {"a": "1"}]}, "kpis"),
        ({"kpis": {"a": 5}}, "kpis.a"),
        ({"kpis": {"a": {}}}, "kpis.a"),
        ({"kpis": {"a": {"formula": 5}}}, "kpis.a"),
        ({"kpis": {"a": {"formula": "1", "title": "A"}}}, "kpis.a"),
        ({"kpis": {"a": {"formula": "1", "empty": "zero"}}}, "kpis.a"),
        ({"kpis": {"a": {"formula": "1", "unit": 5}}}, "kpis.a.unit"),
        ({"kpis": "period"}, "kpis"),
        ({"kpis": {"total": "1"}}, "kpis"),
        ({"by": ["a"]}, "kpis"),
        ({"by": ["x", "x"]}, "by"),
        ({"by": ["period"]}, "by"),
        ({"by": 5}, "by"),
        ({"by": [None]}, "by"),
        ({"window": 2026}, "window"),
        ({"window": dt.date(2026, 1, 1)}, "window"),
        ({"window": ["2026-01-01"]}, "window"),
        ({"grain": 5}, "grain"),
        ({"where": ["a"]}, "where"),
        ({"having": True}, "having"),
        ({"as_of": "2026-3-31"}, "as_of"),
        ({"as_of": "2026-02-30"}, "as_of"),
        ({"as_of": dt.datetime(2026, 3, 31)}, "as_of"),
        ({"order_by": "b"}, "order_by"),
        ({"order_by": "period"}, "order_by"),
        ({"order_by": "-"}, "order_by"),
        ({"order_by": ["a", "-a"]}, "order_by"),
        ({"limit": -1}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": 1.0}, "limit"),
        ({"totals": ["x"]}, "totals"),
        ({"totals": 1}, "totals"),
        ({"totals": None}, "totals"),
        ({"sparse": 1}, "sparse"),
        ({"sparse": "yes"}, "sparse"),
        ({"scope": ["x"]}, "scope"),
        ({"scope": {"x": {}}}, "scope.x"),
        ({"scope": {"x": [[1]]}}, "scope.x"),
        ({"scope": {5: 1}}, "scope"),
        ({"values": {"v": float("nan")}}, "values.v"),
        ({"values": {"v": [1]}}, "values.v"),
        ({"values": {"v": b"x"}}, "values.v"),
        ({"values": "v"}, "values"),
    ],
)
def test_misuse(words: dict[str, Any], path: str) -> None:
    with pytest.raises(Mistakes) as raised:
        request(words.pop("kpis", "a"), **words)
    assert [(mistake.code, mistake.place.path) for mistake in raised.value.mistakes] == [("bad-request", path)]


@pytest.mark.parametrize(
    "window", [("2026-01-01", "2026-02-30"), ("January", "2026-02-01"), (dt.date(2026, 1, 1), None)]
)
def test_a_pair_without_dates_is_no_window(window: Any) -> None:
    with pytest.raises(Mistakes) as raised:
        request("a", window=window)
    assert raised.value.code == "bad-window"


def test_all_that_does_not_fit_is_told_at_once() -> None:
    with pytest.raises(Mistakes) as raised:
        request({"a": 1}, by=["x", "x"], limit=-1, order_by="y")
    assert [mistake.place.path for mistake in raised.value.mistakes] == ["kpis.a", "by", "limit", "order_by"]
