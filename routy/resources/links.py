"""Links: what everything is about."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from routy.errors import Conflict, Invalid
from routy.formats import authority, url_scheme
from routy.ids import random_base62
from routy.paths import RESERVED, first_segment
from routy.resource import Actor, Field, Record, Row, Tx, check, computed, fill
from routy.resources.domains import RedirectStatus, default_domain

SLUG_LENGTH = 7
CACHED_STATUSES = (301, 308)


class Link(Record, prefix="link", plural="links", label="slug"):
    """A slug on a domain that sends a visitor to a destination."""

    domain_id: Annotated[
        str,
        Field(
            "The domain that it lives on; left out: the workspace's default domain.",
            filled=True,
            refs="domains",
            filters="eq",
            example="dom_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    host: Annotated[
        str, Field("The host of its domain.", read_only=True, joined="domain_id.host", example="go.acme.example")
    ]
    https: Annotated[bool, Field(hidden=True, joined="domain_id.https")]
    slug: Annotated[
        str,
        Field(
            "Its path on the domain, letters of any script, with slashes if you like; left out: seven random "
            "characters.",
            filled=True,
            min_length=1,
            max_length=128,
            format="slug",
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="summer",
        ),
    ]
    slug_key: Annotated[str, Field(hidden=True)]
    destination: Annotated[
        str,
        Field(
            "Where it sends visitors: a URL, or an address of an app whose scheme the workspace allows.",
            min_length=1,
            max_length=8192,
            format="destination",
            filters="eq prefix contains",
            search=True,
            example="https://acme.example/summer?color=green",
        ),
    ]
    title: Annotated[
        str | None,
        Field(
            "What it is called on screen.",
            max_length=200,
            filters="eq prefix contains null",
            sort=True,
            search=True,
            example="Summer sale",
        ),
    ]
    notes: Annotated[
        str | None, Field("Notes for yourselves.", max_length=2000, format="prose", example="Ends in May")
    ]
    folder_id: Annotated[
        str | None,
        Field(
            "The folder that it lies in.",
            refs="folders",
            filters="eq ne null",
            example="fold_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    tag_ids: Annotated[
        list[str],
        Field(
            "Its tags; the filter finds links that have any of those named.",
            default=[],
            max_length=50,
            refs="tags",
            through="link_tags",
            filters="eq ne null",
            example=["tag_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"],
        ),
    ]
    status: Annotated[
        Literal["active", "paused", "archived"],
        Field(
            "Only an active link sends visitors on; the others show that it is not active, or the fallback.",
            default="active",
            filters="eq ne",
            sort=True,
            example="active",
        ),
    ]
    redirect_status: Annotated[
        RedirectStatus,
        Field(
            "The HTTP status of the redirect; left out: the domain's. Browsers remember 301 and 308 and do not "
            "come back, so their later clicks are lost.",
            filled=True,
            filters="eq",
            example=302,
        ),
    ]
    pass_query: Annotated[
        bool,
        Field(
            "Whether the visitor's query parameters are passed on; left out: as the domain says.",
            filled=True,
            filters="eq",
            example=True,
        ),
    ]
    expires_at: Annotated[
        datetime | None,
        Field(
            "When it stops sending visitors on; null: never.",
            filters="gt gte lt lte null",
            sort=True,
            example="2027-01-31T00:00:00.000Z",
        ),
    ]


@fill(Link)
def takes_from_its_domain(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    """The default domain, its redirect settings, a random slug, and the slug as the domain's case rule has it."""
    domain = _domain(tx, actor, row)
    slug = row["slug"] or _free_slug(tx, domain)
    return {
        "domain_id": domain["id"],
        "slug": slug,
        "slug_key": slug_key(slug, bool(domain["case_sensitive"])),
        "redirect_status": row["redirect_status"] or domain["redirect_status"],
        "pass_query": bool(domain["pass_query"]) if row["pass_query"] is None else row["pass_query"],
    }


@check(Link)
def slug_is_not_reserved(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after and first_segment(after["slug"]).casefold() in RESERVED:
        raise Invalid({"slug": f"must not begin with {first_segment(after['slug'])}: Routy answers there itself"})


@check(Link)
def destination_may_be_sent_to(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["destination"] == after["destination"]):
        return
    if url_scheme(after["destination"]) in ("http", "https"):
        _must_not_loop(tx, after["destination"])
        return
    allowed = tx.one(
        "/* workspaces.app_schemes */ SELECT 1 FROM workspaces, json_each(app_schemes)"
        " WHERE workspaces.id = ? AND lower(json_each.value) = ?",
        (actor.workspace_id, url_scheme(after["destination"])),
    )
    if allowed is None:
        raise Invalid({"destination": "must begin with http://, https:// or a scheme that the workspace allows"})


@computed(Link)
def short_url(row: Row) -> str:
    """Its address, as it is given to people."""
    scheme = "https" if row["https"] else "http"
    return f"{scheme}://{row['host']}/{quote(row['slug'], safe='/~!$&()*+,;=:@')}"


@computed(Link)
def warnings(row: Row) -> list[str]:
    """What its maker should know."""
    if row["redirect_status"] in CACHED_STATUSES:
        return [f"browsers remember a {row['redirect_status']} and do not ask again: later clicks are lost"]
    return []


def slug_key(slug: str, case_sensitive: bool) -> str:
    """The form that a slug is found by."""
    plain = unicodedata.normalize("NFC", slug)
    return plain if case_sensitive else unicodedata.normalize("NFC", plain.casefold())


def _domain(tx: Tx, actor: Actor, row: Row) -> Row:
    if row["domain_id"] is None:
        domain = default_domain(tx, actor)
        if domain is None:
            raise Conflict("the workspace has no domain to make links on: add one with POST /domains")
        return domain
    found = tx.one(
        "/* domains.of_link */ SELECT id, host, case_sensitive, redirect_status, pass_query FROM domains"
        " WHERE id = ? AND workspace_id = ? AND deleted_at IS NULL",
        (row["domain_id"], actor.workspace_id),
    )
    if found is None:
        raise Invalid({"domain_id": "there is no such record here"})
    return found


def _free_slug(tx: Tx, domain: Row) -> str:
    for _ in range(10):
        slug = random_base62(SLUG_LENGTH)
        key = slug_key(slug, bool(domain["case_sensitive"]))
        taken = tx.one(
            "/* links.slug_taken */ SELECT 1 FROM links"
            " WHERE domain_id = ? AND slug_key = ? AND deleted_at IS NULL",
            (domain["id"], key),
        )
        if taken is None and slug not in RESERVED:
            return slug
    raise Conflict("no random slug is free on this domain: name one")


def _must_not_loop(tx: Tx, destination: str) -> None:
    """A destination on one of our own hosts would come straight back."""
    own = tx.one(
        "/* domains.own_host */ SELECT host FROM domains"
        " WHERE host = ? AND status = 'verified' AND deleted_at IS NULL",
        (authority(destination),),
    )
    if own:
        raise Invalid({"destination": f"leads back to {own['host']}, a domain of this server"})
