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

