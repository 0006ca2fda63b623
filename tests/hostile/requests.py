"""Requests made to hurt: the words of each, with the code of its answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from hostile.formulas import SUM, balanced_of

INJECTION: Final = "'; DROP TABLE invoices; --"


def loop() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


Words = dict[str, Any] | Callable[[], dict[str, Any]]


def ask(**words: Any) -> dict[str, Any]:
    return {"kpis": "revenue", **words}


def formula(text: str, **words: Any) -> dict[str, Any]:
    return {"kpis": {"value": text}, **words}


WRONG_TYPES: Final[list[Any]] = [
    None, True, 0, -1, 1.5, float("nan"), Decimal("sNaN"), 10**400, b"revenue", bytearray(b"x"), object(), print, int,
    {}, [], (), set(), {"a"}, range(3), iter("ab"), dt.datetime(2026, 1, 1), dt.timedelta(1), 1j, ..., NotImplemented,
    memoryview(b"x"), [None], [1], [b"x"], [[]], {1: 2}, {None: None}, loop(),
]  # fmt: skip
"""Given for every word of a request in turn: each is a mistake of ours or means something."""

WORDS: Final = (
    "kpis", "window", "grain", "by", "where", "as_of", "having", "order_by", "limit", "totals", "sparse", "scope", "values",
)  # fmt: skip

TEXTS: Final = [
    "", " ", "'", '"', "`", INJECTION, '"; DROP TABLE invoices; --', "revenue; DROP TABLE invoices", "1=1", "1 OR 1=1",
    "true", "segment = 'SME' OR 1=1", "segment = 'SME' --", "segment = 'SME' /*", "$1", "$value", "%s", "%(x)s", "{{x}}",
    "{0.__class__}", "__class__", "read_csv('/etc/passwd')", "(SELECT 1)", "/etc/passwd", "\0", "\ud800", "\u202e", "-", "--",
    "-revenue; --", "x" * 1_000_000, "(" * 1_000_000, "\U0001f4a9", "month'; --", "month)", "revenue\n", "sum(", "*",
    "0x10", "9" * 400, "2026-99", "0000", "9999", "9999-12-31", "0001", "FY0001", "FY9999", "FY0000", "2026-W99", "2026-W00",
    "..", "2026..", "..2026", "9999..0001", "2026-01..2026-99", "\u0968\u0966\u0968\u096c",
]  # fmt: skip
"""Given as text for every word of a request in turn."""

REQUESTS: dict[str, tuple[str, Words]] = {
    "every day there is": ("too-many-cells", ask(window=("0001-01-01", "9999-12-31"), grain="day")),
    "every month there is": ("ok", ask(window=("0001-01-01", "9999-12-31"), grain="year", limit=5)),
    "every day in many contexts": (
        "too-many-cells",
        formula(balanced_of([f"prior(bills, {n} days)" for n in range(1, 200)]), window="1900..2100", grain="day"),
    ),
    "the first day": ("ok", ask(window="0001-01-01")),
    "the last day but one": ("ok", ask(window="9999-12-30")),
    "the first year": ("ok", ask(window="0001", grain="month")),
    "the last year but one": ("ok", ask(window="9998", grain="month")),
    "the year before the first": ("bad-window", ask(window="0000")),
    "prior of the first year": ("ok", formula("prior(bills, 1 year)", window="0001", grain="month")),
    "prior of the first day": ("ok", formula("prior(bills)", window="0001-01-01", grain="day")),
    "prior by centuries": ("ok", formula("prior(bills, 9000 years)", window="2026", grain="month")),
    "next by centuries": ("ok", formula("next(bills, 9000 years)", window="2026", grain="month")),
    "trailing over centuries": ("ok", formula("trailing(bills, 9000 years)", window="2026", grain="month")),
    "ninety years earlier, ninety times": (
        "ok",
        formula("prior(" * 90 + "bills" + ", 90 years)" * 90, window="2026", grain="month"),
    ),
    "prior by many periods": ("ok", formula("prior(bills, 9999)", window="2026", grain="year")),
    "to_date of the first year": ("ok", formula("to_date(bills, year)", window="0001", grain="month")),
    "growth of the first year": ("ok", formula("growth(bills)", window="0001", grain="year")),
    "each day of all days": ("ok", formula("each(bills, day, sum)", window="1900..2100")),
    "as of the first day": ("ok", ask(window="2026", as_of="0001-01-01", grain="month")),
    "as of the last day": ("ok", ask(window="2026", as_of="9999-12-31", grain="month")),
    "as of year zero": ("bad-request", ask(window="2026", as_of="0000-01-01")),
    "as of no window": ("ok", ask(as_of="9999-12-31")),
    "ageing as of the first day": ("needs-period", ask(by="ageing", as_of="0001-01-01")),
    "ageing as of the last day": ("ok", ask(by="ageing", as_of="9999-12-31")),
    "a limit over 64 bits": ("bad-request", ask(by="status", limit=10**30)),
    "a limit of the largest integer": ("ok", ask(by="status", limit=2**63 - 1)),
    "where with an injection": ("ok", ask(by="status", where="status = '''; DROP TABLE invoices; --'")),
    "where true": ("ok", ask(where="true")),
    "where a union": ("syntax", ask(where="status = 'a' UNION SELECT 1")),
    "where a subselect": ("syntax", ask(where="status in (select 1)")),
    "where a parameter not given": ("unknown-name", ask(where="status = wanted")),
    "where a value": ("ok", ask(where="status = wanted", values={"wanted": INJECTION})),
    "where a value of a formula": ("ok", ask(where="status = wanted", values={"wanted": "open' OR 1=1 --"})),
    "where a value of NUL": ("bad-request", ask(where="status = wanted", values={"wanted": "a\0b"})),
    "where a value of half a pair": ("bad-request", ask(where="status = wanted", values={"wanted": "\ud800"})),
    "where a value of ten megabytes": ("ok", lambda: ask(where="status = wanted", values={"wanted": "x" * 10_000_000})),
    "where a huge value": ("ok", ask(where="invoices.hours = wanted", values={"wanted": 10**37})),
    "where a too huge value": ("bad-request", ask(where="invoices.hours = wanted", values={"wanted": 10**39})),
    "where a value that is nan": ("bad-request", ask(where="invoices.hours = wanted", values={"wanted": float("nan")})),
    "where a value that is infinite": (
        "bad-request",
        ask(where="invoices.hours = wanted", values={"wanted": float("inf")}),
    ),
    "where a value named as SQL": (
        "bad-request",
        ask(where="status = `x; DROP TABLE invoices`", values={"x; DROP TABLE invoices": "open"}),
    ),
    "where a value named with a quote": ("bad-request", ask(where="status = `a\"b'c`", values={"a\"b'c": "open"})),
    "where a value named as a digit": ("bad-request", ask(where="status = `1`", values={"1": "open"})),
    "where a value named in Hindi": ("bad-request", ask(where="status = `\u0939`", values={"\u0939": "open"})),
    "where a value with an odd percent": ("bad-request", ask(where="status = `%s`", values={"%s": "open"})),
    "where a value that is not used": ("ok", ask(values={"unused": INJECTION})),
    "values by the thousand": ("ok", lambda: ask(values={f"v{number}": number for number in range(1_000)})),
    "values by the hundred thousand": (
        "bad-request",
        lambda: ask(values={f"v{number}": number for number in range(100_000)}),
    ),
    "a scope with an injection": ("ok", ask(scope={"status": INJECTION})),
    "a scope named by an injection": ("unknown-dimension", ask(scope={INJECTION: "a"})),
    "a scope of nothing": ("ok", ask(scope={"status": []})),
    "a scope of missing": ("ok", ask(scope={"status": None})),
    "a scope of numbers": ("type-mismatch", ask(scope={"status": 5})),
    "a scope of dates": ("type-mismatch", ask(scope={"status": dt.date(2026, 1, 1)})),
    "a scope of NUL": ("bad-request", ask(scope={"status": "\0"})),
    "a scope of half a pair": ("bad-request", ask(scope={"status": "\ud800"})),
    "a scope of a thousand": ("ok", lambda: ask(scope={"status": [f"s{number}" for number in range(1_000)]})),
    "a scope of a hundred thousand": (
        "bad-request",
        lambda: ask(scope={"status": [f"s{number}" for number in range(100_000)]}),
    ),
    "by an injection": ("unknown-dimension", ask(by=[INJECTION])),
    "by a column": ("unknown-dimension", ask(by="invoices.status")),
    "by the same twice": ("bad-request", ask(by=["status", "status"])),
    "by a hundred thousand": ("bad-request", lambda: ask(by=[f"d{number}" for number in range(100_000)])),
    "order by an injection": ("bad-request", ask(by="status", order_by="revenue; DROP TABLE invoices")),
    "order by a number": ("bad-request", ask(by="status", order_by="1")),
    "order by a hundred thousand": ("bad-request", lambda: ask(by="status", order_by=["revenue"] * 100_000)),
    "a hundred thousand KPIs": ("bad-request", lambda: {"kpis": ["revenue"] * 100_000}),
    "a hundred thousand formulas": ("bad-request", lambda: {"kpis": {f"k{number}": "1" for number in range(20_000)}}),
    "three hundred formulas": (
        "ok",
        lambda: {"kpis": {f"k{number}": f"count(invoices where hours > {number})" for number in range(300)}},
    ),
    "totals of what is not grouped": ("bad-request", ask(by="status", totals=["segment"])),
    "having an injection": ("syntax", ask(by="status", having="revenue > 0 INR; DROP TABLE invoices")),
    "having a column": ("unknown-name", ask(by="status", having="invoices.amount > 1 INR")),
    "having a subselect": ("syntax", ask(by="status", having="(select 1) > 0")),
    "having an aggregate": ("level-mismatch", ask(by="status", having="sum(invoices.amount) > 1 INR")),
    "a KPI named by an injection": (
        "ok",
        {"kpis": {'a"; DROP TABLE invoices; --': SUM}, "order_by": 'a"; DROP TABLE invoices; --'},
    ),
    "a KPI named by a parameter": ("ok", {"kpis": {"$1": SUM}}),
    "a KPI named by a percent": ("ok", {"kpis": {"%s": SUM}}),
    "a KPI named by a format": ("ok", {"kpis": {"{0.__class__}": SUM}}),
    "a KPI named by a dunder": ("ok", {"kpis": {"__class__": SUM}}),
    "a KPI named NUL": ("bad-request", {"kpis": {"\0": SUM}}),
    "a KPI named half a pair": ("bad-request", {"kpis": {"\ud800": SUM}}),
    "a KPI named at length": ("bad-request", {"kpis": {"x" * 300: SUM}}),
    "KPIs that differ in case": ("ok", {"kpis": {"a": SUM, "A": "bills"}}),
    "KPIs alike in their first letters": ("ok", {"kpis": {"x" * 70 + "a": SUM, "x" * 70 + "b": "bills"}}),
    "a KPI named as a table": ("ok", {"kpis": {"invoices": SUM}, "by": "status"}),
    "a KPI named as a step": (
        "ok",
        {"kpis": {"answer": SUM, "periods": SUM, "invoices_month": SUM}, "window": "2026", "grain": "month"},
    ),
    "an unknown unit": ("unit-declared", {"kpis": {"a": {"formula": SUM, "unit": INJECTION}}}),
    "an unknown key of a KPI": ("bad-request", {"kpis": {"a": {"formula": SUM, "__class__": 1}}}),
    "huge numbers multiplied": ("ok", formula(f"bills * {'9' * 38} * {'9' * 38}")),
    "huge money": ("overflow", formula(f"revenue * {'9' * 38}")),
    "many digits": ("ok", formula(f"sum(invoices.hours) * {'9' * 38}")),
    "a huge power of ten": (
        "ok",
        formula("sum(invoices.hours) * 1e37 * 1e37 * 1e37 * 1e37 * 1e37 * 1e37 * 1e37 * 1e37 * 1e37"),
    ),
    "a money amount without end": (
        "overflow",
        formula("sum(invoices.amount * 99999999999999999999999999999999999999)"),
    ),
    "a number read from text": ("ok", formula("sum(number(invoices.status))")),
    "rounding to many places": ("ok", formula("round(sum(invoices.hours) / 3, 1000000000)")),
    "rounding to minus many places": ("ok", formula("round(sum(invoices.hours) / 3, -1000000000)")),
    "rounding money to many places": ("ok", formula("round(revenue, 1000000000)")),
    "rounding a count to many places": ("ok", formula("round(bills, -1000000000)")),
    "rounding over 64 bits": ("source-failed", formula(f"round(revenue, {'9' * 30})")),
    "a percentile over a hundred": ("wrong-arguments", formula("percentile(invoices.hours, 101%)")),
    "a percentile under nothing": ("wrong-arguments", formula("percentile(invoices.hours, -1%)")),
    "left of many": ("source-failed", formula(f"count(invoices where left(status, {'9' * 30}) = 'open')")),
    "left of minus many": ("source-failed", formula(f"count(invoices where left(status, -{'9' * 30}) = 'open')")),
    "left of a fraction": ("type-mismatch", formula("count(invoices where left(status, 1.5) = 'open')")),
    "days without end": ("ok", formula("count(invoices where issued_on > due_on + 999999999 days)")),
    "days over 64 bits": (
        "source-failed",
        formula("count(invoices where issued_on > due_on + 99999999999999999999 days)"),
    ),
    "months without end": ("overflow", formula("count(invoices where issued_on > due_on + 999999999 months)")),
    "years without end": ("overflow", formula("count(invoices where issued_on > due_on + 1000000000 years)")),
    "days after the last": ("ok", formula("count(invoices where issued_on > 9999-12-31 + 1 day)")),
    "days before the first": ("ok", formula("count(invoices where issued_on > 0001-01-01 - 1 day)")),
    "on a day without end": ("bad-value", formula("count(invoices on due_on + 999999999 days)")),
    "on a day after the last": ("bad-value", formula("count(invoices on due_on + 9000 years)")),
    "min of a day after the last": ("bad-value", formula("min(invoices.due_on + 9000 years)")),
    "max of a day before the first": ("bad-value", formula("max(invoices.due_on - 9000 years)")),
    "no window and a day after the last": (
        "bad-value",
        formula("count(invoices on due_on + 9000 years)", grain="year"),
    ),
    "no window and a day before the first": (
        "bad-value",
        formula("count(invoices on due_on - 9000 years)", grain="year"),
    ),
    "hours between the ends": ("ok", formula("max(hours(0001-01-01, invoices.due_on))")),
    "a duration times much": (
        "overflow",
        formula("sum((invoices.due_on - invoices.issued_on) * 99999999999999999999)"),
    ),
    "within days without end": (
        "ok",
        formula("count(customers where within(any(invoices), onboarded_on ..< onboarded_on + 999999999 days))"),
    ),
    "a rank of a rank": ("ok", formula("rank(rank(revenue))", by="status")),
    "an each of an each": ("ok", formula("each(each(bills, day, sum), month, sum)", window="2026")),
    "ninety conditions": ("ok", formula(f"count(invoices where {' or '.join(['hours > 1'] * 90)})")),
    "nine hundred arguments": ("ok", formula(f"min({','.join(['bills'] * 900)})")),
    "nine hundred texts": ("ok", formula(f"count(invoices where status in ({','.join([repr('a')] * 900)}))")),
    "eighty not": ("ok", formula(f"count(invoices where {'not ' * 80}status = 'open')")),
    "eighty abs": ("ok", formula("abs(" * 80 + "bills" + ")" * 80)),
    "five hundred aggregates": ("ok", formula(balanced_of([f"count(invoices where hours > {n})" for n in range(200)]))),
    "a hundred nested counts": (
        "ok",
        formula(balanced_of([f"count(customers where count(invoices) > {n})" for n in range(50)])),
    ),
    "a hundred overalls": (
        "ok",
        formula(balanced_of([f"overall(count(invoices where hours > {n}))" for n in range(50)]), by="status"),
    ),
    "a hundred months back": (
        "ok",
        formula(balanced_of([f"prior(bills, {n} months)" for n in range(1, 60)]), window="2026", grain="month"),
    ),
}

KNOWN: Final[frozenset[str]] = frozenset()
"""Not answered as they should be yet."""

ON_POSTGRES: Final = (
    "where with an injection", "where a value", "where a value of a formula", "a scope with an injection",
    "where a value of ten megabytes", "where a value that is not used", "where a too huge value", "a scope of nothing",
    "a scope of missing", "a scope of a thousand", "a KPI named by an injection", "a KPI named by a parameter",
    "a KPI named by a percent", "a KPI named by a format", "a KPI named as a table", "KPIs that differ in case",
    "having an injection", "order by an injection", "huge money", "a number read from text", "eighty not", "eighty abs",
    "nine hundred texts", "five hundred aggregates", "a hundred nested counts", "months without end", "ageing as of the last day",
    "a percentile over a hundred", "by a hundred thousand", "a limit of the largest integer",
    "days after the last", "days before the first", "to_date of the first year",
)  # fmt: skip
"""Those that are asked of PostgreSQL too."""
