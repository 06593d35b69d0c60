"""Exports and imports at the command line: they are asked for like all others, and watched until they are done.

Beside a running server it is the server that works; where none runs, this process does.
"""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from routy import app, holding
from routy.config import Config
from routy.exports.work import expire_once, export_once, file_of
from routy.imports.upload import coming_of, keep, look
from routy.imports.work import import_once
from routy.records import parse, write
from routy.records.read import find
from routy.resource import Actor, Record, Row
from routy.resources.exports import Export
from routy.resources.imports import Import
from routy.store.sqlite import Records

LOOK_SECONDS = 0.2
BAR = 30  # letters
SHOWN = 20  # rows that were refused
_REFUSED = """/* transfer.refused */
SELECT line, errors FROM import_rows WHERE import_key = ? AND status = 'failed' ORDER BY number LIMIT ?
"""


class Failed(Exception):
    """It was not done; the message says why."""


def export(settings: Config, records: Records, owner: Actor, asked: dict[str, Any], to: str) -> int:
    """Have an export made and put its file there (`-`: standard output); how many rows it holds."""
    with records.transaction(_now()) as tx:
        made = write.create(tx, owner, Export, parse.creation(Export.fields, asked))
    try:
        with _working(settings, "export", lambda routy: export_once(routy.press)) as alive:
            done = _watched(records, owner, Export, made["id"], ("pending", "running"), alive, _rows_of)
        if done["status"] != "done":
            raise Failed(done["error"])
        _put(file_of(settings.data_dir / "exports", done), to)
    finally:
        with suppress(Exception), records.transaction(_now()) as tx:
            write.delete(tx, owner, Export, made["id"])
        for path in (settings.data_dir / "exports").glob(f"{made['id']}.*"):
            path.unlink(missing_ok=True)
    return int(done["rows"])


def import_(
    settings: Config, records: Records, owner: Actor, asked: dict[str, Any], file: Path, dry_run: bool
) -> Row:
    """Take in a file; the import as it is then. What was mapped is told on stderr."""
    size, most = file.stat().st_size, settings.files.import_bytes
    if size > most:
        raise Failed(f"{file} has {size:,} bytes; at most {most:,} can be imported (files.import_bytes)")
    with records.transaction(_now()) as tx:
        named = {**asked, "name": file.name[:200], "mapping": {}}
        made = write.create(tx, owner, Import, parse.creation(Import.fields, named))
    directory = settings.data_dir / "imports"
    directory.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(file, coming_of(directory, made["id"]))
    looked = look(directory, made, file.name[:255], file.suffix.lower() in (".ndjson", ".jsonl"))
    mapping = {**looked["mapping"], **asked.get("mapping", {})}
    begun = {"status": "trying" if dry_run else "running", "started_by": owner.id, "mapping": mapping}
    _tell_mapping(looked["columns"], mapping)
    keep(directory, made["id"])
    with records.transaction(_now()) as tx:
        write.update(tx, owner, Import, made["id"], {**looked, **begun})
    with _working(settings, "import", lambda routy: import_once(routy.intake)) as alive:
        return _watched(records, owner, Import, made["id"], ("trying", "running"), alive, _percent_of)


def refused(records: Records, done: Row) -> list[Row]:
    """The first rows of an import that were refused, with `line` and `errors`."""
    return records.rows(_REFUSED, (done["key"], SHOWN))


def _put(file: Path, to: str) -> None:
    if to == "-":
        with file.open("rb") as raw:
            shutil.copyfileobj(raw, sys.stdout.buffer, 2**20)
        sys.stdout.flush()
    else:
        shutil.copyfile(file, to)


# ---- who works


@contextmanager
def _working(settings: Config, what: str, step: Callable[[app.App], bool]) -> Iterator[Callable[[], bool]]:
    """Somebody does the work meanwhile; what comes tells whether they still do."""
    if holding.is_held(settings.data_dir):
        yield lambda: holding.is_held(settings.data_dir)
        return
    with app.opened(settings, what) as routy:
        stopping = threading.Event()
        thread = threading.Thread(target=_turn, args=(routy, step, stopping))
        thread.start()
        try:
            yield thread.is_alive
        finally:
            stopping.set()
            thread.join()
        expire_once(routy.press)


def _turn(routy: app.App, step: Callable[[app.App], bool], stopping: threading.Event) -> None:
    while not stopping.is_set():
        if not step(routy):
            stopping.wait(LOOK_SECONDS)


def _watched(
    records: Records,
    owner: Actor,
    resource: type[Record],
    record_id: str,
    active: Sequence[str],
    alive: Callable[[], bool],
    told: Callable[[Row], tuple[int, str]],
) -> Row:
    """The record when it is not active any more."""
    while True:
        row = find(records, owner, resource, record_id)
        _draw(*told(row), over=row["status"] not in active)
        if row["status"] not in active:
            return row
        if not alive():
            raise Failed("the server has stopped; what is left is done when it runs again")
        time.sleep(LOOK_SECONDS)


def _now() -> int:
    return time.time_ns() // 1_000_000


# ---- what is seen


def _rows_of(row: Row) -> tuple[int, str]:
    percent = 100 * row["rows"] // row["total"] if row["total"] else 0
    return 100 if row["status"] == "done" else percent, f"{row['rows']:,} rows"


def _percent_of(row: Row) -> tuple[int, str]:
    return row["progress"], f"{row['rows']:,} rows, {row['failed_rows']:,} refused"


def _draw(percent: int, text: str, over: bool) -> None:
    """A bar where somebody looks on."""
    if not sys.stderr.isatty():
        return
    full = BAR * percent // 100
    line = f"\r[{'#' * full}{'.' * (BAR - full)}] {percent:3} %  {text}"
    width = os.get_terminal_size(sys.stderr.fileno()).columns
    print(line[:width].ljust(min(width, 79)), end="\n" if over else "", file=sys.stderr, flush=True)


def _tell_mapping(columns: Sequence[str], mapping: dict[str, str]) -> None:
    for field, column in mapping.items():
        print(f"{column} -> {field}", file=sys.stderr)
    left = [column for column in columns if column not in mapping.values()]
    if left:
        print(f"left out: {', '.join(left)}", file=sys.stderr)
