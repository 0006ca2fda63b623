"""The LALR(1) machine: text and tables to whatever the builders make, token by token, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from kraforge.syntax.grammar import END, Tables


@frozen(eq=False)
class Token:
    """A word, sign or literal of the text. Its kind is a terminal of the grammar, or `END`, or `""` for no token at all."""

    kind: str
    text: str
    start: int
    end: int


Builder = Callable[[list[Any]], Any]
"""Makes the value of a rule from the values of its symbols; a terminal's value is its token."""


class Stuck(Exception):
    """The machine cannot go on: its states and values, and the token that fits nowhere."""

    def __init__(self, states: list[int], values: list[Any], token: Token) -> None:
        super().__init__(token.kind)
        self.states, self.values, self.token = states, values, token


def run(text: str, tables: Tables, builders: Mapping[str, Builder]) -> Any:
    """What the builders make of the text; raises Stuck.

    A reserved word is one only in a state that can take it, as in Lark's contextual lexer, else it is a name.
    """
    rows, rules, words, scan = tables.rows, tables.rules, tables.words, tables.scanner.match
    states: list[int] = [0]
    values: list[Any] = []
    row, position = rows[0], 0
    while True:
        match = scan(text, position)
        if match is None or match.lastgroup is None:
            raise Stuck(states, values, nothing(text, position))
        kind: str = match.lastgroup
        start, position = match.span(kind)
        word = text[start:position]
        if kind == "NAME" and word in words and (words[word] in row or "NAME" not in row):
            kind = words[word]
        token = Token(kind, word, start, position)
        while (move := row.get(kind)) is not None and move < 0:
            rule = rules[-1 - move]
            takes = rule.takes
            if rule.builds is not None:
                values[-takes:] = (builders[rule.builds](values[-takes:]),)
            del states[-takes:]
            states.append(rows[states[-1]][rule.gives])
            row = rows[states[-1]]
        if kind == END and states[-1] == tables.final:
            return values[0]
        if move is None:
            raise Stuck(states, values, token)
        states.append(move)
        values.append(token)
        row = rows[move]


def nothing(text: str, position: int) -> Token:
    """The place after blanks and comments where no token starts, as a token of its own, one character wide."""
    while position < len(text) and text[position] in " \t\r\n#":
        line = text.find("\n", position) if text[position] == "#" else position
        position = len(text) if line < 0 else line + 1
    return Token("", text[position : position + 1], position, min(position + 1, len(text)))


def tokens(text: str, tables: Tables, position: int = 0) -> Iterator[Token]:
    """The tokens from a position on, whatever their order, up to `END` or to the first that is none; words are names."""
    while True:
        match = tables.scanner.match(text, position)
        if match is None or match.lastgroup is None:
            yield nothing(text, position)
            return
        start, position = match.span(match.lastgroup)
        yield Token(match.lastgroup, text[start:position], start, position)
        if match.lastgroup == END:
            return
