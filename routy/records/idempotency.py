"""Idempotency-Key: a POST that is sent twice is done once.

The answer is kept beside the records, written in the same transaction, for 24 hours. The write lock makes a second
request wait for the first, so it finds either nothing or the answer.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from routy.errors import IdempotencyMismatch
from routy.store.sqlite import Transaction

KEPT_MS = 24 * 3_600_000


@dataclass(frozen=True)
class Key:
    """A client's key, within its credential, and a digest of what it asked for."""

    credential: str
    name: str
    fingerprint: str


@dataclass(frozen=True)
class Replay:
    status: int
    body: Any
    location: str | None


def key(credential: str, name: str, method: str, path: str, body: bytes) -> Key:
    asked = b"\0".join((method.encode(), path.encode(), body))
    return Key(credential, name, hashlib.sha256(asked).hexdigest())


def replay(tx: Transaction, wanted: Key | None) -> Replay | None:
    """The answer that was given before; IdempotencyMismatch when the key belongs to another question."""
    if wanted is None:
        return None
    kept = tx.one(
        "/* idempotency.find */ SELECT fingerprint, status, body, location FROM idempotency_keys"
        " WHERE credential = ? AND name = ? AND created_at > ?",
        (wanted.credential, wanted.name, tx.now - KEPT_MS),
    )
    if kept is None:
        return None
    if kept["fingerprint"] != wanted.fingerprint:
        raise IdempotencyMismatch("this Idempotency-Key was used for another request")
    return Replay(kept["status"], json.loads(kept["body"]), kept["location"])


def keep(tx: Transaction, wanted: Key | None, status: int, body: Any, location: str | None) -> None:
    """Keep an answer, without any secret in it."""
    if wanted is not None:
        tx.run(
            "/* idempotency.keep */ INSERT OR REPLACE INTO idempotency_keys"
            " (credential, name, fingerprint, status, body, location, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (wanted.credential, wanted.name, wanted.fingerprint, status, json.dumps(body), location, tx.now),
        )


def prune(tx: Transaction) -> int:
    return tx.run("/* idempotency.prune */ DELETE FROM idempotency_keys WHERE created_at <= ?", (tx.now - KEPT_MS,))
