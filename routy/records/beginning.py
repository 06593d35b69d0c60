"""The beginning of an installation: a workspace, its domain, and the secret of the link to its first owner."""

import secrets
from dataclasses import replace
from urllib.parse import urlsplit

from routy import scopes
from routy.errors import Conflict, Gone, Invalid
from routy.formats import host_with_port
from routy.records import parse, write
from routy.resource import Actor, Row
from routy.resources.domains import Domain
from routy.resources.users import User
from routy.resources.workspaces import Workspace
from routy.secret import digest
from routy.store.sqlite import Records, Transaction

SYSTEM = Actor(id="system", user_id="system", workspace_id="", scopes=scopes.PRESETS["full"], role="owner")
SETUP = "setup_sha256"


def first_workspace(records: Records) -> str | None:
    """The id of the oldest workspace."""
    row = records.one("/* workspaces.first */ SELECT id FROM workspaces ORDER BY key LIMIT 1")
    return row["id"] if row else None


def begin(records: Records, public_url: str, now: int) -> str | None:
    """Make what every installation has; returns the secret of a fresh setup link while there is no owner yet."""
    with records.transaction(now) as tx:
        if tx.one("/* workspaces.any */ SELECT 1 FROM workspaces LIMIT 1") is None:
            _make_workspace(tx, public_url)
        if tx.one("/* users.any */ SELECT 1 FROM users LIMIT 1") is not None:
            return None
        secret = secrets.token_urlsafe(24)
        tx.run("/* setup.keep */ INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (SETUP, digest(secret)))
        return secret


def system_of(workspace_id: str) -> Actor:
    return replace(SYSTEM, workspace_id=workspace_id, workspace_ids=(workspace_id,))


def _make_workspace(tx: Transaction, public_url: str) -> None:
    workspace = write.create(tx, SYSTEM, Workspace, parse.creation(Workspace.fields, {"name": "Home"}))
    parts = urlsplit(public_url)
    host = host_with_port(parts.netloc)
    body = {"host": host, "https": parts.scheme == "https"}
    values = {**parse.creation(Domain.fields, body), **verified(tx.now, host)}
    write.create(tx, system_of(workspace["id"]), Domain, values)


def verified(now: int, host: str) -> Row:
    """The values of a domain that needs no proof: the server's own."""
    return {"status": "verified", "verified_at": now, "verification": f"routy-verify=own:{host}"}


def make_owner(tx: Transaction, actor: Actor, secret: str | None, owner: Row, workspace: Row) -> Row:
    """The first user, owner of the workspace that is there; `secret` None: whoever runs the command line."""
    kept = tx.one("/* setup.secret */ SELECT value FROM facts WHERE name = ?", (SETUP,))
    if kept is None or tx.one("/* users.any */ SELECT 1 FROM users LIMIT 1") is not None:
        raise Gone("this server is set up already: log in")
    if secret is not None and digest(secret) != kept["value"]:
        raise Invalid({"token": "is not the one of the setup link; the newest is in the server's output"})
    there = tx.one("/* workspaces.first */ SELECT id FROM workspaces ORDER BY key LIMIT 1")
    if there is None:
        raise Conflict("there is no workspace yet: start the server once")
    actor = replace(system_of(there["id"]), request_id=actor.request_id, ip=actor.ip)
    if workspace:
        write.update(tx, actor, Workspace, there["id"], workspace)
    user = write.create(tx, actor, User, {**owner, "role": "owner"})
    tx.run("/* setup.done */ DELETE FROM facts WHERE name = ?", (SETUP,))
    return {**user, "workspace_id": there["id"]}
