"""What holds of every source, whatever is behind it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from givens import CATALOG, COLUMNS, GIVENS, ROWS

from kraforge.errors import KraforgeError, LimitError, SourceError
from kraforge.limits import Limits
from kraforge.sources.open import Home, Sources, open_sources
from kraforge.sources.source import Source, Ticket, check_unique, quoted

SLOW = {
    "duckdb": "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range % 7 = b.range % 3",
    "postgres": "SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 100000) b WHERE a % 7 = b % 3",
}


@pytest.fixture(params=GIVENS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sources]:
    address = request.getfixturevalue("postgres_address") if request.param == "postgres" else ""
    with GIVENS[request.param](tmp_path, address) as given, open_sources(given, CATALOG) as sources:
        yield sources


@pytest.fixture
def home(opened: Sources) -> Home:
    return opened.homes["bills"]


@pytest.fixture
def source(home: Home) -> Source:
    return home.source


def scan(home: Home) -> str:
    return quoted(*home.source.name(home.table))


def test_it_is_a_source(source: Source) -> None:
    assert isinstance(source, Source)
    assert source.dialect in ("duckdb", "postgres")


def test_tables_lists_what_can_be_asked(home: Home) -> None:
    assert home.table in home.source.tables()


def test_columns_are_kept_as_declared(home: Home) -> None:
    kinds = {name: storage.kind for name, storage in home.columns.items()}
    exact = {"decimal", "double"}
    assert kinds.pop("day") in ("date", "timestamp")
    assert kinds.pop("weight") in exact
    assert kinds.pop("score") in exact
    assert kinds == {
        "id": "text",
        "units": "integer",
        "amount": "decimal",
        "at": "timestamp",
        "paid": "bool",
        'Note, "quoted"': "text",
    }


def test_rows_come_back_as_they_were(home: Home) -> None:
    columns = ", ".join(quoted(home.names[name]) for name in COLUMNS)
    answer = home.source.run(f"SELECT {columns} FROM {scan(home)} ORDER BY id", {})
    assert answer.columns == tuple(COLUMNS)
    assert [storage.kind for storage in answer.storage] == [home.columns[name].kind for name in COLUMNS]
    days = [tuple(v.date() if n == "day" and isinstance(v, dt.datetime) else v for n, v in zip(COLUMNS, row, strict=True))
            for row in answer.rows]  # fmt: skip
    assert days == ROWS


def test_money_is_summed_exactly(home: Home) -> None:
    ((total,),) = home.source.run(f"SELECT sum(amount) FROM {scan(home)}", {}).rows
    assert isinstance(total, Decimal)
    assert total == Decimal("100.24")


def test_parameters_are_bound_never_read(home: Home) -> None:
    sql = f'SELECT id, \'$who\' AS "$who" FROM {scan(home)} WHERE id = $who OR amount = $amount OR "day" > $day'
    hostile = {"who": "I1' OR '1' = '1", "amount": Decimal("-0.01"), "day": dt.date(2026, 12, 31)}
    answer = home.source.run(sql, hostile)
    assert answer.columns == ("id", "$who")
    assert answer.rows == [("I2", "$who")]


def test_no_rows_still_have_columns(home: Home) -> None:
    answer = home.source.run(f"SELECT id, units FROM {scan(home)} WHERE id = 'none'", {})
    assert (answer.columns, answer.rows) == (("id", "units"), [])


def test_points_in_time_come_back(source: Source) -> None:
    ((value,),) = source.run("SELECT CAST('2026-01-01T05:30:00+05:30' AS timestamptz) AS t", {}).rows
    assert value.replace(tzinfo=None) == dt.datetime(2026, 1, 1)


def test_a_table_that_is_not_there_is_named_with_the_nearest(source: Source) -> None:
    with pytest.raises(SourceError) as caught:
        source.schema("bill")
    assert caught.value.code == "missing-table"
    assert caught.value.mistakes[0].hint == "did you mean 'bills'?"


def failure(source: Source, sql: str, limits: Limits | None = None) -> str:
    """The code of the error, after which the source must still answer."""
    with pytest.raises(KraforgeError) as caught:
        source.run(sql, {}, limits=limits)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    assert source.run("SELECT 1 AS x", {}).rows == [(1,)]
    return caught.value.code


def test_failures_are_told_in_the_librarys_own_errors(source: Source) -> None:
    assert failure(source, "SELECT CAST('x' AS integer) AS x") == "bad-value"
    assert failure(source, "SELECT CAST('2026-02-30' AS date) AS x") == "bad-value"
    assert failure(source, "SELECT CAST(9223372036854775807 AS bigint) + CAST(1 AS bigint) AS x") == "overflow"
    assert failure(source, "SELECT CAST(12345 AS numeric(4, 2)) AS x") == "overflow"
    assert failure(source, "SELECT nothing FROM nowhere") == "source-failed"
    assert failure(source, "SELECT FROM WHERE") == "source-failed"


def test_an_answer_with_too_many_rows_is_refused(home: Home) -> None:
    sql = f"SELECT id FROM {scan(home)}"
    assert failure(home.source, sql, Limits(rows=2)) == "too-many-rows"
    assert len(home.source.run(sql, {}, limits=Limits(rows=3)).rows) == 3


def test_a_statement_is_stopped_when_its_time_is_over(source: Source) -> None:
    begun = time.monotonic()
    with pytest.raises(LimitError) as caught:
        source.run(SLOW[source.dialect], {}, limits=Limits(seconds=0.2))
    assert caught.value.code == "out-of-time"
    assert time.monotonic() - begun < 5
    assert source.run("SELECT 1 AS x", {}).rows == [(1,)]


def test_a_ticket_stops_a_statement(source: Source) -> None:
    ticket = Ticket()
    threading.Timer(0.2, ticket.cancel).start()
    with pytest.raises(SourceError) as caught:
        source.run(SLOW[source.dialect], {}, ticket=ticket)
    assert caught.value.code == "cancelled"
    assert source.run("SELECT 1 AS x", {}).rows == [(1,)]


def test_threads_do_not_disturb_each_other(home: Home) -> None:
    sql = f"SELECT units, $n AS n FROM {scan(home)} WHERE id = $id"

    def ask(n: int) -> bool:
        return home.source.run(sql, {"n": str(n), "id": "I1" if n % 2 else "I2"}).rows == [(3 if n % 2 else 4, str(n))]

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(ask, range(120)))


def test_a_key_that_repeats_is_shown(home: Home) -> None:
    check_unique(home.source, home.table, ["id"])
    check_unique(home.source, home.table, ["units", "amount"])
    twice = f"(SELECT * FROM {scan(home)} UNION ALL SELECT * FROM {scan(home)} WHERE id = 'I2') t"
    with pytest.raises(SourceError) as caught:
        check_unique(home.source, home.table, ["id"], scan=twice)
    assert caught.value.code == "duplicate-key"
    assert caught.value.mistakes[0].notes == ("for example I2 (2 rows)",)


def test_what_is_closed_answers_no_more(opened: Sources) -> None:
    opened.close()
    with pytest.raises(SourceError) as caught:
        opened.homes["bills"].source.run("SELECT 1 AS x", {})
    assert caught.value.code == "source-unreachable"


def test_what_is_closed_while_it_is_busy_says_so(opened: Sources, home: Home) -> None:
    asks = [SLOW[home.source.dialect]] + [f"SELECT count(*) AS n FROM {scan(home)}"] * 3

    def ask(sql: str) -> str:
        while True:
            try:
                home.source.run(sql, {})
            except KraforgeError as error:
                return error.code

    with ThreadPoolExecutor(4) as pool:
        told = [pool.submit(ask, sql) for sql in asks]
        time.sleep(0.2)
        opened.close()
        assert {done.result(10) for done in told} == {"source-unreachable"}


def test_answers_of_any_source_are_stitched_in_the_embedded_one(opened: Sources, home: Home) -> None:
    answer = home.source.run(
        f'SELECT id, sum(amount) AS a, count(*) AS n, max("at") AS m FROM {scan(home)} GROUP BY id', {}
    )
    stitched = opened.engine().run(
        "SELECT id, a, n, m FROM part WHERE n = $n ORDER BY id", {"n": 1}, given={"part": answer}
    )
    assert stitched.rows == sorted(answer.rows)
