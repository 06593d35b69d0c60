import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from routy.errors import Unavailable
from routy.ids import new_id, time_of
from routy.store.duck import ClickStore, parts_of

INSERT = """INSERT INTO api_requests (segment, line, requested_at, id_high, id_low)
SELECT 1, range, TIMESTAMP '2026-11-21 12:00:00', 0, range FROM range({rows})"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClickStore]:
    store = ClickStore(tmp_path / "clicks", wait_seconds=0.05)
    store.open()
    yield store
    store.close()


def fill(store: ClickStore, month: str, rows: int = 3) -> None:
    with store.writing() as writer, writer.transaction(month):
        writer.run(INSERT.format(rows=rows))


def count(store: ClickStore) -> int:
    with store.reading() as reader:
        return int(reader.column(f"SELECT count(*) FROM {reader.source('api_requests')}")[0])


def test_months_are_files_and_are_found_again(store: ClickStore) -> None:
    for month in ("2026-11", "2026-10"):
        fill(store, month)
    store.close()
    again = ClickStore(store.directory)
    again.open()
    assert [month.file for month in again.months] == ["2026-10.g1.duckdb", "2026-11.g1.duckdb"]
    assert count(again) == 6
    again.close()


def test_an_empty_store_has_no_rows_and_all_columns(store: ClickStore) -> None:
    assert count(store) == 0
    with store.reading() as reader:
        assert reader.rows(f"SELECT clicked_at, visitor FROM {reader.source('clicks')}") == []


def test_a_transaction_that_fails_leaves_nothing(store: ClickStore) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as writer, writer.transaction("2026-11"):
        writer.run(INSERT.format(rows=3))
        raise ZeroDivisionError
    assert count(store) == 0
    fill(store, "2026-11")
    assert count(store) == 3


def test_only_the_months_asked_for_are_read(store: ClickStore) -> None:
    for month in ("2026-09", "2026-10", "2026-11"):
        fill(store, month)
    october = 1_790_812_800_000
    with store.reading() as reader:
        names = [month.name for month in reader.between(october, october + 1)]
        assert names == ["2026-10"]
        assert [month.name for month in reader.between(None, october)] == ["2026-09"]
        assert len(reader.between(october - 1, None)) == 3


def test_a_reader_sees_one_moment(store: ClickStore) -> None:
    fill(store, "2026-11")
    with store.reading() as reader:
        source = reader.source("api_requests")
        before = reader.column(f"SELECT count(*) FROM {source}")
        thread = threading.Thread(target=fill, args=(store, "2026-11"))
        thread.start()
        thread.join()
        assert reader.column(f"SELECT count(*) FROM {source}") == before
    assert count(store) == 6


def test_a_file_that_a_crash_left_half_made_is_passed_over(store: ClickStore) -> None:
    (store.directory / "2026-11.g1.duckdb").write_bytes(b"half")
    fill(store, "2026-11")
    assert json.loads((store.directory / "manifest.json").read_text()) == {"2026-11": 2}


def test_without_a_manifest_the_newest_generation_counts(store: ClickStore) -> None:
    fill(store, "2026-11")
    store.close()
    (store.directory / "manifest.json").unlink()
    store.open()
    assert count(store) == 3


def copy_to(store: ClickStore, to: Path) -> None:
    to.mkdir()
    with store.standing_still() as files:
        for file in (*files, store.directory / "manifest.json"):
            shutil.copyfile(file, to / file.name)


def test_a_copy_opens_by_itself(store: ClickStore, tmp_path: Path) -> None:
    fill(store, "2026-10", 1000)
    fill(store, "2026-11", 1000)
    copy_to(store, tmp_path / "copy")
    fill(store, "2026-11", 1000)
    copy = ClickStore(tmp_path / "copy")
    copy.open()
    assert count(copy) == 2000
    copy.close()


def test_a_copy_is_whole_while_a_reader_reads(store: ClickStore, tmp_path: Path) -> None:
    fill(store, "2026-11", 1000)
    with store.reading() as reader:
        reader.column("SELECT count(*) FROM api_requests")
        thread = threading.Thread(target=copy_to, args=(store, tmp_path / "copy"))
        thread.start()
        thread.join()
    copy = ClickStore(tmp_path / "copy")
    copy.open()
    assert count(copy) == 1000
    copy.close()


def test_two_reports_run_at_once_and_a_third_is_told_to_wait(store: ClickStore) -> None:
    inside, done = threading.Barrier(3), threading.Event()

    def read() -> None:
        with store.reading():
            inside.wait(5)
            done.wait(5)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait(5)
    with pytest.raises(Unavailable) as refused, store.reading():
        pass
    with store.glancing() as reader:
        assert reader.column("SELECT 1") == [1]
    done.set()
    for thread in threads:
        thread.join()
    assert refused.value.more["retry_after"] > 0
    assert count(store) == 0


def test_a_report_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    store = ClickStore(tmp_path / "clicks", report_seconds=0.1)
    store.open()
    began = time.monotonic()
    with pytest.raises(Unavailable), store.reading() as reader:
        reader.column("SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range + b.range = 7")
    assert time.monotonic() - began < 20
    with store.reading() as reader:
        assert reader.column("SELECT 1") == [1]
    store.close()


def test_a_closed_store_is_unavailable(store: ClickStore) -> None:
    store.close()
    with pytest.raises(Unavailable), store.reading():
        pass


def test_a_store_that_was_opened_anew_serves_every_thread(store: ClickStore) -> None:
    fill(store, "2026-11")
    assert count(store) == 3
    store.reopen()
    assert count(store) == 3


def test_readers_are_told_when_the_store_is_opened_anew_under_them(store: ClickStore) -> None:
    fill(store, "2026-11", 1000)
    with pytest.raises(Unavailable), store.reading() as reader:
        thread = threading.Thread(target=store.reopen)
        thread.start()
        thread.join()
        count_ = f"SELECT count(*) FROM {reader.source('api_requests')}"
        reader.column(count_)
    assert count(store) == 1000


def test_a_store_that_could_not_be_opened_can_be_opened_later(store: ClickStore) -> None:
    fill(store, "2026-10")
    fill(store, "2026-11")
    file = store.directory / "2026-11.g1.duckdb"
    store.close()
    away = file.rename(file.with_suffix(".away"))
    file.mkdir()  # no damage, but an error of input and output
    with pytest.raises(duckdb.Error):
        store.open()
    with pytest.raises(Unavailable), store.reading():
        pass
    file.rmdir()
    away.rename(file)
    store.open()
    assert count(store) == 6


def test_the_store_reaches_nothing_outside_itself(store: ClickStore) -> None:
    frame = [1, 2, 3]  # noqa: F841 (a name that must not be found)
    with pytest.raises(duckdb.Error), store.glancing() as reader:
        reader.rows("SELECT * FROM frame")
    with pytest.raises(duckdb.Error), store.glancing() as reader:
        reader.rows("INSTALL httpfs")


def test_the_ulid_macro_spells_ids_as_they_were_made(store: ClickStore) -> None:
    ids = [new_id("clk", at) for at in (0, 1, 1_795_233_755_129, 253_402_300_799_999) for _ in range(50)]
    rows = ", ".join(f"({at}, {high}, {low}::UBIGINT)" for at, high, low in map(parts_of, ids))
    sql = f"SELECT 'clk_' || ulid(make_timestamp_ms(ms), high, low) FROM (VALUES {rows}) t(ms, high, low)"
    with store.glancing() as reader:
        assert reader.column(sql) == ids
    assert parts_of(ids[-1])[0] == time_of(ids[-1])


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("parameter('a=1&utm_source=x%20y+z', 'utm_source')", "x y z"),
        ("parameter('xutm_source=1', 'utm_source')", None),
        ("parameter('utm_source=', 'utm_source')", None),
        ("parameter('sub10=b', 'sub1')", None),
        ("parameter('sub1=%zz', 'sub1')", "%zz"),
        ("host_of('https://user:pw@WWW.a.example:8080/x?y')", "a.example"),
        ("host_of('android-app://com.slack/')", "com.slack"),
        ("host_of('rubbish')", None),
        ("to_timestamp_utc('12')", None),
    ],
)
def test_macros_read_what_clicks_carry(store: ClickStore, sql: str, value: str | None) -> None:
    with store.glancing() as reader:
        assert reader.column(f"SELECT {sql}") == [value]


def test_a_store_that_gave_up_is_said_to_be_unavailable_and_can_be_opened_anew(
    store: ClickStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, "2026-11")
    with pytest.raises(Unavailable, match="gave up"), store.reading():
        raise duckdb.FatalException("FATAL Error: the database has been invalidated")
    assert store.failed
    store.reopen()
    assert (store.failed, count(store)) == (False, 3)


def test_nobody_reads_while_the_store_is_being_opened(store: ClickStore, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, "2026-11")
    said: list[BaseException] = []
    attach = ClickStore._attach

    def look(*arguments: object) -> object:
        def read() -> None:
            try:
                count(store)
            except Unavailable as error:
                said.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        return attach(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ClickStore, "_attach", look)
    store.reopen()
    assert len(said) == 1
    assert count(store) == 3
