"""Calls: scalar functions, macros, aggregates and context functions, by name."""

from __future__ import annotations

from kraforge.functions import AGGREGATES, CONTEXTS, SCALARS
from kraforge.functions.business import NAMES
from kraforge.functions.dates import UNITS
from kraforge.functions.shapes import SHAPES
from kraforge.semantics import bound, heads, moments
from kraforge.semantics.aggregates import aggregate, is_aggregate
from kraforge.semantics.binding import Binding
from kraforge.semantics.contexts import context
from kraforge.semantics.grains import own_unit
from kraforge.semantics.problems import listed, suggestion
from kraforge.semantics.scope import Scope
from kraforge.semantics.shapes import shape
from kraforge.semantics.units import apply, together
from kraforge.semantics.worktime import business
from kraforge.syntax import nodes
from kraforge.types import TEXT

LATER = {
    "target": "targets", "achievement": "targets", "convert": "exchange rates",
}  # fmt: skip
"""Functions of the language that this version does not have, and what they belong to."""

SHAPE_NAMES = frozenset(declared.name for declared in SHAPES)


def call(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """A call, by what its name is: a macro of the catalog first."""
    name = node.name.text
    if name in binding.declarations.functions:
        return _macro(binding, node, scope)
    if is_aggregate(binding, node, scope):
        if scope.mode != "plain":
            binding.fail(
                "level-mismatch",
                f"{name}() is a measure; a filter is by row",
                scope,
                node.span,
                "declare a row field and filter by it",
            )
        return aggregate(binding, node, scope)
    if name in CONTEXTS:
        return context(binding, node, scope)
    if name in SHAPE_NAMES:
        return shape(binding, node, scope)
    if name in SCALARS and not SCALARS[name].operator:
        return _scalar(binding, node, scope)
    if heads.is_expected(binding, node):
        table = heads.expected(binding, node, scope)
        hint = f"aggregate it, for example count(expected({table}))"
        binding.fail("level-mismatch", f"expected({table}) is a population, not a value", scope, node.span, hint)
    if name in LATER:
        binding.fail(
            "unsupported", f"{name}() needs {LATER[name]}, which this version does not have", scope, node.name.span
        )
    known = {*binding.declarations.functions, *AGGREGATES, *CONTEXTS}
    known |= {scalar.name for scalar in SCALARS.values() if not scalar.operator}
    notes = listed("functions of the catalog", binding.declarations.functions)
    binding.fail(
        "unknown-function", f"no function is called '{name}'", scope, node.name.span, suggestion(name, known), notes
    )


def _scalar(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    declared = SCALARS[node.name.text]
    count = len(node.arguments)
    if count < declared.least or (declared.most is not None and count > declared.most):
        few = f"{declared.least}" if declared.least == declared.most else f"{declared.least} or more"
        binding.fail(
            "wrong-arguments",
            f"{declared.name} takes {few} argument{'' if few == '1' else 's'}, not {count}",
            scope,
            node.span,
            f"for example {declared.example}",
        )
    spans = [argument.span for argument in node.arguments]
    for argument in node.arguments:
        if isinstance(argument, nodes.Pair | nodes.Range):
            binding.fail(
                "wrong-arguments",
                f"{declared.name} takes values",
                scope,
                argument.span,
                f"for example {declared.example}",
            )
    if declared.name in NAMES:
        return business(binding, node, scope)
    if declared.name in ("start_of", "end_of"):
        moment = binding.bind(node.arguments[0], scope)
        unit = binding.word(node.arguments[1], scope)
        if own_unit(binding, node.arguments[1], scope) is not None:
            message = f"{declared.name} knows the units of the catalog's common calendar, not {unit}"
            instead = f"take figures by the grain {unit}, or the column of its table"
            binding.fail("unsupported", message, scope, spans[1], instead)
        if unit not in UNITS[1:]:
            hint = suggestion(unit, UNITS[1:]) if unit else None
            binding.fail(
                "wrong-arguments", f"{declared.name} takes a unit", scope, spans[1], hint, listed("units", UNITS[1:])
            )
        operands: list[bound.Expression] = [moment, bound.Constant(unit, TEXT)]
    else:
        operands = binding.all(node.arguments, scope)
    if declared.name == "hours":
        operands = [moments.moment(operand) for operand in operands]
    elif declared.name in moments.DAYS:
        operands = [moments.day(operand) for operand in operands]
    if declared.name in ("min", "max"):
        operands = moments.moments(together(binding, operands, scope, spans))
    if declared.name in ("round", "left") and count == 2:
        places = operands[1]
        if not isinstance(places, bound.Constant):
            binding.fail(
                "wrong-arguments", f"the second argument of {declared.name} is a number as written", scope, spans[1]
            )
    return apply(binding, declared.name, operands, scope, node.span, spans)


def _macro(binding: Binding, node: nodes.Call, scope: Scope) -> bound.Expression:
    """A macro's body, with its arguments bound in the scope that they were written in."""
    macro = binding.declarations.functions[node.name.text]
    if macro.name in scope.macros:
        path = " -> ".join((*scope.macros[scope.macros.index(macro.name) :], macro.name))
        binding.fail("cycle", f"the function {macro.name} leads back to itself: {path}", scope, node.span)
    if len(macro.parameters) != len(node.arguments):
        binding.fail(
            "wrong-arguments",
            f"{macro.name} takes {len(macro.parameters)} arguments, not {len(node.arguments)}",
            scope,
            node.span,
            f"{macro.name}({', '.join(macro.parameters)})",
        )
    body, inner = heads.entered(binding, node, scope)
    return binding.bind(body, inner)
