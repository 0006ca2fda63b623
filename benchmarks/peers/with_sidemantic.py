"""The ratios compiled by sidemantic."""

from serve import Ratios, condition, serve
from sidemantic import Dimension, Metric, Model, Relationship, SemanticLayer


def load(ratios: Ratios) -> SemanticLayer:
    layer = SemanticLayer(auto_register=False)
    metrics = []
    for name, wanted in ratios.items():
        filters = [condition(wanted)]
        metrics += [
            Metric(name=f"{name}_amount", agg="sum", sql="net_amount", filters=filters),
            Metric(name=f"{name}_quantity", agg="sum", sql="quantity", filters=filters),
        ]
    layer.add_model(
        Model(
            name="customers",
            table="customers",
            primary_key="customer_id",
            dimensions=[Dimension(name="segment", type="categorical", sql="segment")],
        )
    )
    layer.add_model(
        Model(
            name="invoices",
            table="invoices",
            primary_key="invoice_id",
            relationships=[Relationship(name="customers", type="many_to_one", foreign_key="customer_id")],
            dimensions=[
                Dimension(name="issued_on", type="time", sql="issued_on", granularity="day"),
                Dimension(name="status", type="categorical", sql="status"),
                Dimension(name="channel", type="categorical", sql="channel"),
            ],
            metrics=metrics,
        )
    )
    for name in ratios:
        sides = {"numerator": f"invoices.{name}_amount", "denominator": f"invoices.{name}_quantity"}
        layer.add_metric(Metric(name=name, type="ratio", **sides))
    return layer


def compiled(layer: SemanticLayer, names: list[str]) -> str:
    return layer.compile(metrics=names, dimensions=["customers.segment", "invoices.issued_on__month"])


serve(load, compiled)
