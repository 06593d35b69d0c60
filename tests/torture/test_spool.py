"""A spool on a disk that writes less than it is asked to, whenever it likes."""

import errno
import os
import random
import threading
from collections import Counter
from pathlib import Path

import pytest

from routy.clicks.segments import lines_of
from routy.clicks.spool import Refused, Spool
from routy.clicks.streams import CLICKS, WHOLE
from routy.clock import system_clock

FILLER = tuple("x" * 20 for _ in CLICKS.columns[3:])
THREADS = 12


class Whimsical:
    """os.write and os.fdatasync as a dying disk has them; what happens is drawn up front."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self._write, self._sync, self._lock = os.write, os.fdatasync, threading.Lock()
        chance = random.Random(seed)
        self._moods = iter([chance.choice("wwwwwwsef") for _ in range(100_000)])
        self._shares = iter([chance.random() for _ in range(100_000)])
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "fdatasync", self.sync)

    def write(self, descriptor: int, text: bytes) -> int:
        with self._lock:
            mood, share = next(self._moods), next(self._shares)
        if mood == "e":
            raise OSError(errno.ENOSPC, "full")
        return self._write(descriptor, text[: int(len(text) * share)] if mood == "s" else text)

    def sync(self, descriptor: int) -> None:
        with self._lock:
            mood = next(self._moods)
        if mood == "f":
            raise OSError(errno.EIO, "broken")
        self._sync(descriptor)


@pytest.mark.parametrize("commits", [False, True], ids=["process", "disk"])
@pytest.mark.parametrize("seed", range(3))
def test_each_line_is_kept_once_or_refused_whatever_the_disk_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, commits: bool
) -> None:
    spool = Spool(CLICKS, tmp_path / "clicks", system_clock, segment_ms=1, commits=commits)
    spool.open()
    kept: list[bytes] = []
    refused: Counter[str] = Counter()

    def visit(number: int) -> None:
        for at in range(60):
            mark = f"{number}-{at}"
            try:
                spool.append((mark, str(number), *FILLER))
                kept.append(mark.encode())
            except Refused as error:
                refused[error.reason] += 1

    def seal(done: threading.Event) -> None:
        while not done.wait(0.001):
            try:
                spool.seal_once()
            except OSError:
                continue  # a segment could not be begun: the old one stays

    with monkeypatch.context() as patch:
        Whimsical(patch, seed)
        done = threading.Event()
        sealer = threading.Thread(target=seal, args=(done,))
        threads = [threading.Thread(target=visit, args=(number,)) for number in range(THREADS)]
        for thread in (sealer, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        sealer.join()
    spool.close()
    ends = f"\t{WHOLE}".encode()
    whole = [line.split(b"\t")[0] for path in spool.sealed() for line in lines_of(path) if line.endswith(ends)]
    unsure = refused["sync_failed"]  # they stand there, but nobody may say that they will
    assert set(kept) <= set(whole)
    assert len(whole) == len(set(whole)) == len(kept) + unsure
    assert len(kept) + refused.total() == THREADS * 60
    assert {"short_write", "disk_full"} <= set(refused)
    assert spool.account() == (0, len(kept))
