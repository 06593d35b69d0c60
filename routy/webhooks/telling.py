"""From events to deliveries: a worker reads the events in the order of their commits, and moves its mark in the
same transaction that puts in what they are to become. Each event is told to each webhook exactly once."""

import json

from routy.clock import Clock
from routy.deliveries.queue import enqueue
from routy.resource import Row
from routy.resources.webhooks import payload
from routy.store.sqlite import Records, Transaction
from routy.webhooks.matching import Listener, listener, listeners

AT_ONCE = 200
MOST_PUT = 2000  # deliveries in one transaction, as others wait for the write lock meanwhile
MARK = "webhooks_told"

_MARK = "/* webhooks.mark */ SELECT CAST(value AS INTEGER) AS seq FROM facts WHERE name = ?"
_MOVE = "/* webhooks.move_mark */ INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"
_NEXT = "/* events.next */ SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
_ANY = "/* events.any_after */ SELECT 1 FROM events WHERE seq > ? LIMIT 1"


def fan_out_once(records: Records, clock: Clock) -> bool:
    """Turn some events into deliveries; True when there may be more."""
    mark = records.one(_MARK, (MARK,))
    if records.one(_ANY, (mark["seq"] if mark else 0,)) is None:
        return False
    with records.transaction(clock()) as tx:
        events = tx.rows(_NEXT, (mark["seq"] if mark else 0, AT_ONCE))
        found, told, put = listeners(tx), 0, 0
        while told < len(events) and put < MOST_PUT:
            put += _tell(tx, found, events[told])
            told += 1
        tx.run(_MOVE, (MARK, str(events[told - 1]["seq"])))
    return told < len(events) or told == AT_ONCE


def _tell(tx: Transaction, found: list[Listener], event: Row) -> int:
    """How many deliveries it came to."""
    if event["resource"] == "webhooks":
        follow_target(tx, event["record_id"])
    mine = [one for one in found if one.workspace_id == event["workspace_id"]]
    record = json.loads(event["data"]) if mine else None
    wanting = [one for one in mine if event["seq"] >= one.first_seq and one.wants(event, record)]
    body = payload(event, record) if wanting else ""
    for one in wanting:
        put_in(tx, one, event, body)
    return len(wanting)


def put_in(tx: Transaction, to: Listener, event: Row, body: str) -> str:
    return enqueue(
        tx,
        workspace_id=to.workspace_id,
        channel="webhook",
        target_id=to.id,
        type=event["type"],
        body=body,
        event_id=event["id"],
        record_id=event["record_id"],
        sequence=event["seq"],
        status="paused" if to.waits else "pending",
    )


# ---- a webhook was paused, resumed, deleted: what waits for it follows

_TARGET = "/* webhooks.followed */ SELECT status, deleted_at FROM webhooks WHERE id = ?"
_WAKE = """/* deliveries.wake */ UPDATE deliveries SET status = 'pending', next_attempt_at = ?1, forgiven = attempts
WHERE target_id = ?2 AND status = 'paused'
"""
_REST = """/* deliveries.rest */ UPDATE deliveries SET status = 'paused', next_attempt_at = NULL
WHERE target_id = ? AND status = 'pending'
"""
_END = """/* deliveries.end */ UPDATE deliveries SET status = 'failed', next_attempt_at = NULL,
  last_error = 'the webhook was deleted' WHERE target_id = ? AND status IN ('pending', 'paused')
"""


def follow_target(tx: Transaction, webhook_id: str) -> None:
    """Whatever happened to a webhook: what counts is how it is now."""
    hook = tx.one(_TARGET, (webhook_id,))
    if hook is None:
        tx.run(_END, (webhook_id,))
    elif hook["status"] == "active" and hook["deleted_at"] is None:
        tx.run(_WAKE, (tx.now, webhook_id))
    else:
        tx.run(_REST, (webhook_id,))


# ---- again

_REPLAYING = """/* webhooks.replaying */ SELECT id, workspace_id, replay_from, replay_to FROM webhooks
WHERE replay_from IS NOT NULL AND deleted_at IS NULL ORDER BY key LIMIT 1
"""
_REPLAYED = """/* events.replayed */ SELECT * FROM events
WHERE workspace_id = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?
"""
_WAITS = """/* deliveries.of_event */ SELECT 1 FROM deliveries
WHERE event_id = ? AND target_id = ? AND status IN ('pending', 'paused')
"""
_GO_ON = "/* webhooks.replay_on */ UPDATE webhooks SET replay_from = ?, replay_to = ? WHERE id = ?"


def replay_once(records: Records, clock: Clock) -> bool:
    """Tell one webhook some of the events again that it asked for; True when there may be more."""
    asked = records.one(_REPLAYING)
    if asked is None:
        return False
    with records.transaction(clock()) as tx:
        to = listener(tx, asked["id"])
        bounds = (asked["replay_from"], asked["replay_to"])
        events = tx.rows(_REPLAYED, (asked["workspace_id"], *bounds, AT_ONCE))
        for event in events if to else []:
            record = json.loads(event["data"])
            if to and to.wants(event, record) and tx.one(_WAITS, (event["id"], to.id)) is None:
                put_in(tx, to, event, payload(event, record))
        over = len(events) < AT_ONCE
        tx.run(_GO_ON, (None if over else events[-1]["seq"] + 1, None if over else bounds[1], asked["id"]))
    return True
