"""The queue: rows of `deliveries`, written in the transaction of what they tell of."""

import json

from routy.clock import DAY, Clock
from routy.ids import new_id
from routy.store.sqlite import Records, Transaction

AT_ONCE = 1000
_OLD = """/* deliveries.old */ SELECT key FROM deliveries WHERE created_at < ? AND status <> 'pending'
ORDER BY created_at LIMIT ?
"""
_FORGET = """/* deliveries.forget */ DELETE FROM deliveries WHERE key IN (SELECT value FROM json_each(?))"""


def enqueue(
    tx: Transaction,
    *,
    workspace_id: str,
    channel: str,
    target_id: str,
    type: str,
    body: str,
    event_id: str | None = None,
    record_id: str | None = None,
    sequence: int = 0,
    at: int | None = None,
    status: str = "pending",
) -> str:
    """Put in a delivery, to be tried from `at` (milliseconds; now) on; its id. What is about one record goes to one
    target in the order of its coming in, as long as nothing fails. `status` paused: it waits for its target."""
    delivery_id = new_id("dlv", tx.now)
    tx.insert(
        "deliveries",
        {
            "id": delivery_id,
            "workspace_id": workspace_id,
            "channel": channel,
            "target_id": target_id,
            "event_id": event_id,
            "type": type,
            "record_id": record_id,
            "sequence": sequence,
            "status": status,
            "attempts": 0,
            "forgiven": 0,
            "next_attempt_at": tx.now if at is None else at,
            "payload": body,
            "created_at": tx.now,
        },
    )
    return delivery_id


def forget_once(records: Records, clock: Clock, days: int) -> bool:
    """Delete some deliveries that are older than so many days and wait for nothing, or for a target that nobody has
    woken since; True when there may be more."""
    now = clock()
    old = [row["key"] for row in records.rows(_OLD, (now - days * DAY, AT_ONCE))]
    if old:
        with records.transaction(now) as tx:
            tx.run(_FORGET, (json.dumps(old),))
    return len(old) == AT_ONCE
