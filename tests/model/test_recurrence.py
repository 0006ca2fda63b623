"""Recurrences: which rules are refused, which days they have, and that no rule takes long."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from kraforge.errors import LimitError
from kraforge.model.recurrence import days, mistake

START = dt.date(2026, 1, 1)

REFUSED = [
    "",
    "FREQ=",
    "FREQ=FORTNIGHTLY",
    "FREQ=SECONDLY",
    "FREQ=HOURLY;BYHOUR=1",
    "BYDAY=FR",
    "FREQ=WEEKLY;FREQ=DAILY",
    "FREQ=DAILY;BYHOUR=3",
    "FREQ=DAILY;BYEASTER=0",
    "FREQ=WEEKLY;BYDAY=XX",
    "FREQ=WEEKLY;BYDAY=1FR",
    "FREQ=MONTHLY;BYDAY=99FR",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=99999999999999999999",
    "FREQ=DAILY;COUNT=100000",
    "FREQ=DAILY;COUNT=2;UNTIL=20270101",
    "FREQ=DAILY;UNTIL=2027",
    "FREQ=DAILY;UNTIL=20270230",
    "FREQ=MONTHLY;BYMONTHDAY=0",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=MONTHLY;BYMONTHDAY=" + ",".join(["1"] * 200),
    "RRULE:FREQ=DAILY",
    "FREQ=DAILY\nDTSTART:19000101",
    "DTSTART=19000101;FREQ=DAILY",
]
WITHOUT_A_DAY = [
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO",
    "FREQ=DAILY;UNTIL=20251231",
    "FREQ=MONTHLY;BYDAY=6MO",
    "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
    "FREQ=YEARLY;INTERVAL=10000;BYMONTHDAY=31;BYMONTH=4",
    "FREQ=DAILY;BYSETPOS=366",
]
DUE = {
    "FREQ=WEEKLY;BYDAY=FR": ["2026-01-02", "2026-01-09", "2026-01-16"],
    "freq=weekly;byday=fr": ["2026-01-02", "2026-01-09", "2026-01-16"],
    "FREQ=MONTHLY;BYMONTHDAY=-1": ["2026-01-31", "2026-02-28", "2026-03-31"],
    "FREQ=MONTHLY;BYMONTHDAY=31": ["2026-01-31", "2026-03-31", "2026-05-31"],
    "FREQ=MONTHLY;BYDAY=-1FR": ["2026-01-30", "2026-02-27", "2026-03-27"],
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": ["2026-01-30", "2026-02-27", "2026-03-31"],
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO": ["2026-01-12", "2026-01-26", "2026-02-09"],
    "FREQ=DAILY;INTERVAL=10;COUNT=2": ["2026-01-01", "2026-01-11"],
    "FREQ=DAILY;UNTIL=20260102T235959Z": ["2026-01-01", "2026-01-02"],
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": ["2028-02-29", "2032-02-29", "2036-02-29"],
    "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO": ["2026-12-28", "2032-12-27", "2037-12-28"],
}


@pytest.mark.parametrize("rule", REFUSED)
def test_what_is_no_rule_of_days_is_refused(rule: str) -> None:
    assert mistake(rule, START) is not None


@pytest.mark.parametrize("rule", WITHOUT_A_DAY)
def test_a_rule_without_a_day_is_found_soon(rule: str) -> None:
    began = time.perf_counter()
    found = mistake(rule, START)
    assert found is not None
    assert "no day" in found[0]
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("rule", DUE)
def test_a_rule_has_its_days(rule: str) -> None:
    assert mistake(rule, START) is None
    assert [str(day) for day in days(rule, START, START, dt.date(2040, 12, 31))[:3]] == DUE[rule]


def test_days_are_counted_from_the_start_and_given_from_low_to_high() -> None:
    rule = "FREQ=DAILY;INTERVAL=2"
    assert days(rule, START, dt.date(2026, 3, 1), dt.date(2026, 3, 5)) == tuple(dt.date(2026, 3, d) for d in (2, 4))


def test_nothing_is_due_before_the_start_and_after_the_last() -> None:
    rule = "FREQ=DAILY;COUNT=3"
    assert days(rule, START, dt.date(2020, 1, 1), dt.date(2025, 12, 31)) == ()
    assert days(rule, START, dt.date(2026, 1, 3), dt.date(2199, 12, 31)) == (dt.date(2026, 1, 3),)


def test_too_many_days_are_refused() -> None:
    with pytest.raises(LimitError, match="more than 10,000 days"):
        days("FREQ=DAILY", START, START, dt.date(2199, 12, 31))


def test_a_start_long_ago_is_passed() -> None:
    assert len(days("FREQ=DAILY", dt.date(1900, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 12, 31))) == 365


def test_a_start_before_all_time_is_refused() -> None:
    with pytest.raises(LimitError, match="more than 120,000 days"):
        days("FREQ=DAILY", dt.date(1, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 12, 31))
