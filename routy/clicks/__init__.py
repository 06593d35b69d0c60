"""The click walk, one file a step, in walking order: visit · lookup · rules · click · spool · loader.

redirect.py shows the walk and is the file to read first; books.py keeps account of it; agent, geo, salt and
enrich say what the loader adds to a row; missing.py counts the slugs that nobody made; streams.py lists what
is kept this way, clicks and the log of API requests alike.
"""
