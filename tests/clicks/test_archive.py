import hashlib
import json
from pathlib import Path

import pytest

from routy.clicks.archive import export_month
from routy.errors import NotFound
from tests.clicks.yard import Yard


def test_a_month_is_exported_with_a_manifest(yard: Yard, tmp_path: Path) -> None:
    yard.add_link("a")
    for number in range(3):
        yard.visit("/a", f"sub1={number}")
    yard.load()
    made = export_month(yard.store, "2026-11", tmp_path / "out", yard.now)
    file = tmp_path / "out" / "clicks-2026-11.parquet"
    assert made == json.loads(file.with_suffix(".json").read_text())
    assert (made["rows"], made["sha256"]) == (3, hashlib.sha256(file.read_bytes()).hexdigest())
    with yard.store.reading() as reader:
        assert reader.column(f"SELECT sub1 FROM read_parquet('{file}') ORDER BY sub1") == ["0", "1", "2"]


def test_a_month_without_clicks_is_refused(yard: Yard, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="2026-10"):
        export_month(yard.store, "2026-10", tmp_path, yard.now)
