"""What goes by itself: what was in the trash for long, old events, answers kept for Idempotency-Keys."""

from collections.abc import Iterable

from routy.clock import DAY, Clock
from routy.errors import Conflict
from routy.records import idempotency, write
from routy.records.beginning import system_of
from routy.resource import Resource
from routy.store.sqlite import Records

AT_ONCE = 100


def purge_once(records: Records, clock: Clock, resources: Iterable[type[Resource]], trash_days: int) -> bool:
    """Delete some records for good whose time in the trash is over; True when there may be more."""
    now = clock()
    for resource in resources:
        if "deleted_at" in resource.fields and _purge_some(records, resource, now - trash_days * DAY, now):
            return True
    return False


def _purge_some(records: Records, resource: type[Resource], before: int, now: int) -> bool:
    old = records.rows(
        f"/* {resource.plural}.old_trash */ SELECT id, workspace_id FROM {resource.plural}"
        " WHERE deleted_at < ? ORDER BY deleted_at LIMIT ?",
        (before, AT_ONCE),
    )
    gone = 0
    for row in old:
        with records.transaction(now) as tx:
            try:
                write.purge(tx, system_of(row["workspace_id"]), resource, row["id"])
                gone += 1
            except Conflict:
                continue  # other records still refer to it: it stays in the trash for as long as they do
    return gone == AT_ONCE


def prune_once(records: Records, clock: Clock, event_days: int) -> bool:
    """Forget old events and old answers."""
    now = clock()
    with records.transaction(now) as tx:
        answers = idempotency.prune(tx)
        events = tx.run(
            "/* events.prune */ DELETE FROM events WHERE seq IN"
            " (SELECT seq FROM events WHERE created_at < ? ORDER BY seq LIMIT 5000)",
            (now - event_days * DAY,),
        )
    return answers + events >= 5000
