"""A million clicks as files, with what memory grows by meanwhile, and fifty thousand links out of a file."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.child import in_child, in_house
from bench.clicks_of import directory_of, last_day
from bench.machine import fixed_loop
from bench.memory import MIB, bytes_told
from bench.result import Options, Result
from routy.records import beginning
from routy.records.parameters import parse
from routy.reports import files
from routy.resources.clicks import Click
from routy.store.cursors import Format
from routy.store.duck import ClickStore
from routy.store.sqlite import Records
from tests.house import House
from tests.imports import intake

CLICKS = 1_000_000
LINKS = 50_000
TARGETS: dict[Format, str] = {"parquet": "< 5", "csv": "< 10", "ndjson": ""}


def measure(options: Options) -> Iterator[Result]:
    directory = directory_of(Path(options.cache), CLICKS)
    for form, target in TARGETS.items():
        seconds, bytes_, grown = in_child(_export, directory, form)
        how = f"all fields of {CLICKS:,} clicks in {bytes_ / MIB:.0f} MB, by DuckDB with 512MB and two threads"
        yield Result(f"export as {form}", seconds, "s", target, how)
        how = "the most resident memory meanwhile, above what there was when the server had begun"
        yield Result(f"memory of an export as {form}", grown / MIB, "MB", "< 150", how)
    tried, run = in_house(_import)
    how = f"{LINKS:,} links: {tried:.1f} s to try, {run:.1f} s to take; the fixed loop took {fixed_loop():.2f} s"
    yield Result("import with dry run", tried + run, "s", "< 20", how)


def _export(directory: Path, form: Format) -> tuple[float, int, int]:
    """Seconds, bytes of the file, and by how many bytes memory grew."""
    records, store = Records(directory / "routy.db"), ClickStore(directory / "clicks", "512MB")
    store.open()
    actor = beginning.system_of(beginning.first_workspace(records))

    def export(limit: int | None) -> Path:
        return files.single_rows(store, records, actor, Click, parse(Click, []), limit, last_day(), form)

    export(10).unlink()  # what is loaded once is loaded
    Path("/proc/self/clear_refs").write_text("5")
    before, began = bytes_told("status", "VmRSS"), time.perf_counter()
    file = export(None)
    seconds, bytes_, most = time.perf_counter() - began, file.stat().st_size, bytes_told("status", "VmHWM")
    file.unlink()
    store.close()
    return seconds, bytes_, most - before


def _import(house: House) -> tuple[float, float]:
    shown = "https://shop.example/{0},sale-{0},x{0},Sale {0}\n"
    rows = "".join(shown.format(number) for number in range(LINKS))
    one = intake.begin(house, f"destination,slug,external_id,title\n{rows}")
    return _run(house, one, dry_run=True), _run(house, one, dry_run=False)


def _run(house: House, one: Any, dry_run: bool) -> float:
    intake.start(house, one, dry_run)
    began = time.perf_counter()
    intake.work(house)
    seconds = time.perf_counter() - began
    assert intake.counts(house.call("GET", f"/imports/{one['id']}").data) == {"created": LINKS}
    return seconds
