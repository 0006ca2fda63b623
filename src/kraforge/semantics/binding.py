"""What every part of the checker shares: the catalog asked, mistakes told, and going on past them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NoReturn, Protocol, TypeVar

from kraforge.errors import Mistake
from kraforge.functions import Misfit
from kraforge.limits import Limits
from kraforge.model.declarations import Declarations, Link, Text
from kraforge.semantics import bound
from kraforge.semantics.problems import Exhausted, Log, Stop
from kraforge.semantics.scope import Closure, Scope
from kraforge.syntax import nodes
from kraforge.text import Span
from kraforge.types import Type

T = TypeVar("T")


class Catalog(Protocol):
    """The declarations with what is bound of them. Asking raises Needs where a definition has to be bound first, and
    Stop where it is wrong, which is told where it stands."""

    @property
    def declarations(self) -> Declarations: ...

    @property
    def limits(self) -> Limits: ...

    def columns(self, table: str) -> Mapping[str, Type]:
        """The columns of a table: declared ones, and those that only its source declares."""

    def tree(self, text: Text) -> nodes.Expression:
        """The syntax tree of a text."""

    def range(self, text: Text) -> nodes.Range:
        """The syntax tree of a stretch of time."""

    def routes(self, from_table: str, to_table: str) -> tuple[tuple[Link, ...], ...]:
        """All routes of links between two different tables."""

    def field(self, table: str, name: str) -> bound.Expression:
        """A row field over row 0 of its table."""

    def date(self, table: str) -> bound.Expression | None:
        """The event date of a table over its row 0."""

    def link(self, table: str, name: str) -> bound.BoundLink:
        """What a link says in formulas."""

    def calendar(self, table: str) -> bound.Expression:
        """What gives the calendar that business time goes by, over row 0 of a table that says it."""

    def people(self, made: str) -> bound.BoundPeople | None:
        """The people of a table that is made of days; None for one of days alone."""

    def dimension(self, name: str) -> bound.BoundDimension:
        """A dimension."""

    def parameter(self, name: str) -> bound.Expression:
        """A parameter's constant, or its versions."""

    def expression(self, name: str) -> bound.Expression:
        """A KPI's formula."""


class Binding(ABC):
    """One formula on its way from syntax tree to bound tree."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.declarations = catalog.declarations
        self.log = Log()
        self.numbers: Iterator[int] = count(1)
        self.budget = catalog.limits.expanded_nodes
        self.depth = 0
        self.inlined: dict[tuple[object, ...], bound.Expression] = {}

    @abstractmethod
    def bind(self, node: nodes.Argument, scope: Scope) -> bound.Expression:
        """The bound expression of a node. Raises Stop after a mistake was recorded."""

    def all(self, nodes_: Iterable[nodes.Argument], scope: Scope) -> list[bound.Expression]:
        """Several nodes bound; every one is tried before the mistakes of any stop the whole."""
        results: list[bound.Expression] = []
        stopped = False
        for node in nodes_:
            try:
                results.append(self.bind(node, scope))
            except Exhausted:
                raise
            except Stop as stop:
                self.log.take(stop)
                stopped = True
        if stopped:
            raise Stop
        return results

    def each(self, jobs: Sequence[Callable[[], T]]) -> list[T]:
        """The results of several jobs, all of them tried before one that failed stops the whole."""
        results: list[T] = []
        for job in jobs:
            try:
                results.append(job())
            except Exhausted:
                raise
            except Stop as stop:
                self.log.take(stop)
        if len(results) < len(jobs):
            raise Stop
        return results

    def fail(
        self,
        code: str,
        message: str,
        scope: Scope,
        span: Span,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> NoReturn:
        """Records a mistake and stops what depends on it."""
        self.tell(code, message, scope, span, hint, notes)
        raise Stop

    def tell(
        self,
        code: str,
        message: str,
        scope: Scope,
        span: Span,
        hint: str | None = None,
        notes: tuple[str, ...] = (),
        severity: str = "error",
    ) -> None:
        """Records a mistake or a warning."""
        source = scope.source
        text = source.text
        self.log.add(Mistake(code, message, source.place, text, span, hint, (*notes, *scope.used), severity))

    def misfit(self, misfit: Misfit, scope: Scope, span: Span) -> NoReturn:
        """Records why types do not fit, and stops."""
        self.fail(misfit.code, misfit.message, scope, span, misfit.hint)

    def deref(self, node: nodes.Argument, scope: Scope) -> Closure:
        """What a node stands for: itself, or where it is a macro's argument, what was given for it."""
        while isinstance(node, nodes.Path) and node.names[0].text in scope.arguments:
            closure = scope.arguments[node.names[0].text]
            if len(node.names) > 1:
                if not isinstance(closure.node, nodes.Path):
                    break
                rest = node.names[1:]
                joined = nodes.Path((*closure.node.names, *rest), closure.node.span)
                node, scope = joined, scope.entered(closure)
                continue
            node, scope = closure.node, scope.entered(closure)
        return Closure(node, scope)

    def word(self, node: nodes.Argument, scope: Scope) -> str | None:
        """The bare word that an argument is, also through a macro's argument: a unit, an aggregate's name."""
        target = self.deref(node, scope).node
        return target.names[0].text if isinstance(target, nodes.Path) and len(target.names) == 1 else None

    def spend(self, scope: Scope, span: Span) -> None:
        """Counts one more node; refuses where macros expand to too many, or nest too deeply."""
        self.budget -= 1
        if self.budget < 0:
            limit = self.catalog.limits.expanded_nodes
            self.tell("graph-too-large", f"with all that it uses this has more than {limit} parts", scope, span)
            raise Exhausted
        if self.depth >= deepest(self.catalog.limits):
            self.tell("graph-too-large", "with all that it uses this nests too deeply", scope, span)
            raise Exhausted


def deepest(limits: Limits) -> int:
    """How deep an expanded formula may be: half as much again as a formula may, so that walking it may recurse."""
    return limits.depth * 3 // 2
