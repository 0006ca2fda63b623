"""`kraforge fmt` changes formulas and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kraforge.cli import main
from kraforge.errors import Mistakes
from kraforge.packs import demo
from kraforge.report.tidy import tidy

BEFORE = """\
# top
tables:
  t: {date: a.b , where: x='y'}  # NO and on stay as they are
kpis:
  quoted: {formula: "sum( x.y )", title: 'It''s'}   # keep
  plain:
    formula: sum(x.y)/2   # why
  short: 'count(  x where s=''a'' )'
  folded:
    formula: >-
       sum( x.y )
       + 1

  versions:
    versions:
      - {from: 2026-04-01, formula: sum( x.y ) }
      - from: 2025-01-01
        formula: |
          sum(x.y)+2   # a note
  long: sum(x.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)/sum(x.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb)
parameters: {p: 90   days}
"""
AFTER = """\
# top
tables:
  t: {date: a.b , where: x = 'y'}  # NO and on stay as they are
kpis:
  quoted: {formula: "sum(x.y)", title: 'It''s'}   # keep
  plain:
    formula: sum(x.y) / 2   # why
  short: 'count(x where s = ''a'')'
  folded:
    formula: >-
       sum(x.y) + 1

  versions:
    versions:
      - {from: 2026-04-01, formula: sum(x.y) }
      - from: 2025-01-01
        formula: |
          sum(x.y) + 2  # a note
  long: >-
    sum(x.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)
    / sum(x.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb)
parameters: {p: 90   days}
"""


def test_formulas_are_formatted_and_all_else_stays() -> None:
    assert tidy(BEFORE) == AFTER
    assert tidy(AFTER) == AFTER


def test_every_formula_that_cannot_be_read_is_named_with_its_line() -> None:
    with pytest.raises(Mistakes) as caught:
        tidy("kpis:\n  a: sum(\n  b: sum(x.y)\n  c: {formula: 1 +}\n", "catalog.yaml")
    assert [(m.place.path, m.place.line) for m in caught.value.mistakes] == [("kpis.a", 2), ("kpis.c.formula", 4)]


def test_a_file_that_is_no_yaml_is_named() -> None:
    with pytest.raises(Mistakes) as caught:
        tidy("kpis: {a: b\n", "catalog.yaml")
    assert (caught.value.code, caught.value.mistakes[0].place.file) == ("catalog-syntax", "catalog.yaml")


def test_check_changes_nothing_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_text(BEFORE, "utf-8")
    assert main(["fmt", "--check", str(file)]) == 1
    assert file.read_text("utf-8") == BEFORE
    assert "would be formatted" in capsys.readouterr().err
    assert main(["fmt", str(file)]) == 0
    assert file.read_text("utf-8") == AFTER
    assert main(["fmt", "--check", str(file)]) == 0


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "catalog.yaml"
    file.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    assert main(["fmt", str(tmp_path)]) == 0
    assert file.read_bytes() == AFTER.replace("\n", "\r\n").encode()


def test_a_file_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "catalog.yaml").write_bytes(b"kpis: {a: \xff}")
    assert main(["fmt", str(tmp_path / "catalog.yaml")]) == 1
    assert "error[catalog-syntax]" in capsys.readouterr().err


def test_a_formula_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sum( x.y )\n"))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr().out == "sum(x.y)\n"


def test_a_formula_that_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "sum((x.y)"]) == 1
    assert "error[unclosed-bracket]" in capsys.readouterr().err


def test_the_sample_catalog_is_formatted() -> None:
    text = demo.CATALOG.read_text("utf-8")
    assert tidy(text) == text
