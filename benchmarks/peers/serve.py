"""What every peer's process does: it reads the ratios, and goes from definitions to SQL once for each line it is sent."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

Ratios = dict[str, dict[str, str]]
Loaded = TypeVar("Loaded")


def serve(load: Callable[[Ratios], Loaded], compiled: Callable[[Loaded, list[str]], str]) -> None:
    """Reads the ratios with their filters; answers each further line with CPU seconds and the SQL."""
    answers, sys.stdout = sys.stdout, sys.stderr
    ratios: Any = json.loads(sys.stdin.readline())
    names = list(ratios)
    compiled(load(ratios), names)
    for _ in sys.stdin:
        before = time.process_time()
        loaded = load(ratios)
        between = time.process_time()
        sql = compiled(loaded, names)
        seconds = {"load": between - before, "compile": time.process_time() - between}
        print(json.dumps({**seconds, "sql": sql}), file=answers, flush=True)


def condition(wanted: dict[str, str], name: str = "{column}") -> str:
    """A ratio's filter as SQL; `name` says how a column is named."""
    return " AND ".join(f"{name.replace('{column}', column)} = '{value}'" for column, value in wanted.items())
