"""The record store (sqlite.py, the only home of apsw) and the click store (duck.py, the only home of duckdb).

Neither knows a resource.
"""

import os

# DuckDB's allocator keeps what it was given back for ten seconds, to have it at hand; a second is enough and leaves
# 30 MB more beside an export. It reads this when the library is loaded, so before anything imports that.
os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:1000,muzzy_decay_ms:0")
