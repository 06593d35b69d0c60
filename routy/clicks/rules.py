"""Step three of the click walk: where this visit goes, and why. Pure functions of link, domain and visit."""

from typing import NamedTuple

from routy.clicks.lookup import Domain, Link
from routy.clicks.visit import Visit


class Choice(NamedTuple):
    """`branch` is destination, fallback, inactive or not_found; `reason` is why it was not the destination.
    `location` is empty where a page answers."""

    branch: str
    reason: str
    status: int
    location: str


INACTIVE = 410  # it was there and is over; unlike a 404 it tells the owner's visitors that the address was right
NOT_FOUND = Choice("not_found", "", 404, "")


def choose(domain: Domain, link: Link, visit: Visit) -> Choice:
    reason = link.inactive or ("expired" if visit.now >= link.expires_at else "")
    if reason:
        return _stopped(domain, reason)
    destination = with_query(link.destination, visit.query) if link.pass_query and visit.query else link.destination
    return Choice("destination", "", link.redirect_status, destination)


def choose_for_missing(domain: Domain | None) -> Choice:
    if domain is None or not domain.not_found_url:
        return NOT_FOUND
    return Choice("not_found", "", 302, domain.not_found_url)


def _stopped(domain: Domain, reason: str) -> Choice:
    if domain.fallback_url:
        return Choice("fallback", reason, 302, domain.fallback_url)
    return Choice("inactive", reason, INACTIVE, "")


def with_query(destination: str, query: str) -> str:
    """The visitor's parameters behind the destination's own; what the destination says itself stands."""
    if not destination.startswith(("http://", "https://")):
        return destination
    address, hash_, fragment = destination.partition("#")
    path, _, own = address.partition("?")
    if own:
        query = "&".join([own, *_without(query, own)])
    return f"{path}?{query}{hash_}{fragment}"


def _without(query: str, own: str) -> list[str]:
    taken = {part.partition("=")[0] for part in own.split("&")}
    return [part for part in query.split("&") if part.partition("=")[0] not in taken]
