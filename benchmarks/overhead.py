"""What kraforge costs where the data is small: compiling, asking again, one KPI of ten rows, importing it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from itertools import cycle, pairwise
from typing import Any

import duckdb
from attrs import define

import kraforge
from benchmarks import data, questions
from benchmarks.against_hand import FACTS, opened
from benchmarks.equal import assert_equal
from benchmarks.findings import Finding, Section, milliseconds
from benchmarks.interleave import interleave
from benchmarks.scale import Scale
from kraforge.model.request import request

Asked = Mapping[str, Any]

FORTY: Asked = {"window": questions.TWO_YEARS, "grain": "month", "by": ["segment"]}
OTHER_WINDOWS = (
    ("2024-01-01", "2025-12-01"),
    ("2023-12-01", "2025-12-01"),
    ("2023-06-01", "2025-06-01"),
    ("2024-02-01", "2026-02-01"),
)


def compiling(scale: Scale) -> Section:
    """Forty KPIs from text to SQL, and what asking them again adds."""
    connection, workspace = opened(data.Sizes.of_facts(min(scale.facts, 1000)), *FACTS)
    names: Any = tuple(questions.FORTY)
    bare = {**questions.CATALOG, "kpis": {}}
    tables, whole = kraforge.Catalog.from_dict(bare), kraforge.Catalog.from_dict(questions.CATALOG)
    kraforge.check(whole)

    def from_text(catalog: kraforge.Catalog) -> str:
        return kraforge.compile(questions.FORTY, catalog, **FORTY).sql()

    def from_catalog() -> str:
        return kraforge.compile(names, whole, **FORTY).sql()

    theirs = connection.execute(questions.handwritten("fused")).fetchall()
    for sql in (from_text(tables), from_catalog()):
        assert_equal(connection.execute(sql).fetchall(), theirs)
    asked = request(names, **FORTY)

    def from_workspace() -> str:
        """The request as if asked for the first time, by a workspace that has answered its KPIs before."""
        compiler = workspace._compiler
        compiler._prepared.clear()
        prepared = compiler.prepare(asked)
        window = compiler.window(asked)
        assert window is not None
        return compiler.statement(prepared, compiler.timeline(asked, prepared, *window)).sql

    assert_equal(connection.execute(from_workspace()).fetchall(), theirs)
    rounds, repeat = scale.rounds, 5 if scale.rounds > 1 else 1
    ways = interleave(
        {
            "text": lambda: from_text(tables),
            "file": lambda: from_text(kraforge.Catalog.from_dict(bare)),
            "catalog": from_catalog,
            "workspace": from_workspace,
        },
        rounds,
        repeat,
    )
    return Section(
        "Compiling",
        "The same forty KPIs from text to SQL. What a repeated request adds is timed with a source that answers at once.",
        (
            milliseconds("from the text of the formulas", ways["text"].seconds, 25),
            milliseconds("and from the mapping of the tables", ways["file"].seconds),
            milliseconds("names of KPIs of a checked catalog, by kraforge.compile", ways["catalog"].seconds, 10),
            milliseconds("the same by a workspace that knows them", ways["workspace"].seconds, 10),
            *again(connection, workspace, rounds),
        ),
    )


@define
class Recorded:
    """A source that answers what was answered before: what is left of a request's time is kraforge's own."""

    source: Any
    answer: Any

    @property
    def dialect(self) -> str:
        return str(self.source.dialect)

    def run(self, *_: object, **__: object) -> Any:
        return self.answer


def again(connection: duckdb.DuckDBPyConnection, workspace: kraforge.Workspace, rounds: int) -> tuple[Finding, ...]:
    """What a request costs that was asked before, without DuckDB's own time: outside of its source, and in it."""
    kpis = list(questions.FORTY)
    first = workspace.query(kpis, **FORTY)
    repeat = 20 if rounds > 1 else 1
    windows, days = cycle(OTHER_WINDOWS), cycle(range(1, 28))

    def elsewhere() -> None:
        workspace.query(kpis, **{**FORTY, "window": next(windows)})

    def as_of() -> None:
        workspace.query(kpis, **FORTY, as_of=f"2025-12-{next(days):02d}")

    for ask in (*[elsewhere] * len(OTHER_WINDOWS), as_of):
        ask()
    source = workspace._source
    workspace._source = Recorded(source, source.run(first.sql, {}))  # type: ignore[assignment]
    try:
        assert workspace.query(kpis, **FORTY).values() == first.values()
        ways = interleave(
            {"same": lambda: workspace.query(kpis, **FORTY), "window": elsewhere, "as_of": as_of}, rounds, repeat
        )
    finally:
        workspace._source = source
    sent = interleave(
        {"source": lambda: source.run("SELECT 1", {}), "duckdb": lambda: connection.execute("SELECT 1").fetchall()},
        rounds,
        repeat * 5,
    )
    whole = interleave(
        {
            "again": lambda: workspace.query(kpis, **FORTY),
            "duckdb": lambda: connection.execute(first.sql).fetchall(),
        },
        rounds,
        min(repeat, 5),
    )
    low, middle, high = whole["again"].times(whole["duckdb"])
    pairs = zip(sent["source"].seconds, sent["duckdb"].seconds, strict=True)
    inside = [max(0.0, mine - theirs) for mine, theirs in pairs]

    def added(name: str) -> list[float]:
        return [outside + one for outside, one in zip(ways[name].seconds, inside, strict=True)]

    return (
        milliseconds("the same request again adds to DuckDB's own time", added("same"), 0.5),
        milliseconds("again with another window", added("window"), 0.5),
        milliseconds("again with another as_of", added("as_of"), 0.5),
        Finding(
            "the whole request again, beside DuckDB given its text (which kraforge keeps parsed)",
            f"{middle:.2f}× ({low:.2f} to {high:.2f}; {rounds} rounds)",
        ),
    )


def small(scale: Scale) -> Section:
    """One KPI of ten rows by month."""
    rows = [
        {"invoice_id": i, "issued_on": f"2025-{1 + i:02d}-10", "net_amount": 100 * i, "status": "open"}
        for i in range(10)
    ]
    columns = {"invoice_id": "number", "issued_on": "date", "net_amount": "money INR", "status": "text"}
    tables = {"invoices": {"key": "invoice_id", "date": "issued_on", "columns": columns}}
    catalog = kraforge.Catalog.from_dict({"tables": tables})
    formulas = {"one KPI": "sum(invoices.net_amount)", "with a shift": "growth(sum(invoices.net_amount))"}
    limits = {"one KPI": 3.0, "with a shift": 10.0}
    found = []
    with kraforge.Workspace(catalog, {"invoices": rows}) as workspace:
        ask: dict[str, Callable[[], Any]] = {
            name: partial(workspace.query, {"x": formula}, window="2025", grain="month")
            for name, formula in formulas.items()
        }
        wanted = [100 * i if i < 10 else 0 for i in range(12)]
        assert [value for _, value in ask["one KPI"]().values()] == wanted
        shifted = [None, *((after - before) / before if before else None for before, after in pairwise(wanted))]
        assert_equal([row[1:] for row in ask["with a shift"]().values()], [(value,) for value in shifted])
        ways = interleave(
            {name: lambda one=one: one().values() for name, one in ask.items()},  # type: ignore[misc]
            scale.rounds,
            20 if scale.rounds > 1 else 1,
        )
        found = [milliseconds(f"{name}, asked before", ways[name].seconds, limits[name]) for name in formulas]
    return Section("Ten rows", "One KPI over a table of ten rows of dicts, by month over a year.", tuple(found))


IMPORT = """
import json, sys, time
before, known = time.process_time(), set(sys.modules)
import kraforge
after = time.process_time()
print(json.dumps([after - before, sorted({name.partition(".")[0] for name in set(sys.modules) - known})]))
"""
HEAVY = {"duckdb", "lark", "ruamel", "psycopg", "pyarrow", "pandas", "polars", "numpy"}


def importing(scale: Scale) -> Section:
    """What `import kraforge` costs and brings."""
    seconds, brought = [], set()
    for _ in range(scale.rounds):
        done = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True)
        spent, modules = json.loads(done.stdout)
        seconds.append(spent)
        brought |= HEAVY & set(modules)
    none = Finding(
        "of duckdb, lark, ruamel, psycopg and frame libraries it imports",
        ", ".join(sorted(brought)) or "none",
        "none",
        not brought,
    )
    timed = milliseconds("CPU of `import kraforge`", seconds, 100)
    return Section("Importing", "Each time in a new process.", (timed, none))
