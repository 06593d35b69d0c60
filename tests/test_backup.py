"""Backups that share what has not changed, and those by the clock."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy import backup
from routy.clock import DAY, HOUR, parse_iso
from tests.clicks.yard import Yard

OCTOBER, NOVEMBER = parse_iso("2026-10-20T12:00:00Z"), parse_iso("2026-11-20T12:00:00Z")


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    """With clicks in two months."""
    (tmp_path / "data").mkdir()
    yard = Yard(tmp_path / "data", now=OCTOBER)
    yard.add_link("a")
    for at in (OCTOBER, NOVEMBER):
        yard.now = at
        yard.visit("/a")
        yard.load()
    yield yard
    yard.close()


def make(yard: Yard, to: Path, earlier: Path | None = None) -> dict[str, Any]:
    return backup.backup(yard.records, yard.store, yard.path, to, yard.now, earlier)


def same(one: Path, other: Path) -> bool:
    return one.stat().st_ino == other.stat().st_ino


def rows_of(copy: Path, data: Path) -> int:
    """How many clicks a restored backup has."""
    backup.restore(copy, data, NOVEMBER)
    again = Yard(data, now=NOVEMBER)
    found = len(again.rows())
    again.close()
    return found


def test_a_month_that_has_not_changed_is_linked(yard: Yard, tmp_path: Path) -> None:
    make(yard, tmp_path / "one")
    yard.visit("/a")
    yard.load()
    make(yard, tmp_path / "two", tmp_path / "one")
    assert same(tmp_path / "one/clicks/2026-10.g1.duckdb", tmp_path / "two/clicks/2026-10.g1.duckdb")
    assert not same(tmp_path / "one/clicks/2026-11.g1.duckdb", tmp_path / "two/clicks/2026-11.g1.duckdb")
    assert rows_of(tmp_path / "one", tmp_path / "first") == 2
    assert rows_of(tmp_path / "two", tmp_path / "second") == 3


def test_a_restored_month_is_no_link_into_the_backup(yard: Yard, tmp_path: Path) -> None:
    make(yard, tmp_path / "one")
    backup.restore(tmp_path / "one", tmp_path / "fresh", yard.now)
    assert not same(tmp_path / "one/clicks/2026-10.g1.duckdb", tmp_path / "fresh/clicks/2026-10.g1.duckdb")


def test_an_earlier_backup_that_is_none_is_refused(yard: Yard, tmp_path: Path) -> None:
    with pytest.raises(backup.Damaged, match="no backup"):
        make(yard, tmp_path / "two", tmp_path / "nothing")


def test_a_manifest_says_what_each_file_is(yard: Yard, tmp_path: Path) -> None:
    made = make(yard, tmp_path / "one")
    assert made == json.loads((tmp_path / "one/backup.json").read_text())
    assert set(made["files"]) >= {"routy.db", "clicks/manifest.json", "clicks/2026-11.g1.duckdb"}
    for name, entry in made["files"].items():
        assert entry["bytes"] == (tmp_path / "one" / name).stat().st_size
        assert len(entry["sha256"]) == 64


def by_clock(yard: Yard, into: Path, keep: int = 2) -> list[str]:
    backup.backup_once(yard.records, yard.store, yard.path, into, 24, keep, yard.now)
    return sorted(path.name for path in into.iterdir())


def test_backups_by_the_clock_come_when_they_are_due_and_the_oldest_go(yard: Yard, tmp_path: Path) -> None:
    into = tmp_path / "backups"
    first = by_clock(yard, into)
    assert len(first) == 1
    yard.now += 23 * HOUR
    assert by_clock(yard, into) == first
    for _ in range(3):
        yard.now += DAY
        left = by_clock(yard, into)
    assert len(left) == 2 and first[0] not in left
    assert rows_of(into / left[-1], tmp_path / "restored") == 2


def test_what_a_crash_left_unfinished_is_begun_anew_and_other_files_stay(yard: Yard, tmp_path: Path) -> None:
    into = tmp_path / "backups"
    (into / "unfinished").mkdir(parents=True)
    (into / "unfinished" / "routy.db").write_text("half")
    (into / "mine").mkdir()
    made = by_clock(yard, into)
    assert len(made) == 2 and "mine" in made and "unfinished" not in made


def test_an_absolute_name_in_a_manifest_is_refused(yard: Yard, tmp_path: Path) -> None:
    manifest = make(yard, tmp_path / "one")
    outside = tmp_path / "outside"
    outside.write_text("x")
    manifest["files"][str(outside)] = {"sha256": backup._sum(outside)}
    (tmp_path / "one/backup.json").write_text(json.dumps(manifest))
    with pytest.raises(backup.Damaged, match="missing or changed"):
        backup.restore(tmp_path / "one", tmp_path / "fresh", yard.now)
