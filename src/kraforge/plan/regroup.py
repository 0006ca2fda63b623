"""Groups and conditions that look at dates of the context: rows are grouped first by the columns that meet such dates.

    SELECT due_on, month, sum(amount) GROUP BY due_on, month
    SELECT bucket(valuation day - due_on), period, sum(sum) FROM that JOIN periods ON month < end GROUP BY bucket, period

so that an invoice is read once, not once for each period in which it has an age.
"""

from __future__ import annotations

from attrs import evolve

from kraforge.plan import nodes
from kraforge.plan.leaves import Key, Leaf, safe_name
from kraforge.plan.partials import Finish, Partial, rows_behind, split
from kraforge.plan.rows import joined
from kraforge.plan.scans import Scanner
from kraforge.plan.steps import Located
from kraforge.plan.traits import refers
from kraforge.plan.worktime import Worktime
from kraforge.semantics import bound
from kraforge.types import BOOL, DATE, Type

Conditions = tuple[nodes.Expression, ...]


class Regroup(Scanner):
    """Builds the two steps of such leaves."""

    def build(self) -> None:
        """Adds the steps and says for each leaf where it is found."""
        leaves = self.leaves()
        self._join_rows(leaves)
        keys = [(self._key_name(key), key) for key in self.lead.keys]
        self.met: dict[nodes.Expression, str] = {}
        self.later = Worktime(self.steps, [])
        self.presence = True
        fixed = [leaf_fixed(leaf) for _, leaf in leaves]
        common = self._common([leaf.where for leaf, _ in fixed])
        first: list[tuple[str, nodes.Expression]] = [
            (name, self.resolve(key.expression)) for name, key in keys if not refers(key.expression)
        ]
        later = [key.expression for _, key in keys if refers(key.expression)]
        for meeting in (*later, *(condition for _, conditions in fixed for condition in conditions)):
            self._meet_dates(meeting)
        first += [(name, self.resolve(met)) for met, name in self.met.items()]
        if self.lead.on is not None and self.mode.unit is not None:
            date = self.resolve(self.lead.on)
            first.append((str(self.mode.unit), nodes.Apply(f"_start_{self.mode.unit}", (date,), DATE)))
        count = len(first)
        partials: dict[Partial, str] = {}
        found: list[tuple[tuple[Partial, ...], Finish]] = []
        self.complete = any(not conditions and all(p in common for p in leaf.where) for leaf, conditions in fixed)
        self.presence = not self.complete or bool(self.steps.counted.intersection(self.numbers))
        for leaf, _ in fixed:
            parts, finish = split(leaf, ())
            for part in (*parts, *((rows_behind(leaf),) if self.presence else ())):
                partials.setdefault(part, safe_name(f"{part.function} {len(partials) + 1}"))
            found.append((parts, finish))
        first += [(name, self._reduce(part, common)) for part, name in partials.items()]
        where = (*self._bounds(), *(self.resolve(part) for part in common))
        relation = self.own()
        select = nodes.Select(tuple(first), relation, self.lead.alias, tuple(self.joins), where, True, count)
        step = self.steps.add(f"{self._wanted_name()} unaged", "before dates of the period come in", select)
        self._spread(step, keys, fixed, partials, found)

    def _meet_dates(self, expression: nodes.Expression) -> None:
        """Registers the parts of an expression that meet dates of the context, as columns of the first step."""
        person = isinstance(expression, nodes.Apply) and expression.function == "_person"
        if not refers(expression) and not person:
            if not isinstance(expression, bound.Constant | bound.Bound):
                self.met.setdefault(expression, f"met_{len(self.met) + 1}")
            return
        match expression:
            case nodes.Apply():
                for part in expression.arguments:
                    self._meet_dates(part)
            case nodes.Choose():
                for condition, value in expression.branches:
                    self._meet_dates(condition)
                    self._meet_dates(value)
                self._meet_dates(expression.otherwise)
            case _:
                pass

    def _after(self, expression: nodes.Expression, step: str) -> nodes.Expression:
        """An expression over the first step's columns and the periods."""
        if expression in self.met:
            return nodes.Ref(step, self.met[expression], expression.type)
        match expression:
            case nodes.PeriodRef():
                return self.steps.spine(expression.frame).column(expression.what, expression.context)
            case nodes.Apply():
                arguments = tuple(self._after(part, step) for part in expression.arguments)
                return self.later.applied(evolve(expression, arguments=arguments))
            case nodes.Choose():
                branches = tuple((self._after(c, step), self._after(v, step)) for c, v in expression.branches)
                return evolve(expression, branches=branches, otherwise=self._after(expression.otherwise, step))
            case _:
                return expression

    def _spread(
        self,
        step: str,
        keys: list[tuple[str, Key]],
        fixed: list[tuple[Leaf, Conditions]],
        partials: dict[Partial, str],
        found: list[tuple[tuple[Partial, ...], Finish]],
    ) -> None:
        """The second step: partial values met with the periods in which their rows count."""
        spine = self.steps.spine(self.lead.frame)
        columns: list[tuple[str, nodes.Expression]] = []
        for name, key in keys:
            own = key.expression
            columns.append((name, self._after(own, step) if refers(own) else nodes.Ref(step, name, own.type)))
        columns.append(("period", spine.number))
        on: tuple[nodes.Expression, ...] = ()
        if self.mode.unit is not None:
            unit = nodes.Ref(step, str(self.mode.unit), DATE)
            low = spine.column("low", self.lead.context, self.mode.unit)
            high = spine.column("high", self.lead.context)
            on = (nodes.Apply("greater_equal", (unit, low), BOOL), nodes.Apply("less", (unit, high), BOOL))
        named: dict[tuple[str, Conditions], str] = {}
        for (leaf, conditions), (parts, _) in zip(fixed, found, strict=True):
            own_where = joined([self._after(condition, step) for condition in conditions])
            for part in (*parts, *((rows_behind(leaf),) if self.presence else ())):
                if (partials[part], conditions) not in named:
                    named[partials[part], conditions] = f"{partials[part]}_{len(named) + 1}"
                    value = nodes.Ref(step, partials[part], part.type)
                    reduce = nodes.Reduce(part.merge, (value,), own_where, part.type)
                    columns.append((named[partials[part], conditions], reduce))
        periods = nodes.Join("inner" if on else "cross", nodes.Step(spine.name), spine.name, on)
        joins = (periods, *self.later.joins)
        select = nodes.Select(tuple(columns), nodes.Step(step), step, joins, grouped=True, keys=len(keys) + 1)
        name = self.steps.add(self._wanted_name(), self._note(), select)
        self._found(name, keys, fixed, partials, found, named)

    def _found(
        self,
        step: str,
        keys: list[tuple[str, Key]],
        fixed: list[tuple[Leaf, Conditions]],
        partials: dict[Partial, str],
        found: list[tuple[tuple[Partial, ...], Finish]],
        named: dict[tuple[str, Conditions], str],
    ) -> None:
        for number, (leaf, conditions), (parts, finish) in zip(self.numbers, fixed, found, strict=True):
            columns: tuple[tuple[str, Type], ...] = tuple(
                (named[partials[part], conditions], part.type) for part in parts
            )
            behind = named[partials[rows_behind(leaf)], conditions] if self.presence else None
            period = ("period", self.steps.spine(leaf.frame).number)
            self.steps.located[number] = Located(
                step, self._names(keys), period, columns, finish, behind, behind, not self.presence
            )


def leaf_fixed(leaf: Leaf) -> tuple[Leaf, Conditions]:
    """A leaf with only the conditions that look at no dates of the context, and the others."""
    conditions = tuple(part for part in leaf.where if refers(part))
    return evolve(leaf, where=tuple(part for part in leaf.where if not refers(part))), conditions
