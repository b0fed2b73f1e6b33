"""Runs KQL queries over ``containerserviceeventresources`` on DuckDB, in memory and without access to files or network.

Only this package imports duckdb and duckdb_kql, which together take most of a second to import. Callers that may not need
them import this package inside a function.
"""
