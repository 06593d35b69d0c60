"""Statements that are heavy, and the threads of DuckDB, step back behind whatever is quick."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from routy.store.aside import NICE, Aside, threads_of_libraries
from routy.store.duck import ClickStore

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows how nice a thread is")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClickStore]:
    store = ClickStore(tmp_path)
    store.open()
    yield store
    store.close()


def niceness(thread: int | None = None) -> int:
    return os.getpriority(os.PRIO_PROCESS, thread or threading.get_native_id())


def test_what_runs_aside_has_stepped_back_and_who_asked_has_not() -> None:
    before = niceness()
    assert Aside(1).run(niceness) == max(NICE, before)
    assert niceness() == before


def test_what_goes_wrong_aside_goes_wrong_for_who_asked() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Aside(1).run(int, "x")


def test_the_threads_that_duckdb_works_with_step_back(tmp_path: Path) -> None:
    before = threads_of_libraries()
    store = ClickStore(tmp_path, threads=3)
    store.open()
    new = threads_of_libraries() - before
    assert [niceness(thread) for thread in new] == [max(NICE, niceness())] * 2
    store.close()


def test_what_is_heavy_runs_in_as_many_threads_as_may_be_heavy_at_once(store: ClickStore) -> None:
    for _ in range(5):
        with store.reading() as reader:
            assert reader.rows("SELECT count(*) AS clicks FROM clicks") == [{"clicks": 0}]
    aside = [thread for thread in threading.enumerate() if thread.name.startswith("aside")]
    assert aside
    assert {niceness(thread.native_id) for thread in aside} == {max(NICE, niceness())}
