"""From a link to the joins that lead to its target, one hop each: by key, by a history in force, by the next in order.

    LEFT JOIN owner_history ON customer_id = customer_id AND valid_from <= day AND day < valid_to
    LEFT JOIN employees ON employee_id = owner_history.employee_id

The columns of the key make the hash join; from when to when a row holds is a condition on the pairs that meet.
"""

from __future__ import annotations

from kraforge.model.declarations import Link
from kraforge.plan import credit, nodes, trees
from kraforge.plan.leaves import Joined, safe_name
from kraforge.plan.promises import no_overlap, no_tie, timed
from kraforge.plan.rows import both
from kraforge.plan.steps import Steps, own_columns, own_conditions
from kraforge.types import BOOL, TEXT, Type


def joined(steps: Steps, alias: str, day: nodes.Expression | None, once: bool = False) -> nodes.Join:
    """The join of the row that an alias stands for; `day` is the date that its hop is looked up on, if any.

    `once` says that a row must not meet one of several members twice.
    """
    row = steps.collected.aliases.rows[alias]
    hop = row.links[-1]
    assert row.before is not None
    source = steps.collected.aliases.rows[row.before].table
    if hop.tree is not None:
        return trees.join(steps, row.before, hop, alias, day)
    if hop.many:
        return credit.join(steps, source, row.before, hop, alias, day, once)
    key = hop.match or steps.collected.checked.tables[row.table].key
    if hop.sequence is not None:
        step = _sequence(steps, source, hop)
        on = _meet(steps, row.before, source, hop.by, alias, source, _own_names(hop))
        return nodes.Join("left", nodes.Step(step), alias, on)
    on = _meet(steps, row.before, source, hop.by, alias, row.table, key)
    on += own_conditions(steps, row.table, alias)
    if day is not None:
        on += _valid(steps, source, hop, row, alias, day)
        what = ("overlap", row.table, key, hop.valid and hop.valid.text)
        steps.promise(what, lambda: no_overlap(steps, source, hop))
        if day.type.kind == "date" and timed(steps, source, hop):
            # ends that are points in time may meet on one day
            steps.promise((*what, "days"), lambda: no_overlap(steps, source, hop, by_days=True))
    elif not hop.match:
        steps.unique(row.table)
    return nodes.Join("left", steps.relation(row.table), alias, on)


def _meet(
    steps: Steps, before: str, source: str, by: tuple[str, ...], alias: str, table: str, key: tuple[str, ...]
) -> tuple[nodes.Expression, ...]:
    """That columns of one row equal those of another."""
    found = []
    for mine, theirs in zip(by, key, strict=True):
        left = nodes.Source(before, source, mine, _type(steps, source, mine))
        right = nodes.Source(alias, table, theirs, _type(steps, table, theirs))
        found.append(nodes.Apply("equal", (left, right), BOOL))
    return tuple(found)


def _type(steps: Steps, table: str, column: str) -> Type:
    return dict(steps.collected.checked.tables[table].columns).get(column, TEXT)


def _valid(
    steps: Steps, source: str, hop: Link, row: Joined, alias: str, day: nodes.Expression
) -> tuple[nodes.Expression, ...]:
    """That a row of a history holds on a day."""
    during = steps.collected.checked.link(source, hop.name).valid
    assert during is not None
    found: list[nodes.Expression] = []
    if during.low is not None:
        found.append(both(own_columns(steps, during.low, row.table, alias), "less_equal", day))
    if during.high is not None:
        high = own_columns(steps, during.high, row.table, alias)
        missing = nodes.Apply("is_missing", (high,), BOOL)
        ends = both(day, "less_equal" if during.closed else "less", high)
        found.append(nodes.Apply("or", (missing, ends), BOOL))
    return tuple(found)


# ---- sequences


def _sequence(steps: Steps, table: str, hop: Link) -> str:
    """A step with the key of each row and the key of the row that comes next among those of the same sequence."""
    key = ("sequence", table, hop.name)
    if key not in steps.made:
        assert hop.sequence is not None
        alias = safe_name(table)
        along, order = sequence_columns(steps, table, hop, alias)
        own = [nodes.Source(alias, table, name, _type(steps, table, name)) for name in hop.by]
        keyed = tuple(zip(_own_names(hop), own, strict=True))
        function = "lead" if hop.sequence.forward else "lag"
        ordered = tuple((column, False) for column in order)
        nexts = tuple(
            (column.name, nodes.Over(function, (column,), tuple(along), ordered, column.type)) for column in own
        )
        present = tuple(nodes.Apply("is_present", (column,), BOOL) for column in (*along, *order))
        where = (*own_conditions(steps, table, alias), *present)
        select = nodes.Select((*keyed, *nexts), steps.relation(table), alias, where=where)
        word = "next" if hop.sequence.forward else "previous"
        steps.made[key] = steps.add(f"{table} {hop.name}", f"the {word} row of each sequence", select)
        steps.unique(table)
        if not set(hop.by) <= {column.name for column in order}:
            told = tuple(dict.fromkeys((*along, *order)))
            steps.promise(("order", table, told), lambda: no_tie(steps, table, hop, told, alias))
    return steps.made[key]


def _own_names(hop: Link) -> tuple[str, ...]:
    """Names for a row's own key beside that of the next, which has the names of the key's columns."""
    return tuple(f"{'_'.join(hop.by)}_{number}" for number, _ in enumerate(hop.by, 1))


def sequence_columns(steps: Steps, table: str, hop: Link, alias: str) -> tuple[list[nodes.Source], list[nodes.Source]]:
    """The columns that tell sequences apart, and those that order one."""
    assert hop.sequence is not None
    declared = steps.collected.checked.declarations.tables[table]
    along = declared.links[hop.sequence.along].by if hop.sequence.along in declared.links else (hop.sequence.along,)
    return (
        [nodes.Source(alias, table, name, _type(steps, table, name)) for name in along],
        [nodes.Source(alias, table, name, _type(steps, table, name)) for name in hop.sequence.order],
    )
