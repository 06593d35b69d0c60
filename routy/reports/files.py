"""Answers as files: a report or a list of single rows with all of its rows, however many, written by DuckDB.

A file lies in the click store's directory for temporary things; whoever sends it deletes it.
"""

import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from routy.clock import MINUTE
from routy.errors import Invalid
from routy.ids import ulid
from routy.records.parameters import Filter, Query
from routy.reports import build, listed, names, rows
from routy.reports.conditions import Place
from routy.reports.dimensions import DIMENSIONS
from routy.reports.listed import Listing
from routy.reports.params import parse
from routy.reports.run import Desk, Remembering
from routy.resource import Actor, Field, Resource
from routy.resource import Reader as Records
from routy.store.cursors import Format, Reader, join_tables
from routy.store.duck import ClickStore

FORMATS: tuple[Format, ...] = get_args(Format)
AT_ONCE = 15_000  # single rows of a part
SIDE_BY_SIDE = 2
RECORDS = {"link_id": "link", "domain_id": "domain"}  # fields of single rows → what they refer to

Advance = Callable[[int, int | None], None]  # told of rows so far, and of rows in all where that is known

_NAMED = """/* files.named */ SELECT unnest(from_json(?::JSON, '["INTEGER"]')) AS key,
unnest(from_json(?::JSON, '["VARCHAR"]')) AS id"""


def unheard(rows: int, total: int | None) -> None:
    """Nobody wants to know how far it is."""


def report(
    store: ClickStore,
    records: Records,
    actor: Actor,
    parameters: Iterable[tuple[str, str]],
    now: int,
    watermark: int,
    format_: Format,
    advance: Advance = unheard,
) -> Path:
    """The rows of a report, without a limit unless one is asked for."""
    workspace = names.workspace(records, actor)
    ask = parse(parameters, now, workspace.timezone, whole_=True)
    kinds = [name for name in ask.dimensions if DIMENSIONS[name].kind == "record"]
    named = {kind: names.shown(records, actor, kind) for kind in kinds}
    file = _place(store, now, format_)
    with _gone_if_it_fails(file), store.reading() as reader:
        desk = Desk(Remembering(reader), records, actor, workspace.key, ask, now, watermark)
        sql, values = build.in_file(desk.part(ask.dimensions), desk.keys(), named, format_ == "csv")
        count = reader.copy_out(sql, values, file, format_)
        advance(count, count)
    return file


def single_rows(
    store: ClickStore,
    records: Records,
    actor: Actor,
    resource: type[Resource],
    query: Query,
    limit: int | None,
    now: int,
    format_: Format,
    advance: Advance = unheard,
) -> Path:
    """The rows of a list, in its order. They are written in parts, two side by side, so that memory holds no more
    than these and other reports get their turn between."""
    fields = _fields(resource, query)
    of = rows.listing(records, actor, resource)
    filters, orders, beyond = rows.asked(records, actor, resource, query)
    columns = listed.in_file(of, fields, for_people=format_ == "csv", dated=format_ == "parquet")
    kinds = [RECORDS[field.name] for field in fields if field.name in RECORDS]
    spans = _spans(store, resource, of, filters, orders, beyond) or [Span(None, (), 0)]
    file, total = _place(store, now, format_), sum(span.rows for span in spans)
    total, written = total if limit is None else min(total, limit), 0

    def write(span: Span, piece: Path) -> int:
        """Rows of one span into a file of their own; with a limit as many as are left."""
        with store.reading() as reader:
            table = _table(reader, resource, span.month)
            sql, values = listed.month(table, of, columns, named, (*filters, *span.when), orders, beyond)
            whole = sql if limit is None else f"{sql} LIMIT {limit - written}"
            return reader.copy_out(whole, values, piece, pieces.format)

    with (
        _gone_if_it_fails(file),
        _named(store, records, actor, kinds, file) as named,
        _Pieces(file, format_) as pieces,
    ):
        advance(0, total)
        at_once = 1 if limit is not None else SIDE_BY_SIDE
        with closing(_side_by_side(write, spans, pieces, at_once)) as counts:
            for count in counts:
                pieces.take()
                written += count
                advance(written, total)
                if written == limit:
                    break
        pieces.join()
    advance(written, written)
    return file


@contextmanager
def _named(
    store: ClickStore, records: Records, actor: Actor, kinds: Sequence[str], file: Path
) -> Iterator[dict[str, Path]]:
    """The ids of all records of these kinds by their keys, as tables in files beside the one that is written."""
    tables = {kind: file.with_suffix(f".{kind}s") for kind in kinds}
    try:
        for kind, table in tables.items():
            keys, ids, _ = names.shown(records, actor, kind)
            with store.reading() as reader:
                reader.copy_out(_NAMED, (keys, ids), table, "parquet")
        yield tables
    finally:
        for table in tables.values():
            table.unlink(missing_ok=True)


def _side_by_side(
    write: Callable[["Span", Path], int], spans: Sequence["Span"], pieces: "_Pieces", at_once: int
) -> Generator[int, None, None]:
    """Write spans, so many at once, and tell how many rows each had, in order."""
    under_way: deque[Future[int]] = deque()
    with ThreadPoolExecutor(at_once, "export") as pool:
        for span in spans:
            if len(under_way) == at_once:
                yield under_way.popleft().result()
            under_way.append(pool.submit(write, span, pieces.next()))
        while under_way:
            yield under_way.popleft().result()


@dataclass(frozen=True)
class Span:
    """Some of the time of a month, with about so many rows."""

    month: str | None
    when: tuple[Filter, ...]
    rows: int


def _spans(
    store: ClickStore,
    resource: type[Resource],
    of: Listing,
    filters: Sequence[Filter],
    orders: tuple[bool, bool],
    beyond: Place | None,
) -> list[Span]:
    """The months that rows can be in, in order, in parts of at most so many rows where minutes allow. Together
    they leave no time out."""
    found: list[Span] = []
    with store.glancing() as reader:
        months = rows.months_of(reader, filters, orders[0], beyond)
    for month in months:
        with store.reading() as reader:
            table = _table(reader, resource, month.name)
            parts = reader.rows(*listed.parts(table, of, filters, orders, beyond, AT_ONCE))
        cuts = [part["minute"] * MINUTE for part in parts[1:]]
        spans = [
            Span(month.name, _between(resource, begin, end), part["rows"])
            for part, begin, end in zip(parts, [None, *cuts], [*cuts, None], strict=False)
        ]
        found += spans[::-1] if orders[0] else spans
    return found


def _between(resource: type[Resource], begin: int | None, end: int | None) -> tuple[Filter, ...]:
    bounds = (("gte", begin), ("lt", end))
    return tuple(Filter(resource.fields["created_at"], name, (at,)) for name, at in bounds if at is not None)


class _Pieces:
    """The files of parts, that become one. Texts are appended as they come."""

    def __init__(self, file: Path, format_: Format) -> None:
        self._file, self.format = file, format_
        self._pieces: deque[Path] = deque()
        self._taken = 0

    def __enter__(self) -> "_Pieces":
        return self

    def __exit__(self, *error: object) -> None:
        for piece in self._pieces:
            piece.unlink(missing_ok=True)

    def next(self) -> Path:
        self._pieces.append(self._file.with_suffix(f".{self._taken + len(self._pieces)}"))
        return self._pieces[-1]

    def take(self) -> None:
        """Append the next that is written, without the names of its columns where they are there already."""
        if self.format == "parquet":
            return
        piece = self._pieces.popleft()
        if self._taken:
            with self._file.open("ab") as out, piece.open("rb") as text:
                if self.format == "csv":
                    text.readline()
                shutil.copyfileobj(text, out, 2**20)
            piece.unlink()
        else:
            piece.replace(self._file)
        self._taken += 1

    def join(self) -> None:
        """A table is written anew."""
        if len(self._pieces) == 1:
            self._pieces[0].replace(self._file)
        elif self._pieces:
            join_tables(self._pieces, self._file)


@contextmanager
def _gone_if_it_fails(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _table(reader: Reader, resource: type[Resource], month: str | None) -> str:
    """The rows of a month, or of none: it may have been written anew since it was named."""
    found = [each for each in reader.months if each.name == month]
    return reader.source_of(resource.plural, found[0]) if found else reader.source(resource.plural, 0, 0)


def _fields(resource: type[Resource], query: Query) -> list[Field]:
    """What a column is made of; what Python computes stays out."""
    wrong = {"expand": "is for JSON"} if query.expand else {}
    computed = [extra.name for extra in resource.computed if extra.name in query.fields]
    wrong |= {"fields": f"{', '.join(computed)} is for JSON"} if computed else {}
    if wrong:
        raise Invalid(wrong)
    chosen = query.fields or [field.name for field in resource.fields.values() if field.shown]
    return [resource.fields[name] for name in chosen]


def _place(store: ClickStore, now: int, format_: Format) -> Path:
    directory = store.directory / "tmp"
    directory.mkdir(parents=True, exist_ok=True)
    return directory / f"download-{ulid(now)}.{format_}"
