"""Runs the benchmarks and writes docs/benchmarks.md: python -m benchmarks [--sizes small|full] [--only NAME]."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import against_hand, growth, moments, overhead, peers
from benchmarks.findings import Section
from benchmarks.scale import SCALES, Scale

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """\
# Benchmarks

Written by `make bench`, which takes about half an hour; `python -m benchmarks --sizes small` takes a minute or two and only prints,
`--only NAME` runs one. Before anything is timed, both sides have to give equal rows.

Times are CPU time of all threads. Both sides of a ratio run in turns within one run, each beginning every other round, because
a machine is never alone: read the ratios, which a busy machine disturbs little, before the milliseconds, which are those of
one machine. The figure is the median of all rounds, in brackets its quartiles. "By hand" is the fastest SQL that was found for the same
rows; the statements are in `benchmarks/handwritten/`.
"""
BENCHMARKS: Mapping[str, Callable[[Scale], Section]] = {
    "forty": against_hand.forty,
    "not-additive": against_hand.not_additive,
    "others": against_hand.others,
    "moments": moments.moments,
    "compile": overhead.compiling,
    "small": overhead.small,
    "import": overhead.importing,
    "growth": growth.growth,
    "peers": peers.peers,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", choices=("small", "full"), default="full")
    parser.add_argument("--only", choices=tuple(BENCHMARKS), action="append", help="run this one; may be repeated")
    chosen = parser.parse_args(arguments)
    sections = []
    for name in chosen.only or BENCHMARKS:
        print(f"running {name} …", file=sys.stderr, flush=True)
        section = BENCHMARKS[name](SCALES[chosen.sizes])
        print(section.markdown(), flush=True)
        sections.append(section)
    if chosen.sizes == "full":
        known = sections_of(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
        PAGE.write_text(page(known, sections), encoding="utf-8")
    return 0


def sections_of(text: str) -> dict[str, str]:
    """The sections of a page by their titles."""
    parts = text.split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}


def page(known: Mapping[str, str], sections: list[Section]) -> str:
    """The page, with the sections that were run in the place of the known ones."""
    found = {**known, **{section.title: section.markdown() for section in sections}}
    return "\n".join([HEAD, *found.values()])


if __name__ == "__main__":
    sys.exit(main())
