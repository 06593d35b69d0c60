"""Imports taken back: what they created goes, what they changed is as it was, and what somebody has changed since
is left alone. The last row comes first, so that a record that several rows were about goes back step by step."""

import json
from typing import Any

from routy.errors import RoutyError
from routy.records import write
from routy.records.read import find
from routy.resource import Actor, Resource, Row
from routy.store.sqlite import Transaction

AT_ONCE = 100

_NEXT = """/* reversed.next */
SELECT number, status, record_id, version, before FROM import_rows
WHERE import_key = ? AND status IN ('created', 'updated') ORDER BY number DESC LIMIT ?
"""
_SETTLE = "/* reversed.settle */ UPDATE import_rows SET status = ?, errors = ? WHERE import_key = ? AND number = ?"
_FOLLOW = """/* reversed.follow */
UPDATE import_rows SET version = ? WHERE import_key = ? AND record_id = ? AND number < ?
"""
_COUNT = """/* reversed.count */
UPDATE imports SET reversed_rows = reversed_rows + ?, kept_rows = kept_rows + ?, advanced_at = ? WHERE key = ?
"""


def reverse_some(tx: Transaction, actor: Actor, resource: type[Resource], import_key: int) -> bool:
    """Take back some rows; True when there are more."""
    found = tx.rows(_NEXT, (import_key, AT_ONCE))
    kept, versions = 0, {row["record_id"]: row["version"] for row in reversed(found)}
    for row in found:
        left = _reverse(tx, actor, resource, import_key, row, versions)
        errors = json.dumps({"row": left}) if left else None
        tx.run(_SETTLE, ("kept" if left else "reversed", errors, import_key, row["number"]))
        kept += bool(left)
    tx.run(_COUNT, (len(found) - kept, kept, tx.now, import_key))
    return len(found) == AT_ONCE


def _reverse(
    tx: Transaction, actor: Actor, resource: type[Resource], import_key: int, row: Row, versions: dict[str, int]
) -> str:
    """Take back one row; why it is left, or nothing. `versions` are those that the records must be at."""
    try:
        with tx.savepoint():
            record = find(tx, actor, resource, row["record_id"])
            if record.get("version") != versions[record["id"]]:
                return "it was changed since"
            if row["status"] == "created":
                _remove(tx, actor, resource, record)
                return ""
            after = write.update(tx, actor, resource, record["id"], _as_it_was(resource, record, row["before"]))
            tx.run(_FOLLOW, (after["version"], import_key, record["id"], row["number"]))
            versions[record["id"]] = after["version"]
    except RoutyError as error:
        return error.message[:500]
    return ""


def _remove(tx: Transaction, actor: Actor, resource: type[Resource], record: Row) -> None:
    if "deleted_at" in resource.fields:
        write.delete(tx, actor, resource, record["id"])
    else:
        write.purge(tx, actor, resource, record["id"])


def _as_it_was(resource: type[Resource], record: Row, before: str) -> dict[str, Any]:
    """Keys of a map that were not there are taken out of it."""
    values: dict[str, Any] = json.loads(before)
    for name, value in values.items():
        if resource.fields[name].kind == "map":
            values[name] = {**dict.fromkeys(record[name]), **value}
    return values
