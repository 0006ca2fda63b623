"""A sample company that sells freight: its tables, made from a seed, and its catalog of KPIs.

    from kraforge.packs import demo

    tables = demo.tables(invoices=10_000)      # lists of dicts, by table
    demo.write("company", tables)              # company/invoices.csv …, company/catalog.yaml

The same seed gives the same rows everywhere. Two fiscal years, April 2024 to March 2026.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from kraforge.packs.demo.billing import bill, collect
from kraforge.packs.demo.making import END, START, TEAMS, Row, Tables
from kraforge.packs.demo.operations import ask, make_lanes, ship, support
from kraforge.packs.demo.people import acquire, hire
from kraforge.packs.demo.selling import sell

__all__ = ["CATALOG", "END", "START", "Row", "Tables", "tables", "write"]

CATALOG: Final = Path(__file__).with_name("catalog.yaml")
"""The catalog file."""


def tables(invoices: int = 10_000, seed: int = 7) -> Tables:
    """The company's tables as lists of dicts, with about `invoices` invoices and the rest in proportion.

    Money is Decimal, missing values are None. The same arguments give the same rows.
    """
    employees = hire(invoices, seed)
    customers = acquire(invoices, seed, employees)
    leads, opportunities = sell(seed, employees, customers)
    billed = bill(invoices, seed, customers)
    payments, allocations = collect(seed, customers, billed)
    lanes = make_lanes(seed)
    shipments, pods = ship(seed, customers, lanes, billed)
    return {
        "teams": [{"name": team} for team in TEAMS],
        "employees": employees,
        "customers": customers,
        "lanes": lanes,
        "leads": leads,
        "opportunities": opportunities,
        "invoices": billed,
        "payments": payments,
        "allocations": allocations,
        "shipments": shipments,
        "pods": pods,
        "tickets": support(seed, customers, shipments),
        "surveys": ask(seed, customers),
    }


def write(
    folder: str | Path, rows: Mapping[str, list[Row]] | None = None, form: Literal["csv", "parquet"] = "csv"
) -> Path:
    """Writes one file for each table and `catalog.yaml` into a folder, which is made if need be; gives the folder.

    A missing value is an empty CSV field. Parquet is written with DuckDB.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (tables() if rows is None else rows).items():
        file = folder / f"{name}.csv"
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, fieldnames=list(table[0]) if table else [])
            writer.writeheader()
            writer.writerows(table)
        if form == "parquet":
            _to_parquet(file, table)
    shutil.copyfile(CATALOG, folder / "catalog.yaml")
    return folder


def _to_parquet(file: Path, table: list[Row]) -> None:
    import duckdb

    kinds = {"str": "VARCHAR", "Decimal": "DECIMAL(18, 2)", "bool": "BOOLEAN", "date": "DATE", "datetime": "TIMESTAMP"}
    columns = {
        name: next((kinds.get(type(row[name]).__name__, "BIGINT") for row in table if row[name] is not None), "VARCHAR")
        for name in table[0]
    }
    with duckdb.connect() as connection:
        rows = connection.read_csv(str(file), header=True, columns=columns)
        rows.write_parquet(str(file.with_suffix(".parquet")))
    file.unlink()
