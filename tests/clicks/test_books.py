import errno
import os
import threading
import time
from pathlib import Path

import pytest

from routy.clicks.books import Books, Tally
from routy.clicks.spool import Spool
from routy.clicks.streams import CLICKS
from routy.clock import MINUTE
from tests.clicks.yard import START, Yard


def test_answers_are_what_is_stored_and_spooled_and_refused(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.add_link("summer")
    yard.add_link("paused", status="paused")
    for slug in ("summer", "paused", "nothing"):
        yard.visit(f"/{slug}")
    yard.load()
    yard.visit("/summer")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, text: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        assert yard.visit("/summer").status == 302
        patch.setattr(os, "write", lambda descriptor, text: 3)
        assert yard.visit("/summer").status == 302
    assert yard.books.figures(yard.spool) == {
        "run": yard.books.run,
        "answered": 5,
        "answered_by_branch": {"destination": 4, "inactive": 1},
        "stored": 2,
        "spooled": 1,
        "refused": {"disk_full": 1, "short_write": 1},
        "refused_lately": ["disk_full", "short_write"],
        "sync_failures": 0,
        "sync_failed_at": None,
        "holds": True,
    }


def test_a_line_that_vanishes_from_the_spool_is_noticed(yard: Yard) -> None:
    yard.add_link("summer")
    for _ in range(3):
        yard.visit("/summer")
    file = next((yard.path / "spool" / "clicks").iterdir())
    file.write_bytes(file.read_bytes().rpartition(b"\n")[0])
    yard.load()
    figures = yard.books.figures(yard.spool)
    assert (figures["answered"], figures["stored"], figures["holds"]) == (3, 2, False)


def test_the_clicks_of_an_earlier_run_are_not_in_the_books_of_this_one(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.die()
    later = Yard(yard.path, now=yard.now + 60_000)
    later.load()
    figures = later.books.figures(later.spool)
    assert (figures["answered"], figures["stored"], figures["spooled"], figures["holds"]) == (0, 0, 0, True)
    yard.store, yard.records = later.store, later.records


def test_the_books_hold_at_any_moment_under_load(yard: Yard) -> None:
    yard.add_link("summer")
    held: list[bool] = []

    def visit() -> None:
        while len(held) < 5:
            yard.visit("/summer")
            time.sleep(0.001)

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        yard.load()
        held.append(yard.books.figures(yard.spool)["holds"])
    for thread in threads:
        thread.join()
    figures = yard.books.figures(yard.spool)
    assert all(held)
    assert 0 < figures["answered"] == figures["stored"] + figures["spooled"]


def test_many_threads_count_without_losing_any() -> None:
    tally = Tally()

    def count() -> None:
        for _ in range(1_000):
            tally.add("a")

    threads = [threading.Thread(target=count) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tally.counts() == {"a": 16_000}
    assert tally.total() == 16_000


def test_a_refused_click_is_a_problem_for_ten_minutes_and_is_counted_for_good(tmp_path: Path) -> None:
    now = [START]
    books, spool = Books("run", lambda: now[0]), Spool(CLICKS, tmp_path, lambda: now[0])
    assert books.problems(spool) == []
    books.begun.add("destination")
    books.refused.add("disk_full")
    books.answered.add("destination")
    now[0] += 10 * MINUTE - 1
    assert books.problems(spool) == ["1 clicks were not recorded: disk_full"]
    now[0] += 1
    assert books.problems(spool) == []
    assert books.figures(spool)["refused"] == {"disk_full": 1}


def test_a_spool_that_could_not_be_brought_to_disk_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [START]
    books, spool = Books("run", lambda: now[0]), Spool(CLICKS, tmp_path, lambda: now[0])
    spool.open()
    books.begun.add("destination")
    spool.append(tuple("x" for _ in CLICKS.columns[:-1]))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
        spool.sync_once()
    assert books.problems(spool) == ["the spool could not be brought to disk 1 times"]
    now[0] += 10 * MINUTE
    assert books.problems(spool) == []
    spool.close()
