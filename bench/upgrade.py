"""How long the first start takes after an upgrade: a data directory of the first published version, with many
clicks in the shape that it gave them, is opened by today's.

Its records and what waits in its spool are those of the fixture of tests/store/test_upgrade.py.
"""

import resource
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bench.child import in_child
from bench.clicks_of import CLICKS, LAST_MONTH, months_before, rows_of
from bench.result import Options, Result
from routy.app import App
from routy.config import Config
from routy.store.duck import SQL, STORAGE
from routy.store.months import Month, write_manifest
from tests.store.test_upgrade import ARCHIVE

LINKS = 17  # of the fixture
WAITING = 30  # clicks in its spool
TOTALS = """/* bench.upgrade */ SELECT (SELECT count(*) FROM {clicks}) AS clicks,
(SELECT sum(clicks)::BIGINT FROM {rollups}) AS rolled"""


def measure(options: Options) -> Iterator[Result]:
    with TemporaryDirectory() as directory:
        data = Path(directory) / "data"
        in_child(make_old, data, options.clicks)
        opening, loading, megabytes = in_child(_upgrade, data, options.clicks)
    how = (
        f"{opening:.1f} s until {options.clicks / 1e6:g} M old clicks in 12 months are of today's shape,"
        f" {loading:.1f} s more until what waited in the spool is loaded; at most {megabytes:.0f} MB of memory;"
        " every click is there, and in the roll-ups"
    )
    yield Result("upgrade", (opening + loading) / options.clicks * 1e6, "s/M", "", how)


def make_old(data: Path, clicks: int) -> None:
    """The fixture's directory, with as many clicks in place of its own."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(data.parent)
    for file in (data / "clicks").iterdir():
        file.unlink()
    months, share = months_before(LAST_MONTH), clicks // 12
    store = duckdb.connect()
    for number, (name, begin, days) in enumerate(months):
        store.execute(rows_of(begin, days, number * share, (number + 1) * share, LINKS))
        _make_old_month(store, data / "clicks" / Month(name, 1).file)
    store.close()
    write_manifest(data / "clicks", [Month(name, 1) for name, _, _ in months])


def _make_old_month(store: duckdb.DuckDBPyConnection, file: Path) -> None:
    """In the order of loading, as a month was before there were generations."""
    store.execute(f"ATTACH '{file}' AS old (STORAGE_VERSION '{STORAGE}'); USE old")
    store.execute((SQL / "0001_month.sql").read_text())
    store.execute(
        "CREATE TABLE migrations (name VARCHAR NOT NULL); INSERT INTO migrations VALUES ('0001_month.sql')"
    )
    store.execute(CLICKS.format(flags="", order="clicked_at"))
    store.execute("USE memory; DETACH old")


def _upgrade(data: Path, clicks: int) -> tuple[float, float, float]:
    """Seconds to open, seconds to load the rest, and the most memory that it took, in megabytes."""
    began = time.perf_counter()
    app = App(Config(data=str(data)))
    opened = time.perf_counter()
    app.walk.spool.open()
    while app.loader.load_once():
        pass
    loaded = time.perf_counter()
    with app.clicks.reading() as reader:
        sql = TOTALS.format(clicks=reader.source("clicks"), rollups=reader.source("rollups"))
        found = reader.rows(sql)[0]
    app.stop()
    whole = clicks // 12 * 12 + WAITING
    assert found == {"clicks": whole, "rolled": whole}, (found, whole)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return opened - began, loaded - opened, most
