"""Collecting mistakes: one binding goes on past a mistake, and stops only what depends on it."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from kraforge.errors import CODES, KraforgeError, LimitError, Mistake, Mistakes
from kraforge.text import Place, Span, nearest

MOST_LISTED = 30
"""How many names a note lists at most."""


class Stop(Exception):
    """A part cannot be bound; why is recorded already."""


class Broken(Stop):
    """Something that this needs is wrong; its mistakes are those of this too."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        super().__init__()
        self.mistakes = tuple(mistakes)


class Exhausted(Stop):
    """A limit is reached: nothing more of this formula is bound."""


Key = tuple[str, ...]
"""What a definition is called: ("kpi", name), ("field", table, name), ("dimension", name), ("date", table) …"""


class Needs(Exception):
    """A definition has to be bound before this can be."""

    def __init__(self, key: Key) -> None:
        super().__init__(key)
        self.key = key


@define
class Log:
    """The mistakes and warnings of one binding, each once."""

    mistakes: dict[Mistake, None] = field(factory=dict)
    warnings: dict[Mistake, None] = field(factory=dict)

    def add(self, mistake: Mistake) -> None:
        """Records a mistake or a warning."""
        (self.warnings if mistake.severity == "warning" else self.mistakes).setdefault(mistake)

    def take(self, stop: Stop) -> None:
        """Records the mistakes that stopped a part, where they are not recorded yet."""
        if isinstance(stop, Broken):
            for mistake in stop.mistakes:
                self.add(mistake)


def suggestion(name: str, names: Iterable[str]) -> str | None:
    """The hint that names what was probably meant."""
    close = nearest(name, names)
    return f"did you mean '{close}'?" if close else None


def listed(word: str, names: Iterable[str]) -> tuple[str, ...]:
    """The note that lists names that would have been right; none where there is none."""
    known = sorted(names)
    if not known:
        return ()
    rest = f" and {len(known) - MOST_LISTED} more" if len(known) > MOST_LISTED else ""
    return (f"{word}: {', '.join(known[:MOST_LISTED])}{rest}",)


def unknown(
    code: str,
    what: str,
    name: str,
    names: Iterable[str],
    place: Place,
    text: str | None = None,
    span: Span | None = None,
) -> Mistake:
    """The mistake that a name is nothing known, with the nearest one and the list."""
    known = list(names)
    plural = {"KPI": "KPIs"}.get(what, f"{what}s")
    return Mistake(
        code, f"no {what} is called '{name}'", place, text, span, suggestion(name, known), listed(plural, known)
    )


def raise_all(mistakes: Iterable[Mistake]) -> None:
    """Raises what was collected: a LimitError where limits are all there is to say, else Mistakes."""
    found = list(dict.fromkeys(mistakes))
    if not found:
        return
    family: type[KraforgeError] = Mistakes
    if all(CODES[mistake.code].family == "limits" for mistake in found):
        family = LimitError
    raise family(found)
