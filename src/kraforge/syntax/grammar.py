"""The grammar file and the parser's tables made from it, found in the package or in the checkout.

The tables are plain data, kept beside the grammar as JSON with the checksum of the grammar that they were made from, so
that a process that only parses never imports Lark. Where the checksum differs (the grammar was edited), they are made
anew in memory. `python -m kraforge.syntax.grammar` writes them.
"""

from __future__ import annotations

import json
import re
import zlib
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

END = "END"
"""The kind of the token after the last one."""


@frozen(eq=False)
class Rule:
    """A production: what it gives, how many symbols it takes, and what is built (None: its one symbol's value stays)."""

    gives: str
    takes: int
    builds: str | None


@frozen(eq=False)
class Tables:
    """An LALR(1) parser as data.

    `rows[state]` maps a terminal to a state to shift to (0 and up) or a rule to reduce by (-1 - its index), and a rule's
    name to the state after it. `words` maps a reserved word to its terminal.
    """

    rows: tuple[dict[str, int], ...]
    rules: tuple[Rule, ...]
    final: int
    words: dict[str, str]
    scanner: re.Pattern[str]


@cache
def folder() -> Path:
    """The folder of the grammar: in the installed package, else in the checkout."""
    package = Path(__file__).parent.parent
    installed = package / "_grammar"
    return installed if installed.is_dir() else package.parent.parent / "grammar"


def grammar_text() -> str:
    """The grammar in Lark's notation."""
    return (folder() / "formula.lark").read_text("utf-8")


@cache
def tables() -> Tables:
    """The parser's tables: read once, the same for every thread."""
    grammar = grammar_text()
    file = folder() / "formula.tables.json"
    data = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return _tables(data if data.get("grammar") == _checksum(grammar) else make(grammar))


def make(grammar: str) -> dict[str, Any]:
    """The tables of a grammar as plain data, the same for the same grammar. Needs Lark, and raises its GrammarError."""
    from lark import Lark

    lark = Lark(grammar, parser="lalr", lexer="contextual")
    table = lark.parser.parser._parse_table
    rules: list[list[Any]] = []
    numbers: dict[Any, int] = {}
    for rule in lark.rules:
        numbers[rule] = len(rules)
        helper, name = rule.origin.name.startswith("__"), str(rule.alias or rule.origin.name)
        stays = len(rule.expansion) == 1 and rule.options.expand1 and not rule.alias
        rules.append([str(rule.origin.name), len(rule.expansion), None if stays else "several" if helper else name])
    order, rows = [table.start_states["start"]], []
    places = {order[0]: 0}
    for state in order:  # states are numbered in the order of first sight: Lark's own numbers vary from run to run
        row = {}
        for symbol, (action, argument) in sorted(table.states[state].items()):
            if str(action) == "Shift" and argument not in places:
                places[argument] = len(order)
                order.append(argument)
            target = places[argument] if str(action) == "Shift" else -1 - numbers[argument]
            row[END if symbol == "$END" else symbol] = target
        rows.append(row)
    ordered = sorted(lark.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    patterns = {str(t.name): t.pattern.to_regexp() for t in ordered}
    words = {pattern[:-2]: name for name, pattern in patterns.items() if re.fullmatch(r"[a-z]+\\b", pattern)}
    return {
        "grammar": _checksum(grammar),
        "ignored": list(lark.ignore_tokens),
        "patterns": {name: pattern for name, pattern in patterns.items() if name not in words.values()},
        "words": words,
        "rules": rules,
        "final": places[table.end_states["start"]],
        "rows": rows,
    }


def _tables(data: dict[str, Any]) -> Tables:
    patterns: dict[str, str] = data["patterns"]
    ignored = "|".join(patterns[name] for name in data["ignored"])
    kinds = "|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items() if name not in data["ignored"])
    return Tables(
        rows=tuple(data["rows"]),
        rules=tuple(Rule(*rule) for rule in data["rules"]),
        final=data["final"],
        words=data["words"],
        scanner=re.compile(rf"(?:{ignored})*+(?:{kinds}|(?P<{END}>\Z))"),
    )


def _checksum(grammar: str) -> str:
    return f"{zlib.crc32(grammar.encode()):08x}"


def _write() -> None:
    """Writes the tables beside the grammar."""
    lines = [f"{json.dumps(key)}: " + _lines(value) for key, value in make(grammar_text()).items()]
    (folder() / "formula.tables.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _lines(value: Any) -> str:
    if not isinstance(value, list):
        return json.dumps(value)
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"


if __name__ == "__main__":
    _write()
