"""Everything that happens in the background: workers.py is the table, loop.py turns one of its rows."""
