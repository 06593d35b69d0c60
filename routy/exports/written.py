"""Rows as files: CSV, JSON, NDJSON and Excel's. Parquet is DuckDB's (store/cursors.py).

A cell of a CSV file that a spreadsheet would take for a formula gets an apostrophe before it, and so does one that
begins with apostrophes and then such a letter: an import takes exactly one away again.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import msgspec

from routy.formats import FORMULA_SIGNS
from routy.resource import Row

FORMULA = re.compile(f"'*[{re.escape(FORMULA_SIGNS)}]")
LIST = ";"
_PLAIN = re.compile(r"[^\s;,|\[]([^;,|]*[^\s;,|])?")  # what an import finds again between semicolons
BLOCK = 2**20


def write_csv(rows: Iterable[Row], names: Sequence[str], file: Path) -> int:
    """How many rows there were."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(_Lines(out))
        writer.writerow(names)
        number = 0
        for number, row in enumerate(rows, 1):  # noqa: B007 (the last one is the count)
            writer.writerow([_told(row[name]) for name in names])
    return number


class _Lines:
    """Takes lines that end as in RFC 4180, so that CR and LF are both quoted inside of them, and ends them with
    LF alone, as DuckDB does."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> int:
        return self._out.write(f"{line[:-2]}\n")


def _told(value: Any) -> str:
    return cell(value) if value is None or isinstance(value, int | float) else harmless(cell(value))


def write_ndjson(rows: Iterable[Row], names: Sequence[str], file: Path) -> int:
    return _write_lines(rows, file, b"", b"\n", b"\n", b"")


def write_json(rows: Iterable[Row], names: Sequence[str], file: Path) -> int:
    """One array, a row a line."""
    return _write_lines(rows, file, b"[\n", b",\n", b"\n]\n", b"[]\n")


def _write_lines(rows: Iterable[Row], file: Path, begin: bytes, between: bytes, end: bytes, empty: bytes) -> int:
    encode, number = msgspec.json.Encoder().encode, 0
    with file.open("wb", buffering=BLOCK) as out:
        for number, row in enumerate(rows, 1):
            out.write((between if number > 1 else begin) + encode(row))
        out.write(end if number else empty)
    return number


WRITERS: dict[str, Callable[[Iterable[Row], Sequence[str], Path], int]] = {
    "csv": write_csv,
    "ndjson": write_ndjson,
    "json": write_json,
}


def cell(value: Any) -> str:
    """A value as text: lists with semicolons, maps and what is deeper as JSON, nothing for null."""
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) and _PLAIN.fullmatch(one) for one in value):
        return LIST.join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def harmless(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def read_ndjson(file: Path) -> Iterator[Row]:
    """The rows of a file that was written here."""
    decode = msgspec.json.Decoder().decode
    with file.open("rb", buffering=BLOCK) as lines:
        for line in lines:
            yield decode(line)


def names_of(rows: Iterator[Row], otherwise: Sequence[str] = ()) -> tuple[list[str], Iterator[Row]]:
    """The columns of rows that come one after the other, and all of those rows."""
    first = next(rows, None)
    if first is None:
        return list(otherwise), iter(())
    return list(first), chain((first,), rows)
