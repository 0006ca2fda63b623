"""Shapes of data: what a part of the catalog may look like, once for the loader and for the JSON Schema.

A shape is a description. `Reader.read` walks data along one and collects every mistake; `make` turns what was read into
a declaration. The closed set of shapes bounds how deep any data is looked into, so cyclic mappings need no care.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

from attrs import evolve, field, frozen

from kraforge.errors import Mistake, Mistakes
from kraforge.model.written import ValueKind, Written, described, kind_of, number_text, shown
from kraforge.text import Place, nearest

MOST_MISTAKES: Final = 100
NAME: Final = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029`]{1,200}"
NEVER: Final = re.compile("[\0\ud800-\udfff]")
FAULT: Final = object()
"""Stands for a part that has mistakes, where a declaration would stand."""

Make = Callable[[Any, Place, str], Any]
"""From what was read, its place and its name (the last key), the declaration. May raise Wrong."""


class Wrong(Exception):
    """What a `make` finds wrong: message, code, hint, and the path of the part below the place that it was given."""

    def __init__(self, message: str, *path: str | int, code: str = "catalog-shape", hint: str | None = None) -> None:
        self.message, self.path, self.code, self.hint = message, path, code, hint


def _keep(value: Any, place: Place, name: str) -> Any:
    return value


@frozen
class Plain:
    """One value, given as text unless `kinds` allows more. `what` completes "expected …".

    Text is one of `choices`, or matches `pattern`; `examples` are what to offer where it does neither.
    """

    what: str
    make: Make = _keep
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    kinds: tuple[ValueKind, ...] = ("text",)
    examples: tuple[str, ...] = ()


@frozen
class Many:
    """A list, with at least one item unless it may be `empty`."""

    item: Shape
    make: Make = _keep
    empty: bool = False


@frozen
class Named:
    """A mapping from names to values of one shape. `pattern` is what names look like, `what` says it in words."""

    item: Shape
    pattern: str = NAME
    what: str = "a name has 1 to 200 characters, no control characters and no backtick"


@frozen
class Key:
    """A key of a record: its shape, and what it means in a sentence."""

    shape: Shape
    doc: str


@frozen
class Record:
    """A mapping with known keys. `make` gets those that are there.

    `needs`: of each group at least one. `alone`: a key and those that may stand beside it. `later`: keys that this
    version refuses, with what they are. `partly`: made of what is there also beside mistakes.
    """

    what: str
    keys: Mapping[str, Key]
    make: Make = _keep
    needs: tuple[tuple[str, ...], ...] = ()
    alone: Mapping[str, tuple[str, ...]] = field(factory=dict)
    later: Mapping[str, str] = field(factory=dict)
    partly: bool = False


@frozen
class Either:
    """One of several shapes, told apart by whether the data is plain, a list or a mapping."""

    shapes: tuple[Shape, ...]


Shape = Plain | Many | Named | Record | Either


class Reader:
    """Reads data along shapes. `mistakes` has everything found; over the most worth reading it stops by raising them."""

    def __init__(self, file: str | None = None) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []

    def note(
        self, code: str, message: str, place: Place, hint: str | None = None, notes: tuple[str, ...] = ()
    ) -> object:
        self.mistakes.append(Mistake(code, message, place, hint=hint, notes=notes))
        if len(self.mistakes) >= MOST_MISTAKES:
            raise Mistakes(self.mistakes)
        return FAULT

    def read(self, shape: Shape, data: object, place: Place, name: str = "") -> Any:
        """The declaration that the data stands for, or FAULT after noting why not."""
        value = data.value if isinstance(data, Written) else data
        match shape:
            case Plain():
                return self._plain(shape, value, place, name)
            case Many():
                return self._many(shape, value, place, name)
            case Named():
                return self._named(shape, value, place)
            case Record():
                return self._record(shape, value, place, name)
            case Either():
                fitting = next((one for one in shape.shapes if kind_of(value) in _kinds(one)), None)
                if fitting is None:
                    return self._misfit(shape, value, place)
                return self.read(fitting, value, place, name)
            case _:
                assert_never(shape)

    def _misfit(self, shape: Shape, value: object, place: Place, hint: str | None = None) -> object:
        if kind_of(value) in ("number", "bool") and "text" in _kinds(shape):
            hint = "write it in quotes"
        return self.note("catalog-shape", f"expected {expected(shape)}, found {described(value)}", place, hint)

    def _made(self, make: Make, value: Any, place: Place, name: str, data: object = None) -> Any:
        try:
            return make(value, place, name)
        except Wrong as wrong:
            return self.note(wrong.code, wrong.message, _part(place, data, wrong.path), wrong.hint)

    def _plain(self, shape: Plain, value: object, place: Place, name: str) -> Any:
        kind = kind_of(value)
        if kind not in shape.kinds or (kind == "number" and number_text(value) is None):
            return self._misfit(shape, value, place)
        if isinstance(value, str):
            value = str.__str__(value)
            if NEVER.search(value):
                return self.note(
                    "catalog-shape", "the text has a character that no text has (NUL or half of a pair)", place
                )
            if (shape.choices and value not in shape.choices) or (
                shape.pattern is not None and not re.fullmatch(shape.pattern, value, re.DOTALL)
            ):
                near = nearest(value, shape.choices or shape.examples)
                return self._misfit(shape, value, place, f"did you mean '{near}'?" if near else None)
        return self._made(shape.make, value, place, name)

    def _many(self, shape: Many, value: object, place: Place, name: str) -> Any:
        if not isinstance(value, list | tuple):
            return self._misfit(shape, value, place)
        if not value and not shape.empty:
            return self.note("catalog-shape", f"expected {expected(shape)}, found an empty list", place)
        items = []
        for at, item in enumerate(value):
            line = item.line if isinstance(item, Written) else place.line
            inside = Place(f"{place.path}[{at}]", self.file, line)
            items.append(self.read(shape.item, item, inside, name))
        return FAULT if FAULT in items else self._made(shape.make, items, place, name, value)

    def _named(self, shape: Named, value: object, place: Place) -> Any:
        made = {}
        for key, item, inside in self._entries(shape, value, place):
            if not re.fullmatch(shape.pattern, key) or NEVER.search(key):
                self.note("catalog-shape", f"'{shown(key)}' is no name here: {shape.what}", inside)
                continue
            made[key] = self.read(shape.item, item, inside, key)
        return made

    def _record(self, shape: Record, value: object, place: Place, name: str) -> Any:
        if kind_of(value) not in _kinds(shape):
            fault = self._misfit(shape, value, place)
            return {} if shape.partly else fault
        before, made, later = len(self.mistakes), dict[str, Any](), False
        for key, item, inside in self._entries(shape, value, place):
            if key in shape.later:
                later = True
                self.note(
                    "unsupported", f"'{key}' is not part of this version: {shape.later[key]}", inside, "leave it out"
                )
            elif key not in shape.keys:
                near = nearest(key, shape.keys)
                message = f"{shape.what} has no key '{shown(key)}'"
                hint = f"did you mean '{near}'?" if near else None
                self.note("unknown-key", message, inside, hint, (f"keys: {', '.join(shape.keys)}",))
            else:
                made[key] = self.read(shape.keys[key].shape, item, inside, key)
        for group in () if later else shape.needs:
            if not any(key in made for key in group):
                self.note("missing-key", f"{shape.what} needs {' or '.join(map(repr, group))}", place)
        for key, beside in shape.alone.items():
            for other in made if key in made else ():
                if other != key and other not in beside:
                    message = f"'{other}' cannot stand beside '{key}'"
                    self.note(
                        "catalog-shape",
                        message,
                        _part(place, value, (other,)),
                        f"beside it may stand: {', '.join(beside)}",
                    )
        if len(self.mistakes) > before and not shape.partly:
            return FAULT
        return self._made(shape.make, made, place, name, value)

    def _entries(self, shape: Shape, value: object, place: Place) -> list[tuple[str, object, Place]]:
        """The entries of a mapping with their places; nothing counts as an empty mapping."""
        if value is None:
            return []
        if not isinstance(value, Mapping):
            self._misfit(shape, value, place)
            return []
        entries = []
        for key, item in value.items():
            key = key.isoformat() if kind_of(key) == "date" else key
            if not isinstance(key, str):
                self.note("catalog-shape", f"a key is text, not {described(key)}", place, "write it in quotes")
                continue
            line = item.line if isinstance(item, Written) else place.line
            path = f"{place.path}.{shown(key)}" if place.path else shown(key)
            entries.append((str.__str__(key), item, Place(path, self.file, line)))
        return entries


def _part(place: Place, data: Any, path: tuple[str | int, ...]) -> Place:
    """The place of a part of data, at its line as far as the data go."""
    line = place.line
    for step in path:
        there = len(data) > step if isinstance(step, int) else step in data
        data = data[step] if there else ()
        if isinstance(data, Written):
            data, line = data.value, data.line
    return evolve(place.inside(*path), line=line)


def _kinds(shape: Shape) -> tuple[ValueKind, ...]:
    match shape:
        case Plain():
            return shape.kinds
        case Many():
            return ("list",)
        case Named() | Record():
            return ("mapping", "nothing")
        case Either():
            return tuple(kind for one in shape.shapes for kind in _kinds(one))
        case _:
            assert_never(shape)


def expected(shape: Shape, inner: bool = False) -> str:
    """What a shape wants, in words; inside another without the keys of a mapping."""
    match shape:
        case Plain():
            return f"one of {', '.join(shape.choices)}" if shape.choices else shape.what
        case Many():
            return f"a list of {expected(shape.item, True)}"
        case Named():
            return "a mapping" if inner else f"a mapping from names to {expected(shape.item, True)}"
        case Record():
            return "a mapping" if inner else f"a mapping with {', '.join(shape.keys)}"
        case Either():
            return " or ".join(expected(one, inner) for one in shape.shapes)
        case _:
            assert_never(shape)


def as_date(value: Any, place: Place, name: str) -> dt.date:
    """A date from ISO text, or as it is."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise Wrong(f"'{value}' is no date: {error}") from None
