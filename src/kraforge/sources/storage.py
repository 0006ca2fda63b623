"""How the type names of engines read as Storage, and declared types as DuckDB's."""

from __future__ import annotations

import re
from typing import Final

from kraforge.types import Storage

_DUCKDB: Final[dict[str, Storage]] = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        Storage("integer"),
    ),
    "UHUGEINT": Storage("integer"),
    "FLOAT": Storage("double"),
    "DOUBLE": Storage("double"),
    "VARCHAR": Storage("text"),
    "BOOLEAN": Storage("bool"),
    "DATE": Storage("date"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), Storage("timestamp")),
    "TIMESTAMP WITH TIME ZONE": Storage("instant"),
    "INTERVAL": Storage("duration"),
    **dict.fromkeys(("NULL", '"NULL"'), Storage("missing")),
}
_OTHER: Final = Storage("other")


def of_duckdb(sql_type: str) -> Storage:
    """Read the name of a DuckDB type. Lists, structs, enums, UUIDs and the like are `other`."""
    if decimal := re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", sql_type):
        return Storage("decimal", int(decimal[1]))
    return _DUCKDB.get(sql_type, _OTHER)


_POSTGRES: Final[dict[str, Storage]] = {
    **dict.fromkeys(("int2", "int4", "int8"), Storage("integer")),
    **dict.fromkeys(("float4", "float8"), Storage("double")),
    **dict.fromkeys(("text", "varchar"), Storage("text")),
    "bool": Storage("bool"),
    "date": Storage("date"),
    "timestamp": Storage("timestamp"),
    "timestamptz": Storage("instant"),
    "interval": Storage("duration"),
}


def of_postgres(type_name: str, modifier: int) -> Storage:
    """Read a type of PostgreSQL by its internal name and modifier (atttypmod).

    A numeric without a declared scale keeps whatever was written: 18 places stand for it, the most that leaves 20 digits.
    `char(n)` is `other`, because its trailing blanks do not compare as text.
    """
    if type_name == "numeric":
        return Storage("decimal", (modifier - 4) & 0x7FF if modifier >= 4 else 18)
    return _POSTGRES.get(type_name, _OTHER)
