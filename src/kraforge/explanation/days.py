"""Tables that are made of a calendar's days, in words: who has which days."""

from __future__ import annotations

from kraforge.explanation.wording import Home, Words
from kraforge.explanation.written import code, name
from kraforge.model.declarations import Expected
from kraforge.semantics import bound
from kraforge.semantics.check import Checked

OFF = {
    "keep": "worked or not",
    "skip": "those that are worked",
    "previous": "one that is not worked moved to the working day before",
    "next": "one that is not worked moved to the working day after",
}


def made_of(checked: Checked, words: Words, made: str) -> str:
    """What a made table has a row for."""
    people, expected = checked.people(made), checked.declarations.calendar.expected.get(made)
    if expected is not None:
        return _expected(words, people, expected)
    assert people is not None
    which = " on leave" if made == "leave_days" else " without leave" if people.leave else ""
    return f"{_each(words, people)}, and working day{which}, by {_by(words, people, 'the calendar of the catalog')}"


def _expected(words: Words, people: bound.BoundPeople | None, expected: Expected) -> str:
    calendar = f"the calendar {code(name(expected.calendar))}" if expected.calendar else "the calendar of the catalog"
    by = f" by {calendar if people is None else _by(words, people, calendar)}"
    day = (
        f"day of {code(expected.rule)} from {expected.start}, {OFF[expected.off]}{'' if expected.off == 'keep' else by}"
    )
    return f"each {day}" if people is None else f"{_each(words, people)}, and {day}"


def _by(words: Words, people: bound.BoundPeople, calendar: str) -> str:
    if people.calendar is None:
        return calendar
    if isinstance(people.calendar, bound.Constant):
        return f"the calendar {code(name(str(people.calendar.value)))}"
    return f"the calendar that {words.code(people.calendar, Home(0, people.table))} gives"


def _each(words: Words, people: bound.BoundPeople) -> str:
    """Each person, while there."""
    whose = f"each person of {code(name(people.table))}"
    if people.during is None:
        return whose
    home = Home(0, people.table)
    low, high = (None if end is None else words.code(end, home) for end in (people.during.low, people.during.high))
    since = "" if low is None else f" from {low}"
    return whose + since + ("" if high is None else f" to {high} ({'' if people.during.closed else 'not '}included)")
