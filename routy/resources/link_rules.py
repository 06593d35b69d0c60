"""The rules of links: what is filled in, what may lead where, which macros there are."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from routy.errors import Conflict, Invalid
from routy.formats import url_scheme
from routy.ids import random_base62
from routy.paths import RESERVED, first_segment
from routy.resource import Actor, Row, Tx, check, computed, fill
from routy.resources.domains import default_domain, leads_back
from routy.resources.links import PARAMETER, Link
from routy.resources.macros import UTM, macros_are_known

SLUG_LENGTH = 7
CACHED_STATUSES = (301, 308)
LEADING = ("destination", "android_url", "ios_url", "fallback_url")  # where visitors may be sent


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


@fill(Link)
def begins_to_count(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    return {"clicks": 0, "uniques": 0} if before is None else {}


@fill(Link)
def another_mark_is_told_again(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    """A limit or threshold that was changed has not been reached yet: whoever counts finds out."""
    if before is None:
        return {}
    told = {"limit_reached_at": ("click_limit", "click_limit_counts"), "threshold_crossed_at": ("click_threshold",)}
    return {mark: None for mark, of in told.items() if any(before[name] != row[name] for name in of)}


@check(Link)
def slug_is_not_reserved(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after and first_segment(after["slug"]).casefold() in RESERVED:
        raise Invalid({"slug": f"must not begin with {first_segment(after['slug'])}: Routy answers there itself"})


@check(Link)
def where_it_leads_may_be_sent_to(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """A URL of the web that does not come straight back, or the address of an app that the workspace allows."""
    wrong = {name: _unfit(tx, actor, after[name]) for name in _changed(LEADING, before, after)} if after else {}
    wrong = {name: why for name, why in wrong.items() if why}
    if wrong:
        raise Invalid(wrong)


@check(Link)
def its_macros_are_known(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    given = _changed((*LEADING, *UTM, "parameters"), before, after) if after else []
    texts = {name: after[name] for name in given} if after else {}
    if "parameters" in texts:
        texts["parameters"] = "\n".join(texts["parameters"].values())
    macros_are_known(texts)


@check(Link)
def an_image_has_no_macros(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after and "{" in (after["og_image"] or ""):
        raise Invalid({"og_image": "must not hold macros: whoever shows the preview is no click"})


@check(Link)
def its_parameters_have_names(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Names that need no encoding, and none that is given in another way already."""
    named = after["parameters"] if after else {}
    unfit = [name for name in named if not re.fullmatch(PARAMETER, name, re.ASCII)]
    if unfit:
        raise Invalid({"parameters": f"{unfit[0]!r} is no name of a parameter: letters, digits, . _ - only"})
    twice = [name for name in UTM if after and after[name] is not None and name in named]
    if twice:
        raise Invalid({"parameters": f"{twice[0]} is given twice: as a field and in here"})
    if after and after["click_id_parameter"] in (*named, *(name for name in UTM if after[name] is not None)):
        raise Invalid({"click_id_parameter": "is one of the link's own parameters already"})


@check(Link)
def it_starts_before_it_expires(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or None in (after["starts_at"], after["expires_at"]):
        return
    if after["starts_at"] >= after["expires_at"]:
        late = "expires_at" if before and before["starts_at"] == after["starts_at"] else "starts_at"
        raise Invalid({late: "the link would start when it has expired"})


@computed(Link)
def short_url(row: Row) -> str:
    """Its address, as it is given to people."""
    scheme = "https" if row["https"] else "http"
    return f"{scheme}://{row['host']}/{quote(row['slug'], safe='/~!$&()*+,;=:@')}"


@computed(Link)
def has_password(row: Row) -> bool:
    """Whether visitors must type a password."""
    return row["password"] is not None


@computed(Link)
def warnings(row: Row) -> list[str]:
    """What its maker should know."""
    return [text for wrong, text in _warned(row) if wrong]


def _warned(row: Row) -> Iterator[tuple[bool, str]]:
    status, mode = row["redirect_status"], row["redirect_mode"]
    cached = status in CACHED_STATUSES and mode != "never"
    yield cached, f"browsers remember a {status} and do not ask again: later clicks are lost"
    nowhere = mode == "rule_only" and not (row["android_url"] or row["ios_url"])
    yield nowhere, "rule_only sends nobody to the destination, and there is no URL of a platform"
    apps = [row[name] for name in ("destination", "android_url", "ios_url") if row[name]]
    adds = row["click_id_parameter"] or row["parameters"] or any(row[name] for name in UTM)
    lost = bool(adds) and any(not url.lower().startswith(("http://", "https://")) for url in apps)
    yield lost, "parameters and the click's id are not added to the address of an app: put macros into it"


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


def _changed(names: tuple[str, ...], before: Row | None, after: Row) -> list[str]:
    """Those that were given: what was fine when it was written is not judged again by every other change."""
    return [name for name in names if after[name] and (before is None or before[name] != after[name])]


def _unfit(tx: Tx, actor: Actor, url: str) -> str:
    """Why nobody may be sent there, or empty."""
    scheme = url_scheme(url)
    if scheme in ("http", "https"):
        own = leads_back(tx, url)
        return f"leads back to {own}, a domain of this server" if own else ""
    allowed = tx.one(
        "/* workspaces.app_schemes */ SELECT 1 FROM workspaces, json_each(app_schemes)"
        " WHERE workspaces.id = ? AND lower(json_each.value) = ?",
        (actor.workspace_id, scheme),
    )
    return "" if allowed else "must begin with http://, https:// or a scheme that the workspace allows"
