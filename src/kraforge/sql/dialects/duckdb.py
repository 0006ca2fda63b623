"""DuckDB 2: the reference. Each text here was run on it."""

from __future__ import annotations

from typing import Final

from kraforge.sql.dialects.dialect import Dialect, Setting


def _months_back(day: str, length: int, setting: Setting) -> str:
    """The first day of the fiscal year's part of `length` months that a day lies in."""
    days = setting.days
    if days.year_day > 28:
        # a month that lacks the day begins its period on the first of the next one
        early = f"CASE WHEN day({day}) < {days.year_day} THEN 1 ELSE 0 END"
        past = f"CAST((month({day}) + {12 - days.year_month} - {early}) % {length} + {early} AS INTEGER)"
        month = f"CAST(date_trunc('month', {day}) - to_months({past}) AS DATE)"
        return f"least({month} + {days.year_day - 1}, CAST({month} + to_months(1) AS DATE))"
    moved = f"({day} - {days.year_day - 1})" if days.year_day > 1 else day
    first = f"({moved} - CAST(day({moved}) - 1 AS INTEGER))"
    over = f"to_months(CAST((month({moved}) + {12 - days.year_month}) % {length} AS INTEGER))"
    start = f"CAST({first} - {over} AS DATE)"
    return f"({start} + {days.year_day - 1})" if days.year_day > 1 else start


def _week(setting: Setting, a: tuple[str, ...]) -> str:
    return f"({a[0]} - CAST((isodow({a[0]}) + {7 - setting.days.week_starts}) % 7 AS INTEGER))"


def _rounded(_: Setting, a: tuple[str, ...]) -> str:
    """Half away from zero by the number's decimal digits, as people read them."""
    places = a[1] if len(a) > 1 else "0"
    exact = f"CAST(round(CAST({a[0]} AS DECIMAL(38, 12)), {places}) AS DOUBLE)"
    return f"(CASE WHEN abs({a[0]}) < 1e15 THEN {exact} ELSE {a[0]} END)"


def _significant(_: Setting, a: tuple[str, ...]) -> str:
    x = a[0]
    return (
        f"(CASE WHEN {x} = 0 OR {x} IS NULL THEN {x} ELSE round({x}, 11 - CAST(floor(log10(abs({x}))) AS INTEGER)) END)"
    )


DUCKDB: Final = Dialect(
    name="duckdb",
    lists=True,
    templates={
        "_finite": lambda _, a: f"(CASE WHEN isfinite({a[0]}) THEN {a[0]} END)",
        "_finite_exact": lambda _, a: a[0],
        "_same": lambda _, a: f"({a[0]} IS NOT DISTINCT FROM {a[1]})",
        "_start_day": lambda _, a: a[0],
        "_start_week": _week,
        "_start_month": lambda _, a: f"({a[0]} - CAST(day({a[0]}) - 1 AS INTEGER))",
        "_start_quarter": lambda s, a: _months_back(a[0], 3, s),
        "_start_half": lambda s, a: _months_back(a[0], 6, s),
        "_start_year": lambda s, a: _months_back(a[0], 12, s),
        "_days": lambda _, a: f"CAST(unnest(generate_series({a[0]}, {a[1]}, INTERVAL 1 DAY)) AS DATE)",
        "_numbers": lambda _, a: f"unnest(generate_series({a[0]}, {a[1]}))",
        "_last_day_of_month": lambda _, a: f"last_day({a[0]})",
        "_micros": lambda _, a: f"epoch_us({a[0]})",
        "_interval_micros": lambda _, a: f"epoch_us({a[0]})",
        "_months": lambda _, a: f"CAST({a[0]} + to_months(CAST({a[1]} AS INTEGER)) AS DATE)",
        "_months_time": lambda _, a: f"({a[0]} + to_months(CAST({a[1]} AS INTEGER)))",
        "_plus_micros": lambda _, a: f"({a[0]} + to_microseconds(CAST({a[1]} AS BIGINT)))",
        "_bit": lambda _, a: f"(CAST(1 AS BIGINT) << {a[0]})",
        "_whole_division": lambda _, a: f"({a[0]} // {a[1]})",
        "_round_double": _rounded,
        "_significant": _significant,
        "contains": lambda _, a: f"contains({a[0]}, {a[1]})",
        "starts_with": lambda _, a: f"starts_with({a[0]}, {a[1]})",
        "ends_with": lambda _, a: f"suffix({a[0]}, {a[1]})",
        # a cast alone also reads 1_000
        "_number_of_text": lambda _, a: f"(CASE WHEN NOT contains({a[0]}, '_') THEN TRY_CAST({a[0]} AS DOUBLE) END)",
        "weekday": lambda _, a: f"isodow({a[0]})",
        "row_key": lambda _, a: (
            f"(CASE WHEN {' AND '.join(f'{x} IS NOT NULL' for x in a)} THEN row({', '.join(a)}) END)"
        ),
    },
    reduces={
        "median": lambda _, a: f"median({a[0]})",
        "percentile": lambda _, a: f"quantile_cont({a[0]}, {a[1]})",
        "percentile_disc": lambda _, a: f"quantile_disc({a[0]}, {a[1]})",
        "first": lambda _, a: f"arg_min({a[0]}, row({', '.join(a[1:])}))",
        "last": lambda _, a: f"arg_max({a[0]}, row({', '.join(a[1:])}))",
        "bool_min": lambda _, a: f"min({a[0]})",
        "bool_max": lambda _, a: f"max({a[0]})",
    },
)
