"""A catalog and its meaning: every definition bound when first asked for, every mistake collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from threading import RLock, get_ident
from typing import Any, Final, Generic, TypeVar, cast

from attrs import frozen

from kraforge.errors import KraforgeError, Mistake
from kraforge.limits import Limits
from kraforge.model.declarations import Declarations, Text
from kraforge.model.shapes import MOST_MISTAKES
from kraforge.semantics import bound, definitions, links, populations, reach, structure, worktime
from kraforge.semantics.binder import Binder
from kraforge.semantics.declared import check_unit
from kraforge.semantics.problems import Broken, Key, Needs, Stop, raise_all, unknown
from kraforge.semantics.rows import numbered
from kraforge.semantics.scope import Scope
from kraforge.semantics.trees import with_trees
from kraforge.semantics.units import condition
from kraforge.syntax import nodes
from kraforge.syntax.parse import parse
from kraforge.syntax.ranges import parse_range
from kraforge.text import Place
from kraforge.types import TEXT, Storage, Type

T = TypeVar("T")

MOST_TREES: Final = 10_000
"""How many syntax trees are kept."""


@frozen
class Outcome:
    """What became of a definition: its value, or its mistakes and those of what it needs."""

    value: Any
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()


class View(Mapping[str, T], Generic[T]):
    """Definitions by name, each bound when it is looked up. Looking up a wrong one raises its mistakes."""

    def __init__(self, names: Mapping[str, object], get: Callable[[str], T]) -> None:
        self._names = names
        self._get = get

    def __getitem__(self, name: str) -> T:
        if name not in self._names:
            raise KeyError(name)
        return self._get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Checked:
    """A catalog with the meaning of its formulas. Binds on demand; safe to use from several threads.

    `schemas` are the columns that sources have, by table. What is wrong raises Mistakes where it is asked for;
    `check_all` raises everything at once.
    """

    def __init__(
        self,
        declarations: Declarations,
        schemas: Mapping[str, Mapping[str, Storage]] | None = None,
        limits: Limits = Limits(),
    ) -> None:
        written = frozenset(declarations.dimensions)
        self.declarations = declarations = with_trees(declarations)
        self.written = written
        """The dimensions that the catalog itself declares; others are trees that nobody gave a name."""
        self.limits = limits
        self.schemas = schemas or {}
        self.tables: Mapping[str, bound.BoundTable] = View(declarations.tables, self._table)
        self.dimensions: Mapping[str, bound.BoundDimension] = View(declarations.dimensions, self.dimension)
        self._outcomes: dict[Key, Outcome] = {}
        self._trees: dict[Text, nodes.Expression | Broken] = {}
        self._columns: dict[str, Mapping[str, Type]] = {}
        self._lock = RLock()
        self._binding: int | None = None
        self._routes: dict[tuple[str, str], tuple[reach.Links, ...]] = {}
        self._tables: dict[str, bound.BoundTable] = {}

    # ---- what is asked

    def check_all(self) -> Checked:
        """Binds every definition and returns this. Raises Mistakes with every error at once."""
        mistakes = structure.mistakes(self.declarations, self.schemas, self.columns)
        for key in self._keys():
            if len(mistakes) >= MOST_MISTAKES:
                break
            mistakes += self._outcome(key).mistakes
        raise_all(mistakes[:MOST_MISTAKES])
        return self

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """The warnings of all that was bound so far, each once."""
        return tuple(dict.fromkeys(warning for outcome in self._outcomes.values() for warning in outcome.warnings))

    def kpi(self, name: str) -> bound.Measure:
        """A KPI, ready to be planned. Raises Mistakes, unknown-kpi where there is none of that name."""
        kpis = self.declarations.kpis
        if name not in kpis:
            raise_all([unknown("unknown-kpi", "KPI", name, kpis, Place())])
        expression = numbered(self._value(("kpi", name)), count(1))
        warnings = self._outcome(("kpi", name)).warnings
        return bound.Measure(name, expression, expression.type, kpis[name].better, kpis[name].unit, warnings)

    def measure(
        self,
        name: str,
        text: str,
        *,
        empty_missing: bool = False,
        unit: str | None = None,
        values: Mapping[str, Type] | None = None,
        place: Place = Place(),
    ) -> bound.Measure:
        """A formula of a request as a measure; `values` are the types of what the request binds. Raises Mistakes."""
        source = Text(text, place)
        scope = Scope(source, values=values or {}, empty_missing=empty_missing)

        def bind(binder: Binder) -> bound.Expression:
            expression = definitions.bounded(binder, binder.bind(self.tree(source), scope), scope)
            wrong = check_unit(unit, expression.type, place) if unit is not None else None
            if wrong is not None:
                binder.log.add(wrong)
            return numbered(expression, count(1))

        outcome = self._ask(bind)
        return bound.Measure(name, outcome.value, outcome.value.type, None, unit, outcome.warnings)

    def row_filter(
        self, text: str, values: Mapping[str, Type] | None = None, place: Place = Place("where")
    ) -> bound.Expression:
        """A request's `where`: a condition by dimension and `table.column`. Raises Mistakes."""
        return self._condition(Scope(Text(text, place), values=values or {}, mode="filter"))

    def having(
        self,
        text: str,
        columns: Mapping[str, Type],
        values: Mapping[str, Type] | None = None,
        place: Place = Place("having"),
    ) -> bound.Expression:
        """A request's `having`: a condition over the answer's columns. Raises Mistakes."""
        return self._condition(Scope(Text(text, place), values=values or {}, columns=columns, mode="having"))

    def _condition(self, scope: Scope) -> bound.Expression:
        def bind(binder: Binder) -> bound.Expression:
            tree = self.tree(scope.source)
            return condition(binder, binder.bind(tree, scope), scope, tree.span)

        return cast(bound.Expression, self._ask(bind).value)

    # ---- what the parts of the checker ask (see binding.Catalog)

    def columns(self, table: str) -> Mapping[str, Type]:
        """The columns of a table with their types: declared ones, then those that only its source has."""
        known = self._columns.get(table)
        if known is None:
            known = self._columns[table] = self._columns_of(table)
        return known

    def _columns_of(self, table: str) -> Mapping[str, Type]:
        declared = self.declarations.tables.get(table)
        if declared is None:
            return {}
        columns = {name: column.type for name, column in declared.columns.items()}
        if declared.members is not None:
            source, name = declared.members
            columns.setdefault(name, TEXT if source == table else self.columns(source).get(name, TEXT))
        if declared.made is not None:
            # the people's key is as their own table has it
            of, _ = populations.declared(self.declarations, declared.made)
            home = None if of is None else self.declarations.tables.get(of.table)
            columns |= {} if home is None else {name: self.columns(home.name).get(name, TEXT) for name in home.key}
        for name, storage in self.schemas.get(table, {}).items():
            columns.setdefault(name, storage.as_type())
        return columns

    def tree(self, text: Text) -> nodes.Expression:
        """The syntax tree of a text. Raises Stop with its mistakes."""
        known = self._trees.get(text)
        if known is None:
            try:
                known = parse(text.text, place=text.place, limits=self.limits)
            except KraforgeError as error:
                known = Broken(error.mistakes)
            if len(self._trees) >= MOST_TREES:  # requests bring formulas without end
                self._trees.clear()
            self._trees[text] = known
        if isinstance(known, Broken):
            raise Broken(known.mistakes)
        return known

    def range(self, text: Text) -> nodes.Range:
        """The syntax tree of a stretch of time. Raises Stop with its mistakes."""
        try:
            return parse_range(text.text, place=text.place, limits=self.limits)
        except KraforgeError as error:
            raise Broken(error.mistakes) from None

    def routes(self, from_table: str, to_table: str) -> tuple[reach.Links, ...]:
        """All routes of links between two tables, see reach.routes."""
        key = (from_table, to_table)
        known = self._routes.get(key)
        if known is None:
            known = self._routes[key] = tuple(reach.search(self.declarations, from_table, to_table, (from_table,)))
        return known

    def field(self, table: str, name: str) -> bound.Expression:
        """A row field over row 0 of its table."""
        return cast(bound.Expression, self._value(("field", table, name)))

    def date(self, table: str) -> bound.Expression | None:
        """A table's event date over its row 0."""
        return cast("bound.Expression | None", self._value(("date", table)))

    def link(self, table: str, name: str) -> bound.BoundLink:
        """What a link says in formulas: its validity, the date that it is looked up on, its share."""
        return cast(bound.BoundLink, self._value(("link", table, name)))

    def calendar(self, table: str) -> bound.Expression:
        """What gives the calendar that business time goes by, over row 0 of a table that says it."""
        return cast(bound.Expression, self._value(("calendar", table)))

    def dimension(self, name: str) -> bound.BoundDimension:
        """A dimension."""
        return cast(bound.BoundDimension, self._value(("dimension", name)))

    def people(self, made: str) -> bound.BoundPeople | None:
        """The people of a table that is made of days; None for one of days alone."""
        return cast("bound.BoundPeople | None", self._value(("people", made)))

    def parameter(self, name: str) -> bound.Expression:
        """A parameter's constant or versions."""
        return cast(bound.Expression, self._value(("parameter", name)))

    def expression(self, name: str) -> bound.Expression:
        """A KPI's formula."""
        return cast(bound.Expression, self._value(("kpi", name)))

    def _table(self, name: str) -> bound.BoundTable:
        if name in self._tables:
            return self._tables[name]
        declared = self.declarations.tables[name]
        where = cast("bound.Expression | None", self._value(("where", name)))
        columns = tuple(self.columns(name).items())
        key = declared.key or ((declared.members[1],) if declared.members else ())
        known = cast("bound.During | None", self._value(("known", name)))
        made = self._tables[name] = bound.BoundTable(
            name, key, columns, self.date(name), where, declared.members, known, declared.made
        )
        return made

    # ---- binding on demand

    def _keys(self) -> Iterator[Key]:
        known = self.declarations
        yield from (("parameter", name) for name in known.parameters)
        yield from (("function", name) for name in known.functions)
        for table in known.tables.values():
            yield ("date", table.name)
            yield ("where", table.name)
            yield ("known", table.name)
            if table.calendar is not None:
                yield ("calendar", table.name)
            yield from (("link", table.name, name) for name, link in table.links.items() if link.to in known.tables)
            yield from (("field", table.name, name) for name in table.fields)
            if table.made is not None:
                yield ("people", table.made)
        yield from (("dimension", name) for name in known.dimensions)
        yield from (("kpi", name) for name in known.kpis)

    def _bind(self, key: Key, binder: Binder) -> object:
        kind, *names = key
        bind: dict[str, Callable[..., object]] = {
            "parameter": definitions.parameter,
            "function": structure.function,
            "date": definitions.date,
            "where": definitions.where,
            "known": links.known,
            "calendar": worktime.calendar,
            "link": links.link,
            "field": definitions.field,
            "dimension": definitions.dimension,
            "kpi": definitions.measure,
            "people": populations.people,
        }
        return bind[kind](binder, *names)

    def _value(self, key: Key) -> Any:
        """The value of a definition; within a binding that needs it, the binding is put off until it is there."""
        outcome = self._outcome(key)
        if outcome.mistakes:
            if self._binding == get_ident():
                raise Broken(outcome.mistakes)
            raise_all(outcome.mistakes)
        return outcome.value

    def _outcome(self, key: Key) -> Outcome:
        known = self._outcomes.get(key)
        if known is not None:
            return known
        with self._lock:
            if self._binding is not None:
                raise Needs(key)
            self._settle(key)
            return self._outcomes[key]

    def _settle(self, key: Key) -> None:
        """Binds a definition and all that it needs: what is needed goes first, so nothing recurses over definitions."""
        waiting = [key]
        while waiting:
            current = waiting[-1]
            if current in self._outcomes:
                waiting.pop()
                continue
            try:
                self._outcomes[current] = self._attempt(lambda binder, key=current: self._bind(key, binder))  # type: ignore[misc]
            except Needs as needs:
                if needs.key in waiting:
                    self._outcomes[current] = Outcome(None, (self._cycle(waiting[waiting.index(needs.key) :]),))
                else:
                    waiting.append(needs.key)

    def _attempt(self, bind: Callable[[Binder], object]) -> Outcome:
        binder = Binder(self)
        value = None
        self._binding = get_ident()
        try:
            value = bind(binder)
        except Stop as stop:
            binder.log.take(stop)
        except RecursionError:
            binder.log.add(Mistake("graph-too-large", "with all that it uses this nests too deeply"))
        finally:
            self._binding = None
        mistakes = tuple(binder.log.mistakes)
        return Outcome(None if mistakes else value, mistakes, tuple(binder.log.warnings))

    def _ask(self, bind: Callable[[Binder], bound.Expression]) -> Outcome:
        """The outcome of binding something of a request."""
        with self._lock:
            while True:
                try:
                    outcome = self._attempt(bind)
                except Needs as needs:
                    self._settle(needs.key)
                else:
                    break
        raise_all(outcome.mistakes)
        return outcome

    def _cycle(self, path: list[Key]) -> Mistake:
        names = [".".join(key[1:]) for key in (*path, path[0])]
        if len(names) > 12:
            names[6:-5] = [f"… {len(names) - 11} more"]
        kind = {"kpi": "KPI", "field": "field"}.get(path[0][0], path[0][0])
        return Mistake(
            "cycle",
            f"the {kind} {names[0]} leads back to itself: {' -> '.join(names)}",
            structure.place_of(self.declarations, path[-1]),
            hint="take one of them out of the others",
        )


def check(
    declarations: Declarations,
    schemas: Mapping[str, Mapping[str, Storage]] | None = None,
    limits: Limits = Limits(),
) -> Checked:
    """The catalog with everything bound. Raises Mistakes with every error at once; warnings are in the result."""
    return Checked(declarations, schemas, limits).check_all()
