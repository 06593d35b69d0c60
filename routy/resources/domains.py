"""Domains: the hosts that links live on."""

import json
from datetime import datetime
from typing import Annotated, Literal

from routy.errors import Conflict, Invalid
from routy.formats import authority
from routy.ids import random_base62
from routy.resource import Actor, Change, Field, Record, Row, Tx, check, computed, effects, fill
from routy.resources.macros import macros_are_known

RedirectStatus = Literal[301, 302, 307, 308]


class Domain(Record, prefix="dom", plural="domains", label="host"):
    """A host that links live on. It answers once it is verified: by a DNS TXT record or by a file that this
    server shows under the host (see POST /domains/{id}/verification)."""

    host: Annotated[
        str,
        Field(
            "The host, with a port where it is not the usual one; only one workspace can have it verified.",
            max_length=260,
            format="hostname",
            create_only=True,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="go.acme.example",
        ),
    ]
    status: Annotated[
        Literal["pending", "verified"],
        Field("Only a verified domain answers.", read_only=True, filters="eq", example="verified"),
    ]
    verified_at: Annotated[datetime | None, Field("When it was verified.", read_only=True)]
    verification: Annotated[
        str, Field("The text that the TXT record or file must hold.", read_only=True, example="routy-verify=h2K…")
    ]
    is_default: Annotated[
        bool,
        Field(
            "Whether links are made on it when they name no domain; a workspace has one such.",
            default=False,
            filters="eq",
            example=False,
        ),
    ]
    https: Annotated[
        bool,
        Field("Whether its addresses are given to people with https://.", default=True, example=True),
    ]
    case_sensitive: Annotated[
        bool,
        Field(
            "Whether /Sale and /sale are two links. It cannot be changed while the domain has links.",
            default=False,
            example=False,
        ),
    ]
    redirect_status: Annotated[
        RedirectStatus, Field("The redirect status of links that name none.", default=302, example=302)
    ]
    pass_query: Annotated[
        bool,
        Field(
            "Whether links pass the visitor's query parameters on, unless they say otherwise.",
            default=True,
            example=True,
        ),
    ]
    fallback_url: Annotated[
        str | None,
        Field(
            "Where visitors of an expired, paused or archived link go that has no fallback of its own; a page "
            "tells them when it is empty. It may hold macros.",
            max_length=2048,
            format="uri",
            example="https://acme.example/",
        ),
    ]
    not_found_url: Annotated[
        str | None,
        Field(
            "Where visitors of an unknown slug go; a 404 page when it is empty.",
            max_length=2048,
            format="uri",
            example="https://acme.example/404",
        ),
    ]


@fill(Domain)
def begins_unverified(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    if before is not None or row.get("status"):
        return {}
    return {"status": "pending", "verification": f"routy-verify={random_base62(24)}"}


@fill(Domain)
def first_is_default(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    return {} if before is not None or default_domain(tx, actor) else {"is_default": True}


@check(Domain)
def a_default_is_left(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """The flag moves by making another domain the default; it is never just taken away."""
    if before is None or not before["is_default"] or (after and after["is_default"]):
        return
    others = tx.rows(
        "/* domains.others */ SELECT is_default FROM domains"
        " WHERE workspace_id = ? AND id <> ? AND deleted_at IS NULL",
        (before["workspace_id"], before["id"]),
    )
    if others and not any(row["is_default"] for row in others):
        raise Invalid({"is_default": "make another domain the default first"})


@check(Domain)
def its_urls_lead_elsewhere(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Not to itself nor to another domain of this server: a visitor would come straight back."""
    given = {name: after[name] for name in ("fallback_url", "not_found_url") if after and after[name]}
    changed = {name: url for name, url in given.items() if before is None or before[name] != url}
    host = after["host"] if after else ""
    back = {name: leads_back(tx, url, host) for name, url in changed.items()}
    wrong = {name: f"leads back to {own}, a domain of this server" for name, own in back.items() if own}
    if "{" in changed.get("not_found_url", ""):
        wrong["not_found_url"] = "must not hold macros: there is no click to tell of"
    if wrong:
        raise Invalid(wrong)
    macros_are_known({"fallback_url": changed.get("fallback_url", "")})


@check(Domain)
def has_no_links(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Links would go silent with their domain, or collide under another case rule."""
    goes = before is not None and after is None
    recased = before is not None and after is not None and before["case_sensitive"] != after["case_sensitive"]
    if not (goes or recased) or before is None:
        return
    held = tx.one(
        "/* links.on_domain */ SELECT count(*) AS links FROM links WHERE domain_id = ? AND deleted_at IS NULL",
        (before["id"],),
    )
    if held and held["links"]:
        what = "deleted" if goes else "recased"
        raise Conflict(f"a domain with links cannot be {what}: {held['links']} live on {before['host']}")


@computed(Domain)
def dns_record(row: Row) -> str:
    """The DNS record that verifies it."""
    return f'_routy.{row["host"].partition(":")[0]}. TXT "{row["verification"]}"'


@computed(Domain)
def verification_url(row: Row) -> str:
    """The address under which this server shows the verifying text, once the host points to it."""
    return f"http://{row['host']}/.well-known/routy-verification"


@effects(Domain)
def only_one_default(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> list[Change]:
    if after is None or not after["is_default"]:
        return []
    others = tx.rows(
        "/* domains.other_defaults */ SELECT id FROM domains"
        " WHERE workspace_id = ? AND is_default = 1 AND id <> ? AND deleted_at IS NULL",
        (after["workspace_id"], after["id"]),
    )
    return [Change(Domain, "update", {"is_default": False}, row["id"]) for row in others]


def default_domain(tx: Tx, actor: Actor) -> Row | None:
    """The domain that links are made on when they name none."""
    return tx.one(
        "/* domains.default */ SELECT id, host, case_sensitive, redirect_status, pass_query FROM domains"
        " WHERE workspace_id = ? AND is_default = 1 AND deleted_at IS NULL",
        (actor.workspace_id,),
    )


LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]")  # noqa: S104 (compared with, not listened on)


def leads_back(tx: Tx, url: str, also: str = "") -> str:
    """The verified domain of this server that a URL names, or `also`, however it is spelled; else empty."""
    spelled = _spellings(authority(url))
    found = tx.one(
        "/* domains.own_host */ SELECT d.host FROM domains d, json_each(?) e"
        " WHERE d.host = e.value AND d.status = 'verified' AND d.deleted_at IS NULL",
        (json.dumps(spelled),),
    )
    return str(found["host"]) if found else also if also in spelled else ""


def _spellings(host: str) -> list[str]:
    """`127.0.0.2:8787` is `localhost:8787` too: every way to name this very machine."""
    name, colon, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "")
    local = name in LOOPBACK or name.startswith("127.") or name.endswith(".localhost")
    return [host, *(f"{one}{colon}{port}" for one in LOOPBACK)] if local else [host]
