"""Kinds that watch records: each looks which links, webhooks or tokens something is the matter with."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from routy.alerts.figures import Seen
from routy.alerts.judging import Sight
from routy.clock import MINUTE, SECOND
from routy.resource import Reader, Row
from routy.resources.alerts import percent_of, value_of

MOST_SUBJECTS = 200  # of one alert at a time
MOST_EVENTS = 500  # of one look
OFTEN_MS = 15 * SECOND
LATELY_MS = 5 * MINUTE

Near = Callable[[int], Mapping[int, tuple[int, int]]]

_LINKS = """/* alerts.links */
SELECT key, id, slug FROM links
WHERE key IN (SELECT value FROM json_each(?)) AND workspace_id = ? AND (?3 IS NULL OR id = ?3)
  AND status = 'active' AND deleted_at IS NULL ORDER BY key LIMIT ?
"""
_WEBHOOKS = """/* alerts.webhooks */
SELECT id, coalesce(nullif(description, ''), url) AS name, url, failing_since FROM webhooks
WHERE workspace_id = ? AND (?2 IS NULL OR id = ?2) AND deleted_at IS NULL
  AND (paused_because IS NOT NULL OR failing_since <= ?)
ORDER BY key LIMIT ?
"""
_EVENTS = """/* alerts.events */
SELECT seq, type, record_id, data, created_at FROM events WHERE workspace_id = ? AND seq > ? ORDER BY seq LIMIT ?
"""
TYPES = {"link_expired": "link.expired", "token_unusual": "token.unusual"}


def near_limit(reader: Reader, near: Near, alert: Row, watch: Row, now: int) -> Seen:
    """Links that have used so much of their click limit."""
    used = near(percent_of(alert))
    asked = (json.dumps(sorted(used)), alert["workspace_id"], alert["subject_id"], MOST_SUBJECTS)
    rows = reader.rows(_LINKS, asked) if used else []
    sights = [Sight(True, False, *used[row["key"]], row["id"], row["slug"]) for row in rows]
    return Seen(sights, now + MINUTE, 0, watch["event_seq"])


def failing_webhooks(reader: Reader, alert: Row, watch: Row, now: int) -> Seen:
    """Webhooks that have failed for the whole of the window, or that were paused for it. The figure is minutes."""
    since = now - alert["window_minutes"] * MINUTE
    rows = reader.rows(_WEBHOOKS, (alert["workspace_id"], alert["subject_id"], since, MOST_SUBJECTS))
    sights = [Sight(True, False, _minutes(row, now), None, row["id"], _host(row)) for row in rows]
    return Seen(sights, now + MINUTE, 0, watch["event_seq"])


def _minutes(webhook: Row, now: int) -> int | None:
    return None if webhook["failing_since"] is None else (now - webhook["failing_since"]) // MINUTE


def _host(webhook: Row) -> str:
    """What it is called; of an address the host, as more of it may be a secret."""
    name = str(webhook["name"])
    return urlsplit(name).hostname or name if name == webhook["url"] else name


def spool_lag(lag_ms: int, alert: Row, watch: Row, now: int) -> Seen:
    """The seconds that the oldest click has waited for the store."""
    seconds, limit = lag_ms // SECOND, value_of(alert)
    return Seen(
        [Sight(seconds > limit, 2 * seconds <= limit, seconds, limit)], now + OFTEN_MS, 0, watch["event_seq"]
    )


def told_events(reader: Reader, alert: Row, watch: Row, now: int) -> Seen:
    """What events have told since the last look; it holds for the window, and no longer."""
    rows = reader.rows(_EVENTS, (alert["workspace_id"], watch["event_seq"], MOST_EVENTS))
    told = [row for row in rows if row["type"] == TYPES[alert["kind"]] and _is_meant(alert, row)]
    sights = {row["record_id"]: Sight(True, False, None, None, row["record_id"], _name(row)) for row in told}
    seq = rows[-1]["seq"] if rows else watch["event_seq"]
    due_at = now if len(rows) == MOST_EVENTS else now + OFTEN_MS
    return Seen(list(sights.values()), due_at, 0, seq, alert["window_minutes"] * MINUTE)


def _is_meant(alert: Row, event: Row) -> bool:
    """What happened while it was paused is not told when it goes on."""
    lately = event["created_at"] >= alert["updated_at"] - LATELY_MS
    return lately and alert["subject_id"] in (None, event["record_id"])


def _name(event: Row) -> str:
    data = json.loads(event["data"])
    return str(data.get("slug") or data.get("name") or "")
