"""Rows as CSV and JSON, for programs."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TextIO


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], to: TextIO) -> None:
    """Rows as CSV with a header. A missing value is an empty field, a duration its seconds, a ratio a fraction."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_plain(row[name]) for name in columns] for row in rows)


def write_json(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], to: TextIO) -> None:
    """Rows as a JSON list of objects, one a line. Money is a number with all its digits, a duration its seconds."""
    to.write("[")
    for number, row in enumerate(rows):
        fields = ", ".join(f"{json.dumps(name)}: {_json(row[name])}" for name in columns)
        to.write(f"{',' if number else ''}\n  {{{fields}}}")
    to.write("\n]\n")


def _plain(value: Any) -> Any:
    match value:
        case dt.timedelta():
            return value.total_seconds()
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case _:
            return value


def _json(value: Any) -> str:
    match value:
        case Decimal():
            return f"{value:f}"
        case dt.timedelta():
            return json.dumps(value.total_seconds())
        case dt.date():
            return json.dumps(value.isoformat())
        case _:
            return json.dumps(value, ensure_ascii=False)
