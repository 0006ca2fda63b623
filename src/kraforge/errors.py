"""Every failure of the library: families, codes, one formatter.

An error has a stable code, a place (formula span and catalog place), what was expected and what to do. Codes are
declared in `CODES`; raising one that is not declared is a defect that the tests find.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from attrs import frozen

from kraforge.text import Place, Span

MOST_SHOWN: Final = 1_500
"""How many characters of one mistake are shown."""


@frozen
class Code:
    """A declared error: its kebab-case name, its family, one sentence of meaning, and what usually mends it."""

    name: str
    family: str
    meaning: str
    remedy: str


@frozen
class Mistake:
    """One thing that is wrong, with its place.

    `message` is a full clause in lower case without a full stop; `hint` stands beside the carets and says what to do;
    `notes` are further lines (names that would have been right, paths, both sides of a conflict).
    """

    code: str
    message: str
    place: Place = Place()
    text: str | None = None
    span: Span | None = None
    hint: str | None = None
    notes: tuple[str, ...] = ()
    severity: str = "error"

    def __str__(self) -> str:
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        if str(self.place):
            lines.append(f"  {self.place}")
        if self.text is not None and self.span is not None:
            lines += _excerpt(self.text, self.span, self.hint)
        elif self.hint:
            lines.append(f"  = {self.hint}")
        lines += [f"  = {note}" for note in self.notes]
        return _shown("\n".join(lines))


def _shown(text: str) -> str:
    """Text for people: names and words of strangers in it hide nothing and do not go on for ever."""
    cut = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in cut)


def _excerpt(text: str, span: Span, hint: str | None) -> list[str]:
    """The line of the formula with carets under the span, shortened where it is long."""
    start = text.rfind("\n", 0, span.start) + 1
    stop = text.find("\n", span.start)
    line = text[start : stop if stop >= 0 else len(text)]
    at, width = span.start - start, max(1, min(span.end - start, len(line)) - (span.start - start))
    if len(line) > 160:
        cut = max(0, at - 60)
        line, at = (
            ("…" if cut else "") + line[cut : cut + 140] + ("…" if cut + 140 < len(line) else ""),
            at - cut + (1 if cut else 0),
        )
        width = min(width, max(1, len(line) - at))
    line = line.replace("\t", " ").replace("\r", " ")
    return [f"  | {line}", f"  | {' ' * at}{'^' * width}{' ' + hint if hint else ''}"]


class KraforgeError(Exception):
    """The base of all errors of this library. `code` is stable; `mistakes` has one or more entries."""

    family: ClassVar[str] = "error"

    def __init__(self, mistakes: Mistake | Sequence[Mistake]) -> None:
        self.mistakes: tuple[Mistake, ...] = (mistakes,) if isinstance(mistakes, Mistake) else tuple(mistakes)
        super().__init__("\n\n".join(str(mistake) for mistake in self.mistakes))

    @property
    def code(self) -> str:
        """The code of the first mistake."""
        return self.mistakes[0].code


class Mistakes(KraforgeError):
    """Everything that is wrong with a catalog, a formula or a request, found before any row is read."""

    family = "check"


class LimitError(KraforgeError):
    """A limit was reached: length, depth, nodes, planned cells, time, memory, rows."""

    family = "limits"


class SourceError(KraforgeError):
    """A source cannot be reached or read, or its data break a promise of the catalog."""

    family = "source"


class UnsupportedError(KraforgeError):
    """Something that the engine or this version has not declared that it can do."""

    family = "unsupported"


class InternalError(KraforgeError):
    """A defect of this library, not of the caller."""

    family = "internal"


def _codes(family: str, *entries: tuple[str, str, str]) -> dict[str, Code]:
    return {name: Code(name, family, meaning, remedy) for name, meaning, remedy in entries}


CODES: dict[str, Code] = {
    **_codes(
        "syntax",
        ("syntax", "the text is not a formula", "follow the caret: it names what could stand there"),
        ("unclosed-bracket", "a bracket is opened and never closed", "close it where the message points"),
        ("bad-literal", "a number, date or text is not written as the language writes it", "use the form in the hint"),
        ("chained-comparison", "comparisons do not chain", "write `a < b and b < c`"),
        ("repeated-modifier", "an aggregate has the same modifier twice", "join the conditions with `and`"),
    ),
    **_codes(
        "names",
        ("unknown-table", "no table has that name", "use one of the tables listed"),
        ("unknown-column", "the table has no such column, link or field", "use one of the names listed"),
        ("unknown-name", "a bare name is nothing that is known here", "use one of the names listed"),
        ("unknown-function", "no function or macro has that name", "use one of the functions listed"),
        ("unknown-kpi", "no KPI has that name", "use one of the KPIs listed"),
        ("unknown-dimension", "no dimension has that name", "use one of the dimensions listed"),
        ("unknown-link", "the table has no such link", "use one of the links listed"),
        (
            "unknown-value",
            "a text literal is not among the declared values of the column",
            "use one of the values listed",
        ),
        ("ambiguous-link", "more than one route of links leads there", "choose one with `via`"),
        (
            "implied-route",
            "a table reaches a group by a route that the dimension's `from` does not say (a warning)",
            "add the route to `from`, or use another dimension",
        ),
        ("ambiguous-name", "a bare name fits two things (a warning)", "write the table before it"),
        ("unreachable-table", "no route of links leads from one table to the other", "declare a link"),
        (
            "unreachable-dimension",
            "the table of an aggregate cannot reach a dimension",
            "take the aggregate as overall(…)",
        ),
        ("duplicate-name", "a name is defined twice", "rename or remove one of the two"),
        ("cycle", "a definition leads back to itself", "break the path that the message shows"),
    ),
    **_codes(
        "types",
        ("level-mismatch", "a value of one level stands where another is needed", "wrap it in an aggregate"),
        ("type-mismatch", "the operands or arguments do not fit together", "convert one of them"),
        ("unit-mismatch", "units do not fit together", "compare or add like with like"),
        ("currency-mismatch", "two currencies meet", "convert one of them"),
        ("ratio-and-number", "a ratio meets a bare number", "write a percentage"),
        ("wrong-arguments", "a function got too few, too many or unfit arguments", "see the function's page"),
        ("mixed-tables", "the columns of one aggregate start from two tables", "name the table first"),
        (
            "period-depends-on-itself",
            "an aggregate decides the period that it is taken in",
            "wrap it in anytime or within",
        ),
        (
            "needs-at",
            "a link that is valid for a time is looked up on the date that it would decide",
            "give the link `at`, a date of its own",
        ),
        ("no-period", "period.start and its like stand where there is no period", "move them out of ever and anytime"),
        (
            "bad-edges",
            "buckets, steps or curve points overlap, leave gaps or are out of order",
            "mend the two edges named",
        ),
        ("bad-length", "a length of time does not fit here", "use a whole number of a calendar unit"),
        ("context-without-effect", "a context function moves nothing below it (a warning)", "remove it"),
        ("unit-declared", "a KPI's declared unit is not its formula's", "correct one of the two"),
    ),
    **_codes(
        "check",
        ("catalog-syntax", "the catalog file cannot be read", "mend the file at the line given"),
        (
            "catalog-shape",
            "a part of the catalog is not of the shape that it should have",
            "see the catalog's reference",
        ),
        ("unknown-key", "the catalog has a key that nothing reads", "use the nearest key listed"),
        ("missing-key", "the catalog lacks something that is needed", "add it"),
        ("column-mismatch", "a declared column is not what the source has", "correct the declaration"),
        ("bad-window", "the window is not one", "write it as in the hint"),
        ("bad-grain", "the grain is not one, or cannot be used here", "use one of the grains listed"),
        ("bad-request", "a word of the request does not fit", "see the hint"),
        ("no-event-date", "nothing that is asked has an event date", "leave the grain out"),
        ("needs-period", "a shift without a length needs a grain or a window", "give a length, a grain or a window"),
        (
            "bad-recurrence",
            "the rule of what is expected is no recurrence of days",
            "write it like FREQ=WEEKLY;BYDAY=FR",
        ),
        ("no-working-week", "business time is asked of a calendar that has no working week", "declare `working_week`"),
        ("parts-do-not-fit", "the parts of each() do not fit into the period", "use a grain made of whole parts"),
    ),
    **_codes(
        "limits",
        ("formula-too-long", "a formula has too many characters", "split it into KPIs"),
        ("formula-too-deep", "a formula nests too deeply", "split it into KPIs"),
        ("formula-too-large", "a formula has too many parts", "split it into KPIs"),
        ("graph-too-large", "a KPI with all that it uses is too large", "flatten the definitions"),
        (
            "too-many-cells",
            "the answer would have too many cells",
            "ask a shorter window, a coarser grain or fewer dimensions",
        ),
        ("out-of-time", "the request took too long", "ask for less, or raise the limit"),
        ("out-of-memory", "the request needed too much memory", "ask for less, or raise the limit"),
        ("too-many-rows", "the answer has too many rows", "use having or limit, or raise the limit"),
        (
            "catalog-too-deep",
            "a catalog file nests too deeply",
            "no catalog needs more levels than its reference shows",
        ),
        ("catalog-too-large", "a catalog file is too large", "split it into the files of a folder"),
        ("overflow", "a number does not fit into 38 digits or a 64-bit number", "scale the data"),
    ),
    **_codes(
        "source",
        ("source-unreachable", "a source cannot be opened", "check its address and rights"),
        ("source-failed", "a source answered with an error", "see the note"),
        ("unknown-source", "a table names a source that was not given", "pass it in sources"),
        ("missing-table", "a source lacks a table of the catalog", "correct the table's name"),
        ("missing-column", "a source lacks a declared column", "correct the column's name"),
        ("cancelled", "a request was stopped by its host", "ask again"),
        (
            "over-credited",
            "the shares of a row add up to more than there is",
            "mend the shares, or allow more with up_to",
        ),
        ("bad-share", "a share is missing or negative", "mend the data"),
        ("tree-cycle", "a member of a tree stands above itself", "mend the data: a tree has a top"),
        ("tree-too-deep", "a tree has more levels than are looked for", "see whether its link is the right one"),
        ("duplicate-key", "a table's key is not unique", "mend the data or the key"),
        ("overlapping-history", "several rows of a history hold at one time", "mend the dates, or declare `several`"),
        (
            "bad-calendar",
            "a calendar table lacks days or has one twice, or its hours cannot be read or overlap",
            "mend the rows that are shown",
        ),
        (
            "ambiguous-order",
            "rows of a sequence tie in its whole order",
            "add a column that tells them apart to `order`",
        ),
        ("not-installed", "a package that is needed for this is not installed", "install the extra named"),
        ("bad-value", "a value of the data cannot be read as its declared type", "mend the data or the declaration"),
    ),
    **_codes(
        "unsupported",
        ("unsupported", "this version or this engine cannot do it", "see the hint for the way round"),
    ),
    **_codes(
        "internal",
        ("internal", "a defect of this library", "report it with the formula and the catalog"),
    ),
}
"""Every code, by name."""
