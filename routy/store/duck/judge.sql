-- The class of each row of `fresh`, with its reason, and whether it is a unique and a new visitor. A visitor is one of
-- one day only (UTC), so a day can be judged without the day before it.
--
-- In this order: self, head, prefetch, preview, scanner, bot, datacenter; then, among the people that are left, too
-- many clicks in a minute (bot) and the same link again within moments (duplicate). To see the form of a password and
-- then to send it is no hurry.
CREATE OR REPLACE TEMP TABLE judged AS
WITH told AS (
  SELECT segment, line, clicked_at, link_key, visitor, branch,
    CASE
      WHEN own_visit THEN 'self'
      WHEN method = 'HEAD' THEN 'head'
      WHEN class_at_answer = 'prefetch' THEN 'prefetch'
      WHEN agent_class <> 'human' THEN agent_class
      WHEN network IS NOT NULL THEN 'datacenter'
      ELSE 'human'
    END AS class,
    CASE
      WHEN own_visit THEN 'excluded'
      WHEN method = 'HEAD' THEN 'method'
      WHEN class_at_answer = 'prefetch' THEN 'purpose'
      WHEN agent_class <> 'human' THEN agent_reason
      ELSE network
    END AS reason
  FROM fresh
), people AS (
  SELECT segment, line, clicked_at, link_key, visitor FROM told
  WHERE class = 'human' AND visitor IS NOT NULL AND branch <> 'password'
  UNION ALL
  SELECT -1, -1, clicked_at, link_key, visitor FROM earlier WHERE branch <> 'password'
), paced AS (
  SELECT *, count(*) OVER (
    PARTITION BY visitor ORDER BY clicked_at RANGE BETWEEN INTERVAL 1 MINUTE PRECEDING AND CURRENT ROW) AS in_a_minute
  FROM people
), spaced AS (
  SELECT segment, line, in_a_minute, epoch_ms(clicked_at - lag(clicked_at) OVER (
    PARTITION BY visitor, link_key ORDER BY clicked_at, segment, line)) AS since_ms
  FROM paced
), classed AS (
  SELECT t.segment, t.line, t.clicked_at, t.link_key, t.visitor,
    CASE
      WHEN $most_per_minute > 0 AND s.in_a_minute > $most_per_minute THEN 'bot'
      WHEN s.since_ms < $duplicate_ms THEN 'duplicate'
      ELSE t.class
    END AS class,
    CASE
      WHEN $most_per_minute > 0 AND s.in_a_minute > $most_per_minute THEN 'rate'
      WHEN s.since_ms < $duplicate_ms THEN 'again'
      ELSE t.reason
    END AS class_reason
  FROM told t LEFT JOIN spaced s ON s.segment = t.segment AND s.line = t.line
), flagged AS (
  SELECT segment, line, class, class_reason, clicked_at, link_key, visitor,
    class = 'human' AND visitor IS NOT NULL AND 1 = row_number() OVER (
      PARTITION BY date_trunc('day', clicked_at), visitor, link_key, class ORDER BY clicked_at, segment, line)
      AS first_of_link,
    class = 'human' AND visitor IS NOT NULL AND 1 = row_number() OVER (
      PARTITION BY date_trunc('day', clicked_at), visitor, class ORDER BY clicked_at, segment, line) AS first_of_all
  FROM classed
)
SELECT segment, line, class, class_reason,
  first_of_link AND NOT EXISTS (
    SELECT 1 FROM earlier e WHERE e.visitor = f.visitor AND e.link_key = f.link_key AND e.is_unique) AS is_unique,
  first_of_all AND NOT EXISTS (SELECT 1 FROM earlier e WHERE e.visitor = f.visitor AND e.is_new) AS is_new
FROM flagged f
