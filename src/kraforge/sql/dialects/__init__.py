"""The dialects: each file holds only where an engine differs from plain SQL."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from kraforge.sql.dialects.dialect import Dialect, Setting
from kraforge.sql.dialects.duckdb import DUCKDB
from kraforge.sql.dialects.postgres import POSTGRES

DIALECTS: Final = MappingProxyType({dialect.name: dialect for dialect in (DUCKDB, POSTGRES)})

__all__ = ["DIALECTS", "Dialect", "Setting"]
