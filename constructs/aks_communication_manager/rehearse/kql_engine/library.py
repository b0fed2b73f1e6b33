"""Every name of duckdb-kql that this package uses. Most are private there: a test names the version that breaks one."""

from __future__ import annotations

from duckdb_kql import KqlError, KqlUnsupportedError, ir
from duckdb_kql.comparison import NONDETERMINISTIC_FUNCTIONS
from duckdb_kql.lower import lower
from duckdb_kql.timespans import ticks
from duckdb_kql.translate import CLOCK_SLOT, clock
from duckdb_kql.translate import to_sql as translate

__all__ = [
    "CLOCK_SLOT",
    "NONDETERMINISTIC_FUNCTIONS",
    "KqlError",
    "KqlUnsupportedError",
    "clock",
    "ir",
    "lower",
    "ticks",
    "translate",
]
