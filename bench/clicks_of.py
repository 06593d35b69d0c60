"""A data directory with a year of many clicks, made by SQL in the store's own tables and kept for the next run.

Two thousand links share the clicks unevenly, as links do; a visitor has one country, city, browser and device for a
day; four in ten clicks are no people's. Months lie sorted by link and time, as generations leave them.
"""

import json
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.filling import fill
from routy.clock import DAY
from routy.records import beginning
from routy.store.cursors import Writer
from routy.store.duck import ClickStore
from routy.store.migrate import migrate
from routy.store.sqlite import Records

LINKS = 2_000
MONTHS = 12
LAST_MONTH = "2026-10"
BYTES = 60  # of disk that a click takes, and some to spare
SHAPE = 2  # of the rows that are made: another shape is another directory

# A number from 0 to 1 for each row and purpose, the same in every run.
_CHANCE = "(hash(i * 31 + {salt}) % 1000003) / 1000003.0"

_ROWS = """/* bench.clicks_of.rows */ CREATE OR REPLACE TEMP TABLE made AS
WITH numbers AS (
  SELECT i, {link} AS c_link, {visitor} AS c_visitor, {day} AS c_day, {class_} AS c_class, {more} AS c_more
  FROM range({first}, {last}) r (i)
), placed AS (
  SELECT *, 1 + floor(power(c_link, 3) * {links})::INTEGER AS link_key,
    floor(c_day * {days})::INTEGER AS day,
    floor(power(c_visitor, 1.3) * {visitors})::INTEGER AS person
  FROM numbers
), seen AS (
  SELECT *, hash(day * 1000003 + person) AS h,
    {begin} + day * 86400000::BIGINT + floor(86400000 * power(c_more, 0.7))::BIGINT % 86400000 AS at_ms
  FROM placed
)
SELECT i,
  make_timestamp_ms(at_ms)::TIMESTAMP_MS AS clicked_at, link_key,
  CASE WHEN c_class < 0.62 THEN 'human' WHEN c_class < 0.82 THEN 'bot' WHEN c_class < 0.88 THEN 'duplicate'
    WHEN c_class < 0.92 THEN 'datacenter' WHEN c_class < 0.95 THEN 'prefetch' WHEN c_class < 0.97 THEN 'preview'
    WHEN c_class < 0.99 THEN 'scanner' ELSE 'head' END AS class,
  h % 281474976710656 AS visitor,
  'C' || chr(65 + floor(power((h >> 8) % 997 / 997.0, 2.2) * 20)::INTEGER) || (h >> 8) % 3 AS country,
  'R' || (h >> 16) % 300 AS region, 'City ' || (h >> 20) % 900 AS city, (1000 + (h >> 24) % 400)::UINTEGER AS asn,
  ['Chrome', 'Safari', 'Firefox', 'Edge', 'Samsung', 'Opera', 'Other', 'Chrome'][
    (1 + (h >> 32) % 8)::BIGINT] AS browser,
  ['Windows', 'Android', 'iOS', 'macOS', 'Linux', 'Android'][(1 + (h >> 36) % 6)::BIGINT] AS os,
  ['desktop', 'mobile', 'mobile', 'tablet'][(1 + (h >> 40) % 4)::BIGINT] AS device,
  ['en', 'de', 'fr', 'es', 'pt', 'it', 'pl', 'nl', 'tr', 'ja'][(1 + (h >> 44) % 10)::BIGINT] AS language,
  CASE WHEN c_more < 0.6 THEN 'ref' || (hash(i) % 211) || '.example' END AS referrer_host,
  CASE WHEN link_key % 3 = 0 THEN 'src' || (hash(i) % 9) END AS utm_source,
  CASE WHEN link_key % 3 = 0 THEN 'campaign-' || (link_key % 40) END AS utm_campaign,
  CASE WHEN link_key % 7 = 0 THEN 'sub-' || (hash(i) % 5000) END AS sub1
FROM seen
"""

CLICKS = """/* bench.clicks_of.insert */ INSERT INTO clicks BY NAME
SELECT 1 AS segment, i::INTEGER AS line, clicked_at, (hash(i) % 65536)::USMALLINT AS id_high, hash(i + 7) AS id_low,
  'bench' AS run, 1 AS workspace_key, 1 AS domain_key, link_key, class, 2::UTINYINT AS class_version,
  CASE WHEN class IN ('bot', 'prefetch', 'preview', 'head') THEN class ELSE 'human' END AS class_at_answer,
  'GET' AS method, 302::USMALLINT AS status, 'destination' AS branch,
  country, region, city, asn, browser, os, device, language, referrer_host,
  'https://' || referrer_host || '/' AS referrer, utm_source, utm_campaign, sub1,
  country || '.' || city AS ip, browser || '/' || os AS agent, visitor{flags}
FROM made ORDER BY {order}
"""

_FLAGS = """,
  class = 'human' AND 1 = row_number() OVER (
    PARTITION BY visitor, link_key, clicked_at::DATE, class ORDER BY clicked_at, i) AS is_unique,
  class = 'human' AND 1 = row_number() OVER (
    PARTITION BY visitor, clicked_at::DATE, class ORDER BY clicked_at, i) AS is_new"""

_ROLLUPS = """/* bench.clicks_of.rollups */ INSERT INTO rollups
SELECT time_bucket(INTERVAL 15 MINUTES, clicked_at), workspace_key, domain_key, link_key, class,
  count(*), count_if(is_unique), count_if(is_new),
  count_if(branch = 'destination' AND class_at_answer <> 'preview'),
  count_if(branch = 'destination' AND class_at_answer = 'human')
FROM clicks GROUP BY ALL ORDER BY 4, 1
"""


def directory_of(cache: Path, clicks: int) -> Path:
    """A data directory with so many clicks below `cache`; made when it is not there."""
    directory = cache / f"clicks-{clicks}-{SHAPE}"
    done = directory / "made.json"
    if not done.exists():
        began = time.perf_counter()
        directory.mkdir(parents=True, exist_ok=True)
        _expect_room(directory, clicks)
        _make(directory, clicks)
        done.write_text(json.dumps({"clicks": clicks, "seconds": time.perf_counter() - began}))
    return directory


def _expect_room(directory: Path, clicks: int) -> None:
    """Twice what they take: the server that is measured works on a copy."""
    needed, free = 2 * BYTES * clicks, shutil.disk_usage(directory).free
    if needed > free:
        raise OSError(
            f"{clicks:,} clicks need {needed / 1e9:.1f} GB in {directory}, where {free / 1e9:.1f} are free"
        )


def _make(directory: Path, clicks: int) -> None:
    months = months_before(LAST_MONTH)
    records = Records(directory / "routy.db")
    migrate(records, months[0][1])
    beginning.begin(records, "http://go.example", months[0][1])
    fill(records, LINKS - 1)
    records.close()
    store, share = ClickStore(directory / "clicks", "2GB"), clicks // MONTHS
    store.open()
    with store.writing() as writer:
        for number, (name, begin, days) in enumerate(months):
            _make_month(writer, name, begin, days, number * share, (number + 1) * share)
    store.close()


def _make_month(writer: Writer, name: str, begin: int, days: int, first: int, last: int) -> None:
    writer.run(rows_of(begin, days, first, last, LINKS))
    with writer.transaction(name):
        writer.run(CLICKS.format(flags=_FLAGS, order="link_key, clicked_at"))
        writer.run(_ROLLUPS)
    writer.run("DROP TABLE made")


def rows_of(begin: int, days: int, first: int, last: int, links: int) -> str:
    """SQL that makes rows of these numbers, in these days, as the temporary table `made`."""
    chances = {
        each: _CHANCE.format(salt=salt)
        for salt, each in enumerate(("link", "visitor", "day", "class_", "more"), start=11)
    }
    visitors = max(1, (last - first) // days * 7 // 10)
    sizes = {"first": first, "last": last, "links": links, "days": days, "visitors": visitors, "begin": begin}
    return _ROWS.format(**chances, **sizes)


def months_before(last: str) -> list[tuple[str, int, int]]:
    """Twelve months up to this one, oldest first: name, first moment, days."""
    year, month = int(last[:4]), int(last[5:])
    found = []
    for back in range(MONTHS - 1, -1, -1):
        at = year * 12 + month - 1 - back
        begin = datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC)
        end = datetime((at + 1) // 12, (at + 1) % 12 + 1, 1, tzinfo=UTC)
        found.append((f"{begin:%Y-%m}", round(begin.timestamp() * 1000), (end - begin).days))
    return found


def last_day() -> int:
    """The end of the last month, in milliseconds: `now` for whoever asks this directory."""
    _, begin, days = months_before(LAST_MONTH)[-1]
    return begin + days * DAY
