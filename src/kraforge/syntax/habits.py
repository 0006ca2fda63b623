"""What hands write that know other languages: each habit with what it is called here."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from attrs import frozen

from kraforge.errors import Mistake
from kraforge.syntax.currencies import CURRENCIES
from kraforge.syntax.literals import shown
from kraforge.text import Span, nearest

REACH: Final = 80
"""How many characters before and after the place where the parser is stuck a habit is looked for."""

UNITS: Final = ("seconds", "minutes", "hours", "days", "weeks", "months", "quarters", "halves", "years")
SIGNS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "¥": "JPY"}

Say = str | Callable[["re.Match[str]", "re.Match[str]"], str]


@frozen
class Habit:
    """A habit: what stands before the place where the parser is stuck (blanks apart, to its end) and what stands at it.

    `message` and `hint` are texts, or are made from the two matches. With `wide` the span begins with what is before.
    """

    before: str
    at: str
    message: Say
    hint: Say
    code: str = "syntax"
    wide: bool = False


def _plain(before: re.Match[str], at: re.Match[str]) -> str:
    return f"write {re.sub('[,_]', '', before.group().strip() + at.group())}"


def _unit(before: re.Match[str], at: re.Match[str]) -> str:
    number, word = before["number"], at["word"]
    if word.upper() in CURRENCIES:
        return f"write {number} {word.upper()}"
    near = nearest(word, UNITS)
    if near is None:
        return "an operator is missing before it"
    return f"did you mean {number} {near.removesuffix('s') if number == '1' else near}?"


_NOTHING, _VALUE_FOLLOWS = "", r"\s*[A-Za-z0-9_(`'.]"
_NUMBER = r"(?<![A-Za-z0-9_.])(?P<number>[0-9]+(?:\.[0-9]+)?)"
_RESERVED = "where|on|during|via|if|then|else|or|and|not|is|in|missing|present|true|false"
_NO_MODULO, _NO_POWER = "there is no modulo operator", "there is no operator for powers"

_NO_DATE, _DATE = "a date is written year first, in full", "write a date like 2026-04-01"
_NO_TEMPLATE, _NO_TEMPLATE_HINT = (
    "nothing is filled in here",
    "use a parameter of the catalog, or a value of the request",
)

HABITS: Final = (
    # numbers
    Habit(_NOTHING, r"(?P<number>[0-9]+(?:\.[0-9]+)?)(?P<word>(?:second|minute|hour|day|week|month|quarter|year)s?|half|halves)\b",
          "a blank stands between a number and its unit", lambda b, a: f"write {a['number']} {a['word']}", "bad-literal"),
    Habit(r"(?<![0-9])[0-9]{1,3}(?:,[0-9]{2,3})*,", r"[0-9]{2,3}(?:,[0-9]{2,3})*(?![0-9])",
          "a number is written without separators", _plain, "bad-literal", wide=True),
    Habit(r"(?<![0-9.])[0-9]{1,3}", r",[0-9]{2,3}(?:,[0-9]{2,3})*(?![0-9])",
          "a number is written without separators", _plain, "bad-literal", wide=True),
    Habit(_NOTHING, r"[0-9]+(?:_[0-9]+)+", "a number is written without separators", _plain, "bad-literal"),
    Habit(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\s+", r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?",
          "a timestamp has a T between date and time",
          lambda b, a: f"write {b.group().strip()}T{a.group().zfill(len(a.group()) + (a.group()[1] == ':'))}",
          "bad-literal", wide=True),
    Habit(r"[0-9]{2,4}-", r"0[1-9](?:-[0-9]{1,2})?(?![0-9])", _NO_DATE, _DATE, "bad-literal", wide=True),
    Habit(r"(?:[0-9]{1,2}[./])?", r"[0-9]{1,2}[./](?:[0-9]{1,2}[./])?[0-9]{4}(?![0-9])", _NO_DATE, _DATE, "bad-literal", wide=True),
    Habit(r"T[0-9:]{5,8}[+]", r"[0-9]{2}:?[0-9]{2}", "a timestamp has no zone of its own", "it is in the catalog's zone: remove it",
          "bad-literal"),
    Habit(_NOTHING, r"0+(?P<rest>[0-9]+)(?![0-9A-Za-z_])", "a number has no leading zeros",
          lambda b, a: f"write {shown(a['rest'])[1:-1]}", "bad-literal"),
    Habit(r"(?<![0-9A-Za-z_`).])\s*", r"\.(?P<digits>[0-9]+)", "a number has a digit before its point",
          lambda b, a: f"write 0.{shown(a['digits'])[1:-1]}", "bad-literal"),
    Habit(_NUMBER, r"\.(?![0-9A-Za-z_.])", "a number has a digit after its point", lambda b, a: f"write {b['number']}",
          "bad-literal", wide=True),
    Habit(rf"{_NUMBER}[ \t]+", r"%(?!\s*[A-Za-z0-9_(`'])", "a percentage is written without a blank",
          lambda b, a: f"write {b['number']}%", "bad-literal", wide=True),
    Habit(rf"{_NUMBER}\s+", rf"(?!(?:{_RESERVED})\b)(?P<word>[A-Za-z]+)\b", lambda b, a: f"{shown(a['word'])} is not a unit", _unit),
    Habit(rf"{_NUMBER}\s+", r"(?P<word>[A-Za-z]+_\w+)\b", lambda b, a: f"{shown(a['word'])} is not a unit",
          "an operator is missing before it; a period of one's own stands without a number, and several are a length such as 8 weeks"),
    Habit(_NOTHING, r"\$(?=[A-Za-z_{])", _NO_TEMPLATE, _NO_TEMPLATE_HINT),
    Habit(rf"{_NUMBER}[ \t]*", r"[$€£₹¥]", "money is written with the code of its currency",
          lambda b, a: f"write {b['number']} {SIGNS[a.group()]}", "bad-literal", wide=True),
    Habit(_NOTHING, r"[$€£₹¥]\s*(?P<number>[0-9][0-9.]*)?", "money is written with the code of its currency",
          lambda b, a: f"write {a['number'] or '100'} {SIGNS[a.group()[0]]}", "bad-literal"),
    # operators
    Habit("!=", r"=", "'!==' is not an operator here", "write !=", wide=True),
    Habit("=", r"=+", "'==' is not an operator here", "write =", wide=True),
    Habit("<", r">", "'<>' is not an operator here", "write !=", wide=True),
    Habit("=", r"[<>]", lambda b, a: f"'={a.group()}' is not an operator here", lambda b, a: f"write {a.group()}=", wide=True),
    Habit(_NOTHING, r"&&?", lambda b, a: f"'{a.group()}' is not an operator here", "write and"),
    Habit(_NOTHING, r"\|\|?", lambda b, a: f"'{a.group()}' is not an operator here", "write or"),
    Habit(_NOTHING, r"[!~]", lambda b, a: f"'{a.group()}' is not an operator here", "write not"),
    Habit(_NOTHING, rf"%{_VALUE_FOLLOWS}", _NO_MODULO, "/ divides exactly, floor(x / y) rounds down"),
    Habit(r"%\s*", _VALUE_FOLLOWS, _NO_MODULO, "5% is a percentage; / divides exactly, floor(x / y) rounds down"),
    Habit(_NOTHING, r"(?:mod|div)\b", _NO_MODULO, "/ divides exactly, floor(x / y) rounds down"),
    Habit(r"\*", r"\*", _NO_POWER, "write x * x", wide=True),
    Habit(_NOTHING, r"\^", _NO_POWER, "write x * x"),
    Habit("/", r"/", "'//' is neither a comment nor an operator", "a comment begins with #, and / divides", wide=True),
    Habit(_NOTHING, r"/[*/]", lambda b, a: f"'{a.group()}' does not begin a comment", "a comment begins with #"),
    Habit("/", r"\*", "'/*' does not begin a comment", "a comment begins with #", wide=True),
    Habit(_NOTHING, r"--", "'--' is neither a comment nor an operator", "a comment begins with #; two signs need a blank between"),
    Habit(_NOTHING, r"\?\??", lambda b, a: f"'{a.group()}' is not an operator here",
          "write if … then … else …, or x else y for where x is missing"),
    Habit(_NOTHING, r"=>", "'=>' is not an operator here", "write >= or ->"),
    # words of other languages
    Habit(r"\bis\s+", r"(?i:null|none|nil|nan|na|empty|blank|undefined)\b", "no value is called missing here", "write is missing"),
    Habit(r"\bis\s+", r"not\s+(?i:null|none|nil|nan|na|empty|blank|missing)\b", "'is not' is not an operator here",
          "write is present"),
    Habit(r"\bis\s+", r"not\s+present\b", "'is not' is not an operator here", "write is missing"),
    Habit(r"\bis\s+", r"\S+", "'is' asks for missing or present only", "compare with ="),
    Habit(_NOTHING, r"(?i:between)\b", "'between' is not an operator here", "write x in 1..3"),
    Habit(_NOTHING, r"(?i:i?like|matches|regexp|rlike|contains|startswith|endswith)\b",
          lambda b, a: f"'{a.group()}' is not an operator here", "write contains(x, 'a'), starts_with(x, 'a') or ends_with(x, 'a')"),
    Habit(r"\b(?P<word>(?i:case|when|switch))\s+", r"\S", lambda b, a: f"'{b['word']}' is not a word here",
          "write if … then … else …", wide=True),
    Habit(r"\b(?i:select)\s+", r"\S", "'select' is not a word here", "write the expression alone", wide=True),
    Habit(_NOTHING, r"(?i:case|when|switch|end)\b", lambda b, a: f"'{a.group()}' is not a word here", "write if … then … else …"),
    Habit(r"\b(?i:iif|if)\s*\([^()]*", r",", "'if' takes no brackets and commas", "write if … then … else …"),
    Habit(_NOTHING, r"(?i:elif|elseif|elsif)\b", lambda b, a: f"'{a.group()}' is not a word here", "write else if"),
    Habit(r"\b(?i:distinct)\s+", r"\S+", "'distinct' is not a word here", "write count_distinct(x)", wide=True),
    Habit(r"\bcount\s*\(\s*", r"\*", "count takes a table", "write count(invoices)"),
    Habit(_NOTHING, r"(?i:group\s+by|order\s+by|over|partition\s+by|having|limit|from|select|filter|join)\b",
          lambda b, a: f"'{a.group()}' is not a word here", "groups, order and having belong to the request, not to the formula"),
    Habit(rf"{_NUMBER}[ \t]+(?P<word>AND|NOT|VIA)\s+", r"\S", "words of the language are in lower case",
          lambda b, a: f"write {b['word'].lower()}", wide=True),
    Habit(rf"\b(?P<word>{_RESERVED.upper()})\s+", r"\S", "words of the language are in lower case",
          lambda b, a: f"write {b['word'].lower()}", wide=True),
    Habit(_NOTHING, rf"(?:{_RESERVED.upper()})\b",
          "words of the language are in lower case", lambda b, a: f"write {a.group().lower()}"),
    Habit(r"\bin\s*\((?:[^()']|'[^']*')*", r"[A-Za-z_`(]", "in (…) holds literals only", "write x = a or x = b"),
    Habit(r"\bin\s+", r"[A-Za-z_`\[{]\S*", "'in' takes literals in brackets, or a range of literals",
          "write x in ('a', 'b'), x in 1..3, or a <= x and x <= b"),
    Habit(r"\bin\s+\S+\s*", r"\.\.<", "the range after 'in' includes both ends", "write a <= x and x < b"),
    Habit(r"[\w)'`]\s+not\s+", r"[A-Za-z0-9_(`']", "'not' after a value is followed by 'in'", "write and not, or not in"),
    # signs of other languages, and signs out of place
    Habit(r"\bduring\s+", r"\.\.", "'during' takes a start and an end", "write hired_on .. left_on; a missing end means still valid"),
    Habit(r"\bduring\s+[^(),]*\.\.<?\s*", r"\)|\Z", "'during' takes a start and an end",
          "write the end's column, or hired_on .. missing where nothing ends; a missing end means still valid"),
    Habit(r"\.\.", r"\.", "'...' is not an operator here", "write ..", wide=True),
    Habit(_NOTHING, r"\.\.<?", "a range stands only as an argument, after 'in' and after 'during'", "compare with <= or <"),
    Habit(_NOTHING, r"->", "'->' stands only in an argument, between a key and its value", "write = or >="),
    Habit("'", r"[A-Za-z0-9]", "a quote inside a text is written twice", "write '' for it", "bad-literal"),
    Habit(r"\b[fFrRbBuU]", r"['\"]", "a text has no letter before it", "remove the letter", "bad-literal", wide=True),
    Habit(_NOTHING, r'"(?P<text>[^"\n]{0,30})', "a text stands in single quotes",
          lambda b, a: "write '" + a["text"].replace("'", "''") + "'", "bad-literal"),
    Habit(_NOTHING, r"\{\{|\{%|\$|\{|\}", _NO_TEMPLATE, _NO_TEMPLATE_HINT),
    Habit(_NOTHING, r"[\[\]]", "square brackets mean nothing here", "write round brackets"),
    Habit(_NOTHING, r";", "a formula is one expression", "remove the semicolon"),
    Habit(r"[A-Za-z_]\w*\s*", r":(?!=)", "arguments have no names", "write the arguments in their order"),
)  # fmt: skip
"""The first that fits is told."""


def habit(text: str, start: int) -> Mistake | None:
    """The mistake for a habit that shows at a place of the text where the parser is stuck."""
    earlier, later = text[max(0, start - REACH) : start], text[start : start + REACH]
    for known in HABITS:
        at = re.match(known.at, later)
        before = re.search(rf"(?:{known.before})\Z", earlier) if at else None
        if at and before:
            message, hint = (say if isinstance(say, str) else say(before, at) for say in (known.message, known.hint))
            first = start - (len(before.group()) if known.wide else 0)
            return Mistake(known.code, message, span=Span(first, start + at.end()), hint=hint)
    return None
