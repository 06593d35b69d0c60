"""Questions to the click store: params (what is asked) → source (counted from what) → build (SQL) → run (answer).

asking.py is the door; metrics.py and dimensions.py are the registries of what can be asked, which schema.py lists.
zones.py and buckets.py cut time, compared.py finds the time before; names.py goes between ids of records and the
small keys that rows carry; rows.py and listed.py read single clicks and API requests; files.py writes either as a
file; body.py reads JSON bodies.
"""
