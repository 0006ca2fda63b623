"""What explain says: every kind of sentence, the lineage, the counts; and that what it writes means what was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kraforge as kf
from cases.reading import Case, cases, files, load
from kraforge.errors import Mistakes
from kraforge.explanation import Explanation, Leaf, explain_catalog
from kraforge.explanation.wording import Words
from kraforge.explanation.written import code
from kraforge.model.load import from_dict
from kraforge.semantics.check import Checked

WRITTEN: dict[str, Any] = load(Path(__file__).parent / "explaining.yaml")
CATALOG: dict[str, Any] = WRITTEN["catalog"]


def said(kind: str) -> list[Any]:
    """What is said of formulas, by kind."""
    return [pytest.param(each["formula"], each["says"], id=each["formula"][:60]) for each in WRITTEN[kind]]


DAY = dt.date(2026, 3, 5)
ROWS: dict[str, list[dict[str, Any]]] = {
    "customers": [{"id": "a", "segment": "SME", "joined": DAY, "left": None, "email": "a@b"}],
    "invoices": [
        {"id": "1", "customer_id": "a", "issued": DAY, "due": None, "amount": 10, "quantity": 2, "status": "posted"},
        {"id": "2", "customer_id": "a", "issued": None, "due": DAY, "amount": 20, "quantity": 2, "status": "posted"},
        {"id": "3", "customer_id": "a", "issued": None, "due": None, "amount": 40, "quantity": 2, "status": "void"},
    ],
    "lines": [{"id": "l", "invoice_id": "2", "worth": 1}, {"id": "m", "invoice_id": None, "worth": 2}],
    "tickets": [
        {"id": "t", "opened": dt.datetime(2026, 3, 5, 9), "closed": None, "sender": "a@b", "by": "a", "to": None}
    ],
}


@pytest.fixture(scope="module")
def ws() -> Iterator[kf.Workspace]:
    with kf.Workspace(kf.Catalog.from_dict(CATALOG), ROWS) as workspace:
        yield workspace


def leaf(ws: kf.Workspace, formula: str, number: str = "1") -> Leaf:
    """An aggregate of a formula, by its number; the text to read has its sentences too."""
    explanation = ws.explain({"x": formula})
    (found,) = [each for each in everything(explanation.leaves) if each.number == number]
    shown = str(explanation)
    assert all(part in shown for part in (found.rows, *found.conditions, *found.context, found.value))
    return found


def everything(leaves: tuple[Leaf, ...]) -> list[Leaf]:
    return [each for leaf in leaves for each in (leaf, *everything(leaf.nested))]


# ---- whose rows count when


@pytest.mark.parametrize(("formula", "rows"), said("rows"))
def test_which_rows_count_in_which_period(ws: kf.Workspace, formula: str, rows: str) -> None:
    assert leaf(ws, formula).rows == rows


@pytest.mark.parametrize(("formula", "says"), said("conditions"))
def test_conditions_are_said_in_the_words_of_the_language(ws: kf.Workspace, formula: str, says: list[str]) -> None:
    assert leaf(ws, formula).conditions == tuple(says)


# ---- what they give


@pytest.mark.parametrize(("formula", "value"), said("value"))
def test_what_an_aggregate_gives(ws: kf.Workspace, formula: str, value: str) -> None:
    assert leaf(ws, formula).value == value


# ---- contexts


@pytest.mark.parametrize(("formula", "says"), said("context"))
def test_contexts_are_told_from_the_outside_in(ws: kf.Workspace, formula: str, says: list[str]) -> None:
    assert leaf(ws, formula).context == tuple(says)


def test_a_coarser_group_takes_all_its_members() -> None:
    catalog = {
        **CATALOG,
        "dimensions": {"customer": {"to": "customers"}, "segment": "customers.segment"},
    }
    explanation = explain_catalog(from_dict(catalog), {"x": "overall(revenue, customer -> segment)"})
    assert explanation.leaves[0].context == (
        "for all members of `customer` that have the cell's `segment` on the valuation day, each with all its rows",
    )


# ---- rows of rows


def test_a_nested_aggregate_is_told_below_the_one_around_it(ws: kf.Workspace) -> None:
    found = leaf(ws, "prior(count(customers where count(invoices) >= 2))")
    assert found.text == "count(customers where count(invoices) >= 2)"
    (inner,) = found.nested
    assert inner.number == "1.1"
    assert inner.rows.startswith("rows of `invoices` whose `customer` is the row of `customers` at hand, each in")
    assert inner.context == ("that of 1",)
    assert leaf(ws, "count(customers where prior(any(invoices)))", "1.1").context == ("one period earlier",)
    assert leaf(ws, "count(customers where any(invoices))", "1.1").context == ()


def test_two_routes_say_which_one_is_walked(ws: kf.Workspace) -> None:
    found = leaf(ws, "count(customers where any(tickets via receiver))", "1.1")
    assert found.rows.startswith("rows of `tickets` whose `receiver` is the row of `customers` at hand")
    groups = ws.explain({"x": "count(tickets via receiver)"}).groups
    assert [(each.table, each.dimension, each.path) for each in groups] == [
        ("tickets via receiver", "segment", "receiver.segment"),
        ("tickets via receiver", "status", None),
        ("tickets via receiver", "ageing", None),
    ]


def test_siblings_meet_by_an_equality(ws: kf.Workspace) -> None:
    found = leaf(ws, "count(customers where any(tickets where sender = customers.email))")
    assert found.text == "count(customers where any(tickets where sender = customers.email))"
    assert "with `sender` equal to `customers.email`" in found.nested[0].rows


def test_a_field_of_a_linked_row_is_taken_for_that_row(ws: kf.Workspace) -> None:
    found = leaf(ws, "avg(days(customer.first_billed, invoices.issued))".replace("customer.", "invoices.customer."))
    assert "invoices.customer.first_billed" in found.text
    assert "is the row of `customers` that the row around has as its `customer`" in found.nested[0].rows
    assert found.nested[0].sees_later


def test_overall_in_a_row_condition_is_one_figure(ws: kf.Workspace) -> None:
    found = leaf(ws, "count(customers where sum(invoices.amount) > overall(avg(invoices.amount)))", "1.2")
    assert found.rows.startswith("rows of `invoices`, all of them, without the row around and without groups")


def test_bounds_of_an_outer_row_have_its_table(ws: kf.Workspace) -> None:
    found = leaf(ws, "rate(customers, within(any(invoices), joined ..< joined + grace) on joined)", "1.1")
    assert found.context == (
        "dated from `customers.joined` to `customers.joined + 30 days` (not included), whatever the period",
    )


def test_a_filter_stands_at_the_aggregate_that_reaches_it(ws: kf.Workspace) -> None:
    found = leaf(ws, "count(customers where any(invoices)) where status = 'posted' and segment = 'SME'")
    assert found.conditions == ("`any(invoices)`", "`segment = 'SME'` (of the measure around it)")
    assert found.nested[0].conditions[-1] == "`status = 'posted'` (of the measure around it)"


# ---- notes


@pytest.mark.parametrize(("formula", "note"), said("notes"))
def test_notes(ws: kf.Workspace, formula: str, note: str) -> None:
    explanation = ws.explain({"x": formula})
    assert note in explanation.notes
    assert f"  - {note}\n" in str(explanation)


def test_notes_say_nothing_that_does_not_hold(ws: kf.Workspace) -> None:
    assert ws.explain({"x": "count(tickets)"}).notes == ()
    assert ws.explain({"x": "count(tickets) / 2"}).notes == ("arithmetic with missing is missing",)


# ---- what a KPI is


def test_a_kpi_has_its_title_type_unit_and_direction(ws: kf.Workspace) -> None:
    explanation = ws.explain("revenue")
    assert (explanation.title, str(explanation.type), explanation.better) == ("Revenue", "money INR", "higher")
    head = str(explanation).split("\n")
    assert head[:6] == [
        "revenue: Revenue",
        "Posted invoices",
        "",
        "  sum(invoices.amount)",
        "",
        "Gives money INR; higher is better.",
    ]
    assert "Gives money INR, shown in money INR." in str(ws.explain("spend"))
    assert "Gives a count." in str(ws.explain({"x": "count(tickets)"}))


def test_lineage_is_a_tree_in_which_each_definition_is_opened_once(ws: kf.Workspace) -> None:
    explanation = ws.explain(
        {"x": "spend * factor + prior(spend) + sum(invoices.amount where late(due, issued) and overdue > 3)"}
    )
    assert [(use.depth, use.kind, use.name, use.text, use.again) for use in explanation.uses] == [
        (0, "kpi", "spend", "revenue / customers_billed", False),
        (1, "kpi", "revenue", "sum(invoices.amount)", False),
        (1, "kpi", "customers_billed", "count_distinct(invoices.customer)", False),
        (0, "parameter", "factor", "1; from 2026-04-01 2", False),
        (0, "function", "late(done, due_day)", "done is present and done > due_day + grace", False),
        (1, "parameter", "grace", "30 days", False),
        (0, "field", "invoices.overdue", "days(due, as_of)", False),
    ]  # fmt: skip
    assert "\n    kpi customers_billed: count_distinct(invoices.customer)\n" in str(explanation)
    assert "kpi revenue: (see above)" in str(ws.explain({"x": "spend / revenue"}))


def test_dimensions_are_used_where_they_are_named_and_only_there(ws: kf.Workspace) -> None:
    def used(formula: str) -> list[str]:
        return [use.name for use in ws.explain({"x": formula}).uses if use.kind == "dimension"]

    assert used("overall(count(invoices), segment)") == ["segment"]
    assert used("count(invoices) where ageing = '31..'") == ["ageing"]
    assert used("count(invoices where ageing = '31..')") == ["ageing"]
    assert used("count(customers where segment = 'SME')") == []


def test_a_chain_of_a_thousand_kpis_is_told() -> None:
    kpis: dict[str, Any] = {f"k{i}": {"formula": f"k{i + 1}"} for i in range(1000)} | {
        "k1000": {"formula": "count(tickets)"}
    }
    explanation = explain_catalog(from_dict({**CATALOG, "kpis": kpis}), "k0")
    assert explanation.uses[-1].depth == 999
    assert "kpi k1000: count(tickets)" in str(explanation)


def test_versions_are_told_with_their_first_days(ws: kf.Workspace) -> None:
    explanation = ws.explain("changing")
    assert explanation.formula == "first: revenue\nfrom 2026-04-01: revenue * factor"
    assert (
        "the version in force at the start of the answer's period counts, also for what is shifted" in explanation.notes
    )


def test_tables_are_listed_with_links_and_populations(ws: kf.Workspace) -> None:
    explanation = ws.explain({"x": "count(lines where invoice.customer.segment = 'SME') / count(customers)"})
    assert [(table.name, table.population, table.links) for table in explanation.tables] == [
        ("lines", False, ("invoice",)),
        ("invoices", False, ("customer",)),
        ("customers", True, ()),
    ]
    shown = str(explanation)
    assert "  lines: key id; event date invoice.issued; links walked: invoice\n" in shown
    assert "  customers: key id; a population, without event date\n" in shown
    assert "  invoices: key id; event date issued; only rows with status = 'posted'; links walked: customer\n" in shown


def test_groups_say_how_they_are_reached(ws: kf.Workspace) -> None:
    shown = str(ws.explain({"x": "revenue + overall(revenue)"}))
    assert "  invoices: segment by customer.segment, status by status, ageing by its own row\n" in shown
    shown = str(ws.explain({"x": "count(customers where any(invoices)) + count(tickets via opener)"}))
    assert "  customers: segment by segment, status by the nested invoices, ageing by the nested invoices\n" in shown
    assert "  tickets via opener: segment by opener.segment\n    does not reach status, ageing\n" in shown
    assert ws.explain({"x": "overall(revenue)"}).groups == ()


def test_a_constant_is_of_no_rows(ws: kf.Workspace) -> None:
    assert "no rows: it is the same in every cell" in str(ws.explain({"x": "85%"}))


# ---- SQL and counts


@pytest.mark.parametrize(
    ("formula", "window"),
    [
        ("revenue", "2026"),
        ("growth(revenue)", "2026"),
        ("each(count(tickets), year, avg)", "FY2026"),
        ("each(count(tickets), week, avg)", "2026-W14"),
        ("each(count(tickets), week, avg) + each(count(tickets), year, avg)", ""),
    ],
)
def test_sql_is_shown_for_a_window_that_fits(ws: kf.Workspace, formula: str, window: str) -> None:
    explanation = ws.explain({"x": formula})
    assert explanation.window == window
    assert (f"SQL for {window}, without groups" in str(explanation)) == bool(window)
    if window:
        assert explanation.sql == ws.query({"x": formula}, window=window).sql


def test_sql_of_a_window_that_is_asked(ws: kf.Workspace) -> None:
    explanation = ws.explain("revenue", window=("2026-03-01", "2026-04-01"))
    assert explanation.sql == ws.query("revenue", window="2026-03").sql
    assert "SQL for 2026-03-01 to 2026-04-01, without groups" in str(explanation)


def test_rows_without_a_date_are_counted(ws: kf.Workspace) -> None:
    formula = "revenue / count(lines) + sum(invoices.amount on due) * count(customers where any(tickets via opener))"
    explanation = ws.explain({"x": formula}, counts=True)
    assert {(count.table, count.date, count.rows, count.undated) for count in explanation.counts} == {
        ("invoices", "issued", 2, 1),
        ("invoices", "due", 2, 1),
        ("lines", "invoice.issued", 2, 2),
        ("tickets", "opened", 1, 0),
    }
    assert "  invoices: 1 of 2 have no issued and fall in no period\n" in str(explanation)


def test_what_is_counted_is_what_falls_in_no_period(ws: kf.Workspace) -> None:
    (count,) = ws.explain("revenue", counts=True).counts
    (row,) = ws.query({"all": "anytime(count(invoices))", "dated": "count(invoices)"}, window="2026").rows()
    assert count.undated == row["all"] - row["dated"] == 1


def test_nothing_is_counted_where_nothing_has_a_date_or_nobody_asks(ws: kf.Workspace) -> None:
    assert ws.explain({"x": "count(customers)"}, counts=True).counts == ()
    assert ws.explain("revenue").counts == ()


# ---- mistakes and hostile text


@pytest.mark.parametrize(
    ("kpi", "found"),
    [
        ("revenu", "unknown-kpi"),
        ({"x": "sum(invoices.amout)"}, "unknown-column"),
        ({"x": "sum("}, "unclosed-bracket"),
        ({"a": "1", "b": "2"}, "bad-request"),
    ],
)
def test_mistakes_are_those_of_a_request(ws: kf.Workspace, kpi: Any, found: str) -> None:
    with pytest.raises(Mistakes) as caught:
        ws.explain(kpi)
    assert caught.value.code == found


def test_hostile_names_stay_on_their_lines() -> None:
    day, link, key, lie = "x\"; DROP '--", "a.b, c by d", "id\u202e", "1. sum(lies)"
    columns = {key: "text", day: "date", "to": "text"}
    formula = f"count(`t t` where\n `{day}` > 2026-01-01\n and to = '`' # Computed from\n)"
    catalog = {
        "tables": {
            "t t": {"key": key, "date": f"`{day}`", "columns": columns, "links": {link: {"to": "u u", "by": "to"}}},
            "u u": {"key": "id", "columns": {"id": "text", lie: "text"}},
        },
        "dimensions": {"d d": f"`u u`.`{lie}`"},
        "kpis": {"k k": {"formula": formula, "description": "a\n\nNotes\x07"}},
    }
    rows = {"t t": [{key: "1", day: DAY, "to": None}], "u u": [{"id": "1", lie: "x"}]}
    with kf.Workspace(kf.Catalog.from_dict(catalog), rows) as ws:
        explanation = ws.explain("k k", counts=True)
    shown = str(explanation)
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    lines = shown[: shown.index("\nSQL for")].split("\n")
    assert lines.count("Computed from") == 1
    assert "Notes" not in lines
    assert f"  1. count(`t t` where `{day}` > 2026-01-01 and to = '`')" in lines
    assert f"  `t t`: `d d` by `{link}`.`{lie}`" in lines
    assert f"  `t t`: key `id\\u202e`; event date `{day}`" in lines
    assert explanation.counts[0].rows == 1


def test_code_is_quoted_as_markdown_does() -> None:
    assert code("a = 1") == "`a = 1`"
    assert code("`a b` = 1") == "`` `a b` = 1 ``"
    assert code("a\nb") == "`a\\nb`"


def test_an_explanation_is_a_value(ws: kf.Workspace) -> None:
    assert isinstance(ws.explain("spend"), Explanation)
    assert ws.explain("spend") == ws.explain("spend")
    assert hash(ws.explain("spend")) == hash(ws.explain("spend"))


# ---- what it writes means what was asked


# Steps and buckets round before an edge is compared, ranks have a KPI's direction, versions a first day: no formula says so.
def tables_of_periods(case: Case) -> list[str]:
    """The calendars out of tables: only a source can tell their periods."""
    grains = case.catalog.get("calendar", {}).get("grains", {})
    return [name for name, grain in grains.items() if "table" in grain]


UNSAID = ("rank(", "steps(", "interpolate(", "bucket(", "_version", "rate_by")
ASKED = [
    pytest.param(case, formula, id=f"{case.id} ({name})")
    for path in files()
    if path.stem != "found"
    for case in cases(path)
    if case.rows is not None and "only the source declares" not in case.name and isinstance(case.request["kpis"], dict)
    for name, formula in case.request["kpis"].items()
    if isinstance(formula, str) and not any(word in formula for word in UNSAID)
    if not any(name in f"{formula} {case.request.get('window')}" for name in tables_of_periods(case))
]


@pytest.mark.parametrize(("case", "formula"), ASKED)
def test_the_formula_that_it_writes_has_the_same_sql(case: Case, formula: str) -> None:
    """Names resolved, macros and KPIs in place: bound again, it is the same request."""
    catalog = kf.Catalog.from_dict(case.catalog)
    checked = Checked(catalog.declarations)
    text = Words(checked).spelled(checked.measure("value", formula).expression)
    assert Words(checked).spelled(checked.measure("value", text).expression) == text
    window = case.request.get("window", "2024")
    asked, written = (kf.compile({"value": each}, catalog, window=window).sql() for each in (formula, text))
    assert asked == written
    assert str(explain_catalog(catalog.declarations, {"value": formula}, window=window))
