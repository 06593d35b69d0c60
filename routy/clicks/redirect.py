"""The click walk. Read this file first.

`answer` takes a visit from the request to the response: read, find, choose, keep, respond. It touches no SQLite,
no DuckDB and no lock that anybody waits behind; what cannot be kept is counted, and the visitor goes on anyway.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from routy.clicks import click, pages, rules, visit
from routy.clicks.books import Books
from routy.clicks.lookup import Domain, Link, LinkTable
from routy.clicks.missing import MissingSlugs
from routy.clicks.rules import Choice
from routy.clicks.spool import Refused, Spool
from routy.clicks.visit import Environ, Proxies, Visit
from routy.clock import Clock

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True)
class Walk:
    """What a click needs on its way."""

    clock: Clock
    proxies: Proxies
    table: LinkTable
    spool: Spool
    books: Books
    missing: MissingSlugs


def answer(walk: Walk, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """One visit, from the request to the response."""
    asked = visit.read(environ, walk.clock(), walk.proxies)
    if asked.method not in ("GET", "HEAD"):
        return pages.method_not_allowed(start_response)
    domain, link = walk.table.find(asked.host, asked.slug)
    if domain is None or link is None:
        return _answer_missing(walk, asked, domain, start_response)
    choice = rules.choose(domain, link, asked)
    walk.books.begun.add(choice.branch)
    _keep(walk, asked, domain, link, choice)
    walk.books.answered.add(choice.branch)
    return pages.respond(choice, asked.method, start_response)


def _keep(walk: Walk, asked: Visit, domain: Domain, link: Link, choice: Choice) -> None:
    try:
        walk.spool.append(click.line(walk.books.run, asked, domain, link, choice))
    except Refused as refusal:
        walk.books.refused.add(refusal.reason)


def _answer_missing(
    walk: Walk, asked: Visit, domain: Domain | None, start_response: StartResponse
) -> Iterable[bytes]:
    if domain is not None:
        walk.missing.count(domain, asked)
    return pages.respond(rules.choose_for_missing(domain), asked.method, start_response)
