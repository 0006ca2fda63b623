"""The commands of `kraforge`: each checks its words, calls the library, and prints."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kraforge
from kraforge.errors import KraforgeError
from kraforge.report.progress import working

if TYPE_CHECKING:
    from kraforge import Result

DONE, MISTAKES, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

CATALOGS = (".yaml", ".yml", ".toml", ".json")
EPILOG = "Exit codes: 0 done, 1 mistakes (each with its place on stderr), 2 wrong use."


class WrongUse(Exception):
    """The words of the command do not fit; said on stderr, exit code 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a sign shows a question mark
    try:
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except WrongUse as error:
        print(f"kraforge {options.command}: {error}", file=sys.stderr)
        return WRONG_USE
    except KraforgeError as error:
        print(error, file=sys.stderr)
        return MISTAKES
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has enough. Python flushes stdout once more at its end, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        print(f"kraforge {options.command}: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return WRONG_USE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("kraforge", description="KPIs from formulas in config.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"kraforge {kraforge.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="find every mistake of a catalog", epilog=EPILOG)
    check.add_argument("catalog", metavar="CATALOG")
    check.add_argument("--data", metavar="FOLDER|URL", help="check against these tables too")
    check.set_defaults(run=_check)

    query = commands.add_parser("query", help="answer KPIs from data", epilog=EPILOG)
    _add_request(query)
    query.add_argument(
        "--data", required=True, metavar="FOLDER|URL", help="a folder of CSV and Parquet files, or a URL"
    )
    query.add_argument("--format", choices=("table", "csv", "json", "parquet"), default="table")
    query.add_argument("--output", metavar="FILE", help="write there instead of to standard output")
    query.set_defaults(run=_query)

    sql = commands.add_parser("sql", help="show the SQL of KPIs", epilog=EPILOG)
    _add_what(sql)
    sql.add_argument("--dialect", default="duckdb", help="duckdb (as it is without this) or postgres")
    sql.set_defaults(run=_sql)

    explain = commands.add_parser(
        "explain", help="say in words what a KPI means and where it comes from", epilog=EPILOG
    )
    explain.add_argument("catalog", metavar="CATALOG")
    explain.add_argument("kpis", nargs="+", metavar="KPI", help="a KPI's name, or name=formula")
    explain.set_defaults(run=_explain)

    fmt = commands.add_parser("fmt", help="format the formulas of a catalog, or one formula", epilog=EPILOG)
    fmt.add_argument(
        "what", metavar="CATALOG|FORMULA", help="a YAML file, a formula, or - for a formula on standard input"
    )
    fmt.add_argument("--check", action="store_true", help="change nothing; exit code 1 if something would change")
    fmt.set_defaults(run=_fmt)

    demo = commands.add_parser("demo", help="a sample company and its KPIs", epilog=EPILOG)
    demo.add_argument("--rows", type=int, default=10_000, help="how many invoices (10000)")
    demo.add_argument("--seed", type=int, default=7, help="another seed makes another company (7)")
    demo.add_argument("--folder", metavar="FOLDER", help="only write the company's data and catalog there")
    demo.add_argument("--format", choices=("csv", "parquet"), default="csv", help="of the files in the folder")
    demo.set_defaults(run=_demo)
    return parser


def _add_what(command: argparse.ArgumentParser) -> None:
    command.add_argument("catalog", metavar="CATALOG", help="a YAML, TOML or JSON file, or a folder of them")
    command.add_argument("kpis", nargs="+", metavar="KPI", help="a KPI's name, or name=formula")
    command.add_argument(
        "--window", help="2026, 2026-Q1, 2026-03, FY2026, 2026-01..2026-03, …; all there is without it"
    )
    command.add_argument("--grain", help="day, week, month, quarter, half, year, or one of the catalog's own")
    command.add_argument("--by", action="append", default=[], metavar="DIMENSION", help="group by it; several: a,b")
    command.add_argument("--where", metavar="CONDITION", help="filter rows, by dimension or table.column")
    command.add_argument("--as-of", metavar="DATE", help="the valuation day: no row after it counts")
    command.add_argument("--known-at", metavar="MOMENT", help="as it was known on that day, or at 2026-04-01T09:30")


def _add_request(command: argparse.ArgumentParser) -> None:
    _add_what(command)
    command.add_argument("--having", metavar="CONDITION", help="filter cells, by KPI, dimension or period")
    command.add_argument(
        "--order-by", action="append", default=[], metavar="NAME", help="=-NAME for descending; several: a,b"
    )
    command.add_argument("--limit", type=int, metavar="N", help="the first N rows")
    command.add_argument(
        "--totals",
        nargs="?",
        const=True,
        metavar="DIMENSIONS",
        help="add the grand total, or totals without the dimensions",
    )
    command.add_argument("--sparse", action="store_true", help="leave out cells in which nothing happened")
    command.add_argument(
        "--values",
        action="append",
        default=[],
        metavar="NAME=TEXT",
        help="a value named in --where; NAME:=JSON for other than text",
    )


def _check(options: argparse.Namespace) -> int:
    catalog = _catalog(options.catalog)
    for warning in kraforge.check(catalog):
        print(warning, file=sys.stderr)
    if options.data:
        kraforge.Workspace(catalog, _sources(options.data)).close()
    print(f"{options.catalog}: no mistakes")
    return DONE


def _query(options: argparse.Namespace) -> int:
    catalog = _catalog(options.catalog)
    if options.format == "parquet" and not options.output:
        raise WrongUse("--format parquet needs --output FILE")
    if options.output and not Path(options.output).parent.is_dir():
        raise WrongUse(f"there is no folder {Path(options.output).parent}")
    request = _request(options)
    with working("asking"), kraforge.Workspace(catalog, _sources(options.data)) as workspace:
        result = workspace.query(_kpis(options.kpis), **request)
    for warning in result.warnings:
        print(warning, file=sys.stderr)
    _write(result, options.format, options.output)
    return DONE


def _write(result: Result, form: str, file: str | None) -> None:
    match form:
        case "csv":
            result.to_csv(file or sys.stdout)
        case "json":
            result.to_json(file or sys.stdout)
        case "parquet" if file:
            result.to_parquet(file)
        case _ if file:
            Path(file).write_text(result.table() + "\n", "utf-8")
        case _:
            print(result.table())


def _sql(options: argparse.Namespace) -> int:
    catalog = _catalog(options.catalog)
    words = {"window": options.window, "grain": options.grain, "by": _names(options.by), "where": options.where}
    kpis: dict[str, str] = {}
    for asked in _kpis(options.kpis):
        kpis |= {asked: asked} if isinstance(asked, str) else asked
    print(kraforge.compile(kpis, catalog, as_of=options.as_of, known_at=options.known_at, **words).sql(options.dialect))
    return DONE


def _explain(options: argparse.Namespace) -> int:
    from kraforge.explanation import explain_catalog

    catalog = _catalog(options.catalog)
    print("\n\n".join(str(explain_catalog(catalog.declarations, kpi)) for kpi in _kpis(options.kpis)))
    return DONE


def _fmt(options: argparse.Namespace) -> int:
    from kraforge.report.tidy import tidy_file
    from kraforge.syntax.format import format_formula

    path = Path(options.what)
    if options.what != "-" and (path.suffix in CATALOGS or path.is_dir()):
        stale = [file for file in _yaml_files(path) if tidy_file(file, write=not options.check)]
        return _would_change([str(file) for file in stale]) if options.check else DONE
    old = sys.stdin.read().rstrip("\n") if options.what == "-" else options.what
    new = format_formula(old)
    print(new)
    return _would_change([options.what]) if options.check and new != old else DONE


def _yaml_files(path: Path) -> list[Path]:
    if path.suffix in (".toml", ".json"):
        raise WrongUse("only YAML catalogs are formatted in place; give a formula as text")
    files = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml")) if path.is_dir() else [path]
    for file in files:
        if not file.is_file():
            raise WrongUse(f"there is no file {file}")
    return files


def _would_change(names: list[str]) -> int:
    for name in names:
        print(f"{name}: would be formatted", file=sys.stderr)
    return MISTAKES if names else DONE


def _demo(options: argparse.Namespace) -> int:
    from kraforge.packs import demo
    from kraforge.report.tour import tour

    if options.rows < 0:
        raise WrongUse("--rows takes a number from 0 up")
    with working("making a company"):
        tables = demo.tables(options.rows, options.seed)
        if options.folder:
            demo.write(options.folder, tables, options.format)
    if options.folder:
        print(f"wrote {len(tables)} tables and catalog.yaml to {options.folder}; try")
        print(
            f"  kraforge query {options.folder}/catalog.yaml revenue --data {options.folder} --window 2026-Q1 --grain month --by team"
        )
        return DONE
    pages = tour(tables)
    while True:
        with working("asking"):
            page = next(pages, None)
        if page is None:
            return DONE
        print(page)


def _catalog(path: str) -> kraforge.Catalog:
    if not Path(path).exists():
        raise WrongUse(f"there is no catalog {path}")
    return kraforge.Catalog.load(path)


def _sources(data: str) -> str:
    """A URL, or a folder that is there."""
    if "://" not in data and not Path(data).is_dir():
        raise WrongUse(f"there is no folder {data}")
    return data


def _kpis(words: list[str]) -> list[str | dict[str, str]]:
    """What is asked: `revenue` is a KPI's name, `name=formula` a formula of one's own."""
    parts = [(word, word.partition("=")) for word in words]
    return [
        {name.strip(): formula} if name.strip().isidentifier() and formula else word
        for word, (name, _, formula) in parts
    ]


def _request(options: argparse.Namespace) -> dict[str, Any]:
    totals = options.totals if options.totals in (None, True) else _names([options.totals])
    return {
        "window": options.window,
        "grain": options.grain,
        "by": _names(options.by),
        "where": options.where,
        "as_of": options.as_of,
        "known_at": options.known_at,
        "having": options.having,
        "order_by": _names(options.order_by),
        "limit": options.limit,
        "totals": totals or False,
        "sparse": options.sparse,
        "values": dict(map(_value, options.values)),
    }


def _names(words: list[str]) -> list[str]:
    return [name.strip() for word in words for name in word.split(",") if name.strip()]


def _value(word: str) -> tuple[str, Any]:
    name, equals, value = word.partition("=")
    if not equals:
        raise WrongUse(f"--values takes NAME=TEXT or NAME:=JSON, not '{word}'")
    if not name.endswith(":"):
        return name, value
    try:
        return name[:-1], json.loads(value)
    except json.JSONDecodeError:
        raise WrongUse(f"'{value}' is no JSON; for a text write {name[:-1]}={value}") from None


if __name__ == "__main__":
    sys.exit(main())
