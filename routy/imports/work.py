"""One piece of one import after the other, so that several go on side by side and nobody else waits for long.

Each piece is one short write transaction that holds the rows' changes, what became of each row, and how far the
import is: a server that is killed goes on behind the last one. A dry run does the same to a copy of the record
store that is thrown away. The database is the queue.
"""

import json
import logging
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from routy.clock import Clock
from routy.errors import Forbidden, Invalid, NotFound, RoutyError
from routy.imports.asked import expect_right
from routy.imports.guessed import importable
from routy.imports.reading import Line, Sheet, Unreadable, read
from routy.imports.reversed import reverse_some
from routy.imports.rows import Taken, missing, take
from routy.imports.typed import Names, Typist
from routy.records import write
from routy.records.beginning import system_of
from routy.records.makers import maker_of
from routy.records.read import find
from routy.records.show import show
from routy.resource import Actor, Row
from routy.resources.imports import MOST_ATOMIC, Import
from routy.store.sqlite import Busy, Records, Transaction

log = logging.getLogger("routy.imports")

LEAST, MOST = 20, 500  # rows of one transaction
PIECE_SECONDS = 0.1  # how long one should take
PIECE_BYTES = 2**20  # and how much of the file it may be made of
ATOMIC_BYTES = 16 * 2**20
ACTIVE = ("trying", "running", "reversing")

_NEXT = """/* imports.next */
SELECT id, workspace_id, status FROM imports
WHERE status IN ('trying', 'running', 'reversing') AND deleted_at IS NULL ORDER BY advanced_at LIMIT 1
"""
_ADVANCE = """/* imports.advance */
UPDATE imports SET rows = rows + :rows, created_rows = created_rows + :created,
  updated_rows = updated_rows + :updated, unchanged_rows = unchanged_rows + :unchanged,
  failed_rows = failed_rows + :failed, progress = :progress, advanced_at = :now
WHERE key = :key AND rows = :before AND status = :status AND deleted_at IS NULL
"""
_FOR_NOW = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536"  # nobody misses it
_ANEW = """/* imports.anew */
UPDATE imports SET rows = 0, created_rows = 0, updated_rows = 0, unchanged_rows = 0, failed_rows = 0, progress = 0
WHERE key = ?
"""
_LEFT = "/* imports.left */ DELETE FROM import_rows WHERE import_key = ? AND number > ? AND number <= ? + 5000"
_LAST = "/* imports.last */ SELECT max(number) AS number FROM import_rows WHERE import_key = ?"


class Stopped(Exception):
    """Somebody has deleted the import meanwhile."""


class Refused(Exception):
    """A row of an atomic import was refused: leave nothing behind."""


@dataclass(frozen=True)
class Item:
    """A row that is ready to be taken."""

    line: Line
    values: Row
    errors: dict[str, str]


@dataclass(frozen=True)
class Result:
    line: Line
    taken: Taken


@dataclass
class Intake:
    """Where imports are done. `under_way` holds those that have begun, as far as they are."""

    records: Records
    clock: Clock
    directory: Path
    under_way: dict[str, Iterator[None]] = field(default_factory=dict)


def file_of(directory: Path, import_id: str) -> Path:
    """Where the file of an import lies."""
    return directory / f"{import_id}.file"


def import_once(intake: Intake) -> bool:
    """Do the next piece of the import that has waited longest; True when there may be more."""
    row = intake.records.one(_NEXT)
    if row is None:
        intake.under_way.clear()
        return False
    name = f"{row['id']} {row['status']}"
    if name not in intake.under_way:
        intake.under_way[name] = _walk(intake, row)
    try:
        next(intake.under_way[name])
    except StopIteration:
        del intake.under_way[name]
    except BaseException:
        del intake.under_way[name]  # it begins anew behind what was committed
        raise
    return True


def _walk(intake: Intake, asked: Row) -> Iterator[None]:
    """From where the import stands to its end, a piece at a time; what goes wrong ends it."""
    try:
        row = find(intake.records, system_of(asked["workspace_id"]), Import, asked["id"])
        actor = _actor(intake, row)
        if row["status"] == "reversing":
            yield from _reverse(intake, actor, row)
        elif row["status"] == "trying":
            yield from _try(intake, actor, row)
        else:
            yield from _run(intake, actor, row)
    except (Stopped, NotFound):
        return
    except (Busy, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, who started it is told)
        status = "ready" if asked["status"] == "trying" else "failed"
        _finish(intake, asked, {"status": status, "error": reason(error)})


def _actor(intake: Intake, row: Row) -> Actor:
    """Who started it, with what they may do now."""
    actor = maker_of(intake.records, row["started_by"], row["workspace_id"], intake.clock())
    if actor is None:
        raise Forbidden("who started it is no member any more, or their token is gone")
    expect_right(actor, row["resource"])
    return actor


def sheet_of(row: Row) -> Sheet:
    """How the file of an import is read."""
    return Sheet(row["format"], row["encoding"], row["delimiter"], tuple(row["columns"]))


# ---- running


def _run(intake: Intake, actor: Actor, row: Row) -> Iterator[None]:
    if not row["rows"]:
        yield from _clear(intake.records, intake.clock, row)
    if row["atomic"]:
        yield from _run_whole(intake, actor, row)
        return
    for items in _pieces(intake, row, row["rows"]):
        with intake.records.transaction(intake.clock()) as tx:
            results = [_alone(tx, actor, row, item) for item in items]
            _note(tx, row, results, items[-1].line)
            row["rows"] += len(items)
        yield
    _finish(intake, row, {"status": "done"})


def _run_whole(intake: Intake, actor: Actor, row: Row) -> Iterator[None]:
    """All rows in one transaction, or none of them."""
    if row["bytes"] > ATOMIC_BYTES:
        raise Invalid({"atomic": f"holds for files of at most {ATOMIC_BYTES // 2**20} MiB"})
    items = [item for piece in _pieces(intake, row, 0) for item in piece]
    results: list[Result] = []
    try:
        with intake.records.transaction(intake.clock()) as tx:
            if not row["rows"]:
                results = [_alone(tx, actor, row, item) for item in items]
                if any(result.taken.status == "failed" for result in results):
                    raise Refused
                _note(tx, row, results, items[-1].line if items else None)
    except Refused:
        undone = [_undone(result) for result in results]
        with intake.records.transaction(intake.clock()) as tx:
            _note(tx, row, undone, items[-1].line)
        failed = sum(1 for result in results if result.taken.status == "failed")
        _finish(intake, row, {"status": "failed", "error": f"{failed} rows were refused, so none was stored"})
        return
    yield
    _finish(intake, row, {"status": "done"})


def _tried(result: Result) -> Result:
    """What would have been made has no id."""
    made = result.taken.status == "created"
    return Result(result.line, replace(result.taken, record_id=None)) if made else result


def _undone(result: Result) -> Result:
    if result.taken.status == "failed":
        return result
    message = "not done, as other rows of this atomic import have failed"
    return Result(result.line, Taken("failed", errors={"row": message}))


def _try(intake: Intake, actor: Actor, row: Row) -> Iterator[None]:
    """Everything to a copy of the record store, and what became of it into the real one."""
    yield from _clear(intake.records, intake.clock, row)
    rehearsal = file_of(intake.directory, row["id"]).with_suffix(".rehearsal")
    _expect_room(intake.records, rehearsal.parent)
    try:
        intake.records.copy_to(rehearsal)
        copy = Records(rehearsal)
        copy.answers = intake.records.answers
        copy.script(_FOR_NOW)
        try:
            with copy.transaction(intake.clock(), rehearsal=True) as play:
                for items in _pieces(intake, row, 0):
                    results = [_tried(_alone(play, actor, row, item)) for item in items]
                    with intake.records.transaction(intake.clock()) as tx:
                        _note(tx, row, results, items[-1].line)
                    row["rows"] += len(items)
                    yield
                raise Refused  # nothing of it stays, not even in the copy
        except Refused:
            pass
        finally:
            copy.close()
    finally:
        for left in rehearsal.parent.glob(f"{rehearsal.name}*"):
            left.unlink()
    _finish(intake, row, {"status": "ready", "tried": True})


def _expect_room(records: Records, directory: Path) -> None:
    wanted = 2 * records.path.stat().st_size
    if shutil.disk_usage(directory).free < wanted:
        raise Invalid({"file": f"a dry run needs {wanted:,} bytes of disk for a while, and there are less"})


def _clear(records: Records, clock: Clock, row: Row) -> Iterator[None]:
    """Forget what became of the rows of an earlier run that stored nothing."""
    last = (records.one(_LAST, (row["key"],)) or {})["number"] or 0
    for begin in range(0, last, 5000):
        with records.transaction(clock()) as tx:
            tx.run(_LEFT, (row["key"], begin, begin))
        yield
    with records.transaction(clock()) as tx:
        tx.run(_ANEW, (row["key"],))
    row["rows"] = 0


# ---- pieces


def _pieces(intake: Intake, row: Row, skip: int) -> Iterator[list[Item]]:
    """The rows behind the first so many, read and converted, in pieces that take about as long as one should."""
    resource = importable()[row["resource"]]
    names = Names(intake.records, row["workspace_id"])
    typist = Typist(resource, row["mapping"], names, row["format"] == "csv")
    lines = read(file_of(intake.directory, row["id"]), sheet_of(row), skip)
    size, count = LEAST, 0
    while items := _some(typist, lines, size):
        count += len(items)
        if row["atomic"] and count > MOST_ATOMIC:
            raise Invalid({"atomic": f"holds for files of at most {MOST_ATOMIC:,} rows"})
        began = time.monotonic()
        yield items
        spent = max(time.monotonic() - began, 0.001)
        size = min(MOST, max(LEAST, round(size * min(2.0, PIECE_SECONDS / spent))))


def _some(typist: Typist, lines: Iterator[Line], size: int) -> list[Item]:
    """So many rows, or fewer where they are long."""
    items: list[Item] = []
    for line in lines:
        items.append(_item(typist, line))
        if len(items) == size or line.position - items[0].line.position > PIECE_BYTES:
            break
    return items


def _item(typist: Typist, read: Line) -> Item:
    """What was not asked for is let go."""
    line = replace(read, values={})
    if line.error:
        return Item(line, {}, {"row": line.error})
    values, errors = typist.values(read.values)
    if errors and "external_id" not in values:  # it would be a new record: name all that is wrong with it
        errors = {**missing(typist.resource, values), **errors}
    return Item(line, values, errors)


def _alone(tx: Transaction, actor: Actor, row: Row, item: Item) -> Result:
    """Take one row; what is wrong with it is undone alone."""
    if item.errors:
        return Result(item.line, Taken("failed", errors=item.errors))
    try:
        with tx.savepoint():
            return Result(item.line, take(tx, actor, importable()[row["resource"]], item.values, row["upsert"]))
    except RoutyError as error:
        return Result(item.line, Taken("failed", errors=error.fields or {"row": error.message}))


def _note(tx: Transaction, row: Row, results: Sequence[Result], last: Line | None) -> None:
    """What became of the rows, and how far the import is; Stopped when it is not there any more."""
    counts = dict.fromkeys(("created", "updated", "unchanged", "failed"), 0)
    for result in results:
        counts[result.taken.status] += 1
        tx.insert("import_rows", {"import_key": row["key"], **_told(result)})
    progress = min(100, round(100 * last.position / max(1, row["bytes"]))) if last else 100
    state = {"key": row["key"], "before": row["rows"], "status": row["status"], "now": tx.now}
    if not tx.run(_ADVANCE, {**state, **counts, "rows": len(results), "progress": progress}):
        raise Stopped


def _told(result: Result) -> Row:
    line, taken = result.line, result.taken
    before = None if taken.before is None else json.dumps(taken.before, ensure_ascii=False)
    errors = json.dumps(taken.errors, ensure_ascii=False) if taken.errors else None
    place = {"number": line.number, "line": line.line, "status": taken.status}
    return {**place, "record_id": taken.record_id, "version": taken.version, "before": before, "errors": errors}


# ---- reversing and finishing


def _reverse(intake: Intake, actor: Actor, row: Row) -> Iterator[None]:
    resource = importable()[row["resource"]]
    while True:
        with intake.records.transaction(intake.clock()) as tx:
            more = reverse_some(tx, actor, resource, row["key"])
        if not more:
            break
        yield
    _finish(intake, row, {"status": "reversed"})


def _finish(intake: Intake, row: Row, values: Row) -> None:
    """Say how it ended, in its row and as an event."""
    system = system_of(row["workspace_id"])
    with intake.records.transaction(intake.clock()) as tx:
        try:
            before = find(tx, system, Import, row["id"])
        except NotFound:
            return
        more = {"progress": 100} if values["status"] != "failed" else {}
        made = write.update(tx, system, Import, row["id"], {"error": None, **values, **more, "finished_at": tx.now})
        write.tell(tx, system, Import, row["id"], "finished", {**show(Import, made), "what": before["status"]})
    if made["status"] in ("done", "reversed"):
        file_of(intake.directory, row["id"]).unlink(missing_ok=True)


def reason(error: Exception) -> str:
    """Why something failed, for whoever started it."""
    if isinstance(error, RoutyError):
        return error.message[:500]
    if isinstance(error, Unreadable):
        return f"the file {error}"
    if "No space left" in str(error) or "disk is full" in str(error):
        return "the disk is full"
    if isinstance(error, FileNotFoundError):
        return "its file is not here any more"
    log.error("an import failed", exc_info=error)
    return "something went wrong here; it is in the server's log"
