"""Catalogs grown along the format's own shapes: each loads, or is refused with mistakes that have codes and places."""

from __future__ import annotations

import datetime as dt
import re
from random import Random
from typing import Any, assert_never

import pytest

from kraforge.errors import CODES, Mistake, Mistakes
from kraforge.model.declarations import Declarations
from kraforge.model.format import CATALOG
from kraforge.model.load import from_dict
from kraforge.model.shapes import Either, Many, Named, Plain, Record, Shape

WORDS = [
    "a", "b", "t", "u", "people", "workdays", "day", "person", "IN", "DEU", "XX", "monday", "monday-friday",
    "sunday-tuesday", "09:00-17:00", "22:00-06:00", "00:00-24:00", "09:00-12:00,11:00-13:00", "2026-01-01",
    "2026-02-30", "0001-01-01", "9999-12-31", "4-4-5", "a..b", "a..<b", "FREQ=DAILY", "any", "150%", "04-01",
    "FREQ=WEEKLY;BYDAY=FR", "FREQ=YEARLY;INTERVAL=9999", "number", "text", "t.a", "f(x)", "f(x,y)", "Asia/Kolkata",
    "last friday 01", "nearest saturday 01-31", "saturday, sunday", "money INR", "", "x" * 300
]  # fmt: skip
JUNK: list[Any] = [None, 1, -1, 0.5, True, dt.date(2026, 1, 1), dt.datetime(2026, 1, 1), [], {}, "a", [1], {1: 2}, b"x"]


def grown(shape: Shape, random: Random) -> Any:
    """Data of a shape, now and then something else."""
    if random.random() < 0.02:
        return random.choice(JUNK)
    match shape:
        case Plain():
            fitting = shape.choices or [word for word in WORDS if re.fullmatch(shape.pattern or ".*", word)]
            return random.choice(fitting if "text" in shape.kinds and fitting else [True, 1, 2])
        case Many():
            return [grown(shape.item, random) for _ in range(random.choice((0, 1, 1, 2)))]
        case Named():
            names = [word for word in WORDS if re.fullmatch(shape.pattern, word)]
            return {random.choice(names): grown(shape.item, random) for _ in range(random.choice((0, 1, 2)))}
        case Either():
            return grown(random.choice(shape.shapes), random)
        case Record():
            often = random.choice((0.1, 0.3, 0.6))
            keys = {name for name in shape.keys if random.random() < often} | {random.choice(n) for n in shape.needs}
            for name in sorted(keys & set(shape.alone)):
                keys &= {name, *shape.alone[name]} if random.random() < 0.9 else keys
            return {name: grown(shape.keys[name].shape, random) for name in sorted(keys)}
        case _:
            assert_never(shape)


@pytest.mark.parametrize("seed", range(8))
def test_a_catalog_is_declarations_or_mistakes(seed: int) -> None:
    random = Random(seed)
    loaded, mistakes = 0, list[Mistake]()
    for _ in range(150):
        try:
            loaded += isinstance(from_dict(grown(CATALOG, random) or {}), Declarations)
        except Mistakes as error:
            mistakes += error.mistakes
    assert loaded > 10
    assert {mistake.code for mistake in mistakes} <= set(CODES)
    assert all(mistake.place.path or mistake.message.startswith("expected") for mistake in mistakes)
