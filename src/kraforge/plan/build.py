"""A request's leaves as a plan: scans first, then groups, cells, and the answer."""

from __future__ import annotations

from attrs import frozen

from kraforge.plan import nodes
from kraforge.plan.bands import Bands
from kraforge.plan.calendars import Filled
from kraforge.plan.cells import SPOKEN, Cells, Request, column_names
from kraforge.plan.collect import Collected
from kraforge.plan.layout import Layout
from kraforge.plan.leaves import Leaf, Parts
from kraforge.plan.members import Members
from kraforge.plan.needs import used
from kraforge.plan.once import Credits
from kraforge.plan.pauses import Pauses
from kraforge.plan.promises import Promise
from kraforge.plan.regroup import Regroup
from kraforge.plan.scans import Scanner
from kraforge.plan.shape import Shape
from kraforge.plan.spines import SpineColumn
from kraforge.plan.steps import Steps
from kraforge.types import BOOL, DATE, TEXT, Type


@frozen
class Built:
    """A plan with what it needs when it runs: its spines' columns, the rows that business calendars are made of, and the
    tables whose keys must be unique."""

    plan: nodes.Plan
    spines: tuple[tuple[int, str, tuple[SpineColumn, ...]], ...]
    unique: tuple[str, ...]
    filled: tuple[Filled, ...] = ()
    promises: tuple[Promise, ...] = ()


def build(collected: Collected, shape: Shape, request: Request, layout: Layout = Layout()) -> Built:
    """The plan of a request of one shape."""
    top = used(collected.leaves, collected.columns)
    steps = Steps(collected, shape, frozenset(top), layout)
    done: set[int] = set()
    known = [number for number, kind in enumerate(collected.kind_of) if kind >= 0]
    # groups that only nested rows reach are met by all that others have found
    for number in sorted(known, key=lambda number: _has_inner(collected.leaves[number])):
        if (scan := shape.modes[number].scan) not in done:
            done.add(scan)
            _scan_after_nested(steps, scan, done)
    # parts need the groups of the whole answer, and so all of its leaves
    for number, leaf in enumerate(collected.leaves):
        if isinstance(leaf, Parts):
            Cells(steps, collected.frames[leaf.inner]).parts(number, leaf)
    answers = [Cells(steps, collected.frames[frame]).answer(columns, request) for frame, columns in collected.columns]
    union = steps.add("answer", "all cells", nodes.Union(tuple(answers)) if len(answers) > 1 else answers[0])
    listed = (*steps.spines.values(), *steps.days_listed.values())
    spines = tuple((s.owner, s.name, tuple(s.columns)) for s in listed)
    spine_steps = tuple(nodes.Named(s.name, "the periods of the answer", s.node()) for s in listed)
    plan = _finish(collected, request, union, spine_steps + tuple(steps.steps))
    return Built(plan, spines, tuple(steps.checked_keys), tuple(steps.calendars.filled), tuple(steps.promises.values()))


def _has_inner(leaf: Leaf | Parts) -> bool:
    return isinstance(leaf, Leaf) and any(key.inner for key in leaf.keys)


def _scan_after_nested(steps: Steps, scan: int, done: set[int]) -> None:
    """Builds a scan after those that its leaves need; leaves are numbered after what is nested in them."""
    for number in steps.shape.scans[scan]:
        leaf = steps.collected.leaves[number]
        assert isinstance(leaf, Leaf)
        for nested in leaf.nested:
            other = steps.shape.modes[nested].scan
            if other not in done:
                done.add(other)
                _scan_after_nested(steps, other, done)
    first = steps.shape.modes[steps.shape.scans[scan][0]]
    lead = steps.collected.leaves[steps.shape.scans[scan][0]]
    ways = {"members": Members, "regroup": Regroup}
    own = {"band": Bands, "credit": Credits, "covered": Pauses}
    assert isinstance(lead, Leaf)
    way = own.get(lead.function) or ways.get(first.kind, Scanner)
    way(steps, scan).build()


def _finish(collected: Collected, request: Request, step: str, steps: tuple[nodes.Named, ...]) -> nodes.Plan:
    """The answer's columns, order and limit."""
    types: list[tuple[str, Type]] = [(d, collected.checked.dimensions[d].type) for d in request.dimensions]
    if request.totals:
        types.append(("total", TEXT))
    if request.grain is not None:
        types.append(("period", DATE))
    types += [(column.name, column.type) for column in collected.columns[0][1]]
    safe = column_names(request, collected.columns[0][1])
    columns = tuple((own, nodes.Ref(step, own, type_)) for own, (_, type_) in zip(safe, types, strict=True))
    own_name = {name: own for own, (name, _) in zip(safe, types, strict=True)}
    named = {name for name, _ in request.order}
    rest = [*request.dimensions, *(["total"] if request.totals else []), *(["period"] if request.grain else [])]
    dimensions = collected.checked.dimensions
    order = tuple(
        nodes.Order(
            own_name[name],
            down,
            dimensions[name].labels if name in request.dimensions else (),
            # totals stand after the groups that they are the totals of, the missing one too
            missing_first=request.totals and name == "total",
        )
        for name, down in (*request.order, *((name, False) for name in rest if name not in named))
    )
    having = None if request.having is None else _own_columns(request.having, step, own_name)
    if request.sparse:
        spoken = nodes.Ref(step, SPOKEN, BOOL)
        having = spoken if having is None else nodes.Apply("and", (spoken, having), BOOL)
    answer = nodes.Answer(columns, step, having, order, request.limit)
    return nodes.Plan(steps, answer, tuple(types))


def _own_columns(having: nodes.Expression, step: str, names: dict[str, str]) -> nodes.Expression:
    """A condition over the answer's columns, by the names that they have in the plan."""
    match having:
        case nodes.Ref():
            return nodes.Ref(step, names[having.name], having.type)
        case nodes.Apply():
            arguments = tuple(_own_columns(argument, step, names) for argument in having.arguments)
            return nodes.Apply(having.function, arguments, having.type)
        case nodes.Choose():
            branches = tuple((_own_columns(c, step, names), _own_columns(v, step, names)) for c, v in having.branches)
            return nodes.Choose(branches, _own_columns(having.otherwise, step, names), having.type)
        case _:
            return having
