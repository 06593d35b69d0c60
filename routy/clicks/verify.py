"""Do spool, ledgers, rows and roll-ups agree? For `routy.py verify`."""

from pathlib import Path
from typing import Any

from routy.clicks.generations import REPAIR, rewrite
from routy.clicks.segments import count_lines, name_of
from routy.clicks.streams import CLICKS, STREAMS
from routy.store.cursors import Reader
from routy.store.duck import ClickStore
from routy.store.months import Month

_LEDGER_SUMS = """/* verify.ledger */
SELECT coalesce(sum(stored), 0)::BIGINT AS stored, coalesce(sum(quarantined), 0)::BIGINT AS quarantined
FROM {month}.ledger WHERE stream = $stream
"""

_ROWS_DIFFER = """/* verify.differences */
SELECT l.name, l.stored, coalesce(r.rows, 0) AS rows
FROM {month}.ledger l
LEFT JOIN (SELECT segment, count(*) AS rows FROM {month}.{stream} GROUP BY segment) r USING (segment)
WHERE l.stream = $stream AND l.stored <> coalesce(r.rows, 0)
UNION ALL
SELECT 'segment ' || r.segment, 0, count(*) FROM {month}.{stream} r
WHERE NOT EXISTS (SELECT 1 FROM {month}.ledger l WHERE l.stream = $stream AND l.segment = r.segment)
GROUP BY r.segment
LIMIT 20
"""

_COUNTS_DIFFER = """/* verify.counts */
SELECT (SELECT coalesce(sum(stored), 0) FROM {month}.ledger WHERE stream = $stream)::BIGINT AS stored,
  (SELECT count(*) FROM {month}.{stream}) AS rows,
  (SELECT coalesce(sum(rows), 0) FROM {month}.erased WHERE stream = $stream)::BIGINT AS erased
"""

_ROLLUPS_DIFFER = """/* verify.rollups */
WITH taken AS (SELECT class FROM {month}.erased WHERE cause = 'retention'), rows AS (
  SELECT time_bucket(INTERVAL 15 MINUTES, clicked_at) AS quarter, link_key, class,
    count(*) AS clicks, count_if(is_unique) AS uniques, count_if(is_new) AS new
  FROM {clicks} GROUP BY ALL
), rolled AS (
  SELECT quarter, link_key, class, sum(clicks) AS clicks, sum(uniques) AS uniques, sum(new) AS new
  FROM {rollups} GROUP BY ALL HAVING sum(clicks) <> 0 OR sum(uniques) <> 0 OR sum(new) <> 0
)
SELECT strftime(coalesce(a.quarter, b.quarter), '%Y-%m-%d %H:%M') AS quarter, class, link_key,
  coalesce(a.clicks, 0)::BIGINT AS rows, coalesce(b.clicks, 0)::BIGINT AS rolled
FROM rows a FULL JOIN rolled b USING (quarter, link_key, class)
WHERE (a.clicks, a.uniques, a.new) IS DISTINCT FROM (b.clicks, b.uniques, b.new) AND class NOT IN (FROM taken)
ORDER BY ALL LIMIT 20
"""

_FLAGS_DIFFER = """/* verify.flags */
SELECT strftime(day, '%Y-%m-%d') AS day, count(*) AS visitors FROM (
  SELECT date_trunc('day', clicked_at) AS day, workspace_key, visitor, link_key, count_if(is_unique) AS uniques
  FROM {clicks} WHERE class = 'human' AND visitor IS NOT NULL GROUP BY ALL HAVING count_if(is_unique) <> 1)
GROUP BY day ORDER BY day LIMIT 20
"""

_ENTERED_TWICE = """/* verify.twice */
SELECT name FROM {month}.ledger WHERE stream = $stream GROUP BY name HAVING count(*) > 1 LIMIT 20
"""

_ENTERED = """/* verify.entered */
SELECT name, sum(stored + quarantined)::BIGINT AS lines FROM {ledger}
WHERE stream = $stream AND name IN (SELECT unnest($names)) GROUP BY name
"""

_KNOWN = "/* verify.known */ SELECT name FROM {ledger} WHERE stream = $stream AND name IN (SELECT unnest($names))"


def verify(store: ClickStore, directory: Path) -> dict[str, Any]:
    """Compare each month's ledger with its rows, and count what waits in the spool at `directory`."""
    months: list[dict[str, Any]] = []
    problems: list[str] = []
    spooled = {}
    for stream in (stream.name for stream in STREAMS):
        for name in _names(store):
            with store.glancing() as reader:
                month = _month(reader, name)
                months.append(_sums(reader, month, stream))
                problems += _differences(reader, month, stream)
                if stream == CLICKS.name:
                    problems += _rolled_otherwise(reader, month) + _flagged_otherwise(reader, month)
        with store.glancing() as reader:
            spooled[stream] = _spooled(reader, directory / stream, stream)
            problems += _loaded_otherwise(reader, directory / "loaded" / stream, stream)
    return {"ok": not problems, "months": months, "spooled": spooled, "problems": problems}


def repair(store: ClickStore, now: int) -> list[str]:
    """Derive anew what is derived, flags and roll-ups, in the months where it is wrong; returns their names. Rows
    and ledgers are facts, and nothing here touches them."""
    repaired = []
    for name in _names(store):
        with store.glancing() as reader:
            month = _month(reader, name)
            wrong = _rolled_otherwise(reader, month) + _flagged_otherwise(reader, month)
        if wrong:
            with store.writing():
                rewrite(store, month, REPAIR, now)
            repaired.append(name)
    return repaired


def _names(store: ClickStore) -> list[str]:
    return [month.name for month in store.months]


def _month(reader: Reader, name: str) -> Month:
    """Its generation of now: a month may be written anew between two looks."""
    return next(month for month in reader.months if month.name == name)


def _sums(reader: Reader, month: Month, stream: str) -> dict[str, Any]:
    sums = reader.rows(_LEDGER_SUMS.format(month=month.alias), {"stream": stream})[0]
    rows = reader.column(f"/* verify.rows */ SELECT count(*) FROM {month.alias}.{stream}")[0]
    return {"month": month.name, "stream": stream, "rows": rows, **sums}


def _differences(reader: Reader, month: Month, stream: str) -> list[str]:
    where, values = f"{month.name} {stream}", {"stream": stream}
    counts = reader.rows(_COUNTS_DIFFER.format(month=month.alias, stream=stream), values)[0]
    if counts["erased"]:  # nobody knows any more which segments those rows were of
        fits = counts["stored"] == counts["rows"] + counts["erased"]
        return (
            []
            if fits
            else [f"{where}: {counts['stored']} stored, {counts['rows']} rows, {counts['erased']} erased"]
        )
    wrong = reader.rows(_ROWS_DIFFER.format(month=month.alias, stream=stream), values)
    twice = reader.column(_ENTERED_TWICE.format(month=month.alias), values)
    return [
        *(f"{where} {row['name']}: {row['stored']} in the ledger, {row['rows']} rows" for row in wrong),
        *(f"{where} {name}: twice in the ledger" for name in twice),
    ]


def _flagged_otherwise(reader: Reader, month: Month) -> list[str]:
    """Days on which a visitor of a link is not marked as unique exactly once."""
    found = reader.rows(_FLAGS_DIFFER.format(clicks=reader.source_of("clicks", month)))
    return [f"{row['day']}: {row['visitors']} visitors are not marked as unique once" for row in found]


def _rolled_otherwise(reader: Reader, month: Month) -> list[str]:
    """Quarter-hours whose roll-ups are not what their rows are."""
    sources = {name: reader.source_of(name, month) for name in ("clicks", "rollups")}
    return [
        f"{month.name} {row['quarter']} {row['class']} of link {row['link_key']}: "
        f"{row['rows']} rows, {row['rolled']} rolled up"
        for row in reader.rows(_ROLLUPS_DIFFER.format(month=month.alias, **sources))
    ]


def _loaded_otherwise(reader: Reader, directory: Path, stream: str) -> list[str]:
    """Segments that were put away as loaded and hold other than what the ledgers say of them."""
    files = {name_of(path): path for path in directory.glob("v*-*.tsv")}
    values = {"stream": stream, "names": list(files)}
    entered = reader.rows(_ENTERED.format(ledger=reader.source("ledger")), values)
    lines = {row["name"]: row["lines"] for row in entered}
    return [
        f"{stream} {name}: {there} lines in the loaded segment, {lines.get(name, 0)} in the ledger"
        for name, path in files.items()
        if (there := count_lines(path)) != lines.get(name, 0)
    ]


def _spooled(reader: Reader, directory: Path, stream: str) -> int:
    """Lines that wait. A segment that its own month's ledger knows is stored, and was only not moved yet."""
    files = {name_of(path): path for path in directory.glob("v*-*.tsv")}
    values = {"stream": stream, "names": list(files)}
    known = set(reader.column(_KNOWN.format(ledger=reader.source("ledger")), values))
    return sum(count_lines(path) for name, path in files.items() if name not in known)
