"""From a request to an Actor: a token in one of three headers, or a session cookie with its CSRF token.

A token has the scopes written on it, as far as its maker still has them; a session has those of the member's role.
"""

import hmac
import ipaddress
import json
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from routy import scopes
from routy.api.call import Request
from routy.errors import Forbidden, InvalidApiKey, Unauthorized
from routy.resource import Actor, Row
from routy.secret import digest, looks_like_token
from routy.store.sqlite import Records

COOKIE = "routy_session"
CSRF_HEADER = "x-csrf-token"
WORKSPACE_HEADER = "x-workspace-id"


@dataclass(frozen=True)
class Credential:
    """Who it is and how many requests a minute they may make (None: the default). `session` is set for people."""

    actor: Actor
    rate_per_minute: int | None = None
    session: Row | None = None


def identify(records: Records, request: Request) -> Credential:
    """Unauthorized without a credential, InvalidApiKey with a bad one, Forbidden from the wrong place."""
    token = given_token(request)
    if token is not None:
        return _by_token(records, request, token)
    cookie = given_cookie(request)
    if cookie is not None:
        return _by_session(records, request, cookie)
    raise Unauthorized("send a token: Authorization: Bearer rty_…, Authorization: ApiKey rty_… or X-API-Key: rty_…")


def given_token(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() not in ("bearer", "apikey"):
            raise InvalidApiKey("Authorization must be of the form Bearer TOKEN or ApiKey TOKEN")
        return token.strip()
    return request.headers.get("x-api-key")


def given_cookie(request: Request) -> str | None:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return found.value if found else None


# ---- tokens


def _by_token(records: Records, request: Request, token: str) -> Credential:
    if not looks_like_token(token):
        raise InvalidApiKey("this is not a token of Routy; is it complete?")
    row = records.one(
        "/* tokens.by_secret */ SELECT t.id, t.workspace_id, t.user_id, t.scopes, t.expires_at, t.ip_allowlist,"
        " t.rate_per_minute, m.role FROM tokens t"
        " JOIN memberships m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id AND m.deleted_at IS NULL"
        " JOIN workspaces w ON w.id = t.workspace_id AND w.deleted_at IS NULL"
        " WHERE t.deleted_at IS NULL"
        " AND (t.secret_sha256 = ?1 OR (t.previous_sha256 = ?1 AND t.previous_until > ?2))",
        (digest(token), request.at),
    )
    if row is None:
        raise InvalidApiKey("this token is not known, or was revoked")
    if row["expires_at"] is not None and row["expires_at"] <= request.at:
        raise InvalidApiKey("this token has expired")
    _expect_address(request.ip, json.loads(row["ip_allowlist"]))
    may = scopes.expand(json.loads(row["scopes"])) & scopes.ROLES[row["role"]]
    return Credential(_actor(records, request, row, row["id"], may), row["rate_per_minute"])


def _expect_address(ip: str, allowed: list[str]) -> None:
    if not allowed:
        return
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        raise Forbidden("this token may not be used from an unknown address") from None
    if not any(address in ipaddress.ip_network(network) for network in allowed):
        raise Forbidden(f"this token may not be used from {ip}")


def _actor(records: Records, request: Request, member: Row, actor_id: str, may: frozenset[str]) -> Actor:
    mine = records.rows(
        "/* memberships.workspaces */ SELECT workspace_id FROM memberships"
        " WHERE user_id = ? AND deleted_at IS NULL ORDER BY key",
        (member["user_id"],),
    )
    return Actor(
        id=actor_id,
        user_id=member["user_id"],
        workspace_id=member["workspace_id"],
        workspace_ids=tuple(row["workspace_id"] for row in mine),
        scopes=may,
        role=member["role"],
        request_id=request.id,
        ip=request.ip,
    )


# ---- sessions


def _by_session(records: Records, request: Request, cookie: str) -> Credential:
    session = records.one(
        "/* sessions.by_secret */ SELECT s.user_id, s.csrf, s.secret_sha256, s.password_sha256, u.password"
        " FROM sessions s"
        " JOIN users u ON u.id = s.user_id AND u.deleted_at IS NULL"
        " WHERE s.secret_sha256 = ? AND s.expires_at > ?",
        (digest(cookie), request.at),
    )
    if session is None or session["password_sha256"] != digest(session["password"] or ""):
        raise Unauthorized("the session has ended: log in again")
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _expect_csrf(request, session["csrf"])
    member = membership_of(records, session["user_id"], request.headers.get(WORKSPACE_HEADER))
    may = scopes.ROLES[member["role"]]
    return Credential(_actor(records, request, member, session["user_id"], may), session=session)


def _expect_csrf(request: Request, wanted: str) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Forbidden("send the session's CSRF token as X-CSRF-Token")


def membership_of(records: Records, user_id: str, workspace_id: str | None) -> Row:
    """The membership in the workspace that was asked for, else the oldest."""
    member = records.one(
        "/* memberships.of_session */ SELECT m.workspace_id, m.user_id, m.role FROM memberships m"
        " JOIN workspaces w ON w.id = m.workspace_id AND w.deleted_at IS NULL"
        " WHERE m.user_id = ?1 AND m.deleted_at IS NULL AND (?2 IS NULL OR m.workspace_id = ?2)"
        " ORDER BY m.key LIMIT 1",
        (user_id, workspace_id),
    )
    if member is None:
        raise Forbidden("you are not a member of this workspace" if workspace_id else "you belong to no workspace")
    return member
