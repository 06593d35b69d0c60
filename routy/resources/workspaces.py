"""Workspaces: the tenants. A member sees those that they belong to, whatever workspace they act in."""

from typing import Annotated

import msgspec

from routy.errors import Conflict, Forbidden, Invalid
from routy.formats import DANGEROUS_SCHEMES
from routy.resource import Actor, Change, Field, Record, Row, Tx, check, effects, fill
from routy.resources.memberships import Membership

APP_SCHEMES = ("mailto", "tel", "sms", "market", "itms-apps", "itms-appss", "intent", "whatsapp", "tg", "spotify")


class Workspace(
    Record,
    prefix="ws",
    plural="workspaces",
    tenant="id",
    operations="list get create update delete restore",
):
    """A tenant: every link, token and click belongs to one. Who makes a workspace becomes its owner."""

    name: Annotated[
        str,
        Field(
            "Its name.",
            min_length=1,
            max_length=100,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Acme",
        ),
    ]
    timezone: Annotated[
        str,
        Field(
            "The IANA zone that its reports are in unless they ask for another.",
            default="UTC",
            max_length=64,
            format="timezone",
            example="Europe/Berlin",
        ),
    ]
    app_schemes: Annotated[
        list[Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9+.-]{0,30}$")]],
        Field(
            "Schemes beside http and https that a link's destination may have.",
            default=list(APP_SCHEMES),
            max_length=50,
            example=["mailto", "myapp"],
        ),
    ]
    excluded_ips: Annotated[
        list[str],
        Field(
            "Addresses and networks whose clicks are your own: they are kept, as the class self, and not counted.",
            default=[],
            max_length=100,
            format="network",
            example=["203.0.113.0/24"],
        ),
    ]


@fill(Workspace)
def belongs_to_itself(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    return {"workspace_id": row["id"]}


@check(Workspace)
def schemes_are_harmless(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    wrong = DANGEROUS_SCHEMES.intersection(scheme.lower() for scheme in (after or {}).get("app_schemes", ()))
    if wrong:
        raise Invalid({"app_schemes": f"must not allow {', '.join(sorted(wrong))}: browsers run such addresses"})


@check(Workspace)
def only_owners_change_it(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if before is None or actor.user_id == "system":
        return
    mine = tx.one(
        "/* workspaces.my_role */ SELECT role FROM memberships"
        " WHERE workspace_id = ? AND user_id = ? AND deleted_at IS NULL",
        (before["id"], actor.user_id),
    )
    if mine is None or mine["role"] not in ("owner", "admin"):
        raise Forbidden("only an owner or admin of the workspace may change it")
    if after is None and mine["role"] != "owner":
        raise Forbidden("only an owner may delete a workspace")


@check(Workspace)
def one_is_left(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None and before is not None and before["id"] == actor.workspace_id:
        raise Conflict("this is the workspace you act in: delete it from another one")


@effects(Workspace)
def maker_is_owner(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> list[Change]:
    if before is not None or after is None or actor.user_id == "system":
        return []
    membership = {"workspace_id": after["id"], "user_id": actor.user_id, "role": "owner"}
    return [Change(Membership, "create", membership)]
