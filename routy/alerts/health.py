"""When the server is not well: the owners of its first workspace are told, without any rule.

It must be unwell for UNWELL_MS, and is well again only after WELL_MS without a problem. What was told stands in the
record store, so that a restart tells nothing twice.
"""

import json
from collections.abc import Sequence

from routy.alerts.notices import Notice, Send, audience, tell
from routy.clock import MINUTE
from routy.records.beginning import first_workspace
from routy.resource import Row
from routy.store.sqlite import Records, Transaction

FACT = "health_told"
UNWELL_MS, WELL_MS = 2 * MINUTE, 5 * MINUTE

_KEPT = "/* health.kept */ SELECT value FROM facts WHERE name = ?"
_KEEP = "/* health.keep */ INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"
_FORGET = "/* health.forget */ DELETE FROM facts WHERE name = ?"


def health_once(records: Records, send: Send, url: str, problems: Sequence[str], now: int) -> bool:
    """Compare how the server is with what was told of it."""
    found = records.one(_KEPT, (FACT,))
    before: Row | None = json.loads(found["value"]) if found else None
    after = _next(before, bool(problems), now)
    if after == before:
        return False
    with records.transaction(now) as tx:
        tx.run(_KEEP, (FACT, json.dumps(after))) if after else tx.run(_FORGET, (FACT,))
        was_told, is_told = bool(before and before["told"]), bool(after and after["told"])
        if is_told and not was_told:
            _tell(tx, records, send, url, "The server is not well", problems)
        elif was_told and not is_told:
            _tell(tx, records, send, url, "The server is well again", [])
    return False


def _next(before: Row | None, unwell: bool, now: int) -> Row | None:
    """Since when it is unwell, whether that was told, and since when nothing has been wrong."""
    if before is None:
        return {"since": now, "told": False, "well_since": None} if unwell else None
    if unwell:
        told = before["told"] or now - before["since"] >= UNWELL_MS
        return {**before, "told": told, "well_since": None}
    if not before["told"]:
        return None
    well_since = before["well_since"] or now
    return None if now - well_since >= WELL_MS else {**before, "well_since": well_since}


def _tell(tx: Transaction, records: Records, send: Send, url: str, title: str, lines: Sequence[str]) -> None:
    workspace_id = first_workspace(records)
    if workspace_id is not None:
        notice = Notice(workspace_id, "system", title, lines, None, "/app/health")
        tell(tx, send, url, notice, audience(tx, workspace_id, "owner"))
