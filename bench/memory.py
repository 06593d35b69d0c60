"""Bytes that a link takes in the table that redirects look into."""

import gc
from pathlib import Path

from bench.child import in_house
from bench.filling import fill
from bench.result import Options, Result
from routy.clicks.lookup import LinkTable
from tests.house import House

LINKS = 100_000
MIB = 2**20


def measure(options: Options) -> list[Result]:
    grown = in_house(_measure)
    how = f"anonymous memory of the process by which {LINKS:,} links make it grow"
    return [Result("memory of a link", grown / LINKS, "bytes", "≤ 700", how)]


def _measure(house: House) -> int:
    fill(house.records, LINKS)
    table = LinkTable(house.records)
    gc.collect()
    before = _anonymous()
    table.load()
    gc.collect()
    grown = _anonymous() - before
    assert len(table) > LINKS
    return grown


def _anonymous() -> int:
    """Bytes that belong to no file: those of mapped stores do not count."""
    return bytes_told("smaps_rollup", "Anonymous")


def bytes_told(file: str, name: str, process: int | str = "self") -> int:
    """What the kernel says of a process's memory, such as `VmRSS` in the file `status`."""
    for line in Path(f"/proc/{process}/{file}").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel does not tell")
