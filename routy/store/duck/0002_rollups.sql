-- Private sub ids, uniques as flags, judgements of a later day, and roll-ups.
--
-- Where a question is about one link, or about the whole workspace, uniques are sums of flags and need no rows.
-- (DuckDB takes one ALTER of a table in a transaction, so the table is made anew.)

CREATE TABLE clicks_2 (
  segment INTEGER NOT NULL,            -- with line: the order of loading, never changed by sorting
  line INTEGER NOT NULL,
  clicked_at TIMESTAMP_MS NOT NULL,    -- UTC
  id_high USMALLINT NOT NULL,
  id_low UBIGINT NOT NULL,
  run VARCHAR,                         -- of the server that answered
  workspace_key INTEGER NOT NULL,
  domain_key INTEGER NOT NULL,
  link_key INTEGER NOT NULL,
  class VARCHAR NOT NULL,
  class_reason VARCHAR,
  class_version UTINYINT,              -- of the rules that said so
  class_at_answer VARCHAR,
  method VARCHAR,
  status USMALLINT,
  branch VARCHAR,                      -- where the visitor went: destination, fallback, inactive …
  branch_reason VARCHAR,               -- and why not to the destination: paused, expired …
  source VARCHAR,
  country VARCHAR,
  region VARCHAR,
  city VARCHAR,
  asn UINTEGER,
  browser VARCHAR,
  os VARCHAR,
  device VARCHAR,
  language VARCHAR,
  referrer_host VARCHAR,
  referrer VARCHAR,
  utm_source VARCHAR,
  utm_medium VARCHAR,
  utm_campaign VARCHAR,
  utm_term VARCHAR,
  utm_content VARCHAR,
  sub1 VARCHAR,
  sub2 VARCHAR,
  sub3 VARCHAR,
  sub4 VARCHAR,
  sub5 VARCHAR,
  sub6 VARCHAR,
  sub7 VARCHAR,
  sub8 VARCHAR,
  sub9 VARCHAR,
  sub10 VARCHAR,
  sub_id VARCHAR,                      -- private: taken off the query before it was passed on
  query VARCHAR,                       -- as it came, percent-encoded
  ip VARCHAR,                          -- as much of it as is kept
  agent VARCHAR,
  visitor UBIGINT,
  is_unique BOOLEAN NOT NULL,          -- the first human row of this visitor for this link on this day (UTC)
  is_new BOOLEAN NOT NULL              -- … and in the workspace
);

INSERT INTO clicks_2 BY NAME
SELECT *,
  class = 'human' AND row_number() OVER (
    PARTITION BY class, date_trunc('day', clicked_at), visitor, link_key ORDER BY clicked_at, segment, line) = 1
    AS is_unique,
  class = 'human' AND row_number() OVER (
    PARTITION BY class, date_trunc('day', clicked_at), visitor, workspace_key ORDER BY clicked_at, segment, line) = 1
    AS is_new
FROM clicks ORDER BY segment, line;
DROP TABLE clicks;
ALTER TABLE clicks_2 RENAME TO clicks;

-- What a row is taken for since it was judged again. The row itself stays as it was, until its month is written anew
-- as another generation.
CREATE TABLE judgements (
  segment INTEGER NOT NULL,
  line INTEGER NOT NULL,
  class VARCHAR NOT NULL,
  class_reason VARCHAR,
  class_version UTINYINT NOT NULL,
  is_unique BOOLEAN NOT NULL,
  is_new BOOLEAN NOT NULL,
  judged_at TIMESTAMP_MS NOT NULL
);

-- Rows by quarter-hour (some zones are half and quarter hours off), domain, link and class. A key may stand here many
-- times, some of them negative: the truth is the sum. Partials come with each load and are merged when their hour is
-- over. Roll-ups outlive the rows that retention takes.
CREATE TABLE rollups (
  quarter TIMESTAMP_MS NOT NULL,       -- its first moment, UTC
  workspace_key INTEGER NOT NULL,
  domain_key INTEGER NOT NULL,
  link_key INTEGER NOT NULL,
  class VARCHAR NOT NULL,
  clicks BIGINT NOT NULL,
  uniques BIGINT NOT NULL,             -- rows with is_unique
  new BIGINT NOT NULL,                 -- rows with is_new
  sent BIGINT NOT NULL,                -- rows that count against a click limit: sent on, and no preview
  sent_people BIGINT NOT NULL          -- those of them that were taken for human when they were answered
);
CREATE TABLE rollup_partials AS FROM rollups LIMIT 0;

-- One row once the rows have been sorted by link and time, as those of a month that is over are: up to this segment.
CREATE TABLE sorted (segment INTEGER NOT NULL, sorted_at TIMESTAMP_MS NOT NULL);

-- Rows that this file no longer has.
CREATE TABLE erased (
  stream VARCHAR NOT NULL,
  cause VARCHAR NOT NULL,              -- retention: roll-ups still count them; erasure: nothing does
  class VARCHAR NOT NULL,
  rows BIGINT NOT NULL,
  erased_at TIMESTAMP_MS NOT NULL
);

INSERT INTO rollups
SELECT
  time_bucket(INTERVAL 15 MINUTES, clicked_at), workspace_key, domain_key, link_key, class,
  count(*), count_if(is_unique), count_if(is_new),
  count_if(branch = 'destination' AND class_at_answer <> 'preview'),
  count_if(branch = 'destination' AND class_at_answer = 'human')
FROM clicks GROUP BY ALL ORDER BY ALL;
