"""PostgreSQL 16 and later: where its SQL differs. Each text here was run on a live server."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from kraforge.sql.dialects.dialect import TYPES, Dialect, Setting, Template


def _months_back(day: str, length: int, setting: Setting) -> str:
    days = setting.days
    moved = f"({day} - {days.year_day - 1})" if days.year_day > 1 else day
    if days.year_day > 28:
        # a month that lacks the day begins its period on the first of the next one
        early = f"CASE WHEN extract(day FROM {day}) < {days.year_day} THEN 1 ELSE 0 END"
        past = f"(CAST(extract(month FROM {day}) AS INTEGER) + {12 - days.year_month} - {early}) % {length} + {early}"
        month = f"CAST(date_trunc('month', {day}) - make_interval(months => {past}) AS DATE)"
        return f"least({month} + {days.year_day - 1}, CAST({month} + INTERVAL '1 month' AS DATE))"
    over = (
        f"make_interval(months => (CAST(extract(month FROM {moved}) AS INTEGER) + {12 - days.year_month}) % {length})"
    )
    start = f"CAST(date_trunc('month', {moved}) - {over} AS DATE)"
    return f"({start} + {days.year_day - 1})" if days.year_day > 1 else start


def _week(setting: Setting, a: tuple[str, ...]) -> str:
    day = f"CAST(extract(isodow FROM {a[0]}) AS INTEGER)"
    return f"({a[0]} - ({day} + {7 - setting.days.week_starts}) % 7)"


def _significant(_: Setting, a: tuple[str, ...]) -> str:
    x = f"CAST({a[0]} AS NUMERIC)"
    rounded = f"round({x}, 11 - CAST(floor(log(abs({x}))) AS INTEGER))"
    return f"(CASE WHEN {a[0]} = 0 OR {a[0]} IS NULL THEN {a[0]} ELSE CAST({rounded} AS DOUBLE PRECISION) END)"


def _ordered(direction: str) -> Template:
    def template(_: Setting, a: tuple[str, ...]) -> str:
        order = ", ".join(f"{key} {direction}" for key in a[1:])
        return f"(array_agg({a[0]} ORDER BY {order}) FILTER (WHERE {a[0]} IS NOT NULL))[1]"

    return template


def _same(_: Setting, a: tuple[str, ...]) -> str:
    # IS NOT DISTINCT FROM cannot be hashed here and runs as a nested loop; two plain equalities can
    left, right = (f"CAST({x} AS TEXT)" for x in a[:2])
    return f"(coalesce({left}, '') = coalesce({right}, '') AND ({a[0]} IS NULL) = ({a[1]} IS NULL))"


def _interval(amount: str, unit: str) -> str:
    return f"make_interval({unit} => CAST({amount} AS INTEGER))"


_NUMBER = r"'^\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?\s*$'"

POSTGRES: Final = Dialect(
    name="postgres",
    types=MappingProxyType({**TYPES, "text": "TEXT", "missing": "TEXT", "other": "TEXT"}),
    collation=' COLLATE "C"',
    templates={
        "_finite": lambda _, a: f"NULLIF(NULLIF(NULLIF({a[0]}, 'NaN'), 'Infinity'), '-Infinity')",
        "_finite_exact": lambda _, a: f"NULLIF(NULLIF(NULLIF({a[0]}, 'NaN'), 'Infinity'), '-Infinity')",
        "_same": _same,
        "_start_day": lambda _, a: a[0],
        "_start_week": _week,
        "_start_month": lambda _, a: f"CAST(date_trunc('month', {a[0]}) AS DATE)",
        "_start_quarter": lambda s, a: _months_back(a[0], 3, s),
        "_start_half": lambda s, a: _months_back(a[0], 6, s),
        "_start_year": lambda s, a: _months_back(a[0], 12, s),
        "_days": lambda _, a: f"CAST(generate_series({a[0]}, {a[1]}, INTERVAL '1 day') AS DATE)",
        "_numbers": lambda _, a: f"generate_series({a[0]}, {a[1]})",
        "_last_day_of_month": lambda _, a: (
            f"CAST(date_trunc('month', {a[0]}) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE)"
        ),
        "_micros": lambda _, a: f"CAST(round(extract(epoch FROM {a[0]}) * 1000000) AS BIGINT)",
        "_interval_micros": lambda _, a: f"CAST(round(extract(epoch FROM {a[0]}) * 1000000) AS BIGINT)",
        "_months": lambda _, a: f"CAST({a[0]} + {_interval(a[1], 'months')} AS DATE)",
        "_months_time": lambda _, a: f"({a[0]} + {_interval(a[1], 'months')})",
        "_plus_micros": lambda _, a: f"({a[0]} + CAST({a[1]} AS DOUBLE PRECISION) * INTERVAL '1 microsecond')",
        "_bit": lambda _, a: f"(CAST(1 AS BIGINT) << {a[0]})",
        "_whole_division": lambda _, a: f"({a[0]} / {a[1]})",
        "_round_double": lambda _, a: (
            f"CAST(round(CAST({a[0]} AS NUMERIC), {a[1] if len(a) > 1 else '0'}) AS DOUBLE PRECISION)"
        ),
        "_significant": _significant,
        "contains": lambda _, a: f"(strpos({a[0]}, {a[1]}) > 0)",
        "starts_with": lambda _, a: f"starts_with({a[0]}, {a[1]})",
        "ends_with": lambda _, a: f"(right({a[0]}, length({a[1]})) = {a[1]})",
        "_number_of_text": lambda _, a: f"(CASE WHEN {a[0]} ~ {_NUMBER} THEN CAST({a[0]} AS DOUBLE PRECISION) END)",
        "weekday": lambda _, a: f"CAST(extract(isodow FROM {a[0]}) AS BIGINT)",
        "row_key": lambda _, a: (
            f"(CASE WHEN {' AND '.join(f'{x} IS NOT NULL' for x in a)} THEN ROW({', '.join(a)}) END)"
        ),
    },
    reduces={
        "median": lambda _, a: f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {a[0]})",
        "percentile": lambda _, a: f"percentile_cont({a[1]}) WITHIN GROUP (ORDER BY {a[0]})",
        "percentile_disc": lambda _, a: f"percentile_disc({a[1]}) WITHIN GROUP (ORDER BY {a[0]})",
        "first": _ordered("ASC"),
        "last": _ordered("DESC"),
        "bool_min": lambda _, a: f"bool_and({a[0]})",
        "bool_max": lambda _, a: f"bool_or({a[0]})",
    },
)
