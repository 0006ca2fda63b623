"""Reads the files of cases."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from attrs import frozen
from ruamel.yaml import YAML

HOME = Path(__file__).parent
WORDS = {
    "kpis", "window", "grain", "by", "where", "having", "scope", "as_of", "order_by", "limit", "totals", "sparse", "values", "known_at",
}  # fmt: skip
OWN = {"name", "note", "formula", "expect", "error", "warning", "catalog", "given", "types"}


@frozen(eq=False)
class Case:
    """One request with what it gives: rows, or the code of an error."""

    file: str
    name: str
    catalog: Mapping[str, Any]
    given: Mapping[str, Any]
    request: Mapping[str, Any]
    rows: list[dict[str, Any]] | None
    error: str | None
    types: Mapping[str, str]
    warning: str | None = None

    @property
    def id(self) -> str:
        return f"{self.file}: {self.name}"


def files() -> list[Path]:
    return sorted(HOME.glob("*.yaml"))


def cases(path: Path) -> Iterator[Case]:
    """The cases of a file."""
    content = load(path)
    for entry in content["cases"]:
        unknown = set(entry) - WORDS - OWN
        assert not unknown, f"{path.name}, {entry['name']}: what is {unknown}?"
        catalog = joined(catalog_of(content["catalog"]), entry.get("catalog", {}))
        given = {**content.get("given", {}), **entry.get("given", {})}
        given = {table: line(rows) if isinstance(rows, str) else rows for table, rows in given.items()}
        request = {word: written(entry[word]) for word in WORDS if word in entry}
        if "formula" in entry:
            request["kpis"] = {"value": expanded(entry["formula"])}
        rows = rows_of(entry["expect"], request) if "expect" in entry else None
        outcome = rows, entry.get("error"), entry.get("types", {}), entry.get("warning")
        yield Case(path.stem, entry["name"], catalog, given, request, *outcome)


def expanded(formula: str) -> str:
    """Long formulas, written short: `REPEAT 3 x`, joined by plus signs, `NEST 3 x`, in brackets, `LIST 3 x`, compared."""
    if found := re.fullmatch(r"(REPEAT|NEST|LIST) (\d+) (.*)", formula):
        kind, count, part = found[1], int(found[2]), found[3]
        if kind == "LIST":
            return f"max({', '.join([part] * count)})"
        return " + ".join([part] * count) if kind == "REPEAT" else "(" * count + part + " + 0)" * count
    return formula


def line(rows: str) -> list[dict[str, Any]]:
    """Rows written short: `LINE 150 id manager_id` has each row below the one before."""
    _, count, key, parent = rows.split()
    names = [None, *(f"n{number:03}" for number in range(1, int(count) + 1))]
    return [{key: name, parent: above} for above, name in itertools.pairwise(names)]


def written(word: Any) -> Any:
    """Dates and years of a request as users write them: text."""
    if isinstance(word, list):
        return [written(part) for part in word]
    if isinstance(word, int) and not isinstance(word, bool) and word > 1900:
        return str(word)
    return word.isoformat() if isinstance(word, dt.date) else word


def load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def catalog_of(written: Any) -> Mapping[str, Any]:
    return load(HOME / "catalogs" / f"{written}.yaml") if isinstance(written, str) else written


def joined(base: Any, more: Any) -> Any:
    """Two mappings as one, level by level."""
    if isinstance(base, Mapping) and isinstance(more, Mapping):
        return {key: joined(base.get(key), more[key]) if key in more else base[key] for key in {**base, **more}}
    return base if more is None else more


def rows_of(expect: Any, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The expected rows as mappings."""
    kpis = list(request["kpis"])
    by = request.get("by", [])
    names = [*([by] if isinstance(by, str) else by), *(["period"] if request.get("grain") else []), *kpis]
    if not isinstance(expect, list):
        return [{kpis[0]: expect}]
    rows = []
    for row in expect:
        if isinstance(row, Mapping):
            rows.append(dict(row))
        elif isinstance(row, list):
            rows.append(dict(zip(names, row, strict=True)))
        else:
            rows.append({kpis[0]: row})
    return rows


def difference(expected: list[dict[str, Any]], actual: list[dict[str, Any]]) -> str | None:
    """How two answers differ, None where they agree; only the columns that are expected count."""
    if len(expected) != len(actual):
        return f"{len(expected)} rows expected, {len(actual)} given"
    for number, (wanted, given) in enumerate(zip(expected, actual, strict=True), 1):
        for name, value in wanted.items():
            if name not in given:
                return f"row {number} has no {name}"
            if not equal(value, given[name]):
                return f"row {number}, {name}: {value!r} expected, {given[name]!r} given"
    return None


def equal(wanted: Any, given: Any) -> bool:
    """Exactly, floating point to 1e-9 relative; missing only equals missing."""
    if wanted is None or given is None:
        return wanted is None and given is None
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    if isinstance(given, dt.timedelta) or isinstance(wanted, dt.timedelta):
        return abs(duration(wanted) - duration(given)) <= dt.timedelta(microseconds=2)
    if isinstance(given, dt.datetime):
        wanted = dt.datetime.fromisoformat(wanted) if isinstance(wanted, str) else wanted
        return wall(wanted) == wall(given)
    if isinstance(given, int | float | Decimal):
        exact = Fraction(str(wanted)) if isinstance(wanted, str | float | Decimal) else Fraction(wanted)
        if isinstance(wanted, float) or isinstance(given, float) or "/" in str(wanted):
            return abs(Fraction(given) - exact) <= Fraction(1, 10**9) * max(abs(exact), Fraction(1, 10**6))
        return exact == Fraction(given)
    return bool(wanted == given)


def duration(value: Any) -> dt.timedelta:
    """A duration, 0, or one written like `36 hours`."""
    if isinstance(value, dt.timedelta):
        return value
    number, _, unit = str(value).partition(" ")
    seconds = {"": 1, "second": 1, "minute": 60, "hour": 3600, "day": 86400}[unit.removesuffix("s")]
    return dt.timedelta(seconds=float(number) * seconds)


def wall(value: dt.datetime | dt.date) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return value.replace(tzinfo=None)
