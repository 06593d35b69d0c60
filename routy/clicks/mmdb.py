"""One database file in MaxMind's format, which may be replaced while it is in use.

A new file is copied, opened and tried out before the old one is let go; one that is broken, half copied or of the
wrong kind leaves the old one in use and says so. What is read is the copy: a file that is overwritten in place
would else pull the mapped memory from under the server.
"""

import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import maxminddb

from routy.clock import SECOND, Clock

log = logging.getLogger("routy.clicks")

CHECK_MS = 5 * SECOND
SETTLED_MS = 2 * SECOND  # a file that was written to more recently may still be on its way
TRIED_NETWORKS = 1000
TRIED_ADDRESSES = tuple(f"{first}.{second}.0.1" for first in range(1, 224) for second in (0, 129))

Record = Mapping[str, Any]
Signature = tuple[int, int, int]


class Unusable(Exception):
    """The message says why, in words that follow the file's name."""


class Mmdb:
    """`knows` says whether a record is of the wanted kind; a file of which no record is, is not taken."""

    def __init__(self, path: str, directory: Path | None, clock: Clock, knows: Callable[[Record], bool]) -> None:
        self.path, self.problem = Path(path), ""
        self._directory, self._clock, self._knows = directory, clock, knows
        self._reader: maxminddb.Reader | None = None
        self._tried: Signature | None = None  # the file that was looked at last …
        self._refused = ""  # … and why it was not taken
        self._checked_at: int | None = None
        self._looking = threading.Lock()
        if directory:
            directory.mkdir(parents=True, exist_ok=True)

    def get(self, address: str) -> Record | None:
        """The record of an address; None where there is none, or no file yet."""
        reader = self._reader
        try:
            found = reader.get(address) if reader else None
        except (ValueError, maxminddb.InvalidDatabaseError):  # an IPv6 address in a database of IPv4, a bad record
            return None
        return found if isinstance(found, dict) else None

    def refresh(self) -> None:
        """Look at the disk, unless that was done a moment ago or is being done."""
        now = self._clock()
        if self._checked_at is not None and 0 <= now - self._checked_at < CHECK_MS:
            return
        if self._looking.acquire(blocking=False):
            try:
                self._checked_at = now
                self._say(self._look(now))
            finally:
                self._looking.release()

    def figures(self) -> dict[str, Any]:
        about = self._reader.metadata() if self._reader else None
        built = datetime.fromtimestamp(about.build_epoch, UTC).date().isoformat() if about else None
        return {
            "path": str(self.path),
            "source": about.database_type if about else None,
            "date": built,
            "problem": self.problem or None,
        }

    def _look(self, now: int) -> str:
        """Take the file if it is a new one; returns what is wrong with it."""
        try:
            signature = _signature(self.path)
            if signature != self._tried and not (self._reader and _young(signature, now)):
                self._tried, self._refused = signature, ""
                self._reader = self._opened(signature)
                log.info("%s is in use, built %s", self.path, self.figures()["date"])
        except OSError as error:
            self._tried = None
            return f"cannot be read: {error.strerror}"
        except Unusable as error:
            self._refused = str(error)
        return self._refused

    def _opened(self, signature: Signature) -> maxminddb.Reader:
        with tempfile.NamedTemporaryFile(dir=self._directory, suffix=".mmdb") as copy:
            with self.path.open("rb") as file:
                shutil.copyfileobj(file, copy, 2**20)
            copy.flush()
            if _signature(self.path) != signature:
                self._tried = None
                raise Unusable("changed while it was read")
            try:
                reader = maxminddb.open_database(copy.name)
                _try_out(reader, self._knows)
            except (maxminddb.InvalidDatabaseError, ValueError) as error:
                reason = str(error).replace(copy.name, "it")
                raise Unusable(f"is no database that can be used: {reason}") from None
        return reader

    def _say(self, wrong: str) -> None:
        problem = f"{self.path} {wrong}" if wrong else ""
        if problem and problem != self.problem:
            log.warning("%s%s", problem, "; the one before stays in use" if self._reader else "")
        self.problem = problem


def _signature(path: Path) -> Signature:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _young(signature: Signature, now: int) -> bool:
    return 0 <= now - signature[2] // 1_000_000 < SETTLED_MS


def _try_out(reader: maxminddb.Reader, knows: Callable[[Record], bool]) -> None:
    """Read some records from the front and some from everywhere; a half of a file does not come through this."""
    records = [record for _, record in islice(reader, TRIED_NETWORKS)]
    records += [reader.get(address) for address in TRIED_ADDRESSES]
    if not any(isinstance(record, dict) and knows(record) for record in records):
        raise Unusable(f"holds nothing of what is wanted; it is a {reader.metadata().database_type}")
