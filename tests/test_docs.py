"""Every example of the README and of the docs runs, and gives what the page says.

A page's blocks run in their order, in a folder of their own: `python` blocks share their names, a `text` block after one is what
it printed, a block with a title is written to that file, a `console` block runs commands of kraforge, and each formula of a
`kpi` block is checked against the sample company's catalog. `...` stands for anything.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import kraforge
from kraforge.cli import main
from kraforge.packs import demo

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?P<tag>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def matches(wanted: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def captured(page: str, body: str, names: dict[str, object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(body, page, "exec"), names)
    return out.getvalue()


def run_console(body: str, capsys: pytest.CaptureFixture[str]) -> None:
    for session in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, wanted = session.partition("\n")
        program, *arguments = shlex.split(command)
        assert program == "kraforge", f"not run here: {command}"
        capsys.readouterr()
        main(arguments)
        shown = capsys.readouterr()
        assert matches(wanted, shown.out + shown.err), f"{command}\n{shown.out}{shown.err}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_examples_run_and_give_what_the_page_says(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    printed: str | None = None
    catalog = kraforge.Catalog.load(demo.CATALOG)
    for block in BLOCK.finditer(page.read_text("utf-8")):
        tag, title, body = block["tag"], block["title"], block["body"]
        if title:
            (tmp_path / title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / title).write_text(body, "utf-8")
        elif tag == "python":
            printed = captured(page.name, body, names)
            continue
        elif tag == "text" and printed is not None:
            assert matches(body, printed), printed
        elif tag == "console":
            run_console(body, capsys)
        elif tag == "kpi":
            for formula in re.split(r"\n(?![ ])\n?", body.strip()):
                kraforge.compile(formula, catalog)
        assert not printed or tag == "text", f"what an example prints is not shown: {printed}"
        printed = None
    assert not printed, f"what the last example prints is not shown: {printed}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        heads = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.MULTILINE) if file.suffix == ".md" else []
        assert not anchor or anchor in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}, (
            target
        )


def test_every_page_is_in_the_navigation() -> None:
    config = (ROOT / "zensical.toml").read_text("utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert f'"{page.relative_to(ROOT / "docs").as_posix()}"' in config, page


def test_generated_pages_are_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_readme_first_shows_the_two_commands_and_an_example() -> None:
    screen = "\n".join((ROOT / "README.md").read_text("utf-8").split("\n")[:45])
    assert all(part in screen for part in ("make demo", "make test", "```python", ".query("))


def test_the_formulas_that_the_readme_lists_are_right() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("## What a formula can say")[2].partition("\n## ")[0]
    formulas = re.findall(r"^\| [^|]+ \| `(.+)` \|$", section, re.MULTILINE)
    assert len(formulas) == 8
    catalog = kraforge.Catalog.load(demo.CATALOG)
    for formula in formulas:
        kraforge.compile(formula, catalog)


def test_docs_name_no_path_of_a_machine() -> None:
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        assert not re.search(r"(?<![\w.])/(work|home|root|tmp)/", page.read_text("utf-8")), page
