"""What tests of exports do again and again: ask for one, have it made, read its file."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import duckdb

from routy.exports.work import export_once
from tests.house import House, Person

FORMATS = ("csv", "json", "ndjson", "parquet", "xlsx")
_CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def export(house: House, source: str, query: str = "", format_: str = "ndjson", as_: Person | None = None) -> Any:
    """An export as it is when the worker has done it."""
    asked = {"source": source, "query": query, "format": format_}
    made = house.call("POST", "/exports", asked, as_ or house.owner)
    assert made.status == 201, made.body
    work(house)
    return house.call("GET", f"/exports/{made.data['id']}", as_=as_ or house.owner).data


def work(house: House) -> None:
    while export_once(house.app.press):
        pass


def content(house: House, done: Any) -> bytes:
    assert done["status"] == "done", done["error"]
    reply = house.call("GET", done["download_url"])
    assert reply.status == 200, reply.body
    assert len(reply.body) == done["bytes"]
    return reply.body


def rows_of(house: House, done: Any, tmp_path: Path) -> list[dict[str, Any]]:
    """The rows of its file, whatever its format; of CSV and XLSX as texts."""
    raw = content(house, done)
    if done["format"] == "parquet":
        file = tmp_path / f"{done['id']}.parquet"
        file.write_bytes(raw)
        found = duckdb.execute(f"FROM '{file}'")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if done["format"] == "xlsx":
        return sheet(raw)
    if done["format"] == "csv":
        return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    if done["format"] == "json":
        return list(json.loads(raw))
    return [json.loads(line) for line in raw.splitlines()]


def sheet(raw: bytes) -> list[dict[str, Any]]:
    """The rows of a workbook by its first row: texts, numbers and booleans alike as texts, and no formula."""
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert not page.findall(f".//{_CELLS}f"), "there is a formula"
    lines = [[_cell(cell) for cell in line] for line in page.iter(f"{_CELLS}row")]
    names = [text for _, text in lines[0]]
    return [dict.fromkeys(names, "") | {names[at]: text for at, text in line} for line in lines[1:]]


def _cell(cell: ElementTree.Element) -> tuple[int, str]:
    at = 0
    for letter in cell.attrib["r"].rstrip("0123456789"):
        at = at * 26 + ord(letter) - 64
    return at - 1, "".join(cell.itertext())
