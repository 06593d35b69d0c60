"""Questions to the click store: params (what is asked) → build (the SQL) → run (the answer).

metrics.py and dimensions.py are the registries of what can be asked; rows.py reads single clicks and API requests;
names.py goes between the ids of records and the small keys that rows carry.
"""
