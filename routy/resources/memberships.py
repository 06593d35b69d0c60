"""Memberships: who belongs to a workspace, and as what."""

from typing import Annotated, Literal

from routy.errors import Conflict, Forbidden, Invalid
from routy.resource import Actor, Field, Record, Row, Tx, check, fill
from routy.scopes import ROLES

Role = Literal["owner", "admin", "editor", "viewer"]
RANK: dict[str, int] = {"viewer": 1, "editor": 2, "admin": 3, "owner": 4}


class Membership(Record, prefix="mem", plural="memberships", scope="members", label="email"):
    """A person's place in a workspace. A viewer reads, an editor works with links, an admin also has tokens,
    domains and members, an owner everything."""

    email: Annotated[
        str,
        Field(
            "The address of somebody who has a user here already; POST /users makes one.",
            create_only=True,
            joined="user_id.email",
            max_length=320,
            format="email",
            filters="eq",
            search=True,
            example="ada@acme.example",
        ),
    ]
    user_id: Annotated[
        str,
        Field("The user.", read_only=True, refs="users", filters="eq", example="usr_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"),
    ]
    role: Annotated[Role, Field("What they may do.", filters="eq ne", sort=True, example="editor")]
    name: Annotated[
        str, Field("The user's name.", read_only=True, joined="user_id.name", search=True, example="Ada")
    ]


@fill(Membership)
def find_user(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    if before is not None or row.get("user_id"):
        return {}
    user = tx.one(
        "/* users.by_email */ SELECT id FROM users WHERE email = ? AND deleted_at IS NULL", (row.get("email"),)
    )
    if user is None:
        raise Invalid({"email": "belongs to no user here; make one with POST /users"})
    return {"user_id": user["id"]}


@check(Membership)
def nobody_lifts_above_themselves(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """An admin neither makes owners nor unmakes them, and a token gives no role that can do more than itself."""
    if actor.user_id == "system" or _is_first(tx, actor):
        return
    touched = [row["role"] for row in (before, after) if row]
    if any(RANK[role] > RANK[actor.role] or ROLES[role] - actor.scopes for role in touched):
        raise Forbidden("you cannot give or take a role that may do more than you may")


def _is_first(tx: Tx, actor: Actor) -> bool:
    """Whether the workspace is only just being made: its maker becomes its owner."""
    found = tx.one("/* memberships.any */ SELECT 1 FROM memberships WHERE workspace_id = ?", (actor.workspace_id,))
    return found is None


@check(Membership)
def an_owner_is_left(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if before is None or before["role"] != "owner" or (after and after["role"] == "owner"):
        return
    others = tx.rows(
        "/* memberships.other_owners */ SELECT 1 FROM memberships"
        " WHERE workspace_id = ? AND role = 'owner' AND deleted_at IS NULL AND id <> ?",
        (before["workspace_id"], before["id"]),
    )
    if not others:
        raise Conflict("a workspace needs an owner: make another one first")
