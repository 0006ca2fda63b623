"""Periods as plain dates: retail calendars against published years, fiscal years from any day, SQL that agrees."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from typing import Any

import pytest

import kraforge as kf
from kraforge.model.declarations import WeeksGrain
from kraforge.plan import own
from kraforge.plan.periods import WEEKS, Days, fiscal_index, next_start, shift, spine, start_of
from kraforge.sql.dialects import DIALECTS, Setting

RETAIL = WeeksGrain("retail", (4, 5, 4), 1, 6, nearest=True)
DAY = dt.timedelta(days=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days_of(grain: WeeksGrain) -> Days:
    return Days(own=own.Units(own.week_units(grain)))


def years(grain: WeeksGrain) -> own.WeekYears:
    found = own.week_units(grain)[f"{grain.name}_year"]
    assert isinstance(found, own.WeekUnit)
    return found.years


def test_years_of_53_weeks_are_the_published_ones() -> None:
    """National Retail Federation, 4-5-4 calendar: 53 weeks in 2000, 2006, 2012, 2017 and 2023."""
    assert [year for year in range(2000, 2028) if years(RETAIL).weeks(year) == 53] == [2000, 2006, 2012, 2017, 2023]


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        (2006, "2006-01-29", "2007-02-03"),
        (2012, "2012-01-29", "2013-02-02"),
        (2017, "2017-01-29", "2018-02-03"),
        (2022, "2022-01-30", "2023-01-28"),
        (2023, "2023-01-29", "2024-02-03"),
        (2024, "2024-02-04", "2025-02-01"),
        (2025, "2025-02-02", "2026-01-31"),
    ],
)
def test_retail_years_begin_and_end_on_the_published_days(year: int, first: str, last: str) -> None:
    """National Retail Federation, 4-5-4 calendar."""
    ordinals = years(RETAIL).first(year), years(RETAIL).first(year + 1) - 1
    assert ordinals == (day(first).toordinal(), day(last).toordinal())


@pytest.mark.parametrize("weeks", [(4, 4, 5), (4, 5, 4), (5, 4, 4)])
@pytest.mark.parametrize(
    ("month", "ends_on", "nearest"), [(1, 6, True), (12, 7, False), (6, 5, True), (2, 4, False), (5, 1, True)]
)
def test_units_of_a_calendar_of_weeks_leave_no_day_out(
    weeks: tuple[int, int, int], month: int, ends_on: int, nearest: bool
) -> None:
    grain = WeeksGrain("own", weeks, month, ends_on, nearest)
    days = days_of(grain)
    week_years = years(grain)
    for year in range(1990, 2041):
        assert week_years.weeks(year) in (52, 53)
        low, high = (dt.date.fromordinal(week_years.first(year + i)) for i in (0, 1))
        assert (high - DAY).isoweekday() == ends_on
        middle = low + dt.timedelta(days=180 if month == 6 else 182)
        assert abs(middle.year - year) <= (month == 6)
        for unit, number in (("week", week_years.weeks(year)), ("month", 12), ("quarter", 4), ("half", 2), ("year", 1)):
            periods = spine(low, high, f"own_{unit}", days)
            assert len(periods) == number
            assert not any(period.partial for period in periods)
            assert all(first.end == second.start for first, second in itertools.pairwise(periods))
        months = [(p.end - p.start).days // 7 for p in spine(low, high, "own_month", days)]
        assert months[:11] == list(weeks * 4)[:11]
        assert months[11] == weeks[2] + week_years.weeks(year) - 52


def test_every_day_lies_in_the_period_that_its_number_gives() -> None:
    for unit in own.week_units(RETAIL).values():
        for ordinal in range(day("2016-01-01").toordinal(), day("2026-01-01").toordinal()):
            index = unit.index(dt.date.fromordinal(ordinal))
            assert unit.start(index).toordinal() <= ordinal < unit.start(index + 1).toordinal()


def test_a_shift_and_back_is_where_it_began_unless_a_week_is_lacking() -> None:
    days = days_of(RETAIL)
    for ordinal in range(day("2016-01-01").toordinal(), day("2026-01-01").toordinal()):
        bound = dt.date.fromordinal(ordinal)
        back = shift(shift(bound, -1, "year", "retail_week", days), 1, "year", "retail_week", days)
        week = own.week_units(RETAIL)["retail_week"]
        lacking = (
            years(RETAIL).year(ordinal) in (2017, 2023)
            and week.index(bound) - week.index(start_of(bound, "retail_year", days)) == 52
        )
        assert back == (start_of(bound, "retail_week", days) + 7 * DAY if lacking else bound) or (
            lacking and back == next_start(bound, "retail_year", days)
        )


def test_shifts_keep_the_order_of_bounds() -> None:
    days = days_of(RETAIL)
    for grain, unit in itertools.product(
        ("retail_week", "retail_month", "day"), ("year", "retail_year", "retail_month")
    ):
        moved = [
            shift(dt.date.fromordinal(ordinal), -1, unit, grain, days)
            for ordinal in range(day("2022-01-01").toordinal(), day("2025-06-01").toordinal())
        ]
        assert moved == sorted(moved), (grain, unit)


def test_periods_reach_the_ends_of_the_calendar() -> None:
    days = days_of(RETAIL)
    for unit in days.own.by_name:
        for edge in (dt.date.min, dt.date.max):
            assert start_of(edge, unit, days) <= edge
            next_start(edge, unit, days)


FISCAL = [
    Days(month, number)
    for month in range(1, 13)
    for number in (1, 6, 28, 29, 30, 31)
    if number <= calendar.monthrange(2001, month)[1]
]


@pytest.mark.parametrize("days", FISCAL, ids=lambda days: f"{days.year_month:02}-{days.year_day:02}")
def test_fiscal_periods_are_contiguous_and_begin_on_their_day(days: Days) -> None:
    for unit in ("quarter", "half", "year"):
        start = start_of(day("2019-06-15"), unit, days)
        for _ in range(24):
            after = next_start(start, unit, days)
            assert fiscal_index(after, unit, days) == fiscal_index(start, unit, days) + 1
            assert start_of(after - DAY, unit, days) == start
            assert start.day in (days.year_day, 1)
            assert start.day == days.year_day or (start - DAY).day < days.year_day
            start = after


@pytest.mark.parametrize("days", FISCAL, ids=lambda days: f"{days.year_month:02}-{days.year_day:02}")
def test_sql_puts_every_day_of_leap_years_and_others_into_the_same_fiscal_period(days: Days) -> None:
    duckdb = pytest.importorskip("duckdb")
    all_days = "SELECT CAST(unnest(generate_series(DATE '2019-01-01', DATE '2024-12-31', INTERVAL 1 DAY)) AS DATE) AS d"
    units = ("quarter", "half", "year")
    starts = ", ".join(DIALECTS["duckdb"].templates[f"_start_{unit}"](Setting("UTC", days), ("d",)) for unit in units)
    for at, *found in duckdb.sql(f"SELECT d, {starts} FROM ({all_days})").fetchall():
        assert found == [start_of(at, unit, days) for unit in units], at


def test_weeks_that_start_on_another_day() -> None:
    for number, unit in enumerate(WEEKS, 1):
        start = start_of(day("2024-02-29"), unit, Days())
        assert start.isoweekday() == number
        assert 0 <= (day("2024-02-29") - start).days < 7


CATALOG: dict[str, Any] = {
    "calendar": {
        "grains": {
            "retail": {"weeks": "4-5-4", "year_ends": "nearest saturday 01-31"},
            "term": {"table": "terms", "day": "day", "period": "term", "year": "year"},
        }
    },
    "tables": {
        "sales": {"key": "id", "date": "day", "columns": {"id": "text", "day": "date", "amount": "number"}},
        "terms": {"key": "day", "columns": {"day": "date", "term": "number", "year": "number"}},
    },
}


def terms(first: str, last: str) -> list[dict[str, object]]:
    low, high = day(first).toordinal(), day(last).toordinal()
    found = [dt.date.fromordinal(ordinal) for ordinal in range(low, high + 1)]
    return [{"day": each, "term": (each.month + 3) // 4, "year": each.year} for each in found]


def workspace(rows: list[dict[str, object]]) -> kf.Workspace:
    sales = [{"id": str(i), "day": each, "amount": 1} for i, each in enumerate((day("2023-03-01"), day("2024-03-01")))]
    return kf.Workspace(kf.Catalog.from_dict(CATALOG), {"sales": sales, "terms": rows})


def test_a_calendar_of_weeks_compiles_without_a_source() -> None:
    catalog = kf.Catalog.from_dict(CATALOG)
    asked = kf.compile("sum(sales.amount)", catalog, window="retail_year 2023", grain="retail_month")
    for dialect in ("duckdb", "postgres"):
        assert "2023-01-29" in asked.sql(dialect)
        assert "retail" not in asked.sql(dialect)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("sum(sales.amount)", {"window": "2023", "grain": "term"}),
        ("sum(sales.amount)", {"window": "term 2023-1"}),
        ("to_date(sum(sales.amount), term)", {"window": "2023"}),
        ("prior(sum(sales.amount), term)", {"window": "2023"}),
        ("each(sum(sales.amount), term, max)", {"window": "2023"}),
        ("trailing(sum(sales.amount), term)", {"window": "2023"}),
    ],
)
def test_a_calendar_out_of_a_table_needs_its_source(formula: str, words: dict[str, Any]) -> None:
    with pytest.raises(kf.KraforgeError) as raised:
        kf.compile(formula, kf.Catalog.from_dict(CATALOG), **words).sql()
    assert raised.value.code == "unsupported"
    assert "terms" in str(raised.value)


def test_a_table_is_read_again_for_each_request() -> None:
    rows = terms("2023-01-01", "2024-12-31")
    frame = pytest.importorskip("duckdb").connect()
    frame.execute("CREATE TABLE sales (id VARCHAR, day DATE, amount INTEGER)")
    frame.execute("INSERT INTO sales VALUES ('a', '2024-03-01', 1)")
    frame.execute("CREATE TABLE terms (day DATE, term INTEGER, year INTEGER)")
    frame.executemany("INSERT INTO terms VALUES (?, ?, ?)", [tuple(row.values()) for row in rows])
    with kf.Workspace(kf.Catalog.from_dict(CATALOG), frame) as opened:

        def starts() -> list[object]:
            asked = opened.query({"n": "count(sales)"}, window="2024", grain="term")
            return [row["period"] for row in asked.rows()]

        before = starts()
        assert before == [day("2024-01-01"), day("2024-05-01"), day("2024-09-01")]
        assert starts() == before
        frame.execute("UPDATE terms SET term = 1 WHERE year = 2024 AND term = 2")
        assert starts() == [day("2024-01-01"), day("2024-09-01")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[:40] + rows[43:], "no row for 2023-02-10 to 2023-02-12"),
        (lambda rows: [*rows, rows[40]], "2023-02-10 has 2 rows"),
        (lambda rows: [*rows[:40], {**rows[40], "term": 9}, *rows[41:]], "1 of 2023 goes on at 2023-02-11"),
        (lambda rows: [*rows[:40], {**rows[40], "term": None}, *rows[41:]], "2023-02-10 has no period"),
        (lambda rows: [*rows[:40], {**rows[40], "year": None}, *rows[41:]], "2023-02-10 has no year"),
        (lambda rows: [], "no days"),
    ],
)
def test_days_with_something_wrong_are_shown(change: Any, said: str) -> None:
    rows = change(terms("2023-01-01", "2024-12-31"))
    with workspace(rows) as opened, pytest.raises(kf.SourceError) as raised:
        opened.query({"n": "count(sales)"}, window="2024", grain="term")
    assert raised.value.code == "bad-calendar"
    assert said in str(raised.value)


def test_a_row_without_a_day_says_nothing() -> None:
    with workspace([*terms("2023-01-01", "2024-12-31"), {"day": None, "term": 1, "year": 2023}]) as opened:
        assert len(opened.query({"n": "count(sales)"}, window="2024", grain="term").rows()) == 3


@pytest.mark.parametrize(
    ("first", "last", "window", "formula", "expected"),
    [
        ("2023-01-01", "2024-06-30", "term 2024-1", "prior(count(sales), 1 year)", 1),
        ("2023-01-01", "2024-06-30", "2024-05-01..2024-06-30", "prior(count(sales), 1 year)", 0),
        ("2023-02-11", "2024-12-31", "term 2024-1", "prior(count(sales), 1 year)", None),
        ("2023-01-01", "2024-12-31", "term 2023-1", "prior(count(sales), 1 year)", None),
        ("2023-01-01", "2024-12-31", "term 2024-3", "next(count(sales))", None),
        ("2023-01-01", "2024-12-31", "term 2024-3", "prior(count(sales))", 0),
    ],
)
def test_a_shift_beyond_a_table_is_an_error_and_never_a_number(
    first: str, last: str, window: str, formula: str, expected: int | None
) -> None:
    with workspace(terms(first, last)) as opened:
        if expected is not None:
            assert opened.query({"n": formula}, window=window, grain="term").rows()[0]["n"] == expected
            return
        with pytest.raises(kf.SourceError) as raised:
            opened.query({"n": formula}, window=window, grain="term")
        assert raised.value.code == "bad-calendar"


def test_partial_flags_are_those_of_own_periods() -> None:
    with workspace(terms("2023-01-01", "2024-12-31")) as opened:
        cut = opened.query({"n": "count(sales)"}, window="2024", grain="retail_quarter")
        assert cut.partial == (True, False, False, False, True)
        assert not any(opened.query({"n": "count(sales)"}, window="2024", grain="term").partial)
        whole = opened.query({"n": "count(sales)"}, window="retail_year 2023..2024", grain="retail_quarter")
        assert not any(whole.partial)


def test_an_explanation_names_own_periods_as_written() -> None:
    with workspace(terms("2023-01-01", "2024-12-31")) as opened:
        told = str(opened.explain({"n": "prior(to_date(count(sales), retail_year), term)"}, window="2024"))
    assert "prior(to_date(count(sales), retail_year), term)" in told
    assert "1 `term` earlier" in told
    assert "from the start of the `retail_year` to the end of that period" in told


@pytest.mark.parametrize("name", ["periods", "days_of_periods"])
def test_a_table_may_be_called_what_plans_call_their_periods(name: str) -> None:
    columns = {"id": "text", "day": "date", "amount": "number"}
    catalog = kf.Catalog.from_dict({"tables": {name: {"key": "id", "date": "day", "columns": columns}}})
    with kf.Workspace(catalog, {name: [{"id": "a", "day": day("2024-01-31"), "amount": 3}]}) as opened:
        asked = opened.query({"n": f"trailing(median({name}.amount), 40 days)"}, window="2024-Q1", grain="month")
    assert [row["n"] for row in asked.rows()] == [3, 3, None]


def test_rows_are_gathered_by_weeks_that_own_periods_are_made_of() -> None:
    catalog = kf.Catalog.from_dict(CATALOG)
    sunday = kf.Catalog.from_dict({**CATALOG, "calendar": {**CATALOG["calendar"], "week_starts": "sunday"}})
    for made, step in ((catalog, "sales_week_from_sunday"), (sunday, "sales_week")):
        sql = kf.compile("count_distinct(sales.amount)", made, window="retail_year 2023", grain="retail_month").sql()
        assert "<<" in sql
        sql = kf.compile("sum(sales.amount)", made, window="retail_year 2023", grain="retail_month").sql()
        assert f'"{step}" AS' in sql


def test_rows_meet_own_periods_by_their_days_where_no_mask_holds_them() -> None:
    catalog = kf.Catalog.from_dict(CATALOG)
    for formula, listed in (("median(sales.amount)", True), ("sum(sales.amount)", False)):
        sql = kf.compile(formula, catalog, window="retail_year 2020..2023", grain="retail_month").sql()
        assert ("days_of_periods" in sql) is listed


def test_a_period_of_ones_own_is_named_where_it_is_misspelt() -> None:
    with workspace(terms("2023-01-01", "2024-12-31")) as asked, pytest.raises(kf.KraforgeError) as raised:
        asked.query({"x": "prior(sum(sales.amount), retail_yer)"}, window="retail_year 2023")
    assert raised.value.mistakes[0].hint == "did you mean 'retail_year'?"
