"""The record store: transactions, readers, and what goes wrong."""

import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from routy.store import sqlite
from routy.store.sqlite import Busy, Records, Referenced, Taken

TABLES = """
CREATE TABLE parents (key INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, place TEXT) STRICT;
CREATE UNIQUE INDEX parents_by_name ON parents (place, name);
CREATE TABLE children (key INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents (key)) STRICT;
"""


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    records = Records(tmp_path / "test.db")
    records.script(TABLES)
    yield records
    records.close()


def add(records: Records, name: str, place: str | None = "here") -> int:
    with records.transaction(0) as tx:
        return tx.insert("parents", {"name": name, "place": place})


def names(records: Records) -> list[str]:
    return [row["name"] for row in records.rows("SELECT name FROM parents ORDER BY key")]


def test_it_runs_as_durably_as_it_must(records: Records) -> None:
    for asked, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
        assert next(iter((records.one(f"PRAGMA {asked}") or {}).values())) == wanted


def test_what_is_committed_is_seen_and_what_fails_is_not(records: Records) -> None:
    add(records, "first")
    with pytest.raises(ZeroDivisionError), records.transaction(0) as tx:
        tx.insert("parents", {"name": "second"})
        _ = 1 / 0
    assert names(records) == ["first"]
    assert add(records, "third") == 2, "the store goes on as if nothing had been"


def test_nobody_sees_what_is_not_committed_yet(records: Records) -> None:
    with records.transaction(0) as tx:
        tx.insert("parents", {"name": "first"})
        assert names(records) == []
        assert tx.one("SELECT count(*) AS count FROM parents") == {"count": 1}


def test_a_transaction_has_one_moment(records: Records) -> None:
    with records.transaction(42) as tx:
        assert tx.now == 42


def test_a_reader_cannot_write(records: Records) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        records.rows("INSERT INTO parents (name) VALUES ('x')")


def test_a_taken_place_names_its_columns(records: Records) -> None:
    add(records, "first")
    with pytest.raises(Taken) as taken:
        add(records, "first")
    assert taken.value.columns == ("place", "name")
    add(records, "first", None)
    add(records, "first", None)


def test_a_row_that_others_refer_to_stays(records: Records) -> None:
    key = add(records, "first")
    with records.transaction(0) as tx:
        tx.insert("children", {"parent": key})
    with pytest.raises(Referenced), records.transaction(0) as tx:
        tx.run("DELETE FROM parents WHERE key = ?", (key,))
    assert names(records) == ["first"]


def test_what_fails_in_a_savepoint_is_undone_alone(records: Records) -> None:
    with records.transaction(0) as tx:
        tx.insert("parents", {"name": "first"})
        with pytest.raises(ZeroDivisionError), tx.savepoint():
            tx.insert("parents", {"name": "second"})
            _ = 1 / 0
        with tx.savepoint():
            tx.insert("parents", {"name": "third"})
    assert names(records) == ["first", "third"]


def test_a_snapshot_is_of_one_moment(records: Records) -> None:
    add(records, "first")
    with records.snapshot():
        assert names(records) == ["first"]
        add(records, "second")
        assert names(records) == ["first"]
    assert names(records) == ["first", "second"]
    with pytest.raises(ZeroDivisionError), records.snapshot():
        _ = 1 / 0
    assert names(records) == ["first", "second"]


def test_a_commit_that_fails_leaves_a_store_that_works(records: Records) -> None:
    with pytest.raises(apsw.ConstraintError), records.transaction(0) as tx:
        tx.run("PRAGMA defer_foreign_keys = ON")
        tx.insert("children", {"parent": 4711})
    add(records, "after")
    assert names(records) == ["after"]
    assert records.rows("SELECT * FROM children") == []


def test_a_full_disk_leaves_a_store_that_works(records: Records) -> None:
    records.script("PRAGMA max_page_count = 20")
    with pytest.raises(apsw.FullError), records.transaction(0) as tx:
        for n in range(1000):
            tx.insert("parents", {"name": "x" * 1000, "place": str(n)})
    assert names(records) == []
    records.script("PRAGMA max_page_count = 100000")
    add(records, "after")
    assert names(records) == ["after"]


def test_threads_write_one_after_the_other_and_lose_nothing(records: Records) -> None:
    def count_up() -> None:
        for _ in range(20):
            with records.transaction(0) as tx:
                row = tx.one("SELECT count(*) AS count FROM parents") or {}
                tx.insert("parents", {"name": str(row["count"]), "place": "counted"})

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(records) == [str(n) for n in range(120)]


def test_reading_does_not_wait_for_a_writer(records: Records) -> None:
    add(records, "first")
    with records.transaction(0) as tx:
        tx.insert("parents", {"name": "second"})
        found: list[list[str]] = []
        thread = threading.Thread(target=lambda: found.append(names(records)))
        thread.start()
        thread.join(10)
        assert found == [["first"]]


def test_a_lock_held_by_another_process_is_waited_for_and_then_told(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = apsw.Connection(str(records.path))
    other.execute("BEGIN IMMEDIATE")
    records._writer.set_busy_timeout(50)
    with pytest.raises(Busy), records.transaction(0):
        raise AssertionError("it was let in")
    other.execute("ROLLBACK")
    add(records, "after")
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)
    with records.transaction(0):
        failures: list[type] = []

        def second() -> None:
            try:
                add(records, "second")
            except Busy as error:
                failures.append(type(error))

        thread = threading.Thread(target=second)
        thread.start()
        thread.join(10)
    assert failures == [Busy]
    other.close()


def test_a_copy_is_whole_while_others_write(records: Records, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            with records.transaction(0) as tx:
                key = tx.insert("parents", {"name": str(n), "place": "x" * 500})
                tx.insert("children", {"parent": key})
            n += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for n in range(5):
            records.copy_to(tmp_path / f"copy{n}.db")
    finally:
        stop.set()
        thread.join()
    assert not list(tmp_path.glob("copy*-*")), "a copy is one file"
    for n in range(5):
        copy = apsw.Connection(str(tmp_path / f"copy{n}.db"))
        assert copy.execute("PRAGMA integrity_check").get == "ok"
        counts = [copy.execute(f"SELECT count(*) FROM {table}").get for table in ("parents", "children")]
        assert counts[0] == counts[1]
        copy.close()


def test_a_quoted_value_is_a_value(records: Records) -> None:
    evil = "'); DROP TABLE parents; --"
    add(records, evil)
    assert names(records) == [evil]


def test_another_process_sees_what_was_committed(records: Records, tmp_path: Path) -> None:
    add(records, "first")
    other = Records(tmp_path / "test.db")
    assert names(other) == ["first"]
    add(other, "second")
    assert names(records) == ["first", "second"]
    other.close()
