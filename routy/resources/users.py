"""Users: people who log in."""

from typing import Annotated

from routy.errors import Conflict, Forbidden
from routy.resource import Action, Actor, Change, Field, Record, Row, Tx, check, effects
from routy.resources.memberships import RANK, Membership, Role
from routy.scopes import ROLES

MIN_PASSWORD = 10


class User(
    Record, prefix="usr", plural="users", scope="members", operations="list get create update delete restore"
):
    """A person who can log in. They belong to the workspace that made them; memberships let them into others."""

    email: Annotated[
        str,
        Field(
            "What they log in with; unique on this server.",
            max_length=320,
            format="email",
            filters="eq prefix",
            sort=True,
            search=True,
            example="ada@acme.example",
        ),
    ]
    name: Annotated[
        str,
        Field(
            "Their name.", min_length=1, max_length=100, filters="eq prefix", sort=True, search=True, example="Ada"
        ),
    ]
    password: Annotated[
        str,
        Field(
            "At least 10 characters; only its argon2 hash is kept.",
            min_length=MIN_PASSWORD,
            max_length=200,
            write_only=True,
            hashed=True,
            example="correct horse battery staple",
        ),
    ]
    role: Annotated[
        Role,
        Field(
            "Their role in this workspace; later changes are made to the membership.",
            default="viewer",
            transient=True,
            create_only=True,
            example="editor",
        ),
    ]


@check(User)
def nobody_changes_a_stronger_user(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Who can set somebody's password can be them, in every workspace that they belong to. A token changes its own
    maker by the same rule: it must not become more than it is."""
    if before is None or actor.user_id == "system" or actor.id == before["id"]:
        return
    here = actor.workspace_id if after is None else None  # a deletion gives nothing away in other workspaces
    theirs = tx.rows(
        "/* memberships.against_mine */ SELECT t.role AS theirs, m.role AS mine FROM memberships t"
        " LEFT JOIN memberships m"
        " ON m.workspace_id = t.workspace_id AND m.user_id = ?1 AND m.deleted_at IS NULL"
        " WHERE t.user_id = ?2 AND t.deleted_at IS NULL AND (?3 IS NULL OR t.workspace_id = ?3)",
        (actor.user_id, before["id"], here),
    )
    if any(_is_more(row["theirs"], row["mine"], actor) for row in theirs):
        raise Forbidden("they may do more than you may, here or in another workspace")


def _is_more(theirs: str, mine: str | None, actor: Actor) -> bool:
    return RANK.get(mine or "", 0) < RANK[theirs] or bool(ROLES[theirs] - actor.scopes)


@check(User)
def nobody_deletes_themselves(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None and before is not None and before["id"] == actor.user_id:
        raise Conflict("you cannot delete yourself")


@effects(User)
def membership_goes_along(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> list[Change]:
    """A new user becomes a member; a deleted one loses every membership, and gets those back on return."""
    if before is None and after is not None:
        return [Change(Membership, "create", {"user_id": after["id"], "role": after["role"]})]
    if after is None and before is not None:
        return _each_membership(tx, before["id"], "delete", None)
    if before is not None and before["deleted_at"] is not None:
        return _each_membership(tx, before["id"], "restore", before["deleted_at"])
    return []


def _each_membership(tx: Tx, user_id: str, action: Action, deleted_at: int | None) -> list[Change]:
    there = tx.rows(
        "/* memberships.of_user */ SELECT id, workspace_id FROM memberships WHERE user_id = ? AND deleted_at IS ?",
        (user_id, deleted_at),
    )
    return [Change(Membership, action, {"workspace_id": row["workspace_id"]}, row["id"]) for row in there]
