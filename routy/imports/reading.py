"""What a file says: how it is written, which columns it has, and its rows one after the other.

Nothing here holds more of a file than one line, and no line may be longer than a mebibyte, whatever is sent.
"""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from routy.resources.imports import MOST_COLUMNS

BLOCK = 2**20
LONGEST_LINE = 2**20
LONGEST_VALUE = 131_072  # of a quoted value that runs over many lines: the quote was never closed
SAMPLE = 5
LOOKED_AT = 20  # rows, to tell what stands between columns
DELIMITERS = (",", ";", "\t", "|")
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Unreadable(Exception):
    """The file is none that rows could be read from; the message says why, for whoever sent it."""


@dataclass(frozen=True)
class Sheet:
    """How a file is to be read."""

    format: str
    encoding: str
    delimiter: str | None
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One row: its number among the rows, the line of the file that it begins on, how many bytes were read up to
    it, and its values by column, or what is wrong with it."""

    number: int
    line: int
    position: int
    values: dict[str, Any]
    error: str = ""


def inspect(file: Path, lines_wanted: bool) -> Sheet:
    """How the file is written. `lines_wanted`: it is said to be NDJSON."""
    encoding = _encoding(file)
    first = _first_letter(file, encoding)
    if first == "[":
        raise Unreadable("is a JSON array: send one object a line (NDJSON), or CSV")
    if lines_wanted or first == "{":
        sheet = Sheet("ndjson", encoding, None, ())
        columns = dict.fromkeys(name for line in islice(read(file, sheet), LOOKED_AT) for name in line.values)
        return Sheet("ndjson", encoding, None, tuple(columns)[:MOST_COLUMNS])
    return _table(file, encoding)


def sample(file: Path, sheet: Sheet) -> list[dict[str, Any]]:
    """The first rows, to be looked at."""
    return [_short(line.values) for line in islice(read(file, sheet), SAMPLE)]


def read(file: Path, sheet: Sheet, skip: int = 0) -> Iterator[Line]:
    """The rows behind the first so many."""
    with file.open("rb", buffering=BLOCK) as raw:
        rows = _objects(raw, sheet) if sheet.format == "ndjson" else _cells(raw, sheet)
        for number, (line, values, error) in enumerate(rows, 1):
            if number > skip:
                yield Line(number, line, raw.tell(), values, error)


# ---- letters and lines


def _encoding(file: Path) -> str:
    """UTF-8, UTF-16 where it begins with its mark, or what Windows writes in the west. Reads all of the file."""
    with file.open("rb") as raw:
        begin = raw.read(3)
        marked = next((name for bom, name in BOMS.items() if begin.startswith(bom)), "")
        raw.seek(0)
        if marked == "utf-16":
            return _tried(raw, marked)
        try:
            return _tried(raw, marked or "utf-8")
        except UnicodeDecodeError:
            raw.seek(0)
            return _tried(raw, "cp1252")


def _tried(raw: BinaryIO, encoding: str) -> str:
    """The encoding's name when all of the file is text in it; UnicodeDecodeError when it is not."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace" if encoding == "cp1252" else "strict")
    length = number = 0
    while block := raw.read(BLOCK):
        text = decoder.decode(block)
        if "\0" in text:
            raise Unreadable("is no text: it holds NUL bytes. Save it as CSV or NDJSON")
        first, *more = text.replace("\r", "\n").split("\n")
        length = max(length + len(first), *(len(line) for line in more[:-1]), 0) if more else length + len(first)
        number += len(more)
        if length > LONGEST_LINE:
            raise Unreadable(f"has a line of more than {LONGEST_LINE:,} characters near line {number + 1}")
        length = len(more[-1]) if more else length
    decoder.decode(b"", final=True)
    return encoding


def _first_letter(file: Path, encoding: str) -> str:
    with file.open("rb") as raw:
        for line in islice(_lines(raw, encoding), 100):
            if line.strip():
                return line.strip()[0]
    raise Unreadable("is empty")


def _lines(raw: BinaryIO, encoding: str) -> Iterator[str]:
    text = io.TextIOWrapper(raw, encoding, errors="replace" if encoding == "cp1252" else "strict", newline="")
    try:
        while line := text.readline(LONGEST_LINE + 2):
            if len(line) > LONGEST_LINE + 1:
                raise Unreadable(f"has a line of more than {LONGEST_LINE:,} characters")
            yield line
    finally:
        with suppress(ValueError):  # the file was closed before us
            text.detach()


# ---- CSV


def _table(file: Path, encoding: str) -> Sheet:
    """The sheet of a CSV file: what splits its first rows into the same number of columns stands between them."""
    found = {delimiter: _widths(file, encoding, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda each: (found[each][0] > 1, found[each][1], found[each][0]))
    with file.open("rb") as raw:
        names = next((row for _, row, _ in _rows(raw, encoding, best) if any(row)), [])
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"has {len(names):,} columns; at most {MOST_COLUMNS:,} can be read")
    return Sheet("csv", encoding, best, tuple(_named(names)))


def _widths(file: Path, encoding: str, delimiter: str) -> tuple[int, float]:
    """The number of columns of the first row, and how many of those behind it have as many."""
    with file.open("rb") as raw:
        widths = [len(row) for _, row, _ in islice(_rows(raw, encoding, delimiter), LOOKED_AT) if row]
    if not widths:
        return 0, 0.0
    return widths[0], Counter(widths)[widths[0]] / len(widths)


def _named(names: list[str]) -> Iterator[str]:
    """Each with a name of its own: a second `Tag` is `Tag (2)`."""
    seen: Counter[str] = Counter()
    for number, name in enumerate(names, 1):
        plain = " ".join(name.split())[:200] or f"Column {number}"
        seen[plain] += 1
        yield plain if seen[plain] == 1 else f"{plain} ({seen[plain]})"


def _cells(raw: BinaryIO, sheet: Sheet) -> Iterator[tuple[int, dict[str, Any], str]]:
    rows = (each for each in _rows(raw, sheet.encoding, str(sheet.delimiter)) if any(each[1]) or each[2])
    next(rows, None)  # the names
    for line, row, error in rows:
        if not error and len(row) > len(sheet.columns):
            error = f"has {len(row)} values where there are {len(sheet.columns)} columns"
        yield line, dict(zip(sheet.columns, row, strict=False)), error


@dataclass
class _Bounded:
    """Lines, for a row that may run over many of them and must still end."""

    lines: Iterator[str]
    fed: int = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.fed += len(line)
            if self.fed > 2 * LONGEST_LINE:
                raise csv.Error("row larger than field limit")
            yield line


def _rows(raw: BinaryIO, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Line, values, and what is wrong with the row. A quote that is never closed ends the file."""
    csv.field_size_limit(LONGEST_VALUE)
    bounded = _Bounded(_lines(raw, encoding))
    reader = csv.reader(bounded, delimiter=delimiter, strict=True)
    while True:
        line, bounded.fed = reader.line_num + 1, 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "larger than field limit" in str(error) or "unexpected end" in str(error):
                yield line, [], "begins a quoted value that does not end, or is longer than a row may be"
                return
            yield line, [], f"is no CSV: {error}"
        else:
            yield line, row, ""


# ---- NDJSON


def _objects(raw: BinaryIO, sheet: Sheet) -> Iterator[tuple[int, dict[str, Any], str]]:
    decode = msgspec.json.Decoder().decode
    for number, text in enumerate(_lines(raw, sheet.encoding), 1):
        if not text.strip():
            continue
        try:
            found = decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            yield number, {}, f"is not valid JSON: {str(error)[:200]}"
            continue
        wrong = "" if isinstance(found, dict) else "must be a JSON object"
        yield number, {} if wrong else found, wrong


def _short(values: dict[str, Any]) -> dict[str, Any]:
    """A row to be looked at: what is long is cut."""
    shown = islice(values.items(), 60)
    return {name[:200]: value[:100] if isinstance(value, str) else _told(value) for name, value in shown}


def _told(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return msgspec.json.encode(value)[:100].decode("utf-8", "replace")
