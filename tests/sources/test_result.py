"""What an answer gives: Python values, frames, files, a table to read."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kraforge.errors import KraforgeError, SourceError
from kraforge.result import Heading, Result
from kraforge.types import BOOL, COUNT, DATE, DURATION, MISSING, NUMBER, RATIO, TEXT, TIMESTAMP, WHOLE, Type, money

INR = money("INR")
DAY, HOUR = dt.date(2026, 1, 1), dt.timedelta(hours=1)
TYPES = {
    "period": DATE, "name": TEXT, "cash": INR, "number": NUMBER, "mean": NUMBER, "ratio": RATIO, "count": COUNT, "wait": DURATION,
    "ok": BOOL, "at": TIMESTAMP, "none": MISSING,
}  # fmt: skip
ROWS: list[tuple[Any, ...]] = [
    (DAY, "ä, \"b\"", Decimal("1234.500"), Decimal("3.000"), 0.5, Decimal("0.80"), 1000, 30 * HOUR, True, dt.datetime(2026, 1, 1, 9), None),
    (dt.date(2026, 2, 1), None, None, None, None, float("nan"), 0, None, None, None, None),
]  # fmt: skip


def result(types: dict[str, Type] = TYPES, rows: Any = ROWS) -> Result:
    return Result(tuple(Heading(name, kind) for name, kind in types.items()), rows, grain="month")


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (INR, Decimal("100.250000"), "Decimal('100.25')"),
        (INR, Decimal("7"), "Decimal('7.00')"),
        (INR, 7, "Decimal('7.00')"),
        (INR, Decimal("1E+3"), "Decimal('1000.00')"),
        (INR, Decimal("0.001000"), "Decimal('0.001')"),
        (INR, 33.5, "Decimal('33.50')"),
        (INR, 2e300, f"Decimal('2{'0' * 300}.00')"),
        (INR, Decimal("1" * 36 + ".50"), f"Decimal('{'1' * 36}.50')"),
        (NUMBER, Decimal("3.000"), "Decimal('3')"),
        (NUMBER, Decimal("100"), "Decimal('100')"),
        (NUMBER, 5, "Decimal('5')"),
        (NUMBER, 2.5, "2.5"),
        (NUMBER, Decimal("NaN"), "None"),
        (NUMBER, float("inf"), "None"),
        (WHOLE, Decimal("4.0"), "4"),
        (COUNT, Decimal("12"), "12"),
        (RATIO, Decimal("0.80"), "0.8"),
        (RATIO, float("nan"), "None"),
        (DURATION, HOUR, "datetime.timedelta(seconds=3600)"),
        (DURATION, Decimal("90"), "datetime.timedelta(seconds=90)"),
        (DATE, dt.datetime(2026, 1, 1, 9), "datetime.date(2026, 1, 1)"),
        (TIMESTAMP, DAY, "datetime.datetime(2026, 1, 1, 0, 0)"),
        (BOOL, 1, "True"),
        (TEXT, "x", "'x'"),
        (TEXT, None, "None"),
    ],
)
def test_values_are_the_python_values_of_their_type(kind: Type, raw: Any, value: str) -> None:
    assert repr(result({"x": kind}, [(raw,)]).rows()[0]["x"]) == value


def test_a_date_beyond_python_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        result({"x": DATE}, [("12000-01-01",)]).rows()
    assert caught.value.code == "bad-value"


def test_rows_are_dicts_in_order() -> None:
    answer = result()
    assert len(answer) == 2
    assert list(answer) == answer.rows()
    assert list(answer.rows()[0]) == list(answer.types) == list(answer.names) == list(TYPES)
    assert answer.types["cash"] == INR


@pytest.mark.parametrize("rows", [ROWS, []])
def test_frames_have_the_types_of_the_answer(rows: Any) -> None:
    import pandas
    import polars
    import pyarrow

    table = result(rows=rows).to_arrow()
    kinds = {name: str(table.schema.field(name).type) for name in TYPES}
    assert kinds["cash"] == "decimal128(38, 2)"
    assert kinds["mean"] == ("double" if rows else "decimal128(38, 0)")
    assert {name: kinds[name] for name in ("period", "ratio", "count", "wait", "ok", "at")} == {
        "period": "date32[day]", "ratio": "double", "count": "int64", "wait": "duration[us]", "ok": "bool", "at": "timestamp[us]",
    }  # fmt: skip
    assert [tuple(row.values()) for row in table.to_pylist()] == result(rows=rows).values()
    frame = result(rows=rows).to_polars()
    assert frame.rows() == result(rows=rows).values()
    assert frame.schema["wait"] == polars.Duration("us")
    assert pyarrow.table(result(rows=rows)) == table
    data = result(rows=rows).to_pandas()
    assert isinstance(data, pandas.DataFrame)
    assert [str(data[name].dtype) for name in ("count", "ratio", "period", "wait")] == [
        "int64", "float64", "datetime64[us]", "timedelta64[us]",
    ]  # fmt: skip
    assert list(data["cash"][:1]) == [Decimal("1234.50")][: len(rows)]


def test_numbers_that_no_decimal_holds_become_doubles() -> None:
    wide = [(Decimal("1" * 37),), (Decimal("0.0001"),)]
    assert result({"x": NUMBER}, wide).to_polars()["x"].to_list() == [float("1" * 37), 0.0001]


def test_whole_numbers_beyond_64_bits_become_decimals(tmp_path: Path) -> None:
    import duckdb

    answer = result({"n": COUNT}, [(3 * 2**62,), (None,)])
    wanted = [Decimal(3 * 2**62), None]
    assert answer.to_arrow()["n"].to_pylist() == wanted
    assert answer.to_polars()["n"].to_list() == wanted
    assert list(answer.to_pandas()["n"]) == wanted
    answer.to_parquet(tmp_path / "n.parquet")
    assert duckdb.read_parquet(str(tmp_path / "n.parquet")).fetchall() == [(value,) for value in wanted]
    assert answer.rows()[0] == {"n": 3 * 2**62}


@pytest.mark.parametrize("method", ["to_arrow", "to_polars", "to_pandas", "__arrow_c_stream__"])
@pytest.mark.parametrize("wait", [dt.timedelta.min, dt.timedelta(days=300_000 * 365)])
def test_a_duration_that_no_frame_holds_is_told(method: str, wait: dt.timedelta) -> None:
    with pytest.raises(KraforgeError) as caught:
        getattr(result({"x": DURATION}, [(HOUR,), (wait,)]), method)()
    assert caught.value.code == "overflow"


def test_parquet_refuses_durations_below_zero(tmp_path: Path) -> None:
    with pytest.raises(KraforgeError) as caught:
        result({"x": DURATION}, [(None,), (-HOUR,)]).to_parquet(tmp_path / "x.parquet")
    assert caught.value.code == "unsupported"
    with pytest.raises(OSError, match="such"):
        result().to_parquet(tmp_path / "no.such" / "x.parquet")


def test_csv_and_json_are_written_for_programs(tmp_path: Path) -> None:
    to = io.StringIO()
    result().to_csv(to)
    assert to.getvalue() == (
        "period,name,cash,number,mean,ratio,count,wait,ok,at,none\n"
        '2026-01-01,"ä, ""b""",1234.50,3,0.5,0.8,1000,108000.0,true,2026-01-01T09:00:00,\n'
        "2026-02-01,,,,,,0,,,,\n"
    )
    file = tmp_path / "answer.json"
    result().to_json(file)
    rows = json.loads(file.read_text("utf-8"), parse_float=Decimal)
    assert rows[0]["cash"] == Decimal("1234.50")
    assert rows[1] == {**dict.fromkeys(TYPES), "period": "2026-02-01", "count": 0}
    to = io.StringIO()
    result(rows=[]).to_json(to)
    assert json.loads(to.getvalue()) == []


def test_parquet_comes_back_as_it_was(tmp_path: Path) -> None:
    import duckdb

    file = tmp_path / "it's.parquet"
    result().to_parquet(file)
    assert duckdb.read_parquet(str(file)).fetchall() == result().values()


def test_a_table_is_shown_to_people() -> None:
    shown = ("period", "name", "cash", "ratio", "wait")
    rows = [[value for name, value in zip(TYPES, row, strict=True) if name in shown] for row in ROWS]
    assert result({name: TYPES[name] for name in shown}, rows).table().splitlines() == [
        "period   name        cash  ratio      wait",
        "-------  ------  --------  -----  --------",
        '2026-01  ä, "b"  1,234.50  80.0%  1.2 days',
        "2026-02  –              –      –         –",
    ]


def test_a_long_answer_is_cut_when_shown() -> None:
    shown = repr(result({"n": COUNT}, [(number,) for number in range(1025)]))
    assert shown.endswith("\n… 1,005 more rows")
    assert len(shown.splitlines()) == 2 + 20 + 1


BARE = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("pyarrow", "pandas", "numpy", "polars"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
import datetime as dt
from decimal import Decimal
from kraforge.errors import KraforgeError, SourceError
from kraforge.result import Heading, Result
from kraforge.sources.open import open_sources
from kraforge.sources.tabular import open_tables
from kraforge.types import *

rows = [{"d": dt.date(2026, 1, 1), "m": Decimal("1.5"), "w": dt.timedelta(hours=1)}, {"d": None}]
with open_tables({"t": rows}, {}) as source:
    answer = source.run("SELECT * FROM t", {})
headings = (Heading("d", DATE), Heading("m", money("INR")), Heading("w", DURATION))
full = Result(headings, answer.rows)
assert full.rows() == [{"d": dt.date(2026, 1, 1), "m": Decimal("1.50"), "w": dt.timedelta(hours=1)}, dict.fromkeys("dmw")]
full.to_parquet(sys.argv[1])
for export in (full.to_arrow, full.to_polars, full.to_pandas, full.__arrow_c_stream__):
    try:
        export()
    except SourceError as error:
        assert error.code == "not-installed"
    else:
        raise AssertionError(export)
short = Result(headings[:2], [row[:2] for row in answer.rows])
with open_tables({"again": short}, {}) as source:
    assert source.run("SELECT sum(m) FROM again", {}).rows == [(Decimal("1.50"),)]
assert not {"pyarrow", "pandas", "numpy", "polars"} & set(sys.modules)
"""


def test_answers_need_no_frame_package(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARE, str(tmp_path / "x.parquet")], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
