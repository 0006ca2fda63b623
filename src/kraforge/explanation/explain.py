"""`explain`: a KPI in plain words, from its bound tree and the texts behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from kraforge.compiler import Compiler
from kraforge.errors import Mistake, Mistakes, SourceError, UnsupportedError
from kraforge.explanation import links, surroundings
from kraforge.explanation.calendars import calendars
from kraforge.explanation.contexts import Step
from kraforge.explanation.counts import Run, aggregates_of, counts
from kraforge.explanation.leaves import Found, Leaves, collected
from kraforge.explanation.lineage import Key, Lineage
from kraforge.explanation.report import Definition, Explanation, Group, Leaf
from kraforge.explanation.wording import Words
from kraforge.explanation.written import code, name
from kraforge.functions import SCALARS
from kraforge.limits import Limits
from kraforge.model.declarations import Declarations, Text
from kraforge.model.request import Asked, Request, request
from kraforge.semantics import bound
from kraforge.semantics.check import Checked
from kraforge.semantics.rows import parts, weigh
from kraforge.sql.declared import declared_tables
from kraforge.syntax.format import format_formula

EXAMPLES = ("2026", "FY2026", "2026-W14")
"""The windows of the SQL that is shown, where none is asked."""

LONG = 120
"""A divisor of more characters is not repeated in a note."""

Kpi = str | Mapping[str, Any]


def explain(
    checked: Checked,
    compiler: Compiler,
    kpi: Kpi,
    *,
    window: Any = None,
    known_at: Any = None,
    run: Run | None = None,
    counted: bool = False,
) -> Explanation:
    """What a KPI of the catalog, or one formula by name, means. `run` asks its source: `counted` counts the rows
    without a date.

    Raises Mistakes.
    """
    asked = request(kpi, window=window, known_at=known_at)
    if len(asked.kpis) != 1:
        raise Mistakes(Mistake("bad-request", "explain takes one KPI", hint="explain them one by one"))
    (one,) = asked.kpis
    sql, shown = _sql(compiler, asked, run)
    lineage = Lineage(checked)
    measure, versions, used = _measure(checked, one, lineage)
    definitions = tuple(_definitions(checked, lineage, used))
    words = Words(checked, [key for _, key, _ in lineage.tree(used)])
    found = list(dict.fromkeys(found for version in versions for found in collected(version)))
    describing = Leaves(checked, words)
    leaves = _numbered(describing, found)
    groups = tuple(surroundings.groups(checked, (each.aggregate for each in found if not _alone(each.steps))))
    declared = checked.declarations.kpis.get(one.name) if one.formula is None else None
    return Explanation(
        name=one.name,
        title=declared.title if declared else None,
        description=declared.description if declared else None,
        formula=_formula(checked, one),
        type=measure.type,
        unit=measure.unit,
        better=measure.better,
        uses=definitions,
        leaves=leaves,
        tables=tuple(surroundings.tables(checked, versions)),
        groups=groups,
        notes=(*links.said(checked, versions, asked.known_at), *_notes(checked, words, versions, leaves, groups)),
        counts=counts(checked, compiler, words, aggregates_of(versions), run) if counted and run else (),
        window=shown,
        sql=sql,
    )


def explain_catalog(
    declarations: Declarations, kpi: Kpi, *, window: Any = None, limits: Limits = Limits()
) -> Explanation:
    """The same without a source: tables are taken to be as they are declared. Raises Mistakes."""
    checked = Checked(declarations, None, limits)
    compiler = Compiler(checked, declared_tables(checked), "duckdb", limits)
    return explain(checked, compiler, kpi, window=window)


def _sql(compiler: Compiler, asked: Request, run: Run | None) -> tuple[str, str]:
    """The SQL of a request, and its window: the one asked, or else the first example into which all parts fit."""
    prepared = compiler.prepare(asked)

    def sql(request_: Request) -> str:
        days = compiler.days_of(request_, prepared, run)
        window = compiler.window(request_, days)
        assert window is not None
        return compiler.statement(prepared, compiler.timeline(request_, prepared, *window, days)).sql

    if asked.window is not None:
        return sql(asked), asked.window if isinstance(asked.window, str) else " to ".join(map(str, asked.window))
    for example in EXAMPLES:
        try:
            return sql(evolve(asked, window=example)), example
        except (Mistakes, SourceError, UnsupportedError):
            # parts of each() that do not fit into this window, a calendar's table that does not have it or is not there
            continue
    return "", ""


def _measure(
    checked: Checked, one: Asked, lineage: Lineage
) -> tuple[bound.Measure, tuple[bound.Expression, ...], tuple[Key, ...]]:
    """The bound measure, the expressions of its versions, and what its text uses."""
    if one.formula is None:
        measure = checked.kpi(one.name)
        used = lineage.of(("kpi", one.name))
    else:
        measure = checked.measure(one.name, one.formula, empty_missing=one.empty_missing, unit=one.unit)
        used = lineage.of_formula(Text(one.formula))
    expression = measure.expression
    if isinstance(expression, bound.Versioned):
        return measure, tuple(value for _, value in expression.versions), used
    return measure, (expression,), used


def _formula(checked: Checked, one: Asked) -> str:
    """The formula as written, in the canonical style; each version with the day from which it holds."""
    if one.formula is not None:
        return format_formula(one.formula, limits=checked.limits)
    versions = checked.declarations.kpis[one.name].versions
    texts = [(version.start, format_formula(version.value.text, limits=checked.limits)) for version in versions]
    if len(texts) == 1 and texts[0][0] is None:
        return texts[0][1]
    return "\n".join(f"{'first' if start is None else f'from {start}'}: {text}" for start, text in texts)


def _definitions(checked: Checked, lineage: Lineage, roots: tuple[Key, ...]) -> Iterator[Definition]:
    known = checked.declarations
    for depth, key, again in lineage.tree(roots):
        kind, *names = key
        called = name(*names)
        if kind == "function":
            called = f"{called}({', '.join(known.functions[names[0]].parameters)})"
        texts = [text.text for text in lineage.texts(key)]
        starts: list[Any] = [None]
        if kind == "kpi":
            starts = [version.start for version in known.kpis[names[0]].versions]
        elif kind == "parameter":
            starts = [version.start for version in known.parameters[names[0]].versions]
        elif kind == "dimension" and not texts:
            texts = [f"the rows of {known.dimensions[names[0]].to}"]
        said = "; ".join(
            text if start is None else f"from {start} {text}" for start, text in zip(starts, texts, strict=True)
        )
        yield Definition(depth, kind, called, said, again)


def _numbered(describing: Leaves, found: list[Found]) -> tuple[Leaf, ...]:
    """The aggregates, those that read the same only once."""
    leaves: dict[Leaf, Leaf] = {}
    for each in found:
        plain = describing.leaf(each, "1")
        if plain not in leaves:
            leaves[plain] = describing.leaf(each, str(len(leaves) + 1))
    return tuple(leaves.values())


def _alone(steps: tuple[Step, ...]) -> bool:
    """Whether an aggregate has no groups: under overall() of everything."""
    return any(
        isinstance(step, bound.Overall) and not step.dimensions and not step.coarser and not step.period
        for step in steps
    )


def _notes(
    checked: Checked,
    words: Words,
    versions: tuple[bound.Expression, ...],
    leaves: tuple[Leaf, ...],
    groups: tuple[Group, ...],
) -> Iterator[str]:
    found = [part for version in versions for part in parts(version)]
    divided = [part.arguments[1] for part in found if isinstance(part, bound.Call) and part.function == "divide"]
    divisors = [each for each in reversed(divided) if not isinstance(each, bound.Constant)]
    small = [each for each in divisors if weigh(each)[0] <= 2 * LONG]
    said = [text for each in small if len(text := words.text(each)) <= LONG]
    for text in dict.fromkeys(said):
        yield f"where {code(text)} is 0 the quotient is missing, never an error"
    if divisors and not said:
        yield "where a divisor is 0 the quotient is missing, never an error"
    values = {part.what for part in found if isinstance(part, bound.PeriodValue)}
    during = any(isinstance(part, bound.Aggregate) and part.during is not None for part in found)
    if "as_of" in values or during:
        day = "as_of, the valuation day," if "as_of" in values else "the valuation day"
        yield f"{day} is the earlier of the request's as_of and the last day of the context"
    yield from calendars(checked, found)
    if values - {"as_of"}:
        bounds = ", ".join(f"period.{each}" for each in ("start", "end", "days") if each in values)
        yield f"{bounds}: of the context that it stands in"
    later = [leaf.number for leaf in _all(leaves) if leaf.sees_later]
    if later:
        yield f"{', '.join(later)}: rows after the period are seen, up to the request's as_of; without one, all of them"
    changes = [part.change for part in found if isinstance(part, bound.InContext)]
    if any(isinstance(change, bound.Prior | bound.Trailing) and change.length is None for change in changes):
        yield "a shift by periods needs a request with a grain, or a window: it moves by that length"
    for part in found:
        if isinstance(part, bound.Rank):
            best = "highest" if part.higher else "lowest"
            yield f"rank: 1 is the {best} of the period; ties share a rank, a missing value has none"
    if any(isinstance(change, bound.Overall) for change in changes):
        yield "overall drops groups, never filters; it does not see having and limit"
    moving = dict.fromkeys(group.dimension for group in groups if group.moving and group.path is not None)
    if moving:
        yield f"the group of a row may change between periods: {', '.join(code(name(each)) for each in moving)}"
    if len(versions) > 1:
        yield "the version in force at the start of the answer's period counts, also for what is shifted"
    arithmetic = any(
        isinstance(part, bound.Call)
        and (known := SCALARS.get(part.function)) is not None
        and known.missing == "spreads"
        for part in found
    )
    if arithmetic:
        yield "arithmetic with missing is missing"


def _all(leaves: tuple[Leaf, ...]) -> Iterator[Leaf]:
    for leaf in leaves:
        yield leaf
        yield from _all(leaf.nested)
