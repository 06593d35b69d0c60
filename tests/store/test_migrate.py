"""Migrations of the record store."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from routy.store.migrate import FILES, Edited, migrate
from routy.store.sqlite import Records


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records(tmp_path / "test.db")
    yield records
    records.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    directory = tmp_path / "migrations"
    directory.mkdir()
    (directory / "0001_first.sql").write_text("CREATE TABLE one (a INTEGER) STRICT; INSERT INTO one VALUES (1);")
    return directory


def applied(records: Records) -> list[str]:
    return [row["name"] for row in records.rows("SELECT name FROM migrations ORDER BY name")]


def test_an_empty_store_gets_everything_once(records: Records) -> None:
    names = sorted(file.name for file in FILES.glob("*.sql"))
    assert migrate(records, 7) == names
    assert migrate(records, 8) == []
    assert {row["applied_at"] for row in records.rows("SELECT applied_at FROM migrations")} == {7}


def test_what_is_new_is_applied_in_order(records: Records, files: Path) -> None:
    assert migrate(records, 0, files) == ["0001_first.sql"]
    (files / "0010_third.sql").write_text("INSERT INTO two SELECT a + 1 FROM one;")
    (files / "0002_second.sql").write_text("CREATE TABLE two (a INTEGER) STRICT;")
    (files / "notes.sql").write_text("not one of them")
    assert migrate(records, 0, files) == ["0002_second.sql", "0010_third.sql"]
    assert records.rows("SELECT a FROM two") == [{"a": 2}]


def test_a_migration_that_fails_leaves_nothing_of_itself(records: Records, files: Path) -> None:
    (files / "0002_bad.sql").write_text("CREATE TABLE two (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);")
    (files / "0003_never.sql").write_text("CREATE TABLE three (a INTEGER) STRICT;")
    with pytest.raises(apsw.SQLError):
        migrate(records, 0, files)
    assert applied(records) == ["0001_first.sql"]
    tables = {row["name"] for row in records.rows("SELECT name FROM sqlite_schema")}
    assert not tables & {"two", "three"}
    (files / "0002_bad.sql").write_text("CREATE TABLE two (a INTEGER) STRICT;")
    assert migrate(records, 0, files) == ["0002_bad.sql", "0003_never.sql"]


def test_an_edited_migration_refuses_to_start(records: Records, files: Path) -> None:
    migrate(records, 0, files)
    (files / "0001_first.sql").write_text("CREATE TABLE one (a INTEGER) STRICT; -- edited")
    (files / "0002_second.sql").write_text("CREATE TABLE two (a INTEGER) STRICT;")
    with pytest.raises(Edited, match=r"0001_first\.sql was edited"):
        migrate(records, 0, files)
    assert applied(records) == ["0001_first.sql"]


def test_a_store_of_a_newer_version_refuses_to_start(records: Records, files: Path) -> None:
    (files / "0002_second.sql").write_text("CREATE TABLE two (a INTEGER) STRICT;")
    migrate(records, 0, files)
    (files / "0002_second.sql").unlink()
    with pytest.raises(Edited, match=r"0002_second\.sql was applied by another version"):
        migrate(records, 0, files)


def test_every_table_is_strict_and_every_reference_is_indexed_or_small(records: Records) -> None:
    migrate(records, 0)
    for row in records.rows(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ):
        assert row["sql"].rstrip().endswith(("STRICT", "STRICT, WITHOUT ROWID")), row["name"]
    assert records.rows("PRAGMA foreign_key_check") == []
