-- The rows to be of one month, with all that judging them needs; a segment that the ledger knows has none.
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT
  p.segment, p.line, p.at AS clicked_at, p.id_high, p.id_low, p.run, p.workspace_key, p.domain_key, p.link_key,
  p.class_at_answer, p.method, p.status, p.branch, nullif(p.reason, '') AS branch_reason,
  nullif(p.source, '') AS source,
  nullif(g.country, '') AS country, nullif(g.region, '') AS region, nullif(g.city, '') AS city,
  TRY_CAST(g.asn AS UINTEGER) AS asn,
  nullif(a.browser, '') AS browser, nullif(a.os, '') AS os, nullif(a.device, '') AS device,
  CASE WHEN NOT p.private THEN
    nullif(lower(regexp_extract(p.language, '^ *([A-Za-z]{2,3})(?:[-_,; ]|$)', 1)), '') END AS language,
  CASE WHEN NOT p.private THEN memory.host_of(p.referrer) END AS referrer_host,
  CASE WHEN NOT p.private THEN nullif(p.referrer, '') END AS referrer,
  coalesce(memory.parameter(p.query, 'utm_source'), memory.parameter(p.own, 'utm_source')) AS utm_source,
  coalesce(memory.parameter(p.query, 'utm_medium'), memory.parameter(p.own, 'utm_medium')) AS utm_medium,
  coalesce(memory.parameter(p.query, 'utm_campaign'), memory.parameter(p.own, 'utm_campaign')) AS utm_campaign,
  coalesce(memory.parameter(p.query, 'utm_term'), memory.parameter(p.own, 'utm_term')) AS utm_term,
  coalesce(memory.parameter(p.query, 'utm_content'), memory.parameter(p.own, 'utm_content')) AS utm_content,
  coalesce(memory.parameter(p.query, 'sub1'), memory.parameter(p.own, 'sub1')) AS sub1,
  coalesce(memory.parameter(p.query, 'sub2'), memory.parameter(p.own, 'sub2')) AS sub2,
  coalesce(memory.parameter(p.query, 'sub3'), memory.parameter(p.own, 'sub3')) AS sub3,
  coalesce(memory.parameter(p.query, 'sub4'), memory.parameter(p.own, 'sub4')) AS sub4,
  coalesce(memory.parameter(p.query, 'sub5'), memory.parameter(p.own, 'sub5')) AS sub5,
  coalesce(memory.parameter(p.query, 'sub6'), memory.parameter(p.own, 'sub6')) AS sub6,
  coalesce(memory.parameter(p.query, 'sub7'), memory.parameter(p.own, 'sub7')) AS sub7,
  coalesce(memory.parameter(p.query, 'sub8'), memory.parameter(p.own, 'sub8')) AS sub8,
  coalesce(memory.parameter(p.query, 'sub9'), memory.parameter(p.own, 'sub9')) AS sub9,
  coalesce(memory.parameter(p.query, 'sub10'), memory.parameter(p.own, 'sub10')) AS sub10,
  nullif(p.sub_id, '') AS sub_id,
  CASE WHEN NOT p.private THEN nullif(p.query, '') END AS query,
  CASE WHEN NOT p.private THEN nullif(g.kept, '') END AS ip,
  CASE WHEN NOT p.private THEN nullif(p.agent, '') END AS agent,
  CASE WHEN NOT p.private THEN
    ('0x' || sha256(d.salt || '|' || p.workspace_key || '|' || p.ip || '|' || p.agent)[1:12])::UBIGINT
  END AS visitor,
  e.ip IS NOT NULL AS own_visit, nullif(g.network, '') AS network,
  a.class AS agent_class, nullif(a.reason, '') AS agent_reason
FROM parsed p
LEFT JOIN agents a ON a.agent = p.agent
LEFT JOIN places g ON g.ip = p.ip
LEFT JOIN salts d ON d.day = p.day
LEFT JOIN excluded e ON e.workspace_key = p.workspace_key::VARCHAR AND e.ip = p.ip
WHERE p.fault IS NULL AND p.month = $month
  AND p.name NOT IN (SELECT l.name FROM ledger l WHERE l.stream = 'clicks' AND l.name >= $oldest)
