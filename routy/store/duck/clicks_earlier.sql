-- What is stored of the visitors of `fresh` and of their days: who was here already is neither unique nor new.
CREATE OR REPLACE TEMP TABLE earlier AS
SELECT clicked_at, link_key, visitor, branch, class, class_reason, is_unique, is_new
FROM {clicks}
WHERE clicked_at >= (SELECT date_trunc('day', min(clicked_at)) FROM fresh)
  AND clicked_at < (SELECT date_trunc('day', max(clicked_at)) + INTERVAL 1 DAY FROM fresh)
  AND visitor IN (SELECT visitor FROM fresh)
  AND (class IN ('human', 'duplicate') OR class_reason = 'rate')
