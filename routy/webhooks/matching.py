"""Which webhooks an event is for."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from routy.records.catalogue import EVENTS
from routy.records.kinds import is_wanted, wanted
from routy.records.parameters import Filter
from routy.resource import Reader, Row
from routy.webhooks import conditions

log = logging.getLogger("routy.webhooks")

_LISTENING = """/* webhooks.listening */
SELECT id, workspace_id, status, events, subject_id, condition, created_at,
  (SELECT min(seq) FROM events WHERE record_id = webhooks.id) AS first_seq
FROM webhooks
WHERE deleted_at IS NULL AND (status = 'active' OR paused_because IS NOT NULL)
  AND workspace_id NOT IN (SELECT id FROM workspaces WHERE deleted_at IS NOT NULL)
ORDER BY key
"""
_ONE = """/* webhooks.match_one */
SELECT id, workspace_id, status, events, subject_id, condition, created_at, 0 AS first_seq
FROM webhooks WHERE id = ?
"""


@dataclass(frozen=True)
class Listener:
    """A webhook, ready to be asked. `waits`: Routy has paused it, and what is for it is kept."""

    id: str
    workspace_id: str
    waits: bool
    events: list[str]
    subject_id: str | None
    filters: dict[str, tuple[Filter, ...]]
    created_at: int
    first_seq: int  # what happened before it was made is not for it, whatever the clock says

    def wants(self, event: Row, record: Any) -> bool:
        """An event with its data, whenever it happened."""
        if event["workspace_id"] != self.workspace_id or not is_wanted(self.events, event["type"]):
            return False
        if self.subject_id is not None and event["record_id"] != self.subject_id:
            return False
        told = EVENTS.get(event["type"])
        if not self.filters or told is None:
            return not self.filters
        return conditions.holds(self.filters[told.record.plural], record)


def listeners(reader: Reader) -> list[Listener]:
    """All that are active, and all that wait."""
    return [_listener(row) for row in reader.rows(_LISTENING)]


def listener(reader: Reader, webhook_id: str) -> Listener | None:
    row = reader.one(_ONE, (webhook_id,))
    return None if row is None else _listener(row)


def _listener(row: Row) -> Listener:
    events, filters = json.loads(row["events"]), {}
    try:
        if row["condition"] is not None:
            filters = conditions.parse(row["condition"], dict.fromkeys(wanted(events).values()))
    except ValueError:  # another version of Routy took it: one webhook must not stop all others
        log.warning("%s is told nothing: its condition cannot be asked any more", row["id"])
        events = []
    return Listener(
        row["id"], row["workspace_id"], row["status"] != "active", events, row["subject_id"], filters,
        row["created_at"], row["first_seq"] or 0,
    )  # fmt: skip
