"""Stops statements whose time is over, with one thread for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Thread
from time import monotonic
from typing import Final

from attrs import define, field

_AGAIN: Final = 0.05
"""Seconds after which a statement is told again: the first time may have hit the gap between two statements."""
_LONGEST: Final = 3600.0
"""Seconds that the thread sleeps at most; a lock cannot wait for ever."""


@define(eq=False)
class Deadlines:
    """What has to end, and when. A thread looks after them from the first one on, until there are none.

    It sleeps until the earliest that it has seen. One that is over before does not wake it, and a later one need not:
    many short statements in a row cost it nothing.
    """

    _changed: Condition = field(factory=Condition, init=False)
    _due: dict[object, tuple[float, Callable[[], None]]] = field(factory=dict, init=False)
    _wake: float | None = field(default=None, init=False)
    """When the thread looks next; None where there is no thread."""

    @contextmanager
    def within(self, seconds: float, stop: Callable[[], None]) -> Iterator[None]:
        """While the block runs, `stop` is called once its time is over; never after the block has ended."""
        token = object()
        due = monotonic() + seconds
        with self._changed:
            if self._wake is None:
                Thread(target=self._watch, name="kraforge deadlines", daemon=True).start()
                self._wake = due
            self._due[token] = due, stop
            if due < self._wake:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._due.pop(token, None)

    def close(self) -> None:
        """Forget all of them and end the thread."""
        with self._changed:
            self._due.clear()
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while self._due:
                now = monotonic()
                for token, (due, stop) in self._due.items():
                    if due <= now:
                        with suppress(Exception):  # a connection that the host closed meanwhile
                            stop()
                        self._due[token] = now + _AGAIN, stop
                self._wake = min(now + _LONGEST, *(due for due, _ in self._due.values()))
                self._changed.wait(self._wake - now)
            self._wake = None
