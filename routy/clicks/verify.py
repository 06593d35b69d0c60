"""Do spool, ledgers and rows agree? For `routy.py verify`."""

from pathlib import Path
from typing import Any

from routy.clicks.segments import count_lines, name_of
from routy.clicks.streams import STREAMS
from routy.store.duck import ClickStore, Reader
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
        for month in store.months:
            with store.glancing() as reader:
                months.append(_sums(reader, month, stream))
                problems += _differences(reader, month, stream)
        with store.glancing() as reader:
            spooled[stream] = _spooled(reader, directory / stream, stream)
            problems += _loaded_otherwise(reader, directory / "loaded" / stream, stream)
    return {"ok": not problems, "months": months, "spooled": spooled, "problems": problems}


def _sums(reader: Reader, month: Month, stream: str) -> dict[str, Any]:
    sums = reader.rows(_LEDGER_SUMS.format(month=month.alias), {"stream": stream})[0]
    rows = reader.column(f"/* verify.rows */ SELECT count(*) FROM {month.alias}.{stream}")[0]
    return {"month": month.name, "stream": stream, "rows": rows, **sums}


def _differences(reader: Reader, month: Month, stream: str) -> list[str]:
    where, values = f"{month.name} {stream}", {"stream": stream}
    wrong = reader.rows(_ROWS_DIFFER.format(month=month.alias, stream=stream), values)
    twice = reader.column(_ENTERED_TWICE.format(month=month.alias), values)
    return [
        *(f"{where} {row['name']}: {row['stored']} in the ledger, {row['rows']} rows" for row in wrong),
        *(f"{where} {name}: twice in the ledger" for name in twice),
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
