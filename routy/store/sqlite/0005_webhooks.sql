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

-- Up to which event webhooks have been told: what happened before there were any is not told.
INSERT INTO facts (name, value)
SELECT 'webhooks_told', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);
