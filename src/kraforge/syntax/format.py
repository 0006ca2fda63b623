"""Formulas in the canonical style: lossless, with their comments and brackets, wrapped where they are long."""

from __future__ import annotations

import re
from typing import Any, Final

from attrs import frozen

from kraforge.limits import Limits
from kraforge.syntax.grammar import tables
from kraforge.syntax.layout import Comment, Page
from kraforge.syntax.machine import Builder, Token, run
from kraforge.syntax.parse import parse
from kraforge.syntax.unparse import unparse

__all__ = ["format_formula", "unparse"]

_COMMENT: Final = re.compile("#[^\n]*")
_CHAINS: Final = ({"else"}, {"or"}, {"and"}, {"+", "-"}, {"*", "/"})
_TIGHT: Final = {"NUMBER", "PERCENT", "DATE", "TIMESTAMP"}


def format_formula(text: str, *, limits: Limits = Limits()) -> str:
    """The formula in the canonical style, lines up to 100 columns where it can be broken.

    It parses to the same tree, keeps every comment and bracket, and is left as it is when formatted again. A text that
    would grow past `limits.characters` is left as it is too. Raises what parse raises.
    """
    parse(text, limits=limits)
    table = tables()
    builders = {rule.builds: _written(rule.builds) for rule in table.rules if rule.builds}
    writing = _Writing(text)
    writing.write(run(text, table, builders), 0)
    formatted = writing.finished()
    return formatted if len(formatted) <= limits.characters else text


@frozen(eq=False)
class _Rule:
    """A rule of the grammar with everything that was written for it, tokens included."""

    name: str
    parts: list[Any]


def _written(name: str) -> Builder:
    def written(parts: list[Any]) -> _Rule:
        flat: list[Any] = []
        for part in parts:
            flat += part.parts if isinstance(part, _Rule) and part.name == "several" else [part]
        return _Rule(name, flat)

    return written


class _Writing:
    """One formula on its way to a page.

    `indent` is that of the line on which a part starts; `nested` says that the part is an operand, so that its own
    further lines stand deeper than those of what it is an operand of.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.page = Page()

    def finished(self) -> str:
        self.comments(len(self.text))
        return self.page.render()

    def write(self, part: Any, indent: int, nested: bool = False) -> None:
        """Writes a part with all below it."""
        if isinstance(part, Token):
            return self.token(part)
        match part.name:
            case "binary" | "choice":
                self.chain(part, indent, nested)
            case "call" | "bracketed" | "list":
                self.brackets(part, indent)
            case "modified":
                self.modified(part, indent)
            case "unary" if part.parts[0].kind == "MINUS":
                self.token(part.parts[0])
                if _first(part.parts[1]).kind == "MINUS":
                    self.page.text(" ")
                self.write(part.parts[1], indent, nested=True)
            case "between" | "range_between" | "range_to" | "range_from":
                self.range(part, indent)
            case "start" | "literal" | "path":
                for inner in part.parts:
                    self.write(inner, indent, nested)
            case _:
                self.spaced(part.parts, indent)
        return None

    def token(self, token: Token) -> None:
        self.comments(token.start)
        self.position = token.end
        self.page.text(" ".join(token.text.split()) if token.kind in ("MONEY", "DURATION") else token.text)

    def comments(self, end: int) -> None:
        """Passes on the comments between the last token and the one that starts at `end`."""
        for match in _COMMENT.finditer(self.text, self.position, end):
            trailing = self.position > 0 and "\n" not in self.text[self.position : match.start()]
            self.page.comment(Comment(match.group().rstrip(), trailing))

    def spaced(self, parts: list[Any], indent: int) -> None:
        """Writes parts with a blank between: `x is missing`, `key -> value`, `where x`."""
        for i, part in enumerate(parts):
            if i:
                self.page.text(" ")
            self.write(part, indent, nested=True)

    def chain(self, part: _Rule, indent: int, nested: bool) -> None:
        """Writes operands of one kind of operator, each further one on a line of its own where they do not fit."""
        further = indent + nested
        with self.page.group():
            for i, (words, operand) in enumerate(_links(part)):
                if i:
                    self.page.line(further)
                for word in words:
                    self.token(word)
                    self.page.text(" ")
                self.write(operand, further if i else indent, nested=True)

    def modified(self, part: _Rule, indent: int) -> None:
        operand, *modifiers = part.parts
        with self.page.group():
            self.write(operand, indent)
            for modifier in modifiers:
                self.page.line(indent)
                self.write(modifier, indent)

    def brackets(self, part: _Rule, indent: int) -> None:
        """Writes what stands in brackets: one argument a line where they do not fit, literals as many as fit."""
        opening = 1 if part.name == "call" else 0
        for token in part.parts[: opening + 1]:
            self.token(token)
        inside, closing = part.parts[opening + 1 : -1], part.parts[-1]
        if not inside:
            return self.token(closing)
        with self.page.group():
            self.page.line(indent + 1, "")
            for i, item in enumerate(inside):
                if i % 2:
                    self.token(item)
                elif i and part.name == "list":
                    with self.page.group():
                        self.page.line(indent + 1)
                        self.write(item, indent + 1)
                else:
                    if i:
                        self.page.line(indent + 1)
                    self.write(item, indent + 1)
            self.page.line(indent, "", comment_indent=indent + 1)
        return self.token(closing)

    def range(self, part: _Rule, indent: int) -> None:
        tight = all(_literal(end) for end in part.parts if not isinstance(end, Token))
        for i, inner in enumerate(part.parts):
            if i and not tight:
                self.page.text(" ")
            self.write(inner, indent, nested=True)


def _links(part: _Rule) -> list[tuple[list[Token], Any]]:
    """A chain of operators as its operands, each with the words before it, however deep it nests to either side."""
    if part.name == "choice" or part.parts[1].text == "else":
        links: list[tuple[list[Token], Any]] = []
        before: list[Token] = []
        rest: Any = part
        while isinstance(rest, _Rule) and (rest.name == "choice" or _operator(rest) == "else"):
            if rest.name == "choice":
                first, condition, word, then, last, rest = rest.parts
                links += [([*before, first], condition), ([word], then)]
            else:
                operand, last, rest = rest.parts
                links.append((before, operand))
            before = [last]
        return [*links, (before, rest)]
    operators = next((chain for chain in _CHAINS if _operator(part) in chain), {_operator(part)})
    reverse: list[tuple[list[Token], Any]] = []
    left: Any = part
    while isinstance(left, _Rule) and _operator(left) in operators:
        left, operator, operand = left.parts
        reverse.append(([operator], operand))
    return [([], left), *reversed(reverse)]


def _operator(part: _Rule) -> str:
    return str(part.parts[1].text) if part.name == "binary" else ""


def _first(part: Any) -> Token:
    while isinstance(part, _Rule):
        part = part.parts[0]
    assert isinstance(part, Token)
    return part


def _literal(part: Any) -> bool:
    """Whether `..` needs no blanks beside this end of a range."""
    inner = part.parts[1] if part.name == "unary" else part
    return inner.name == "literal" and inner.parts[0].kind in _TIGHT
