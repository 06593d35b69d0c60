"""What goes by itself: what was in the trash for long, old events, answers kept for Idempotency-Keys."""

from collections.abc import Iterable

from routy.clock import DAY, Clock
from routy.errors import Conflict
from routy.records import idempotency, write
from routy.records.beginning import system_of
from routy.resource import Resource, Row
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
    """Some of them; those that other records still refer to stay, and do not keep the ones behind them."""
    last = 0
    while True:
        old = records.rows(
            f"/* {resource.plural}.old_trash */ SELECT key, id, workspace_id FROM {resource.plural}"
            " WHERE deleted_at < ? AND key > ? ORDER BY key LIMIT ?",
            (before, last, AT_ONCE),
        )
        gone = sum(_purge(records, resource, row, now) for row in old)
        if gone or len(old) < AT_ONCE:
            return len(old) == AT_ONCE
        last = old[-1]["key"]


def _purge(records: Records, resource: type[Resource], row: Row, now: int) -> bool:
    try:
        with records.transaction(now) as tx:
            write.purge(tx, system_of(row["workspace_id"]), resource, row["id"])
    except Conflict:
        return False
    return True


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
