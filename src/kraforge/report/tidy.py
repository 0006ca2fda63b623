"""Formats the formulas of a YAML catalog in place: all else in the file stays as it is, to the byte."""

from __future__ import annotations

from typing import Any

from kraforge.errors import KraforgeError, Mistake, Mistakes
from kraforge.syntax.format import format_formula
from kraforge.text import Place

WIDTH = 100


def tidy(text: str, file: str | None = None) -> str:
    """The text of a YAML catalog with each formula formatted.

    A formula keeps its quotes or its block; one that outgrows a line gets a block. Raises Mistakes with every formula
    that cannot be read, each with its place.
    """
    edits: list[tuple[int, int, str]] = []
    mistakes: list[Mistake] = []
    for path, node in _formulas(_compose(text, file)):
        place = Place(path, file, node.start_mark.line + 1)
        try:
            new = format_formula(node.value, place)
        except KraforgeError as error:
            mistakes += error.mistakes
            continue
        if new != node.value.strip():
            edits.append((node.start_mark.index, node.end_mark.index, _written(node, new, text)))
    if mistakes:
        raise Mistakes(mistakes)
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _compose(text: str, file: str | None) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return YAML(typ="rt", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise Mistakes(Mistake("catalog-syntax", f"this is no YAML: {error.problem}", Place("", file, line))) from None


def _formulas(root: Any) -> list[tuple[str, Any]]:
    """The scalars of a catalog that hold formulas, with their paths."""
    found: list[tuple[str, Any]] = []
    for name, table in _items(_get(root, "tables")):
        found += [(f"tables.{name}.{key}", value) for key, value in _items(table) if key in ("date", "where")]
        found += [(f"tables.{name}.fields.{key}", value) for key, value in _items(_get(table, "fields"))]
    for section in ("dimensions", "functions", "kpis"):
        for name, value in _items(_get(root, section)):
            found.append((f"{section}.{name}", value))
            found += _inside(f"{section}.{name}", value)
    return [(path, node) for path, node in found if node.id == "scalar" and node.tag.endswith(":str")]


def _inside(path: str, node: Any) -> list[tuple[str, Any]]:
    """`formula` of a mapping, and of each of its versions."""
    formula, versions = _get(node, "formula"), _get(node, "versions")
    found = [(f"{path}.formula", formula)] if formula is not None else []
    for number, version in enumerate(versions.value if versions is not None and versions.id == "sequence" else ()):
        found += _inside(f"{path}.versions[{number}]", version)
    return found


def _items(node: Any) -> list[tuple[str, Any]]:
    return [(key.value, value) for key, value in node.value] if node is not None and node.id == "mapping" else []


def _get(node: Any, key: str) -> Any:
    return dict(_items(node)).get(key)


def _written(node: Any, formula: str, text: str) -> str:
    """The formula as YAML, in the style that it had where that can hold it."""
    if node.style in ("|", ">"):
        old = text[node.start_mark.index : node.end_mark.index]
        header, _, body = old.partition("\n")
        indent = body[: len(body) - len(body.lstrip(" "))]
        tail = old[len(old.rstrip()) :]
        return header + "\n" + "\n".join(indent + line for line in formula.split("\n")) + tail
    line = " ".join(part.strip() for part in formula.split("\n"))
    if node.style == '"':
        return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if node.style == "'" or not _plain(line):
        return "'" + line.replace("'", "''") + "'"
    return line


def _plain(line: str) -> bool:
    """Whether YAML reads a line as it stands, in a block or within brackets."""
    return not any(mark in line for mark in (": ", " #", "{", "}", "[", "]")) and line[:1] not in "-?:,&*!|>'\"%@`"
