"""What is asked: the words of a request, normalised, hashable and refused where they cannot fit. Nothing is looked up."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Sized
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve, field, frozen

from kraforge.errors import Mistake, Mistakes
from kraforge.model.declarations import Scalar
from kraforge.model.shapes import NAME, NEVER
from kraforge.model.written import described, number_text, shown
from kraforge.text import Place, nearest

Window = str | tuple[dt.date, dt.date]
Kpis = str | Mapping[str, str | Mapping[str, str]] | Sequence[str | Mapping[str, str | Mapping[str, str]]]
RESERVED: Final = ("period", "total")
MOST_NAMES: Final = 1_000
"""How many KPIs, dimensions, names and values a request has at most."""

MOST_MEMBERS: Final = 10_000
"""How many values of a dimension a scope has at most."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_VALUE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_SCOPED: Final = re.compile(r"scope_[0-9_]*|known_at_")  # what a request's own words are bound as


@frozen
class Asked:
    """One KPI of a request: by name from the catalog (`formula` None), or a formula with the name that its column gets."""

    name: str
    formula: str | None = None
    unit: str | None = None
    empty_missing: bool = False


@frozen
class Order:
    """A column of the answer to order by."""

    name: str
    descending: bool = False


def _typed(scope: tuple[tuple[str, tuple[Scalar, ...]], ...]) -> tuple[Any, ...]:
    """Tells 1 from true and from 1.0, which Python holds equal."""
    return tuple((name, tuple((type(value).__name__, value) for value in values)) for name, values in scope)


@frozen
class Request:
    """A request, as a key too: two that are equal have the same plan.

    `window` is text or a pair of dates [start, end), not yet interpreted. `known_at` is a day or a point in time. `totals` is
    True for the grand total, or the dimensions to leave out. `scope` gives for a dimension the values that are in it.
    `values` are what users bring: they are no part of the key, `types` (their names and Python types) is.
    """

    kpis: tuple[Asked, ...]
    window: Window | None = None
    grain: str | None = None
    by: tuple[str, ...] = ()
    where: str | None = None
    as_of: dt.date | None = None
    known_at: dt.date | None = None
    having: str | None = None
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    totals: bool | tuple[str, ...] = False
    sparse: bool = False
    scope: tuple[tuple[str, tuple[Scalar, ...]], ...] = field(default=(), eq=_typed)
    types: tuple[tuple[str, str], ...] = ()
    values: Mapping[str, Scalar] = field(factory=dict, eq=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the answer's columns, in order."""
        period = ("period",) if self.grain is not None else ()
        total = ("total",) if self.totals else ()
        return (*self.by, *period, *(asked.name for asked in self.kpis), *total)


def request(
    kpis: Kpis,
    *,
    window: str | Sequence[str | dt.date] | None = None,
    grain: str | None = None,
    by: str | Sequence[str] = (),
    where: str | None = None,
    as_of: str | dt.date | None = None,
    known_at: str | dt.date | None = None,
    having: str | None = None,
    order_by: str | Sequence[str] = (),
    limit: int | None = None,
    totals: bool | Sequence[str] = False,
    sparse: bool = False,
    scope: Mapping[str, Any] | None = None,
    values: Mapping[str, Scalar] | None = None,
) -> Request:
    """The request that these words mean, as users pass them.

    `kpis` is a name, a mapping from names to formulas (or to {formula, unit, empty}), or a list of both.

    Raises Mistakes (bad-request; bad-window for a pair that holds no dates) with everything that does not fit.
    """
    words = _Words()
    bound = words.values(values)
    made = Request(
        kpis=words.kpis(kpis),
        window=words.window(window),
        grain=words.text(grain, "grain"),
        by=words.names(by, "by"),
        where=words.text(where, "where"),
        as_of=words.day(as_of, "as_of", "bad-request") if as_of is not None else None,
        known_at=words.moment(known_at, "known_at") if known_at is not None else None,
        having=words.text(having, "having"),
        limit=words.limit(limit),
        totals=words.flag(totals, "totals") if isinstance(totals, bool) else words.names(totals, "totals") or False,
        sparse=words.flag(sparse, "sparse"),
        scope=words.scope(scope),
        types=tuple((name, type(value).__name__) for name, value in sorted(bound.items())),
        values=MappingProxyType(bound),
    )
    return words.checked(made, words.names(order_by, "order_by"))


def _repeated(names: Sequence[str]) -> list[str]:
    """The names that occur more than once."""
    return sorted(name for name, times in Counter(names).items() if times > 1)


class _Words:
    """Reads the words of a request and collects what is wrong with them."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def note(self, message: str, path: str, hint: str | None = None, code: str = "bad-request") -> None:
        self.mistakes.append(Mistake(code, message, Place(path), hint=hint))

    def misfit(self, what: str, value: object, path: str) -> None:
        self.note(f"{path} is {what}, not {described(value)}", path)

    def text(self, value: object, path: str) -> str | None:
        if value is None or isinstance(value, str):
            return value
        self.misfit("text", value, path)
        return None

    def flag(self, value: object, path: str) -> bool:
        if not isinstance(value, bool):
            self.misfit("true or false", value, path)
        return value is True

    def name(self, value: object, path: str) -> str | None:
        if isinstance(value, str) and re.fullmatch(NAME, value) and not NEVER.search(value):
            return value
        self.misfit("a name", value, path)
        return None

    def names(self, value: object, path: str) -> tuple[str, ...]:
        """One name or several, none of them twice."""
        if not isinstance(value, str | list | tuple):
            self.misfit("a name or a list of names", value, path)
            return ()
        listed = (value,) if isinstance(value, str) else value
        if not self.fits(listed, MOST_NAMES, path):
            return ()
        names = [name for name in (self.name(one, path) for one in listed) if name is not None]
        for twice in _repeated(names):
            self.note(f"{path} has '{shown(twice)}' twice", path)
        return tuple(names)

    def fits(self, items: Sized, most: int, path: str) -> bool:
        """Whether a list or mapping is not too long."""
        if len(items) > most:
            self.note(f"{path} has {len(items)} entries; {most} are allowed", path)
        return len(items) <= most

    def kpis(self, value: object) -> tuple[Asked, ...]:
        asked: list[Asked] = []
        listed = value if isinstance(value, list | tuple) else (value,)
        for one in listed if self.fits(listed, MOST_NAMES, "kpis") else ():
            if isinstance(one, Mapping):
                if not self.fits(one, MOST_NAMES, "kpis"):
                    continue
                asked += [found for name, given in one.items() if (found := self.formula(name, given)) is not None]
            elif (name := self.name(one, "kpis")) is not None:
                asked.append(Asked(name))
        if not asked and not self.mistakes:
            self.note("a request asks for at least one KPI", "kpis")
        return tuple(asked)

    def formula(self, name: object, given: object) -> Asked | None:
        """A KPI of the request itself: a formula's text, or a mapping."""
        known = self.name(name, "kpis")
        if known is None:
            return None
        path = f"kpis.{known}"
        if isinstance(given, str):
            return Asked(known, given)
        if not isinstance(given, Mapping):
            self.misfit("a formula or a mapping", given, path)
            return None
        before = len(self.mistakes)
        for key in given:
            if key not in ("formula", "unit", "empty"):
                near = nearest(key, ("formula", "unit", "empty")) if isinstance(key, str) else None
                self.note(f"a KPI of a request has no key {described(key)}", path, near and f"did you mean '{near}'?")
        if not isinstance(given.get("formula"), str):
            self.note("a KPI of a request needs a formula", path)
        if given.get("empty", "missing") != "missing":
            self.note(f"empty is 'missing', not {described(given['empty'])}", path)
        unit = self.text(given.get("unit"), f"{path}.unit")
        return Asked(known, given["formula"], unit, "empty" in given) if len(self.mistakes) == before else None

    def day(self, value: object, path: str, code: str) -> dt.date | None:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if isinstance(value, str) and _DAY.fullmatch(value.strip()):
            try:
                return dt.date.fromisoformat(value.strip())
            except ValueError:
                pass
        self.note(f"{path} has a day such as 2026-03-31, not {described(value)}", path, code=code)
        return None

    def moment(self, value: object, path: str) -> dt.date | None:
        """A day, or a point in time: with a zone, or by the clock of the catalog's."""
        if isinstance(value, dt.datetime):
            return value
        if isinstance(value, str) and _TIME.fullmatch(value.strip()):
            try:
                return dt.datetime.fromisoformat(value.strip())
            except ValueError:
                pass
        return self.day(value, path, "bad-request")

    def window(self, value: object) -> Window | None:
        if value is None or isinstance(value, str):
            return value if value is None else str(value).strip()
        if not isinstance(value, list | tuple) or len(value) != 2:
            self.misfit("text such as 2026-Q1 or a pair of dates", value, "window")
            return None
        start, end = (self.day(one, "window", "bad-window") for one in value)
        return (start, end) if start and end else None

    def limit(self, value: object) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63):
            return value
        self.misfit("a whole number from 0 of 64 bits", value, "limit")
        return None

    def scalar(self, value: object, path: str) -> bool:
        """Whether it is one plain value that can be bound."""
        fits = value is None or isinstance(value, str | dt.date | dt.timedelta) or number_text(value) is not None
        if isinstance(value, str) and NEVER.search(value):
            self.note(f"{path} has a character that no text has (NUL or half of a pair)", path)
            return False
        if not fits:
            self.note(f"{path} is one text, number, date, duration, true, false or None, not {described(value)}", path)
        return fits

    def scope(self, value: object) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
        def items(name: str, given: object) -> tuple[Scalar, ...]:
            if isinstance(given, set | frozenset):
                given = sorted(given, key=repr)
            listed = given if isinstance(given, list | tuple) else (given,)
            if not self.fits(listed, MOST_MEMBERS, f"scope.{name}"):
                return ()
            return tuple(one for one in listed if self.scalar(one, f"scope.{name}"))

        return tuple(sorted(self.named(value, "scope", items).items()))

    def values(self, value: object) -> dict[str, Scalar]:
        def one(name: str, given: Any) -> Scalar:
            if not _VALUE.fullmatch(name) or _SCOPED.fullmatch(name):
                hint = "a value is named by letters a to z, digits and _"
                self.note(f"'{shown(name)}' is no name of a value", "values", hint)
                return None
            return given if self.scalar(given, f"values.{name}") else None

        return self.named(value, "values", one)

    def named(self, value: object, path: str, read: Callable[[str, object], Any]) -> dict[str, Any]:
        """A mapping from names."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.misfit("a mapping", value, path)
            return {}
        if not self.fits(value, MOST_NAMES, path):
            return {}
        names = [(self.name(key, path), given) for key, given in value.items()]
        return {name: read(name, given) for name, given in names if name is not None}

    def checked(self, made: Request, order_by: tuple[str, ...]) -> Request:
        """The request with its order, once its words fit together."""
        for path, names in (("by", made.by), ("kpis", tuple(one.name for one in made.kpis))):
            for name in names:
                if name in RESERVED:
                    self.note(f"'{name}' is a column that answers have anyway", path, "ask for it under another name")
        asked = [one.name for one in made.kpis]
        for twice in _repeated(asked):
            self.note(f"two KPIs are named '{twice}'", "kpis", "give one of them another name")
        for both in sorted(set(asked) & set(made.by)):
            self.note(f"'{both}' is both a KPI and a dimension of the answer", "kpis", "give the KPI another name")
        for name in made.totals if isinstance(made.totals, tuple) else ():
            if name not in made.by:
                self.note(f"totals has '{name}', which is not in by", "totals", "totals leave out dimensions of by")
        order = tuple(self.order(name, made.columns) for name in order_by)
        for twice in _repeated([one.name for one in order]):
            self.note(f"order_by has '{twice}' twice", "order_by")
        if self.mistakes:
            raise Mistakes(self.mistakes)
        return evolve(made, order_by=order)

    def order(self, text: str, columns: tuple[str, ...]) -> Order:
        found = Order(text) if text in columns or text[0] != "-" else Order(text[1:], descending=True)
        if found.name not in columns:
            near = nearest(found.name, columns)
            hint = f"did you mean '{near}'?" if near else None
            self.note(f"the answer has no column '{shown(found.name)}' to order by", "order_by", hint)
        return found
