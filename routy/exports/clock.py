"""Exports by the clock: a schedule that is due makes one export, however many times it was missed, and its mail
goes out when that is done."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from routy.clock import Clock, iso
from routy.errors import RoutyError
from routy.exports.ranges import query_of, words
from routy.exports.written import cell
from routy.records import parse, write
from routy.records.beginning import system_of
from routy.records.makers import maker_of
from routy.records.read import find
from routy.resource import Row
from routy.resources.exports import Export
from routy.resources.schedules import Schedule, next_run, zone_of
from routy.store.sqlite import Records, Transaction

SHOWN = 50  # rows in a mail

_DUE = """/* schedules.due */
SELECT id, workspace_id FROM schedules
WHERE due_at <= ? AND deleted_at IS NULL
  AND workspace_id NOT IN (SELECT id FROM workspaces WHERE deleted_at IS NOT NULL)
ORDER BY due_at LIMIT 1
"""
_RAN = """/* schedules.ran */
UPDATE schedules SET due_at = ?, last_at = ?, last_export_id = coalesce(?, last_export_id), last_error = ?
WHERE key = ?
"""
_NAMED = (
    "/* schedules.named */ SELECT name, range, recipients, key FROM schedules WHERE id = ? AND deleted_at IS NULL"
)
_FAILED = "/* schedules.failed */ UPDATE schedules SET last_error = ? WHERE key = ?"


def schedule_once(records: Records, clock: Clock) -> bool:
    """Ask for the export of one schedule that is due; True when there may be more."""
    now = clock()
    due = records.one(_DUE, (now,))
    if due is None:
        return False
    with records.transaction(now) as tx:
        row = find(tx, system_of(due["workspace_id"]), Schedule, due["id"])
        made, error = None, None
        try:
            made = _ask(tx, row)
        except RoutyError as wrong:
            error = wrong.message[:500]
        following = next_run(row, zone_of(tx, row), now)
        tx.run(_RAN, (following, now, made, error, row["key"]))
    return True


def _ask(tx: Transaction, row: Row) -> str:
    """The id of the export that a schedule asks for, with the rights of who made it."""
    actor = maker_of(tx, row["created_by"], row["workspace_id"], tx.now)
    if actor is None:
        raise RoutyError("who made it is no member any more, or their token is gone")
    query = query_of(row["source"], row["query"], row["range"], zone_of(tx, row), tx.now)
    asked = {"name": row["name"], "source": row["source"], "query": query, "format": row["format"]}
    with tx.savepoint():
        values = {**parse.defaults(Export.fields), **asked, "schedule_id": row["id"]}
        return str(write.create(tx, actor, Export, values)["id"])


# ---- mail


@dataclass(frozen=True)
class Mailing:
    """How people are told: `send` takes a transaction, a workspace, addresses, a template and its values (mail/);
    `address` makes an address of an export's file that is good until a moment."""

    send: Callable[..., Any]
    address: Callable[[str, int], str]
    directory: Path

    def told(self, tx: Transaction, export: Row) -> None:
        """Tell whom its schedule names of an export that has ended."""
        schedule = tx.one(_NAMED, (export["schedule_id"],)) if export["schedule_id"] else None
        if schedule is None:
            return
        tx.run(_FAILED, (export["error"], schedule["key"]))
        recipients = json.loads(schedule["recipients"])
        if recipients and export["status"] == "done":
            values = self._values(export, words(schedule["range"]))
            about = {"topic": "reports", "about": export["schedule_id"]}
            about["download"] = self.address(export["id"], export["expires_at"])
            self.send(tx, export["workspace_id"], recipients, "report", values, **about)

    def _values(self, export: Row, period: str) -> dict[str, Any]:
        columns, rows = preview(self.directory / f"{export['id']}.{export['format']}", export)
        return {
            "name": export["name"],
            "period": period,
            "columns": columns,
            "rows": rows,
            "totals": {"rows": f"{export['rows']:,}"},
            "more": max(0, export["rows"] - len(rows)) if columns[:1] != [""] else 0,
            "expires": iso(export["expires_at"])[:10],
        }


def preview(file: Path, export: Row) -> tuple[list[str], list[list[str]]]:
    """The first rows of a file that is text; of others what they are."""
    if export["format"] == "csv":
        with file.open(encoding="utf-8", newline="") as text:
            names, *rows = [*islice(csv.reader(text), SHOWN + 1)] or [[]]
        return names, rows
    if export["format"] in ("ndjson", "json"):
        with file.open(encoding="utf-8") as text:
            lines = [line.strip().removesuffix(",") for line in islice(text, SHOWN + 1)]
        found = [json.loads(line) for line in lines if line.startswith("{")][:SHOWN]
        return list(found[0]) if found else [], [[cell(value) for value in row.values()] for row in found]
    return [""], [[f"{export['rows']:,} rows as a file of the kind {export['format']}"]] if export["rows"] else []
