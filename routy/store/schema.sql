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
  threshold_crossed_at INTEGER,
  expiry_told_for INTEGER
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
CREATE INDEX links_to_expire ON links (expires_at)
  WHERE expires_at IS NOT NULL AND deleted_at IS NULL AND expiry_told_for IS NOT expires_at;
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

-- What goes out: webhooks, and the queue that they share with mail.

CREATE TABLE webhooks (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  url TEXT NOT NULL,
  description TEXT,
  status TEXT NOT NULL,
  events TEXT NOT NULL,
  subject_id TEXT,
  condition TEXT,
  payload_version TEXT NOT NULL,
  paused_because TEXT,
  paused_at INTEGER,
  failing_since INTEGER,
  last_error TEXT,
  hint TEXT NOT NULL,
  secret_sealed TEXT NOT NULL,
  previous_sealed TEXT,
  previous_until INTEGER,
  replay_from INTEGER,
  replay_to INTEGER,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX webhooks_by_time ON webhooks (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX webhooks_in_trash ON webhooks (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX webhooks_by_external_id ON webhooks (workspace_id, external_id) WHERE deleted_at IS NULL;

CREATE TABLE deliveries (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  channel TEXT NOT NULL,
  target_id TEXT NOT NULL,
  event_id TEXT,
  type TEXT NOT NULL,
  record_id TEXT,
  sequence INTEGER NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  forgiven INTEGER NOT NULL,
  next_attempt_at INTEGER,
  delivered_at INTEGER,
  last_status INTEGER,
  last_error TEXT,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_time ON deliveries (workspace_id, created_at, id);
CREATE INDEX deliveries_of_target ON deliveries (target_id, created_at, id);
CREATE INDEX deliveries_due ON deliveries (target_id, next_attempt_at, key) WHERE status = 'pending';
CREATE INDEX deliveries_waiting ON deliveries (target_id) WHERE status = 'paused';
CREATE INDEX deliveries_of_event ON deliveries (event_id, target_id);
CREATE INDEX deliveries_by_age ON deliveries (created_at);

CREATE TABLE delivery_attempts (
  delivery_id TEXT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  ms INTEGER NOT NULL,
  ok INTEGER NOT NULL,
  status INTEGER,
  error TEXT,
  request TEXT NOT NULL,
  response TEXT,
  PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

-- Files out and in: exports, schedules that make them, imports with what became of each row.

CREATE TABLE exports (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  query TEXT NOT NULL,
  format TEXT NOT NULL,
  status TEXT NOT NULL,
  rows INTEGER NOT NULL,
  total INTEGER,
  bytes INTEGER,
  error TEXT,
  finished_at INTEGER,
  expires_at INTEGER,
  schedule_id TEXT,
  attempts INTEGER,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX exports_by_time ON exports (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX exports_in_trash ON exports (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX exports_by_external_id ON exports (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX exports_to_do ON exports (key) WHERE status IN ('pending', 'running') AND deleted_at IS NULL;
CREATE INDEX exports_by_expiry ON exports (expires_at) WHERE status = 'done';

CREATE TABLE schedules (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  query TEXT NOT NULL,
  range TEXT,
  format TEXT NOT NULL,
  every TEXT NOT NULL,
  weekday INTEGER NOT NULL,
  day INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  timezone TEXT,
  recipients TEXT NOT NULL,
  status TEXT NOT NULL,
  due_at INTEGER,
  last_at INTEGER,
  last_export_id TEXT,
  last_error TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX schedules_by_time ON schedules (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX schedules_in_trash ON schedules (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX schedules_by_external_id ON schedules (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX schedules_due ON schedules (due_at) WHERE due_at IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE imports (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT,
  resource TEXT NOT NULL,
  mapping TEXT NOT NULL,
  upsert INTEGER NOT NULL,
  atomic INTEGER NOT NULL,
  status TEXT NOT NULL,
  file_name TEXT,
  bytes INTEGER,
  format TEXT,
  encoding TEXT,
  delimiter TEXT,
  columns TEXT NOT NULL,
  tried INTEGER NOT NULL,
  progress INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  created_rows INTEGER NOT NULL,
  updated_rows INTEGER NOT NULL,
  unchanged_rows INTEGER NOT NULL,
  failed_rows INTEGER NOT NULL,
  reversed_rows INTEGER NOT NULL,
  kept_rows INTEGER NOT NULL,
  error TEXT,
  finished_at INTEGER,
  started_by TEXT,
  advanced_at INTEGER NOT NULL,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX imports_by_time ON imports (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX imports_in_trash ON imports (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX imports_by_external_id ON imports (workspace_id, external_id) WHERE deleted_at IS NULL;
CREATE INDEX imports_to_do ON imports (advanced_at)
  WHERE status IN ('trying', 'running', 'reversing') AND deleted_at IS NULL;

-- What became of each row of an import: version is that of the record behind it, before what it replaced.
CREATE TABLE import_rows (
  import_key INTEGER NOT NULL REFERENCES imports (key) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  line INTEGER NOT NULL,
  status TEXT NOT NULL,
  record_id TEXT,
  version INTEGER,
  before TEXT,
  errors TEXT,
  PRIMARY KEY (import_key, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_rows_by_status ON import_rows (import_key, status, number);
CREATE INDEX import_rows_by_record ON import_rows (import_key, record_id, number) WHERE record_id IS NOT NULL;

CREATE TABLE alerts (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  metric TEXT NOT NULL,
  filters TEXT NOT NULL,
  window_minutes INTEGER NOT NULL,
  operator TEXT NOT NULL,
  value INTEGER,
  percent INTEGER,
  direction TEXT NOT NULL,
  weeks INTEGER NOT NULL,
  least_usual INTEGER NOT NULL,
  subject_id TEXT,
  notify TEXT NOT NULL,
  user_ids TEXT NOT NULL,
  emails TEXT NOT NULL,
  remind_hours INTEGER,
  snoozed_until INTEGER,
  state TEXT NOT NULL,
  firing TEXT NOT NULL,
  fired_at INTEGER,
  resolved_at INTEGER,
  figure INTEGER,
  usual INTEGER,
  judged_at INTEGER,
  problem TEXT,
  external_id TEXT,
  metadata TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE INDEX alerts_by_time ON alerts (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX alerts_in_trash ON alerts (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE UNIQUE INDEX alerts_by_external_id ON alerts (workspace_id, external_id) WHERE deleted_at IS NULL;

-- Where the worker stands with each alert: when it looks again, how far it has judged, which version of the rule.
CREATE TABLE alert_watches (
  alert_id TEXT PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  judged_to INTEGER NOT NULL,
  event_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_watches_due ON alert_watches (due_at);

-- What alerts are firing for; subject is empty for a figure. told_at stays empty while the alert is snoozed.
CREATE TABLE alert_firings (
  alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
  subject TEXT NOT NULL,
  name TEXT NOT NULL,
  since INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  told_at INTEGER,
  reminded_at INTEGER,
  calm INTEGER NOT NULL,
  figure INTEGER,
  usual INTEGER,
  PRIMARY KEY (alert_id, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE notifications (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  topic TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  record_id TEXT,
  read_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notifications_by_time ON notifications (user_id, workspace_id, created_at, id);
CREATE INDEX notifications_unread ON notifications (user_id, workspace_id) WHERE read_at IS NULL;
CREATE INDEX notifications_by_age ON notifications (created_at);

-- Which notifications a person also wants by mail, where they have said so.
CREATE TABLE notification_preferences (
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  mail TEXT NOT NULL,
  PRIMARY KEY (user_id, workspace_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mails (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspaces (id),
  recipient TEXT NOT NULL,
  topic TEXT NOT NULL,
  subject TEXT NOT NULL,
  about_id TEXT,
  status TEXT NOT NULL,
  error TEXT,
  attempts INTEGER NOT NULL,
  sent_at INTEGER,
  message_id TEXT NOT NULL,
  text TEXT NOT NULL,
  html TEXT NOT NULL,
  link TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mails_by_time ON mails (workspace_id, created_at, id);
CREATE INDEX mails_by_age ON mails (created_at);

CREATE TABLE unsubscriptions (
  workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
  recipient TEXT NOT NULL,
  topic TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, recipient, topic)
) STRICT, WITHOUT ROWID;

-- When a token was used: a row for each network, hour of the day (UTC) and day, as long as they are remembered, and
-- for what was told last.
CREATE TABLE token_habits (
  token_id TEXT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (token_id, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX token_habits_by_time ON token_habits (last_at);

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
