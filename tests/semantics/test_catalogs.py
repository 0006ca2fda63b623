"""Whole catalogs: every mistake at once, each where it stands; warnings; cycles; size."""

from __future__ import annotations

from typing import Any

import pytest

from kraforge.errors import KraforgeError, LimitError, Mistakes
from kraforge.model.load import from_dict
from kraforge.semantics.check import Checked, check
from kraforge.types import DATE, TEXT, Storage

SHOP: dict[str, Any] = {
    "customers": {"key": "id", "columns": {"id": "text", "segment": {"type": "text", "values": ["SME", "other"]}}},
    "invoices": {
        "key": "id",
        "date": "day",
        "columns": {"id": "text", "customer_id": "text", "day": "date", "amount": "number"},
        "links": {"customer": {"to": "customers", "by": "customer_id"}},
    },
}


def catalog(tables: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """The shop's catalog with changes: tables merged into its own, other parts added."""
    merged = {name: {**SHOP.get(name, {}), **change} for name, change in (tables or {}).items()}
    return {"tables": {**SHOP, **merged}, **parts}


def mistakes_of(written: dict[str, Any], **options: Any) -> list[tuple[str, str]]:
    with pytest.raises(KraforgeError) as raised:
        check(from_dict(written), **options)
    return [(mistake.code, mistake.place.path) for mistake in raised.value.mistakes]


WRONG = {
    "a link to no table": (
        catalog({"invoices": {"links": {"customer": {"to": "custmers", "by": "customer_id"}}}}),
        [("unknown-table", "tables.invoices.links.customer")],
    ),
    "a link with too many columns": (
        catalog({"invoices": {"links": {"customer": {"to": "customers", "by": ["id", "customer_id"]}}}}),
        [("wrong-arguments", "tables.invoices.links.customer")],
    ),
    "a link to a table without a key": (
        catalog({"logs": {"columns": {"id": "text"}}, "invoices": {"links": {"log": {"to": "logs", "by": "id"}}}}),
        [("missing-key", "tables.invoices.links.log")],
    ),
    "a field with the name of a column": (
        catalog({"invoices": {"fields": {"amount": "1"}}}),
        [("duplicate-name", "tables.invoices.fields.amount")],
    ),
    "a field": (
        catalog({"invoices": {"fields": {"double": "amuont * 2"}}}),
        [("unknown-name", "tables.invoices.fields.double")],
    ),
    "an event date that is none": (
        catalog({"invoices": {"date": "amount"}}),
        [("type-mismatch", "tables.invoices.date")],
    ),
    "an event date that hangs on its period": (
        catalog({"customers": {"date": "min(invoices.day)"}}),
        [("period-depends-on-itself", "tables.customers.date")],
    ),
    "a where that is no condition": (
        catalog({"invoices": {"where": "amount"}}),
        [("type-mismatch", "tables.invoices.where")],
    ),
    "members of no column": (
        catalog({"payers": {"members": "invoices.payer"}}),
        [("unknown-column", "tables.payers.members")],
    ),
    "a function and an argument named as words of the language": (
        catalog(functions={"where(x)": "x + 1", "not(x)": "x + 1", "f(then)": "1", "ever(x)": "x"}),
        [
            ("syntax", "functions.where(x)"),
            ("syntax", "functions.not(x)"),
            ("syntax", "functions.f(then)"),
            ("duplicate-name", "functions.ever(x)"),
        ],
    ),
    "a dimension to no table": (
        catalog(dimensions={"person": {"to": "people"}}),
        [("unknown-table", "dimensions.person")],
    ),
    "a dimension by no link": (
        catalog(dimensions={"c": {"to": "customers", "from": {"invoices": "custmer"}}}),
        [("unknown-link", "dimensions.c.from.invoices")],
    ),
    "a dimension over two tables": (
        catalog(dimensions={"c": "customers.segment = invoices.id"}),
        [("mixed-tables", "dimensions.c")],
    ),
    "a dimension without a table": (catalog(dimensions={"c": "segment"}), [("unknown-name", "dimensions.c")]),
    "a macro that calls nothing known": (
        catalog(functions={"late(x)": "days_late(x) > 3"}),
        [("unknown-function", "functions.late(x)")],
    ),
    "a macro that hides a function": (catalog(functions={"sum(x)": "x"}), [("duplicate-name", "functions.sum(x)")]),
    "a unit that is not the formula's": (
        catalog(kpis={"n": {"formula": "count(invoices)", "unit": "ratio"}}),
        [("unit-declared", "kpis.n.unit")],
    ),
    "a unit that is none": (
        catalog(kpis={"n": {"formula": "count(invoices)", "unit": "ration"}}),
        [("unit-declared", "kpis.n.unit")],
    ),
    "versions of two types": (
        catalog(kpis={"n": {"versions": [{"formula": "count(invoices)"}, {"from": "2026-04-01", "formula": "'x'"}]}}),
        [("type-mismatch", "kpis.n")],
    ),
    "a parameter that is a ratio and then a number": (
        catalog(parameters={"p": {"versions": [{"value": "80%"}, {"from": "2026-04-01", "value": 1}]}}),
        [("ratio-and-number", "parameters.p")],
    ),
    "several mistakes in one formula": (
        catalog(kpis={"n": "sum(invoices.ammount) / count(custmers) + summ(1)"}),
        [
            ("unknown-column", "kpis.n"),
            ("unknown-table", "kpis.n"),
            ("unknown-function", "kpis.n"),
        ],
    ),
    "a mistake told once, however often it is used": (
        catalog(kpis={"a": "sum(invoices.ammount)", "b": "a + a", "c": "b / a"}),
        [("unknown-column", "kpis.a")],
    ),
    "mistakes of syntax and meaning together": (
        catalog(kpis={"a": "sum(invoices.amount", "b": "count(custmers)"}),
        [("unclosed-bracket", "kpis.a"), ("unknown-table", "kpis.b")],
    ),
    "a cycle of KPIs": (catalog(kpis={"a": "b + 1", "b": "c + 1", "c": "a + 1"}), [("cycle", "kpis.c")]),
    "a KPI of itself": (catalog(kpis={"a": "a + 1"}), [("cycle", "kpis.a")]),
    "a cycle of fields": (
        catalog(
            {"invoices": {"fields": {"a": "b", "b": "customer.c"}}, "customers": {"fields": {"c": "sum(invoices.a)"}}}
        ),
        [("cycle", "tables.invoices.fields.b")],
    ),
    "a cycle of dimensions": (
        catalog({"invoices": {"fields": {"a": "if d = 'x' then 1 else 2"}}}, dimensions={"d": "text(invoices.a)"}),
        [("cycle", "dimensions.d")],
    ),
    "a cycle of macros": (
        catalog(functions={"f(x)": "g(x)", "g(x)": "f(x)"}, kpis={"a": "f(count(invoices))"}),
        [("cycle", "functions.g(x)")],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_catalog_says_what_is_wrong_and_where(name: str) -> None:
    written, expected = WRONG[name]
    assert mistakes_of(written) == expected


def test_a_cycle_shows_its_path() -> None:
    with pytest.raises(Mistakes, match="a -> b -> c -> a"):
        check(from_dict(catalog(kpis={"a": "b + 1", "b": "c + 1", "c": "a + 1"})))


def test_a_name_that_a_column_covers_makes_no_cycle() -> None:
    assert check(from_dict(catalog(kpis={"amount": "sum(invoices, amount)"}))).kpi("amount").type.kind == "number"


def test_columns_of_the_source_come_last_and_are_known_only_with_it() -> None:
    written = catalog(kpis={"a": "sum(invoices.tax)", "segment": "count(invoices where region = 'x')"})
    assert {code for code, _ in mistakes_of(written)} == {"unknown-column", "unknown-name"}
    schema = {"invoices": {"tax": Storage("decimal", 2), "region": Storage("text")}}
    assert check(from_dict(written), schema).kpi("a").type.kind == "number"
    hidden = catalog(parameters={"region": "east"}, kpis={"a": "count(invoices where region = 'x')"})
    assert check(from_dict(hidden), schema).kpi("a").type.kind == "count"


def test_a_link_by_no_column_is_told_once_the_source_is_known() -> None:
    written = catalog({"invoices": {"links": {"customer": {"to": "customers", "by": "customr_id"}}}})
    check(from_dict(written))
    schema = {"invoices": {"id": Storage("text")}}
    assert mistakes_of(written, schemas=schema) == [("unknown-column", "tables.invoices.links.customer")]


WARNED = {
    "trailing of a population": (catalog(kpis={"n": "trailing(count(customers), 3 months)"}), "context-without-effect"),
    "ever of what counts by during": (
        catalog(kpis={"n": "ever(count(invoices during day .. day))"}),
        "context-without-effect",
    ),
    "an outer start that an inner one covers": (
        catalog(kpis={"n": "trailing(to_date(count(invoices), year), 3 months)"}),
        "context-without-effect",
    ),
    "a column with the name of a KPI": (
        catalog(kpis={"amount": "sum(invoices, 1)", "n": "sum(invoices, amount)"}),
        "ambiguous-name",
    ),
    "a KPI with the name of a dimension": (
        catalog(kpis={"segment": "count(invoices)", "n": "segment + 1"}, dimensions={"segment": "customers.segment"}),
        "ambiguous-name",
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_a_warning_does_not_raise(name: str) -> None:
    written, code = WARNED[name]
    assert {warning.code for warning in check(from_dict(written)).warnings} == {code}


@pytest.mark.parametrize(
    "formula",
    [
        "trailing(count(customers where any(invoices)), 3 months)",
        "trailing(count(invoices) / count(customers), 3 months)",
        "trailing(each(count(customers), month, avg), 3 months)",
        "count(customers where segment = 'SME')",
        "prior(count(customers))",
    ],
)
def test_what_has_an_effect_is_no_warning(formula: str) -> None:
    checked = check(from_dict(catalog(kpis={"n": formula}, dimensions={"segment": "customers.segment"})))
    assert checked.warnings == ()


# ---- size


def doubling(levels: int) -> dict[str, str]:
    kpis = {"k0": "count(invoices)"}
    return {**kpis, **{f"k{level}": f"k{level - 1} + k{level - 1}" for level in range(1, levels)}}


def test_kpis_that_double_are_refused_without_being_built() -> None:
    with pytest.raises(LimitError) as raised:
        check(from_dict(catalog(kpis=doubling(120))))
    assert {mistake.code for mistake in raised.value.mistakes} == {"graph-too-large"}


def test_macros_that_double_are_refused() -> None:
    functions = {"f0(x)": "x", **{f"f{level}(x)": f"f{level - 1}(x) + f{level - 1}(x)" for level in range(1, 60)}}
    with pytest.raises(LimitError, match="graph-too-large"):
        check(from_dict(catalog(functions=functions, kpis={"k": "f59(count(invoices))"})))


def test_fields_that_double_are_refused() -> None:
    fields = {"f0": "amount", **{f"f{level}": f"f{level - 1} + f{level - 1}" for level in range(1, 60)}}
    with pytest.raises(LimitError, match="graph-too-large"):
        check(from_dict(catalog({"invoices": {"fields": fields}}, kpis={"k": "sum(invoices.f59)"})))


@pytest.mark.parametrize("levels", [140, 3_000])
def test_a_long_chain_of_kpis_is_fine_or_refused(levels: int) -> None:
    kpis = {"k0": "count(invoices)", **{f"k{level}": f"k{level - 1} + 1" for level in range(1, levels)}}
    checked = Checked(from_dict(catalog(kpis=kpis)))
    assert checked.kpi("k139").type.kind == "number"
    if levels > 140:
        with pytest.raises(LimitError, match="graph-too-large"):
            checked.kpi(f"k{levels - 1}")


def test_a_long_cycle_is_a_cycle() -> None:
    kpis = {f"k{level}": f"k{(level + 1) % 2_000} + 1" for level in range(2_000)}
    with pytest.raises(Mistakes, match=r"error\[cycle\]"):
        check(from_dict(catalog(kpis=kpis)))


@pytest.mark.parametrize(
    ("shape", "depth"),
    [
        ("({})", 90),
        ("-({})", 90),
        ("abs({})", 90),
        ("prior({})", 90),
        ("overall({})", 90),
        ("(if {} > 0 then 1 else 1)", 28),
        ("1 + ({})", 90),
        ("f({})", 30),
    ],
)
def test_formulas_as_deep_as_may_be(shape: str, depth: int) -> None:
    formula = "count(invoices)"
    for _ in range(depth):
        formula = shape.format(formula)
    checked = Checked(from_dict(catalog(functions={"f(x)": "x + 1"})))
    assert checked.measure("x", formula).type.kind in ("count", "number")


# ---- requests


@pytest.fixture(scope="module")
def shop() -> Checked:
    dimensions = {"segment": "customers.segment"}
    return Checked(from_dict(catalog(dimensions=dimensions, kpis={"orders": "count(invoices)"})))


def test_a_row_filter_is_by_dimension_column_and_value(shop: Checked) -> None:
    text = "segment = wanted and invoices.amount > 3 and invoices.customer.segment != 'other'"
    assert shop.row_filter(text, {"wanted": TEXT}).type.kind == "bool"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("segmnt = 'SME'", "unknown-name"),
        ("segment = 'smb'", "unknown-value"),
        ("customer.segment = 'SME'", "unknown-table"),
        ("orders > 3", "level-mismatch"),
        ("count(invoices) > 3", "level-mismatch"),
        ("invoices.amount", "type-mismatch"),
        ("segment = ", "syntax"),
    ],
)
def test_a_row_filter_that_is_wrong(shop: Checked, text: str, code: str) -> None:
    with pytest.raises(Mistakes) as raised:
        shop.row_filter(text)
    assert raised.value.code == code


def test_having_is_over_the_columns_of_the_answer(shop: Checked) -> None:
    columns = {"orders": shop.kpi("orders").type, "segment": shop.dimensions["segment"].type, "period": DATE}
    assert shop.having("orders > 3 and segment = 'SME' and period >= 2026-01-01", columns).type.kind == "bool"
    for text, code in (
        ("order > 3", "unknown-name"),
        ("segment = 'x'", "unknown-value"),
        ("sum(invoices.amount) > 3", "level-mismatch"),
    ):
        with pytest.raises(Mistakes) as raised:
            shop.having(text, columns)
        assert raised.value.code == code


def test_a_wrong_definition_raises_where_it_is_asked_for() -> None:
    checked = Checked(from_dict(catalog(kpis={"good": "count(invoices)", "bad": "count(invoics)", "worse": "bad + 1"})))
    assert checked.kpi("good").type.kind == "count"
    for name in ("bad", "worse"):
        with pytest.raises(Mistakes, match="unknown-table"):
            checked.kpi(name)
    with pytest.raises(Mistakes, match=r"unknown-kpi.*(?s:.)*did you mean 'good'"):
        checked.kpi("goood")
