-- From lines of CLICKS version 2 to typed values; what cannot be one gets a fault.
CREATE OR REPLACE TEMP TABLE parsed AS
SELECT
  f.segment, s.rowid - f.first + 1 AS line, f.name, s.file,
  strftime(to_timestamp_utc(s.at), '%Y-%m') AS month,
  strftime(to_timestamp_utc(s.at), '%Y-%m-%d') AS day,
  to_timestamp_utc(s.at)::TIMESTAMP_MS AS at,
  TRY_CAST('0x' || s.random[1:4] AS USMALLINT) AS id_high,
  TRY_CAST('0x' || s.random[5:20] AS UBIGINT) AS id_low,
  s.run,
  TRY_CAST(s.workspace_key AS INTEGER) AS workspace_key,
  TRY_CAST(s.domain_key AS INTEGER) AS domain_key,
  TRY_CAST(s.link_key AS INTEGER) AS link_key,
  s.class_at_answer, s.method,
  TRY_CAST(s.status AS USMALLINT) AS status,
  s.branch, s.reason, s.source, s.ip, s.agent, s.referrer, s.language, s.query, s.own, s.sub_id, s.private = '1' AS private,
  CASE
    WHEN s.whole <> '.' THEN 'torn'
    WHEN to_timestamp_utc(s.at) IS NULL THEN 'time'
    WHEN length(s.random) <> 20 OR id_high IS NULL OR id_low IS NULL THEN 'id'
    WHEN workspace_key IS NULL OR domain_key IS NULL OR link_key IS NULL THEN 'key'
    WHEN TRY_CAST(s.status AS USMALLINT) IS NULL THEN 'status'
    WHEN s.class_at_answer = '' THEN 'class'
  END AS fault
FROM staged s JOIN offered f USING (file)
