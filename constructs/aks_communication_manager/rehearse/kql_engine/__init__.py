"""Runs KQL queries over ``containerserviceeventresources`` on DuckDB, in memory and without access to files or network.

The only package that imports duckdb and duckdb_kql, both of which take most of a second to import: callers that may not
need them import this package inside a function.
"""
