"""Writes the pages of the reference from the declarations in the code; --check says whether they are current."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kraforge
from kraforge.errors import CODES
from kraforge.functions import AGGREGATES, CONTEXTS, SCALARS
from kraforge.model.format import CATALOG
from kraforge.model.shapes import Either, Many, Named, Plain, Record, Shape

FOLDER = Path(__file__).parent / "reference"

FAMILIES = {
    "syntax": "Syntax",
    "names": "Names",
    "types": "Types, levels and units",
    "check": "Catalogs and requests",
    "limits": "Limits",
    "source": "Sources",
    "unsupported": "Not supported",
    "internal": "Defects",
}
EMPTY = {"zero": "0", "false": "false", "missing": "missing"}


def functions() -> Iterator[str]:
    """The page of all functions."""
    yield "# Functions\n\nGenerated from their declarations.\n"
    yield "## Aggregates\n\nFrom the rows of a table to one value a cell; see [Aggregates](../language/aggregates.md).\n"
    yield _table(("aggregate", "gives", "of no rows", "example"), (
        (f"`{item.name}`", item.doc, EMPTY[item.empty], _code(item.example)) for item in AGGREGATES.values()
    ))  # fmt: skip
    yield "## Context functions\n\nA whole measure in another context; see [Changing the context](../language/context.md).\n"
    yield _table(("function", "after x", "evaluates x", "example"), (
        (f"`{item.name}(x)`", ", ".join(item.arguments), item.doc, _code(item.example)) for item in CONTEXTS.values()
    ))  # fmt: skip
    yield "## Functions of values\n\nOf a row or of a cell. Unless said otherwise, missing in gives missing out.\n"
    yield _table(("function", "arguments", "gives", "example"), (
        (f"`{item.name}`", _count(item.least, item.most), item.doc, _code(item.example))
        for item in SCALARS.values() if not item.operator
    ))  # fmt: skip
    yield "## Operators\n"
    yield _table(("operator", "gives"), (
        (_code(item.example), item.doc) for item in SCALARS.values() if item.operator and "(" not in item.example.split(" ")[0]
    ))  # fmt: skip


def errors() -> Iterator[str]:
    """The page of all error codes."""
    yield "# Errors\n\nEvery failure is a `kraforge.KraforgeError` with a stable code, a place, and what to do.\n"
    for family, title in FAMILIES.items():
        yield f"## {title}\n"
        yield _table(("code", "means", "what to do"), (
            (f"`{code.name}`", _sentence(code.meaning), _sentence(code.remedy))
            for code in CODES.values() if code.family == family
        ))  # fmt: skip


def catalog() -> Iterator[str]:
    """The page of all keys of a catalog."""
    yield "# Keys of a catalog\n\nGenerated from the shapes that the loader reads along. Bold keys have to be there.\n"
    places: dict[int, tuple[Record, list[str]]] = {}
    for path, record in _within("", CATALOG):
        places.setdefault(id(record), (record, []))[1].append(path)
    for record, paths in places.values():
        yield from _record(paths, record)


def _within(path: str, record: Record) -> Iterator[tuple[str, Record]]:
    """A record and all those in it, each with where it stands."""
    yield path, record
    for name, key in record.keys.items():
        for inner, ending in _records(key.shape):
            yield from _within(f"{path}{'.' if path else ''}{name}{ending}", inner)


def _record(paths: list[str], record: Record) -> Iterator[str]:
    needed = {name for names in record.needs if len(names) == 1 for name in names}
    if paths[0]:
        alone = [path for path in paths if not path.endswith("[]") or path.removesuffix("[]") not in paths]
        yield f"## {', '.join(alone)}\n"
    yield _table(("key", "is", "says"), (
        (f"**`{name}`**" if name in needed else f"`{name}`", _what(key.shape), key.doc) for name, key in record.keys.items()
    ))  # fmt: skip
    for alternatives in (names for names in record.needs if len(names) > 1):
        yield f"One of {' and '.join(f'`{name}`' for name in alternatives)} has to be there.\n"


def _records(shape: Shape, ending: str = "") -> Iterator[tuple[Record, str]]:
    """The records in a shape, with what stands after the key's name on the way there."""
    match shape:
        case Record():
            yield shape, ending
        case Named():
            yield from _records(shape.item, f"{ending}.NAME")
        case Many():
            yield from _records(shape.item, f"{ending}[]")
        case Either():
            for one in shape.shapes:
                yield from _records(one, ending)


def _what(shape: Shape) -> str:
    """What a shape expects, in words."""
    match shape:
        case Plain():
            return f"one of {', '.join(f'`{choice}`' for choice in shape.choices)}" if shape.choices else shape.what
        case Many():
            return f"a list: {_what(shape.item)}"
        case Named():
            return f"by name: {_what(shape.item)}"
        case Record():
            return "a mapping"
        case Either():
            return " or ".join(
                dict.fromkeys("a list of such" if isinstance(one, Many) else _what(one) for one in shape.shapes)
            )


def python() -> Iterator[str]:
    """The page of all public Python names."""
    yield "# Python\n\nGenerated from the docstrings. Everything public is a name of `kraforge`; nothing else is.\n"
    for name in kraforge.__all__:
        if name == "__version__":
            continue
        thing = getattr(kraforge, name)
        yield f"## {name}\n"
        if name in ("Limits", "Workspace") or inspect.isfunction(thing):
            yield f"```py\n{_signature(name, thing)}\n```\n"
        yield inspect.getdoc(thing) or ""
        yield ""
        if inspect.isclass(thing):
            yield from _members(name, thing)


def _members(owner: str, thing: type) -> Iterator[str]:
    for name, member in vars(thing).items():
        member = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        if name.startswith("_") or not inspect.getdoc(member):
            continue
        if isinstance(member, property):
            yield f"### {owner}.{name}\n\n{inspect.getdoc(member)}\n"
        elif inspect.isfunction(member):
            yield f"### {owner}.{name}\n\n```py\n{_signature(f'{owner}.{name}', member)}\n```\n\n{inspect.getdoc(member)}\n"


def _signature(name: str, thing: Any) -> str:
    """The call as it is written in the code, one argument a line where it is long."""
    signature = inspect.signature(thing)
    own = [parameter for parameter in signature.parameters.values() if parameter.name not in ("self", "cls")]
    gives = "" if inspect.isclass(thing) else f" -> {signature.return_annotation}"
    short = name + str(signature.replace(parameters=own, return_annotation=inspect.Signature.empty)) + gives
    keyword = next((number for number, parameter in enumerate(own) if parameter.kind is parameter.KEYWORD_ONLY), None)
    parts = [str(parameter) for parameter in own]
    if keyword is not None:
        parts.insert(keyword, "*")
    text = short if len(short) <= 100 else f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){gives}"
    return re.sub(r": '([^']*)'", r": \1", text).replace(repr(kraforge.Limits()), "Limits()")


def _table(heads: tuple[str, ...], rows: Any) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _count(least: int, most: int | None) -> str:
    return f"{least} or more" if most is None else str(least) if least == most else f"{least} to {most}"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "functions.md": functions,
    "errors.md": errors,
    "catalog.md": catalog,
    "python.md": python,
}


def main() -> int:
    stale = []
    for name, page in PAGES.items():
        text = "\n".join(page()).rstrip() + "\n"
        file = FOLDER / name
        if not file.exists() or file.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                file.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        print(f"not current: {', '.join(stale)}; run python docs/generate.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
