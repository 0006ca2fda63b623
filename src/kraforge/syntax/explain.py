"""What to say where the machine is stuck: what was expected in the reader's words, and the one-token repair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice, takewhile
from typing import Final

from kraforge.errors import Mistake
from kraforge.syntax.grammar import END, Tables
from kraforge.syntax.habits import habit
from kraforge.syntax.literals import shown
from kraforge.syntax.lookalikes import unwritable
from kraforge.syntax.machine import Stuck, Token, tokens
from kraforge.text import Span

AHEAD: Final = 100
"""How many tokens after a repair have to fit before it is proposed."""

_INSERTED: Final = {"RPAR": ")", "COMMA": ",", "THEN": "then", "ELSE": "else", "TO": "..", "PLUS": "an operator"}
_RESERVED_AS_NAMES: Final = {"where", "on", "during", "via", "then", "else", "or", "and", "is", "in", "present"}


def explain(text: str, stuck: Stuck, tables: Tables) -> Mistake:
    """The mistake where the machine is stuck."""
    token = stuck.token
    # the token itself may have made the machine reduce before it got stuck, which hides what could stand in its place
    earlier = takewhile(lambda before: before.start < token.start, tokens(text, tables))
    stuck.states = _advanced([0], earlier, tables) or stuck.states
    opened = [value for value in stuck.values if isinstance(value, Token) and value.kind == "LPAR"]
    return (
        _unclosed(stuck, opened, tables)
        or _chained(text, stuck)
        or habit(text, token.start)
        or (unwritable(text, token.start) if token.kind == "" else None)
        or _reserved(text, stuck)
        or _repaired(text, stuck, opened, tables)
        or Mistake("syntax", _expected(stuck, tables), span=Span(token.start, token.end), hint=_branch(stuck))
    )


def hidden(text: str, position: int, tables: Tables) -> Mistake:
    """The mistake for a character that shows nothing, or makes text look other than it is."""
    within = [token.kind for token in tokens(text, tables) if token.start < position < token.end]
    code = "bad-literal" if within and within[0] == "TEXT" else "syntax"
    message = f"an invisible character (U+{ord(text[position]):04X}) stands here"
    return Mistake(code, message, span=Span(position, position + 1), hint="remove it")


def _unclosed(stuck: Stuck, opened: Sequence[Token], tables: Tables) -> Mistake | None:
    if stuck.token.kind != END or not opened:
        return None
    last = opened[-1]
    notes = [] if len(opened) == 1 else [f"{len(opened)} brackets are open at the end"]
    if "RPAR" not in _acceptable(stuck.states, tables):
        notes.append(f"the formula ends where {_expectations(stuck, tables)} is expected")
    message = "this bracket is never closed"
    return Mistake(
        "unclosed-bracket", message, span=Span(last.start, last.end), hint="close it with )", notes=tuple(notes)
    )


def _chained(text: str, stuck: Stuck) -> Mistake | None:
    """Comparisons one after the other: the words before are a comparison already."""
    token = stuck.token
    if token.kind not in ("COMPARE", "IS", "IN"):
        return None
    for i in range(len(stuck.values) - 1, 0, -1):
        value = stuck.values[i]
        if not isinstance(value, Token) or value.kind in ("PLUS", "MINUS", "STAR", "SLASH", "MISSING", "PRESENT"):
            continue
        if value.kind not in ("COMPARE", "IS", "IN"):
            return None
        if value.end == token.start:  # `==` and its like
            return None
        first = text[stuck.values[i - 1].span.start : token.start].strip() if value.kind == "COMPARE" else ""
        second = text[value.end : token.start].strip()
        hint = f"write {first} and {second} {token.text} …" if 0 < len(first) <= 40 else "join comparisons with 'and'"
        return Mistake("chained-comparison", "comparisons do not chain", span=Span(token.start, token.end), hint=hint)
    return None


def _reserved(text: str, stuck: Stuck) -> Mistake | None:
    """A reserved word that was read as a name, since only a value can stand where it does."""
    last = stuck.values[-1] if stuck.values else None
    if not isinstance(last, Token) or last.kind != "NAME" or last.text not in _RESERVED_AS_NAMES:
        return None
    message = f"a value is expected before '{last.text}'"
    hint = f"if it is meant as a name, write `{last.text}`"
    return Mistake("syntax", message, span=Span(last.start, last.end), hint=hint)


def _repaired(text: str, stuck: Stuck, opened: Sequence[Token], tables: Tables) -> Mistake | None:
    """The mistake with its repair, where leaving out or putting in one token makes the rest fit."""
    token, span = stuck.token, Span(stuck.token.start, stuck.token.end)
    ahead = list(islice(tokens(text, tables, token.start), AHEAD + 1))
    message = _expected(stuck, tables)
    before = stuck.values[-1] if stuck.values else None
    if isinstance(before, Token) and before.kind == "COMMA" and token.kind in ("RPAR", "COMMA", END):
        comma = Span(before.start, before.end)
        return Mistake("syntax", "no argument follows this comma", span=comma, hint="remove it")
    if token.kind == "RPAR" and not opened:
        return Mistake("syntax", "this bracket closes nothing", span=span, hint="remove it")
    sign = token.kind != END and not (token.text[0].isalnum() or token.text[0] in "_`'")
    if sign and _fits(stuck.states, ahead[1:], tables):
        return Mistake("syntax", message, span=span, hint=f"remove {shown(token.text)}")
    acceptable = _acceptable(stuck.states, tables)
    kinds = [kind for kind in _INSERTED if kind in acceptable and (kind != "ELSE" or _branch(stuck))]
    fitting = [kind for kind in kinds if _fits(stuck.states, [Token(kind, "", 0, 0), *ahead], tables)]
    if fitting == ["RPAR"]:
        hint = f"close it before {shown(token.text)}"
        last = opened[-1]
        return Mistake("unclosed-bracket", "this bracket is never closed", span=Span(last.start, last.end), hint=hint)
    if fitting and (len(fitting) == 1 or fitting == ["COMMA", "PLUS"]):
        missing = " or ".join(_INSERTED[kind] for kind in fitting)
        return Mistake("syntax", message, span=span, hint=f"{missing} is missing before it")
    return None


def _branch(stuck: Stuck) -> str | None:
    """What to do where the machine is in a branch that needs its other one."""
    words = [v.kind for v in stuck.values if isinstance(v, Token) and v.kind in ("LPAR", "IF", "THEN", "ELSE", "COMMA")]
    return "add else and a value; else missing where there is none" if words[-1:] == ["THEN"] else None


def _expected(stuck: Stuck, tables: Tables) -> str:
    expectations = _expectations(stuck, tables)
    if stuck.token.kind == END:
        return f"the formula ends where {expectations} is expected"
    return f"expected {expectations}, not {shown(stuck.token.text)}"


def _expectations(stuck: Stuck, tables: Tables) -> str:
    """What could stand instead, in the reader's words: 'an operator, a comma or a closing bracket'."""
    acceptable = _acceptable(stuck.states, tables)
    after_value = "PLUS" in acceptable
    words = {
        "a value": {"NAME", "LPAR"} <= acceptable,
        "a name": "NAME" in acceptable and "LPAR" not in acceptable,
        "a literal": "NUMBER" in acceptable and "NAME" not in acceptable,
        "an operator": after_value,
        "'and'": "AND" in acceptable and not after_value,
        "'or'": "OR" in acceptable and not after_value,
        "'in'": "IN" in acceptable and not after_value,
        "'missing'": "MISSING" in acceptable and "NUMBER" not in acceptable,
        "'present'": "PRESENT" in acceptable,
        "'then'": "THEN" in acceptable,
        "'else'": "ELSE" in acceptable and bool(_branch(stuck)),
        "'..'": "TO" in acceptable and not acceptable & {"COMMA", "RPAR", "NAME"},
        "a comma": "COMMA" in acceptable,
        "a closing bracket": "RPAR" in acceptable,
        "the end of the formula": acceptable <= {END, "WHERE", "ON", "DURING", "VIA", "DOT"},
    }
    fitting = [word for word, fits in words.items() if fits]
    return " or ".join([", ".join(fitting[:-1]), fitting[-1]] if len(fitting) > 1 else fitting)


def _acceptable(states: Sequence[int], tables: Tables) -> set[str]:
    """The tokens that can stand next. A row also lists tokens that only reduce and fail later: each one is tried."""
    kinds = [kind for kind in tables.rows[states[-1]] if kind.isupper()]
    return {kind for kind in kinds if _fits(states, [Token(kind, "", 0, 0)], tables)}


def _fits(states: Sequence[int], ahead: Iterable[Token], tables: Tables) -> bool:
    """Whether the machine gets past these tokens."""
    return _advanced(states, ahead, tables) is not None


def _advanced(states: Sequence[int], ahead: Iterable[Token], tables: Tables) -> list[int] | None:
    """The states of the machine past these tokens, None where it gets stuck before."""
    states = list(states)
    for token in ahead:
        row = tables.rows[states[-1]]
        kind = tables.words.get(token.text, token.kind)
        kind = kind if kind in row or "NAME" not in row else token.kind
        while (move := row.get(kind)) is not None and move < 0:
            rule = tables.rules[-1 - move]
            del states[-rule.takes :]
            states.append(tables.rows[states[-1]][rule.gives])
            row = tables.rows[states[-1]]
        if move is None:
            return states if kind == END and states[-1] == tables.final else None
        states.append(move)
    return states
