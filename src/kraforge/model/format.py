"""The catalog's format: every key with its shape, its meaning, and the declaration that it becomes."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Any, Final

from attrs import evolve

from kraforge import types
from kraforge.model.declarations import Calendar, Column, Dimension, Kpi, Link, Macro, Parameter, Table, Text, Version
from kraforge.model.shapes import NAME, Either, Key, Many, Named, Plain, Record, Wrong, as_date
from kraforge.model.written import kind_of, number_text
from kraforge.text import Place, nearest

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KINDS: Final = ("number", "count", "ratio", "percent", "duration", "date", "timestamp", "text", "bool")
_STEP: Final = r"(?:[^.`]+|`[^`]+`)"
_LENGTH: Final = r"(?:second|minute|hour|day|week|month|quarter|year)s?|half|halves"
_LITERAL: Final = re.compile(
    rf"-?[0-9]+(\.[0-9]+)?(%|[ \t]+(?:{_LENGTH}|[A-Z]{{3}}))|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?)?"
    r"|'([^'\n]|'')*'"
)
_ALMOST_A_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")


def _formula(value: Any, place: Place, name: str) -> Text:
    return Text(value if isinstance(value, str) else number_text(value) or "", place)


def _text(value: Any, place: Place, name: str) -> Text:
    return Text(value, place)


def path_of(text: str) -> tuple[str, ...]:
    """The names of a path such as customer.owner; backticks may stand round a name."""
    return tuple(step.strip("`") for step in re.findall(_STEP, text))


FORMULA: Final = Plain("a formula", _formula, kinds=("text", "number"))
NAMED: Final = Plain("a name", pattern=NAME)
NAMES: Final = Either((Plain("a name", lambda value, *_: (value,), NAME), Many(NAMED, lambda value, *_: tuple(value))))
LINE: Final = Plain("a line of text", pattern=r"[^\u0000-\u001f\u007f-\u009f]{1,200}")
PARAGRAPH: Final = Plain("text")
PATH: Final = Plain("a path such as customer.owner", lambda value, *_: path_of(value), rf"{_STEP}(?:\.{_STEP}){{0,49}}")
DATE: Final = Plain("a date such as 2026-04-01", as_date, pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}", kinds=("text", "date"))


def _versions(value: dict[str, Any], what: str) -> tuple[Version[Text], ...]:
    """A plain value and its dated versions as one list, by date."""
    versions = [Version(None, value[what])] if what in value else []
    seen: set[dt.date | None] = {version.start for version in versions}
    for at, (start, text) in enumerate(value.get("versions", [])):
        if start in seen:
            message = (
                f"two versions are in force from {start}" if start else "two versions have no date to be in force from"
            )
            raise Wrong(message, "versions", at, hint="give each its own 'from'")
        seen.add(start)
        versions.append(Version(start, text))
    return tuple(sorted(versions, key=lambda version: version.start or dt.date.min))


def _version_list(what: str, shape: Plain, doc: str) -> Key:
    keys = {
        "from": Key(DATE, "The first day that it is in force; the first version may lack it."),
        what: Key(shape, doc),
    }
    record = Record("a version", keys, lambda value, *_: (value.get("from"), value[what]), needs=((what,),))
    return Key(Many(record), "What is in force from which date; a period is judged by what is in force at its start.")


# ---- calendar


def _timezone(value: Any, place: Place, name: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        near = nearest(value, zoneinfo.available_timezones())
        raise Wrong(f"'{value}' is no time zone", hint=f"did you mean '{near}'?" if near else None) from None
    return str(value)


def _month_day(value: Any, place: Place, name: str) -> tuple[int, int]:
    month, day = int(value[:2]), int(value[3:])
    try:
        dt.date(2001, month, day)
    except ValueError:
        raise Wrong(f"not every year has the day {value}") from None
    return month, day


ZONE: Final = Plain("a time zone such as Asia/Kolkata", _timezone, r"[A-Z][A-Za-z0-9_+/-]{0,63}")
MONTH_DAY: Final = Plain("a month and day such as 04-01", _month_day, r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")
CALENDAR: Final = Record(
    "calendar",
    {
        "timezone": Key(ZONE, "The IANA time zone that days begin in; UTC if not given."),
        "fiscal_year_starts": Key(MONTH_DAY, "The month and day that fiscal years start on; 01-01 if not given."),
        "week_starts": Key(
            Plain("a day", lambda value, *_: DAYS.index(value) + 1, choices=DAYS),
            "The day that weeks start on; monday if not given.",
        ),
    },
    lambda value, place, _: Calendar(**value, place=place),
    later={
        "working_week": "business time",
        "holidays": "business time",
        "grains": "calendars of one's own",
        "people": "workdays",
    },
)


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
                "versions": _version_list("value", LITERAL, "The value from that day on."),
            },
            lambda value, place, name: Parameter(name, _versions(value, "value"), place),
            needs=(("value", "versions"),),
        ),
    )
)


# ---- tables


def _type(value: Any, place: Place, name: str) -> tuple[types.Type, bool]:
    """A column's type, and whether it is written as percent."""
    if value.startswith("money "):
        return types.money(value.removeprefix("money ")), False
    if value == "count":
        return types.COUNT, False
    return types.Type("ratio" if value == "percent" else value), value == "percent"


def _column(value: dict[str, Any], place: Place, name: str) -> Column:
    kind, percent = value["type"]
    if value.get("whole") and kind.kind not in ("number", "count", "money"):
        raise Wrong(f"a {kind.kind} is never a whole number", "whole")
    if "values" in value:
        if kind.kind != "text":
            raise Wrong("only text has a list of values", "values")
        if len(set(value["values"])) < len(value["values"]):
            raise Wrong("the list has a value twice", "values")
        kind = evolve(kind, values=tuple(value["values"]))
    kind = evolve(kind, whole=bool(value["whole"])) if "whole" in value else kind
    return Column(name, kind, percent, value.get("column"), place)


def _link(value: dict[str, Any], place: Place, name: str) -> Link:
    if len(set(value["by"])) < len(value["by"]):
        raise Wrong("the link has a column twice", "by")
    return Link(name, value["to"], value["by"], place=place)


def _table(value: dict[str, Any], place: Place, name: str) -> Table:
    columns, links, fields = (value.get(part, {}) for part in ("columns", "links", "fields"))
    for part, others in (("links", columns), ("fields", {**columns, **links})):
        for twice in (name for name in value.get(part, {}) if name in others):
            raise Wrong(f"the table has two things named '{twice}'", part, twice, code="duplicate-name")
    if len(set(value.get("key", ()))) < len(value.get("key", ())):
        raise Wrong("the key has a column twice", "key")
    return Table(name, **{**value, "columns": columns, "links": links, "fields": fields}, place=place)


def _members(value: Any, place: Place, name: str) -> tuple[str, str]:
    table, column = path_of(value)
    return table, column


TYPE: Final = Plain(
    f"a type ({', '.join(KINDS)}, or money with a currency)",
    _type,
    rf"{'|'.join(KINDS)}|money [A-Z]{{3}}",
    examples=(*KINDS, "money INR"),
)
COLUMN: Final = Either(
    (
        evolve(TYPE, make=lambda value, place, name: _column({"type": _type(value, place, name)}, place, name)),
        Record(
            "a column",
            {
                "type": Key(TYPE, "What its values are."),
                "values": Key(Many(Plain("text")), "All values that the text may have."),
                "whole": Key(Plain("true or false", kinds=("bool",)), "Whether every value is a whole number."),
                "column": Key(LINE, "The name at the source; the same if not given."),
            },
            _column,
            needs=(("type",),),
        ),
    )
)
_HISTORY: Final = "links that carry history or shares"
LINK: Final = Record(
    "a link",
    {
        "to": Key(NAMED, "The table that each row has at most one row of."),
        "by": Key(NAMES, "The columns of this table that hold the key of the other."),
    },
    _link,
    needs=(("to",), ("by",)),
    later={
        **dict.fromkeys(("through", "valid", "at", "share", "match"), _HISTORY),
        **dict.fromkeys(("preceding", "following", "order"), "links to the next or previous row"),
    },
)
TABLE: Final = Record(
    "a table",
    {
        "source": Key(NAMED, "The source that has it; the only one if not given."),
        "table": Key(LINE, "The name at the source; the same if not given."),
        "key": Key(NAMES, "The column or columns that name a row."),
        "date": Key(FORMULA, "The event date, a formula over a row; without it the table is a population."),
        "where": Key(FORMULA, "A condition over a row that holds for every use."),
        "columns": Key(Named(COLUMN), "Columns with their types; those left out have the source's."),
        "links": Key(Named(LINK), "Links to other tables, by name."),
        "fields": Key(Named(FORMULA), "Row formulas, by name."),
        "members": Key(
            Plain("a column such as payments.customer_id", _members, rf"{_STEP}\.{_STEP}"),
            "Makes the table a population of the values of this column.",
        ),
    },
    _table,
    alone={"members": ("links", "fields")},
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
    versions = _versions(value, "formula")
    plain = {key: value[key] for key in ("title", "description", "unit", "better") if key in value}
    return Kpi(name, versions, **plain, empty_missing="empty" in value, place=place)


DIMENSION: Final = Either(
    (
        evolve(FORMULA, make=lambda value, place, name: Dimension(name, _formula(value, place, name), place=place)),
        Record(
            "a dimension",
            {
                "to": Key(NAMED, "The table whose rows are the groups."),
                "from": Key(Named(PATH), "For a table, the links that lead from it to that one."),
            },
            lambda value, place, name: Dimension(name, to=value["to"], routes=value.get("from", {}), place=place),
            needs=(("to",),),
        ),
    )
)
_WORD: Final = "[A-Za-z_][A-Za-z0-9_]{0,199}"
FUNCTIONS: Final = Named(
    evolve(FORMULA, make=lambda value, place, name: _macro(_formula(value, place, name), place, name)),
    pattern=rf"\s*{_WORD}\s*\(\s*(?:{_WORD}\s*(?:,\s*{_WORD}\s*){{0,49}})?\)\s*",
    what="a function is named with its arguments, such as on_time(done, due)",
)
KPI: Final = Either(
    (
        evolve(
            FORMULA,
            make=lambda value, place, name: Kpi(name, (Version(None, _formula(value, place, name)),), place=place),
        ),
        Record(
            "a KPI",
            {
                "formula": Key(FORMULA, "The measure."),
                "versions": _version_list("formula", FORMULA, "The measure from that day on."),
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
        "calendar": Key(CALENDAR, "Time zone, fiscal year and week."),
        "parameters": Key(Named(PARAMETER), "Named constants."),
        "tables": Key(Named(TABLE), "The tables that formulas are about."),
        "dimensions": Key(Named(DIMENSION), "What answers are grouped by."),
        "functions": Key(FUNCTIONS, "Functions in the language itself."),
        "kpis": Key(Named(KPI), "Measures with a name."),
    },
    later={
        "calendars": "business time",
        "targets": "targets",
        "scales": "scorecards",
        "scorecards": "scorecards",
    },
    partly=True,
)
