"""Routy: a redirect, a JSON API and a dashboard for people who earn with links, in one process.

Where to read first, along the two walks that carry everything:

A click     front.py → clicks/redirect.py (read this one first) → visit, lookup, rules, caps, click, spool
            → later, in a worker, clicks/loader.py → enrich, classify → storing, store/duck/judge.sql
            → later, in a report, reports/run.py
A write     api/routes.py → api/guard.py → api/crud.py → records/write.py (parse, check, row, audit entry, event)
            → records/show.py

Then    resource.py, what a resource is, and resources/, one file a resource, with RESOURCES as table of contents
        records/, what all resources share: parse, write, read, query, show
        store/, the record store (SQLite) and the click store (DuckDB)
        clicks/generations.py, how months are written anew: sorted, pruned, erased, repaired
        public/, statistics that strangers may see, and dashboard/, a client of the API
        deliveries/, what goes out and must arrive; webhooks/, mail/ and alerts/, which use it
        exports/ and imports/, files out and files in
        work/workers.py, everything that happens in the background, in one table
        app.py, which wires all of it, serving.py, which puts HTTP before it, and cli.py, which starts that
"""

__version__ = "0.1.0"
