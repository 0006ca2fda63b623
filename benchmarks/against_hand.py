"""Requests beside the best SQL for the same rows that was found by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb

import kraforge
from benchmarks import data, questions
from benchmarks.equal import assert_each, assert_equal
from benchmarks.findings import Finding, Section, at_most, faster
from benchmarks.interleave import interleave
from benchmarks.questions import Question
from benchmarks.scale import Scale

FACTS = ("customers", "invoices", "payments", "tickets")


def opened(sizes: data.Sizes, *tables: str) -> tuple[duckdb.DuckDBPyConnection, kraforge.Workspace]:
    """A database with the named tables filled, the others empty, and a workspace over it."""
    connection = duckdb.connect()
    data.fill(connection, data.Sizes(0, 0, 0, 0, 0))
    data.fill(connection, sizes, *tables)
    return connection, kraforge.Workspace(kraforge.Catalog.from_dict(questions.CATALOG), connection)


def asker(workspace: kraforge.Workspace, question: Question) -> Callable[[], list[tuple[Any, ...]]]:
    """A question as kraforge answers it, up to its values in Python."""
    return lambda: workspace.query(question.kpis, window=question.window, grain="month", by=[question.by]).values()


def forty(scale: Scale) -> Section:
    """Forty KPIs over three fact tables in one request."""
    connection, workspace = opened(data.Sizes.of_facts(scale.facts), *FACTS)
    question = questions.QUESTIONS[0]
    ours, sql, alone = asker(workspace, question), question.sql(), questions.each()
    theirs = connection.execute(sql).fetchall()
    assert_equal(ours(), theirs)
    assert_each(theirs, question.kpis, {name: connection.execute(one).fetchall() for name, one in alone.items()})
    ways = interleave({"kraforge": ours, "hand": lambda: connection.execute(sql).fetchall()}, scale.rounds)

    def one_by_one() -> None:
        for statement in alone.values():
            connection.execute(statement).fetchall()

    apart = interleave({"kraforge": ours, "each": one_by_one}, max(1, scale.rounds // 3))
    return Section(
        "Forty KPIs in one request",
        f"Forty KPIs over three fact tables and {scale.facts:,} rows, by month and segment, 24 months.",
        (
            at_most("CPU beside the best fused statement", ways["kraforge"], ways["hand"], 1.10),
            faster("faster than one handwritten statement for each KPI", apart["kraforge"], apart["each"], 4),
        ),
    )


def not_additive(scale: Scale) -> Section:
    """The forty with ten that do not add up."""
    question = questions.QUESTIONS[1]
    return Section(
        "With distinct counts and medians",
        f"The same forty with ten distinct counts, medians and percentiles more; {scale.facts:,} rows.",
        (beside("CPU beside the best statement", question, data.Sizes.of_facts(scale.facts), FACTS, scale, 1.10),),
    )


def others(scale: Scale) -> Section:
    """Questions whose plans are not one scan and one GROUP BY."""
    _, _, retention, trailing, head_count, ageing = questions.QUESTIONS
    n = scale.others
    found = (
        beside(
            f"retention over 24 months, {n:,} customers with {5 * n:,} invoices", retention,
            data.Sizes(5 * n, 0, 0, n, 0), ("customers", "invoices"), scale, 1.30,
        ),
        beside(
            f"distinct customers of 12 trailing months, {5 * n:,} invoices", trailing,
            data.Sizes(5 * n, 0, 0, max(1, n // 5), 0), ("customers", "invoices"), scale, 1.30,
        ),
        beside(
            f"head count at 36 month ends, {n:,} employees", head_count,
            data.Sizes(0, 0, 0, 0, n), ("employees",), scale, 1.30,
        ),
        beside(
            f"receivable by age at 36 month ends, {n:,} invoices with as many allocations", ageing,
            data.Sizes(n, 0, 0, max(1, n // 20), 0), ("invoices", "allocations"), scale, 1.30,
        ),
    )  # fmt: skip
    return Section("Retention, trailing windows, head count, ageing", "CPU beside the best statement by hand.", found)


def beside(
    what: str, question: Question, sizes: data.Sizes, tables: tuple[str, ...], scale: Scale, limit: float
) -> Finding:
    """One question beside its handwritten statement, over tables of its own."""
    connection, workspace = opened(sizes, *tables)
    with connection, workspace:
        ours, sql = asker(workspace, question), question.sql()
        assert_equal(ours(), connection.execute(sql).fetchall())
        ways = interleave({"kraforge": ours, "hand": lambda: connection.execute(sql).fetchall()}, scale.rounds)
    return at_most(what, ways["kraforge"], ways["hand"], limit)
