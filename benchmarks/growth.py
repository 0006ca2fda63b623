"""How CPU time grows with rows and with KPIs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

import kraforge
from benchmarks import data, questions
from benchmarks.against_hand import FACTS, opened
from benchmarks.equal import assert_equal
from benchmarks.findings import Finding, Section
from benchmarks.interleave import Timing, interleave
from benchmarks.scale import Scale

REGIONS = ("north", "south", "east")


def growth(scale: Scale) -> Section:
    """CPU time from few to many rows, and from one KPI to 160."""
    workspaces = {rows: opened(data.Sizes.of_facts(rows), *FACTS) for rows in scale.growth}
    found = (*by_rows(workspaces, scale.rounds), *by_kpis(*workspaces[scale.growth[-1]], scale))
    return Section(
        "Growth",
        "The forty KPIs over more and more rows; then more and more KPIs over the most rows: ten of them read all three tables, "
        "160 are the forty and the forty of three regions. DuckDB's planning is that of EXPLAIN.",
        found,
    )


def by_rows(
    opened_: Mapping[int, tuple[duckdb.DuckDBPyConnection, kraforge.Workspace]], rounds: int
) -> Sequence[Finding]:
    """The exponent of growth with rows, by least squares over the logarithms, and the time of a row at each size."""
    ways = {}
    for rows, (connection, workspace) in opened_.items():

        def ask(workspace: kraforge.Workspace = workspace) -> list[tuple[Any, ...]]:
            return workspace.query(list(questions.FORTY), **FORTY).values()

        assert_equal(ask(), connection.execute(questions.handwritten("fused")).fetchall())
        ways[str(rows)] = ask
    timings = interleave(ways, rounds)
    least, most = min(opened_), max(opened_)
    each = {rows: timings[str(rows)].median / rows for rows in opened_}
    shown = " · ".join(f"{rows:,}: {each[rows] / each[most]:.2f}" for rows in opened_)
    grown = timings[str(most)].median / timings[str(least)].median
    return [
        Finding("CPU for a row, against the most rows", shown),
        Finding(
            f"{most / least:.0f} times the rows take", f"{grown:.1f} times the CPU", f"≤ {1.1 * most / least:.0f} (linear)",
            grown <= 1.1 * most / least,
        ),
    ]  # fmt: skip


FORTY: Mapping[str, Any] = {"window": questions.TWO_YEARS, "grain": "month", "by": ["segment"]}


def of_regions() -> dict[str, str]:
    """The forty of each of three regions."""
    return {
        f"{name}_{region}": f"({formula}) where region = '{region}'"
        for region in REGIONS
        for name, formula in questions.FORTY.items()
    }


def by_kpis(connection: duckdb.DuckDBPyConnection, workspace: kraforge.Workspace, scale: Scale) -> Sequence[Finding]:
    """The CPU time of 1, 10, 40 and 160 KPIs, DuckDB's planning apart."""
    every = {**questions.FORTY, **of_regions()}
    names = list(questions.FORTY)
    asked = {1: names[:1], 10: names[::4], 40: names, 160: list(every)}
    requests = {count: {name: every[name] for name in chosen} for count, chosen in asked.items()}
    _assert_equal(connection, workspace, requests)
    ways: dict[str, Any] = {}
    for count, kpis in requests.items():
        sql = workspace.query(kpis, **FORTY).sql
        ways[f"ask {count}"] = lambda kpis=kpis: workspace.query(kpis, **FORTY).values()
        ways[f"plan {count}"] = lambda sql=sql: connection.execute(f"EXPLAIN {sql}").fetchall()
    timings = interleave(ways, max(1, scale.rounds // 2))
    one = timings["ask 1"].median
    found = []
    previous: tuple[int, Timing] | None = None
    for count in requests:
        whole, plan = timings[f"ask {count}"], timings[f"plan {count}"]
        measured = f"{whole.median / one:.1f}× the CPU of one; planning {1000 * plan.median:.0f} ms, {plan.median / whole.median:.1%}"
        if previous is None:
            found.append(Finding("1 KPI", measured))
        else:
            fewer, before = previous
            ratio = statistics.median(a / b for a, b in zip(whole.seconds, before.seconds, strict=True))
            target = f"< {count // fewer} times {fewer} KPIs"
            found.append(
                Finding(f"{count} KPIs", f"{measured}; {ratio:.1f} times {fewer} KPIs", target, ratio < count / fewer)
            )
        previous = count, whole
    return found


def _assert_equal(
    connection: duckdb.DuckDBPyConnection, workspace: kraforge.Workspace, requests: Mapping[int, Mapping[str, str]]
) -> None:
    """Each KPI is that of the handwritten statement; those of a region that of the statement with a filter."""
    sql = questions.handwritten("fused")
    filtered = {"": sql} | {f"_{r}": sql.replace("WHERE f.", f"WHERE c.region = '{r}' AND f.") for r in REGIONS}
    wanted: dict[tuple[Any, ...], dict[str, Any]] = {}
    for suffix, text in filtered.items():
        for group, period, *values in connection.execute(text).fetchall():
            named = dict(zip(questions.FORTY, values, strict=True))
            wanted.setdefault((group, period), {}).update({name + suffix: value for name, value in named.items()})
    for kpis in requests.values():
        ours = workspace.query(kpis, **FORTY).values()
        assert_equal(
            [[value or 0 for value in values] for _, _, *values in ours],
            [[wanted[group, period].get(name) or 0 for name in kpis] for group, period, *_ in ours],
        )
