"""The plain values that many keys of a catalog have: names, formulas, dates, paths; and dated versions."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from kraforge.model.declarations import Text, Version
from kraforge.model.shapes import NAME, Either, Key, Many, Plain, Record, Wrong, as_date
from kraforge.model.written import number_text
from kraforge.text import Place

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
STEP: Final = r"(?:[^.`]+|`[^`]+`)"


def formula(value: Any, place: Place, name: str) -> Text:
    """A formula as written; a bare number is one too."""
    return Text(value if isinstance(value, str) else number_text(value) or "", place)


def path_of(text: str) -> tuple[str, ...]:
    """The names of a path such as customer.owner; backticks may stand round a name."""
    return tuple(step.strip("`") for step in re.findall(STEP, text))


FORMULA: Final = Plain("a formula", formula, kinds=("text", "number"))
RANGE: Final = Plain("a range such as valid_from .. valid_to", formula, pattern=r"[\s\S]*\.\.[\s\S]*")
NAMED: Final = Plain("a name", pattern=NAME)
NAMES: Final = Either((Plain("a name", lambda value, *_: (value,), NAME), Many(NAMED, lambda value, *_: tuple(value))))
TRUTH: Final = Plain("true or false", kinds=("bool",))
LINE: Final = Plain("a line of text", pattern=r"[^\u0000-\u001f\u007f-\u009f]{1,200}")
PARAGRAPH: Final = Plain("text")
PATH: Final = Plain("a path such as customer.owner", lambda value, *_: path_of(value), rf"{STEP}(?:\.{STEP}){{0,49}}")
DATE: Final = Plain("a date such as 2026-04-01", as_date, pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}", kinds=("text", "date"))


def versions(value: dict[str, Any], what: str) -> tuple[Version[Text], ...]:
    """A plain value and its dated versions as one list, by date."""
    found = [Version(None, value[what])] if what in value else []
    seen: set[dt.date | None] = {version.start for version in found}
    for at, (start, text) in enumerate(value.get("versions", [])):
        if start in seen:
            message = (
                f"two versions are in force from {start}" if start else "two versions have no date to be in force from"
            )
            raise Wrong(message, "versions", at, hint="give each its own 'from'")
        seen.add(start)
        found.append(Version(start, text))
    return tuple(sorted(found, key=lambda version: version.start or dt.date.min))


def version_list(what: str, shape: Plain, doc: str) -> Key:
    """The key `versions` of something whose value is called `what`."""
    keys = {
        "from": Key(DATE, "The first day that it is in force; the first version may lack it."),
        what: Key(shape, doc),
    }
    record = Record("a version", keys, lambda value, *_: (value.get("from"), value[what]), needs=((what,),))
    return Key(Many(record), "What is in force from which date; a period is judged by what is in force at its start.")
