-- Alerts and what they are firing for, notifications, mails, and who wants no mails any more.

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

-- Up to which event notifications have been made: nobody is told of what happened before there were any.
INSERT INTO facts (name, value)
SELECT 'notices_told', coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0);
