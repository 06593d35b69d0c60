-- Clicks that were, or are to be, forgotten for somebody's sake.

CREATE TABLE erasures (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  subject TEXT NOT NULL,
  reason TEXT,
  status TEXT NOT NULL,
  clicks INTEGER,
  done_at INTEGER,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX erasures_by_time ON erasures (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX erasures_in_trash ON erasures (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX erasures_by_external_id ON erasures (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX erasures_pending ON erasures (key) WHERE status = 'pending';
