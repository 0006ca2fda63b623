"""From syntax nodes to bound expressions: one line for each kind of node."""

from __future__ import annotations

from typing import assert_never

from kraforge.semantics import bound, operators
from kraforge.semantics.binding import Binding
from kraforge.semantics.calls import call
from kraforge.semantics.filters import filtered
from kraforge.semantics.paths import path
from kraforge.semantics.scope import Scope
from kraforge.syntax import nodes


class Binder(Binding):
    """Binds the nodes of formulas."""

    def bind(self, node: nodes.Argument, scope: Scope) -> bound.Expression:
        """The bound expression of a node. Raises Stop after a mistake was recorded."""
        self.spend(scope, node.span)
        self.depth += 1
        try:
            return self._bind(node, scope)
        finally:
            self.depth -= 1

    def _bind(self, node: nodes.Argument, scope: Scope) -> bound.Expression:
        match node:
            case nodes.Constant():
                return operators.literal(node)
            case nodes.Path():
                return path(self, node, scope)
            case nodes.Call():
                return call(self, node, scope)
            case nodes.Binary():
                return operators.binary(self, node, scope)
            case nodes.Unary():
                return operators.unary(self, node, scope)
            case nodes.Presence():
                return operators.presence(self, node, scope)
            case nodes.Membership():
                return operators.membership(self, node, scope)
            case nodes.Between():
                return operators.between(self, node, scope)
            case nodes.If():
                return operators.choice(self, node, scope)
            case nodes.Modified():
                return filtered(self, node, scope)
            case nodes.Range() | nodes.Pair():
                word = "a range" if isinstance(node, nodes.Range) else "a pair"
                self.fail("wrong-arguments", f"{word} stands where a value is needed", scope, node.span)
        assert_never(node)
