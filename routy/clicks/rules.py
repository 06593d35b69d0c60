"""Step four of the click walk: where this visit goes, and why. Pure functions of link, domain and visit."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from routy.clicks.lookup import Domain, Link
from routy.clicks.macros import Moment, Template, filled
from routy.clicks.options import PLAIN, is_web, parameter_name
from routy.clicks.visit import Visit


class Choice(NamedTuple):
    """`branch` is one of BRANCHES; `reason` is why it was not the destination, or what a password's form says.
    `location` is empty where a page answers. `own` are the link's own parameters, as a query string. `counted`: a
    place under the link's limit was taken for it. `retry_after` is in seconds."""

    branch: str
    reason: str
    status: int
    location: str
    own: str = ""
    counted: bool = False
    retry_after: int = 0


SENT = frozenset(("destination", "android", "ios"))  # those that count as sent on
BRANCHES = (*sorted(SENT), "fallback", "inactive", "password", "preview", "tracked", "not_found")
INACTIVE = 410  # it was there and is over; unlike a 404 it tells the owner's visitors that the address was right
NOT_FOUND = Choice("not_found", "", 404, "")


def choose(domain: Domain, link: Link, visit: Visit) -> Choice:
    """Where the link would send this visit. Its limit and its password come after this (redirect.py)."""
    options = link.options
    reason = link.inactive or ("expired" if visit.now >= link.expires_at else "")
    if options is not PLAIN:
        return _choose_by_options(domain, link, visit, reason)
    if reason:
        return stopped(domain, link, visit, reason)
    destination = with_query(link.destination, visit.query) if link.pass_query and visit.query else link.destination
    return Choice("destination", "", link.redirect_status, destination)


def choose_for_missing(domain: Domain | None) -> Choice:
    if domain is None or not domain.not_found_url:
        return NOT_FOUND
    return Choice("not_found", "", 302, domain.not_found_url)


def _choose_by_options(domain: Domain, link: Link, visit: Visit, reason: str) -> Choice:
    options = link.options
    reason = reason or ("not_started" if visit.now < options.starts_at else "")
    if reason:
        return stopped(domain, link, visit, reason)
    moment = Moment(visit, options.own_values)
    own = filled(options.own, moment)
    if options.mode == "never":
        return Choice("tracked", "", 204, "", own)
    if visit.class_ == "preview" and options.og:
        return Choice("preview", "", 200, "", own)
    branch, to = _target(link, visit)
    if not to:
        return stopped(domain, link, visit, "no_rule")
    return Choice(branch, "", link.redirect_status, _passing(link, visit, filled(to, moment)), own)


def _target(link: Link, visit: Visit) -> tuple[str, Template]:
    """The URL of the visitor's platform where the link has one, else its destination where the mode allows it."""
    options = link.options
    system = platform(visit.agent, visit.platform) if options.android or options.ios else ""
    if system == "android" and options.android:
        return "android", options.android
    if system == "ios" and options.ios:
        return "ios", options.ios
    return "destination", "" if options.mode == "rule_only" else options.destination


def stopped(domain: Domain, link: Link, visit: Visit, reason: str) -> Choice:
    """What becomes of a visit that the link does not send on: its fallback, the domain's, or a page."""
    options = link.options
    moment = Moment(visit, options.own_values)
    own = filled(options.own, moment)
    to = "" if options.mode in ("always", "never") else options.fallback or domain.fallback_url
    if to:
        return Choice("fallback", reason, 302, filled(to, moment), own)
    return Choice("inactive", reason, 404 if reason == "no_rule" else INACTIVE, "", own)


_ON_APPLE = ("Mobile/", "CriOS/", "FxiOS/", "EdgiOS/", "GSA/")


@lru_cache(maxsize=8192)
def platform(agent: str, hint: str) -> str:
    """android, ios or empty. An iPad that asks for desktop pages calls itself a Macintosh, and is told only by what
    no browser of a Macintosh says; `hint` is Sec-CH-UA-Platform, which an Android does not hide."""
    if "Windows Phone" in agent:
        return ""
    if "iPhone" in agent or "iPad" in agent or "iPod" in agent or hint == '"iOS"':
        return "ios"
    if "Android" in agent or hint == '"Android"':
        return "android"
    return "ios" if "Macintosh" in agent and any(word in agent for word in _ON_APPLE) else ""


# ---- the visitor's query


def _passing(link: Link, visit: Visit, url: str) -> str:
    """The URL with what the link passes on: the query, and the sub id under the name that it has there."""
    query = visit.query if link.pass_query else ""
    if visit.sub_id and link.options.sub_id_target:
        target = link.options.sub_id_target
        others = [part for part in query.split("&") if part and parameter_name(part) != target]
        query = "&".join([*others, f"{target}={quote(visit.sub_id, safe='', errors='replace')}"])
    return with_query(url, query) if query else url


def with_query(destination: str, query: str) -> str:
    """The visitor's parameters behind the destination's own; what the destination says itself stands."""
    if not destination.startswith(("https://", "http://")) and not is_web(destination):
        return destination
    address, hash_, fragment = destination.partition("#")
    path, _, own = address.partition("?")
    if own:
        query = "&".join([own, *_without(query, own)])
    return f"{path}?{query}{hash_}{fragment}"


def _without(query: str, own: str) -> list[str]:
    """On every redirect that passes a query on, so without a call for each of its parameters."""
    taken = {parameter_name(part) for part in own.split("&")}
    return [
        part
        for part in query.split("&")
        if (name := part.partition("=")[0]) not in taken
        and (("%" not in name and "+" not in name) or unquote_plus(name) not in taken)
    ]
