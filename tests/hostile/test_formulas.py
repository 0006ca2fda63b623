"""Formulas of strangers: each is answered soon, in little memory, by SQL or by an error of the library's own."""

from __future__ import annotations

import pytest

import kraforge as kf
from hostile.company import CATALOG
from hostile.formulas import FORMULAS
from hostile.measure import bounded


@pytest.fixture(name="catalog", scope="module")
def _catalog() -> kf.Catalog:
    catalog = kf.Catalog.from_dict(CATALOG)
    with pytest.raises(kf.Mistakes):  # what explains mistakes is imported with the first of them
        kf.compile("sum(", catalog)
    kf.compile("count(customers where count(invoices) > 1)", catalog, window="2026", grain="month").sql()
    return catalog


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_is_answered(name: str, catalog: kf.Catalog) -> None:
    code, text = FORMULAS[name]
    formula = text if isinstance(text, str) else text()
    bounded(lambda: kf.compile(formula, catalog, window="2026", grain="month").sql("duckdb"), code)


@pytest.mark.parametrize("name", FORMULAS)
def test_both_dialects_agree_on_what_is_refused(name: str, catalog: kf.Catalog) -> None:
    code, text = FORMULAS[name]
    if code == "ok":
        formula = text if isinstance(text, str) else text()
        assert kf.compile(formula, catalog, window="2026", grain="month").sql("postgres")


def test_there_are_enough() -> None:
    assert len(FORMULAS) >= 300
