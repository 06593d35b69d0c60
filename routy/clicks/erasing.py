"""Rows erased for somebody's sake: all clicks of a link, or of one visitor on one day.

They go from rows and roll-ups alike, so that every figure is as if they had never been; only click limits remember
how many visitors were sent on. The raw lines in loaded segments live for a day at most (docs/privacy.md).
"""

from collections.abc import Mapping
from typing import Any

from routy.clicks.counters import Touched
from routy.clicks.generations import Keep, rewrite
from routy.clock import DAY
from routy.records import write
from routy.records.beginning import system_of
from routy.resource import Row
from routy.resources.erasures import Erasure
from routy.store.duck import ClickStore, parts_of
from routy.store.sqlite import Records

_FOUND = """/* erasing.found */
SELECT greatest(
  (SELECT count(*) FROM {clicks} WHERE NOT ({keep})),
  (SELECT coalesce(sum(clicks), 0) FROM {rollups} WHERE NOT ({stay})))::BIGINT
"""


_PENDING = """/* erasing.pending */
SELECT e.id, e.workspace_id, w.key AS workspace_key, e.subject, l.key AS link_key
FROM erasures e JOIN workspaces w ON w.id = e.workspace_id LEFT JOIN links l ON l.id = e.subject
WHERE e.status = 'pending' AND e.deleted_at IS NULL ORDER BY e.key LIMIT 1
"""
_VISITOR = """/* erasing.visitor */
SELECT visitor FROM {clicks} WHERE workspace_key = $workspace_key AND clicked_at = make_timestamp_ms($at_ms::BIGINT)
  AND id_high = $high::USMALLINT AND id_low = $low::UBIGINT AND visitor IS NOT NULL
"""


def erase_once(store: ClickStore, records: Records, touched: Touched, now: int) -> bool:
    """Do one erasure that is pending; True when there may be more. One that dies in the middle is done again."""
    asked = records.one(_PENDING)
    if asked is None:
        return False
    keep = _keep(store, asked)
    erased = erase(store, keep, now) if keep else 0
    touched.add_all()
    with records.transaction(now) as tx:
        done = {"status": "done", "clicks": erased, "done_at": now}
        write.update(tx, system_of(asked["workspace_id"]), Erasure, asked["id"], done)
    return True


def _keep(store: ClickStore, asked: Row) -> Keep | None:
    """None when there is nothing to erase: no such click (any more), or a link that was deleted for good."""
    if asked["subject"].startswith("link_"):
        return keep_other_links(asked["link_key"]) if asked["link_key"] is not None else None
    at_ms, high, low = parts_of(asked["subject"])
    values = {"workspace_key": asked["workspace_key"], "at_ms": at_ms, "high": high, "low": low}
    with store.glancing() as reader:
        found = reader.column(_VISITOR.format(clicks=reader.source("clicks", at_ms, at_ms + 1)), values)
    return keep_other_visitors(asked["workspace_key"], found[0], at_ms // DAY * DAY) if found else None


def keep_other_links(link_key: int) -> Keep:
    return Keep("link_key <> $link_key", {"link_key": link_key}, "erasure", f"link_key <> {int(link_key)}")


def keep_other_visitors(workspace_key: int, visitor: int, day_ms: int) -> Keep:
    """It is somebody else on any other day."""
    values: Mapping[str, Any] = {
        "workspace_key": workspace_key,
        "visitor": visitor,
        "from_ms": day_ms,
        "to_ms": day_ms + DAY,
    }
    return Keep(
        "workspace_key <> $workspace_key OR visitor IS DISTINCT FROM $visitor::UBIGINT"
        " OR clicked_at < make_timestamp_ms($from_ms::BIGINT) OR clicked_at >= make_timestamp_ms($to_ms::BIGINT)",
        values,
        "erasure",
    )


def erase(store: ClickStore, keep: Keep, now: int) -> int:
    """Erase, month by month; returns how many clicks went, rows or only counted still. Loading waits, reading does
    not."""
    erased = 0
    with store.writing():
        for month in store.months:
            with store.glancing() as reader:
                sources = {name: reader.source_of(name, month) for name in ("clicks", "rollups")}
                asked = _FOUND.format(**sources, keep=keep.sql, stay=keep.rollups)
                found = reader.column(asked, keep.values)[0]
            if found:
                rewrite(store, month, keep, now)
                erased += found
    return erased
