"""One way in for every source that runs SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kraforge.errors import Mistake, SourceError, UnsupportedError
from kraforge.limits import Limits
from kraforge.sources.source import Source


def connect(target: Any, *, limits: Limits | None = None) -> Source:
    """Open a source by its address or object, for reading only.

    `duckdb:///folder/file` (`duckdb:////` for an absolute path), `postgresql://user@host/database`, or a connection of
    the duckdb package. A Source is given back as it is. A DuckDB file is opened with the memory of `limits`. Raises
    `source-unreachable`, `not-installed`, `unsupported`.
    """
    if isinstance(target, str | Path):
        address = str(target)
        if address.startswith("duckdb://"):
            return _duckdb_file(address.removeprefix("duckdb://").removeprefix("/"), limits or Limits())
        if address.startswith(("postgresql://", "postgres://")):
            from kraforge.sources.postgres import open_postgres

            return open_postgres(address)
        raise _unsupported(f"the address '{address.split('@')[-1]}'")
    if type(target).__module__.split(".")[0] in ("duckdb", "_duckdb") and hasattr(target, "cursor"):
        return _duckdb_connection(target)
    if isinstance(target, Source):
        source: Source = target
        return source
    raise _unsupported(f"an object of class {type(target).__name__}")


def _unsupported(what: str) -> UnsupportedError:
    return UnsupportedError(
        Mistake(
            "unsupported",
            f"{what} is not a source that can be connected to",
            hint="give duckdb:///file, postgresql://…, a DuckDB connection, or the tables themselves as sources",
        )
    )


def _duckdb_file(path: str, limits: Limits) -> Source:
    """A database file, opened read-only and locked down: its statements reach nothing else.

    A process has a file open once, with one memory limit; who opens it again shares that.
    """
    import duckdb

    from kraforge.sources.duckdb import DuckDB, lock_down, settings

    if not Path(path).is_file():
        hint = "check the path; one from the root has four slashes, duckdb:////"
        raise SourceError(Mistake("source-unreachable", f"there is no DuckDB file '{path}'", hint=hint))
    try:
        connection = duckdb.connect(path, read_only=True, config=settings(limits))
        lock_down(connection)
    except duckdb.Error as error:
        note = " ".join(str(error).split())
        raise SourceError(
            Mistake(
                "source-unreachable",
                f"the DuckDB file '{path}' cannot be opened for reading",
                hint="close it where it is open for writing, or with another Limits.memory",
                notes=(note,),
            )
        ) from None
    return DuckDB(connection)


def _duckdb_connection(connection: Any) -> Source:
    """The host's own connection, with its own settings but one. Its temporary tables are seen by no cursor of it."""
    from kraforge.sources.duckdb import DuckDB, without_mistaken

    without_mistaken(connection)

    temporary = connection.execute(
        "SELECT count(*) FROM (SELECT temporary, internal FROM duckdb_tables() UNION ALL "
        "SELECT temporary, internal FROM duckdb_views()) WHERE temporary AND NOT internal"
    ).fetchone()[0]
    return DuckDB(connection, own=False, shared=temporary > 0)
