"""The walk of an alert: find the one that is due, look, write down what was seen.

Looking takes as long as a report, so it happens outside of any transaction; what it brings counts only if nobody
looked or changed the rule meanwhile (alerts/firing.py).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from routy.alerts import conditions, figures
from routy.alerts.conditions import Near
from routy.alerts.figures import Batch, Seen
from routy.alerts.firing import Desk, fail, record, stop
from routy.alerts.notices import Send
from routy.clock import MINUTE, Clock
from routy.errors import RoutyError
from routy.records import read
from routy.records.beginning import system_of
from routy.resource import Row
from routy.resources.alerts import OF_REPORTS, Alert
from routy.store.sqlite import Records

log = logging.getLogger("routy.alerts")

AGAIN_MS = MINUTE  # after a look that failed

_DUE = """/* alerts.due */
SELECT a.id, a.workspace_id, s.timezone, w.version AS was_version, w.due_at,
  CASE WHEN w.version = a.version THEN w.judged_to ELSE 0 END AS judged_to,
  coalesce(w.event_seq, a.seq) AS event_seq
FROM alerts a JOIN workspaces s ON s.id = a.workspace_id LEFT JOIN alert_watches w ON w.alert_id = a.id
WHERE (a.status = 'active' AND a.deleted_at IS NULL AND s.deleted_at IS NULL
    AND (w.due_at IS NULL OR w.version <> a.version OR w.due_at <= :now))
  OR (a.state = 'firing' AND (a.status = 'paused' OR a.deleted_at IS NOT NULL))
ORDER BY w.due_at LIMIT 1
"""


@dataclass(frozen=True)
class Sources:
    """What alerts look at, and by whom people are told; app.py makes it. `watermark` is the moment up to which all
    clicks are in the store, `lag_ms` how long the oldest one waits, `near` the links that have used so much (per
    cent) of their limit, each with what it used and the limit; `url` is where this server is."""

    records: Records
    clock: Clock
    batch: Batch
    watermark: Callable[[], int]
    lag_ms: Callable[[], int]
    near: Near
    send: Send
    url: str


def alert_once(sources: Sources) -> bool:
    """Look at one alert that is due; True when there may be more."""
    now = sources.clock()
    watch = sources.records.one(_DUE, {"now": now})
    if watch is None:
        return False
    alert = read.find(sources.records, system_of(watch["workspace_id"]), Alert, watch["id"], trashed=True)
    desk = Desk(alert, watch, sources.send, sources.url)
    if alert["status"] == "paused" or alert["deleted_at"] is not None:
        with sources.records.transaction(now) as tx:
            stop(tx, desk)
        return True
    _look(sources, desk, now)
    return True


def _look(sources: Sources, desk: Desk, now: int) -> None:
    problem = ""
    try:
        seen = _seen(sources, desk.alert, desk.watch, now)
    except RoutyError as error:
        problem = error.message
    except Exception as error:  # one alert must not keep the others from being looked at
        log.exception("the alert %s cannot be looked at", desk.id)
        problem = f"it failed: {type(error).__name__}"
    with sources.records.transaction(now) as tx:
        if problem:
            fail(tx, desk, now + AGAIN_MS, problem)
        else:
            record(tx, desk, seen)


def _seen(sources: Sources, alert: Row, watch: Row, now: int) -> Seen:
    kind = alert["kind"]
    if kind in OF_REPORTS:
        return figures.see(sources.batch, alert, watch, watch["timezone"], sources.watermark(), now)
    if kind == "link_limit":
        return conditions.near_limit(sources.records, sources.near, alert, watch, now)
    if kind == "webhook":
        return conditions.failing_webhooks(sources.records, alert, watch, now)
    if kind == "spool_lag":
        return conditions.spool_lag(sources.lag_ms(), alert, watch, now)
    return conditions.told_events(sources.records, alert, watch, now)
