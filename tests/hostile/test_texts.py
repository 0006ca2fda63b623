"""Texts and names of any printable characters are data: they come back from both databases as they went in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import kraforge as kf
from cases.loading import statements
from postgres import schema

TEXTS = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029"), min_size=1, max_size=30
)
NAMES = TEXTS.filter(lambda name: "`" not in name and name not in ("period", "total", "d"))
HIDDEN = set("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
PAIRS = [
    ("'; DROP TABLE t; --", '"; DROP TABLE t; --'), ("$1", "$2"), ("$x", "%(x)s"), ("%s", "%%"), ("\\", "\\'"),
    ("{{x}}", "{0.__class__}"), ("a", "A"), ("a ", " a"), ("\u00e9", "e\u0301"), ("$$", "E'\\x27'"), ("--", "/*"),
    ("NULL", "null"), ("true", "1"), ("\U0001f4a9", "\U0010ffff"), ("?", ":x"), ("''", '""'),
]  # fmt: skip


class Both:
    """One table on DuckDB and on PostgreSQL, refilled for each pair of texts."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.catalog = kf.Catalog.from_dict(
            {
                "tables": {"t": {"columns": {"name": "text", "n": "number"}}},
                "dimensions": {"d": "t.name"},
            }
        )

    def each(self, rows: list[dict[str, Any]]) -> Iterator[kf.Workspace]:
        with kf.Workspace(self.catalog, {"t": rows}) as ws:
            yield ws
        sql = statements(self.catalog.declarations, {"t": rows})
        with schema(self.address, sql) as address, kf.Workspace(self.catalog, kf.connect(address)) as ws:
            yield ws


@pytest.fixture(name="both", scope="module")
def _both(postgres_address: str) -> Both:
    return Both(postgres_address)


def with_examples(test: Any) -> Any:
    for first, second in PAIRS:
        test = example(text=first, other=second, name=first)(test)
    return test


@with_examples
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, other=TEXTS, name=NAMES)
def test_texts_and_names_come_back_unchanged(both: Both, text: str, other: str, name: str) -> None:
    rows = [{"name": text, "n": 1}, {"name": other, "n": 2}, {"name": None, "n": 4}]
    total = 3 if text == other else 1
    literal = "'" + text.replace("'", "''") + "'"
    for ws in both.each(rows):
        groups = ws.query({name: "sum(t.n)"}, by="d").rows()
        assert {row["d"] for row in groups} == {text, other, None}
        assert sum(row[name] for row in groups) == 7
        assert set(groups[0]) == {"d", name}
        bound = ws.query({name: "sum(t.n)"}, where="d = wanted", values={"wanted": text}, order_by=f"-{name}")
        assert bound.rows() == [{name: total}]
        assert ws.query({name: "sum(t.n)"}, scope={"d": text}).rows() == [{name: total}]
        if not HIDDEN & set(text):
            assert ws.query({name: f"sum(t.n where name = {literal})"}).rows() == [{name: total}]
            assert [row["d"] for row in ws.query({name: "sum(t.n)"}, by="d", having=f"d = {literal}").rows()] == [text]


@with_examples
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, other=NAMES, name=NAMES)
def test_any_name_of_a_catalog_is_only_a_name(text: str, other: str, name: str) -> None:
    if name == other or name.lower() == other.lower() or "`" in other or HIDDEN & {*name, *other}:
        return
    catalog = kf.Catalog.from_dict(
        {
            "tables": {
                name: {
                    "key": name,
                    "columns": {name: {"type": "text", "values": [text]}, other: "number"},
                }
            },
            "dimensions": {name: f"`{name}`.`{name}`"},
            "kpis": {other: f"sum(`{name}`.`{other}`)"},
        }
    )
    with kf.Workspace(catalog, {name: [{name: text, other: 5}]}) as ws:
        assert ws.query(other, by=name).rows() == [{name: text, other: 5}]
