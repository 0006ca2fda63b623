"""One thread that ends what takes too long, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from kraforge.errors import KraforgeError
from kraforge.limits import Limits
from kraforge.sources.connect import connect
from kraforge.sources.deadlines import Deadlines

SLOW = "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range % 7 = b.range % 3"


@pytest.fixture
def watching() -> Callable[[], int]:
    """How many threads of deadlines there are that were not there before."""
    before = set(threading.enumerate())

    def count() -> int:
        return sum(thread.name == "kraforge deadlines" for thread in set(threading.enumerate()) - before)

    return count


def gone(watching: Callable[[], int]) -> bool:
    end = time.monotonic() + 5
    while watching() and time.monotonic() < end:
        time.sleep(0.01)
    return not watching()


def test_the_earliest_is_told_first_and_what_has_ended_never(watching: Callable[[], int]) -> None:
    told = []
    deadlines = Deadlines()
    with deadlines.within(60, lambda: told.append("long")):
        with deadlines.within(0.05, lambda: told.append("short")):
            time.sleep(0.02)
        time.sleep(0.1)
        assert told == []
        with deadlines.within(0.05, lambda: told.append("second")):
            time.sleep(0.3)
        count = len(told)
        assert set(told) == {"second"}
        assert count > 1  # told again, for as long as it does not end
        time.sleep(0.1)
        assert len(told) == count
        assert watching() == 1
    deadlines.close()
    assert gone(watching)


def test_a_stop_that_fails_leaves_the_others_watched(watching: Callable[[], int]) -> None:
    told = threading.Event()

    def fail() -> None:
        raise ValueError("closed by its owner")

    deadlines = Deadlines()
    with deadlines.within(0.02, fail), deadlines.within(0.1, told.set):
        assert told.wait(5)
    deadlines.close()
    assert gone(watching)


def test_times_without_end_are_waited_for(watching: Callable[[], int]) -> None:
    deadlines = Deadlines()
    with deadlines.within(float("inf"), lambda: None), deadlines.within(1e300, lambda: None):
        time.sleep(0.05)
        assert watching() == 1
    deadlines.close()
    assert gone(watching)


def test_threads_are_stopped_each_at_its_own_time(watching: Callable[[], int]) -> None:
    def ask(number: int) -> tuple[str, float]:
        begun = time.monotonic()
        if number % 3:
            for n in range(100):
                assert source.run("SELECT $n AS n", {"n": n}, limits=Limits(seconds=60 + number)).rows == [(n,)]
            return "answered", 0
        try:
            source.run(SLOW, {}, limits=Limits(seconds=0.1 + number / 30))
        except KraforgeError as error:
            return error.code, time.monotonic() - begun - (0.1 + number / 30)
        raise AssertionError(number)

    with (
        duckdb.connect(":memory:", config={"threads": 2}) as host,
        connect(host) as source,
        ThreadPoolExecutor(6) as pool,
    ):
        found = list(pool.map(ask, range(12)))
    assert [code for code, _ in found] == ["out-of-time" if n % 3 == 0 else "answered" for n in range(12)]
    assert all(0 <= late < 3 for code, late in found if code == "out-of-time")
    assert gone(watching)


def test_one_thread_serves_many_statements_and_ends_with_its_source(watching: Callable[[], int]) -> None:
    with duckdb.connect(":memory:") as host:
        with connect(host) as source:
            for number in range(50):
                source.run("SELECT $n AS n", {"n": number})
            assert watching() == 1
        assert gone(watching)
