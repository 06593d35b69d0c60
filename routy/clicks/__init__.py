"""The click walk, one file a step, in walking order: visit · lookup · rules · caps · click · spool · loader.

redirect.py shows the walk and is the file to read first; password.py, options.py and macros.py are what a link may
ask of it, books.py keeps account of it, telling.py writes down what came about on it, and missing.py counts the
slugs that nobody made. streams.py lists what is kept this way, clicks and the log of API requests alike.

What the loader adds to a row: agent, classify, networks, geo, salt, put together by enrich.py; storing.py makes the
rows of it. What becomes of rows later: rollups, counters, reclassify, generations, erasing, archive, verify.
"""
