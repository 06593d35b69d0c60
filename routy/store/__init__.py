"""The record store (sqlite.py, the only home of apsw) and the click store (duck.py, the only home of duckdb).

Neither knows a resource.
"""
