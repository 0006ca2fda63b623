"""The tour of the sample company: what `kraforge demo` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from kraforge.model.catalog import Catalog
from kraforge.packs import demo
from kraforge.report.table import columns, compact
from kraforge.result.table import MISSING
from kraforge.types import Type
from kraforge.workspace import Workspace

MONTHS: Final = "2025-10..2026-03"
QUARTER: Final = "2026-Q1"

THEMES: Final[dict[str, tuple[str, ...]]] = {
    "Revenue": (
        "revenue", "revenue_growth", "revenue_yoy", "revenue_ytd", "revenue_3m", "average_invoice", "revenue_per_customer",
    ),
    "Collections": (
        "collections", "fell_due", "collection_efficiency", "receivable", "overdue", "overdue_share",
        "days_sales_outstanding", "days_to_pay", "paid_by_due_date",
    ),
    "Customers": (
        "customer_base", "new_customers", "billed_customers", "repeat_customers", "retention", "churn",
        "first_billing_days", "activation",
    ),
    "Sales": ("leads", "lead_qualification", "lead_conversion", "win_rate", "deal_size", "sales_cycle", "pipeline"),
    "Service": (
        "shipments", "on_time_delivery", "pod_compliance", "complaint_rate", "answered_in_time", "resolution_hours",
        "satisfaction", "promoter_score", "account_health",
    ),
}  # fmt: skip
TEAM: Final = (
    "revenue", "revenue_share", "revenue_rank", "revenue_yoy", "collection_efficiency", "overdue_share", "retention",
    "win_rate", "on_time_delivery", "satisfaction", "account_health",
)  # fmt: skip

AGES: Final = ("not due", "1 to 30 days", "31 to 60 days", "61 to 90 days", "over 90 days")


def tour(tables: demo.Tables) -> Iterator[str]:
    """Pages of text: the KPIs by month, by team, the receivable by age, revenue by month and team, what each KPI means."""
    catalog = Catalog.load(demo.CATALOG)
    with TemporaryDirectory(prefix="kraforge-demo-") as folder:
        demo.write(folder, tables)
        files = {name: Path(folder) / f"{name}.csv" for name in tables}
        with Workspace(catalog, files) as workspace:
            yield _welcome(tables)
            yield from _pages(workspace)
    yield _meanings(catalog)


def _pages(workspace: Workspace) -> Iterator[str]:
    names = [name for names in THEMES.values() for name in names]
    titles = _titles(workspace.catalog)
    result = workspace.query(names, window=MONTHS, grain="month")
    months = {row["period"]: row for row in result.rows()}
    for theme, some in THEMES.items():
        lines = [[titles[name], *(compact(row[name], result.types[name]) for row in months.values())] for name in some]
        yield _page(f"{theme}, by month", ["", *(f"{month:%Y-%m}" for month in months)], lines)

    result = workspace.query([*TEAM], window=QUARTER, by=["team"], where="team is present")
    teams = {row["team"]: row for row in result.rows()}
    lines = [[titles[name], *(compact(row[name], result.types[name]) for row in teams.values())] for name in TEAM]
    yield _page(f"By team, {QUARTER}", ["", *teams], lines)

    result = workspace.query(["revenue", "collection_efficiency"], window=QUARTER, grain="month", by=["team"])
    yield _page("By month and team, as rows", *_rows(result.rows(), result.types, titles))

    result = workspace.query(["receivable"], window=QUARTER, grain="month", by=["ageing"])
    yield _page("Receivable by age, at each month's end", *_pivot(result.rows(), result.types["receivable"]))


def _welcome(tables: demo.Tables) -> str:
    some = ", ".join(f"{len(tables[name]):,} {name}" for name in ("invoices", "payments", "customers", "employees"))
    return f"A sample company that sells freight: {some}; fiscal years from April, amounts in INR."


def _rows(
    rows: list[dict[str, Any]], types: Mapping[str, Type], titles: Mapping[str, str]
) -> tuple[list[str], list[list[str]]]:
    heads = [titles.get(name, name) for name in types]
    return heads, [
        [f"{row[name]:%Y-%m}" if name == "period" else compact(row[name], kind) for name, kind in types.items()]
        for row in rows
    ]


def _pivot(rows: list[dict[str, Any]], kind: Type) -> tuple[list[str], list[list[str]]]:
    months = sorted({row["period"] for row in rows})
    cells = {(row["ageing"], row["period"]): compact(row["receivable"], kind) for row in rows}
    groups = sorted({row["ageing"] for row in rows}, key=lambda age: AGES.index(age) if age in AGES else len(AGES))
    lines = [
        [group or "without a due date", *(cells.get((group, month), MISSING) for month in months)] for group in groups
    ]
    return ["", *(f"{month:%Y-%m}" for month in months)], lines


def _page(title: str, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return f"\n{title}\n\n{columns([heads, *lines])}"


def _titles(catalog: Catalog) -> dict[str, str]:
    return {name: kpi.title or name for name, kpi in catalog.declarations.kpis.items()}


def _meanings(catalog: Catalog) -> str:
    kpis = catalog.declarations.kpis.values()
    lines = [f"  {kpi.title} ({kpi.name})\n      {kpi.description}" for kpi in kpis]
    return "\nWhat they mean\n\n" + "\n".join(lines)
