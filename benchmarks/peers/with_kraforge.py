"""The ratios compiled by kraforge."""

from typing import Any

from serve import Ratios, serve

import kraforge

MONEY = {"net_amount": "money INR", "issued_on": "date"}
INVOICES = {"invoice_id": "number", "customer_id": "number", "quantity": "count", "status": "text", "channel": "text"}
TABLES = {
    "customers": {"key": "customer_id", "columns": {"customer_id": "number", "segment": "text"}},
    "invoices": {
        "key": "invoice_id",
        "date": "issued_on",
        "columns": {**INVOICES, **MONEY},
        "links": {"customer": {"to": "customers", "by": "customer_id"}},
    },
}


def load(ratios: Ratios) -> kraforge.Catalog:
    kpis = {}
    for name, wanted in ratios.items():
        where = " and ".join(f"{column} = '{value}'" for column, value in wanted.items())
        kpis[name] = {"formula": f"sum(invoices.net_amount where {where}) / sum(invoices.quantity where {where})"}
    definitions = {"tables": TABLES, "dimensions": {"segment": "customers.segment"}, "kpis": kpis}
    catalog = kraforge.Catalog.from_dict(definitions)
    kraforge.check(catalog)
    return catalog


def compiled(catalog: kraforge.Catalog, names: Any) -> str:
    window = ("2023-01-01", "2026-01-01")
    return kraforge.compile(names, catalog, window=window, grain="month", by=["segment"]).sql()


serve(load, compiled)
