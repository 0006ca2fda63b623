"""What context functions change around a measure: its bounds, its groups, its parts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from attrs import evolve

from kraforge.functions import AGGREGATES, CONTEXTS, Misfit
from kraforge.functions.dates import UNITS
from kraforge.semantics import bound, effects, nesting
from kraforge.semantics.aggregates import ends
from kraforge.semantics.binding import Binding
from kraforge.semantics.grains import own_unit, own_units
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.rows import numbered
from kraforge.semantics.scope import Scope
from kraforge.semantics.trees import PARENT, is_tree
from kraforge.semantics.units import constant
from kraforge.syntax import nodes
from kraforge.text import Span

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


def wrong(binding: Binding, name: str, scope: Scope, span: Span) -> None:
    declared = CONTEXTS[name]
    takes = ", ".join(("a measure", *declared.arguments))
    binding.fail("wrong-arguments", f"{name} takes {takes}", scope, span, f"for example {declared.example}")


def measure(binding: Binding, node: nodes.Argument, name: str, scope: Scope) -> bound.Expression:
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


def moved(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """prior, next, trailing, to_date, ever, anytime, matched."""
    name, arguments = node.name.text, node.arguments
    if len(arguments) > (1 if name in ("ever", "anytime", "matched") else 2):
        wrong(binding, name, scope, node.span)
    inner = evolve(scope, unbounded=name) if name in UNBOUNDED else scope
    if name in ("trailing", "to_date"):
        inner = evolve(scope, unbounded=None)
    return _in(
        binding,
        lambda: measure(binding, arguments[0], name, inner),
        lambda: _change_of(binding, node, scope),
        node.span,
    )


def _change_of(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Change:
    name, arguments = node.name.text, node.arguments
    match name:
        case "prior" | "next":
            return shift(binding, node, scope)
        case "trailing":
            return bound.Trailing(length(binding, arguments[1], scope) if len(arguments) > 1 else None)
        case "to_date":
            unit = binding.word(arguments[1], scope) if len(arguments) > 1 else None
            units = (*TO_DATE, *own_units(binding.declarations.calendar))
            if unit not in units:
                at = arguments[-1].span
                close = suggestion(unit, units) if unit else f"for example {CONTEXTS[name].example}"
                binding.fail("wrong-arguments", "to_date takes a unit", scope, at, close, listed("units", units))
            return bound.ToDate(unit)
        case "ever":
            return bound.Ever()
        case "anytime":
            return bound.Anytime()
        case _:
            return bound.Matched()


def shift(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Prior:
    """How far prior and its like go: one period, several, or a length."""
    forward = node.name.text == "next"
    if len(node.arguments) > 2:
        wrong(binding, node.name.text, scope, node.span)
    if len(node.arguments) == 1:
        return bound.Prior(None, 1, forward)
    argument = node.arguments[1]
    if own_unit(binding, argument, scope) is not None:
        return bound.Prior(length(binding, argument, scope), 1, forward)
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
    """A length of the calendar, in whole units of days or longer; a unit of one's own is a length by itself."""
    own = own_unit(binding, node, scope)
    if own is not None:
        return bound.Length(1, own)
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


def within(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    if len(node.arguments) != 2:
        wrong(binding, "within", scope, node.span)

    def operand() -> bound.Expression:
        return measure(binding, node.arguments[0], "within", evolve(scope, unbounded=None))

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


def overall(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    change = overall_of(binding, node.arguments[1:], scope)
    whole = nesting.is_whole(change)
    operand = measure(binding, node.arguments[0], "overall", scope.untied() if whole else scope)
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
            parent = binding.word(target.node.value, target.scope) == PARENT
            if parent and is_tree(binding.catalog.dimension(finer)):
                coarser.append((finer, PARENT))
            else:
                coarser.append((finer, _dimension(binding, target.node.value, target.scope)))
        elif binding.word(argument, scope) == "period":
            period = True
        else:
            dimensions.append(_dimension(binding, argument, scope))

    binding.each([lambda argument=argument: one(argument) for argument in arguments])  # type: ignore[misc]
    return bound.Overall(tuple(dimensions), period, tuple(coarser))


def _dimension(binding: Binding, node: nodes.Argument, scope: Scope) -> str:
    known = binding.declarations.dimensions
    name = binding.word(node, scope) or _dotted(binding, node, scope)
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


def _dotted(binding: Binding, node: nodes.Argument, scope: Scope) -> str | None:
    """The name of a tree that was not given one: employee.manager.tree."""
    target = binding.deref(node, scope).node
    return ".".join(name.text for name in target.names) if isinstance(target, nodes.Path) else None


def each(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    arguments = node.arguments
    if len(arguments) not in (3, 4):
        wrong(binding, "each", scope, node.span)
    operand = measure(binding, arguments[0], "each", scope)
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
    unit = word if word in UNITS or word in own_units(binding.declarations.calendar) else None
    dimension = None if unit else _dimension(binding, arguments[1], scope)
    gives = AGGREGATES[function].gives([operand.type, *(each.type for each in extra)])
    if isinstance(gives, Misfit):
        binding.misfit(gives, scope, arguments[0].span)
    return bound.Each(operand, unit, dimension, function, gives, tuple(extra), node.span)
