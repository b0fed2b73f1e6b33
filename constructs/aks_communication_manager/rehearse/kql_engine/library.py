"""Every name of duckdb-kql that this package uses. Most are private there: a test names the version that breaks one."""

from duckdb_kql import KqlError as KqlError
from duckdb_kql import KqlUnsupportedError as KqlUnsupportedError
from duckdb_kql import ir as ir
from duckdb_kql.comparison import NONDETERMINISTIC_FUNCTIONS as NONDETERMINISTIC_FUNCTIONS
from duckdb_kql.lower import lower as lower
from duckdb_kql.timespans import ticks as ticks
from duckdb_kql.translate import CLOCK_SLOT as CLOCK_SLOT
from duckdb_kql.translate import clock as clock
from duckdb_kql.translate import to_sql as to_sql
