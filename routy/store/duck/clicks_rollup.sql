-- The roll-up of what has just been stored.
INSERT INTO rollup_partials
SELECT
  time_bucket(INTERVAL 15 MINUTES, f.clicked_at), f.workspace_key, f.domain_key, f.link_key, j.class,
  count(*), count_if(j.is_unique), count_if(j.is_new),
  count_if(f.branch IN ('destination', 'android', 'ios') AND f.class_at_answer <> 'preview'),
  count_if(f.branch IN ('destination', 'android', 'ios') AND f.class_at_answer = 'human')
FROM fresh f JOIN judged j USING (segment, line)
GROUP BY ALL ORDER BY ALL
