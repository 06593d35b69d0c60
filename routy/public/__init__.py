"""Public statistics: what shares show to anybody, as pages, embeds, badges and files.

asked.py (which address, which parameters) → shared.py (what is shared, and whether it lives) → doors.py (password
or signed token) → questions.py (what the reports are asked) → kept.py (asked once for many) → figures.py (the
answer) → pages.py, pictures.py, files.py (how it looks). stand.py walks through all of it.
"""
