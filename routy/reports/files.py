"""Answers as files: a report or a list of single rows with all of its rows, however many, written by DuckDB.

A file lies in the click store's directory for temporary things; whoever sends it deletes it.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from routy.errors import Invalid
from routy.ids import ulid
from routy.records.parameters import Query
from routy.reports import build, listed, names, rows
from routy.reports.conditions import Values
from routy.reports.dimensions import DIMENSIONS
from routy.reports.params import parse
from routy.reports.run import Desk, Remembering
from routy.resource import Actor, Field, Resource
from routy.resource import Reader as Records
from routy.store.cursors import Format, Reader
from routy.store.duck import ClickStore

FORMATS: tuple[Format, ...] = get_args(Format)
RECORDS = {"link_id": "link", "domain_id": "domain"}  # fields of single rows → what they refer to

_NAMED = """{kind}s AS MATERIALIZED (SELECT unnest(from_json(?::JSON, '["INTEGER"]')) AS key,
unnest(from_json(?::JSON, '["VARCHAR"]')) AS id)"""


def report(
    store: ClickStore,
    records: Records,
    actor: Actor,
    parameters: Iterable[tuple[str, str]],
    now: int,
    watermark: int,
    format_: Format,
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
        reader.copy_out(sql, values, file, format_)
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
) -> Path:
    """The rows of a list, in its order. Months are written one after the other, so that memory holds one of them
    and other reports get their turn between."""
    fields = _fields(resource, query)
    of = rows.listing(records, actor, resource)
    filters, orders, beyond = rows.asked(records, actor, resource, query)
    columns = listed.in_file(of, fields, for_people=format_ == "csv", dated=format_ == "parquet")
    kinds = [RECORDS[field.name] for field in fields if field.name in RECORDS]
    shown = [names.shown(records, actor, kind) for kind in kinds]
    bound: Values = [text for keys, ids, _ in shown for text in (keys, ids)]
    file, left = _place(store, now, format_), limit
    with store.glancing() as reader:
        months: list[str | None] = [month.name for month in rows.months_of(reader, filters, orders[0], beyond)]
    with _gone_if_it_fails(file), _Pieces(file, format_) as pieces:
        for name in months or [None]:
            with store.reading() as reader:
                table = _table(reader, resource, name)
                sql, values = listed.month(table, of, columns, kinds, filters, orders, beyond)
                if left is not None:
                    sql = f"{sql} LIMIT {left}"
                    left -= reader.column(*listed.count(table, of, filters, orders, beyond))[0]
                reader.copy_out(f"{_with(kinds)}{sql}", [*bound, *values], pieces.next(), format_)
            if left is not None and left <= 0:
                break
        with store.reading() as reader:
            pieces.join(reader)
    return file


class _Pieces:
    """The files of months, that become one."""

    def __init__(self, file: Path, format_: Format) -> None:
        self._file, self._format = file, format_
        self._pieces: list[Path] = []

    def __enter__(self) -> "_Pieces":
        return self

    def __exit__(self, *error: object) -> None:
        for piece in self._pieces:
            piece.unlink(missing_ok=True)

    def next(self) -> Path:
        self._pieces.append(self._file.with_suffix(f".{len(self._pieces)}"))
        return self._pieces[-1]

    def join(self, reader: Reader) -> None:
        """Texts are appended, a table is written anew."""
        if len(self._pieces) == 1:
            self._pieces[0].replace(self._file)
        elif self._format == "parquet":
            listed_ = ", ".join(f"'{str(piece).replace(chr(39), chr(39) * 2)}'" for piece in self._pieces)
            reader.copy_out(f"/* files.join */ FROM read_parquet([{listed_}])", (), self._file, self._format)
        else:
            self._append()

    def _append(self) -> None:
        with self._file.open("wb") as out:
            for number, piece in enumerate(self._pieces):
                with piece.open("rb") as text:
                    if number and self._format == "csv":
                        text.readline()  # the names of the columns, once more
                    shutil.copyfileobj(text, out, 2**20)
                piece.unlink()


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


def _with(kinds: Sequence[str]) -> str:
    return f"/* files.rows */ WITH {', '.join(_NAMED.format(kind=kind) for kind in kinds)} " if kinds else ""


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
