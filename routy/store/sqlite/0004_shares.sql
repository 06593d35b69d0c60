-- What the public may see: saved reports, and shares of links, tags, folders and reports.

CREATE TABLE saved_reports (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  range TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX saved_reports_by_time ON saved_reports (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX saved_reports_in_trash ON saved_reports (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX saved_reports_by_external_id ON saved_reports (workspace_id, external_id) WHERE deleted_at IS NULL;

CREATE TABLE shares (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  subject_id TEXT NOT NULL,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  slug TEXT NOT NULL,
  user_id TEXT NOT NULL,
  metrics TEXT NOT NULL,
  dimensions TEXT NOT NULL,
  range TEXT NOT NULL,
  ranges TEXT NOT NULL,
  first_day TEXT,
  last_day TEXT,
  timezone TEXT,
  password TEXT,
  expires_at INTEGER,
  indexed INTEGER NOT NULL,
  frame_ancestors TEXT NOT NULL,
  requires_token INTEGER NOT NULL,
  badge_label TEXT,
  embed_generation INTEGER NOT NULL,
  revoked_tokens TEXT NOT NULL,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX shares_by_time ON shares (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX shares_in_trash ON shares (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX shares_by_external_id ON shares (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX shares_by_slug ON shares (slug);
CREATE INDEX shares_by_subject ON shares (subject_id) WHERE deleted_at IS NULL;
