"""What became of attempts, written down: many of them in one transaction, as each commit goes to disk."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routy.deliveries.backoff import MOST_ATTEMPTS, wait_ms
from routy.deliveries.channel import Channel, Delivery, Outcome
from routy.store.sqlite import Transaction

log = logging.getLogger("routy.deliveries")


@dataclass(frozen=True)
class Landed:
    """One attempt that is over: begun at `at` (milliseconds), the `turn`th of its schedule, with a `draw` of the
    jitter."""

    key: int
    delivery: Delivery
    turn: int
    outcome: Outcome
    at: int
    ms: int
    draw: float


def record(tx: Transaction, channels: Mapping[str, Channel], landed: Sequence[Landed]) -> None:
    for one in landed:
        _record(tx, channels[one.delivery.channel], one)


def _record(tx: Transaction, channel: Channel, one: Landed) -> None:
    """What is gone meanwhile (deleted, or settled by somebody else) is left alone."""
    over = one.outcome.ok or one.outcome.final or one.turn >= MOST_ATTEMPTS
    if not _settle(tx, channel, one, over) or one.outcome.held:
        return
    tx.insert("delivery_attempts", _attempt(one))
    try:
        with tx.savepoint():
            channel.settled(tx, one.delivery, one.outcome, over)
    except Exception:  # one that cannot be told must not keep all others from being written
        log.exception("%s: what follows from the attempt could not be done", one.delivery.id)


_SETTLE = """/* deliveries.settle */ UPDATE deliveries
SET status = CASE WHEN ?1 = 'pending' THEN status ELSE ?1 END, attempts = ?2, next_attempt_at = ?3,
  delivered_at = ?4, last_status = ?5, last_error = ?6
WHERE key = ?7 AND status IN ('pending', 'paused')
"""
_HOLD = "/* deliveries.hold */ UPDATE deliveries SET status = 'paused' WHERE key = ? AND status = 'pending'"


def _settle(tx: Transaction, channel: Channel, one: Landed, over: bool) -> bool:
    """Its row as it is now: one whose target was paused meanwhile stays paused, and one whose target was woken
    meanwhile is still pending."""
    if one.outcome.held:
        return channel.holds(tx, one.delivery) and bool(tx.run(_HOLD, (one.key,)))
    status = "delivered" if one.outcome.ok else "failed" if over else "pending"
    wait = wait_ms(one.turn, one.draw, one.outcome.retry_after_ms)
    values = (
        status, one.delivery.attempt, None if over else one.at + one.ms + wait,
        tx.now if one.outcome.ok else None, one.outcome.status, one.outcome.error or None, one.key,
    )  # fmt: skip
    return bool(tx.run(_SETTLE, values))


def _attempt(one: Landed) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "delivery_id": one.delivery.id,
        "number": one.delivery.attempt,
        "at": one.at,
        "ms": one.ms,
        "ok": int(outcome.ok),
        "status": outcome.status,
        "error": outcome.error or None,
        "request": json.dumps(outcome.request, ensure_ascii=False),
        "response": None if outcome.response is None else json.dumps(outcome.response, ensure_ascii=False),
    }
