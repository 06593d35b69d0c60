import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clicks.spool import Refused, Spool, to_line
from routy.clicks.streams import CLICKS, STREAMS, WHOLE
from routy.clock import system_clock
from tests.clicks.yard import START

VALUES = tuple("x" * 3 for _ in CLICKS.columns[:-1])
VALUED = len(VALUES)


class Turned:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def spool(tmp_path: Path, clock: Turned) -> Iterator[Spool]:
    spool = Spool(CLICKS, tmp_path / "clicks", clock, segment_bytes=10_000)
    spool.open()
    yield spool
    spool.close()


def lines(path: Path) -> list[bytes]:
    return [line for line in path.read_bytes().split(b"\n")[1:] if line]


def test_a_line_is_in_the_file_when_append_returns(spool: Spool) -> None:
    spool.append(VALUES)
    file = next(spool.directory.iterdir())
    assert lines(file) == [b"\t".join([b"xxx"] * VALUED + [b"."])]


def test_a_segment_names_its_columns_first(spool: Spool) -> None:
    file = next(spool.directory.iterdir())
    assert file.read_bytes().decode().split("\t") == list(CLICKS.columns)
    assert file.name.startswith("v2-")


@pytest.mark.parametrize("stream", STREAMS)
def test_a_line_ends_with_the_mark_that_it_is_whole(stream: object) -> None:
    assert stream.columns[-1] == "whole"  # type: ignore[attr-defined]


def test_an_empty_segment_stays_open_however_old(spool: Spool, clock: Turned) -> None:
    clock.now += 3_600_000
    spool.seal_once()
    assert spool.sealed() == []
    assert len(list(spool.directory.iterdir())) == 1


def test_a_segment_is_sealed_by_age(spool: Spool, clock: Turned) -> None:
    spool.append(VALUES)
    clock.now += 999
    spool.seal_once()
    assert spool.sealed() == []
    clock.now += 1
    spool.seal_once()
    assert len(spool.sealed()) == 1


def test_a_segment_is_sealed_by_size(spool: Spool) -> None:
    for _ in range(200):
        spool.append(VALUES)
    spool.seal_once()
    assert len(spool.sealed()) == 1


def test_what_a_dead_run_left_is_sealed(spool: Spool, clock: Turned) -> None:
    spool.append(VALUES)
    after = Spool(CLICKS, spool.directory, clock)
    after.open()
    assert [lines(path) for path in after.sealed()] == [[b"\t".join([b"xxx"] * VALUED + [b"."])]]
    after.close()


def test_a_closed_spool_refuses(spool: Spool) -> None:
    spool.close()
    with pytest.raises(Refused, match="closed"):
        spool.append(VALUES)


def test_a_full_disk_is_a_reason_and_no_line(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, text: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Refused, match="disk_full"):
        spool.append(VALUES)
    monkeypatch.undo()
    assert spool.account() == (0, 0)


def test_a_short_write_spoils_no_neighbour(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, text: write(descriptor, text[:20]))
    with pytest.raises(Refused, match="short_write"):
        spool.append(VALUES)
    monkeypatch.undo()
    spool.append(VALUES)
    torn, whole = lines(next(spool.directory.iterdir()))
    assert (len(torn), whole.endswith(b"\t.")) == (19, True)
    assert spool.account() == (0, 1)


def test_a_segment_is_not_closed_under_a_writer(
    spool: Spool, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(VALUES)
    inside, go_on = threading.Event(), threading.Event()
    write = os.write

    def slow(descriptor: int, text: bytes) -> int:
        if text.startswith(b"\n"):
            inside.set()
            assert go_on.wait(5)
        return write(descriptor, text)

    monkeypatch.setattr(os, "write", slow)
    writer = threading.Thread(target=spool.append, args=(VALUES,))
    writer.start()
    assert inside.wait(5)
    clock.now += 5_000
    spool.seal_once()
    assert spool.sealed() == []
    go_on.set()
    writer.join()
    spool.seal_once()
    assert [len(lines(path)) for path in spool.sealed()] == [2]


def test_sync_brings_down_what_was_written(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    spool.sync_once()
    assert synced == []
    spool.append(VALUES)
    spool.sync_once()
    spool.sync_once()
    assert len(synced) == 1


@given(st.lists(st.text(max_size=40), min_size=VALUED, max_size=VALUED))
def test_any_values_make_one_line_of_as_many_columns(values: list[str]) -> None:
    line = to_line(values)
    assert line.startswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.count(b"\t") == VALUED
    assert line.decode().endswith(f"\t{WHOLE}")
    assert not any(byte < 32 and byte not in (9, 10) for byte in line)


def dawdling(write: Callable[[int, bytes], int]) -> Callable[[int, bytes], int]:
    """A writer that stops between taking a segment and writing to it, where the danger is."""

    def run(descriptor: int, text: bytes) -> int:
        if text.startswith(b"\n"):
            time.sleep(0.0005)
        return write(descriptor, text)

    return run


class Repeated(threading.Thread):
    """Does something again and again until it is stopped."""

    def __init__(self, step: Callable[[], object]) -> None:
        super().__init__()
        self.step, self.done = step, threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            self.step()

    def stop(self) -> None:
        self.done.set()
        self.join()


def test_rotation_every_millisecond_under_48_threads_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", dawdling(os.write))
    spool = Spool(CLICKS, tmp_path / "clicks", system_clock, segment_ms=1)
    spool.open()
    others = tmp_path / "others"  # a line that is written to a closed segment lands in one of these files
    others.mkdir()

    def reuse_descriptors() -> None:
        with (others / str(time.monotonic_ns())).open("w"):
            time.sleep(0.001)

    def visit(number: int) -> None:
        for at in range(60):
            spool.append((str(number), str(at), *VALUES[2:]))

    around = [Repeated(spool.seal_once), Repeated(spool.sync_once), Repeated(reuse_descriptors)]
    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(48)]
    for thread in (*around, *visitors):
        thread.start()
    for thread in visitors:
        thread.join()
    for helper in around:
        helper.stop()
    spool.close()
    found = [tuple(line.split(b"\t")[:2]) for path in spool.sealed() for line in lines(path)]
    assert len(found) == len(set(found)) == 48 * 60
    assert len(spool.sealed()) > 5
    assert all(path.stat().st_size == 0 for path in others.iterdir())
    assert spool.account() == (0, 48 * 60)


def test_a_loader_that_takes_at_every_moment_never_takes_a_segment_that_is_written_to(tmp_path: Path) -> None:
    """A segment that was just being begun once counted as sealed: what was written to it afterwards was lost."""
    spool = Spool(CLICKS, tmp_path / "clicks", system_clock, segment_bytes=1, segment_ms=1)
    spool.open()
    done = threading.Event()
    taken: list[int] = []

    def take() -> None:
        for path in spool.sealed():
            taken.append(path.read_bytes().count(b"\n"))
            path.unlink()

    def until_done(step: Callable[[], object]) -> None:
        while not done.is_set():
            step()

    others = [threading.Thread(target=until_done, args=(step,)) for step in (spool.seal_once, take)]
    for thread in others:
        thread.start()
    for _ in range(4000):
        spool.append(VALUES)
    done.set()
    for thread in others:
        thread.join()
    spool.close()
    take()
    assert sum(taken) == 4000


# ---- durability: disk


class Disk:
    """os.fdatasync, which takes its time and notes how far a file had got before it began."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float = 0.002) -> None:
        self.syncs = self.running = self.most_at_once = 0
        self.reached: dict[str, int] = {}
        self.broken = False
        self._seconds, self._sync, self._lock = seconds, os.fdatasync, threading.Lock()
        monkeypatch.setattr(os, "fdatasync", self)

    def __call__(self, descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        with self._lock:
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
        size = os.fstat(descriptor).st_size
        time.sleep(self._seconds)
        with self._lock:
            self.running -= 1
            self.syncs += 1
            if not self.broken:
                self.reached[path] = max(size, self.reached.get(path, 0))
        if self.broken:
            raise OSError(errno.EIO, "broken")

    def holds(self, mark: bytes) -> bool:
        """Whether the line with this text lies within what a sync has brought to disk."""
        with self._lock:
            reached = dict(self.reached)
        return any(mark in Path(path).read_bytes()[:size] for path, size in reached.items())


@pytest.fixture
def committing(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(CLICKS, tmp_path / "clicks", system_clock, segment_ms=3, commits=True)
    spool.open()
    yield spool
    spool.close()


def all_at_once(count: int, run: Callable[[int], object]) -> None:
    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_every_append_returns_only_after_a_sync_that_began_when_it_was_written(
    committing: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    missing: list[bytes] = []

    def visit(number: int) -> None:
        for at in range(20):
            mark = f"visit-{number}-{at}-"
            committing.append((mark, *VALUES[1:]))
            if not disk.holds(mark.encode()):
                missing.append(mark.encode())

    sealing = Repeated(committing.seal_once)
    sealing.start()
    all_at_once(24, visit)
    sealing.stop()
    committing.close()
    assert missing == []
    assert sum(len(lines(path)) for path in committing.sealed()) == 480 == committing.account()[1]
    assert len(committing.sealed()) > 1


def test_many_who_wait_share_a_sync(committing: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch, 0.01)
    all_at_once(32, lambda number: [committing.append(VALUES) for _ in range(5)])
    assert disk.syncs < 160 / 4
    assert disk.most_at_once == 1


def test_one_who_waits_alone_waits_for_nobody(committing: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    for number in range(1, 4):
        committing.append(VALUES)
        assert disk.syncs == number


def test_a_sync_that_fails_refuses_all_whom_it_was_for_and_the_books_hold(
    committing: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    refused: list[str] = []

    def visit(number: int) -> None:
        try:
            committing.append(VALUES)
        except Refused as error:
            refused.append(error.reason)

    disk.broken = True
    all_at_once(16, visit)
    disk.broken = False
    assert refused == ["sync_failed"] * 16
    assert committing.figures()["sync_failures"] >= 1
    all_at_once(4, visit)
    assert (len(refused), committing.account()) == (16, (0, 4))
    committing.close()
    for path in committing.sealed():
        committing.settle(path.name, len(lines(path)))
    assert committing.account() == (4, 0), "lines that stand in the file and were refused are counted once"


def test_a_failure_that_was_told_to_an_earlier_sync_refuses_who_had_written_before_it_ended(
    committing: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells of a page that it could not write once, and takes it for written from then on."""
    begun, go_on, outcome = threading.Event(), threading.Event(), []

    def first_fails(descriptor: int) -> None:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(5)
            raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fdatasync", first_fails)

    def visit() -> None:
        try:
            committing.append(VALUES)
            outcome.append("kept")
        except Refused as error:
            outcome.append(error.reason)

    threads = [threading.Thread(target=visit)]
    threads[0].start()
    assert begun.wait(5)
    threads.append(threading.Thread(target=visit))
    threads[1].start()
    while next(committing.directory.iterdir()).read_bytes().count(b"\n") < 2:
        time.sleep(0.001)
    go_on.set()
    for thread in threads:
        thread.join()
    assert outcome == ["sync_failed", "sync_failed"]
    visit()
    assert outcome[2] == "kept"


def test_a_segment_that_cannot_be_synced_is_closed_and_loaded_all_the_same(
    spool: Spool, clock: Turned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It once stayed open for ever: nobody loaded it before the next start."""
    spool.append(VALUES)
    disk = Disk(monkeypatch)
    disk.broken = True
    clock.now += 5_000
    spool.sync_once()
    spool.seal_once()
    assert [len(lines(path)) for path in spool.sealed()] == [1]
    assert spool.figures() == {"sync_failures": 2, "sync_failed_at": clock.now}


def test_a_line_is_as_old_as_itself_and_not_as_its_segment(spool: Spool, clock: Turned) -> None:
    clock.now += 3_600_000
    assert spool.oldest_at() is None
    spool.append(VALUES)
    assert spool.oldest_at() == clock.now
