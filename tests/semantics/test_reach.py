"""Routes of links, dimensions and columns that tables reach, and expressions put onto other rows."""

from __future__ import annotations

from itertools import count

import pytest

from kraforge.errors import Mistakes
from kraforge.semantics import bound, reach, rows
from kraforge.semantics.check import Checked
from kraforge.types import TEXT


def written(routes: list[reach.Links]) -> list[str]:
    return sorted(reach.written(route) for route in routes)


def link(checked: Checked, table: str, name: str) -> reach.Links:
    return (checked.declarations.tables[table].links[name],)


def test_a_table_reaches_itself_without_links(checked: Checked) -> None:
    assert reach.routes(checked, "invoices", "invoices") == [()]


def test_all_routes_are_found_and_a_self_link_makes_none(checked: Checked) -> None:
    assert written(reach.routes(checked, "invoices", "people")) == ["customer.owner", "owner"]
    assert written(reach.routes(checked, "payments", "customers")) == ["invoice.customer"]
    assert written(reach.routes(checked, "trainings", "people")) == ["person"]
    assert reach.routes(checked, "customers", "invoices") == []


def test_via_is_how_a_route_begins(checked: Checked) -> None:
    assert written(reach.routes(checked, "invoices", "people", link(checked, "invoices", "customer"))) == [
        "customer.owner"
    ]
    assert written(reach.routes(checked, "invoices", "invoices", link(checked, "invoices", "parent"))) == ["parent"]
    assert reach.routes(checked, "payments", "trainings", link(checked, "payments", "invoice")) == []


def test_a_table_of_members_is_reached_by_its_implied_link_once(checked: Checked) -> None:
    (route,) = reach.routes(checked, "leads", "payers")
    assert route[0].by == ("source",)


@pytest.mark.parametrize(
    ("start", "goal", "code"), [("invoices", "people", "ambiguous-link"), ("people", "invoices", "unreachable-table")]
)
def test_the_only_route_or_none(checked: Checked, start: str, goal: str, code: str) -> None:
    with pytest.raises(Mistakes) as raised:
        reach.route(checked, start, goal)
    assert raised.value.code == code


def test_a_dimension_goes_the_route_that_it_declares_or_the_one_of_via(checked: Checked) -> None:
    declared = reach.dimension(checked, "person", "invoices")
    chosen = reach.dimension(checked, "person", "invoices", link(checked, "invoices", "customer"))
    assert isinstance(declared, bound.Column)
    assert isinstance(chosen, bound.Column)
    assert (reach.written(declared.path), declared.name, declared.row) == ("owner", "id", 0)
    assert reach.written(chosen.path) == "customer.owner"


def test_via_leaves_dimensions_alone_that_it_does_not_lead_to(checked: Checked) -> None:
    found = reach.dimension(checked, "segment", "invoices", link(checked, "invoices", "owner"))
    assert isinstance(found, bound.Column)
    assert reach.written(found.path) == "customer"


def test_a_dimension_out_of_reach_is_none(checked: Checked) -> None:
    assert reach.dimension(checked, "segment", "leads") is None


def test_a_dimension_over_a_dimension_keeps_its_routes(checked: Checked) -> None:
    boss = checked.dimensions["boss"]
    assert (boss.table, [name for name, _ in boss.routes]) == ("people", ["invoices", "payments"])
    found = reach.dimension(checked, "boss", "payments")
    assert isinstance(found, bound.Column)
    assert (reach.written(found.path), found.name) == ("invoice.owner", "boss_id")


def test_the_labels_of_a_bucket_are_in_its_order(checked: Checked) -> None:
    assert checked.dimensions["ageing"].labels == ("..0", "1..30", "31..60", "61..")
    assert checked.dimensions["segment"].labels == ()


def test_a_context_column_may_be_a_field_of_a_linked_table(checked: Checked) -> None:
    column = bound.ContextColumn("customers", (), "first_billed", TEXT)
    found = reach.context_column(checked, column, "payments")
    (nested,) = [part for part in rows.parts(found) if isinstance(part, bound.Aggregate)] if found else []
    assert (nested.outer, reach.written(nested.outer_path)) == (0, "invoice.customer")
    assert reach.context_column(checked, column, "leads") is None


def test_a_field_on_another_row_takes_its_aggregates_along(checked: Checked) -> None:
    measure = checked.measure("x", "sum(payments, invoice.open_amount)")
    outer = measure.expression
    assert isinstance(outer, bound.Aggregate)
    columns = [part for part in rows.parts(outer) if isinstance(part, bound.Column)]
    (nested,) = [part for part in rows.parts(outer) if isinstance(part, bound.Aggregate) and part is not outer]
    assert nested.outer == outer.row
    assert reach.written(nested.outer_path) == "invoice"
    assert reach.written(nested.tie or ()) == "invoice"
    assert {(column.row, column.table) for column in columns} == {(outer.row, "payments"), (nested.row, "payments")}


def test_rows_are_unique_also_where_an_expression_is_used_twice(checked: Checked) -> None:
    expression = checked.measure("x", "growth(avg(customers, revenue)) + revenue / revenue").expression
    numbers = [part.row for part in rows.parts(expression) if isinstance(part, bound.Aggregate)]
    assert len(numbers) == len(set(numbers)) == 8


def test_numbers_are_the_same_each_time(checked: Checked) -> None:
    assert checked.measure("x", "revenue / orders") == checked.measure("x", "revenue / orders")
    assert checked.kpi("revenue") == checked.kpi("revenue")


def aggregates(checked: Checked, formula: str) -> list[bound.Aggregate]:
    found = [part for part in rows.parts(checked.measure("x", formula).expression) if isinstance(part, bound.Aggregate)]
    return sorted(found, key=lambda aggregate: aggregate.row)


def test_an_equality_ties_where_no_link_does_and_leaves_where(checked: Checked) -> None:
    formula = "count(leads where any(customers where active and leads.email = customers.email))"
    _, nested = aggregates(checked, formula)
    assert nested.tie is None
    ((own, other),) = nested.ties
    assert isinstance(own, bound.Column)
    assert isinstance(other, bound.Column)
    assert (own.table, other.table) == ("customers", "leads")
    assert isinstance(nested.where, bound.Column)


def test_a_link_ties_where_there_is_one_and_an_equality_stays_a_condition(checked: Checked) -> None:
    _, nested = aggregates(checked, "avg(customers, count(invoices where owner = customers.owner))")
    assert reach.written(nested.tie or ()) == "customer"
    assert nested.ties == ()
    assert isinstance(nested.where, bound.Call)


def test_an_equality_after_a_measure_ties_its_aggregates(checked: Checked) -> None:
    _, nested = aggregates(
        checked, "avg(trainings, (revenue where invoices.owner = trainings.person and segment = 'SME'))"
    )[:2]
    assert len(nested.ties) == 1
    assert nested.where is None


def test_what_overall_takes_whole_is_tied_to_nothing(checked: Checked) -> None:
    formula = "count(customers where revenue > overall(avg(customers, revenue)) and revenue < overall(revenue, period))"
    found = aggregates(checked, formula)
    untied = [aggregate.table for aggregate in found if aggregate.outer is None]
    assert untied == ["customers", "customers"]


def test_empty_missing_is_of_the_formula_and_what_it_writes(checked: Checked) -> None:
    expression = checked.measure("x", "sum(leads.score) + mean(leads.score) + orders", empty_missing=True).expression
    found = [part for part in rows.parts(expression) if isinstance(part, bound.Aggregate)]
    assert {(part.function, part.empty_missing) for part in found} == {("sum", True), ("avg", True), ("count", False)}


def test_a_band_stands_over_its_own_population(checked: Checked) -> None:
    expression = checked.measure("x", "count(invoices where customer.tier = 1)").expression
    (band,) = [part for part in rows.parts(expression) if isinstance(part, bound.Band)]
    assert (band.table, reach.written(band.path), rows.rows_of(band.operand)) == (
        "customers",
        "customer",
        frozenset({0}),
    )


def test_prefix_gives_nested_aggregates_new_rows(checked: Checked) -> None:
    field = checked.field("invoices", "open_amount")
    moved = rows.prefix(field, link(checked, "payments", "invoice"), "payments", 7, count(20))
    assert rows.rows_of(moved) == {7}
    (nested,) = [part for part in rows.parts(moved) if isinstance(part, bound.Aggregate)]
    assert nested.row == 20


def test_size_counts_a_part_as_often_as_it_is_used(checked: Checked) -> None:
    part = checked.field("invoices", "overdue")
    twice = bound.Call("add", (part, part), part.type)
    assert rows.weigh(twice)[0] == 2 * rows.weigh(part)[0] + 1


@pytest.mark.parametrize(
    ("formula", "higher"),
    [
        ("rank(revenue)", True),
        ("rank(lateness)", False),
        ("rank(trailing(lateness, 3 months))", False),
        ("rank(lateness where segment = 'SME')", False),
        ("rank(count(leads))", True),
    ],
)
def test_rank_goes_by_the_direction_of_its_kpi(checked: Checked, formula: str, higher: bool) -> None:
    expression = checked.measure("x", formula).expression
    assert isinstance(expression, bound.Rank)
    assert expression.higher is higher


def test_warnings_of_a_request_are_the_measure_s(checked: Checked) -> None:
    assert [warning.code for warning in checked.measure("x", "trailing(count(people), 3 months)").warnings] == [
        "context-without-effect"
    ]
