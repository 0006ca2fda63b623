"""Catalogs of strangers: each is checked soon, in little memory, or refused by an error of the library's own."""

from __future__ import annotations

from pathlib import Path

import pytest

import kraforge as kf
from hostile.catalogs import CATALOGS, changed
from hostile.measure import bounded

FILES = {
    "python tag": ("a.yaml", "kpis: !!python/object/apply:os.system ['touch {out}']", "catalog-syntax"),
    "python name": ("a.yaml", "kpis: {a: !!python/name:os.system }", "catalog-syntax"),
    "a tag of a mapping": ("a.yaml", "!!map {kpis: {}}", "catalog-syntax"),
    "a tag of text": ("a.yaml", "kpis: {a: !!str 1}", "catalog-syntax"),
    "a tag of one's own": ("a.yaml", "%TAG ! tag:example.org,2000:\n---\nkpis: !x {}", "catalog-syntax"),
    "binary": ("a.yaml", "kpis: {a: !!binary c3Vt}", "catalog-syntax"),
    "an include": ("a.yaml", "kpis: !include /etc/passwd", "catalog-syntax"),
    "an anchor in itself": ("a.yaml", "kpis: &a {a: *a}", "catalog-syntax"),
    "anchors": ("a.yaml", "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]", "catalog-syntax"),
    "a merge": ("a.yaml", "kpis: {<<: {a: bills}}", "catalog-syntax"),
    "a key twice": ("a.yaml", "kpis: {a: '1', a: '2'}", "catalog-syntax"),
    "two documents": ("a.yaml", "kpis: {}\n---\nkpis: {}", "catalog-syntax"),
    "NUL": ("a.yaml", "kpis: {a: '\0'}", "catalog-syntax"),
    "NUL in JSON": ("a.json", '{"kpis": {"a": "\\u0000"}}', "catalog-shape"),
    "half a pair in JSON": ("a.json", '{"kpis": {"a": "\\ud800"}}', "catalog-shape"),
    "nan in JSON": ("a.json", '{"parameters": {"a": NaN}}', "catalog-syntax"),
    "a key twice in JSON": ("a.json", '{"kpis": {"a": "1", "a": "2"}}', "catalog-syntax"),
    "a dunder in JSON": ("a.json", '{"__proto__": {"a": 1}}', "unknown-key"),
    "dates in TOML": ("a.toml", "[parameters]\na = 9999-99-99", "catalog-syntax"),
    "another ending": ("a.py", "raise SystemExit", "catalog-syntax"),
    "no ending": ("passwd", "root:x:0:0", "catalog-syntax"),
}


@pytest.fixture(autouse=True, scope="module")
def _readers_are_imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("warm")
    for name, text in (("a.yaml", "{}"), ("b.json", "{}"), ("c.toml", "")):
        (folder / name).write_text(text)
    kf.Catalog.load(folder)
    kf.check(kf.Catalog.from_dict(changed()))
    with pytest.raises(kf.Mistakes):
        kf.check(kf.Catalog.from_dict(changed(kpis={"a": "sum("})))


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_is_answered(name: str) -> None:
    code, made = CATALOGS[name]
    mapping = made()
    bounded(lambda: kf.check(kf.Catalog.from_dict(mapping)), code)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_answered(name: str, tmp_path: Path) -> None:
    file, text, code = FILES[name]
    (tmp_path / file).write_text(text.replace("{out}", str(tmp_path / "out")))
    bounded(lambda: kf.Catalog.load(tmp_path / file), code)
    assert [found.name for found in tmp_path.iterdir()] == [file]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "\0",
        "/dev",
        "/dev/null",
        "/dev/zero",
        "/proc/self/mem",
        "nothing.yaml",
        "x" * 5_000,
        "~",
        "file:///etc/passwd",
    ],
)
def test_a_path_is_answered(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bounded(lambda: kf.Catalog.load(path), "catalog-syntax")


@pytest.mark.parametrize("given", [None, 1, b"a.yaml", [], {}, object()], ids=repr)
def test_what_is_no_path_or_mapping_is_told(given: object) -> None:
    with pytest.raises(kf.Mistakes):
        kf.Catalog.load(given)  # type: ignore[arg-type]
