"""Lists of dicts and CSV files: values are read as declared, and what cannot be read is shown by row and column."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kraforge.errors import SourceError
from kraforge.sources.tabular import open_tables, tables_in
from kraforge.types import BOOL, COUNT, DATE, DURATION, NUMBER, TEXT, TIMESTAMP, WHOLE, Type, money

INR = money("INR")
INDIA = dt.timezone(dt.timedelta(hours=5, minutes=30))


def read(values: Any, declared: Type | None = None) -> tuple[str, list[Any]]:
    """How one column of rows is kept, and what comes back."""
    rows = [{"n": number, "x": value} for number, value in enumerate(values)]
    with open_tables({"t": rows}, {"t": {"x": declared}} if declared else {}) as source:
        kept = source.schema("t")["x"]
        return kept.kind, [row[0] for row in source.run("SELECT x FROM t ORDER BY n", {}).rows]


@pytest.mark.parametrize(
    ("values", "declared", "kind", "back"),
    [
        ([100, "100.5", Decimal("0.125"), 100.1, None], INR, "decimal", ["100", "100.5", "0.125", "100.1", None]),
        ([10**35, Decimal("0.01")], INR, "decimal", [str(10**35), "0.01"]),
        ([Decimal("NaN"), float("inf"), 1], INR, "decimal", [None, None, "1"]),
    ],
)
def test_money_is_kept_exactly(values: list[Any], declared: Type, kind: str, back: list[str | None]) -> None:
    assert read(values, declared) == (kind, [None if text is None else Decimal(text) for text in back])


@pytest.mark.parametrize(
    ("values", "declared", "kind", "back"),
    [
        ([1, 2], None, "integer", [1, 2]),
        ([1, 2**63], None, "decimal", [1, 2**63]),
        ([1, Decimal("0.5")], None, "decimal", [1, Decimal("0.5")]),
        ([1, 0.5], None, "double", [1.0, 0.5]),
        ([Decimal("0.5"), 1.5], NUMBER, "double", [0.5, 1.5]),
        ([3.0, "4", Decimal("5.00")], COUNT, "integer", [3, 4, 5]),
        ([float("nan"), 7], WHOLE, "integer", [None, 7]),
        ([True, "False", None], BOOL, "bool", [True, False, None]),
        (["2026-01-05", dt.date(2026, 1, 6)], DATE, "date", [dt.date(2026, 1, 5), dt.date(2026, 1, 6)]),
        (["2026-01-05T09:30:00", dt.date(2026, 1, 6)], DATE, "timestamp",
         [dt.datetime(2026, 1, 5, 9, 30), dt.datetime(2026, 1, 6)]),
        (["2026-01-05 09:30", None], TIMESTAMP, "timestamp", [dt.datetime(2026, 1, 5, 9, 30), None]),
        (["2026-01-05T09:30:00+05:30"], TIMESTAMP, "instant", [dt.datetime(2026, 1, 5, 4)]),
        ([dt.datetime(2026, 1, 5, 9, 30, tzinfo=INDIA)], None, "instant", [dt.datetime(2026, 1, 5, 4)]),
        ([dt.timedelta(hours=1)], DURATION, "duration", [dt.timedelta(hours=1)]),
        (["", "a'b"], TEXT, "text", ["", "a'b"]),
        ([None, None], None, "missing", [None, None]),
    ],
)  # fmt: skip
def test_values_choose_how_a_column_is_kept(
    values: list[Any], declared: Type | None, kind: str, back: list[Any]
) -> None:
    assert read(values, declared) == (kind, back)


def test_numpy_scalars_are_read_as_what_they_are() -> None:
    import numpy

    assert read([numpy.int64(3), numpy.float64("nan")], NUMBER) == ("integer", [3, None])
    assert read([numpy.str_("a")], None) == ("text", ["a"])


def test_a_misspelt_column_that_no_row_has_is_named() -> None:
    rows = [{"id": 1, "amout": 10}, {"id": 2}]
    with pytest.raises(SourceError) as caught:
        open_tables({"t": rows}, {"t": {"amount": INR}})
    assert (caught.value.code, caught.value.mistakes[0].hint) == ("missing-column", "did you mean 'amout'?")
    with open_tables({"t": [*rows, {"amount": 5}]}, {"t": {"amount": INR}}) as source:
        assert source.run("SELECT sum(amount) FROM t", {}).rows == [(Decimal(5),)]


def test_pandas_signs_for_missing_are_missing() -> None:
    import pandas

    frame = pandas.DataFrame({"x": [1, None], "s": ["a", None], "t": [pandas.Timestamp(2026, 1, 1), None]})
    for column, values in frame.convert_dtypes().to_dict("list").items():
        assert read(values, TEXT if column == "s" else None)[1][1] is None


def test_keys_may_be_missing_and_nested_columns_are_left_out() -> None:
    with open_tables({"t": [{"a": 1}, {"b": "x", "tags": ["y"]}, {}]}, {"t": {"c": DATE}}) as source:
        assert list(source.schema("t")) == ["c", "a", "b"]
        assert source.run("SELECT a, b, c FROM t", {}).rows == [(1, None, None), (None, "x", None), (None, None, None)]


def test_an_empty_table_has_its_declared_columns() -> None:
    with open_tables({"t": []}, {"t": {"a": INR, "b": TIMESTAMP}}) as source:
        assert [kept.kind for kept in source.schema("t").values()] == ["decimal", "timestamp"]
        assert source.run("SELECT sum(a) FROM t", {}).rows == [(None,)]


def refused(data: Any, declared: Type | None) -> str:
    with pytest.raises(SourceError) as caught:
        open_tables({"t": data}, {"t": {"x": declared}} if declared else {})
    assert caught.value.code == "bad-value"
    assert caught.value.mistakes[0].place.path == "sources.t"
    return caught.value.mistakes[0].message


@pytest.mark.parametrize(
    ("values", "declared", "message"),
    [
        (["a", 1], None, "table 't', row 2, column 'x': 1 is not text"),
        ([1, "a"], None, "table 't', row 1, column 'x': 1 is not text"),
        ([1, True], NUMBER, "table 't', row 2, column 'x': True is not a number"),
        ([1, "1,000.00"], INR, "table 't', row 2, column 'x': '1,000.00' is not a number"),
        ([1, 2.5], COUNT, "table 't', row 2, column 'x': 2.5 is not a whole number"),
        (["2026-02-30"], DATE, "table 't', row 1, column 'x': '2026-02-30' is not a day of the calendar"),
        (["20260105"], DATE, "table 't', row 1, column 'x': '20260105' is not a date, written 2026-04-01"),
        ([17], TEXT, "table 't', row 1, column 'x': 17 is not text"),
        ([3], DURATION, "table 't', row 1, column 'x': 3 is not a duration"),
        ([1], BOOL, "table 't', row 1, column 'x': 1 is not true or false"),
        ([Decimal("1E40"), Decimal("0.01")], INR,
         "table 't', row 1, column 'x': Decimal('1E+40') is not a number of at most 38 digits, 2 of them decimal places as its column has"),
        ([dt.datetime(2026, 1, 5), dt.datetime(2026, 1, 5, tzinfo=INDIA)], None,
         "table 't', row 2, column 'x': datetime.datetime(2026, 1, 5, 0, 0, tzinfo=datetime.timez… is not "
         "without a time zone, as other rows are"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_shown_with_its_row(
    values: list[Any], declared: Type | None, message: str
) -> None:
    assert refused([{"x": value} for value in values], declared) == message


def test_a_row_that_is_no_mapping_is_shown() -> None:
    assert refused([{"x": 1}, [2]], None) == "table 't', row 2: [2] is not a mapping from column to value"


def read_csv(folder: Path, text: str, **declared: Type) -> tuple[dict[str, str], list[tuple[Any, ...]]]:
    file = folder / "t.csv"
    file.write_text(text, encoding="utf-8")
    with open_tables({"t": file}, {"t": declared}) as source:
        return {name: kept.kind for name, kept in source.schema("t").items()}, source.run("SELECT * FROM t", {}).rows


def test_csv_is_read_as_declared(tmp_path: Path) -> None:
    text = (
        "a,m,d,at,ok,t\n"
        "1,100.123,2026-01-05,2026-01-05T09:30:00Z,TRUE,007\n"
        ',,,,,""\n'
        '-3,5,2026-02-01,2026-01-05 10:00+05:30,false,"x, y"\n'
    )
    kinds, rows = read_csv(tmp_path, text, a=WHOLE, m=INR, d=DATE, at=TIMESTAMP, ok=BOOL, t=TEXT)
    assert kinds == {"a": "integer", "m": "decimal", "d": "date", "at": "instant", "ok": "bool", "t": "text"}
    assert rows == [
        (1, Decimal("100.123"), dt.date(2026, 1, 5), dt.datetime(2026, 1, 5, 9, 30), True, "007"),
        (None, None, None, None, None, None),
        (-3, Decimal("5"), dt.date(2026, 2, 1), dt.datetime(2026, 1, 5, 4, 30), False, "x, y"),
    ]


def test_undeclared_csv_columns_keep_what_is_written(tmp_path: Path) -> None:
    text = "code,n,x,e,d,odd\n007,12,1.50,1e3,2026-01-05,2026-02-30\n8,13,2.125,2,2026-01-06,2026-01-01\n"
    kinds, rows = read_csv(tmp_path, text)
    assert kinds == {"code": "text", "n": "integer", "x": "decimal", "e": "double", "d": "date", "odd": "text"}
    assert rows[0] == ("007", 12, Decimal("1.500"), 1000.0, dt.date(2026, 1, 5), "2026-02-30")


def test_a_late_field_decides_as_much_as_an_early_one(tmp_path: Path) -> None:
    lines = ["n,m"] + ["1,1.5"] * 30_000 + ["x,1.12345"]
    kinds, rows = read_csv(tmp_path, "\n".join(lines), m=INR)
    assert kinds == {"n": "text", "m": "decimal"}
    assert rows[-1] == ("x", Decimal("1.12345"))


@pytest.mark.parametrize(
    ("field", "declared", "message"),
    [
        ("1e4", INR, "'1e4' is not a plain number such as 1234.50"),
        ("1.5", COUNT, "'1.5' is not a whole number"),
        ("5 Jan", DATE, "'5 Jan' is not a date, written 2026-04-01"),
        ("2026-02-30", DATE, "'2026-02-30' is not a date"),
        ("yes", BOOL, "'yes' is not true or false"),
        ("n/a", NUMBER, "'n/a' is not a number"),
    ],
)
def test_a_field_that_cannot_be_read_is_shown_with_its_row(
    tmp_path: Path, field: str, declared: Type, message: str
) -> None:
    file = tmp_path / "t.csv"
    good = {"date": "2026-01-05", "bool": "true"}.get(declared.kind, "1")
    file.write_text(f"x\n{good}\n{field}\n")
    assert refused(file, declared) == f"table 't', row 2, column 'x': {message}"


@pytest.mark.parametrize("text", ["x\n1\n12,5\n", "x,y\n1\n", 'x\n"1\n', "", "x,x\n1,2\n", "x,\n1,2\n"])
def test_a_file_that_is_not_csv_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    assert refused(file, None) == "the file of table 't' is not CSV with a header row in UTF-8"


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes("x\né\n".encode("latin-1"))
    assert "UTF-8" in refused(file, None)


def test_tabs_packing_marks_and_line_ends_are_read(tmp_path: Path) -> None:
    file = tmp_path / "t.tsv.gz"
    file.write_bytes(gzip.compress('\ufeffa\tb\r\n1\tx, y\r\n\r\n2\t"line\r\nbreak"\r\n'.encode()))
    with open_tables({"t": file}, {}) as source:
        assert source.run("SELECT a, b FROM t", {}).rows == [(1, "x, y"), (2, "line\r\nbreak")]


def test_a_folder_has_its_files_by_stem(tmp_path: Path) -> None:
    for name in ("a.csv", "b.parquet", "c.txt"):
        (tmp_path / name).touch()
    assert tables_in(tmp_path) == {"a": tmp_path / "a.csv", "b": tmp_path / "b.parquet"}
    (tmp_path / "a.parquet").touch()
    with pytest.raises(SourceError) as caught:
        tables_in(tmp_path)
    assert caught.value.code == "duplicate-name"


def test_times_of_day_are_texts() -> None:
    assert read([dt.time(9, 30), None, "17:00"]) == ("text", ["09:30:00", None, "17:00"])
    assert read([dt.time(9, 30)], TEXT) == ("text", ["09:30:00"])
