"""One export after the other: claim → make → finish, and take away what is over.

The database is the queue, and one thread works on it: what is still running when it looks was left behind by a
server that was killed, and is made anew. A file counts only once its row says so.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, get_args

from routy.clock import DAY, Clock
from routy.errors import NotFound, RoutyError, Unavailable
from routy.exports import asked, lists, written
from routy.exports.sheets import write_xlsx
from routy.exports.tables import write_parquet
from routy.records import write
from routy.records.beginning import system_of
from routy.records.makers import maker_of
from routy.records.parameters import Query, output_names, pairs
from routy.records.show import show
from routy.resource import Actor, Resource, Row
from routy.resources import RESOURCES
from routy.resources.exports import REPORTS, Export
from routy.store.cursors import Format
from routy.store.duck import ClickStore, Failure
from routy.store.sqlite import Records, Transaction

log = logging.getLogger("routy.exports")

MOST_ATTEMPTS = 3
TOLD_EVERY = 1.0  # seconds between two notes of how far it is

Advance = Callable[[int, int | None], None]

_NEXT = """/* exports.next */
SELECT key, id, workspace_id, name, source, query, format, created_by, schedule_id, attempts FROM exports
WHERE deleted_at IS NULL AND status IN ('pending', 'running') ORDER BY key LIMIT 1
"""
_CLAIM = """/* exports.claim */
UPDATE exports SET status = 'running', attempts = coalesce(attempts, 0) + 1, rows = 0, total = NULL
WHERE key = ? AND attempts IS ? AND deleted_at IS NULL AND status IN ('pending', 'running')
"""
_ADVANCE = """/* exports.advance */
UPDATE exports SET rows = ?, total = ? WHERE key = ? AND status = 'running' AND deleted_at IS NULL
"""
_WAIT = "/* exports.wait */ UPDATE exports SET status = 'pending' WHERE key = ? AND status = 'running'"
_EXPIRED = (
    "/* exports.expired */ SELECT id, workspace_id FROM exports WHERE status = 'done' AND expires_at <= ? LIMIT 50"
)
_KEPT = (
    "/* exports.kept */ SELECT 1 FROM exports WHERE id = ? AND status IN ('running', 'done') AND deleted_at IS NULL"
)


class Asking(Protocol):
    """The click store as exports ask it (reports/asking.py). Whoever gets a file owns it."""

    def report_file(
        self, actor: Actor, given: Sequence[tuple[str, str]], format_: Format, advance: Advance = ...
    ) -> Path: ...
    def rows_file(
        self,
        resource: type[Resource],
        actor: Actor,
        query: Query,
        limit: int | None,
        format_: Format,
        advance: Advance = ...,
    ) -> Path: ...


class Gone(Exception):
    """Somebody has deleted the export while it was made."""


def _no_mail(tx: Transaction, export: Row) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Press:
    """Where exports are made. `told` is asked to tell people of a finished export of a schedule, inside the
    transaction that finishes it."""

    records: Records
    store: ClickStore
    asking: Asking
    clock: Clock
    directory: Path
    days: int
    told: Callable[[Transaction, Row], object] = field(default=_no_mail)


def file_of(directory: Path, export: Row) -> Path:
    """Where the file of an export lies."""
    return directory / f"{export['id']}.{export['format']}"


def export_once(press: Press) -> bool:
    """Make one export that waits; True when there may be more."""
    row = _claim(press)
    if row is None:
        return False
    try:
        count = _make(press, row)
    except Unavailable as error:
        return _later(press, row, error)
    except Gone:
        _clear(press, row)
    except Exception as error:  # noqa: BLE001 (whatever it is, who asked for it is told)
        _clear(press, row)
        _finish(press, row, {"status": "failed", "error": reason(error)})
    else:
        _finish(press, row, {"status": "done", "rows": count})
    return True


def _claim(press: Press) -> Row | None:
    row = press.records.one(_NEXT)
    if row is None:
        return None
    with press.records.transaction(press.clock()) as tx:
        mine = tx.run(_CLAIM, (row["key"], row["attempts"]))
    if mine and (row["attempts"] or 0) >= MOST_ATTEMPTS:
        _clear(press, row)
        _finish(press, row, {"status": "failed", "error": f"the server gave up on it {MOST_ATTEMPTS} times"})
        return _claim(press)
    return row if mine else _claim(press)


def _later(press: Press, row: Row, error: Unavailable) -> bool:
    """Reports take turns; what had no place tries again, a few times."""
    _clear(press, row)
    if (row["attempts"] or 0) + 1 >= MOST_ATTEMPTS:
        _finish(press, row, {"status": "failed", "error": error.message})
        return True
    with press.records.transaction(press.clock()) as tx:
        tx.run(_WAIT, (row["key"],))
    return False


# ---- making


def _make(press: Press, row: Row) -> int:
    """Write the file of an export; how many rows it holds. All that can be wrong is raised."""
    press.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    actor = maker_of(press.records, row["created_by"], row["workspace_id"], press.clock())
    if actor is None:
        raise NotFound("who asked for it is no member any more, or their token is gone")
    asked.expect_right(actor, row["source"])
    part = file_of(press.directory, row).with_suffix(".part")
    progress = _Progress(press, row)
    if row["source"] != REPORTS and RESOURCES[row["source"]].store == "records":
        count = _make_list(press, actor, row, part, progress)
    else:
        count = _make_stream(press, actor, row, part, progress)
    part.replace(file_of(press.directory, row))
    return count


def _make_list(press: Press, actor: Actor, row: Row, part: Path, progress: "_Progress") -> int:
    resource = RESOURCES[row["source"]]
    query, limit = asked.asked(resource, row["query"])
    names = list(query.fields) or output_names(resource)
    found = lists.rows(press.records, actor, resource, query, limit, progress)
    if row["format"] == "parquet":
        return write_parquet(press.store, resource, found, names, part)
    return _writer(row["format"])(found, names, part)


def _make_stream(press: Press, actor: Actor, row: Row, part: Path, progress: "_Progress") -> int:
    """DuckDB writes it; what it cannot write is made of its NDJSON."""
    form: Format = row["format"] if row["format"] in get_args(Format) else "ndjson"
    if row["source"] == REPORTS:
        names = _names_of_report(row["query"])
        file = press.asking.report_file(actor, pairs(row["query"]), form, progress)
    else:
        resource = RESOURCES[row["source"]]
        query, limit = asked.asked(resource, row["query"])
        names = list(query.fields) or [field.name for field in resource.fields.values() if field.shown]
        file = press.asking.rows_file(resource, actor, query, limit, form, progress)
    if form == row["format"]:
        file.replace(part)
        return progress.rows
    try:
        names, rows = written.names_of(written.read_ndjson(file), names)
        return _writer(row["format"])(rows, names, part)
    finally:
        file.unlink()


def _names_of_report(query: str) -> list[str]:
    """The columns of a report that has no rows."""
    given = {"metrics": "clicks", **dict(pairs(query))}
    return [name for name in f"{given.get('dimensions', '')},{given['metrics']}".split(",") if name]


def _writer(form: str) -> Callable[..., int]:
    return write_xlsx if form == "xlsx" else written.WRITERS[form]


class _Progress:
    """How far an export is, written down every second."""

    def __init__(self, press: Press, row: Row) -> None:
        self._press, self._row = press, row
        self._told = time.monotonic()
        self.rows = 0

    def __call__(self, rows: int, total: int | None) -> None:
        """Gone when nobody wants it any more."""
        self.rows = rows
        if rows and time.monotonic() < self._told + TOLD_EVERY:
            return
        with self._press.records.transaction(self._press.clock()) as tx:
            if not tx.run(_ADVANCE, (rows, total, self._row["key"])):
                raise Gone
        self._told = time.monotonic()


# ---- finishing


def _finish(press: Press, row: Row, values: Row) -> None:
    """Say how it ended: in its row, as an event, and to whom its schedule names."""
    now, actor, file = press.clock(), system_of(row["workspace_id"]), file_of(press.directory, row)
    done = values["status"] == "done"
    more = (
        {"bytes": file.stat().st_size, "total": values["rows"], "expires_at": now + press.days * DAY}
        if done
        else {}
    )
    try:
        with press.records.transaction(now) as tx:
            made = write.update(tx, actor, Export, row["id"], {**values, **more, "finished_at": now})
            write.tell(tx, actor, Export, row["id"], "finished", show(Export, made))
            press.told(tx, made)
    except NotFound:
        _clear(press, row)


def _clear(press: Press, row: Row) -> None:
    for path in press.directory.glob(f"{row['id']}.*"):
        path.unlink(missing_ok=True)


def reason(error: Exception) -> str:
    """Why something failed, for whoever asked for it."""
    if isinstance(error, RoutyError):
        return error.message[:500]
    if "No space left" in str(error):
        return "the disk is full"
    log.error("an export failed", exc_info=error)
    if isinstance(error, Failure):
        return "the click store could not answer; it is in the server's log"
    return "something went wrong here; it is in the server's log"


# ---- what is over


def expire_once(press: Press) -> bool:
    """Let go of exports whose time is over, and of files that nothing refers to any more."""
    now = press.clock()
    over = press.records.rows(_EXPIRED, (now,))
    for row in over:
        with press.records.transaction(now) as tx:
            write.update(tx, system_of(row["workspace_id"]), Export, row["id"], {"status": "expired"})
        _clear(press, row)
    for path in press.directory.glob("exp_*"):
        if press.records.one(_KEPT, (path.name.partition(".")[0],)) is None:
            path.unlink(missing_ok=True)
    return len(over) == 50
