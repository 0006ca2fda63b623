"""Catalogs made to hurt: each is a mapping with the code that `from_dict` or `check` answers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

from hostile.company import CATALOG

Made = Callable[[], dict[str, Any]]


def changed(**sections: dict[str, Any]) -> dict[str, Any]:
    """The company's catalog with more in some sections."""
    made: dict[str, Any] = copy.deepcopy(CATALOG)
    for section, more in sections.items():
        made[section] = {**made.get(section, {}), **more}
    return made


def kpis(**formulas: Any) -> Made:
    return lambda: changed(kpis=formulas)


def fields(**formulas: Any) -> Made:
    def made() -> dict[str, Any]:
        catalog = changed()
        catalog["tables"]["invoices"]["fields"] |= formulas
        return catalog

    return made


def doubling(levels: int, first: str, by: str) -> dict[str, str]:
    """Definitions of which each uses the one before it twice."""
    found = {"d0": first}
    for level in range(1, levels + 1):
        found[f"d{level}"] = by.replace("_", f"d{level - 1}")
    return found


def macros(levels: int, by: str) -> dict[str, str]:
    found = {"d0(x)": "x"}
    for level in range(1, levels + 1):
        found[f"d{level}(x)"] = by.replace("_", f"d{level - 1}")
    return found


def chain(length: int, by: str = "_ + 1") -> dict[str, str]:
    found = {"c0": "count(invoices)"}
    for number in range(1, length + 1):
        found[f"c{number}"] = by.replace("_", f"c{number - 1}")
    return found


def tables(number: int, links: int) -> dict[str, Any]:
    """Tables in layers, each of which links to each of the next: routes without end."""
    found: dict[str, Any] = {}
    for at in range(number):
        found[f"t{at}"] = {
            "key": "id",
            "columns": {"id": "text", **{f"c{to}": "text" for to in range(links)}},
            "links": {f"l{to}": {"to": f"t{(at + 1 + to) % number}", "by": f"c{to}"} for to in range(links)},
        }
    return found


NAMES: Final = [
    '"', '""', "'", "''", '"; DROP TABLE invoices; --', "'; DROP TABLE invoices; --", "--", "/*", "*/", ";", "$1", "$x",
    "%s", "%(x)s", "%", ":x", "?", "{{x}}", "{0}", "{0.__class__}", "__class__", "__init__", "__dict__", "__proto__", "\\",
    "\\'", "a b", " a", "a ", " ", ".", "..", "a.b", "[a]", "(a)", "a,b", "select", "where", "on", "period", "total", "true",
    "Revenue", "REVENUE", "\u0430", "\uff41", "\u202ea", "\u200b", "\ufeffa", "a\u0301", "\U0001f4a9", "\u0967", "\uffff",
    "main", "information_schema.tables", "pg_catalog", "kraforge_text", "invoices_month", "answer", "periods", "scan_0_low",
    "x" * 63, "x" * 64, "x" * 200,
]  # fmt: skip

CATALOGS: dict[str, tuple[str, Made]] = {
    "KPIs that double": ("graph-too-large", lambda: changed(kpis=doubling(60, "count(invoices)", "_ + _"))),
    "KPIs that double a little": ("ok", lambda: changed(kpis=doubling(8, "count(invoices)", "_ + _"))),
    "KPIs that triple": ("graph-too-large", lambda: changed(kpis=doubling(40, "count(invoices)", "_ + _ * _"))),
    "KPIs that double in contexts": (
        "graph-too-large",
        lambda: changed(kpis=doubling(60, "count(invoices)", "growth(_) + _")),
    ),
    "KPIs that double by share": ("graph-too-large", lambda: changed(kpis=doubling(60, "count(invoices)", "share(_)"))),
    "KPIs that double by steps": (
        "graph-too-large",
        lambda: changed(kpis=doubling(60, "count(invoices)", "steps(_, 0 -> 1, 5 -> 2)")),
    ),
    "KPIs that double in conditions": (
        "graph-too-large",
        lambda: changed(kpis=doubling(60, "count(invoices)", "if _ > 1 then _ else 0")),
    ),
    "macros that double": (
        "graph-too-large",
        lambda: changed(functions=macros(60, "_(x) + _(x)"), kpis={"k": "d60(bills)"}),
    ),
    "macros that double unused": ("ok", lambda: changed(functions=macros(60, "_(x) + _(x)"))),
    "macros that double their argument": (
        "graph-too-large",
        lambda: changed(functions=macros(60, "_(x + x)"), kpis={"k": "d60(bills)"}),
    ),
    "macros in their own arguments": (
        "graph-too-large",
        lambda: changed(functions={"f(x)": "x + x"}, kpis={"k": "f(" * 60 + "bills" + ")" * 60}),
    ),
    "fields that double": ("graph-too-large", lambda: fields(**doubling(60, "hours", "_ + _"))()),
    "fields that double in conditions": (
        "graph-too-large",
        lambda: fields(**doubling(60, "hours", "if _ > 1 then _ else 0"))(),
    ),
    "dimensions that double": (
        "graph-too-large",
        lambda: (
            changed(
                dimensions={"d": "invoices.d60"},
            )
            | {"tables": fields(**doubling(60, "hours", "_ + _"))()["tables"]}
        ),
    ),
    "a chain of a hundred KPIs": ("ok", lambda: changed(kpis=chain(100))),
    "a chain of two thousand KPIs": ("graph-too-large", lambda: changed(kpis=chain(2_000))),
    "a chain of a thousand aliases": ("ok", lambda: changed(kpis=chain(1_000, "_"))),
    "a chain of a hundred macros": ("ok", lambda: changed(functions=macros(90, "_(x)"), kpis={"k": "d90(bills)"})),
    "a chain of a thousand macros": (
        "graph-too-large",
        lambda: changed(functions=macros(1_000, "_(x)"), kpis={"k": "d1000(bills)"}),
    ),
    "a KPI of itself": ("cycle", kpis(a="a + 1")),
    "two KPIs of each other": ("cycle", kpis(a="b + 1", b="a + 1")),
    "a circle of a thousand KPIs": ("cycle", lambda: changed(kpis={**chain(1_000), "c0": "c1000"})),
    "a KPI of itself in a context": ("cycle", kpis(a="prior(a) + 1")),
    "a KPI of itself in a row": ("cycle", kpis(a="count(customers where a > 1)")),
    "a macro of itself": ("cycle", lambda: changed(functions={"f(x)": "f(x)"}, kpis={"a": "f(bills)"})),
    "a macro of itself, growing": ("cycle", lambda: changed(functions={"f(x)": "f(f(x))"}, kpis={"a": "f(bills)"})),
    "macros of each other": (
        "cycle",
        lambda: changed(functions={"f(x)": "g(x)", "g(x)": "f(x)"}, kpis={"a": "f(bills)"}),
    ),
    "a field of itself": ("cycle", fields(a="a + 1")),
    "fields of each other": ("cycle", fields(a="b + 1", b="a + 1")),
    "a dimension of itself": ("unknown-name", lambda: changed(dimensions={"d": "d"})),
    "a KPI and a field of each other": (
        "cycle",
        lambda: changed(kpis={"a": "sum(invoices.f)"}) | {"tables": fields(f="a")()["tables"]},
    ),
    "a parameter of itself": ("ok", lambda: changed(parameters={"p": "p"})),
    "a table whose date is an aggregate": ("level-mismatch", lambda: date("min(invoices.issued_on)")),
    "a table whose date is of itself": ("level-mismatch", lambda: date("invoices")),
    "tables with routes without end": ("ok", lambda: {"tables": tables(12, 4), "kpis": {"k": "count(t0)"}}),
    "a route through them": (
        "ambiguous-link",
        lambda: {"tables": tables(12, 4), "kpis": {"k": "count(t0 where count(t6) > 1)"}},
    ),
    "a dimension through them": (
        "ok",
        lambda: {"tables": tables(12, 4), "dimensions": {"d": "t6.c0"}, "kpis": {"k": "count(t0)"}},
    ),
    "a hundred thousand values": ("ok", lambda: values([f"v{number}" for number in range(100_000)])),
    "a value of ten megabytes": ("ok", lambda: values(["v" * 10_000_000])),
    "a value twice": ("catalog-shape", lambda: values(["a", "a"])),
    "values that are not text": ("catalog-shape", lambda: values([1, None, True])),
    "values that hurt": ("ok", lambda: values(NAMES)),
    "a value with NUL": ("catalog-shape", lambda: values(["a\0b"])),
    "two thousand KPIs": ("ok", lambda: changed(kpis={f"k{number}": "bills" for number in range(2_000)})),
    "two thousand mistakes": (
        "unknown-name",
        lambda: changed(kpis={f"k{number}": "nothing" for number in range(2_000)}),
    ),
    "two thousand misspelt KPIs": (
        "unknown-name",
        lambda: changed(kpis={f"k{number}": f"kk{number}" for number in range(2_000)}),
    ),
    "a formula of a megabyte": ("formula-too-long", kpis(a="bills + " * 200_000 + "bills")),
    "a title of a megabyte": ("catalog-shape", kpis(a={"formula": "bills", "title": "x" * 1_000_000})),
    "a name of a megabyte": ("catalog-shape", lambda: changed(kpis={"x" * 1_000_000: "bills"})),
    "a name with NUL": ("catalog-shape", lambda: changed(kpis={"a\0": "bills"})),
    "a name with a line end": ("catalog-shape", lambda: changed(kpis={"a\nb": "bills"})),
    "a name with a backtick": ("catalog-shape", lambda: changed(kpis={"a`b": "bills"})),
    "a name of half a pair": ("catalog-shape", lambda: changed(kpis={"\ud800": "bills"})),
    "a name of bytes": ("catalog-shape", lambda: changed(kpis={b"a": "bills"})),
    "no name": ("catalog-shape", lambda: changed(kpis={"": "bills"})),
    "a dunder key": ("unknown-key", lambda: {**changed(), "__class__": {}}),
    "a dunder key of a table": ("unknown-key", lambda: changed(tables={"t": {"__class__": 1}})),
    "a timezone that is a path": ("catalog-shape", lambda: changed(calendar={"timezone": "../../etc/passwd"})),
    "a timezone that is a path below": (
        "catalog-shape",
        lambda: changed(calendar={"timezone": "Europe/../Europe/Berlin"}),
    ),
    "an absolute timezone": ("catalog-shape", lambda: changed(calendar={"timezone": "/etc/localtime"})),
    "a timezone with SQL": ("catalog-shape", lambda: changed(calendar={"timezone": "UTC'; DROP TABLE x; --"})),
    "a folder as timezone": ("catalog-shape", lambda: changed(calendar={"timezone": "Europe"})),
    "a fiscal year from the leap day": ("catalog-shape", lambda: changed(calendar={"fiscal_year_starts": "02-29"})),
    "a fiscal year from other digits": (
        "catalog-shape",
        lambda: changed(calendar={"fiscal_year_starts": "\u0967\u0967-\u0967\u0967"}),
    ),
    "a column of an odd type": (
        "catalog-shape",
        lambda: changed(tables={"t": {"columns": {"c": "varchar(100); DROP"}}}),
    ),
    "a currency of SQL": ("catalog-shape", lambda: changed(tables={"t": {"columns": {"c": "money '; --"}}})),
    "a parameter of SQL": ("ok", lambda: changed(parameters={"p": "'; DROP TABLE invoices; --"})),
    "a parameter of brackets": ("catalog-shape", lambda: changed(parameters={"p": "(" * 10_000})),
    "a version of year zero": ("catalog-shape", kpis(a={"versions": [{"from": "0000-01-01", "formula": "bills"}]})),
    "two versions of one day": (
        "catalog-shape",
        kpis(a={"versions": [{"from": "2026-01-01", "formula": "bills"}] * 2}),
    ),
    "a thousand versions": (
        "ok",
        kpis(a={"versions": [{"from": f"{1000 + year}-01-01", "formula": "bills"} for year in range(500)]}),
    ),
    "a macro with fifty arguments": (
        "ok",
        lambda: changed(functions={f"f({','.join(f'a{n}' for n in range(50))})": "a1"}),
    ),
    "a macro with a thousand arguments": (
        "catalog-shape",
        lambda: changed(functions={f"f({','.join(f'a{n}' for n in range(1_000))})": "a1"}),
    ),
    "a macro named as a function": ("duplicate-name", lambda: changed(functions={"sum(x)": "x"})),
    "a macro with a hidden argument": ("catalog-shape", lambda: changed(functions={"f(x\u202e)": "x"})),
    "members of themselves": ("unsupported", lambda: changed(tables={"p": {"members": "p.p"}})),
    "a link to nowhere": (
        "unknown-table",
        lambda: changed(tables={"t": {"columns": {"c": "text"}, "links": {"l": {"to": "nowhere", "by": "c"}}}}),
    ),
    "a link by nothing": ("catalog-shape", lambda: changed(tables={"t": {"links": {"l": {"to": "t", "by": []}}}})),
    "a link to itself": (
        "ok",
        lambda: changed(
            tables={"t": {"key": "c", "columns": {"c": "text", "p": "text"}, "links": {"l": {"to": "t", "by": "p"}}}}
        ),
    ),
    "a path of a thousand links": (
        "formula-too-large",
        lambda: changed(
            tables={"t": {"key": "c", "columns": {"c": "text"}, "links": {"l": {"to": "t", "by": "c"}}}},
            kpis={"k": f"count(t where t.{'l.' * 1_500}c = 'x')"},
        ),
    ),
    "a path of nine hundred links": (
        "ok",
        lambda: changed(
            tables={"t": {"key": "c", "columns": {"c": "text"}, "links": {"l": {"to": "t", "by": "c"}}}},
            kpis={"k": f"count(t where t.{'l.' * 900}c = 'x')"},
        ),
    ),
}


def date(formula: str) -> dict[str, Any]:
    made = changed()
    made["tables"]["invoices"]["date"] = formula
    return made


def values(of: list[Any]) -> dict[str, Any]:
    made = changed()
    made["tables"]["invoices"]["columns"]["status"] = {"type": "text", "values": of}
    return made
