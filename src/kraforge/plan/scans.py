"""Scans: leaves that share a table, keys, date and grain become one select of partial values."""

from __future__ import annotations

from kraforge.plan import nodes
from kraforge.plan.evidence import behind
from kraforge.plan.gather import span_columns, spans, windows
from kraforge.plan.joins import Joins
from kraforge.plan.leaves import Key, Leaf, safe_name
from kraforge.plan.partials import Finish, Partial, rows_behind, split
from kraforge.plan.populations import WINDOW_HIGH
from kraforge.plan.rolling import climb, look_up, roll
from kraforge.plan.rows import joined, valid
from kraforge.plan.shape import Mode
from kraforge.plan.steps import Keys, Located
from kraforge.types import BOOL, DATE, WHOLE

MOST_FILTERS = 40
"""Of how many different conditions the rows of a scan are asked to meet some."""


class Scanner(Joins):
    """Builds one scan: its keys, conditions and partial values."""

    def build(self) -> None:
        """Adds the scan's step and says for each of its leaves where it is found."""
        leaves = self.leaves()
        climbed = roll(self)
        if climbed is not None:
            leaves = climbed.leaves
            self.lead = leaves[0][1]
        self._join_rows(leaves)
        keys = [(self._key_name(key), key) for key in self.lead.keys]
        self._join_domains()
        columns: list[tuple[str, nodes.Expression]] = [
            (name, self._domains[key.name] if key.inner else self.resolve(key.expression)) for name, key in keys
        ]
        periods, spanned = self._period_columns()
        columns += periods
        if climbed is not None:
            columns += look_up(self, climbed)
        grouped = tuple(columns)
        common = self._common([leaf.kept if self.telling else leaf.where for _, leaf in leaves])
        some = self._some(common)
        # every row is behind a leaf without conditions, or passes those of some leaf
        self.complete = self.steps.covered(self.number, common) or (
            bool(some) and self.steps.shape.full.issuperset(self.numbers)
        )
        partials: dict[Partial, str] = {}
        found: list[tuple[int, Leaf, tuple[Partial, ...], Finish]] = []
        for number, leaf in leaves:
            parts, finish = split(leaf, self._tie_break())
            if self.mode.kind == "bits":
                parts = (self._mask(parts[0]),)
            for part in (*parts, *self._behind(number, leaf)):
                partials.setdefault(part, safe_name(f"{part.function} {len(partials) + 1}"))
            found.append((number, leaf, parts, finish))
        columns += [(name, self._reduce(part, common)) for part, name in partials.items()]
        where = (*self._bounds(), *spanned, *(self.resolve(part) for part in common), *some)
        select = nodes.Select(
            tuple(columns),
            self.own(),
            self.lead.alias,
            tuple(self.joins),
            where,
            grouped=True,
            keys=len(grouped),
        )
        name = self.steps.add(self._wanted_name(), self._note(), select)
        if climbed is not None:
            name = climb(self, climbed, name, grouped, partials)
        for number, leaf, parts, finish in found:
            self._locate(number, leaf, name, keys, partials, parts, finish)

    # ---- what is selected

    def _key_name(self, key: Key) -> str:
        taken = [known.name for known in self.lead.keys]
        return f"{safe_name(key.name)}_{taken.index(key.name) + 1}" if key.dimension or "->" in key.name else key.name

    def _period_columns(self) -> tuple[tuple[tuple[str, nodes.Expression], ...], tuple[nodes.Expression, ...]]:
        """The columns that tell periods or units apart, and conditions that come with them."""
        match self.mode.kind:
            case "fixed" | "bits":
                return (), ()
            case "pairs":
                valid_then: tuple[nodes.Expression, ...] = ()
                spine = self.steps.spine(self.lead.frame)
                if self.lead.during is not None:
                    day = spine.column("as_of", self.lead.context)
                    valid_then = tuple(self.resolve(part) for part in valid(self.lead.during, day))
                return (("period", spine.number),), valid_then
            case "spans":
                assert self.lead.during is not None
                low, high = (nodes.Slot(f"scan_{self.number}_{end}", DATE) for end in ("low", "high"))
                columns, where = span_columns(self.lead.during, self.mode.unit or "day", low, high)
                return tuple((n, self.resolve(e)) for n, e in columns), tuple(self.resolve(part) for part in where)
            case _:
                assert self.lead.on is not None
                date = self.resolve(self.lead.on)
                return ((str(self.mode.unit), nodes.Apply(f"_start_{self.mode.unit}", (date,), DATE)),), ()

    def _some(self, common: tuple[nodes.Expression, ...]) -> tuple[nodes.Expression, ...]:
        """Where every leaf has conditions of its own: that those of some leaf hold."""
        some: nodes.Expression | None = None
        different = dict.fromkeys(leaf.where for _, leaf in self.leaves())
        if self.telling or len(different) < 2 or len(different) > MOST_FILTERS:
            return ()
        for where in different:
            own = joined([self.resolve(part) for part in where if part not in common])
            if own is None:
                return ()
            some = own if some is None else nodes.Apply("or", (some, own), BOOL)
        return (some,) if some is not None else ()

    def _common(self, conditions: list[tuple[nodes.Expression, ...]]) -> tuple[nodes.Expression, ...]:
        first, *others = conditions
        return tuple(part for part in first if all(part in other for other in others))

    def _reduce(self, part: Partial, common: tuple[nodes.Expression, ...]) -> nodes.Reduce:
        where = joined([self.resolve(condition) for condition in part.where if condition not in common])
        arguments = tuple(self.resolve(argument) for argument in part.arguments)
        order = tuple(self.resolve(argument) for argument in part.order)
        return nodes.Reduce(part.function, arguments, where, part.type, order)

    def _bounds(self) -> tuple[nodes.Expression, ...]:
        """The scan's bounds; under anytime rows without a date pass too."""
        if self.lead.on is None:
            return ()
        date = self.resolve(self.lead.on)
        found: list[nodes.Expression] = []
        if any(self.steps.shape.modes[number].low for number in self.numbers):
            found.append(nodes.Apply("_from", (date, nodes.Slot(f"scan_{self.number}_low", DATE)), BOOL))
        if any(self.steps.shape.modes[number].high for number in self.numbers):
            found.append(nodes.Apply("_before", (date, nodes.Slot(f"scan_{self.number}_high", DATE)), BOOL))
        if self.lead.context.unending and self.steps.collected.checked.tables[self.lead.table].made is not None:
            found.append(nodes.Apply("_before", (date, WINDOW_HIGH), BOOL))
        if not self.lead.dated_rows_only:
            undated = nodes.Apply("is_missing", (date,), BOOL)
            found = [nodes.Apply("or", (condition, undated), BOOL) for condition in found]
        elif not found:
            found.append(nodes.Apply("is_present", (date,), BOOL))
        return tuple(found)

    def _mask(self, met: Partial) -> Partial:
        """A mask of the units in which a row meets a condition."""
        assert self.lead.on is not None
        base = nodes.Slot(f"scan_{self.number}_low", DATE)
        bit = nodes.Apply(f"_bit_{self.mode.unit}", (self.lead.on, base), WHOLE)
        return Partial("bit_or", (bit,), met.where, WHOLE)

    def _tie_break(self) -> tuple[nodes.Expression, ...]:
        table = self.steps.collected.checked.tables[self.lead.table]
        types = dict(table.columns)
        return tuple(
            nodes.Source(self.lead.alias, self.lead.table, name, types[name]) for name in table.key if name in types
        )

    # ---- where leaves are found

    def _behind(self, number: int, leaf: Leaf) -> tuple[Partial, ...]:
        """What counts the rows that speak for groups and cells, where that is needed."""
        how = self.steps.collected.evidence.get(number)
        spoken = () if how is None else (behind(leaf, how),)
        if number in self.steps.top and leaf.keys and not self.complete:
            return (*spoken, rows_behind(leaf))
        return spoken

    def _locate(
        self,
        number: int,
        leaf: Leaf,
        step: str,
        keys: list[tuple[str, Key]],
        partials: dict[Partial, str],
        parts: tuple[Partial, ...],
        finish: Finish,
    ) -> None:
        mode = self.steps.shape.modes[number]
        names = self._names(keys)
        columns = tuple((partials[part], part.type) for part in parts)
        how = self.steps.collected.evidence.get(number)
        spoken = None if how is None else partials.get(behind(leaf, how))
        inner = any(key.inner for key in leaf.keys)
        own = spoken if inner else partials.get(rows_behind(leaf))
        complete = self.complete and not inner
        period: tuple[str, nodes.Ref] | None = None
        match mode.kind:
            case "unit":
                spine = self.steps.spine(leaf.frame)
                period = (str(mode.unit), spine.column("unit", leaf.context, mode.unit))
            case "pairs":
                period = ("period", self.steps.spine(leaf.frame).number)
            case "window" | "spans":
                gather = windows if mode.kind == "window" else spans
                step = gather(self.steps, leaf, mode, step, names, partials)
                period = ("period", self.steps.spine(leaf.frame).number)
            case "bits":
                finish = self._has_bits(leaf, mode)
            case _:
                pass
        self.steps.located[number] = Located(step, names, period, columns, finish, own, spoken, complete)

    def _names(self, keys: list[tuple[str, Key]]) -> Keys:
        return tuple(
            (name, key.dimension or (key.name if "->" in key.name else None), key.expression.type) for name, key in keys
        )

    def _has_bits(self, leaf: Leaf, mode: Mode) -> Finish:
        """Whether a mask has a bit in the units of the context."""

        def finish(found: tuple[nodes.Expression, ...]) -> nodes.Expression:
            mask = self.steps.spine(leaf.frame).column("mask", leaf.context, mode.unit, self.number)
            return nodes.Apply("_meets", (found[0], mask), BOOL)

        return finish

    def _wanted_name(self) -> str:
        names = [key.name for key in self.lead.keys]
        by = f" by {' '.join(names)}" if names else ""
        return f"{self.lead.table}{by}{' ' + str(self.mode.unit) if self.mode.unit else ''}"

    def _note(self) -> str:
        keys = [key.dimension or key.name for key in self.lead.keys] + ([self.mode.unit] if self.mode.unit else [])
        return f"{self.lead.table}{' by ' + ', '.join(str(key) for key in keys) if keys else ''}"
