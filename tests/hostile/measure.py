"""What an input may cost, and what may come of it: a value, or one of the library's own errors."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from attrs import frozen

from kraforge.errors import CODES, KraforgeError

NOISE = 2
SECONDS = 0.25 * NOISE
BYTES = 64 * 1024**2
TRIES = 3


@frozen
class Outcome:
    """What came of an input: `ok` with a value or the code of an error; the least processor time and the peak of memory."""

    code: str
    value: Any
    error: KraforgeError | None
    seconds: float
    bytes: int


def outcome(run: Callable[[], Any]) -> Outcome:
    """Runs it up to three times for its time, once for its memory. What is not ours is not caught."""
    seconds = float("inf")
    for _ in range(TRIES):
        start = time.process_time()
        code, value, error = _tried(run)
        seconds = min(seconds, time.process_time() - start)
        if seconds < SECONDS / 2:
            break
    tracemalloc.start()
    try:
        _tried(run)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return Outcome(code, value, error, seconds, peak)


def _tried(run: Callable[[], Any]) -> tuple[str, Any, KraforgeError | None]:
    try:
        return "ok", run(), None
    except KraforgeError as error:
        return error.code, None, error


def bounded(run: Callable[[], Any], expected: str | None, most: float = SECONDS) -> Outcome:
    """Asserts that an input has this code, or any, in time and memory, told briefly and without another library's traceback."""
    found = outcome(run)
    assert expected in (None, found.code), str(found.error or found.value)[:1_000]
    assert found.seconds < most
    assert found.bytes < BYTES
    if found.error is not None:
        assert all(mistake.code in CODES for mistake in found.error.mistakes)
        assert found.code != "internal"
        assert found.error.__cause__ is None
        assert found.error.__context__ is None or found.error.__suppress_context__
        assert len(str(found.error)) < 2_000 * min(100, len(found.error.mistakes))
        assert all(c.isprintable() or c == "\n" for c in str(found.error)), repr(str(found.error))
    return found
