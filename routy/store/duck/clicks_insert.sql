-- The judged rows of `fresh`, in the order of their lines.
INSERT INTO clicks BY NAME
SELECT f.* EXCLUDE (own_visit, network, agent_class, agent_reason),
  j.class, j.class_reason, $version::UTINYINT AS class_version, j.is_unique, j.is_new
FROM fresh f JOIN judged j USING (segment, line)
ORDER BY segment, line
