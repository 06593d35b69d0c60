"""The click store: DuckDB, one file a month, and the only module that imports it.

    clicks/manifest.json          which generation of which month counts; replaced in one step
    clicks/2026-11.g1.duckdb      the streams' rows of that month, and the ledger of the segments they came from

Each month is attached under an alias of its own, because a transaction may write one file only; readers name the
months that they need. One writer at a time holds `writing()`: it alone attaches and defines. Rows come and go
through files and SQL, never one by one: anything else is a hundred times slower and stalls the other threads.
"""

import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from routy.clock import month as month_of
from routy.errors import Unavailable
from routy.ids import CROCKFORD
from routy.store.months import Month, free_generation, read_manifest, united, write_manifest

SQL = Path(__file__).parent / "duck"
STORAGE = "v1.5.0"  # the file format: its string compression takes half the room of the default's
STREAMS = ("clicks", "api_requests")
HEAVY_AT_ONCE = 2
FETCHED_AT_ONCE = 500  # rows that become Python objects before other threads get a turn

Row = dict[str, Any]
Values = Sequence[Any] | Mapping[str, Any]
Failure = duckdb.Error  # what any statement here may raise


class Reader:
    """The store as one thread sees it while it reads."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, months: tuple[Month, ...]) -> None:
        self._cursor = cursor
        self.months = months

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        names, tuples = self._fetch(sql, values)
        return [dict(zip(names, row, strict=True)) for row in tuples]

    def column(self, sql: str, values: Values = ()) -> list[Any]:
        """The values of a query's only column."""
        return [row[0] for row in self._fetch(sql, values)[1]]

    def between(self, from_ms: int | None, to_ms: int | None) -> list[Month]:
        """The months that overlap [from, to), oldest first."""
        first = month_of(from_ms) if from_ms is not None else ""
        last = month_of(max(to_ms - 1, 0)) if to_ms is not None else "~"
        return [month for month in self.months if first <= month.name <= last]

    def source(self, stream: str, from_ms: int | None = None, to_ms: int | None = None) -> str:
        """SQL that stands for the rows of a stream in the months that overlap [from, to)."""
        return united(stream, self.between(from_ms, to_ms))

    def _fetch(self, sql: str, values: Values) -> tuple[list[str], list[tuple[Any, ...]]]:
        self._cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = []
        while some := self._cursor.fetchmany(FETCHED_AT_ONCE):
            found += some
        return [column[0] for column in self._cursor.description or ()], found


class Writer(Reader):
    """The store as the one thread sees it that writes."""

    def __init__(self, store: "ClickStore", cursor: duckdb.DuckDBPyConnection) -> None:
        super().__init__(cursor, store.months)
        self._store = store

    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; for an INSERT, how many rows it made."""
        found = self._cursor.execute(sql, values).fetchone()
        return int(found[0]) if found and isinstance(found[0], int) else 0

    def read_lines(self, table: str, columns: Sequence[str], files: Sequence[Path], skip: int = 0) -> None:
        """Tab-separated files into a temporary table of texts, in order, with `file` as last column. What is no
        line of so many values in UTF-8 goes to the temporary table reject_errors, by file and number."""
        listed = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
        self._cursor.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        self._cursor.execute(
            f"""/* duck.read_lines */ CREATE OR REPLACE TEMP TABLE {table} AS
            SELECT * FROM read_csv(?, columns = {{{listed}}}, filename = 'file', auto_detect = false,
              header = false, skip = {skip}, delim = '\t', quote = '', escape = '', nullstr = chr(1),
              store_rejects = true)""",
            [[str(file) for file in files]],
        )

    def take_lines(
        self, table: str, columns: Sequence[str], rows: Iterable[Sequence[str]], directory: Path
    ) -> None:
        """The same for values that are in memory: they go through a file in this directory."""
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / f"{table}.tsv"
        with file.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines("\t".join(row) + "\n" for row in rows)
        self.read_lines(table, columns, [file])
        file.unlink()

    @contextmanager
    def transaction(self, month: str) -> Iterator[None]:
        """All or nothing, in one month's file, made when it is missing; its tables need no prefix inside."""
        alias = self._store.month_for_writing(month).alias
        self._cursor.execute(f"USE {alias}")
        try:
            self._cursor.execute("BEGIN TRANSACTION")
            yield
            self._cursor.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # a failed COMMIT has rolled back already
                self._cursor.execute("ROLLBACK")
            raise
        finally:
            with suppress(duckdb.Error):  # closed under us
                self._cursor.execute("USE memory")


class ClickStore:
    """The store in one directory. Open it before use; only one process may."""

    def __init__(
        self,
        directory: Path,
        memory_limit: str = "512MB",
        threads: int = 2,
        report_seconds: float = 60,
        wait_seconds: float = 5,
    ) -> None:
        self.directory = directory
        self.months: tuple[Month, ...] = ()
        self._settings = {"memory_limit": memory_limit, "threads": str(threads)}
        self._report_seconds, self._wait_seconds = report_seconds, wait_seconds
        self._heavy = threading.BoundedSemaphore(HEAVY_AT_ONCE)
        self._writing = threading.RLock()
        self._local = threading.local()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._epoch = 0  # counts connections: a cursor of an older one is no good

    def open(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._writing:
            self._connect()
            try:
                months = read_manifest(self.directory)
                for month in months:
                    self._attach(month)
                self._publish(months)
            except BaseException:
                self.close()  # half of the months must not look like all of them
                raise

    def close(self) -> None:
        with self._writing:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._epoch += 1

    def reopen(self) -> None:
        """After DuckDB gave up on a file (the disk was full): let everything go and attach it again."""
        with self._writing:
            self.close()
            self.open()

    @contextmanager
    def glancing(self) -> Iterator[Reader]:
        """Read what is committed, all of one moment: for what is quick. Who takes too long gets Unavailable."""
        cursor = self._cursor()
        with self._limited(cursor):
            yield Reader(cursor, self.months)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The same for what may be slow: two at a time, and who would wait too long gets Unavailable."""
        if not self._heavy.acquire(timeout=self._wait_seconds):
            raise Unavailable("too many reports are being made at once", retry_after=5)
        try:
            with self.glancing() as reader:
                yield reader
        finally:
            self._heavy.release()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        with self._writing:
            yield Writer(self, self._cursor())

    def month_for_writing(self, name: str) -> Month:
        """The month of this name, made when it is missing. For the writer only."""
        known = next((month for month in self.months if month.name == name), None)
        if known is not None:
            return known
        month = Month(name, free_generation(self.directory, name))
        months = tuple(sorted((*self.months, month), key=lambda each: each.name))
        self._attach(month)
        write_manifest(self.directory, months)
        self._publish(months)
        return month

    def copy_to(self, target: Path) -> None:
        """Whole month files and their manifest, all of one moment; loading waits meanwhile, reading does not."""
        target.mkdir(parents=True, exist_ok=True)
        with self._writing:
            for month in self.months:
                self._cursor().execute(f"CHECKPOINT {month.alias}")
                shutil.copyfile(self.directory / month.file, target / month.file)
            write_manifest(target, self.months)

    def figures(self) -> dict[str, Any]:
        """For health: months, bytes, and rows of each stream."""
        with self.glancing() as reader:
            rows = {
                stream: reader.column(f"/* duck.figures */ SELECT count(*) FROM {reader.source(stream)}")[0]
                for stream in STREAMS
            }
        files = [self.directory / month.file for month in self.months]
        return {"months": len(files), "bytes": sum(file.stat().st_size for file in files), "rows": rows}

    # ---- inside

    def _connect(self) -> None:
        spill = self.directory / "tmp"
        connection = duckdb.connect(
            ":memory:",
            config={
                **self._settings,
                "temp_directory": str(spill),
                "extension_directory": str(spill / "extensions"),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "python_enable_replacements": "false",
            },
        )
        connection.execute((SQL / "macros.sql").read_text())
        connection.execute("CREATE SCHEMA nothing; USE memory.nothing")
        for migration in _migrations():
            connection.execute(migration.read_text())
        connection.execute("USE memory")
        self._connection = connection
        self._epoch += 1

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's own."""
        if getattr(self._local, "epoch", None) != self._epoch:
            if self._connection is None:
                raise Unavailable("the click store is closed", retry_after=5)
            self._local.cursor, self._local.epoch = self._connection.cursor(), self._epoch
        cursor: duckdb.DuckDBPyConnection = self._local.cursor
        return cursor

    @contextmanager
    def _limited(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """A transaction of its own, interrupted when its time is over."""
        timer, epoch = threading.Timer(self._report_seconds, cursor.interrupt), self._epoch
        timer.daemon = True
        timer.start()
        try:
            cursor.execute("BEGIN TRANSACTION")
            yield
        except duckdb.InterruptException:
            raise Unavailable("this takes too long: ask for less", retry_after=60) from None
        except duckdb.OutOfMemoryException:
            raise Unavailable("this takes more memory than there is: ask for less", retry_after=60) from None
        except duckdb.Error:
            if epoch == self._epoch:
                raise
            raise Unavailable("the click store was opened anew meanwhile", retry_after=5) from None
        finally:
            timer.cancel()
            with suppress(duckdb.Error):  # it was interrupted, or closed
                cursor.execute("ROLLBACK")

    def _attach(self, month: Month) -> None:
        """Attach a month's file, which is made when it is not there, and bring it up to this version."""
        path = self.directory / month.file
        options = "" if path.exists() else f" (STORAGE_VERSION '{STORAGE}')"
        cursor = self._cursor()
        quoted = str(path).replace("'", "''")
        cursor.execute(f"ATTACH '{quoted}' AS {month.alias}{options}")
        cursor.execute(f"USE {month.alias}")
        try:
            _migrate(cursor)
        finally:
            cursor.execute("USE memory")

    def _publish(self, months: tuple[Month, ...]) -> None:
        """Show the months to readers, and under the streams' plain names to whoever looks with SQL."""
        for stream in STREAMS:
            self._cursor().execute(f"CREATE OR REPLACE VIEW {stream} AS SELECT * FROM {united(stream, months)}")
        self.months = months


def parts_of(record_id: str) -> tuple[int, int, int]:
    """An id as the columns hold it: its milliseconds, and the first 16 and last 64 of its random bits."""
    number = 0
    for letter in record_id[-26:]:
        number = number * 32 + CROCKFORD.index(letter)
    return number >> 80, number >> 64 & 0xFFFF, number & 0xFFFF_FFFF_FFFF_FFFF


def _migrations() -> list[Path]:
    return sorted(SQL.glob("[0-9]*.sql"))


def _migrate(cursor: duckdb.DuckDBPyConnection) -> None:
    """Bring the file that is in use to the newest shape, one transaction a step."""
    cursor.execute("CREATE TABLE IF NOT EXISTS migrations (name VARCHAR NOT NULL)")
    applied = {row[0] for row in cursor.execute("/* duck.migrations */ SELECT name FROM migrations").fetchall()}
    for migration in _migrations():
        if migration.name not in applied:
            cursor.execute("BEGIN TRANSACTION")
            cursor.execute(migration.read_text())
            cursor.execute("INSERT INTO migrations VALUES (?)", [migration.name])
            cursor.execute("COMMIT")
