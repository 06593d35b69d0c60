"""The file of an import on its way in: appended part by part, and looked at when it is whole."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routy.errors import Conflict, Invalid, PayloadTooLarge
from routy.imports.asked import expect_right
from routy.imports.guessed import guess, importable
from routy.imports.reading import Sheet, Unreadable, inspect, sample
from routy.imports.work import file_of, sheet_of
from routy.resource import Actor, Resource, Row


def append(directory: Path, import_id: str, part: bytes, begin: int, total: int | None, most: int) -> int:
    """Store a part of a file, of which so many bytes must be there already; returns how many are there now."""
    if max(begin + len(part), total or 0) > most:
        raise PayloadTooLarge(f"a file may have at most {most} bytes")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    coming = coming_of(directory, import_id)
    there = coming.stat().st_size if begin and coming.exists() else 0
    if there != begin:
        raise Conflict(f"{there} bytes have come so far: go on from there", count=there)
    with coming.open("ab" if begin else "wb") as out:
        out.write(part)
    return begin + len(part)


def look(directory: Path, row: Row, name: str | None, lines_wanted: bool) -> Row:
    """What the import says of the file that has come (None in its mapping takes a field out). Invalid where no rows
    can be read from it."""
    coming = coming_of(directory, row["id"])
    try:
        sheet = inspect(coming, lines_wanted)
    except Unreadable as error:
        coming.unlink()
        raise Invalid({"file": str(error)}) from None
    mapping = {field: column for field, column in row["mapping"].items() if column in sheet.columns}
    return {
        "status": "ready",
        "file_name": name,
        "bytes": coming.stat().st_size,
        "format": sheet.format,
        "encoding": sheet.encoding.removesuffix("-sig"),
        "delimiter": sheet.delimiter,
        "columns": list(sheet.columns),
        "tried": False,
        "error": None,
        "mapping": {**dict.fromkeys(row["mapping"]), **(mapping or _guessed(row, sheet))},
    }


def keep(directory: Path, import_id: str) -> None:
    """The file that has come in the place of an earlier one."""
    coming_of(directory, import_id).replace(file_of(directory, import_id))


def _guessed(row: Row, sheet: Sheet) -> dict[str, str]:
    """At most as much as an import holds."""
    return dict(list(guess(importable()[row["resource"]], sheet.columns).items())[:50])


def coming_of(directory: Path, import_id: str) -> Path:
    """Where the file of an import lies while it comes."""
    return directory / f"{import_id}.coming"


@dataclass(frozen=True)
class Inlet:
    """What the API asks of imports."""

    directory: Path
    most_bytes: int

    def receive(self, import_id: str, part: bytes, begin: int, total: int | None) -> int:
        return append(self.directory, import_id, part, begin, total, self.most_bytes)

    def look(self, row: Row, name: str | None, lines_wanted: bool) -> Row:
        return look(self.directory, row, name, lines_wanted)

    def keep(self, import_id: str) -> None:
        keep(self.directory, import_id)

    def sample(self, row: Row) -> list[dict[str, Any]]:
        file = file_of(self.directory, row["id"])
        return sample(file, sheet_of(row)) if file.exists() else []

    def expect_right(self, actor: Actor, resource: str) -> object:
        return expect_right(actor, resource)

    def resources(self) -> dict[str, type[Resource]]:
        return importable()
