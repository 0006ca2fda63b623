"""How types and units combine: what two values have in common, and what arithmetic makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from kraforge.functions.declaration import Misfit
from kraforge.types import COUNT, DURATION, MISSING, NUMBER, RATIO, TIMESTAMP, Type

PLAIN = ("number", "count", "ratio")


def whole_if(type_: Type, whole: bool) -> Type:
    """The type with the promise of whole numbers, or without."""
    return evolve(type_, whole=whole)


def common(types: Iterable[Type]) -> Type | Misfit:
    """The type of a value that is one of several: branches of `if`, `else`, min and max, both sides of a comparison."""
    present = [type_ for type_ in types if type_.kind != "missing"]
    if not present:
        return MISSING
    kinds = {type_.kind for type_ in present}
    whole = all(type_.whole for type_ in present)
    first = present[0]
    if kinds == {"money"}:
        clash = other_currency(present)
        return clash or Type("money", first.currency, whole=whole)
    if kinds == {"text"}:
        return Type("text", values=joined_values(present))
    if len(kinds) == 1:
        return Type(first.kind, whole=whole)
    if kinds <= set(PLAIN):
        return whole_if(NUMBER, whole)
    if kinds == {"date", "timestamp"}:
        return TIMESTAMP
    names = " and ".join(sorted({str(type_) for type_ in present}))
    if all(type_.numeric for type_ in present):
        return Misfit(f"{names} are of different units", "unit-mismatch", _money_hint(present))
    if kinds == {"duration", "number"} or kinds == {"duration", "count"}:
        return Misfit(
            f"{names} are of different units", "unit-mismatch", "write a length such as 30 days, or take days(a, b)"
        )
    return Misfit(f"{names} do not go together")


def joined_values(types: Sequence[Type]) -> tuple[str, ...] | None:
    """The closed list of texts that any of several may be; None where one of them is open."""
    joined: dict[str, None] = {}
    for type_ in types:
        if type_.values is None:
            return None
        joined.update(dict.fromkeys(type_.values))
    return tuple(joined)


def other_currency(types: Sequence[Type]) -> Misfit | None:
    """The misfit of two currencies, where there are two."""
    currencies = sorted({type_.currency or "" for type_ in types if type_.kind == "money"})
    if len(currencies) < 2:
        return None
    return Misfit(f"{' and '.join(currencies)} are two currencies", "currency-mismatch", "bring both in one currency")


def _money_hint(types: Sequence[Type]) -> str | None:
    currency = next((type_.currency for type_ in types if type_.kind == "money"), None)
    if any(type_.kind == "ratio" for type_ in types):
        return "multiply the money by the ratio, or compare money with money"
    return f"write an amount of money such as 100 {currency}"


def comparable(types: Sequence[Type]) -> Type | Misfit:
    """The common type of what = and != compare."""
    return common(types)


def ordered(types: Sequence[Type]) -> Type | Misfit:
    """The common type of what <, <=, between and the like compare; texts letter by letter, by code points."""
    shared = common(types)
    if isinstance(shared, Type) and shared.kind == "bool":
        return Misfit("bool has no order", hint="compare it with = or !=")
    return shared


def added(types: Sequence[Type], verb: str = "added") -> Type | Misfit:
    """The type of a sum or difference of two; dates are no matter of this."""
    left, right = types
    if left.kind == "missing" or right.kind == "missing":
        return (right if left.kind == "missing" else left).loosened()
    whole = left.whole and right.whole
    kinds = {left.kind, right.kind}
    if kinds <= set(PLAIN):
        return Type(left.kind, whole=whole) if left.kind == right.kind else whole_if(NUMBER, whole)
    if kinds == {"money"}:
        return other_currency(types) or Type("money", left.currency, whole=whole)
    if kinds == {"duration"}:
        return DURATION
    if "money" in kinds and kinds <= {*PLAIN, "money"}:
        return Misfit(f"{left} and {right} cannot be {verb}", "unit-mismatch", _money_hint(types))
    if "duration" in kinds and kinds <= {*PLAIN, "duration"}:
        return Misfit(
            f"{left} and {right} cannot be {verb}",
            "unit-mismatch",
            "write a length such as 30 days, or take days(a, b)",
        )
    return Misfit(f"{left} and {right} cannot be {verb}")


def subtracted(types: Sequence[Type]) -> Type | Misfit:
    """The type of a difference."""
    return added(types, "subtracted")


def multiplied(types: Sequence[Type]) -> Type | Misfit:
    """The type of a product: at most one side has a unit."""
    left, right = types
    if left.kind == "missing" or right.kind == "missing":
        return (right if left.kind == "missing" else left).loosened()
    for one, other in ((left, right), (right, left)):
        if one.kind in ("money", "duration") and other.kind in PLAIN:
            return one.loosened()
    if left.kind not in PLAIN or right.kind not in PLAIN:
        return Misfit(
            f"{left} and {right} cannot be multiplied",
            "unit-mismatch" if left.numeric and right.numeric else "type-mismatch",
        )
    if left.kind == right.kind == "ratio":
        return RATIO
    return whole_if(NUMBER, left.whole and right.whole)


def divided(types: Sequence[Type]) -> Type | Misfit:
    """The type of a quotient: like by like is a ratio, else the unit above stays where a plain number is below."""
    left, right = types
    if left.kind == "missing" or right.kind == "missing":
        return (NUMBER if left.kind == "missing" else left).loosened()
    if left.kind == right.kind and (left.numeric or left.kind == "duration"):
        return other_currency(types) or RATIO
    if left.kind in ("money", "duration") and right.kind in PLAIN:
        return left.loosened()
    if left.kind == "ratio" and right.kind == "count":
        return RATIO
    if left.kind in PLAIN and right.kind in PLAIN:
        return NUMBER
    units = (left.numeric and right.numeric) or "duration" in (left.kind, right.kind)
    return Misfit(f"{left} cannot be divided by {right}", "unit-mismatch" if units else "type-mismatch")


def scaled(type_: Type) -> Type | Misfit:
    """The type of a value divided by a number written in the formula: its unit stays."""
    if type_.kind == "count":
        return NUMBER
    if type_.numeric or type_.kind in ("duration", "missing"):
        return type_.loosened()
    return Misfit(f"{type_} cannot be divided by a number")


def measurable(types: Sequence[Type]) -> Type | Misfit:
    """The one type given, where it can be added up: a number, money or a duration."""
    (type_,) = types[:1]
    if type_.numeric or type_.kind in ("duration", "missing"):
        return Type(type_.kind, type_.currency, whole=type_.whole)
    hint = "count what fulfils a condition with count(… where …) or rate(…)" if type_.kind == "bool" else None
    return Misfit(f"numbers, money or durations are needed, not {type_}", hint=hint)


def averaged(types: Sequence[Type]) -> Type | Misfit:
    """The type of a mean: the unit of the values, no longer whole, and no longer a count."""
    type_ = measurable(types)
    if isinstance(type_, Misfit):
        return type_
    return NUMBER if type_.kind == "count" else type_.loosened()


def condition(types: Sequence[Type]) -> Type | Misfit:
    """Bool, where all given are."""
    for type_ in types:
        if type_.kind not in ("bool", "missing"):
            return Misfit(f"a condition is needed, not {type_}", hint="compare it with something")
    return Type("bool")


def counted(types: Sequence[Type]) -> Type:
    """A count, of whatever."""
    return COUNT
