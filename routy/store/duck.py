"""The click store: DuckDB, one file a month. Only this package imports it.

    clicks/manifest.json          which generation of which month counts; replaced in one step
    clicks/2026-11.g1.duckdb      the streams' rows of that month, and the ledger of the segments they came from

Each month is attached under an alias of its own, because a transaction may write one file only; readers name the
months that they need. One writer at a time holds `writing()`: it alone attaches and defines. A month may be put in
the place of another (`replace_month`): who reads the old one goes on, and it is let go when nobody does.
"""

import logging
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from routy.errors import Unavailable
from routy.ids import CROCKFORD, PAIRS
from routy.store.aside import Aside, at_once, step_back, threads_of_libraries
from routy.store.cursors import Reader, Writer, in_sql
from routy.store.months import (
    Month,
    free_generation,
    other_generations,
    read_manifest,
    united,
    write_manifest,
)
from routy.store.turns import Turns

SQL = Path(__file__).parent / "duck"
STORAGE = "v1.5.0"  # the file format: its string compression takes half the room of the default's
STREAMS = ("clicks", "api_requests")
log = logging.getLogger("routy.store")

HEAVY_AT_ONCE = 2
_DAMAGE = re.compile("Corrupt|not a valid DuckDB|checksum|Could not read enough bytes")  # nothing that may pass

Failure = duckdb.Error  # what any statement here may raise


_STATE = """/* duck.state */
SELECT (SELECT count(*) > 0 FROM {month}.judgements),
  (SELECT count(*) > 0 FROM {month}.erased WHERE cause = 'retention')
"""


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
        self._heavy = Turns(HEAVY_AT_ONCE)
        self._aside = Aside(HEAVY_AT_ONCE)
        self._writing = threading.RLock()
        self._local = threading.local()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._epoch = 0  # counts connections: a cursor of an older one is no good
        self.failed = False  # DuckDB gave up on the whole instance: `reopen` mends it
        self._opener: int | None = None  # the thread that is opening it
        self._counting = threading.Lock()
        self._readers: Counter[str] = Counter()  # by the alias of a month
        self.lost: set[str] = set()  # months that were begun anew; whoever can fill them again takes them out
        self._replaced: list[Month] = []  # months that are attached only for those who still read them

    def open(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        for left in (self.directory / "tmp").glob("download-*"):
            left.unlink()
        with self._writing:
            self._opener = threading.get_ident()  # nobody else may see some of the months
            try:
                self._connect()
                months = read_manifest(self.directory)
                for path in other_generations(self.directory, months):
                    path.unlink()
                attached = tuple(self._attach_or_begin_anew(month) for month in months)
                self._publish(attached)
                if [each.file for each in attached] != [each.file for each in months] or self.lost:
                    write_manifest(self.directory, attached)
            except BaseException:
                self.close()  # half of the months must not look like all of them
                raise
            finally:
                self._opener = None
            self.failed = False

    def close(self) -> None:
        with self._writing:
            self._epoch += 1  # first: whoever reads now is told that it was closed
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._replaced = []
            with self._counting:
                self._readers.clear()

    def reopen(self) -> None:
        """After DuckDB gave up on a file (the disk was full): let everything go and attach it again."""
        with self._writing:
            self.close()
            self.open()

    @contextmanager
    def glancing(self, run: Callable[..., Any] = at_once) -> Iterator[Reader]:
        """Read what is committed, all of one moment: for what is quick. Who takes too long gets Unavailable."""
        cursor = self._cursor()
        with self._limited(cursor), self.held() as months:
            yield Reader(cursor, months, run)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The same for what may be slow: two at a time, and who would wait too long gets Unavailable."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._heavy.turn(self._wait_seconds))
            except TimeoutError:
                raise Unavailable("too many reports are being made at once", retry_after=5) from None
            yield stack.enter_context(self.glancing(self._aside.run))

    @contextmanager
    def held(self) -> Iterator[tuple[Month, ...]]:
        """The months of now, which stay attached for as long as somebody is inside."""
        with self._counting:
            months, epoch = self.months, self._epoch
            self._readers.update(month.alias for month in months)
        try:
            yield months
        finally:
            with self._counting:
                if epoch == self._epoch:
                    self._readers.subtract(month.alias for month in months)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        with self._writing:
            yield Writer(self._cursor(), self.months, self.month_for_writing)

    def month_for_writing(self, name: str) -> Month:
        """The month of this name, made when it is missing. For the writer only."""
        known = next((month for month in self.months if month.name == name), None)
        if known is not None:
            return known
        month = self.begin_generation(name)
        self._put(month)
        return month

    def begin_generation(self, name: str) -> Month:
        """A new, empty file for this month, attached and counted by nobody yet."""
        with self._writing:
            return self._attach(Month(name, free_generation(self.directory, name)))

    def replace_month(self, old: Month, new: Month) -> None:
        """Let a generation that is whole count in the place of another. Who reads the old one may read on."""
        with self._writing:
            self._cursor().execute(f"CHECKPOINT {new.alias}")
            self._put(self._looked_at(new))
            self._replaced.append(old)

    def give_up(self, month: Month) -> None:
        """Detach a generation and delete it, unless it counts."""
        with self._writing:
            if any(each.alias == month.alias for each in self.months):
                return
            self._cursor().execute(f"DETACH {month.alias}")
            for file in (month.file, f"{month.file}.wal"):
                (self.directory / file).unlink(missing_ok=True)

    def let_go_once(self) -> bool:
        """Give up the replaced months that nobody reads any more."""
        with self._writing:
            with self._counting:
                idle = [month for month in self._replaced if not self._readers[month.alias]]
                self._replaced = [month for month in self._replaced if month not in idle]
            for month in idle:
                self.give_up(month)
        return False

    def overlay(self, month: Month) -> None:
        """Let readers see from now on that clicks of this month were judged again."""
        with self._writing:
            self._publish(
                tuple(replace(each, overlaid=each.overlaid or each.alias == month.alias) for each in self.months)
            )

    @contextmanager
    def standing_still(self) -> Iterator[list[Path]]:
        """The files of all months, whole and of one moment; loading waits meanwhile, reading does not."""
        with self._writing:
            for month in self.months:
                self._cursor().execute(f"CHECKPOINT {month.alias}")
            yield [self.directory / month.file for month in self.months]

    def figures(self) -> dict[str, Any]:
        """For health: months, bytes, and rows of each stream."""
        with self.glancing() as reader:
            rows = {
                stream: reader.column(f"/* duck.figures */ SELECT count(*) FROM {reader.source(stream)}")[0]
                for stream in STREAMS
            }
        files = [self.directory / month.file for month in self.months]
        there = [file for file in files if file.exists()]
        size = sum(file.stat().st_size for file in there)
        return {"months": len(files), "bytes": size, "rows": rows, "damage": self.damage()}

    # ---- inside

    def _connect(self) -> None:
        sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # else DuckDB looks for it with each value
        spill, ours = self.directory / "tmp", threads_of_libraries()
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
        step_back(threads_of_libraries() - ours)  # those that DuckDB works with
        connection.execute((SQL / "macros.sql").read_text().replace("{pairs}", "".join(PAIRS)))
        connection.execute("CREATE SCHEMA nothing; USE memory.nothing")
        for migration in _migrations():
            connection.execute(migration.read_text())
        connection.execute("USE memory")
        self._connection = connection
        self._epoch += 1

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's own."""
        if self._opener not in (None, threading.get_ident()):
            raise Unavailable("the click store is being opened", retry_after=2)
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
        except duckdb.Error as error:
            if epoch != self._epoch:
                raise Unavailable("the click store was opened anew meanwhile", retry_after=5) from None
            if not isinstance(error, duckdb.FatalException | duckdb.InternalException):
                raise
            log.exception("the click store gave up: the loader opens it anew")
            self.failed = True
            raise Unavailable("the click store gave up, and is opened anew", retry_after=5) from None
        finally:
            timer.cancel()
            with suppress(duckdb.Error):  # it was interrupted, or closed
                cursor.execute("ROLLBACK")

    def lacks_files(self) -> bool:
        """Whether a file that counts is gone although it is still open: what is written to it now is lost later."""
        return not all((self.directory / month.file).exists() for month in self.months)

    def damage(self) -> list[str]:
        """What was put aside, in words, until somebody deletes the file that tells of it."""
        told = sorted(path.name for path in self.directory.glob("*-at-*.duckdb"))
        return [
            f"{name.rpartition('-at-')[2]} was found {name.partition('-')[0]}: restore it, or delete {name}"
            for name in told
        ]

    def _attach_or_begin_anew(self, month: Month) -> Month:
        """A file that is gone or damaged must not keep the others, and the redirects, from going on."""
        path = self.directory / month.file
        try:
            if path.exists():
                return self._attach(month)
            how = "missing"
        except duckdb.Error as error:
            if not _DAMAGE.search(str(error)):
                raise
            how = "damaged"
            with suppress(duckdb.Error):
                self._cursor().execute(f"DETACH {month.alias}")
        log.error("%s is %s: its month begins anew", month.file, how)
        aside = f"{how}-{time.time_ns() // 1_000_000}-at-"
        for file in (path, Path(f"{path}.wal")):
            if file.exists():
                file.rename(file.with_name(aside + file.name))
        path.with_name(aside + path.name).touch()
        self.lost.add(month.name)
        return self._attach(Month(month.name, free_generation(self.directory, month.name)))

    def _attach(self, month: Month) -> Month:
        """Attach a month's file, which is made when it is not there, and bring it up to this version."""
        path = self.directory / month.file
        options = "" if path.exists() else f" (STORAGE_VERSION '{STORAGE}')"
        cursor = self._cursor()
        cursor.execute(f"ATTACH {in_sql(path)} AS {month.alias}{options}")
        cursor.execute(f"USE {month.alias}")
        try:
            _migrate(cursor)
        finally:
            cursor.execute("USE memory")
        return self._looked_at(month)

    def _looked_at(self, month: Month) -> Month:
        """The month with what its file says of judgements and retention."""
        state = self._cursor().execute(_STATE.format(month=month.alias)).fetchone() or (False, False)
        return replace(month, overlaid=bool(state[0]), pruned=bool(state[1]))

    def _put(self, month: Month) -> None:
        """Let a month count, beside the others or in the place of its older generation."""
        others = [each for each in self.months if each.name != month.name]
        months = tuple(sorted((*others, month), key=lambda each: each.name))
        before = self.months
        self._publish(months)
        try:
            write_manifest(self.directory, months)
        except BaseException:
            self._publish(before)
            raise

    def _publish(self, months: tuple[Month, ...]) -> None:
        """Show the months to readers, and under the streams' plain names to whoever looks with SQL."""
        for stream in STREAMS:
            self._cursor().execute(f"CREATE OR REPLACE VIEW {stream} AS SELECT * FROM {united(stream, months)}")
        with self._counting:
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
