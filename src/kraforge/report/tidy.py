"""Formats the formulas of a YAML catalog in place: all else in the file stays as it is, to the byte."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from kraforge.errors import KraforgeError, Mistake, Mistakes
from kraforge.syntax.format import format_formula
from kraforge.text import Place


@frozen
class _Written:
    """A formula in the file: its path in the catalog, its YAML node, and how deep a block for it would stand.

    `indent` is None within braces, where there are no blocks.
    """

    path: str
    node: Any
    indent: int | None


def tidy_file(file: Path, write: bool) -> bool:
    """Whether formatting changes a file; it is written only where it does. Line ends stay as they are."""
    try:
        old = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        mistake = Mistake("catalog-syntax", "the file is not text in UTF-8", Place("", str(file)))
        raise Mistakes(mistake) from None
    ends = "\r\n" if "\r\n" in old else "\n"
    new = tidy(old.replace("\r\n", "\n"), str(file)).replace("\n", ends)
    if new != old and write:
        file.write_bytes(new.encode("utf-8"))
    return new != old


def tidy(text: str, file: str | None = None) -> str:
    """The text of a YAML catalog with each formula formatted.

    A formula keeps its quotes or its block; one that outgrows its line gets a block where YAML allows one. Raises
    Mistakes with every formula that cannot be read, each with its place.
    """
    mistakes: list[Mistake] = []
    edits: list[tuple[int, int, str]] = []
    for formula in _formulas(_compose(text, file)):
        node = formula.node
        try:
            new = format_formula(node.value)
        except KraforgeError as error:
            place = Place(formula.path, file, node.start_mark.line + 1)
            mistakes += [evolve(mistake, place=place) for mistake in error.mistakes]
            continue
        if new != node.value.strip():
            edits.append((node.start_mark.index, node.end_mark.index, _as_yaml(formula, new, text)))
    if mistakes:
        raise Mistakes(mistakes)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _compose(text: str, file: str | None) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise Mistakes(Mistake("catalog-syntax", f"this is no YAML: {error.problem}", Place("", file, line))) from None


def _formulas(root: Any) -> list[_Written]:
    """Everything in a catalog that is a formula, in the order of the file."""
    found: list[_Written] = []
    for name, table in _items(_get(root, "tables")):
        found += [item for item in _texts(f"tables.{name}", table) if item.path.endswith((".date", ".where"))]
        found += _texts(f"tables.{name}.fields", _get(table, "fields"))
    for section in ("dimensions", "functions", "kpis"):
        found += _texts(section, _get(root, section))
        for name, value in _items(_get(root, section)):
            found += _inside(f"{section}.{name}", value)
    return found


def _inside(path: str, node: Any) -> list[_Written]:
    """`formula` of a mapping, and of each of its versions."""
    found = [item for item in _texts(path, node) if item.path == f"{path}.formula"]
    versions = _get(node, "versions")
    for number, version in enumerate(versions.value if versions is not None and versions.id == "sequence" else ()):
        found += _inside(f"{path}.versions[{number}]", version)
    return found


def _texts(path: str, node: Any) -> list[_Written]:
    """The values of a mapping that are texts."""
    return [
        _Written(f"{path}.{key.value}", value, None if node.flow_style else key.start_mark.column + 2)
        for key, value in (node.value if node is not None and node.id == "mapping" else ())
        if value.id == "scalar" and value.tag.endswith(":str")
    ]


def _items(node: Any) -> list[tuple[str, Any]]:
    return [(key.value, value) for key, value in node.value] if node is not None and node.id == "mapping" else []


def _get(node: Any, key: str) -> Any:
    return dict(_items(node)).get(key)


def _as_yaml(written: _Written, formula: str, text: str) -> str:
    """The formula as YAML, in the style that it had where that can hold it."""
    node = written.node
    if node.style in ("|", ">"):
        old = text[node.start_mark.index : node.end_mark.index]
        header, _, body = old.partition("\n")
        indent = len(body) - len(body.lstrip(" "))
        return header + _block(formula, indent) + old[len(old.rstrip()) :]
    rest = text[node.end_mark.index :].partition("\n")[0]
    if "\n" in formula and written.indent is not None and not rest.strip():
        return ">-" + _block(formula, written.indent)
    line = re.sub(r"\n *", " ", re.sub(r"\n *\)", ")", re.sub(r"\(\n *", "(", formula)))
    if node.style == '"':
        return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if node.style == "'" or any(mark in line for mark in (": ", " #", "{", "}", "[", "]")):
        return "'" + line.replace("'", "''") + "'"
    return line


def _block(formula: str, indent: int) -> str:
    return "".join(f"\n{' ' * indent}{line}" for line in formula.split("\n"))
