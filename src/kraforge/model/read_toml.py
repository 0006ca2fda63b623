"""TOML with line numbers: the standard library reads the values, a walk over the statements says where they are."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Final

from kraforge.errors import Mistake
from kraforge.model.written import MAX_DEPTH, MAX_PARTS, Written, bad_file, too_deep, too_large

# no possessive groups: Python before 3.11.4 loses their matches
_PIECE: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|'
    + r"'''.*?'{3,5}|"
    + r'"(?:[^"\\\n]|\\.)*"|'
    + r"'[^'\n]*'|#[^\n]*|\n|[\w-]+|[^\S\n]+|.",
    re.DOTALL,
)
_LONG_KEY: Final = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*\.[ \t]*){{{MAX_DEPTH},}}")
Path = tuple[str | int, ...]


def read(text: str, file: str, mistakes: list[Mistake]) -> Written:
    """The tables of a TOML text. A value inside an array or inline table has the line of its key or of theirs.

    Raises Mistakes (catalog-syntax) where the text is not TOML, LimitError where it is too much.
    """
    if found := _LONG_KEY.search(text):  # they cost the square of their length
        raise too_deep(file, text.count("\n", 0, found.start()) + 1)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, at = str(error).partition(" (at ")
        known = re.match(r"line (\d+)", at)
        line = int(known[1]) if known else text.count("\n") + 1
        raise bad_file(f"this is not TOML: {message[:1].lower()}{message[1:]}", file, line) from None
    except RecursionError:
        raise too_deep(file) from None
    except ValueError:  # what int() says to thousands of digits
        raise bad_file("this is not TOML: a number has too many digits", file) from None
    lines = dict(_lines(text))
    parts = 0

    def written(value: object, path: Path, above: int) -> Written:
        nonlocal parts
        parts += 1
        line = lines.get(path, above)
        if parts > MAX_PARTS:
            raise too_large(f"more than {MAX_PARTS} parts", file, line)
        if len(path) > MAX_DEPTH:
            raise too_deep(file, line)
        if isinstance(value, dict):
            return Written({key: written(item, (*path, key), line) for key, item in value.items()}, line)
        if isinstance(value, list):
            return Written([written(item, (*path, at), line) for at, item in enumerate(value)], line)
        return Written(value, line)

    return written(data, (), 1)


def _lines(text: str) -> Iterator[tuple[Path, int]]:
    """The line of every key and table header of a valid TOML text, by its path; the first mention counts."""
    header: Path = ()
    lengths: dict[Path, int] = {}
    found: dict[Path, int] = {}
    for line, pieces in _statements(text):
        table = pieces[0] == "["
        several = table and pieces[1:2] == ["["]
        names = [_name(piece) for piece in pieces if piece not in (".", "[", "]")]
        path: Path = () if table else header
        for at, name in enumerate(names):
            path = (*path, name)
            if several and at == len(names) - 1:
                found.setdefault(path, line)
                lengths[path] = lengths.get(path, 0) + 1
            if path in lengths:
                path = (*path, lengths[path] - 1)
            found.setdefault(path, line)
        if table:
            header = path
    yield from found.items()


def _statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """The line and the pieces of each table header, and of what stands left of each `=`."""
    line, depth, pieces, in_value = 1, 0, list[str](), False
    for piece in (match[0] for match in _PIECE.finditer(text)):
        if piece == "\n" and depth == 0:
            if pieces and not in_value:
                yield line, pieces
            pieces, in_value = [], False
        elif piece == "=" and not in_value:
            yield line, pieces
            in_value = True
        elif in_value:
            depth += (piece in ("[", "{")) - (piece in ("]", "}"))
        elif not piece.isspace() and piece[0] != "#":
            pieces.append(piece)
        line += piece.count("\n")
    if pieces and not in_value:
        yield line, pieces


def _name(piece: str) -> str:
    """A key as data: bare, or in quotes."""
    if piece[0] == '"':
        return str(tomllib.loads(f"x = {piece}")["x"])
    return piece.strip("'")
