"""Rows as a workbook for spreadsheets: texts stay texts, so nothing in it is ever a formula."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from routy.errors import Invalid
from routy.exports.written import cell
from routy.resource import Row

MOST_ROWS = 1_048_575  # beside the line of names
MOST_LETTERS = 32_767  # of a cell; what is longer is cut
LARGEST = 10**15  # a spreadsheet rounds larger numbers, so they go as texts

_OPTIONS = {
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}


def write_xlsx(rows: Iterable[Row], names: Sequence[str], file: Path) -> int:
    """How many rows there were; Invalid when a sheet cannot hold them."""
    book = xlsxwriter.Workbook(str(file), {**_OPTIONS, "tmpdir": str(file.parent)})
    sheet, number = book.add_worksheet(), 0
    _write(sheet, 0, names)
    sheet.freeze_panes(1, 0)
    try:
        for number, row in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise Invalid({"format": f"xlsx holds at most {MOST_ROWS:,} rows: take another, or ask for less"})
            _write(sheet, number, [row[name] for name in names])
    finally:
        book.close()
    return number


def _write(sheet: Any, number: int, values: Sequence[Any]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, bool):
            sheet.write_boolean(number, column, value)
        elif isinstance(value, int | float) and abs(value) < LARGEST:
            sheet.write_number(number, column, value)
        elif text := cell(value):
            sheet.write_string(number, column, text[:MOST_LETTERS])
