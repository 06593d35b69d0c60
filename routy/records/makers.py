"""Who made something, as an actor again: later work is done with the rights that its maker has then."""

import json

from routy import scopes
from routy.resource import Actor, Reader, Row

_KEY = """/* makers.token */
SELECT t.user_id, t.scopes, m.role FROM tokens t
JOIN memberships m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id AND m.deleted_at IS NULL
JOIN users u ON u.id = t.user_id AND u.deleted_at IS NULL
WHERE t.id = ?1 AND t.workspace_id = ?2 AND t.deleted_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ?3)
"""
_MEMBER = """/* makers.member */
SELECT m.user_id, NULL AS scopes, m.role FROM memberships m
JOIN users u ON u.id = m.user_id AND u.deleted_at IS NULL
WHERE m.user_id = ?1 AND m.workspace_id = ?2 AND m.deleted_at IS NULL
"""
_WORKSPACES = """/* makers.workspaces */
SELECT workspace_id FROM memberships WHERE user_id = ? AND deleted_at IS NULL ORDER BY key
"""


def maker_of(reader: Reader, maker_id: str, workspace_id: str, now: int) -> Actor | None:
    """The token or user of this id with what it may do in this workspace now; None: it may do nothing any more."""
    if maker_id.startswith("tok_"):
        row = reader.one(_KEY, (maker_id, workspace_id, now))
    else:
        row = reader.one(_MEMBER, (maker_id, workspace_id))
    if row is None:
        return None
    mine = tuple(each["workspace_id"] for each in reader.rows(_WORKSPACES, (row["user_id"],)))
    return Actor(maker_id, row["user_id"], workspace_id, _scopes(row), workspace_ids=mine, role=row["role"])


def _scopes(row: Row) -> frozenset[str]:
    held = scopes.ROLES[row["role"]]
    return held if row["scopes"] is None else scopes.expand(json.loads(row["scopes"])) & held
