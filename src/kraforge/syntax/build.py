"""From rules to nodes: what each rule of the grammar becomes, built bottom-up while the machine runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, frozen

from kraforge.errors import Mistake
from kraforge.syntax import nodes
from kraforge.syntax.literals import Report, constant
from kraforge.syntax.machine import Builder, Token
from kraforge.text import Span

LONGEST_NAME: Final = 200
"""How many characters a name has at most: longer ones are no names, and comparing them with others costs much."""


@frozen
class _List:
    """The literals between the brackets of `in (…)`."""

    items: tuple[nodes.Expression, ...]
    span: Span


def builders(report: Report) -> Mapping[str, Builder]:
    """The builders of nodes; mistakes that leave the shape of the formula clear are reported and passed over."""

    def modified(values: list[Any]) -> nodes.Modified:
        operand, modifiers = values
        written: set[str] = set()
        for modifier in modifiers:
            if modifier.word in written:
                hint = "join the conditions with 'and'" if modifier.word == "where" else "keep one of the two"
                message = f"'{modifier.word}' stands here twice"
                report(Mistake("repeated-modifier", message, span=modifier.span, hint=hint))
            written.add(modifier.word)
        return nodes.Modified(operand, tuple(modifiers), operand.span.to(modifiers[-1].span))

    def name(token: Token) -> nodes.Name:
        quoted, span = token.kind == "QUOTED_NAME", Span(token.start, token.end)
        if token.end - token.start > LONGEST_NAME:
            report(Mistake("bad-literal", f"a name has at most {LONGEST_NAME} characters", span=span))
        return nodes.Name(token.text[1:-1] if quoted else token.text, span, quoted)

    def path(values: list[Any]) -> nodes.Path:
        tokens = [values[0], *values[1]] if len(values) == 2 else values
        return nodes.Path(tuple(map(name, tokens)), Span(tokens[0].start, tokens[-1].end))

    def call(values: list[Any]) -> nodes.Call:
        function, arguments = values[0], values[2:-1]
        if len(arguments) == 2:
            arguments = [arguments[0], *arguments[1]]
        return nodes.Call(name(function), tuple(arguments), Span(function.start, values[-1].end))

    def literal(values: list[Any]) -> nodes.Constant:
        return constant(values[0], report)

    return {**_BUILDERS, "modified": modified, "path": path, "call": call, "literal": literal}


def _several(values: list[Any]) -> list[Any]:
    """What a repeated part of a rule collects, without the commas and dots between."""
    if not isinstance(values[0], list):
        return [values[-1]]
    values[0].append(values[-1])  # the list is the stack's alone: a new one each time would cost its square
    return values[0]


def _modifier(values: list[Any]) -> nodes.Modifier:
    word, value = values
    return nodes.Modifier(word.text, value, Span(word.start, value.span.end))


def _choice(values: list[Any]) -> nodes.If:
    first, condition, _, then, _, otherwise = values
    return nodes.If(condition, then, otherwise, Span(first.start, otherwise.span.end))


def _binary(values: list[Any]) -> nodes.Binary:
    left, operator, right = values
    return nodes.Binary(operator.text, left, right, Span(left.span.start, right.span.end))


def _unary(values: list[Any]) -> nodes.Unary:
    operator, operand = values
    return nodes.Unary(operator.text, operand, Span(operator.start, operand.span.end))


def _presence(values: list[Any]) -> nodes.Presence:
    operand, _, word = values
    return nodes.Presence(operand, word.kind == "PRESENT", Span(operand.span.start, word.end))


def _list(values: list[Any]) -> _List:
    first, *rest = (v for v in values[1:-1])
    return _List((first, *(rest[0] if rest else ())), Span(values[0].start, values[-1].end))


def _between(values: list[Any]) -> nodes.Range:
    low, _, high = values
    return nodes.Range(low, high, True, low.span.to(high.span))


def _membership(values: list[Any]) -> nodes.Membership | nodes.Between:
    operand, members, negated = values[0], values[-1], len(values) == 4
    span = operand.span.to(members.span)
    if isinstance(members, _List):
        return nodes.Membership(operand, members.items, negated, span)
    return nodes.Between(operand, members.low, members.high, negated, span)


def _bracketed(values: list[Any]) -> nodes.Expression:
    opening, inner, closing = values
    bracketed: nodes.Expression = evolve(inner, span=Span(opening.start, closing.end))
    return bracketed


def _pair(values: list[Any]) -> nodes.Pair:
    key, _, value = values
    return nodes.Pair(key, value, key.span.to(value.span))


def _range_to(values: list[Any]) -> nodes.Range:
    sign, high = values
    return nodes.Range(None, high, sign.kind == "TO", Span(sign.start, high.span.end))


def _range_from(values: list[Any]) -> nodes.Range:
    low, sign = values
    return nodes.Range(low, None, True, Span(low.span.start, sign.end))


def _range_between(values: list[Any]) -> nodes.Range:
    low, sign, high = values
    return nodes.Range(low, high, sign.kind == "TO", low.span.to(high.span))


_BUILDERS: Final[Mapping[str, Builder]] = {
    "start": lambda values: values[0],
    "several": _several,
    "modifier": _modifier,
    "choice": _choice,
    "binary": _binary,
    "unary": _unary,
    "presence": _presence,
    "list": _list,
    "between": _between,
    "membership": _membership,
    "bracketed": _bracketed,
    "pair": _pair,
    "range_to": _range_to,
    "range_from": _range_from,
    "range_between": _range_between,
}
