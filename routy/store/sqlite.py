"""The record store: SQLite through apsw, and the only module that imports it.

One write connection behind a lock, one read connection a thread. Times are integer milliseconds, booleans are 0
and 1, structures are JSON text. Rows come out as dicts.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import apsw
import apsw.bestpractice

# All that apsw recommends but two: SQLite's own log would go to Python's root logger, and PRAGMA optimize on every
# connect wants the write lock before there is a timeout.
_LEFT_OUT = (apsw.bestpractice.library_logging, apsw.bestpractice.connection_optimize)
apsw.bestpractice.apply(tuple(each for each in apsw.bestpractice.recommended if each not in _LEFT_OUT))

Row = dict[str, Any]
Answers = Mapping[str, Callable[..., Any]]
BUSY_MS = 15_000
MAPPED_BYTES = 2**32
# Of the connection that writes: dozens of indexes do not fit into the 2 MB that SQLite takes by itself, and a page
# that is written again and again reaches the file less often.
_WRITES = "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000"  # KiB, and pages of 4 KiB


class Taken(Exception):
    """A unique index refused a row; `columns` are those of the index."""

    def __init__(self, columns: Sequence[str]) -> None:
        super().__init__(", ".join(columns))
        self.columns = tuple(columns)


class NotAStore(Exception):
    """The file is there and is no record store."""


class Referenced(Exception):
    """Other rows still name the row that was to go."""


class Busy(Exception):
    """Somebody has held the write lock for longer than we wait."""


class Transaction:
    """An open write transaction. `now` is its moment, the same for all that it writes. A `rehearsal` will be thrown
    away, so that nobody needs to be told of it."""

    def __init__(self, connection: apsw.Connection, now: int, answers: Answers, rehearsal: bool = False) -> None:
        self._connection, self._answers = connection, answers
        self.now, self.rehearsal = now, rehearsal

    def ask(self, question: str, *about: Any) -> Any:
        """What only the running server can answer: see `Records.answers`."""
        return self._answers[question](*about)

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        return _rows(self._connection, sql, values)

    def one(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def run(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Run one statement and return how many rows it changed."""
        try:
            self._connection.execute(sql, values)
        except apsw.ConstraintError as error:
            if _extended(error) == apsw.SQLITE_CONSTRAINT_UNIQUE:
                raise Taken(_columns(str(error))) from None
            if _extended(error) == apsw.SQLITE_CONSTRAINT_FOREIGNKEY:
                raise Referenced(str(error)) from None
            raise
        return self._connection.changes()

    def insert(self, table: str, row: Row) -> int:
        """Insert a row by its column names, which come from a declaration; returns its rowid."""
        self.run(_insertion(table, tuple(row)), tuple(row.values()))
        return self._connection.last_insert_rowid()

    def update(self, table: str, key: int, changes: Row) -> None:
        if changes:
            names = ", ".join(f'"{name}" = ?' for name in changes)
            self.run(f"UPDATE {table} SET {names} WHERE key = ?", (*changes.values(), key))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What fails inside is undone alone, and goes on as an exception."""
        with self._connection:
            yield


class Records:
    """The record store of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.answers: dict[str, Callable[..., Any]] = {}  # what rules may ask, by name; app.py fills it
        self._local = threading.local()
        self._lock = threading.Lock()
        self._readers: list[apsw.Connection] = []
        try:
            self._writer = _connect(path)
            self._writer.execute(_WRITES)
        except apsw.NotADBError:
            raise NotAStore(f"{path} is no record store of Routy, or is damaged: restore a backup") from None

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """What is committed, read on this thread's own connection."""
        return _rows(self._reader(), sql, values)

    def one(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def tuples(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows as tuples, one after the other: for the big walks."""
        return iter(self._reader().execute(sql, values))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that this thread reads inside is of one moment."""
        connection = self._reader()
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self, now: int, rehearsal: bool = False) -> Iterator[Transaction]:
        """One write transaction: committed at the end of the block, undone when the block raises."""
        if not self._lock.acquire(timeout=BUSY_MS / 1000):
            raise Busy("the record store is written to by others")
        try:
            _begin(self._writer)
            try:
                yield Transaction(self._writer, now, self.answers, rehearsal)
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk has rolled back already
                    self._writer.execute("ROLLBACK")
                raise
        finally:
            self._lock.release()

    def script(self, sql: str) -> None:
        """Run the statements of a migration or a fixture outside the careful paths above."""
        with self._lock:
            self._writer.execute(sql)

    def copy_to(self, path: Path) -> None:
        """A consistent copy of the file while others write (SQLite's online backup)."""
        target = apsw.Connection(str(path))
        try:
            with target.backup("main", self._reader(), "main") as backup:
                while not backup.done:
                    backup.step(1000)
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()

    def close(self) -> None:
        for connection in (*self._readers, self._writer):
            connection.close()

    def _reader(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _connect(self.path)
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            self._readers.append(connection)
        return connection


@lru_cache(1000)
def _insertion(table: str, names: Sequence[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({quoted}) VALUES ({', '.join('?' * len(names))})"


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(BUSY_MS)
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")  # all connections share the pages
    return connection


def _begin(connection: apsw.Connection) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except apsw.BusyError:
        raise Busy("the record store is held by another process") from None


def _rows(connection: apsw.Connection, sql: str, values: Sequence[Any] | dict[str, Any]) -> list[Row]:
    cursor = connection.execute(sql, values)
    names: list[str] = []
    found = []
    for row in cursor:
        names = names or [column[0] for column in cursor.get_description()]
        found.append(dict(zip(names, row, strict=True)))
    return found


def _extended(error: apsw.Error) -> int:
    return int(getattr(error, "extendedresult", 0))


def _columns(message: str) -> list[str]:
    """`UNIQUE constraint failed: links.domain_id, links.slug` → `["domain_id", "slug"]`."""
    listed = message.partition(": ")[2]
    return [part.strip().partition(".")[2] for part in listed.split(",")]
