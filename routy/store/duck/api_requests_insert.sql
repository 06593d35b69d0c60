/* api_requests.load */
INSERT INTO api_requests (
  segment, line, requested_at, id_high, id_low, workspace_id, actor_id, method, route, status, ms, ip, bytes)
SELECT
  p.segment, p.line, p.at, p.id_high, p.id_low, nullif(p.workspace_id, ''), nullif(p.actor_id, ''),
  nullif(p.method, ''), nullif(p.route, ''), p.status, p.ms, nullif(p.ip, ''), p.bytes
FROM parsed p
WHERE p.fault IS NULL AND p.month = $month
  AND p.name NOT IN (SELECT l.name FROM ledger l WHERE l.stream = 'api_requests' AND l.name >= $oldest)
ORDER BY p.segment, p.line
