"""What is left of imports goes: files once nobody needs them, and what became of rows after some days."""

from routy.clock import DAY
from routy.imports.work import ACTIVE, Intake

AT_ONCE = 5_000

_OLD = """/* import_rows.old */
DELETE FROM import_rows WHERE (import_key, number) IN (
  SELECT r.import_key, r.number FROM imports i JOIN import_rows r ON r.import_key = i.key
  WHERE i.updated_at < ? AND i.status NOT IN ('trying', 'running', 'reversing') LIMIT 5000)
"""
_STATE = "/* imports.state */ SELECT status, updated_at FROM imports WHERE id = ? AND deleted_at IS NULL"


def prune_once(intake: Intake, days: int) -> bool:
    """Forget some rows that are too old, and delete the files that nothing needs; True when there may be more."""
    before = intake.clock() - days * DAY
    for path in intake.directory.glob("impt_*"):
        row = intake.records.one(_STATE, (path.name.partition(".")[0],))
        if not row or not _needed(path.name, row["status"], row["updated_at"] >= before):
            path.unlink(missing_ok=True)
    with intake.records.transaction(intake.clock()) as tx:
        return tx.run(_OLD, (before,)) >= AT_ONCE


def _needed(name: str, status: str, fresh: bool) -> bool:
    if ".rehearsal" in name:
        return status == "trying"
    return status in ACTIVE or (fresh and status in ("waiting", "ready", "failed"))
