"""Clicks judged again, by the rules and lists of today.

A row is never changed: what it is taken for from now on lies over it as a judgement, roll-ups get the difference
as signed rows, and flags are set anew, a day (UTC) at a time, since a visitor is one of one day. What was seen when
the click came and is gone since, such as its whole address, stands as it was judged then.
"""

from collections.abc import Callable
from typing import Any

from routy.clicks.storing import Rules, statement
from routy.clock import DAY, end_of_month
from routy.store.cursors import Writer
from routy.store.duck import ClickStore
from routy.store.months import Month, united

_AGENTS = """/* reclassify.agents */
SELECT DISTINCT coalesce(agent, '') FROM clicks WHERE clicked_at >= make_timestamp_ms($since::BIGINT)
"""
_FRESH = """/* reclassify.fresh */
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT c.segment, c.line, c.clicked_at, c.workspace_key, c.domain_key, c.link_key, c.visitor, c.method, c.branch,
  c.class_at_answer, c.class = 'self' AS own_visit,
  CASE WHEN c.class = 'datacenter' THEN c.class_reason END AS network,
  a.class AS agent_class, nullif(a.reason, '') AS agent_reason
FROM clicks c JOIN agents a ON a.agent = coalesce(c.agent, '')
WHERE c.clicked_at >= make_timestamp_ms($since::BIGINT) AND c.visitor IS NOT NULL
"""
_NOBODY_EARLIER = """/* reclassify.earlier */
CREATE OR REPLACE TEMP TABLE earlier AS
SELECT clicked_at, link_key, visitor, branch, class, class_reason, is_unique, is_new FROM clicks LIMIT 0
"""
_BEFORE = """/* reclassify.before */
CREATE OR REPLACE TEMP TABLE before AS
SELECT c.segment, c.line, c.class, c.class_reason, c.is_unique, c.is_new
FROM {clicks} c JOIN judged j ON j.segment = c.segment AND j.line = c.line
"""
_CHANGED = """/* reclassify.changed */
SELECT count(*) FROM before b JOIN judged j USING (segment, line)
WHERE (b.class, b.class_reason, b.is_unique, b.is_new)
  IS DISTINCT FROM (j.class, j.class_reason, j.is_unique, j.is_new)
"""
_ROLL_UP = """/* reclassify.rollup */
INSERT INTO rollup_partials
SELECT time_bucket(INTERVAL 15 MINUTES, f.clicked_at), f.workspace_key, f.domain_key, f.link_key, d.class,
  sum(d.sign), sum(d.sign * d.is_unique::INTEGER), sum(d.sign * d.is_new::INTEGER), 0, 0
FROM fresh f JOIN (
  SELECT segment, line, class, is_unique, is_new, -1 AS sign FROM before
  UNION ALL SELECT segment, line, class, is_unique, is_new, 1 FROM judged) d USING (segment, line)
GROUP BY ALL
HAVING sum(d.sign) <> 0 OR sum(d.sign * d.is_unique::INTEGER) <> 0 OR sum(d.sign * d.is_new::INTEGER) <> 0
ORDER BY ALL
"""
_FORGET = """/* reclassify.forget */
DELETE FROM judgements USING judged WHERE judgements.segment = judged.segment AND judgements.line = judged.line
"""
_JUDGE = """/* reclassify.judgements */
INSERT INTO judgements
SELECT j.segment, j.line, j.class, j.class_reason, $version, j.is_unique, j.is_new,
  make_timestamp_ms($now::BIGINT)
FROM judged j JOIN clicks c USING (segment, line)
WHERE (c.class, c.class_reason, c.is_unique, c.is_new)
  IS DISTINCT FROM (j.class, j.class_reason, j.is_unique, j.is_new)
"""

LookUp = Callable[[Writer, list[str]], None]  # makes the table agents for these agents


def reclassify(
    store: ClickStore, rules: Rules, version: int, look_up: LookUp, since: int, now: int
) -> dict[str, Any]:
    """Judge again what was clicked since, from the beginning of that day (UTC) on. Returns, by month, how many rows
    are taken for something else than before."""
    since = since // DAY * DAY
    changed = {}
    with store.writing() as writer:
        for month in store.months:
            if end_of_month(month.name) > since:
                found = _judge_again(writer, month, rules, version, look_up, since, now)
                changed[month.name] = found
                if found:
                    store.overlay(month)
    return {"changed": changed, "version": version}


def _judge_again(
    writer: Writer, month: Month, rules: Rules, version: int, look_up: LookUp, since: int, now: int
) -> int:
    with writer.transaction(month.name):
        look_up(writer, writer.column(_AGENTS, {"since": since}))
        writer.run(_FRESH, {"since": since})
        writer.run(_NOBODY_EARLIER)
        writer.run(statement("judge"), rules.values())
        writer.run(_BEFORE.format(clicks=united("clicks", [month])))
        changed = int(writer.column(_CHANGED)[0])
        if changed:
            writer.run(_ROLL_UP)
            writer.run(_FORGET)
            writer.run(_JUDGE, {"version": version, "now": now})
    return changed
