"""Catalogs of strangers: bombs and odd data end in a clear error, soon and in little memory."""

from __future__ import annotations

import datetime as dt
import time
import tracemalloc
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kraforge.errors import KraforgeError, Mistakes
from kraforge.model.load import from_dict, load

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [*{chr(97 + at)}, *{chr(97 + at)}]\n" for at in range(24)
)
BOMBS = {
    "laughs.yaml": (LAUGHS, "catalog-syntax"),
    "brackets.yaml": ("[" * 20_000, "catalog-too-deep"),
    "braces.yaml": ("{a: " * 5_000, "catalog-too-deep"),
    "broken-lines.yaml": ("[\n" * 20_000, "catalog-too-deep"),
    "dashes.yaml": ("- " * 10_000, "catalog-too-deep"),
    "questions.yaml": ("? " * 10_000, "catalog-syntax"),
    "steps.yaml": ("".join(" " * at + "a:\n" for at in range(500)), "catalog-too-deep"),
    "size.yaml": ("a: b\n" * 500_000, "catalog-too-large"),
    "lines.yaml": ("\n" * 100_000, "catalog-too-large"),
    "line.yaml": ("a" * 100_000, "catalog-too-large"),
    "commas.yaml": ("kpis: [\n" + ("a," * 1_000 + "\n") * 200 + "]", "catalog-too-large"),
    "number.yaml": ("parameters: {a: " + "9" * 20_000 + "}", "catalog-shape"),
    "power.yaml": ("parameters: {a: 1e999999999999999999999}", "catalog-shape"),
    "brackets.json": ("[" * 1_000_000, "catalog-too-deep"),
    "nested.json": ("[" * 100 + "]" * 100, "catalog-too-deep"),
    "items.json": ("[" + "[]," * 300_000 + "[]]", "catalog-too-large"),
    "escapes.json": ('{"kpis": "' + '\\"' * 900_000 + '"}', "catalog-shape"),
    "number.json": ('{"parameters": {"a": ' + "9" * 100_000 + "}}", "catalog-shape"),
    "power.json": ('{"parameters": {"a": 1e999999999999999999999}}', "catalog-shape"),
    "brackets.toml": ("a = " + "[" * 100_000, "catalog-too-deep"),
    "nested.toml": ("a = " + "[" * 100 + "]" * 100, "catalog-too-deep"),
    "dots.toml": (".".join("a" * 20_000) + " = 1", "catalog-too-deep"),
    "header.toml": ("[" + " . ".join("a" * 20_000) + "]", "catalog-too-deep"),
    "number.toml": ("[parameters]\na = " + "9" * 100_000, "catalog-syntax"),
    "open.toml": ('a = """' + "x" * 1_000_000, "catalog-syntax"),
}


@pytest.fixture(name="_warm", scope="module")
def _readers_are_imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("warm")
    for name, text in (("a.yaml", "{}"), ("b.json", "{}"), ("c.toml", "")):
        (folder / name).write_text(text)
    load(folder)


@pytest.mark.usefixtures("_warm")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_soon(name: str, tmp_path: Path) -> None:
    text, code = BOMBS[name]
    (tmp_path / name).write_text(text)
    start = time.process_time()
    with pytest.raises(KraforgeError) as raised:
        load(tmp_path / name)
    assert time.process_time() - start < 0.25
    assert raised.value.code == code
    assert len(str(raised.value)) < 1_000


@pytest.mark.usefixtures("_warm")
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_little_memory(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(BOMBS[name][0])
    tracemalloc.start()
    try:
        with pytest.raises(KraforgeError):
            load(tmp_path / name)
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024**2
    finally:
        tracemalloc.stop()


def cyclic() -> dict[str, Any]:
    catalog: dict[str, Any] = {}
    catalog["kpis"] = catalog["tables"] = catalog["parameters"] = catalog
    return catalog


def deep() -> dict[str, Any]:
    catalog: dict[str, Any] = {}
    for _ in range(100_000):
        catalog = {"kpis": catalog, "formula": [catalog]}
    return catalog


def shared() -> dict[str, Any]:
    items: list[Any] = ["a"]
    for _ in range(60):
        items = [items, items]
    return {"tables": {"t": {"key": items}}, "kpis": {"k": {"versions": items}}}


class Liar(dict[str, Any]):
    """Text that is not what it says."""

    def __repr__(self) -> str:
        raise RuntimeError


ODD: dict[str, tuple[Any, list[str]]] = {
    "a list": ([], ["catalog-shape "]),
    "text": ("kpis: {}", ["catalog-shape "]),
    "bytes": (b"kpis: {}", ["catalog-shape "]),
    "a key that is no text": ({"kpis": {5: "count(t)", None: "1", b"k": "1"}}, ["catalog-shape kpis"] * 3),
    "bytes for a formula": ({"kpis": {"k": b"count(t)"}}, ["catalog-shape kpis.k"]),
    "true for a formula": ({"kpis": {"k": True}}, ["catalog-shape kpis.k"]),
    "true for a name": ({"tables": {"t": {"key": True}}}, ["catalog-shape tables.t.key"]),
    "one for true": (
        {"tables": {"t": {"columns": {"c": {"type": "count", "whole": 1}}}}},
        ["catalog-shape tables.t.columns.c.whole"],
    ),
    "not a number": ({"parameters": {"p": float("nan")}}, ["catalog-shape parameters.p"]),
    "no number either": ({"parameters": {"p": Decimal("sNaN")}}, ["catalog-shape parameters.p"]),
    "infinity": ({"parameters": {"p": float("-inf")}}, ["catalog-shape parameters.p"]),
    "a huge number": ({"parameters": {"p": 10**10_000}}, ["catalog-shape parameters.p"]),
    "a long fraction": ({"parameters": {"p": Decimal("1E-999999")}}, ["catalog-shape parameters.p"]),
    "not a number for a formula": ({"kpis": {"k": float("nan")}}, ["catalog-shape kpis.k"]),
    "a duration": ({"parameters": {"p": dt.timedelta(days=1)}}, ["catalog-shape parameters.p"]),
    "a time with its zone": (
        {"parameters": {"p": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}},
        ["catalog-shape parameters.p"],
    ),
    "a set": ({"tables": {"t": {"key": {"a"}}}}, ["catalog-shape tables.t.key"]),
    "an object": ({"kpis": object()}, ["catalog-shape kpis"]),
    "a function": ({"kpis": {"k": print}}, ["catalog-shape kpis.k"]),
    "half a character": ({"kpis": {"k": "\ud800"}}, ["catalog-shape kpis.k"]),
    "a long name": ({"kpis": {"k" * 201: "1"}}, ["catalog-shape kpis." + "k" * 57 + "…"]),
    "a liar": ({"kpis": {"k": Liar(typo=1)}}, ["unknown-key kpis.k.typo", "missing-key kpis.k"]),
    "deep": (deep(), ["catalog-shape kpis.formula", "unknown-key formula"]),
    "shared": (shared(), ["catalog-shape tables.t.key[0]", "catalog-shape tables.t.key[1]"]),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_data(name: str) -> None:
    data, expect = ODD[name]
    with pytest.raises(Mistakes) as raised:
        from_dict(data)
    assert set(expect) <= {f"{mistake.code} {mistake.place.path}" for mistake in raised.value.mistakes}
    assert len(str(raised.value)) < 5_000


def test_a_mapping_within_itself() -> None:
    with pytest.raises(Mistakes) as raised:
        from_dict(cyclic())
    assert {mistake.code for mistake in raised.value.mistakes} <= {"unknown-key", "missing-key", "catalog-shape"}


def test_mistakes_without_end_are_cut() -> None:
    with pytest.raises(Mistakes) as raised:
        from_dict({"kpis": {f"k{at}": None for at in range(100_000)}})
    assert len(raised.value.mistakes) == 100


def test_any_mapping_will_do() -> None:
    class Rows(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return "count(t)"

        def __iter__(self) -> Any:
            return iter(["k"])

        def __len__(self) -> int:
            return 1

    assert from_dict({"kpis": Rows()}).kpis["k"].versions[0].value.text == "count(t)"
