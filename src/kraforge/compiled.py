"""Requests and catalogs without a source: what a request would send, and what is wrong with a catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from kraforge.compiler import Compiler, Prepared
from kraforge.errors import Mistake, Mistakes
from kraforge.limits import Limits
from kraforge.model.catalog import Catalog
from kraforge.model.declarations import Declarations
from kraforge.model.request import Request, request
from kraforge.semantics.check import Checked
from kraforge.sql.declared import declared_tables
from kraforge.sql.dialects import DIALECTS
from kraforge.text import nearest


@frozen
class Compiled:
    """A request that was compiled without a source: what it would send."""

    _compiler: Compiler
    _prepared: Prepared
    _request: Request

    def sql(self, dialect: str = "duckdb") -> str:
        """The statement in a dialect (`duckdb`, `postgres`). Columns are taken to be kept as they are declared.

        Without a window it takes in all dates. Raises Mistakes (bad-request) where there is no such dialect.
        """
        if dialect not in DIALECTS:
            close = nearest(dialect, DIALECTS)
            hint = f"use one of {', '.join(DIALECTS)}" if close is None else f"did you mean {close!r}?"
            raise Mistakes(Mistake("bad-request", f"there is no dialect {dialect!r}", hint=hint))
        days = self._compiler.days_of(self._request, self._prepared)
        window = self._compiler.window(self._request, days)
        if window is None and (self._request.grain is not None or self._compiler.moves_periods(self._prepared)):
            mistake = Mistake("needs-period", "what is asked hangs on a period", hint="pass a window, such as 2026-Q1")
            raise Mistakes(mistake)
        low, high = window or (dt.date(1, 1, 1), dt.date(9999, 12, 31))
        timeline = self._compiler.timeline(self._request, self._prepared, low, high, days)
        return self._compiler.statement(self._prepared, timeline, dialect).sql


def check(catalog: Catalog | Declarations, limits: Limits = Limits()) -> tuple[Mistake, ...]:
    """Checks a whole catalog before any row is read and gives its warnings.

    Raises Mistakes with every mistake at once, each with its place and what to do.
    """
    if isinstance(catalog, Declarations):
        return Checked(catalog, None, limits).check_all().warnings
    return _checked(catalog, limits).check_all().warnings


def compile(
    formula: str | Mapping[str, str],
    catalog: Catalog,
    *,
    window: Any = None,
    grain: str | None = None,
    by: Any = (),
    where: str | None = None,
    as_of: Any = None,
    known_at: Any = None,
    limits: Limits = Limits(),
) -> Compiled:
    """A formula (or several by name, or the name of a KPI) as SQL, without a source. Raises Mistakes."""
    kpis: Any = formula
    if isinstance(formula, str) and formula not in catalog.declarations.kpis:
        kpis = {"value": formula}
    asked = request(kpis, window=window, grain=grain, by=by, where=where, as_of=as_of, known_at=known_at)
    checked = _checked(catalog, limits)
    compiler = Compiler(checked, declared_tables(checked), "duckdb", limits)
    return Compiled(compiler, compiler.prepare(asked), asked)


def _checked(catalog: Catalog, limits: Limits) -> Checked:
    """The catalog's meaning without a source, worked out once for a catalog and its limits."""
    known = catalog.memo.get(limits)
    if not isinstance(known, Checked):
        known = catalog.memo[limits] = Checked(catalog.declarations, None, limits)
    return known


__all__ = ["Compiled", "check", "compile"]
