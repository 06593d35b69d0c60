"""Clicks as events: they stand in the click store, and become deliveries only while a webhook asks for them.

A webhook that cannot keep up, or is paused, has so many waiting and no more: who must have every click follows the
firehose.
"""

from collections.abc import Callable
from typing import Any

from routy.clock import Clock
from routy.errors import Invalid
from routy.records.catalogue import OPT_IN
from routy.records.kinds import is_wanted
from routy.resource import Reader
from routy.resources.webhooks import payload
from routy.store.sqlite import Records, Transaction
from routy.webhooks.matching import Listener, listeners
from routy.webhooks.telling import put_in

ReadClicks = Callable[[str | None, int], tuple[list[dict[str, Any]], str]]

AT_ONCE = 200
MOST_WAITING = 100_000
CURSOR = "webhooks_clicked"

_CURSOR = "/* webhooks.cursor */ SELECT value FROM facts WHERE name = ?"
_MOVE = "/* webhooks.move_cursor */ INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"
_LEAVE = "/* webhooks.leave_cursor */ DELETE FROM facts WHERE name = ?"
_ASKED = """/* webhooks.ask_for_clicks */ SELECT 1 FROM webhooks
WHERE deleted_at IS NULL AND status = 'active'
  AND EXISTS (SELECT 1 FROM json_each(events) WHERE value IN ('link.clicked', 'link.scanned')) LIMIT 1
"""
_WAITING = """/* deliveries.waiting */ SELECT count(*) AS waiting FROM (
  SELECT 1 FROM deliveries WHERE target_id = ? AND status = 'pending' LIMIT ?)
"""


def fan_out_clicks_once(records: Records, clock: Clock, read: ReadClicks) -> bool:
    """Turn some clicks into deliveries; True when there may be more."""
    cursor = records.one(_CURSOR, (CURSOR,))
    if records.one(_ASKED) is None:
        if cursor is not None:
            with records.transaction(clock()) as tx:
                tx.run(_LEAVE, (CURSOR,))
        return False
    events, place = _read(read, cursor["value"] if cursor else None)
    if cursor is None or place != cursor["value"]:
        with records.transaction(clock()) as tx:
            _tell(tx, events)
            tx.run(_MOVE, (CURSOR, place))
    return bool(events)


def _read(read: ReadClicks, cursor: str | None) -> tuple[list[dict[str, Any]], str]:
    """From where we were; where that is no place any more, from now on."""
    try:
        return read(cursor, AT_ONCE)
    except Invalid:
        return read(None, AT_ONCE)


def _tell(tx: Transaction, events: list[dict[str, Any]]) -> None:
    to = [one for one in listeners(tx) if not one.waits and _has_room(tx, one)]
    for event in events:
        for one in to:
            if event["created_at"] >= one.created_at and one.wants(event, event["data"]):
                put_in(tx, one, event, payload(event, event["data"]))


def _has_room(reader: Reader, to: Listener) -> bool:
    """Of those that ask for clicks at all."""
    if not any(is_wanted(to.events, type_) for type_ in OPT_IN):
        return False
    counted = reader.one(_WAITING, (to.id, MOST_WAITING))
    return counted is not None and counted["waiting"] < MOST_WAITING
