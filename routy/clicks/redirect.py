"""The click walk. Read this file first.

`answer` takes a visit from the request to the response: read, find, begin, choose, keep, respond. It touches no
SQLite, no DuckDB and no lock that anybody waits behind; what cannot be kept is counted, and the visitor goes on
anyway.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from routy.clicks import click, geo, pages, rules, visit
from routy.clicks.books import Books
from routy.clicks.lookup import Domain, Link, LinkTable
from routy.clicks.missing import MissingSlugs
from routy.clicks.options import PLAIN
from routy.clicks.password import Passwords
from routy.clicks.rules import Choice
from routy.clicks.spool import Refused, Spool
from routy.clicks.visit import Environ, Proxies, Visit
from routy.clock import Clock

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
GUARDED = frozenset((*rules.SENT, "preview"))  # what a limit or a password may still keep a visit from


@dataclass(frozen=True)
class Walk:
    """What a click needs on its way."""

    clock: Clock
    proxies: Proxies
    table: LinkTable
    spool: Spool
    books: Books
    missing: MissingSlugs
    respect_dnt: bool = False
    country_of: Callable[[str], str] = geo.country
    passwords: Passwords = field(default_factory=Passwords)


def answer(walk: Walk, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """One visit, from the request to the response."""
    asked = visit.read(environ, walk.clock(), walk.proxies)
    domain, link = walk.table.find(asked.host, asked.slug)
    if asked.method != "GET" and not _takes(link, asked.method):
        return pages.method_not_allowed(start_response)
    if domain is None or link is None:
        return _answer_missing(walk, asked, domain, start_response)
    click.begin(asked, link, walk.country_of)
    choice = rules.choose(domain, link, asked)
    if link.options is not PLAIN and choice.branch in GUARDED:
        choice = _pass_guards(walk, environ, domain, link, asked, choice)
    walk.books.begun.add(choice.branch)
    _keep(walk, asked, domain, link, choice)
    walk.books.answered.add(choice.branch)
    return pages.respond(choice, asked.method, start_response, link.options.og)


def _takes(link: Link | None, method: str) -> bool:
    """A POST brings the password of a link that has one."""
    return method == "HEAD" or (method == "POST" and link is not None and link.options.password is not None)


def _pass_guards(walk: Walk, environ: Environ, domain: Domain, link: Link, asked: Visit, choice: Choice) -> Choice:
    """The limit and the password have their say; the last step takes one of the limit's places."""
    options, caps = link.options, walk.table.caps
    if options.limit is not None and caps.is_full(link.key):
        return rules.stopped(domain, link, asked, "limit")
    if choice.branch == "preview":
        return choice
    if options.password is not None:
        instead = walk.passwords.ask(asked, link.key, options.password, environ)
        if instead is not None:
            return instead._replace(own=choice.own)
    admitted, counted = caps.reserve(link.key, asked.class_, asked.now)
    if not admitted:
        choice = rules.stopped(domain, link, asked, "limit")
    turned = asked.method == "POST" and choice.location  # what was typed is not posted on to where it leads
    return choice._replace(counted=counted, status=303 if turned else choice.status)


def _keep(walk: Walk, asked: Visit, domain: Domain, link: Link, choice: Choice) -> None:
    private = asked.private and walk.respect_dnt
    try:
        walk.spool.append(click.line(walk.books.run, asked, domain, link, choice, private))
    except Refused as refusal:
        walk.books.refused.add(refusal.reason)
        if choice.counted:
            walk.table.caps.release(link.key, asked.class_)


def _answer_missing(
    walk: Walk, asked: Visit, domain: Domain | None, start_response: StartResponse
) -> Iterable[bytes]:
    if domain is not None:
        walk.missing.count(domain, asked)
    return pages.respond(rules.choose_for_missing(domain), asked.method, start_response)
