"""Frames, with and without the packages that other readers of frames ask for."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal

import pytest

from kraforge.errors import SourceError, UnsupportedError
from kraforge.sources.tabular import open_tables

WITHOUT_ARROW = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "pyarrow":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
import datetime as dt
from decimal import Decimal
import pandas, polars
from kraforge.sources.tabular import open_tables

at = pandas.to_datetime(["2026-01-01T09:00:00", None])
objects = pandas.DataFrame({"a": [1, 2], "m": [Decimal("1.50"), None], "d": [dt.date(2026, 1, 1), None], "s": ["x", None], "t": at})
plain = pandas.DataFrame({"a": [1, 2], "s": ["x", None], "t": at, "z": at.tz_localize("Asia/Kolkata"), "f": [0.5, float("nan")]})
labels = polars.DataFrame({"a": [1], "s": ["x"]}, schema_overrides={"s": polars.Categorical})
with open_tables({"o": objects, "p": plain, "l": labels}, {}) as source:
    kinds = {name: [kept.kind for kept in source.schema(name).values()] for name in "opl"}
    assert kinds == {
        "o": ["integer", "decimal", "date", "text", "timestamp"],
        "p": ["integer", "text", "timestamp", "instant", "double"],
        "l": ["integer", "text"],
    }, kinds
    nine = dt.datetime(2026, 1, 1, 9)
    assert source.run("SELECT * FROM o", {}).rows == [(1, Decimal("1.50"), nine.date(), "x", nine), (2, None, None, None, None)]
    rows = source.run("SELECT a, s, t, z FROM p", {}).rows
    assert rows == [(1, "x", nine, dt.datetime(2026, 1, 1, 3, 30)), (2, None, None, None)], rows
    assert source.run("SELECT * FROM l WHERE CAST(s AS VARCHAR) = 'x'", {}).rows == [(1, "x")]
assert "pyarrow" not in sys.modules
"""


def test_frames_are_read_without_pyarrow() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_ARROW], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_frame_of_python_objects_is_copied_and_others_are_seen_in_place() -> None:
    import pandas

    plain = pandas.DataFrame({"a": [1, 2]})
    objects = pandas.DataFrame({"a": pandas.Series([Decimal(1), Decimal(2)], dtype=object)})
    with open_tables({"plain": plain, "objects": objects}, {}) as source:
        for frame in (plain, objects):
            frame.loc[0, "a"] = 10
        assert source.run("SELECT sum(a) FROM plain", {}).rows == [(12,)]
        assert source.run("SELECT sum(a) FROM objects", {}).rows == [(Decimal(3),)]


def test_a_producer_that_fails_is_told_as_an_error_of_the_source() -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object = None) -> object:
            raise ValueError("no rows today")

    with pytest.raises(SourceError) as caught:
        open_tables({"t": Broken()}, {})
    assert caught.value.code == "source-unreachable"
    assert "no rows today" in str(caught.value)


def test_an_arrow_table_keeps_its_exact_types() -> None:
    import pyarrow

    table = pyarrow.table(
        {
            "m": pyarrow.array([Decimal("1.10"), None], pyarrow.decimal128(12, 2)),
            "d": pyarrow.array([dt.date(2026, 1, 1), None], pyarrow.date32()),
            "w": pyarrow.array([dt.timedelta(hours=1), None], pyarrow.duration("us")),
            "t": pyarrow.array([dt.datetime(2026, 1, 1), None], pyarrow.timestamp("ns")),
            "k": pyarrow.array(["x", None]).dictionary_encode(),
        }
    )
    with open_tables({"t": table}, {}) as source:
        assert {name: kept.kind for name, kept in source.schema("t").items()} == {
            "m": "decimal", "d": "date", "w": "duration", "t": "timestamp", "k": "text",
        }  # fmt: skip
        first = (Decimal("1.10"), dt.date(2026, 1, 1), dt.timedelta(hours=1), dt.datetime(2026, 1, 1), "x")
        assert source.run("SELECT * FROM t", {}).rows == [first, (None,) * 5]


def test_a_column_of_a_type_that_duckdb_lacks_is_named() -> None:
    import pandas
    import pyarrow

    wide = pyarrow.table({"w": pyarrow.array([Decimal(1)], pyarrow.decimal256(50, 2)), "n": [1]})
    months = pandas.DataFrame({"n": [1, 2], "p": pandas.period_range("2026-01", periods=2, freq="M")})
    for frame, name in ((wide, "w"), (months, "p"), (pyarrow.RecordBatchReader.from_batches(wide.schema, []), "")):
        with pytest.raises(UnsupportedError) as caught:
            open_tables({"t": frame}, {})
        assert caught.value.code == "unsupported"
        assert f"cannot be read ({name})" in str(caught.value) or not name
