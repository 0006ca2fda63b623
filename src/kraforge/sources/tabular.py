"""Tables given as plain data: frames, lists of dicts, files, folders; read by an embedded DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from kraforge.errors import Mistake, SourceError, UnsupportedError
from kraforge.limits import Limits
from kraforge.sources.csv import load_csv
from kraforge.sources.duckdb import DuckDB, fill, lock_down, timed
from kraforge.sources.failures import from_duckdb
from kraforge.sources.rows import columns_of
from kraforge.sources.source import quoted
from kraforge.text import Place
from kraforge.types import Type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FRAMES: Final = {("polars", "DataFrame"), ("pyarrow", "Table")}
_FILES: Final = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")


@frozen
class Frame:
    """A frame behind its Arrow stream alone, so that DuckDB reads it without the packages it would ask for."""

    frame: Any

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class Embedded(DuckDB):
    """An embedded DuckDB over tables that are given by name; names are taken whole, dots included."""

    def name(self, table: str) -> tuple[str, ...]:
        return (table,)


@frozen
class _Loader:
    """Puts tables into a database: rows and CSV as tables of its own, Parquet and frames in place."""

    connection: DuckDBPyConnection
    declared: Mapping[str, Mapping[str, Type]]
    named: Mapping[str, Iterable[str]] = field(factory=dict)
    frames: dict[str, Any] = field(factory=dict)
    paths: list[str] = field(factory=list)

    def load(self, table: str, data: Any) -> None:
        """Make one table readable by its name."""
        if isinstance(data, str | Path):
            self._file(table, Path(data))
        elif hasattr(data, "__arrow_c_stream__") or type(data).__module__.startswith("pandas"):
            self._frame(table, data)
        elif isinstance(data, Sequence):
            self._rows(table, data)
        else:
            raise _not_tabular(table, data)

    def _rows(self, table: str, rows: Sequence[Any]) -> None:
        fill(self.connection, table, columns_of(rows, self.declared.get(table, {}), table, self.named.get(table, ())))

    def _frame(self, table: str, data: Any) -> None:
        """A frame of a known class is read in place.

        Copied are pandas frames of Python objects, which would be turned into values at every request, and what may be
        readable only once.
        """
        import duckdb

        kind = type(data)
        known = (kind.__module__.split(".")[0], kind.__name__)
        pandas = known == ("pandas", "DataFrame")
        data = _without_nothing(data) if pandas else data
        given = data if pandas else Frame(data) if known in _FRAMES else _stream_of(table, data)
        try:
            self.connection.register("kraforge_given", given)
            if (pandas and any(str(held) == "object" for held in data.dtypes)) or not (pandas or known in _FRAMES):
                self.connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT * FROM kraforge_given")
            else:
                self.frames[table] = given
            self.connection.unregister("kraforge_given")
        except duckdb.NotImplementedException as error:
            columns = self._unread(data) if pandas or known in _FRAMES else []
            raise _unreadable(table, columns, error) from None

    def _unread(self, frame: Any) -> list[str]:
        """The columns of a frame that DuckDB has no type for."""
        import duckdb

        found = []
        for at, name in enumerate(getattr(frame, "column_names", frame.columns)):
            one = frame.iloc[:, [at]] if hasattr(frame, "iloc") else Frame(frame.select([name]))
            try:
                self.connection.register("kraforge_given", one)
            except duckdb.NotImplementedException:
                found.append(str(name))
        return found

    def _file(self, table: str, path: Path) -> None:
        if not path.is_file():
            raise SourceError(
                Mistake("source-unreachable", f"there is no file '{path}' for table '{table}'", hint="check the path")
            )
        full = str(path.resolve())
        if path.name.endswith(".parquet"):
            pattern = escape(full)  # a file's name is no pattern for others
            literal = "'" + pattern.replace("'", "''") + "'"
            self.connection.execute(f"CREATE VIEW {quoted(table)} AS SELECT * FROM read_parquet({literal})")
            self.paths.extend({full, pattern})
        elif path.name.endswith(_FILES):
            load_csv(self.connection, table, full, self.declared.get(table, {}))
        else:
            raise _not_tabular(table, path)


def open_tables(
    tables: Mapping[str, Any],
    declared: Mapping[str, Mapping[str, Type]],
    limits: Limits | None = None,
    named: Mapping[str, Iterable[str]] | None = None,
) -> DuckDB:
    """An embedded database over tables given as frames, lists of dicts, Parquet and CSV paths, or DuckDB relations.

    `declared` has the catalog's column types by the same table names: lists of dicts and CSV are read by them. `named` has
    the columns of tables that a list of no rows cannot show. The database is locked down before it is given back: it can
    read the Parquet files named and nothing else.
    """
    import duckdb

    limits = limits or Limits()
    connection = duckdb.connect(":memory:", config=timed(limits))
    loader = _Loader(connection, declared, named or {})
    try:
        for table, data in tables.items():
            loader.load(table, data)
        lock_down(connection, loader.paths)
    except duckdb.Error as error:
        connection.close()
        raise from_duckdb(error, limits) from None
    except BaseException:
        connection.close()
        raise

    def prepare(cursor: DuckDBPyConnection) -> None:
        for table, frame in loader.frames.items():
            cursor.register(table, frame)

    return Embedded(connection, prepare=prepare if loader.frames else None, seconds=limits.seconds)


def tables_in(folder: Path) -> dict[str, Path]:
    """The Parquet and CSV files of a folder by their stems."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.endswith(_FILES):
            stem = path.name.split(".")[0]
            if stem in found:
                raise SourceError(Mistake("duplicate-name", f"the folder '{folder}' has two files for table '{stem}'"))
            found[stem] = path
    return found


def _without_nothing(frame: Any) -> Any:
    """A pandas frame whose columns without any value are of no type, where pandas takes them for numbers."""
    absent = [at for at, held in enumerate(frame.dtypes) if held.kind == "f" and frame.iloc[:, at].isna().all()]
    if not absent:
        return frame
    made = frame.copy(deep=False)
    for at in absent:
        made.isetitem(at, None)
    return made


def _stream_of(table: str, data: Any) -> object:
    try:
        return data.__arrow_c_stream__()
    except Exception as error:  # whatever the host's object may raise
        raise SourceError(
            Mistake(
                "source-unreachable",
                f"the object given for table '{table}' does not give its rows",
                Place(f"sources.{table}"),
                notes=(f"{type(error).__name__}: {error}",),
            )
        ) from error


def _unreadable(table: str, columns: list[str], error: Exception) -> UnsupportedError:
    named = f" ({', '.join(columns)})" if columns else ""
    return UnsupportedError(
        Mistake(
            "unsupported",
            f"table '{table}' has columns of a type that cannot be read{named}",
            Place(f"sources.{table}"),
            hint="convert them to numbers, dates or text, or leave them out of the frame",
            notes=(" ".join(str(error).split()),),
        )
    )


def _not_tabular(table: str, data: object) -> UnsupportedError:
    what = f"the file '{data}'" if isinstance(data, Path) else f"an object of class {type(data).__name__}"
    return UnsupportedError(
        Mistake(
            "unsupported",
            f"{what} cannot be read as table '{table}'",
            Place(f"sources.{table}"),
            hint="give a list of dicts, a frame of pandas, Polars or Arrow, or a path to Parquet or CSV",
        )
    )
