"""Formulas with business time, days of calendars and own periods, made at random."""

from __future__ import annotations

from naive.filling import Chance
from naive.formulas import Maker, Options

OWN = ["retail_week", "retail_month", "retail_quarter", "retail_half", "retail_year", "term"]
OWN_WINDOWS = [
    "retail_month 2023-12",
    "retail_quarter 2023-Q4",
    "retail_month 2023-11..2024-01",
    "retail_week 2024-W03",
]


class TimeMaker(Maker):
    """Makes expressions of business time beside all others."""

    def formula(self) -> tuple[str, str]:
        """A measure; one in three of business time alone."""
        if self.chance.number(0, 2):
            return super().formula()
        pick = self.chance.pick
        t = pick(["sales", "sales", "sales", "pauses", "workdays", "leave_days", "people"])
        t = "sales" if self.missed(t) else t
        if t in ("workdays", "leave_days"):
            return pick(
                [
                    f"count({t}{self.modifiers(t, 1, None)})",
                    f"count_distinct({t}.day)",
                    "count(sales) / count(workdays)",
                ]
            ), "number"
        row = self.lasting_number(t) if self.chance.number(0, 2) else self.number(t, 2, True)
        return f"{pick(['sum', 'avg', 'max', 'min', 'median'])}({t}, {row}{self.modifiers(t, 0, None)})", "number"

    def calendar(self, t: str, people: bool = False) -> str:
        """The last argument, which may be left out; where `people` may stand, also a link to a person."""
        found = ["", "", "office", "nights"]
        if t in ("sales", "people"):
            found += ["cal", "cal", "rota", "cal else 'office'"]
        if t == "sales":
            found += ["owner.cal", *(["owner"] * 3 if people else [])]
        if t == "pauses":
            found += ["sale.cal", "sale.owner.cal", *(["sale.owner"] if people else [])]
        chosen = self.chance.pick(found)
        return f", {chosen}" if chosen else ""

    def moment(self, t: str) -> str:
        """A timestamp, a date, or either."""
        pick = self.chance.pick
        stamp, date = self.column("timestamp", t), self.column("date", t)
        options = [date or "as_of", "as_of", "period.end"]
        if stamp:
            options += [stamp] * 6 + [f"({stamp} else as_of)"] * 3 + [f"({stamp} else period.end)"]
            options += [
                f"(if {self.row('bool', t, 0)} then {stamp} else as_of)",
                f"{pick(['min', 'max'])}({stamp}, as_of)",
            ]
            options += [f"({stamp} + {pick(['1 day', '2 hours', '1 month'])})"]
            options += [f"add_business_hours({stamp}, {pick(['0', '1', '8', '-3', '20.5'])}{self.calendar(t)})"]
        return pick(options)

    def number(self, t: str, depth: int, deeper: bool) -> str:
        if self.chance.number(0, 2):
            return super().number(t, depth, deeper)
        return self.lasting_number(t)

    def lasting_number(self, t: str) -> str:
        """How far it is from one moment to another, by a calendar or not, less pauses or not."""
        function = self.chance.pick(["business_hours", "business_hours", "business_days", "hours", "days"])
        cal = self.calendar(t, people=True) if function.startswith("business") else ""
        a, b = self.moment(t), self.moment(t)
        gross = f"{function}({a}, {b}{cal})"
        if t != "sales" or self.chance.number(0, 2) == 0:
            return gross
        if self.chance.number(0, 2):
            a, b = "at", self.chance.pick(["done_at", "done_at else as_of"])
            gross = f"{function}({a}, {b}{cal})"
        inner = cal
        if cal.startswith(", owner") or (cal.startswith(", cal") and " " not in cal[2:]):
            inner = f", sales.{cal[2:]}"
        elif cal not in ("", ", office", ", nights"):
            return gross
        start = self.chance.pick(["pauses.at", "pauses.done_at", "pauses.since"])
        stop = self.chance.pick(
            ["pauses.done_at", "pauses.done_at else as_of", "pauses.done_at else sales.done_at", "pauses.until"]
        )
        where = self.chance.pick(["", "", " where status != 'void'"])
        return f"({gross} - sum({function}({start}, {stop}{inner}){where}))"

    def date(self, t: str, depth: int, deeper: bool) -> str:
        if self.chance.number(0, 5):
            return super().date(t, depth, deeper)
        found = self.column("date", t) or "as_of"
        number = self.chance.pick(["0", "1", "-1", "5", "-7", self.column("whole", t) or "3"])
        return f"add_business_days({found}, {number}{self.calendar(t)})"

    def condition(self, t: str, depth: int, deeper: bool) -> str:
        if self.chance.number(0, 5):
            return super().condition(t, depth, deeper)
        return (
            f"{self.lasting_number(t)} {self.chance.pick(['<=', '>', '>='])} {self.chance.pick(['8', '0', '24', '2'])}"
        )

    def combined(self, kind: str, depth: int, outer: str | None) -> str:
        if kind != "number" or self.chance.number(0, 3):
            return super().combined(kind, depth, outer)
        function = self.chance.pick(["business_days", "business_hours"])
        days = [self.measure("date", depth, outer), self.chance.pick(["as_of", self.measure("date", depth, outer)])]
        return f"{function}({days[0]}, {days[1]}{self.chance.pick(['', ', office'])})"

    def moved(self, kind: str, depth: int, outer: str | None) -> str:
        if "seasons" not in self.world.rows or self.chance.number(0, 1):
            return super().moved(kind, depth, outer)
        x, pick = self.measure(kind, depth, outer), self.chance.pick
        own = pick(OWN)
        options: Options = [
            lambda: f"{pick(['prior', 'next'])}({x}, {own})",
            lambda: f"prior({x}, {pick(['1 year', '52 weeks', '12 months', '1 quarter'])})",
            lambda: f"trailing({x}, {own})",
            lambda: f"to_date({x}, {own})",
            lambda: f"matched(prior({x}, {own}))",
        ]
        if kind in ("money", "number", "duration"):
            options.append(lambda: f"each({x}, {own}, {pick(['avg', 'max', 'sum', 'min'])})")
        return pick(options)()


def timely(chance: Chance, words: dict[str, object], own: bool) -> dict[str, object]:
    """A request, sometimes by own periods."""
    if own and chance.pick([True, False]):
        words["grain"] = chance.pick(OWN)
    if own and chance.number(0, 3) == 0:
        words["window"] = chance.pick(OWN_WINDOWS)
    return words
