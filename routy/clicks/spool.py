"""Step five of the click walk: one line, one write. What stands in the spool survives the death of the process.

A segment is a file `v<version>-<ULID>.tsv` whose name is never used twice. Its first line names the columns; each
append writes a line end and then the line, so that a line which was cut short (the disk is full) never swallows
the one behind it. Values stand between tabs, without quoting or escapes: control characters, which mean nothing
in them, become spaces. The last value of a whole line is `.`.

A writer takes the current segment and raises its in-flight count under a lock that is held for nanoseconds, writes
outside it and lowers the count. The sealer swaps in the next segment first and closes the old one at count 0;
otherwise a line could land in whatever file was opened next under the same descriptor.

A spool that `commits` returns from append when the line is on disk. Whoever finds no sync of the segment under way
begins one, for all that is written by then; those who come meanwhile wait for it to end, and one of them begins the
next: one sync for many lines, and none that waits for company.
"""

import errno
import logging
import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from routy.clicks.streams import WHOLE, Stream
from routy.clock import Clock
from routy.ids import ulid

log = logging.getLogger("routy.clicks")

_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), " ")

REASONS = ("closed", "disk_full", "short_write", "sync_failed", "write_failed")


class Refused(Exception):
    """A line that could not be kept; the reason is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Segment:
    __slots__ = (
        *("begun", "bytes", "descriptor", "done", "failed", "first_at", "in_flight"),
        *("lines", "opened_at", "path", "refused", "synced"),
    )

    def __init__(self, path: Path, descriptor: int, opened_at: int) -> None:
        self.path, self.descriptor, self.opened_at = path, descriptor, opened_at
        self.first_at: int | None = None  # when its first line came; it may have stood open for hours before
        self.bytes = self.synced = self.lines = self.in_flight = 0
        self.begun = self.done = 0  # commits: one at a time, so these two differ by 1 at most
        self.failed: set[int] = set()  # … and which of them did not bring their lines to disk
        self.refused = 0  # whole lines that stand in the file, but of which nobody may say that they are kept


class Spool:
    """The segments of one stream in one directory. Open it before use; only one process may."""

    def __init__(
        self,
        stream: Stream,
        directory: Path,
        clock: Clock,
        segment_bytes: int = 8 * 2**20,
        segment_ms: int = 1000,
        commits: bool = False,
    ) -> None:
        self.stream, self.directory = stream, directory
        self._clock, self._segment_bytes, self._segment_ms = clock, segment_bytes, segment_ms
        self._commits = commits
        self._lock = threading.Lock()
        self._committed = threading.Condition(self._lock)
        self._current: Segment | None = None
        self._draining: list[Segment] = []
        self._open: set[str] = set()  # the names of files that are, or are about to be, written to
        self._waiting: dict[str, Segment] = {}  # of this run, not loaded yet
        self._stored = self._sync_failures = 0
        self._sync_failed_at: int | None = None
        self._last_ms = 0

    def open(self) -> None:
        """Begin a segment. Those that lie there already belong to a run that is over: they count as sealed."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._current = self._begin()

    def append(self, values: Sequence[str]) -> None:
        """Keep one line, or raise Refused. When it returns, the line is with the system; on disk if it commits."""
        text = to_line(values)
        with self._lock:
            segment = self._current
            if segment is None:
                raise Refused("closed")
            segment.in_flight += 1
            if segment.first_at is None:
                segment.first_at = self._clock()
            since = segment.done + 1
        written, reason = _write(segment.descriptor, text)
        if self._commits and not reason:
            reason = self._commit(segment, since)
        with self._lock:
            segment.in_flight -= 1
            segment.bytes += written
            segment.lines += not reason
            segment.refused += reason == "sync_failed"
        if reason:
            raise Refused(reason)

    def _commit(self, segment: Segment, since: int) -> str:
        """Wait for a sync that began after our write, or do it. Every one that was not over before the write must
        have succeeded: the system tells a failure once, and forgets what it could not write."""
        with self._committed:
            mine = segment.begun + 1
            self._committed.wait_for(lambda: segment.done >= mine or segment.begun == segment.done)
            leads = segment.done < mine
            segment.begun = max(segment.begun, mine)
        if leads:
            fine = self._sync(segment.descriptor)
            with self._committed:
                segment.done = mine
                segment.failed |= set() if fine else {mine}
                self._committed.notify_all()
        return "" if segment.failed.isdisjoint(range(since, mine + 1)) else "sync_failed"

    # ---- steps of workers

    def seal_once(self) -> bool:
        """Swap in the next segment when the current one is big or old enough, and close what has drained."""
        segment = self._current
        if segment is not None and segment.bytes and self._due(segment):
            fresh = self._begin()
            with self._lock:
                closed = self._current is not segment
                self._current = None if closed else fresh
                self._draining.append(fresh if closed else segment)
        self._close_drained()
        return False

    def sync_once(self) -> bool:
        """Bring to disk what was written since the last sync. Not where appends do: it could be the one who is told
        of a failure."""
        with self._lock:
            segment = self._current
            if self._commits or segment is None or segment.synced == segment.bytes:
                return False
            segment.in_flight += 1
            reached = segment.bytes
        fine = self._sync(segment.descriptor)
        with self._lock:
            segment.synced = reached if fine else segment.synced
            segment.in_flight -= 1
        return False

    def close(self, patience_ms: int = 2000) -> None:
        """Refuse further lines, wait for those under way, close. Everything is sealed afterwards."""
        with self._lock:
            if self._current is not None:
                self._draining.append(self._current)
                self._current = None
        for _ in range(patience_ms):
            self._close_drained()
            if not self._open:
                return
            time.sleep(0.001)

    # ---- for the loader and for health

    def sealed(self) -> list[Path]:
        """The segments that nobody writes to any more, oldest first. A name is known to be open before its file is
        there, and is asked for after the files: one that is just being begun is never taken for sealed."""
        there = list(self.directory.glob("v*-*.tsv"))
        with self._lock:
            found = [path for path in there if path.name not in self._open]
        return sorted(found, key=lambda path: path.name.partition("-")[2])

    def settle(self, name: str, stored: int) -> None:
        """The loader has stored this segment: so many of its lines are rows now."""
        with self._lock:
            segment = self._waiting.pop(name, None)
            if segment is not None:
                self._stored += max(0, stored - segment.refused)  # those are in the books already

    def account(self) -> tuple[int, int]:
        """The lines of this run that are stored, and those that wait in the spool, of one moment."""
        with self._lock:
            return self._stored, sum(segment.lines for segment in self._waiting.values())

    def oldest_at(self) -> int | None:
        """When the oldest line that is not stored can have been written; None when there is none."""
        with self._lock:
            times = [segment.first_at for segment in self._waiting.values() if segment.first_at is not None]
        return min(times, default=None)

    def left_over(self) -> list[Path]:
        """The sealed segments of runs that are over."""
        found = self.sealed()
        with self._lock:
            return [path for path in found if path.name not in self._waiting]

    def figures(self) -> dict[str, Any]:
        """For health: how often what was written could not be brought to disk, and when last."""
        return {"sync_failures": self._sync_failures, "sync_failed_at": self._sync_failed_at}

    def _sync(self, descriptor: int) -> bool:
        """Whether what was written is on disk."""
        try:
            os.fdatasync(descriptor)
        except OSError as error:
            self._sync_failures += 1
            self._sync_failed_at = self._clock()
            log.error("the spool cannot be brought to disk: %s", error)  # noqa: TRY400 (nobody needs the trace)
            return False
        return True

    def _due(self, segment: Segment) -> bool:
        """A segment of the future was begun before the clock was set back: nobody waits for that moment again."""
        age = self._clock() - segment.opened_at
        return segment.bytes >= self._segment_bytes or not 0 <= age < self._segment_ms

    def _begin(self) -> Segment:
        self._last_ms = max(self._clock(), self._last_ms + 1)
        path = self.directory / f"v{self.stream.version}-{ulid(self._last_ms)}.tsv"
        with self._lock:
            self._open.add(path.name)
        try:
            descriptor = self._create(path)
        except OSError:
            with self._lock:
                self._open.discard(path.name)
            raise
        segment = Segment(path, descriptor, self._last_ms)
        with self._lock:
            self._waiting[path.name] = segment
        return segment

    def _create(self, path: Path) -> int:
        """The file with its header, on disk, or no file."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            if os.write(descriptor, self.stream.header) != len(self.stream.header):
                raise OSError(errno.ENOSPC, "no room for a segment")
            sync_directory(self.directory)
        except OSError:
            os.close(descriptor)
            path.unlink()
            raise
        return descriptor

    def _close_drained(self) -> None:
        """Taken off the list before they are closed: of two threads here only one gets a segment."""
        with self._lock:
            drained = [segment for segment in self._draining if segment.in_flight == 0]
            self._draining = [segment for segment in self._draining if segment.in_flight]
        for segment in drained:
            self._sync(segment.descriptor)
            os.close(segment.descriptor)
            with self._lock:
                self._open.discard(segment.path.name)


def _write(descriptor: int, text: bytes) -> tuple[int, str]:
    """How many bytes were written, and why not all; no reason when they were."""
    try:
        written = os.write(descriptor, text)
    except OSError as error:
        return 0, "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "write_failed"
    return written, "" if written == len(text) else "short_write"


def to_line(values: Sequence[str]) -> bytes:
    text = "\t".join(values)
    if text.count("\t") != len(values) - 1 or not text.replace("\t", "").isprintable():
        text = "\t".join([value.translate(_CONTROLS) for value in values])
    return f"\n{text}\t{WHOLE}".encode("utf-8", "replace")


def sync_directory(directory: Path) -> None:
    """A file is only there for good once its directory is on disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
