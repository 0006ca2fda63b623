"""The same twenty ratios compiled by kraforge and by its peers, each in a process and an environment of its own.

Peers are installed here and nowhere else: neither the package nor its tests ever import one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from attrs import frozen

from benchmarks import data
from benchmarks.equal import same
from benchmarks.findings import Finding, Section, quartiles
from benchmarks.scale import Scale

FOLDER = Path(__file__).parent
VENVS = FOLDER.parent.parent / "build" / "peers"
PEERS: Mapping[str, tuple[str, ...]] = {
    "sidemantic": ("sidemantic==0.13.0",),
    "boring": ("boring-semantic-layer==0.3.18", "ibis-framework[duckdb]>=11,<12"),
    "metricflow": ("metricflow==0.213.0",),
}
STATUSES, CHANNELS = ("open", "paid", "posted", "void"), ("web", "shop", "phone")
RATIOS: Mapping[str, Mapping[str, str]] = {
    **{f"price_{s}": {"status": s} for s in STATUSES},
    **{f"price_{c}": {"channel": c} for c in CHANNELS},
    **{f"price_{s}_{c}": {"status": s, "channel": c} for s in STATUSES for c in CHANNELS},
    "price_draft": {"status": "draft"},  # no invoice is
}
Cells = dict[tuple[object, ...], dict[str, object]]


@frozen
class Run:
    """What a peer's process answered: CPU seconds of each round, and its SQL."""

    load: tuple[float, ...]
    compile: tuple[float, ...]
    sql: str


def peers(scale: Scale) -> Section:
    """The same ratios by kraforge and, where they may be installed, by its peers."""
    pythons = {"kraforge": sys.executable}
    lacking: dict[str, str] = {}
    for name, packages in PEERS.items() if scale.venvs else ():
        try:
            pythons[name] = installed(name, packages)
        except (OSError, subprocess.CalledProcessError) as error:
            lacking[name] = f"could not be installed here ({type(error).__name__})"
    runs, failed = run(pythons, scale.rounds)
    connection = duckdb.connect()
    data.fill(connection, data.Sizes.of_facts(min(scale.facts, 100_000)), "customers", "invoices")
    wanted = by_hand(connection)
    found = [finding(name, one, wanted, connection) for name, one in runs.items()]
    found += [Finding(name, reason) for name, reason in (lacking | failed).items()]
    return Section(
        "Beside other semantic layers",
        f"{len(RATIOS)} ratios, each with a filter of its own in numerator and denominator, by a linked table's segment and by month, "
        "from definitions in Python to SQL for DuckDB. CPU time in turns, a fresh model every round; then what the SQL is.",
        tuple(found),
    )


def installed(name: str, packages: Sequence[str]) -> str:
    """The Python of an environment that has the packages."""
    python = VENVS / name / "bin" / "python"
    if not python.exists():
        venv.create(VENVS / name, with_pip=True)
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *packages]
    subprocess.run(command, check=True, capture_output=True, timeout=900)
    return str(python)


def run(pythons: Mapping[str, str], rounds: int) -> tuple[dict[str, Run], dict[str, str]]:
    """What each process answers in turns, and in words which one failed."""
    asked = json.dumps(RATIOS)
    processes = {
        name: subprocess.Popen(
            [python, str(FOLDER / f"with_{name}.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name, python in pythons.items()
    }  # fmt: skip
    answers: dict[str, list[Any]] = {name: [] for name in processes}
    failed: dict[str, str] = {}
    for turn in range(rounds + 1):
        for name, process in processes.items():
            if name not in failed:
                try:
                    answers[name].append(_ask(process, asked if turn == 0 else ""))
                except (BrokenPipeError, ValueError):
                    assert process.stderr is not None
                    last = process.stderr.read().strip().splitlines()[-1:]
                    failed[name] = f"fails: {''.join(last)[:200]}"
    for process in processes.values():
        process.communicate()
    assert "kraforge" not in failed, failed["kraforge"]
    runs = {
        name: Run(tuple(a["load"] for a in got), tuple(a["compile"] for a in got), got[-1]["sql"])
        for name, answered in answers.items()
        if name not in failed and (got := answered[1:])
    }
    return runs, failed


def _ask(process: subprocess.Popen[str], line: str) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n\n" if line else "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def finding(name: str, run: Run, wanted: Cells, connection: duckdb.DuckDBPyConnection) -> Finding:
    """A peer's times, how much SQL it sends, and whether that gives the same rows."""
    answered = connection.execute(run.sql)
    columns = [re.split(r"\.|__", column)[-1] for column, *_ in answered.description or ()]
    cells: Cells = {}
    for row in answered.fetchall():
        values = dict(zip(columns, row, strict=True))
        month = values.pop("period", None) or values.pop("month")
        if month is not None:
            key = values.pop("segment"), (month.year, month.month)
            cells[key] = values
    missing = {key for key in wanted if key not in cells}
    empty = dict.fromkeys(RATIOS)
    differing = {key for key in cells if not _equal(cells[key], wanted.get(key, empty))}
    if name == "kraforge":
        assert not missing, missing
        assert not differing, differing
    words = "equal rows"
    if missing and all(group is None for group, _ in missing) and not differing:
        words = "equal rows, but those without a customer are lost"
    elif missing or differing:
        words = f"{len(missing)} cells lacking, {len(differing)} different of {len(wanted)}"
    selects = len(re.findall(r"\bSELECT\b", run.sql))
    times = ", ".join(
        f"{what} {_milliseconds(seconds)}" for what, seconds in (("load", run.load), ("compile", run.compile))
    )
    return Finding(name, f"{times}; {selects} SELECTs, {len(run.sql):,} characters; {words}")


def _milliseconds(seconds: Sequence[float]) -> str:
    low, middle, high = (1000 * one for one in quartiles(seconds))
    return f"{middle:.1f} ms ({low:.1f} to {high:.1f})"


def _equal(mine: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return all(same(mine[name] if mine[name] is None else float(str(mine[name])), wanted[name]) for name in wanted)


def by_hand(connection: duckdb.DuckDBPyConnection) -> Cells:
    """The ratios of each segment and month."""
    listed = []
    for name, filters in RATIOS.items():
        where = " AND ".join(f"{column} = '{value}'" for column, value in filters.items())
        sides = [f"sum(CASE WHEN {where} THEN {column} END)::DOUBLE" for column in ("net_amount", "quantity")]
        listed.append(f"{sides[0]} / nullif({sides[1]}, 0) AS {name}")
    sql = (
        f"SELECT segment, year(issued_on), month(issued_on), {', '.join(listed)} FROM invoices "
        "LEFT JOIN customers USING (customer_id) GROUP BY 1, 2, 3"
    )
    rows = connection.execute(sql).fetchall()
    return {(group, (year, month)): dict(zip(RATIOS, values, strict=True)) for group, year, month, *values in rows}
