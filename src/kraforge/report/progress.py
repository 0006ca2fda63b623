"""Signs of life on a terminal while something takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

PATIENCE = 1.0


@contextmanager
def working(what: str) -> Iterator[None]:
    """Says on stderr what is going on and for how long, from the second second on; silent where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield
        return
    done = Event()
    thread = Thread(target=_tell, args=(what, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _tell(what: str, done: Event) -> None:
    start = time.monotonic()
    if done.wait(PATIENCE):
        return
    while True:
        sys.stderr.write(f"\r{what} … {time.monotonic() - start:.0f} s")
        sys.stderr.flush()
        if done.wait(0.5):
            break
    sys.stderr.write("\r\x1b[K")
    sys.stderr.flush()
