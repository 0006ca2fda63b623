"""Every text of SQL that the cases give is read again by another parser, and has strangers' words in quotes only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

import kraforge as kf
from cases.reading import Case
from kraforge.compiled import Compiled
from kraforge.compiler import Compiler
from kraforge.limits import Limits
from kraforge.model.load import from_dict
from kraforge.model.request import request
from kraforge.semantics.check import Checked
from kraforge.sql.declared import declared_tables
from test_cases import ALL, workspace

DIALECTS = ("duckdb", "postgres")
COMMENT = re.compile(r"  -- [^\n]*(?=\n)")
QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
OUTSIDE = re.compile(
    r"[A-Z_]+\b"  # a keyword or a type
    r"|[a-z_]+[0-9]*(?=\()"  # a function
    r"|(?<=extract\()[a-z]+(?= FROM )"  # what extract takes
    r"|[a-z]+(?= => )"  # a named argument
    r"|\$[a-z_0-9]+\b"  # a parameter
    r"|(?<=[0-9])[eE][0-9]+"  # of a number
)
WORD = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*")


def compiled(case: Case) -> Compiled:
    """The case's request, with a window where it needs one."""
    checked = Checked(from_dict(case.catalog))
    compiler = Compiler(checked, declared_tables(checked), "duckdb", Limits())
    asked: dict[str, Any] = {"window": "2024", **case.request} if case.request.get("grain") else dict(case.request)
    return Compiled(compiler, compiler.prepare(request(**asked)), request(**asked))


def texts() -> Iterator[tuple[str, str, str]]:
    """Dialect, SQL and the name of the first case that gives it."""
    known = set()
    for case in ALL:
        if case.rows is None:
            continue
        for dialect in DIALECTS:
            try:
                sql = compiled(case).sql(dialect)
            except kf.KraforgeError as refused:
                # these hang on what only a source knows, as the periods of a calendar's table do
                told = ("unknown-name", "needs-period", *(["unsupported"] if "only a source" in str(refused) else []))
                if refused.code not in told:
                    raise
                if dialect != "duckdb":
                    continue
                with workspace(case) as ws:
                    sql = ws.query(**case.request).sql
            if (dialect, sql) not in known:
                known.add((dialect, sql))
                yield dialect, sql, case.id


@pytest.fixture(scope="module")
def emitted() -> list[tuple[str, str, str]]:
    found = list(texts())
    assert len(found) > 600
    return found


def test_another_parser_reads_one_select(emitted: list[tuple[str, str, str]]) -> None:
    for dialect, sql, case in emitted:
        statements = sqlglot.parse(sql, dialect=dialect)
        assert len(statements) == 1, case
        assert isinstance(statements[0], exp.Select), case
        names = {cte.alias for cte in statements[0].find_all(exp.CTE)}
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names), (case, names)


def test_outside_quotes_stand_words_of_sql_alone(emitted: list[tuple[str, str, str]]) -> None:
    for _, sql, case in emitted:
        bare = QUOTED.sub("?", COMMENT.sub("", sql))
        words = [found for found in WORD.finditer(bare) if not OUTSIDE.match(bare, found.start())]
        assert words == [], (case, [bare[max(0, word.start() - 30) : word.end() + 10] for word in words[:3]])
        assert ";" not in bare
        assert "--" not in bare
        assert "/*" not in bare
