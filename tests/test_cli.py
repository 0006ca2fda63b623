"""The commands: what they print and where, their exit codes, and how they behave in a pipe."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kraforge.cli import main
from kraforge.packs import demo
from kraforge.report import progress

Ask = Callable[..., str]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo.write(tmp_path_factory.mktemp("company"), demo.tables(invoices=400))


@pytest.fixture
def ask(company: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def run(*words: str) -> str:
        code = main(["query", str(company / "catalog.yaml"), *words, "--data", str(company)])
        shown = capsys.readouterr()
        assert (code, shown.err) == (0, "")
        return str(shown.out)

    return run


def test_query_shows_a_table(ask: Ask) -> None:
    lines = ask("revenue", "retention", "shipments", "--window", "2026-Q1", "--grain", "month").splitlines()
    assert lines[0].split() == ["period", "revenue", "retention", "shipments"]
    assert [line.split()[0] for line in lines[2:]] == ["2026-01", "2026-02", "2026-03"]
    assert all(line.split()[2].endswith("%") for line in lines[2:])


def test_query_writes_csv(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("revenue", "--by", "team", "--window", "2026-Q1", "--format", "csv"))))
    assert {"North", "West", ""} <= {row["team"] for row in rows}
    assert all(float(row["revenue"]) > 0 for row in rows)


def test_query_writes_json_with_all_digits_of_money(ask: Ask) -> None:
    text = ask("revenue", "collection_efficiency", "leads", "--window", "2026-03", "--format", "json")
    (row,) = json.loads(text, parse_float=str)
    assert row["revenue"].partition(".")[2] != ""
    assert isinstance(row["leads"], int)


def test_query_writes_parquet(ask: Ask, tmp_path: Path) -> None:
    import duckdb

    file = tmp_path / "answer.parquet"
    words = ["revenue", "new_customers", "--window", "2026-Q1", "--grain", "month"]
    assert ask(*words, "--format", "parquet", "--output", str(file)) == ""
    relation = duckdb.read_parquet(str(file))
    assert relation.columns == ["period", "revenue", "new_customers"]
    shown = list(csv.DictReader(io.StringIO(ask(*words, "--format", "csv"))))
    assert [str(row[1]) for row in relation.fetchall()] == [row["revenue"] for row in shown]


def test_query_writes_to_a_file(ask: Ask, tmp_path: Path) -> None:
    assert ask("leads", "--format", "csv", "--output", str(tmp_path / "leads.csv")) == ""
    assert (tmp_path / "leads.csv").read_text("utf-8").startswith("leads\n")


def test_every_word_of_a_request_arrives(ask: Ask) -> None:
    text = ask(
        "revenue", "big=count(invoices where net_amount > limit_)", "--window", "2025-04..2025-12", "--grain", "quarter",
        "--by", "team,segment", "--where", "team in ('North', 'West') and segment = wanted", "--as-of", "2025-12-15",
        "--having", "revenue > 0", "--order-by=-revenue", "--limit", "3", "--sparse", "--values", "wanted=SME",
        "--values", "limit_:=1000", "--format", "json",
    )  # fmt: skip
    rows = json.loads(text)
    assert 0 < len(rows) <= 3
    assert {row["segment"] for row in rows} == {"SME"}
    assert [row["revenue"] for row in rows] == sorted((row["revenue"] for row in rows), reverse=True)


def test_totals_are_rows_of_their_own(ask: Ask) -> None:
    rows = json.loads(ask("leads", "--by", "lead_source", "--totals", "--format", "json"))
    assert sum(row["leads"] for row in rows if row["total"] is None) == sum(
        row["leads"] for row in rows if row["total"]
    )


def test_check_finds_every_mistake_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "catalog.yaml"
    text = demo.CATALOG.read_text("utf-8")
    file.write_text(
        text.replace("sum(payments.amount)", "sum(payments.ammount)").replace("count(leads)", "count(leeds)"), "utf-8"
    )
    assert main(["check", str(file)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "error[unknown-column]" in shown.err
    assert "error[unknown-table]" in shown.err
    assert "kpis.collections.formula" in shown.err
    assert f"{file} line " in shown.err


def test_check_against_data(company: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(company / "catalog.yaml"), "--data", str(company)]) == 0
    assert "no mistakes" in capsys.readouterr().out
    (tmp_path / "leads.csv").write_text("lead_id\n", "utf-8")
    assert main(["check", str(company / "catalog.yaml"), "--data", str(tmp_path)]) == 1
    assert "error[missing-table]" in capsys.readouterr().err


def test_sql_and_explain(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", str(company / "catalog.yaml"), "revenue", "--dialect", "postgres"]) == 0
    assert "SELECT" in capsys.readouterr().out
    assert main(["explain", str(company / "catalog.yaml"), "collection_efficiency"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("payments", "invoices", "due_on"))


@pytest.mark.parametrize(
    "words",
    [
        ["query", "nowhere.yaml", "x", "--data", "."],
        ["query", str(demo.CATALOG), "revenue", "--data", "nowhere"],
        ["query", str(demo.CATALOG), "revenue", "--data", ".", "--format", "parquet"],
        ["query", str(demo.CATALOG), "revenue", "--data", ".", "--values", "x"],
        ["query", str(demo.CATALOG), "revenue", "--data", ".", "--values", "x:=y"],
        ["query", str(demo.CATALOG), "revenue", "--data", ".", "--output", "nowhere/answer.csv"],
        ["demo", "--rows", "-1"],
        ["demo", "--rows", "0", "--folder", __file__],
        ["fmt", "nowhere.yaml"],
        ["fmt", "catalog.toml"],
    ],
    ids=["catalog", "folder", "parquet", "values", "json", "output", "rows", "no folder", "file", "toml"],
)
def test_wrong_use_is_said_on_stderr(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"kraforge {words[0]}: ")


@pytest.mark.parametrize("words", [[], ["nonsense"], ["query"]], ids=["nothing", "command", "arguments"])
def test_wrong_words_are_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: kraforge" in capsys.readouterr().err


def test_a_mistake_in_a_request_has_exit_code_1(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["query", str(company / "catalog.yaml"), "revenu", "--data", str(company)]
    assert main(words) == 1
    assert "did you mean 'revenue'" in capsys.readouterr().err


def test_a_reader_that_has_enough_is_no_error(company: Path) -> None:
    words = [
        "query",
        str(company / "catalog.yaml"),
        "revenue",
        "--data",
        str(company),
        "--grain",
        "day",
        "--by",
        "employee",
    ]
    writer = subprocess.Popen(
        [sys.executable, "-m", "kraforge.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.readline()
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait(60) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a terminal")
def test_an_interrupt_is_one_word_and_no_traceback() -> None:
    words = [sys.executable, "-m", "kraforge.cli", "demo", "--rows", "2000000"]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.0)
    running.send_signal(signal.SIGINT)
    _, error = running.communicate(timeout=30)
    assert (running.returncode, error.decode().strip()) == (130, "interrupted")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_shows_progress_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    for stream, shown in [(Terminal(), True), (io.StringIO(), False)]:
        monkeypatch.setattr("sys.stderr", stream)
        with progress.working("asking"):
            time.sleep(0.1)
        assert ("asking … 0 s" in stream.getvalue()) == shown
        assert not shown or stream.getvalue().endswith("\r\x1b[K")


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", stream := Terminal())
    with progress.working("asking"):
        pass
    assert stream.getvalue() == ""


def test_a_terminal_without_a_sign_shows_a_question_mark() -> None:
    command = [sys.executable, "-c", "from kraforge.cli import main; raise SystemExit(main(['demo']))"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout
