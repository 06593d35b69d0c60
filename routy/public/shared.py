"""Which share an address means, and whether it lives: with its subject, its workspace and the member behind it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from routy import scopes
from routy.errors import NotFound
from routy.records.rows import from_columns
from routy.resource import Actor, Reader, Row
from routy.resources.shares import READS, SUBJECTS, Share, unshareable

# One look-up a visit, so that whatever ends a share ends it at once.
_BY_SLUG = """/* shares.by_slug */
SELECT s.*, m.role, w.timezone AS workspace_timezone, r.query AS report,
  CASE substr(s.subject_id, 1, instr(s.subject_id, '_') - 1)
    WHEN 'link' THEN EXISTS (SELECT 1 FROM links t
                             WHERE t.id = s.subject_id AND t.workspace_id = s.workspace_id AND t.deleted_at IS NULL)
    WHEN 'tag' THEN EXISTS (SELECT 1 FROM tags t
                            WHERE t.id = s.subject_id AND t.workspace_id = s.workspace_id AND t.deleted_at IS NULL)
    WHEN 'fold' THEN EXISTS (SELECT 1 FROM folders t
                             WHERE t.id = s.subject_id AND t.workspace_id = s.workspace_id AND t.deleted_at IS NULL)
    WHEN 'rep' THEN r.id IS NOT NULL
  END AS lives
FROM shares s
JOIN workspaces w ON w.id = s.workspace_id AND w.deleted_at IS NULL
JOIN users u ON u.id = s.user_id AND u.deleted_at IS NULL
JOIN memberships m ON m.workspace_id = s.workspace_id AND m.user_id = s.user_id AND m.deleted_at IS NULL
LEFT JOIN saved_reports r ON r.id = s.subject_id AND r.workspace_id = s.workspace_id AND r.deleted_at IS NULL
WHERE s.slug = ? AND s.status = 'active' AND s.deleted_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > ?)
"""


@dataclass(frozen=True)
class Shared:
    """A share that lives. `filters` are what a token has locked beside it."""

    row: Row
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        return SUBJECTS[self.row["subject_id"].partition("_")[0]]

    @property
    def timezone(self) -> str:
        return str(self.row["timezone"] or self.row["workspace_timezone"])

    @property
    def open(self) -> bool:
        """Whether anybody may see it who has its address."""
        return self.row["password"] is None and not self.row["requires_token"]

    @cached_property
    def actor(self) -> Actor:
        """The member behind it, who may read reports here and nothing else."""
        row = self.row
        return Actor(row["user_id"], row["user_id"], row["workspace_id"], frozenset((READS,)))

    @property
    def key(self) -> tuple[Any, ...]:
        """What the figures depend on beside the clicks and the days."""
        return (self.row["id"], self.row["version"], self.timezone, self.row["report"], self.filters)


def find(records: Reader, slug: str, now: int) -> Shared:
    """NotFound whatever the reason: nobody can tell a share that has ended from one that never was."""
    row = records.one(_BY_SLUG, (slug, now))
    if row is None or not _may_be_seen(row):
        raise NotFound("there is nothing here")
    return Shared(from_columns(Share, row))


def _may_be_seen(row: Row) -> bool:
    if not row["lives"] or READS not in scopes.ROLES[row["role"]]:
        return False
    return row["report"] is None or not unshareable(row["report"])
