-- From lines of API_REQUESTS version 1 to typed values; what cannot be one gets a fault.
CREATE OR REPLACE TEMP TABLE parsed AS
SELECT
  f.segment, s.rowid - f.first + 1 AS line, f.name, s.file,
  strftime(to_timestamp_utc(s.at), '%Y-%m') AS month,
  to_timestamp_utc(s.at)::TIMESTAMP_MS AS at,
  TRY_CAST('0x' || s.random[1:4] AS USMALLINT) AS id_high,
  TRY_CAST('0x' || s.random[5:20] AS UBIGINT) AS id_low,
  s.run, s.workspace_id, s.actor_id, s.method, s.route,
  TRY_CAST(s.status AS USMALLINT) AS status,
  TRY_CAST(s.ms AS INTEGER) AS ms,
  s.ip,
  TRY_CAST(s.bytes AS BIGINT) AS bytes,
  CASE
    WHEN s.whole <> '.' THEN 'torn'
    WHEN to_timestamp_utc(s.at) IS NULL THEN 'time'
    WHEN length(s.random) <> 20 OR id_high IS NULL OR id_low IS NULL THEN 'id'
  END AS fault
FROM staged s JOIN offered f USING (file)
