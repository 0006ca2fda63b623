"""The ratios compiled by boring-semantic-layer."""

from functools import partial

import ibis
from boring_semantic_layer import to_semantic_table
from serve import Ratios, serve


def ratio(table, wanted):
    rows = ibis.literal(True)
    for column, value in wanted.items():
        rows = rows & (table[column] == value)
    return table.net_amount.sum(where=rows) / table.quantity.sum(where=rows)


def load(ratios: Ratios):
    customers = ibis.table({"customer_id": "int64", "segment": "string"}, name="customers")
    columns = {"invoice_id": "int64", "customer_id": "int64", "issued_on": "date", "net_amount": "decimal(18, 2)"}
    invoices = ibis.table({**columns, "quantity": "int32", "status": "string", "channel": "string"}, name="invoices")
    who = to_semantic_table(customers, name="customers").with_dimensions(
        customer_id=lambda t: t.customer_id, segment=lambda t: t.segment
    )
    return (
        to_semantic_table(invoices, name="invoices")
        .with_dimensions(customer_id=lambda t: t.customer_id, month=lambda t: t.issued_on.truncate("M"))
        .with_measures(**{name: partial(ratio, wanted=wanted) for name, wanted in ratios.items()})
        .join_one(who, on=lambda left, right: left.customer_id == right.customer_id)
    )


def compiled(facts, names: list[str]) -> str:
    asked = facts.group_by("customers.segment", "invoices.month").aggregate(*(f"invoices.{name}" for name in names))
    return str(ibis.to_sql(asked.to_untagged(), dialect="duckdb"))


serve(load, compiled)
