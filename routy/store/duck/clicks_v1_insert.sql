/* clicks.load */
INSERT INTO clicks (
  segment, line, clicked_at, id_high, id_low, run, workspace_key, domain_key, link_key,
  class, class_reason, class_version, class_at_answer, method, status, branch, branch_reason, source,
  country, region, city, asn, browser, os, device, language, referrer_host, referrer,
  utm_source, utm_medium, utm_campaign, utm_term, utm_content,
  sub1, sub2, sub3, sub4, sub5, sub6, sub7, sub8, sub9, sub10,
  query, ip, agent, visitor)
SELECT
  p.segment, p.line, p.at, p.id_high, p.id_low, p.run, p.workspace_key, p.domain_key, p.link_key,
  p.class_at_answer,
  CASE
    WHEN p.class_at_answer = 'head' THEN 'method'
    WHEN p.class_at_answer = 'prefetch' THEN 'purpose'
    ELSE nullif(a.crawler, '')
  END,
  TRY_CAST(a.version AS UTINYINT), p.class_at_answer,
  p.method, p.status, p.branch, nullif(p.reason, ''), nullif(p.source, ''),
  nullif(g.country, ''), NULL, NULL, NULL,
  nullif(a.browser, ''), nullif(a.os, ''), nullif(a.device, ''),
  nullif(lower(regexp_extract(p.language, '^ *([A-Za-z]{2,3})(?:[-_,; ]|$)', 1)), ''),
  memory.host_of(p.referrer), nullif(p.referrer, ''),
  memory.parameter(p.query, 'utm_source'), memory.parameter(p.query, 'utm_medium'),
  memory.parameter(p.query, 'utm_campaign'), memory.parameter(p.query, 'utm_term'),
  memory.parameter(p.query, 'utm_content'),
  memory.parameter(p.query, 'sub1'), memory.parameter(p.query, 'sub2'), memory.parameter(p.query, 'sub3'),
  memory.parameter(p.query, 'sub4'), memory.parameter(p.query, 'sub5'), memory.parameter(p.query, 'sub6'),
  memory.parameter(p.query, 'sub7'), memory.parameter(p.query, 'sub8'), memory.parameter(p.query, 'sub9'),
  memory.parameter(p.query, 'sub10'),
  nullif(p.query, ''), nullif(g.kept, ''), nullif(p.agent, ''),
  ('0x' || sha256(d.salt || '|' || p.workspace_key || '|' || p.ip || '|' || p.agent)[1:12])::UBIGINT
FROM parsed p
LEFT JOIN agents a ON a.agent = p.agent
LEFT JOIN places g ON g.ip = p.ip
LEFT JOIN salts d ON d.day = p.day
WHERE p.fault IS NULL AND p.month = $month
  AND p.name NOT IN (SELECT l.name FROM ledger l WHERE l.stream = 'clicks' AND l.name >= $oldest)
ORDER BY p.segment, p.line
