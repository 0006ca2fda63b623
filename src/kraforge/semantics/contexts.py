"""Context functions: what changes around a measure, sugar spelled out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from kraforge.functions import AGGREGATES, CONTEXTS, Misfit
from kraforge.functions.dates import UNITS
from kraforge.functions.units import averaged, common, measurable
from kraforge.semantics import bound, effects, nesting
from kraforge.semantics.aggregates import ends
from kraforge.semantics.binding import Binding
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.rows import numbered
from kraforge.semantics.scope import Scope
from kraforge.semantics.units import constant, together
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import BOOL, NUMBER, RATIO, WHOLE, Type

TO_DATE = ("year", "half", "quarter", "month", "week")
EACH_BY = (
    "sum",
    "avg",
    "min",
    "max",
    "median",
    "stddev",
    "count",
    "percentile",
    "percentile_disc",
    "any",
    "all",
    "rate",
)
UNBOUNDED = ("ever", "anytime")


def context(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """A measure in another context."""
    if scope.mode != "plain":
        binding.fail("level-mismatch", f"{node.name.text}() is a measure; a filter is by row", scope, node.span)
    name, arguments = node.name.text, node.arguments
    if name != "blend" and not arguments:
        _wrong(binding, name, scope, node.span)
    spell: dict[str, Callable[[Binding, nodes.Call, Scope], bound.Expression]] = {
        "within": _within,
        "each": _each,
        "growth": _growth,
        "change": _change,
        "share": _share,
        "rank": _rank,
        "blend": _blend,
        "overall": _overall,
    }
    return spell.get(name, _moved)(binding, node, scope)


def _wrong(binding: Binding, name: str, scope: Scope, span: Span) -> None:
    declared = CONTEXTS[name]
    takes = ", ".join(("a measure", *declared.arguments))
    binding.fail("wrong-arguments", f"{name} takes {takes}", scope, span, f"for example {declared.example}")


def _measure(binding: Binding, node: nodes.Argument, name: str, scope: Scope) -> bound.Expression:
    """The operand of a context function, with a warning where the function moves nothing in it."""
    operand = binding.bind(node, scope)
    if not effects.has_aggregate(operand):
        binding.fail(
            "level-mismatch",
            f"{name} takes a measure, and there is no aggregate in this",
            scope,
            node.span,
            "aggregate it first",
        )
    if name in effects.MOVES_START and not effects.moves_start(operand):
        binding.tell(
            "context-without-effect",
            f"{name} moves no aggregate here: what counts by during, or has no date, stays as it is",
            scope,
            node.span,
            "remove it",
            severity="warning",
        )
    return operand


def _moved(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """prior, next, trailing, to_date, ever, anytime, matched."""
    name, arguments = node.name.text, node.arguments
    if len(arguments) > (1 if name in ("ever", "anytime", "matched") else 2):
        _wrong(binding, name, scope, node.span)
    inner = evolve(scope, unbounded=name) if name in UNBOUNDED else scope
    if name in ("trailing", "to_date"):
        inner = evolve(scope, unbounded=None)
    return _in(
        binding,
        lambda: _measure(binding, arguments[0], name, inner),
        lambda: _change_of(binding, node, scope),
        node.span,
    )


def _change_of(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Change:
    name, arguments = node.name.text, node.arguments
    match name:
        case "prior" | "next":
            return _shift(binding, node, scope)
        case "trailing":
            return bound.Trailing(length(binding, arguments[1], scope) if len(arguments) > 1 else None)
        case "to_date":
            unit = binding.word(arguments[1], scope) if len(arguments) > 1 else None
            if unit not in TO_DATE:
                at = arguments[-1].span
                close = suggestion(unit, TO_DATE) if unit else f"for example {CONTEXTS[name].example}"
                binding.fail("wrong-arguments", "to_date takes a unit", scope, at, close, listed("units", TO_DATE))
            return bound.ToDate(unit)
        case "ever":
            return bound.Ever()
        case "anytime":
            return bound.Anytime()
        case _:
            return bound.Matched()


def _shift(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Prior:
    """How far prior and its like go: one period, several, or a length."""
    forward = node.name.text == "next"
    if len(node.arguments) > 2:
        _wrong(binding, node.name.text, scope, node.span)
    if len(node.arguments) == 1:
        return bound.Prior(None, 1, forward)
    argument = node.arguments[1]
    found = constant(binding.bind(argument, scope))
    if found is not None and found.type.kind in ("number", "count"):
        value = found.value
        if not isinstance(value, Decimal) or value != value.to_integral_value() or not 1 <= value <= 10_000:
            other = "prior" if forward else "next"
            negative = isinstance(value, Decimal) and value < 0
            binding.fail(
                "bad-length",
                "the number of periods is a whole number from 1",
                scope,
                argument.span,
                f"use {other}() for the other direction" if negative else None,
            )
        return bound.Prior(None, int(value), forward)
    return bound.Prior(length(binding, argument, scope), 1, forward)


def length(binding: Binding, node: nodes.Argument, scope: Scope) -> bound.Length:
    """A length of the calendar, in whole units of days or longer."""
    expression = binding.bind(node, scope)
    found = constant(expression)
    if found is None or found.type.kind != "duration" or found.unit is None:
        versions = isinstance(expression, bound.Versioned)
        binding.fail(
            "bad-length",
            "a length is one for all periods, a parameter with versions is not"
            if versions
            else "a length of time is needed",
            scope,
            node.span,
            "write it as in 3 months or 90 days",
        )
    value = found.value
    if found.unit not in UNITS:
        binding.fail("bad-length", f"periods are made of days, not of {found.unit}s", scope, node.span, "use days")
    if not isinstance(value, Decimal) or value != value.to_integral_value() or not 1 <= value <= 100_000:
        binding.fail("bad-length", "a length is a whole number of units, from 1", scope, node.span)
    return bound.Length(int(value), found.unit)


def _within(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) != 2:
        _wrong(binding, "within", scope, node.span)

    def operand() -> bound.Expression:
        return _measure(binding, node.arguments[0], "within", evolve(scope, unbounded=None))

    def bounds() -> bound.Within:
        return bound.Within(*ends(binding, node.arguments[1], scope, node.arguments[1].span))

    return _in(binding, operand, bounds, node.span)


def _in(
    binding: Binding, operand: Callable[[], bound.Expression], change: Callable[[], bound.Change], span: Span
) -> bound.Expression:
    """A measure with its change of context; mistakes of both are told."""
    changes: list[bound.Change] = []
    (found, _) = binding.each([operand, lambda: changes.append(change())])
    assert found is not None
    return bound.InContext(changes[0], found, found.type, span)


def _overall(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    change = overall_of(binding, node.arguments[1:], scope)
    whole = nesting.is_whole(change)
    operand = _measure(binding, node.arguments[0], "overall", scope.untied() if whole else scope)
    if whole and scope.rows:
        operand = numbered(operand, binding.numbers)
    return bound.InContext(change, operand, operand.type, node.span)


def overall_of(binding: Binding, arguments: tuple[nodes.Argument, ...], scope: Scope) -> bound.Overall:
    """What overall drops: dimensions, dimensions for coarser ones, or the period for the window."""
    dimensions: list[str] = []
    coarser: list[tuple[str, str]] = []
    period = False

    def one(argument: nodes.Argument) -> None:
        nonlocal period
        target = binding.deref(argument, scope)
        if isinstance(target.node, nodes.Pair):
            finer = _dimension(binding, target.node.key, target.scope)
            coarser.append((finer, _dimension(binding, target.node.value, target.scope)))
        elif binding.word(argument, scope) == "period":
            period = True
        else:
            dimensions.append(_dimension(binding, argument, scope))

    binding.each([lambda argument=argument: one(argument) for argument in arguments])  # type: ignore[misc]
    return bound.Overall(tuple(dimensions), period, tuple(coarser))


def _dimension(binding: Binding, node: nodes.Argument, scope: Scope) -> str:
    known = binding.declarations.dimensions
    name = binding.word(node, scope)
    if name is None:
        binding.fail("wrong-arguments", "a dimension is needed", scope, node.span, None, listed("dimensions", known))
    if name not in known:
        binding.fail(
            "unknown-dimension",
            f"no dimension is called '{name}'",
            scope,
            node.span,
            suggestion(name, known),
            listed("dimensions", known),
        )
    return name


def _each(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    arguments = node.arguments
    if len(arguments) not in (3, 4):
        _wrong(binding, "each", scope, node.span)
    operand = _measure(binding, arguments[0], "each", scope)
    function = binding.word(arguments[2], scope)
    if function not in EACH_BY:
        hint = suggestion(function, EACH_BY) if function else None
        binding.fail(
            "wrong-arguments",
            "the parts are joined by an aggregate",
            scope,
            arguments[2].span,
            hint,
            listed("aggregates", EACH_BY),
        )
    extra = binding.all(arguments[3:], scope)
    if (len(extra) == 1) != function.startswith("percentile"):
        binding.fail(
            "wrong-arguments",
            "percentile alone takes a percentage after it",
            scope,
            node.span,
            "for example each(x, month, percentile, 90%)",
        )
    word = binding.word(arguments[1], scope)
    unit = word if word in UNITS else None
    dimension = None if unit else _dimension(binding, arguments[1], scope)
    gives = AGGREGATES[function].gives([operand.type, *(each.type for each in extra)])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, arguments[0].span)
    return bound.Each(operand, unit, dimension, function, gives, tuple(extra), node.span)


def _compared(binding: Binding, node: nodes.Call, scope: Scope) -> tuple[bound.Expression, bound.Expression, Type]:
    """A measure, itself in the period before, and their type."""
    name = node.name.text
    operand = _measure(binding, node.arguments[0], name, scope)
    gives = measurable([operand.type])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.arguments[0].span)
    before = bound.InContext(_shift(binding, node, scope), operand, operand.type, node.span)
    return operand, before, gives


def _difference(operand: bound.Expression, before: bound.Expression, type_: Type, span: Span) -> bound.Expression:
    gives = Type("number", whole=type_.whole) if type_.kind == "count" else type_
    return bound.Call("subtract", (operand, before), gives, span)


def _change(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, before, gives = _compared(binding, node, scope)
    return _difference(operand, before, gives, node.span)


def _growth(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand, before, gives = _compared(binding, node, scope)
    difference = _difference(operand, before, gives, node.span)
    size = bound.Call("abs", (before,), gives, node.span)
    return bound.Call("divide", (difference, size), RATIO, node.span)


def _share(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    operand = _measure(binding, node.arguments[0], "share", scope)
    gives = measurable([operand.type])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.arguments[0].span)
    return bound.Call("divide", (operand, _overall(binding, node, scope)), RATIO, node.span)


def _rank(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) != 1:
        _wrong(binding, "rank", scope, node.span)
    if scope.rows:
        binding.fail(
            "level-mismatch", "rank() compares groups; it has no value for a row", scope, node.span, "see band()"
        )
    operand = _measure(binding, node.arguments[0], "rank", scope)
    if not (operand.type.numeric or operand.type.dated or operand.type.kind == "duration"):
        binding.fail("type-mismatch", f"{operand.type} has no order", scope, node.arguments[0].span)
    better = _better(binding, node.arguments[0], scope) or scope.better or "higher"
    return bound.Rank(operand, better == "higher", WHOLE, node.span)


def _better(binding: Binding, node: nodes.Argument, scope: Scope) -> str | None:
    """The direction of the KPI that an operand is, also through context functions and filters."""
    closure = binding.deref(node, scope)
    while True:
        found = closure.node
        if isinstance(found, nodes.Modified):
            closure = binding.deref(found.operand, closure.scope)
        elif isinstance(found, nodes.Call) and found.name.text in CONTEXTS and found.arguments:
            closure = binding.deref(found.arguments[0], closure.scope)
        else:
            break
    if isinstance(found, nodes.Path) and len(found.names) == 1 and found.names[0].text in binding.declarations.kpis:
        return binding.declarations.kpis[found.names[0].text].better
    return None


def _blend(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """The weighted mean of what is present: sum(present w * x) / sum(present w), missing where nothing is."""
    pairs: list[nodes.Pair] = []
    for argument in node.arguments:
        if not isinstance(argument, nodes.Pair) or isinstance(argument.key, nodes.Range):
            _wrong(binding, "blend", scope, argument.span)
        else:
            pairs.append(argument)
    if not pairs:
        _wrong(binding, "blend", scope, node.span)
    values, weights = binding.each(
        [
            lambda: binding.all([pair.key for pair in pairs], scope),
            lambda: [_weight(binding, pair.value, scope) for pair in pairs],
        ]
    )
    values = together(binding, values, scope, [pair.key.span for pair in pairs])
    gives = common([value.type for value in values])
    gives = gives if isinstance(gives, Misfit) else averaged([gives])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, node.span)
    span = node.span
    nothing: bound.Expression = bound.Constant(Decimal(0), NUMBER)
    top: bound.Expression | None = None
    bottom: bound.Expression | None = None
    for value, weight in zip(values, weights, strict=True):
        present = bound.Call("is_present", (value,), BOOL, span)
        part = bound.Call("multiply", (value, weight), gives, span)
        counted = bound.Case(((present, part),), evolve_constant(nothing, gives), gives)
        share = bound.Case(((present, weight),), nothing, NUMBER)
        top = counted if top is None else bound.Call("add", (top, counted), gives, span)
        bottom = share if bottom is None else bound.Call("add", (bottom, share), NUMBER, span)
    assert top is not None
    assert bottom is not None
    return bound.Call("divide", (top, bottom), gives, span)


def evolve_constant(expression: bound.Expression, type_: Type) -> bound.Expression:
    """A constant with another type."""
    return evolve(expression, type=type_) if isinstance(expression, bound.Constant) else expression


def _weight(binding: Binding, node: nodes.Expression, scope: Scope) -> bound.Expression:
    """A weight: a constant that is not negative."""
    found = binding.bind(node, scope)
    value = constant(found)
    if isinstance(found, bound.Versioned) and found.type.kind in ("ratio", "number"):
        return found
    if value is None or value.type.kind not in ("ratio", "number") or not isinstance(value.value, Decimal):
        binding.fail(
            "wrong-arguments", "a weight is a percentage or a number", scope, node.span, "write it as in csat -> 40%"
        )
    if value.value < 0:
        binding.fail("wrong-arguments", "a weight is not negative", scope, node.span)
    return bound.Constant(value.value, NUMBER)
