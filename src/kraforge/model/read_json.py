"""JSON with line numbers: the standard library says whether it is JSON, a walk over its tokens says where things are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NoReturn

from kraforge.errors import Mistake
from kraforge.model.written import MAX_DEPTH, MAX_PARTS, Written, bad_file, number, shown, too_deep, too_large
from kraforge.text import Place

_TOKEN: Final = re.compile(r'[{}\[\],:\n]|"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s{}\[\],:"]+')
_WORDS: Final = {"null": None, "true": True, "false": False}


def read(text: str, file: str, mistakes: list[Mistake]) -> Written:
    """The value of a JSON text. Keys written twice are added to `mistakes`; the first counts.

    Raises Mistakes (catalog-syntax) where the text is not JSON, LimitError where it is too much.
    """

    def refuse(word: str) -> NoReturn:
        raise bad_file(f"this is not JSON: {word} is no value", file)

    try:
        json.loads(text, parse_constant=refuse, parse_int=len, parse_float=len)
    except json.JSONDecodeError as error:
        raise bad_file(f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}", file, error.lineno) from None
    except RecursionError:
        raise too_deep(file) from None
    return _Reader(text, file, mistakes).value(0)


class _Reader:
    """Builds the tree of a text that is known to be JSON."""

    def __init__(self, text: str, file: str, mistakes: list[Mistake]) -> None:
        self.line, self.parts, self.file, self.mistakes = 1, 0, file, mistakes
        self.tokens = self.running(text)

    def running(self, text: str) -> Iterator[str]:
        for found in _TOKEN.finditer(text):
            if found[0] == "\n":
                self.line += 1
            else:
                yield found[0]

    def value(self, depth: int, token: str | None = None, line: int | None = None) -> Written:
        token = token or next(self.tokens)
        line = line or self.line
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise too_large(f"more than {MAX_PARTS} parts", self.file, line)
        if depth > MAX_DEPTH:
            raise too_deep(self.file, line)
        if token == "[":
            return Written(self.items(depth), line)
        if token == "{":
            return Written(self.entries(depth), line)
        if token[0] == '"':
            return Written(json.loads(token), line)
        return Written(_WORDS[token] if token in _WORDS else number(token), line)

    def items(self, depth: int) -> list[Written]:
        items: list[Written] = []
        while (token := next(self.tokens)) != "]":
            if token != ",":
                items.append(self.value(depth + 1, token))
        return items

    def entries(self, depth: int) -> dict[str, Written]:
        entries: dict[str, Written] = {}
        while (token := next(self.tokens)) != "}":
            if token == ",":
                continue
            key, line = json.loads(token), self.line
            next(self.tokens)
            value = self.value(depth + 1, line=line)
            if (first := entries.get(key)) is not None:
                message = f"the key '{shown(key)}' is written twice, first at line {first.line}"
                self.mistakes.append(
                    Mistake("catalog-syntax", message, Place("", self.file, line), hint="remove one of the two")
                )
            else:
                entries[key] = value
        return entries
