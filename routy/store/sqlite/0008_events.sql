-- Links that expire are told of once for each moment that was set, and tokens have habits.

ALTER TABLE links ADD COLUMN expiry_told_for INTEGER;
UPDATE links SET expiry_told_for = expires_at WHERE expires_at <= unixepoch() * 1000;
CREATE INDEX links_to_expire ON links (expires_at)
  WHERE expires_at IS NOT NULL AND deleted_at IS NULL AND expiry_told_for IS NOT expires_at;

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
