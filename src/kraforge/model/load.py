"""Loads catalogs: files, folders of files and mappings become declarations, or one error with all their mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from kraforge.errors import Mistake, Mistakes
from kraforge.model import implied
from kraforge.model.declarations import Calendar, Declarations
from kraforge.model.format import CATALOG
from kraforge.model.shapes import FAULT, MOST_MISTAKES, Reader
from kraforge.model.written import MAX_BYTES, MAX_LINES, MAX_PARTS, Written, bad_file, described, too_large
from kraforge.text import Place

_ENDINGS: Final = (".yaml", ".yml", ".toml", ".json")
_TESTS: Final = ".kpi_test.yaml"
_SECTIONS: Final = ("calendars", "parameters", "tables", "dimensions", "functions", "kpis")


def load(path: str | Path) -> Declarations:
    """A catalog from a YAML, TOML or JSON file, or from all such files of a folder (not of folders in it) as one.

    Raises Mistakes with every mistake of form found, each with file and line; LimitError where a file is too much.
    """
    if not isinstance(path, str | Path):
        raise Mistakes(Mistake("catalog-syntax", f"a catalog is loaded from a path, not from {described(path)}"))
    top = Path(path)
    try:
        if not top.is_dir():
            return _joined([_tried(top, str(path))])
        files = sorted(file for file in top.iterdir() if file.suffix.lower() in _ENDINGS and file.name[0] != ".")
    except OSError as error:
        raise bad_file(f"the catalog cannot be opened: {_reason(error)}", str(path)) from None
    files = [file for file in files if not file.name.endswith(_TESTS)]
    if not files:
        raise bad_file(f"the folder has no file ending in {', '.join(_ENDINGS)}", str(path))
    return _joined([_tried(file, str(file)) for file in files])


def from_dict(mapping: Mapping[str, Any]) -> Declarations:
    """A catalog from plain data of the same form as a file: mappings, lists, text, numbers, bools, dates.

    Raises Mistakes with every mistake of form found, each with its path.
    """
    return _joined([_read(mapping, None, [])])


_Part = tuple[dict[str, Any], list[Mistake]]


def _tried(file: Path, name: str) -> _Part:
    """The sections of one file, or why it cannot be read, so that the mistakes of the others are found too."""
    try:
        return _file(file, name)
    except (OSError, ValueError) as error:
        raise bad_file(f"the catalog cannot be opened: {_reason(error)}", name) from None
    except Mistakes as error:
        return {}, list(error.mistakes)


def _file(file: Path, name: str) -> _Part:
    """The sections of one file, and its mistakes."""
    ending = file.suffix.lower()
    if ending not in _ENDINGS:
        raise bad_file(f"a catalog file ends in {', '.join(_ENDINGS)}", name)
    if file.exists() and not file.is_file():
        raise bad_file("this is no file", name)
    with file.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise too_large(f"more than {MAX_BYTES} bytes", name)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad_file("the file is not text in UTF-8", name, line) from None
    if text.count("\n") >= MAX_LINES:
        raise too_large(f"more than {MAX_LINES} lines", name)
    if text.count(",") > MAX_PARTS:
        raise too_large(f"more than {MAX_PARTS} commas", name)
    mistakes: list[Mistake] = []
    return _read(_reading(ending)(text, name, mistakes), name, mistakes)


def _reading(ending: str) -> Callable[[str, str, list[Mistake]], Written]:
    if ending == ".json":
        from kraforge.model import read_json

        return read_json.read
    if ending == ".toml":
        from kraforge.model import read_toml

        return read_toml.read
    from kraforge.model import read_yaml

    return read_yaml.read


def _read(data: object, file: str | None, mistakes: list[Mistake]) -> _Part:
    reader = Reader(file)
    reader.mistakes += mistakes
    return reader.read(CATALOG, data, Place("", file, None)), reader.mistakes


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()


def _joined(parts: list[_Part]) -> Declarations:
    """One catalog of the sections of all files. What is defined twice is a mistake at the second place."""
    mistakes = [mistake for _, found in parts for mistake in found]
    sections: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    calendars: list[Calendar] = []
    for part, _ in parts:
        calendars += [part["calendar"]] if part.get("calendar", FAULT) is not FAULT else []
        for section, known in sections.items():
            for declared in (one for one in part.get(section, {}).values() if one is not FAULT):
                first = known.setdefault(declared.name, declared)
                mistakes += [] if first is declared else [_twice(declared.name, first.place, declared.place)]
    mistakes += [_twice("calendar", calendars[0].place, calendar.place) for calendar in calendars[1:]]
    calendar = calendars[0] if calendars else Calendar()
    if not mistakes:
        sections["calendars"] = implied.calendars(sections["calendars"], calendar.work, mistakes)
        sections["tables"] = implied.tables(sections["tables"], calendar, sections["calendars"], mistakes)
        calendar = implied.calendar(calendar, sections["tables"], mistakes)
    if mistakes:
        raise Mistakes(mistakes[:MOST_MISTAKES])
    return Declarations(calendar, **sections)


def _twice(name: str, first: Place, second: Place) -> Mistake:
    return Mistake(
        "duplicate-name",
        f"'{name}' is defined twice",
        second,
        hint="rename or remove one of the two",
        notes=(f"first: {first}",),
    )
