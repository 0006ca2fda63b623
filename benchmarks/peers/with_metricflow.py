"""The ratios compiled by metricflow."""

import json

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.parsing.dir_to_model import (
    parse_yaml_files_to_validation_ready_semantic_manifest as parse,
)
from metricflow_semantic_interfaces.parsing.objects import YamlConfigFile
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from serve import Ratios, condition, serve


class OnlySql:
    """What the engine asks of a database before any row is read."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


def table(name: str) -> dict:
    return {"schema_name": "main", "alias": name}


def day(name: str) -> dict:
    return {"name": name, "type": "time", "type_params": {"time_granularity": "day"}}


SPINE = {"node_relation": table("days"), "primary_column": {"name": "day", "time_granularity": "day"}}
PROJECT = {"time_spine_table_configurations": [], "time_spines": [SPINE]}
CUSTOMERS = {
    "name": "customers",
    "node_relation": table("customers"),
    "entities": [{"name": "customer", "type": "primary", "expr": "customer_id"}],
    "dimensions": [{"name": "segment", "type": "categorical"}],
}
INVOICES = {
    "name": "invoices",
    "node_relation": table("invoices"),
    "defaults": {"agg_time_dimension": "issued_on"},
    "entities": [
        {"name": "invoice", "type": "primary", "expr": "invoice_id"},
        {"name": "customer", "type": "foreign", "expr": "customer_id"},
    ],
    "measures": [{"name": "net_amount", "agg": "sum"}, {"name": "quantity", "agg": "sum"}],
    "dimensions": [
        day("issued_on"),
        {"name": "status", "type": "categorical"},
        {"name": "channel", "type": "categorical"},
    ],
}


def load(ratios: Ratios) -> MetricFlowEngine:
    documents = [{"project_configuration": PROJECT}, {"semantic_model": CUSTOMERS}, {"semantic_model": INVOICES}]
    for measure in ("net_amount", "quantity"):
        metric = {"name": measure, "type": "simple", "type_params": {"measure": measure}}
        documents.append({"metric": metric})
    for name, wanted in ratios.items():
        where = condition(wanted, "{{ Dimension('invoice__{column}') }}")
        sides = {
            "numerator": {"name": "net_amount", "filter": where, "alias": f"{name}_amount"},
            "denominator": {"name": "quantity", "filter": where, "alias": f"{name}_quantity"},
        }
        documents.append({"metric": {"name": name, "type": "ratio", "type_params": sides}})
    files = [YamlConfigFile(filepath=f"{i}.yaml", contents=json.dumps(one)) for i, one in enumerate(documents)]
    manifest = parse(files).semantic_manifest
    return MetricFlowEngine(semantic_manifest_lookup=SemanticManifestLookup(manifest), sql_client=OnlySql())


def compiled(engine: MetricFlowEngine, names: list[str]) -> str:
    request = MetricFlowQueryRequest.create(
        metric_names=names, group_by_names=["customer__segment", "metric_time__month"]
    )
    return engine.explain(request).sql_statement.sql


serve(load, compiled)
