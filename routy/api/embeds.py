"""Signed tokens for the addresses of shares: made, and taken back one by one or all at once.

A token is not stored: it says which share it opens, until when, and what it is locked to. It lives in the address
of an embed that somebody's own server writes for one of its users.
"""

from typing import Annotated, Any

import msgspec

from routy import signing
from routy.api.call import Answer, Call, Endpoint
from routy.clock import MINUTE, iso
from routy.errors import Conflict, Forbidden, Invalid
from routy.ids import random_base62
from routy.records import read, write
from routy.resource import Field, Form
from routy.resources.shares import EMBED_PURPOSE, LOCKS, LONGEST_TOKEN, MOST_REVOKED, READS, Share, claims

TOKEN_ID_LENGTH = 12


class EmbedTokenForm(Form):
    minutes: Annotated[int, Field("How long it is good for.", default=1440, least=1, most=527_040, example=60)]
    filters: Annotated[
        dict[
            Annotated[str, msgspec.Meta(min_length=1, max_length=64)],
            Annotated[str, msgspec.Meta(max_length=500)],
        ],
        Field(
            f"What its bearer's sight is narrowed to: some of {', '.join(LOCKS)}, with values as in reports. Only "
            "for a share that requires tokens, as its other addresses show all of it.",
            default={},
            max_length=len(LOCKS),
            example={"country": "DE"},
        ),
    ]


class EmbedToken(Form):
    id: Annotated[str, Field("By which it can be taken back.", example="1b9Xa0QmZr7T")]
    token: Annotated[
        str, Field("The token: send it as ?token= to the addresses of the share.", example="eyJhbGciOi…")
    ]
    expires_at: Annotated[str, Field("When its time is over.", example="2026-11-22T12:00:00.000Z")]
    filters: Annotated[dict[str, str], Field("What it is locked to.", example={"country": "DE"})]
    embed_url: Annotated[
        str, Field("The embed with it.", example="https://go.example/embed/4fK2…?token=eyJhbGciOi…")
    ]
    page_url: Annotated[str, Field("The page with it.", example="https://go.example/s/4fK2…?token=eyJhbGciOi…")]


def _make(call: Call) -> Answer:
    form = call.form()
    share = read.find(call.services.records, call.actor, Share, call.path["id"])
    if READS not in call.actor.scopes:
        raise Forbidden(f"to let somebody see figures needs the scope {READS}")
    _check(call, share, form["filters"])
    token_id, until = random_base62(TOKEN_ID_LENGTH), call.now + form["minutes"] * MINUTE
    token = signing.sign(call.services.secret, EMBED_PURPOSE, claims(share, token_id, form["filters"]), until)
    if len(token) > LONGEST_TOKEN:
        raise Invalid({"filters": "are too long for an address: lock to fewer values"})
    base = call.services.config.public_url
    shown = {
        "id": token_id,
        "token": token,
        "expires_at": iso(until // 1000 * 1000),
        "filters": form["filters"],
        "embed_url": f"{base}/embed/{share['slug']}?token={token}",
        "page_url": f"{base}/s/{share['slug']}?token={token}",
    }
    return Answer(data=shown, status=201)


def _check(call: Call, share: dict[str, Any], filters: dict[str, str]) -> None:
    wrong = {f"filters.{name}": f"must be one of {', '.join(LOCKS)}" for name in filters if name not in LOCKS}
    wrong |= {f"filters.{name}": "must not be empty" for name, value in filters.items() if not value}
    if wrong:
        raise Invalid(wrong)
    if filters and not share["requires_token"]:
        raise Conflict("this share shows all of it without a token: set its requires_token first")
    if filters.get("link_id", share["subject_id"]) != share["subject_id"] and share["subject_id"].startswith(
        "link_"
    ):
        raise Invalid({"filters.link_id": "is not the link that is shared"})
    try:
        call.services.reporting.version(call.actor, list(filters.items()), "json")
    except Invalid as error:
        raise Invalid({f"filters.{name}": text for name, text in error.fields.items()}) from None


def _revoke_all(call: Call) -> Answer:
    with call.services.records.transaction(call.now) as tx:
        share = read.find(tx, call.actor, Share, call.path["id"])
        values = {"embed_generation": share["embed_generation"] + 1, "revoked_tokens": []}
        write.update(tx, call.actor, Share, share["id"], values)
    return Answer(status=204)


def _revoke(call: Call) -> Answer:
    with call.services.records.transaction(call.now) as tx:
        share = read.find(tx, call.actor, Share, call.path["id"])
        token_id = call.path["token_id"]
        if not (token_id.isascii() and token_id.isalnum() and len(token_id) == TOKEN_ID_LENGTH):
            raise Invalid({"token_id": f"must be {TOKEN_ID_LENGTH} letters and digits"})
        revoked = list(dict.fromkeys((*share["revoked_tokens"], token_id)))
        if len(revoked) > MOST_REVOKED:
            raise Conflict(f"{MOST_REVOKED} tokens are revoked one by one: revoke all of them instead")
        write.update(tx, call.actor, Share, share["id"], {"revoked_tokens": revoked})
    return Answer(status=204)


ENDPOINTS = [
    Endpoint("POST", "/shares/{id}/embed-tokens", "create_embed_token",
             "Make a signed token that opens a share for a time.", _make, scope="shares:write", tag="shares",
             takes=EmbedTokenForm.fields, input="form", gives=EmbedToken.fields, status=201,
             raises=(400, 404, 409, 413, 415),
             more="It is not stored; whoever has it sees what the share shows, without its password."),
    Endpoint("DELETE", "/shares/{id}/embed-tokens", "revoke_embed_tokens",
             "End all tokens of a share that were made so far.", _revoke_all, scope="shares:write", tag="shares",
             shape="none", status=204, raises=(404,)),
    Endpoint("DELETE", "/shares/{id}/embed-tokens/{token_id}", "revoke_embed_token",
             "End a single token of a share.", _revoke, scope="shares:write", tag="shares", shape="none",
             status=204, raises=(400, 404, 409)),
]  # fmt: skip
