"""The same figures for machines: JSON in the API's shape, and CSV."""

import csv
import io
import json
from typing import Any

from routy.formats import FORMULA_SIGNS
from routy.public.figures import Figures, Split
from routy.public.shared import Shared


def as_json(shared: Shared, figures: Figures, ranges: list[str]) -> bytes:
    found = {
        "title": shared.row["title"],
        "range": figures.when.range,
        "ranges": ranges,
        "from": str(figures.when.first),
        "to": str(figures.when.last),
        "timezone": figures.timezone,
        "watermark": figures.watermark,
        "complete": figures.complete,
        "totals": _named(figures.metrics, figures.totals),
        "splits": {split.name: _rows(split) for split in figures.splits},
    }
    return json.dumps({"success": True, "data": found}, separators=(",", ":"), ensure_ascii=False).encode()


def _named(metrics: tuple[str, ...], figures: tuple[int, ...]) -> dict[str, int]:
    return dict(zip(metrics, figures, strict=True))


def _rows(split: Split) -> dict[str, Any]:
    rows = [
        {**dict(zip(split.dimensions, line.values, strict=True)), **_named(split.metrics, line.figures)}
        for line in split.lines
    ]
    return {"rows": rows, "other": _named(split.metrics, split.rest) if split.rest else None}


def as_csv(figures: Figures) -> bytes:
    """One row for the totals and one for each line of each part: `split`, what it is about, and the figures."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["split", "value", *figures.metrics])
    rows.writerow(["total", "", *figures.totals])
    for split in figures.splits:
        rows.writerows([split.name, _harmless(_plain(line.values)), *line.figures] for line in split.lines)
        if split.rest:
            rows.writerow([split.name, "(other)", *split.rest])
    return out.getvalue().encode()


def _plain(values: tuple[Any, ...]) -> str:
    return " / ".join("" if value is None else str(value) for value in values)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(tuple(FORMULA_SIGNS)) else text
