"""The click store as one thread sees it: Reader, of one moment, and Writer, the one that may change it.

Rows come and go through files and SQL, never one by one: anything else is a hundred times slower and stalls the
other threads.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import duckdb

from routy.clock import month as month_of
from routy.store.aside import at_once
from routy.store.months import Month, united

FETCHED_AT_ONCE = 500  # rows that become Python objects before other threads get a turn

Row = dict[str, Any]
Values = Sequence[Any] | Mapping[str, Any]
Format = Literal["csv", "ndjson", "parquet"]

_COPY = {
    "csv": "FORMAT csv, HEADER",
    "ndjson": "FORMAT json",
    # Larger row groups take memory in proportion; higher levels twice the time, for files as large.
    "parquet": "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 20480",
}
_SMALL = {"threads": "1", "memory_limit": "128MB", "autoinstall_known_extensions": "false"}

_ERASED = """/* cursors.erased */
SELECT class, sum(rows)::BIGINT AS rows FROM {erased} WHERE stream = $stream AND cause = 'retention' GROUP BY class
"""


class Reader:
    """The store as one thread sees it while it reads."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, months: tuple[Month, ...], run: Callable[..., Any] = at_once
    ) -> None:
        """`run` is where statements are executed."""
        self._cursor = cursor
        self._run = run
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
        """SQL that stands for the rows of a stream (or of rollups, or a ledger) in the months that overlap."""
        return united(stream, self.between(from_ms, to_ms))

    def source_of(self, stream: str, month: Month) -> str:
        """The same for one month."""
        return united(stream, [month])

    def erased(self, from_ms: int | None, to_ms: int | None, stream: str = "clicks") -> dict[str, int]:
        """By class, the rows of those months that retention has taken and only roll-ups still count."""
        found = self.rows(_ERASED.format(erased=self.source("erased", from_ms, to_ms)), {"stream": stream})
        return {row["class"]: row["rows"] for row in found}

    def read_lines(self, table: str, columns: Sequence[str], files: Sequence[Path], skip: int = 0) -> None:
        """Tab-separated files into a temporary table of texts, in order, with `file` as last column. What is no
        line of so many values in UTF-8 goes to the temporary table reject_errors, by file and number."""
        listed = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
        self._cursor.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
        self._cursor.execute(
            f"""/* cursors.read_lines */ CREATE OR REPLACE TEMP TABLE {table} AS
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
        file = directory / f"{table}-{threading.get_ident()}.tsv"
        with file.open("w", encoding="utf-8", newline="\n") as out:
            out.writelines("\t".join(row) + "\n" for row in rows)
        self.read_lines(table, columns, [file])
        file.unlink()

    def copy_out(self, sql: str, values: Values, file: Path, format_: Format) -> int:
        """The rows of a query into a file, however many there are, without passing through Python; how many."""
        copy = f"/* cursors.copy_out */ COPY ({sql}) TO {in_sql(file)} ({_COPY[format_]})"
        self._run(self._cursor.execute, copy, values)
        found = self._cursor.fetchone()
        return int(found[0]) if found else 0

    def _fetch(self, sql: str, values: Values) -> tuple[list[str], list[tuple[Any, ...]]]:
        self._run(self._cursor.execute, sql, values)
        found: list[tuple[Any, ...]] = []
        while some := self._cursor.fetchmany(FETCHED_AT_ONCE):
            found += some
        return [column[0] for column in self._cursor.description or ()], found


def in_sql(file: Path) -> str:
    """A path as a text of SQL."""
    return "'{}'".format(str(file).replace("'", "''"))


def join_tables(pieces: Sequence[Path], file: Path) -> None:
    """Parquet files into one, in their order. It is done beside the store, by one thread: two hold several row
    groups each until their turn comes."""
    listed = ", ".join(in_sql(piece) for piece in pieces)
    directories = {"temp_directory": f"{file.parent}/joining", "extension_directory": f"{file.parent}/extensions"}
    config: dict[str, Any] = {**_SMALL, **directories}
    with duckdb.connect(":memory:", config=config) as connection:
        connection.execute(
            f"/* cursors.join */ COPY (FROM read_parquet([{listed}])) TO {in_sql(file)} ({_COPY['parquet']})"
        )


class Writer(Reader):
    """The store as the one thread sees it that writes. `month_for_writing` gives the month of a name, which is made
    when it is missing."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        months: tuple[Month, ...],
        month_for_writing: Callable[[str], Month],
    ) -> None:
        super().__init__(cursor, months)
        self._month_for_writing = month_for_writing

    def run(self, sql: str, values: Values = ()) -> int:
        """Run one statement; for an INSERT, how many rows it made."""
        found = self._cursor.execute(sql, values).fetchone()
        return int(found[0]) if found and isinstance(found[0], int) else 0

    @contextmanager
    def transaction(self, month: str) -> Iterator[Month]:
        """All or nothing, in one month's file, made when it is missing; its tables need no prefix inside."""
        target = self._month_for_writing(month)
        with self.writing_to(target.alias):
            yield target

    @contextmanager
    def writing_to(self, alias: str) -> Iterator[None]:
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
