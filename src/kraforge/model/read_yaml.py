"""YAML 1.2 as plain data: scalars of the core schema without dates, no tags, no aliases, no merge keys.

Imported when the first YAML file is read, because ruamel.yaml takes its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scanner import Scanner

from kraforge.errors import Mistake
from kraforge.model.written import (
    MAX_DEPTH,
    MAX_LINE,
    MAX_PARTS,
    Written,
    bad_file,
    number,
    shown,
    too_deep,
    too_large,
)
from kraforge.text import Place

_WHOLE: Final = re.compile(r"[-+]?[0-9]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_ODD: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


class _BoundedScanner(Scanner):
    """Stops at the depth bound already among the tokens, because looking ahead costs the square of the depth."""

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803 (the parent's name)
        super().fetch_flow_collection_start(TokenClass, to_push)
        if len(self.flow_context) > MAX_DEPTH:
            raise _TooDeep(self.reader.line + 1)

    def add_indent(self, column: int) -> bool:
        deeper: bool = super().add_indent(column)
        if len(self.indents) > MAX_DEPTH:
            raise _TooDeep(self.reader.line + 1)
        return deeper


def read(text: str, file: str, mistakes: list[Mistake]) -> Written:
    """The one document of a YAML text. Keys written twice are added to `mistakes`; the first counts.

    Raises Mistakes (catalog-syntax) where the text is not YAML of this kind, LimitError where it is too much.
    """
    for at, written in enumerate(text.split("\n"), 1):
        if len(written) > MAX_LINE:  # the scanner reads a letter at a time
            raise too_large(f"a line of more than {MAX_LINE} characters", file, at)
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _BoundedScanner
    try:
        return _Reader(yaml.parse(text), file, mistakes).document()
    except _TooDeep as error:
        raise too_deep(file, error.line) from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise bad_file(f"this is not YAML: {shown(str(problem))}", file, line) from None
    except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError, AssertionError) as error:
        # The scanner's own slips on malformed escapes and directives.
        raise bad_file(f"this is not YAML: {shown(str(error))}", file) from None


class _Reader:
    def __init__(self, events: Iterator[Any], file: str, mistakes: list[Mistake]) -> None:
        self.events, self.file, self.mistakes, self.parts = events, file, mistakes, 0

    def document(self) -> Written:
        tree: Written | None = None
        for event in self.events:
            line = event.start_mark.line + 1
            if isinstance(event, DocumentStartEvent):
                if tree is not None:
                    raise bad_file("a catalog file holds one YAML document", self.file, line, "remove the line of ---")
                if event.version not in (None, (1, 2)):
                    raise bad_file("a catalog is YAML 1.2", self.file, line, "remove the %YAML line")
                tree = self.value(next(self.events), 0)
        return tree or Written(None, 1)

    def value(self, event: Any, depth: int, line: int | None = None) -> Written:
        """The value that an event begins, at the line of its key where it has one."""
        here = event.start_mark.line + 1
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise too_large(f"more than {MAX_PARTS} parts", self.file, here)
        if depth > MAX_DEPTH:
            raise too_deep(self.file, here)
        if isinstance(event, AliasEvent):
            name = shown(str(event.anchor))
            raise bad_file(f"aliases (*{name}) are not read", self.file, here, "write the value out")
        # A plain `!` means the scalar is text as it stands: that is a tag too.
        if event.tag is not None:
            raise bad_file(f"tags ({shown(str(event.tag))}) are not read", self.file, here, "write a plain value")
        match event:
            case ScalarEvent():
                return Written(event.value if event.style else scalar(event.value), line or here)
            case SequenceStartEvent():
                return Written(self.items(depth), line or here)
            case _:
                return Written(self.entries(depth), line or here)

    def items(self, depth: int) -> list[Written]:
        items: list[Written] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self.value(event, depth + 1))
        return items

    def entries(self, depth: int) -> dict[str, Written]:
        entries: dict[str, Written] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, ScalarEvent) or event.tag is not None:
                raise bad_file("a key is plain text", self.file, line)
            if event.value == "<<" and not event.style:
                raise bad_file("merge keys (<<) are not read", self.file, line, "write the keys out")
            value = self.value(next(self.events), depth + 1, line)
            if (first := entries.get(event.value)) is not None:
                message = f"the key '{shown(event.value)}' is written twice, first at line {first.line}"
                self.mistakes.append(
                    Mistake("catalog-syntax", message, Place("", self.file, line), hint="remove one of the two")
                )
            else:
                entries[event.value] = value
        return entries


def scalar(text: str) -> str | Decimal | bool | None:
    """A plain scalar by YAML's core schema; `on`, `NO`, `09:30` and dates stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if not text[0].isdigit() and text[0] not in "+-.":
        return text
    if _WHOLE.fullmatch(text) or _FLOAT.fullmatch(text):
        return number(text)
    if len(text) < 40 and _BASED.fullmatch(text):
        return Decimal(int(text, 0))
    if _ODD.fullmatch(text):
        return Decimal("NaN")
    return text
