"""The months of the click store: which files there are, which of them count, and how SQL names them.

A month is written anew as a new generation beside the old one; manifest.json says which generation counts, and is
replaced in one step.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"

_FILE = re.compile(r"(\d{4}-\d\d)\.g(\d+)\.duckdb")


@dataclass(frozen=True)
class Month:
    """One attached file. `overlaid` says that some of its clicks were judged again since it was written, `pruned`
    that retention has taken some."""

    name: str
    generation: int
    overlaid: bool = False
    pruned: bool = False

    @property
    def alias(self) -> str:
        return f"month_{self.name.replace('-', '_')}_g{self.generation}"

    @property
    def file(self) -> str:
        return f"{self.name}.g{self.generation}.duckdb"


def read_manifest(directory: Path) -> tuple[Month, ...]:
    """The months that count. Without a manifest it is the highest generation that there is of each."""
    file = directory / MANIFEST
    if file.exists():
        known = json.loads(file.read_text())
    else:
        found = [_FILE.fullmatch(path.name) for path in directory.iterdir()]
        known = {match[1]: int(match[2]) for match in sorted(filter(None, found), key=lambda match: int(match[2]))}
    return tuple(Month(str(name), int(generation)) for name, generation in sorted(known.items()))


def write_manifest(directory: Path, months: Sequence[Month]) -> None:
    """In one step, and on disk when it returns."""
    fresh = directory / f"{MANIFEST}.new"
    with fresh.open("w") as file:
        json.dump({month.name: month.generation for month in months}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(directory / MANIFEST)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_generation(directory: Path, name: str) -> int:
    """One that no file has, not even one that a crash left half made."""
    found = [_FILE.fullmatch(path.name) for path in directory.glob(f"{name}.g*.duckdb")]
    return 1 + max((int(match[2]) for match in found if match), default=0)


def other_generations(directory: Path, months: Sequence[Month]) -> list[Path]:
    """Files of these months that do not count: left by a crash, or by readers that held them to the end. Without a
    manifest nobody can say which those are."""
    if not (directory / MANIFEST).exists():
        return []
    known = {month.name: month.file for month in months}
    found = [(path, _FILE.match(path.name)) for path in directory.iterdir()]
    return [path for path, match in found if match and match[1] in known and match[0] != known[match[1]]]


def united(stream: str, months: Sequence[Month]) -> str:
    """SQL that stands for the rows of a stream, or of rollups, in these months. `counted` are clicks, and for each
    that retention has taken a row that knows no more than its quarter-hour, link, domain and class."""
    tables = [_table(stream, month) for month in months]
    tables = tables or [f"memory.nothing.{'clicks' if stream == 'counted' else stream}"]
    if len(tables) == 1:
        return tables[0]
    return f"({' UNION ALL '.join(f'SELECT * FROM {table}' for table in tables)})"


_OVERLAID = """(SELECT c.* REPLACE (
  coalesce(j.class, c.class) AS class,
  CASE WHEN j.class IS NULL THEN c.class_reason ELSE j.class_reason END AS class_reason,
  coalesce(j.class_version, c.class_version) AS class_version,
  coalesce(j.is_unique, c.is_unique) AS is_unique, coalesce(j.is_new, c.is_new) AS is_new)
FROM {alias}.clicks c LEFT JOIN {alias}.judgements j ON j.segment = c.segment AND j.line = c.line)"""


_PRUNED = """(SELECT * FROM {clicks} UNION ALL BY NAME
SELECT quarter AS clicked_at, workspace_key, domain_key, link_key, class,
  number <= uniques AS is_unique, number <= new AS is_new
FROM (
  SELECT quarter, workspace_key, domain_key, link_key, class,
    sum(clicks) AS clicks, sum(uniques) AS uniques, sum(new) AS new
  FROM (
    SELECT quarter, workspace_key, domain_key, link_key, class, clicks, uniques, new FROM {rollups}
    UNION ALL SELECT time_bucket(INTERVAL 15 MINUTES, clicked_at), workspace_key, domain_key, link_key, class,
      -1, -is_unique::INTEGER, -is_new::INTEGER FROM {clicks})
  WHERE class IN (SELECT class FROM {alias}.erased WHERE cause = 'retention')
  GROUP BY ALL HAVING sum(clicks) > 0
), unnest(range(1, clicks::BIGINT + 1)) AS counted(number))"""


def _table(stream: str, month: Month) -> str:
    if stream == "counted" and month.pruned:
        clicks, rollups = _table("clicks", month), _table("rollups", month)
        return _PRUNED.format(clicks=clicks, rollups=rollups, alias=month.alias)
    stream = "clicks" if stream == "counted" else stream
    if stream == "clicks" and month.overlaid:
        return _OVERLAID.format(alias=month.alias)
    if stream == "rollups":
        return f"(FROM {month.alias}.rollups UNION ALL FROM {month.alias}.rollup_partials)"
    return f"{month.alias}.{stream}"
