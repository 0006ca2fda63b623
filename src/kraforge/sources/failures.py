"""Errors of engines, told in the library's own."""

from __future__ import annotations

from kraforge.errors import KraforgeError, LimitError, Mistake, SourceError
from kraforge.limits import Limits


def out_of_time(limits: Limits) -> LimitError:
    """The error for a statement that ran longer than allowed."""
    return LimitError(
        Mistake(
            "out-of-time",
            f"the request took longer than {limits.seconds:g} seconds",
            hint="ask for a shorter window or fewer dimensions, or raise Limits.seconds",
        )
    )


def cancelled() -> SourceError:
    """The error for a statement that its ticket stopped."""
    return SourceError(Mistake("cancelled", "the request was cancelled"))


def closed() -> SourceError:
    """The error for a statement of a source that is closed, or was while it ran."""
    return SourceError(Mistake("source-unreachable", "the source is closed", hint="open a new workspace"))


def too_many_rows(limits: Limits) -> LimitError:
    """The error for an answer with more rows than allowed."""
    return LimitError(
        Mistake(
            "too-many-rows",
            f"the answer has more than {limits.rows:,} rows",
            hint="use having or limit, a coarser grain or fewer dimensions, or raise Limits.rows",
        )
    )


def _limit(code: str, message: str, hint: str, note: str) -> LimitError:
    return LimitError(Mistake(code, message, hint=hint, notes=(note,)))


def _failed(code: str, message: str, hint: str, note: str) -> SourceError:
    return SourceError(Mistake(code, message, hint=hint, notes=(note,)))


def overflow(note: str) -> LimitError:
    """The error for a number that does not fit."""
    hint = "scale the data"
    if "multiplication" in note or "numeric field overflow" in note:
        hint = (
            "a product with money keeps the decimal places of all its factors: "
            "multiply the plain numbers first, in brackets, or store them with fewer places"
        )
    return _limit("overflow", "a number does not fit into 38 digits or 64 bits", hint, note)


def out_of_memory(note: str) -> LimitError:
    """The error for a statement that needs more memory than allowed."""
    return _limit("out-of-memory", "the request needed too much memory", "ask for less, or raise Limits.memory", note)


def bad_value(note: str) -> SourceError:
    """The error for a stored value that the engine cannot read as the type that it should have."""
    return _failed(
        "bad-value", "a value of the data cannot be read as its type", "mend the data or the declaration", note
    )


def source_failed(note: str) -> SourceError:
    """The error for everything else that an engine may answer."""
    return _failed("source-failed", "the source answered with an error", "see the note", note)


def from_duckdb(error: Exception, limits: Limits) -> KraforgeError:
    """Tell an error of DuckDB in the library's own, with DuckDB's words as a note."""
    import duckdb

    note = " ".join(str(error).split("\n\nLINE ")[0].split())
    said = note.lower()
    too_large = "overflow" in said or "could not cast value" in said
    too_large |= "out of range" in said and "field value" not in said
    match error:
        case duckdb.InterruptException():
            return out_of_time(limits)
        case duckdb.OutOfMemoryException():
            return out_of_memory(note)
        case duckdb.OutOfRangeException() | duckdb.ConversionException() if too_large:
            return overflow(note)
        case duckdb.ConversionException() | duckdb.TypeMismatchException():
            return bad_value(note)
        case duckdb.InvalidInputException() if "surrogate" in said:
            return bad_value(note)
        case _:
            return source_failed(note)
