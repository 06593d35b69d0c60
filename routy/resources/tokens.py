"""Tokens: keys to the API."""

from datetime import datetime
from typing import Annotated, Literal

from routy import scopes
from routy.errors import Forbidden, Invalid
from routy.resource import Actor, Field, Form, Record, Row, Tx, check, fill
from routy.resources.memberships import RANK
from routy.secret import digest, new_token


class Unusual(Form):
    """What the event token.unusual says beside the token."""

    cause: Annotated[Literal["network", "hour"], Field("What was unusual of the use: where it came from, or when.")]
    ip: Annotated[str, Field("As much of the address as is shown.", example="203.0.113.0")]
    country: Annotated[str | None, Field("Where the address is registered: ISO 3166-1 alpha-2.", example="DE")]
    at: Annotated[datetime, Field("When it was used.")]


class Token(
    Record,
    prefix="tok",
    plural="tokens",
    operations="list get create update delete",
    events="created updated deleted purged",
    called={"deleted": "revoked"},
    tells={"unusual": "It was used from a network, or at an hour of the day, that is unusual for it."},
    adds={"unusual": Unusual},
):
    """A key to the API, in one workspace. It can never do more than the member who made it. Deleting revokes it
    for good."""

    name: Annotated[
        str,
        Field(
            "What it is for.",
            min_length=2,
            max_length=50,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Reporting script",
        ),
    ]
    scopes: Annotated[
        list[str],
        Field(
            f"What it may do: {', '.join(scopes.SCOPES)}; or a preset: {', '.join(scopes.PRESETS)}.",
            max_length=len(scopes.SCOPES),
            example=["links:read", "links:write"],
        ),
    ]
    expires_at: Annotated[
        datetime | None,
        Field(
            "When it ends; null: never.",
            filters="gt gte lt lte null",
            sort=True,
            example="2027-01-31T00:00:00.000Z",
        ),
    ]
    ip_allowlist: Annotated[
        list[str],
        Field(
            "Addresses and networks that it may be used from; empty: anywhere.",
            default=[],
            max_length=100,
            format="network",
            example=["203.0.113.0/24"],
        ),
    ]
    rate_per_minute: Annotated[
        int | None,
        Field("Requests a minute; 0: no limit; null: the server's default.", least=0, most=1_000_000, example=600),
    ]
    user_id: Annotated[
        str,
        Field(
            "The member who made it.",
            read_only=True,
            refs="users",
            filters="eq",
            example="usr_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    hint: Annotated[str, Field("How the token begins.", read_only=True, example="rty_4fK2")]
    last_used_at: Annotated[
        datetime | None,
        Field("When it was last used, to the minute.", read_only=True, filters="gt gte lt lte null", sort=True),
    ]
    last_used_ip: Annotated[
        str | None, Field("Where it was last used from.", read_only=True, example="203.0.113.7")
    ]
    previous_until: Annotated[
        datetime | None, Field("Until when the secret before the last rotation still works.", read_only=True)
    ]
    secret: Annotated[
        str, Field("The token itself: shown once, here and never again.", once=True, example="rty_4fK2…")
    ]
    secret_sha256: Annotated[str, Field(hidden=True)]
    previous_sha256: Annotated[str | None, Field(hidden=True)]


@fill(Token)
def gets_a_secret(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    if before is not None:
        return {}
    return {"user_id": actor.user_id, **fresh_secret()}


@check(Token)
def scopes_exist_and_are_had(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["scopes"] == after["scopes"]):
        return
    unknown = [name for name in after["scopes"] if name not in scopes.SCOPES and name not in scopes.PRESETS]
    if unknown or not after["scopes"]:
        raise Invalid({"scopes": f"must list some of {', '.join((*scopes.SCOPES, *scopes.PRESETS))}"})
    beyond = scopes.expand(after["scopes"]) - actor.scopes
    if beyond:
        raise Forbidden(f"you cannot give away scopes that you do not have: {', '.join(sorted(beyond))}")


@check(Token)
def nobody_touches_a_stronger_token(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """A rotation shows the new secret, so it gives away all that the token may do."""
    if before is None or after is None:
        return
    maker = tx.one(
        "/* memberships.of_maker */ SELECT role FROM memberships"
        " WHERE workspace_id = ? AND user_id = ? AND deleted_at IS NULL",
        (actor.workspace_id, before["user_id"]),
    )
    outranked = maker is not None and RANK[maker["role"]] > RANK[actor.role]
    if outranked or scopes.expand(before["scopes"]) - actor.scopes:
        raise Forbidden("this token may do more than you may: you can revoke it, not change it")


@check(Token)
def a_limited_token_makes_none_without_limits(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Expiry, addresses and rate would protect nothing if the token could lift them, or make another without."""
    mine = tx.one(
        "/* tokens.limits */ SELECT expires_at, ip_allowlist, rate_per_minute FROM tokens WHERE id = ?", (actor.id,)
    )
    limited = mine and (mine["expires_at"] or mine["ip_allowlist"] != "[]" or mine["rate_per_minute"])
    if limited and after is not None:
        raise Forbidden("a token with an expiry, an allowlist or a rate of its own makes and changes no tokens")


@check(Token)
def ends_in_the_future(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["expires_at"] is None or (before and before["expires_at"] == after["expires_at"]):
        return
    if after["expires_at"] <= tx.now:
        raise Invalid({"expires_at": "must lie in the future"})


def fresh_secret() -> Row:
    """The values of a secret that nobody knows yet."""
    secret = new_token()
    return {"secret": secret, "secret_sha256": digest(secret), "hint": secret[:8]}
