-- The whole present schema of the record store: what the migrations add up to (a test holds it so).

-- The start: records of the core, credentials, events, audit.
-- Every record has the columns that stand first in each table, and those from external_id to deleted_at; key is the
-- small integer that click rows refer to (never reused), seq the moment of its last change in the order of commits.

CREATE TABLE workspaces (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  timezone TEXT NOT NULL,
  app_schemes TEXT NOT NULL,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER,
  excluded_ips TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX workspaces_by_time ON workspaces (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX workspaces_in_trash ON workspaces (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX workspaces_by_external_id ON workspaces (workspace_id, external_id) WHERE deleted_at IS NULL;

CREATE TABLE users (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  password TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX users_by_time ON users (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_in_trash ON users (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX users_by_external_id ON users (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE deleted_at IS NULL;

CREATE TABLE memberships (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX memberships_by_time ON memberships (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_in_trash ON memberships (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX memberships_by_external_id ON memberships (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX memberships_by_user ON memberships (workspace_id, user_id) WHERE deleted_at IS NULL;
CREATE INDEX memberships_of_user ON memberships (user_id);

CREATE TABLE tokens (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id),
  scopes TEXT NOT NULL,
  expires_at INTEGER,
  ip_allowlist TEXT NOT NULL,
  rate_per_minute INTEGER,
  hint TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL,
  previous_sha256 TEXT,
  previous_until INTEGER,
  last_used_at INTEGER,
  last_used_ip TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX tokens_by_time ON tokens (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tokens_in_trash ON tokens (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX tokens_by_external_id ON tokens (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tokens_by_secret ON tokens (secret_sha256);
CREATE INDEX tokens_by_previous ON tokens (previous_sha256) WHERE previous_sha256 IS NOT NULL;

CREATE TABLE domains (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  host TEXT NOT NULL,
  status TEXT NOT NULL,
  verification TEXT NOT NULL,
  verified_at INTEGER,
  is_default INTEGER NOT NULL,
  https INTEGER NOT NULL,
  case_sensitive INTEGER NOT NULL,
  redirect_status INTEGER NOT NULL,
  pass_query INTEGER NOT NULL,
  fallback_url TEXT,
  not_found_url TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX domains_by_time ON domains (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX domains_in_trash ON domains (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX domains_by_external_id ON domains (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX domains_by_host ON domains (host) WHERE deleted_at IS NULL AND status = 'verified';
CREATE UNIQUE INDEX domains_of_workspace ON domains (workspace_id, host) WHERE deleted_at IS NULL;

CREATE TABLE folders (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  notes TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX folders_by_time ON folders (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX folders_in_trash ON folders (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX folders_by_external_id ON folders (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX folders_by_name ON folders (workspace_id, name) WHERE deleted_at IS NULL;

CREATE TABLE tags (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  color TEXT NOT NULL,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX tags_by_time ON tags (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tags_in_trash ON tags (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX tags_by_external_id ON tags (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tags_by_name ON tags (workspace_id, name) WHERE deleted_at IS NULL;

CREATE TABLE links (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  domain_id TEXT NOT NULL REFERENCES domains (id),
  slug TEXT NOT NULL,
  slug_key TEXT NOT NULL,
  destination TEXT NOT NULL,
  title TEXT,
  notes TEXT,
  folder_id TEXT REFERENCES folders (id),
  status TEXT NOT NULL,
  redirect_status INTEGER NOT NULL,
  pass_query INTEGER NOT NULL,
  expires_at INTEGER,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER,
  starts_at INTEGER,
  click_limit INTEGER,
  click_limit_counts TEXT NOT NULL DEFAULT 'all',
  redirect_mode TEXT NOT NULL DEFAULT 'auto',
  android_url TEXT,
  ios_url TEXT,
  fallback_url TEXT,
  utm_source TEXT,
  utm_medium TEXT,
  utm_campaign TEXT,
  utm_term TEXT,
  utm_content TEXT,
  parameters TEXT NOT NULL DEFAULT '{}',
  click_id_parameter TEXT,
  sub_id_parameter TEXT DEFAULT 's',
  sub_id_target TEXT,
  password TEXT,
  click_threshold INTEGER,
  og_title TEXT,
  og_description TEXT,
  og_image TEXT,
  clicks INTEGER NOT NULL DEFAULT 0,
  uniques INTEGER NOT NULL DEFAULT 0,
  last_click_at INTEGER,
  counted_at INTEGER,
  limit_reached_at INTEGER,
  threshold_crossed_at INTEGER
) STRICT;
CREATE INDEX links_by_time ON links (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX links_in_trash ON links (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX links_by_external_id ON links (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX links_by_slug ON links (domain_id, slug_key) WHERE deleted_at IS NULL;
CREATE INDEX links_by_seq ON links (seq);
CREATE INDEX links_by_status ON links (workspace_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX links_by_slug_of_workspace ON links (workspace_id, slug, id) WHERE deleted_at IS NULL;
CREATE INDEX links_by_title ON links (workspace_id, COALESCE(title, ''), id) WHERE deleted_at IS NULL;
CREATE INDEX links_by_destination ON links (workspace_id, destination) WHERE deleted_at IS NULL;
CREATE INDEX links_by_folder ON links (folder_id) WHERE folder_id IS NOT NULL;
CREATE INDEX links_by_clicks ON links (workspace_id, clicks, id) WHERE deleted_at IS NULL;
CREATE INDEX links_by_last_click ON links (workspace_id, COALESCE(last_click_at, -9223372036854775807), id)
  WHERE deleted_at IS NULL;
CREATE INDEX links_with_threshold ON links (click_threshold)
  WHERE click_threshold IS NOT NULL AND threshold_crossed_at IS NULL AND deleted_at IS NULL;
CREATE TABLE link_tags (
  link_id TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
  tag_id TEXT NOT NULL REFERENCES tags (id),
  PRIMARY KEY (link_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_tags_by_tag ON link_tags (tag_id, link_id);

CREATE TABLE missing_slugs (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  domain_id TEXT NOT NULL REFERENCES domains (id) ON DELETE CASCADE,
  slug TEXT NOT NULL,
  visits INTEGER NOT NULL,
  last_referrer TEXT,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  UNIQUE (domain_id, slug)
) STRICT;
CREATE INDEX missing_slugs_by_time ON missing_slugs (workspace_id, created_at, id);

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

-- One row for each change of a record, in the order of commits: its seq is the record's seq.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  type TEXT NOT NULL,
  resource TEXT NOT NULL,
  record_id TEXT NOT NULL,
  data TEXT NOT NULL,
  actor TEXT NOT NULL,
  request_id TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_workspace ON events (workspace_id, seq);
CREATE INDEX events_by_record ON events (record_id, seq);

CREATE TABLE audit_entries (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  action TEXT NOT NULL,
  resource TEXT NOT NULL,
  record_id TEXT NOT NULL,
  changes TEXT NOT NULL,
  actor TEXT NOT NULL,
  request_id TEXT,
  ip TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_entries_by_time ON audit_entries (workspace_id, created_at, id);
CREATE INDEX audit_entries_by_record ON audit_entries (record_id, created_at);

CREATE TABLE sessions (
  secret_sha256 TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  csrf TEXT NOT NULL,
  password_sha256 TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ip TEXT,
  agent TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE idempotency_keys (
  credential TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  location TEXT,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (credential, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

-- What the installation knows of itself, such as the hash of the setup link while nobody has used it.
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
