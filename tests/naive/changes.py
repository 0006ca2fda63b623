"""Context functions: each evaluates a whole measure elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kraforge.syntax import nodes
from naive import figures, links, names, values
from naive.aggregate import EMPTY, bare
from naive.aggregate import parts as below
from naive.calendar import DAYS, MONTHS, Bounds, length
from naive.context import ANY, Context, Filter, Group, Scope, Trace
from naive.counting import day_of
from naive.data import Placed
from naive.values import Length, NaiveError, compare

if TYPE_CHECKING:
    from naive.evaluate import Evaluator


DAY = dt.timedelta(days=1)


def filtered(e: Evaluator, node: nodes.Modified, scope: Scope, context: Context) -> Any:
    """A filter after a measure: each condition that `and` joins is one of its own."""
    filters = []
    for modifier in node.modifiers:
        if modifier.word != "where":
            raise NaiveError("syntax", f"{modifier.word} after a measure")
        filters += [Filter(condition, scope) for condition in conditions(modifier.value)]
    return e.value(node.operand, scope, replace(context, constraints=(*context.constraints, *filters)))


def conditions(node: Any) -> list[Any]:
    """The conditions that `and` joins."""
    if isinstance(node, nodes.Binary) and node.operator == "and":
        return conditions(node.left) + conditions(node.right)
    return [node]


def shifted(e: Evaluator, context: Context, by: nodes.Argument | None, sign: int, scope: Scope) -> Context:
    """Both bounds moved, each on its own."""
    unit = by.names[0].text if isinstance(by, nodes.Path) else None
    amount = Length(Decimal(1), unit) if unit in e.almanac.own else e.value(by, scope, context) if by is not None else 1
    if isinstance(amount, Length) and amount.unit in e.almanac.own:
        number, unit = 1, amount.unit
    elif isinstance(amount, Length):
        number, unit = int(length(amount).number), amount.unit
    elif context.step is None:
        raise NaiveError("needs-period", "a shift without a length")
    else:
        number, unit = int(amount) * context.step[0], context.step[1]
    start, end, cut = (
        e.almanac.shift(bound, sign * number, unit, context.cells) if bound is not None else None
        for bound in (context.bounds.start, context.bounds.end, context.cut)
    )
    bounds = replace(context.bounds, start=start, end=end)
    return replace(context, bounds=bounds, cut=cut)


def prior(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    return e.value(node.arguments[0], scope, shifted(e, context, second(node), -1, scope))


def following(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    return e.value(node.arguments[0], scope, shifted(e, context, second(node), 1, scope))


def second(node: nodes.Call) -> nodes.Argument | None:
    return node.arguments[1] if len(node.arguments) > 1 else None


def trailing(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """The start is the end less the length."""
    end = context.bounds.end
    if end is not None:
        moved = shifted(e, replace(context, bounds=Bounds(None, end)), second(node), -1, scope)
        context = replace(context, bounds=replace(context.bounds, start=moved.bounds.end))
    return e.value(node.arguments[0], scope, context)


def to_date(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """The start is that of the unit which has the last day."""
    last = context.bounds.last_day()
    if last is not None:
        start = e.almanac.start_of(last, word(node.arguments[1]))
        context = replace(context, bounds=replace(context.bounds, start=start))
    return e.value(node.arguments[0], scope, context)


def word(argument: nodes.Argument) -> str:
    """An argument that is a bare word."""
    if isinstance(argument, nodes.Path) and len(argument.names) == 1:
        return argument.names[0].text
    raise NaiveError("wrong-arguments", str(argument))


def ever(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    return e.value(node.arguments[0], scope, replace(context, bounds=replace(context.bounds, start=None)))


def anytime(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    context = replace(context, bounds=Bounds(None, None), everywhere=True, unending=True, cut=None)
    return e.value(node.arguments[0], scope, context)


def within(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """Between two dates; a date that is missing leaves nothing between."""
    span = node.arguments[1]
    assert isinstance(span, nodes.Range)
    low, high = (e.value(side, scope, context) if side is not None else None for side in (span.low, span.high))
    never = (span.low is not None and low is None) or (span.high is not None and high is None)
    closed = span.closed
    if closed and high is not None and not isinstance(high, dt.datetime):
        high, closed = high + dt.timedelta(days=1), False
    open_end = span.high is None or hangs_on_row(span.high, scope)
    context = replace(context, bounds=Bounds(low, high, closed, never), everywhere=False, unending=open_end, cut=None)
    return e.value(node.arguments[0], scope, context)


def hangs_on_row(node: nodes.Argument, scope: Scope) -> bool:
    """Whether a bound may differ from one outer row to another."""
    if isinstance(node, nodes.Path):
        return bool(scope.rows) and node.names[0].text not in ("as_of", "period")
    return any(hangs_on_row(part, scope) for part in below(node))


def matched(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """Earlier periods end where the shift moves the end at which as_of cuts this one."""
    end = context.bounds.end
    if e.as_of is not None and end is not None:
        context = replace(context, cut=min(end, e.as_of + DAY))
    return e.value(node.arguments[0], scope, context)


def overall(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """Without groups, without some, at coarser ones, or over the whole window; without words also without the outer row."""
    words = node.arguments[1:]
    kept: list[Group | Filter] = []
    for one in context.constraints:
        if isinstance(one, Filter):
            kept.append(one)
            continue
        pairs = [pair for pair in words if isinstance(pair, nodes.Pair) and word(pair.key) == one.dimension]
        named = [w for w in words if not isinstance(w, nodes.Pair) and word(w) == one.dimension]
        if pairs and word(pairs[0].value) == "parent" and e.declarations.dimensions[one.dimension].tree:
            above = parent(e, one, context)
            if above is None:
                return None
            kept.append(above)
        elif pairs:
            kept.append(coarsened(e, one, word(pairs[0].value), context))
        elif words and not named:
            kept.append(one)
    context = replace(context, constraints=tuple(kept))
    if any(not isinstance(w, nodes.Pair) and word(w) == "period" for w in words):
        assert e.whole is not None
        end = e.whole.bounds.end
        cut = None if context.cut is None or end is None or e.as_of is None else min(end, e.as_of + DAY)
        context = replace(context, bounds=e.whole.bounds, everywhere=False, unending=False, cut=cut)
    if not words:
        scope, context = replace(scope, rows=()), replace(context, applied=frozenset())
    return e.value(node.arguments[0], scope, context)


def coarsened(e: Evaluator, one: Group, coarser: str, context: Context) -> Group:
    """The group of all members that have, on the valuation day, the same coarser value as this one's member."""
    day, value = day_of(e, context), None
    member = member_of(e, one, day)
    if member is not None:
        value = names.dimension(e, coarser, member.table, member, context, None)
    return Group(one.dimension, value, coarser=coarser, day=day)


def member_of(e: Evaluator, one: Group, day: Any) -> Placed | None:
    """The row that a group is of, as it is on a day."""
    key = one.value if isinstance(one.value, tuple) else (one.value,)
    home = names.home_of(e, one.dimension)
    found = e.data.having(home, e.data.tables[home].key, key) if one.value is not ANY else []
    return Placed(found[0], day) if found else None


def parent(e: Evaluator, one: Group, context: Context) -> Group | None:
    """The group of the member right above in the tree of the valuation day; None for a top."""
    member = member_of(e, one, day_of(e, context))
    if member is None:
        return None
    found = links.parent_of(e, member, str(e.declarations.dimensions[one.dimension].tree), context)
    return Group(one.dimension, e.data.key(found)) if found else None


def each(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """A measure for the parts of the period or for members, then one figure of those."""
    what, name = word(node.arguments[1]), word(bare(node.arguments[2]))
    fraction = e.value(node.arguments[3], scope, context) if len(node.arguments) > 3 else None
    if what in MONTHS or what in DAYS or what in e.almanac.own:
        found = [e.value(node.arguments[0], scope, part) for part in parts(e, what, context)]
    else:
        found = members(e, node.arguments[0], what, scope, context)
    found = [value for value in found if value is not None]
    return figures.FIGURES[name](found, fraction) if found else EMPTY.get(name)


def parts(e: Evaluator, unit: str, context: Context) -> list[Context]:
    """The contexts of the parts of a period that as_of has seen the beginning of."""
    start, end = context.bounds.start, context.bounds.end
    if start is None or end is None:
        raise NaiveError("parts-do-not-fit", unit)
    if e.almanac.start_of(start, unit) != start or e.almanac.start_of(end, unit) != end:
        raise NaiveError("parts-do-not-fit", unit)
    return [
        replace(context, bounds=bounds, step=(1, unit))
        for _, bounds in e.almanac.periods(start, end, unit)
        if bounds.start is not None and bounds.start <= e.valuation(context)
    ]


def members(e: Evaluator, node: nodes.Argument, dimension: str, scope: Scope, context: Context) -> list[Any]:
    """The measure for each member that has a row behind it."""
    outer = e.trace
    all_of = Group(dimension, ANY)
    e.trace = Trace(outer.required | {all_of.number})
    e.value(node, scope, replace(context, constraints=(*context.constraints, all_of)))
    outer.dated |= e.trace.dated
    found = []
    for value in all_of.seen:
        one = Group(dimension, value)
        e.trace = Trace(frozenset({one.number}))
        result = e.value(node, scope, replace(context, constraints=(*context.constraints, one)))
        if e.trace.group:
            found.append(result)
    e.trace = Trace(outer.required)
    e.value(node, scope, context)
    outer.group |= e.trace.group
    e.trace = outer
    return found


def growth(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """(x - prior(x)) / abs(prior(x))."""
    now, before = e.value(node.arguments[0], scope, context), prior(e, node, scope, context)
    return values.divide(values.subtract(now, before), abs_of(before))


def abs_of(value: Any) -> Any:
    if value is None:
        return None
    return values.negative(value) if compare("<", value, 0) else value


def change(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """x - prior(x)."""
    return values.subtract(e.value(node.arguments[0], scope, context), prior(e, node, scope, context))


def share(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """x / overall(x)."""
    return values.divide(e.value(node.arguments[0], scope, context), overall(e, node, scope, context))


def rank(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """1 and the number of groups of the period that are better."""
    own = e.value(node.arguments[0], scope, context)
    if e.groups is None:
        return None
    outer, e.trace = e.trace, Trace()
    asked = [one for one in context.constraints if isinstance(one, Group) and one.asked]
    rest = [one for one in context.constraints if one not in asked]
    places = [[one.dimension for one in e.grouping].index(one.dimension) for one in asked]
    others = []
    for group in dict.fromkeys(tuple(group[place] for place in places) for group in e.groups):
        peers = [Group(one.dimension, value, asked=True) for one, value in zip(asked, group, strict=True)]
        others.append(e.value(node.arguments[0], scope, replace(context, constraints=(*rest, *peers))))
    e.trace = outer
    if own is None:
        return None
    better = ">" if higher(e, node.arguments[0], scope) else "<"
    return 1 + sum(compare(better, other, own) for other in others)


def higher(e: Evaluator, node: nodes.Argument, scope: Scope) -> bool:
    """The direction of best: of the KPI that is ranked, else of the KPI that ranks, else higher."""
    kpis = e.declarations.kpis
    named = word(node) if isinstance(node, nodes.Path) and len(node.names) == 1 else None
    for name in (named, scope.kpi):
        if name in kpis and (better := kpis[name].better):
            return better == "higher"
    return True


def blend(e: Evaluator, node: nodes.Call, scope: Scope, context: Context) -> Any:
    """The weighted mean of the values that are present."""
    found, weights = None, None
    for pair in node.arguments:
        assert isinstance(pair, nodes.Pair)
        value, weight = e.value(pair.key, scope, context), e.value(pair.value, scope, context)
        if value is not None and weight is not None:
            part = values.multiply(value, weight)
            found = part if found is None else values.add(found, part)
            weights = weight if weights is None else values.add(weights, weight)
    return values.divide(found, weights)


FUNCTIONS: dict[str, Callable[[Evaluator, nodes.Call, Scope, Context], Any]] = {
    "prior": prior, "next": following, "trailing": trailing, "to_date": to_date, "ever": ever, "within": within,
    "anytime": anytime, "matched": matched, "overall": overall, "each": each, "growth": growth, "change": change,
    "share": share, "rank": rank, "blend": blend,
}  # fmt: skip
