"""The catalog's format: every key with its shape, its meaning, and the declaration that it becomes."""

from __future__ import annotations

import re
from typing import Any, Final

from attrs import evolve

from kraforge.model.declarations import Dimension, Kpi, Macro, Parameter, Text, Version
from kraforge.model.format_calendar import CALENDAR, NAMED_CALENDAR
from kraforge.model.format_tables import TABLE
from kraforge.model.plain import FORMULA, LINE, NAMED, PARAGRAPH, PATH, formula, version_list, versions
from kraforge.model.shapes import Either, Key, Named, Plain, Record, Wrong
from kraforge.model.written import kind_of, number_text
from kraforge.text import Place

MOST_LEVELS: Final = 50
_LENGTH: Final = r"(?:second|minute|hour|day|week|month|quarter|year)s?|half|halves"
_LITERAL: Final = re.compile(
    rf"-?[0-9]+(\.[0-9]+)?(%|[ \t]+(?:{_LENGTH}|[A-Z]{{3}}))|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?)?"
    r"|'([^'\n]|'')*'"
)
_ALMOST_A_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")


# ---- parameters


def literal(value: Any, place: Place, name: str) -> Text:
    """A parameter's value as the text of one literal; text that is none becomes a text literal."""
    match kind_of(value):
        case "bool":
            return Text("true" if value else "false", place)
        case "number":
            return Text(number_text(value) or "", place)
        case "timestamp":
            if value.tzinfo or value.microsecond:
                raise Wrong("a timestamp is written in whole seconds of the catalog's zone, without an offset")
            return Text(value.isoformat(), place)
        case "date":
            return Text(value.isoformat(), place)
        case _:
            if _LITERAL.fullmatch(value):
                return Text(value, place)
            if _ALMOST_A_DATE.fullmatch(value):
                raise Wrong(f"'{value}' is no date", hint="write the month and the day with two digits")
            if "\n" in value:
                raise Wrong("a text parameter is one line")
            return Text("'" + value.replace("'", "''") + "'", place)


LITERAL: Final = Plain(
    "a number, text, date or bool",
    literal,
    kinds=("text", "number", "bool", "date", "timestamp"),
    pattern=r"[^\n]{0,1000}",
)
PARAMETER: Final = Either(
    (
        evolve(
            LITERAL,
            make=lambda value, place, name: Parameter(name, (Version(None, literal(value, place, name)),), place),
        ),
        Record(
            "a parameter",
            {
                "value": Key(LITERAL, "A number, text, date, bool, or a literal such as `90 days` or `80%`."),
                "versions": version_list("value", LITERAL, "The value from that day on."),
            },
            lambda value, place, name: Parameter(name, versions(value, "value"), place),
            needs=(("value", "versions"),),
        ),
    )
)


# ---- dimensions, functions, KPIs


def _macro(value: Text, place: Place, name: str) -> Macro:
    head, _, rest = name.partition("(")
    arguments = (
        tuple(part.strip() for part in rest.rstrip().removesuffix(")").split(",")) if rest.strip() != ")" else ()
    )
    for argument in arguments:
        if arguments.count(argument) > 1:
            raise Wrong(f"the function has two arguments named '{argument}'", code="duplicate-name")
    return Macro(head.strip(), arguments, value, place)


def _kpi(value: dict[str, Any], place: Place, name: str) -> Kpi:
    plain = {key: value[key] for key in ("title", "description", "unit", "better") if key in value}
    return Kpi(name, versions(value, "formula"), **plain, empty_missing="empty" in value, place=place)


def _level(value: Any, place: Place, name: str) -> int:
    if not 1 <= value <= MOST_LEVELS or value != int(value):
        raise Wrong(f"a level is a whole number from 1 to {MOST_LEVELS}")
    return int(value)


def _dimension(value: dict[str, Any], place: Place, name: str) -> Dimension:
    if "level" in value and "tree" not in value:
        raise Wrong("'level' stands only beside 'tree'", "level")
    plain = {key: value[key] for key in ("to", "tree", "level") if key in value}
    return Dimension(name, **plain, routes=value.get("from", {}), place=place)


DIMENSION: Final = Either(
    (
        evolve(FORMULA, make=lambda value, place, name: Dimension(name, formula(value, place, name), place=place)),
        Record(
            "a dimension",
            {
                "to": Key(NAMED, "The table whose rows are the groups."),
                "from": Key(Named(PATH), "For a table, the links that lead from it to that one."),
                "tree": Key(
                    NAMED, "The link of that table to the row above: a row counts in every group above its own."
                ),
                "level": Key(
                    Plain("a whole number", _level, kinds=("number",)),
                    "With `tree`: a row counts in the group above it on this level alone, 1 the top.",
                ),
            },
            _dimension,
            needs=(("to",),),
        ),
    )
)
_WORD: Final = "[A-Za-z_][A-Za-z0-9_]{0,199}"
FUNCTIONS: Final = Named(
    evolve(FORMULA, make=lambda value, place, name: _macro(formula(value, place, name), place, name)),
    pattern=rf"\s*{_WORD}\s*\(\s*(?:{_WORD}\s*(?:,\s*{_WORD}\s*){{0,49}})?\)\s*",
    what="a function is named with its arguments, such as on_time(done, due)",
)
KPI: Final = Either(
    (
        evolve(
            FORMULA,
            make=lambda value, place, name: Kpi(name, (Version(None, formula(value, place, name)),), place=place),
        ),
        Record(
            "a KPI",
            {
                "formula": Key(FORMULA, "The measure."),
                "versions": version_list("formula", FORMULA, "The measure from that day on."),
                "title": Key(LINE, "What people call it."),
                "description": Key(PARAGRAPH, "What it means to people."),
                "unit": Key(LINE, "Its unit, checked against the formula's type."),
                "better": Key(Plain("a direction", choices=("higher", "lower")), "Which direction is the better one."),
                "empty": Key(
                    Plain("missing", choices=("missing",)),
                    "`missing` makes every aggregate of the formula missing where it has no rows.",
                ),
            },
            _kpi,
            needs=(("formula", "versions"),),
        ),
    )
)

CATALOG: Final = Record(
    "a catalog",
    {
        "calendar": Key(CALENDAR, "Time zone, fiscal year and week; the working week, holidays, people, own periods."),
        "calendars": Key(Named(NAMED_CALENDAR), "Working hours and holidays of others, by name."),
        "parameters": Key(Named(PARAMETER), "Named constants."),
        "tables": Key(Named(TABLE), "The tables that formulas are about."),
        "dimensions": Key(Named(DIMENSION), "What answers are grouped by."),
        "functions": Key(FUNCTIONS, "Functions in the language itself."),
        "kpis": Key(Named(KPI), "Measures with a name."),
    },
    later={
        "targets": "targets",
        "scales": "scorecards",
        "scorecards": "scorecards",
    },
    partly=True,
)
