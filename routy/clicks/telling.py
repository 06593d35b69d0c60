"""Events of links that come about on the click walk: it notes them in memory, and a worker writes them down."""

from typing import Any

from routy.clicks import geo
from routy.clicks.caps import Caps, Reached
from routy.clicks.password import Failed, Passwords
from routy.clock import Clock, iso
from routy.records import beginning, write
from routy.records.read import find
from routy.records.show import show
from routy.resources.links import Link
from routy.store.sqlite import Records, Transaction

_CROSSED = """/* links.crossed */
SELECT key, click_threshold AS threshold FROM links
WHERE click_threshold IS NOT NULL AND threshold_crossed_at IS NULL AND deleted_at IS NULL
  AND clicks >= click_threshold
ORDER BY key LIMIT 1
"""
_EXPIRED = """/* links.expired */
SELECT key, expires_at FROM links
WHERE expires_at IS NOT NULL AND deleted_at IS NULL AND expiry_told_for IS NOT expires_at AND expires_at <= ?
ORDER BY expires_at LIMIT 1
"""


def tell_once(records: Records, clock: Clock, caps: Caps, passwords: Passwords) -> bool:
    """Write one event; True when there may be more. What cannot be written now stays for the next time."""
    if caps.reached:
        if caps.is_full(caps.reached[0].link_key):  # else its last place was given back
            with records.transaction(clock()) as tx:
                _tell_reached(tx, caps.reached[0])
        caps.reached.popleft()
    elif passwords.failed:
        with records.transaction(clock()) as tx:
            _tell_failed(tx, passwords.failed[0])
        passwords.failed.popleft()
    return bool(caps.reached or passwords.failed)


def threshold_once(records: Records, clock: Clock) -> bool:
    """Tell of one link that has had as many clicks as its threshold says; True when there may be more."""
    crossed = records.one(_CROSSED)
    if crossed is not None:
        with records.transaction(clock()) as tx:
            _tell_crossed(tx, crossed["key"], crossed["threshold"])
    return crossed is not None


def expired_once(records: Records, clock: Clock) -> bool:
    """Tell of one link whose time is over; True when there may be more. The column holds the moment that was told,
    so that another one tells again."""
    now = clock()
    expired = records.one(_EXPIRED, (now,))
    if expired is not None:
        with records.transaction(now) as tx:
            _tell_expired(tx, expired["key"], expired["expires_at"])
    return expired is not None


def _tell_expired(tx: Transaction, link_key: int, expires_at: int) -> None:
    """Unless it was changed in between."""
    told = tx.run(
        "/* links.expiry_told */ UPDATE links SET expiry_told_for = expires_at"
        " WHERE key = ? AND expires_at = ? AND deleted_at IS NULL",
        (link_key, expires_at),
    )
    if told:
        _tell(tx, link_key, "expired", {})


def _tell_crossed(tx: Transaction, link_key: int, threshold: int) -> None:
    """Unless it was changed in between."""
    told = tx.run(
        "/* links.threshold_crossed */ UPDATE links SET threshold_crossed_at = ?"
        " WHERE key = ? AND click_threshold = ? AND threshold_crossed_at IS NULL AND deleted_at IS NULL",
        (tx.now, link_key, threshold),
    )
    if told:
        _tell(tx, link_key, "click_threshold", {})


def _tell_reached(tx: Transaction, reached: Reached) -> None:
    """Once for each limit: a restart finds it reached again, and the column says that it was told."""
    told = tx.run(
        "/* links.limit_reached */ UPDATE links SET limit_reached_at = ?"
        " WHERE key = ? AND click_limit = ? AND limit_reached_at IS NULL AND deleted_at IS NULL",
        (tx.now, reached.link_key, reached.limit),
    )
    if told:
        _tell(tx, reached.link_key, "limit_reached", {})


def _tell_failed(tx: Transaction, failed: Failed) -> None:
    more = {"ip": geo.place(failed.ip, "truncated").kept, "locked_until": iso(failed.until)}
    _tell(tx, failed.link_key, "password_failed", more)


def _tell(tx: Transaction, link_key: int, type_: str, more: dict[str, Any]) -> None:
    """The link as it is now, and what there is to say beside it."""
    there = tx.one(
        "/* links.told_of */ SELECT id, workspace_id FROM links WHERE key = ? AND deleted_at IS NULL", (link_key,)
    )
    if there is not None:
        actor = beginning.system_of(there["workspace_id"])
        row = find(tx, actor, Link, there["id"])
        write.tell(tx, actor, Link, there["id"], type_, {**show(Link, row), **more})
