-- Every ability of a link: when, how often and for whom it redirects, what it adds, its password, its preview, its
-- counters. Addresses that a workspace leaves out.

ALTER TABLE workspaces ADD COLUMN excluded_ips TEXT NOT NULL DEFAULT '[]';

ALTER TABLE links ADD COLUMN starts_at INTEGER;
ALTER TABLE links ADD COLUMN click_limit INTEGER;
ALTER TABLE links ADD COLUMN click_limit_counts TEXT NOT NULL DEFAULT 'all';
ALTER TABLE links ADD COLUMN redirect_mode TEXT NOT NULL DEFAULT 'auto';
ALTER TABLE links ADD COLUMN android_url TEXT;
ALTER TABLE links ADD COLUMN ios_url TEXT;
ALTER TABLE links ADD COLUMN fallback_url TEXT;
ALTER TABLE links ADD COLUMN utm_source TEXT;
ALTER TABLE links ADD COLUMN utm_medium TEXT;
ALTER TABLE links ADD COLUMN utm_campaign TEXT;
ALTER TABLE links ADD COLUMN utm_term TEXT;
ALTER TABLE links ADD COLUMN utm_content TEXT;
ALTER TABLE links ADD COLUMN parameters TEXT NOT NULL DEFAULT '{}';
ALTER TABLE links ADD COLUMN click_id_parameter TEXT;
ALTER TABLE links ADD COLUMN sub_id_parameter TEXT DEFAULT 's';
ALTER TABLE links ADD COLUMN sub_id_target TEXT;
ALTER TABLE links ADD COLUMN password TEXT;
ALTER TABLE links ADD COLUMN click_threshold INTEGER;
ALTER TABLE links ADD COLUMN og_title TEXT;
ALTER TABLE links ADD COLUMN og_description TEXT;
ALTER TABLE links ADD COLUMN og_image TEXT;
ALTER TABLE links ADD COLUMN clicks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN uniques INTEGER NOT NULL DEFAULT 0;
ALTER TABLE links ADD COLUMN last_click_at INTEGER;
ALTER TABLE links ADD COLUMN counted_at INTEGER;
ALTER TABLE links ADD COLUMN limit_reached_at INTEGER;
ALTER TABLE links ADD COLUMN threshold_crossed_at INTEGER;
CREATE INDEX links_by_clicks ON links (workspace_id, clicks, id) WHERE deleted_at IS NULL;
CREATE INDEX links_by_last_click ON links (workspace_id, COALESCE(last_click_at, -9223372036854775807), id)
  WHERE deleted_at IS NULL;
CREATE INDEX links_with_threshold ON links (click_threshold)
  WHERE click_threshold IS NOT NULL AND threshold_crossed_at IS NULL AND deleted_at IS NULL;
