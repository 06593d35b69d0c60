"""A month of clicks as a Parquet file, for whoever wants to read it with other tools or keep it elsewhere."""

import hashlib
import json
from pathlib import Path
from typing import Any

from routy.clock import iso
from routy.errors import NotFound
from routy.store.duck import ClickStore

_ROWS = "/* archive.rows */ SELECT * FROM {clicks} ORDER BY clicked_at, segment, line"


def export_month(store: ClickStore, name: str, to: Path, now: int) -> dict[str, Any]:
    """Write `clicks-2026-10.parquet` and its manifest into a directory; returns the manifest. Rows are as they are
    judged today."""
    to.mkdir(parents=True, exist_ok=True)
    file = to / f"clicks-{name}.parquet"
    with store.reading() as reader:
        month = next((month for month in reader.months if month.name == name), None)
        if month is None:
            known = ", ".join(month.name for month in reader.months)
            raise NotFound(f"there are no clicks of {name}; the months are {known or '(none)'}")
        reader.copy_out(_ROWS.format(clicks=reader.source_of("clicks", month)), (), file, "parquet")
        rows = reader.column(f"/* archive.count */ SELECT count(*) FROM {month.alias}.clicks")[0]
    with file.open("rb") as parquet:
        digest = hashlib.file_digest(parquet, "sha256").hexdigest()
    manifest = {"month": name, "file": file.name, "rows": rows, "sha256": digest, "at": iso(now)}
    file.with_suffix(".json").write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest
