"""Puts given rows into PostgreSQL, typed as the catalog declares them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kraforge.model.declarations import Declarations, Table

KINDS = {
    "text": "text",
    "bool": "boolean",
    "date": "date",
    "duration": "interval",
    "money": "numeric",
    "missing": "text",
}


def statements(declarations: Declarations, given: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """SQL that makes the tables of a catalog and fills them."""
    parts = []
    for name, table in declarations.tables.items():
        if table.members or table.made:
            continue
        rows = given.get(name, ())
        columns = dict.fromkeys([*table.columns, *(column for row in rows for column in row)])
        typed = {column: _typed(table, column, [row.get(column) for row in rows]) for column in columns}
        listed = ", ".join(f'"{column}" {kind}' for column, (kind, _) in typed.items())
        parts.append(f'CREATE TABLE "{name}" ({listed})')
        filled = zip(*(values for _, values in typed.values()), strict=True)
        parts += [f'INSERT INTO "{name}" VALUES ({", ".join(map(_literal, row))})' for row in filled]
    return ";\n".join(parts)


def _typed(table: Table, name: str, values: list[Any]) -> tuple[str, list[Any]]:
    """The type of a column and its values."""
    declared = table.columns.get(name)
    kind = declared.type.kind if declared else _kind(values)
    present = [value for value in values if value is not None]
    if kind == "timestamp":
        moments = [dt.datetime.fromisoformat(v) if isinstance(v, str) else v for v in values]
        aware = any(isinstance(v, dt.datetime) and v.tzinfo for v in moments)
        return "timestamptz" if aware else "timestamp", moments
    if kind in KINDS:
        return KINDS[kind], values
    if any(isinstance(value, float) for value in present):
        return "double precision", values
    if all(isinstance(value, int) and abs(value) < 2**63 for value in present):
        return "bigint", values
    return "numeric", values


def _kind(values: Iterable[Any]) -> str:
    found = {type(value) for value in values} - {type(None)}
    for type_, kind in ((str, "text"), (bool, "bool"), (dt.datetime, "timestamp"), (dt.date, "date")):
        if type_ in found:
            return kind
    return "number"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, float):
        return f"'{value!r}'::double precision"
    if isinstance(value, dt.timedelta):
        return f"interval '{value.total_seconds()!r} seconds'"
    shown = value.isoformat() if isinstance(value, dt.date) else str(value)
    return "'" + shown.replace("'", "''") + "'"
