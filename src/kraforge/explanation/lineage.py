"""Which definitions a formula uses: found by binding it once more and listening to what it looks up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define, field

from kraforge.functions import CONTEXTS
from kraforge.limits import Limits
from kraforge.model.declarations import Declarations, Link, Text
from kraforge.semantics import bound, definitions
from kraforge.semantics.binder import Binder
from kraforge.semantics.check import Checked
from kraforge.semantics.scope import Scope
from kraforge.syntax import nodes
from kraforge.types import Type

Key = tuple[str, ...]
"""A definition: ("kpi", name), ("field", table, name), ("parameter", name), ("function", name), ("dimension", name)."""


@define
class Listener:
    """A catalog for the binder that notes who looks up what; `source` is the text that is being bound."""

    checked: Checked
    source: Text = Text("")
    uses: dict[Text, list[Key]] = field(factory=dict)

    @property
    def declarations(self) -> Declarations:
        return self.checked.declarations

    @property
    def limits(self) -> Limits:
        return self.checked.limits

    def note(self, *key: str) -> None:
        noted = self.uses.setdefault(self.source, [])
        if key not in noted:
            noted.append(key)

    def columns(self, table: str) -> Mapping[str, Type]:
        return self.checked.columns(table)

    def tree(self, text: Text) -> nodes.Expression:
        return self.checked.tree(text)

    def range(self, text: Text) -> nodes.Range:
        return self.checked.range(text)

    def link(self, table: str, name: str) -> bound.BoundLink:
        return self.checked.link(table, name)

    def routes(self, from_table: str, to_table: str) -> tuple[tuple[Link, ...], ...]:
        return self.checked.routes(from_table, to_table)

    def date(self, table: str) -> bound.Expression | None:
        return self.checked.date(table)

    def calendar(self, table: str) -> bound.Expression:
        return self.checked.calendar(table)

    def people(self, made: str) -> bound.BoundPeople | None:
        return self.checked.people(made)

    def field(self, table: str, name: str) -> bound.Expression:
        self.note("field", table, name)
        return self.checked.field(table, name)

    def dimension(self, name: str) -> bound.BoundDimension:
        self.note("dimension", name)
        return self.checked.dimension(name)

    def parameter(self, name: str) -> bound.Expression:
        self.note("parameter", name)
        return self.checked.parameter(name)

    def expression(self, name: str) -> bound.Expression:
        self.note("kpi", name)
        return self.checked.expression(name)


class Tracer(Binder):
    """A binder that notes uses by the text that they stand in, so that a macro's own are told from its arguments'."""

    def __init__(self, checked: Checked) -> None:
        self.listener = Listener(checked)
        super().__init__(self.listener)

    def _bind(self, node: nodes.Argument, scope: Scope) -> bound.Expression:
        listener, before = self.listener, self.listener.source
        listener.source = scope.source
        try:
            self._note(node, scope)
            known = list(listener.uses.get(scope.source, ()))
            found = super()._bind(node, scope)
            if self._own(node, scope):
                # a column that has a dimension's name is compared with it, not made from it
                added = [key for key in listener.uses.get(scope.source, ()) if key not in known]
                listener.uses[scope.source] = known + [key for key in added if key[0] != "dimension"]
            return found
        finally:
            listener.source = before

    def _note(self, node: nodes.Argument, scope: Scope) -> None:
        """Notes a macro, and the dimensions that a context function names."""
        if not isinstance(node, nodes.Call):
            return
        name = node.name.text
        if name in self.declarations.functions:
            self.listener.note("function", name)
        elif name in CONTEXTS:
            for argument in node.arguments[1:]:
                pair = isinstance(argument, nodes.Pair)
                for part in (argument.key, argument.value) if isinstance(argument, nodes.Pair) else (argument,):
                    word = self.word(part, scope)
                    if (
                        word is not None
                        and word in self.declarations.dimensions
                        and (not pair or name in ("overall", "share"))
                    ):
                        self.listener.note("dimension", word)

    def _own(self, node: nodes.Argument, scope: Scope) -> bool:
        """Whether a node is a bare name of the innermost row."""
        if not (isinstance(node, nodes.Path) and len(node.names) == 1 and scope.sees and scope.mode == "plain"):
            return False
        table, name = self.declarations.tables[scope.sees[-1].table], node.names[0].text
        return name not in scope.arguments and (name in table.columns or name in table.links or name in table.fields)


class Lineage:
    """The definitions that each definition of a catalog uses directly."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        self._uses: dict[Key, tuple[Key, ...]] = {}

    def of_formula(self, source: Text) -> tuple[Key, ...]:
        """What a formula of a request uses."""
        tracer = Tracer(self.checked)
        tracer.bind(self.checked.tree(source), Scope(source))
        return self._kept(tracer, (source,))

    def of(self, key: Key) -> tuple[Key, ...]:
        """What a definition uses, in the order in which it is met."""
        if key not in self._uses:
            self._uses[key] = self._found(key)
        return self._uses[key]

    def texts(self, key: Key) -> tuple[Text, ...]:
        """The texts of a definition: several where it has versions, none where it has no formula."""
        known = self.checked.declarations
        match key:
            case ("kpi", name):
                return tuple(version.value for version in known.kpis[name].versions)
            case ("parameter", name):
                return tuple(version.value for version in known.parameters[name].versions)
            case ("function", name):
                return (known.functions[name].formula,)
            case ("field", table, name):
                return (known.tables[table].fields[name],)
            case ("dimension", name):
                formula = known.dimensions[name].formula
                return () if formula is None else (formula,)
            case ("date", table):
                date = known.tables[table].date
                return () if date is None else (date,)
            case ("where", table):
                where = known.tables[table].where
                return () if where is None else (where,)
        raise KeyError(key)

    def _found(self, key: Key) -> tuple[Key, ...]:
        if key[0] in ("parameter", "function"):
            # a macro's uses are known from where it is used
            return ()
        tracer = Tracer(self.checked)
        bind = {
            "kpi": definitions.measure,
            "field": definitions.field,
            "dimension": definitions.dimension,
            "date": definitions.date,
            "where": definitions.where,
        }[key[0]]
        bind(tracer, *key[1:])  # type: ignore[operator]
        return self._kept(tracer, self.texts(key))

    def _kept(self, tracer: Tracer, sources: tuple[Text, ...]) -> tuple[Key, ...]:
        """What some texts use; what the macros among it use is kept for when it is asked."""
        uses = tracer.listener.uses
        for name, macro in self.checked.declarations.functions.items():
            if macro.formula in uses or ("function", name) in {key for keys in uses.values() for key in keys}:
                self._uses[("function", name)] = tuple(uses.get(macro.formula, ()))
        return tuple(dict.fromkeys(key for source in sources for key in uses.get(source, ())))

    def tree(self, roots: tuple[Key, ...]) -> Iterator[tuple[int, Key, bool]]:
        """All definitions below some, each with its depth; what was shown before is not opened again (True)."""
        seen: set[Key] = set()
        waiting = [(0, key) for key in reversed(roots)]
        while waiting:
            depth, key = waiting.pop()
            again = key in seen
            seen.add(key)
            yield depth, key, again
            if not again:
                waiting += [(depth + 1, used) for used in reversed(self.of(key))]
