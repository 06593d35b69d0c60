"""A process that answers and loads is killed, a disk is full: what was answered is stored once."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from routy.clicks.verify import verify
from routy.store.duck import Failure
from tests.clicks.yard import Yard

ROUNDS = 4
VICTIM = """
import os, sys, threading, time
from pathlib import Path
from routy.clock import system_clock
from tests.clicks.yard import Yard

class Living(Yard):
    def clock(self):
        return system_clock()

yard = Living(Path(sys.argv[1]), now=system_clock())
yard.spool._segment_ms = 10

def work():
    while True:
        yard.spool.seal_once()
        yard.loader.load_once()

threading.Thread(target=work, daemon=True).start()
while True:
    if yard.visit("/summer").status == 302:
        os.write(1, b".")
"""


def test_kill_9_costs_no_answered_click_and_doubles_none(tmp_path: Path) -> None:
    yard = Yard(tmp_path)
    yard.add_link("summer")
    yard.close()
    chance = random.Random()
    answered = 0
    for _ in range(ROUNDS):
        victim = subprocess.Popen([sys.executable, "-c", VICTIM, str(tmp_path)], stdout=subprocess.PIPE)
        assert victim.stdout is not None
        answered += len(victim.stdout.read(1))
        deadline = time.monotonic() + chance.random() / 2
        while time.monotonic() < deadline:
            answered += len(os.read(victim.stdout.fileno(), 65_536))
        victim.send_signal(signal.SIGKILL)
        answered += len(victim.stdout.read())
        victim.stdout.close()
        victim.wait()
    after = Yard(tmp_path, now=int(time.time() * 1000) + 60_000)
    after.load()
    stored = len(after.rows("SELECT segment FROM clicks"))
    assert answered <= stored <= answered + ROUNDS  # the last click of a life may be kept and not yet answered
    found = verify(after.store, tmp_path / "spool")
    assert (found["ok"], found["spooled"]["clicks"]) == (True, 0)
    after.close()


def test_a_full_disk_stops_loading_and_nothing_else(yard: Yard) -> None:
    yard.add_link("summer")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yard.visit("/summer")
    yard.load()
    for number in range(8_000):
        yard.visit("/summer", f"sub1={number * 7919}", REMOTE_ADDR=f"{number % 199 + 1}.7.{number % 251}.9")
        if number % 1_000 == 0:
            yard.seal()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
        for _ in range(3):
            with pytest.raises(Failure):
                yard.load()
            assert yard.visit("/summer").status == 302
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    yard.load()
    assert len(yard.rows("SELECT segment FROM clicks")) == 8_004
    figures = yard.books.figures(yard.spool)
    assert (figures["answered"], figures["stored"], figures["holds"]) == (8_004, 8_004, True)
    assert verify(yard.store, yard.path / "spool")["ok"]
