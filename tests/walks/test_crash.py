"""A server that is killed or stopped while visitors come: every redirect that a visitor received is a click, once.

A visit whose connection broke before its answer came may have been kept or not; only a counter outside the process
knows what was received.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.process import Process, Visitors, until

ROUNDS = int(os.environ.get("ROUTY_ROUNDS", "5"))
LINKS = 1_000
STOP_SECONDS = 5.0


class Tally:
    """What visitors saw in all rounds together."""

    def __init__(self) -> None:
        self.received = self.broken = 0

    def add(self, visitors: Visitors) -> None:
        visitors.join()
        assert not visitors.strange
        assert visitors.received
        self.received += visitors.received.total()
        self.broken += visitors.broken


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    process.begin()
    yield process
    process.close()


def test_kill_9_under_load_loses_no_redirect_and_doubles_none(process: Process) -> None:
    slugs, tally = process.make_links(LINKS), Tally()
    for _ in range(ROUNDS):
        visitors = _load_for_a_while(process, slugs)
        process.kill()
        tally.add(visitors)
        process.start()
    _expect_all_stored(process, tally)


def test_a_signal_to_stop_under_load_is_obeyed_in_time_and_costs_no_click(process: Process) -> None:
    slugs, tally = process.make_links(LINKS), Tally()
    visitors = _load_for_a_while(process, slugs)
    assert process.stop(STOP_SECONDS) == 0
    tally.add(visitors)
    process.start()
    _expect_all_stored(process, tally)


def _load_for_a_while(process: Process, slugs: list[str]) -> Visitors:
    """Long enough that segments are sealed, loaded and put away meanwhile: the end may come anywhere in that."""
    visitors = Visitors(process.address, slugs)
    visitors.start()
    until(lambda: visitors.received.total() > 100, "the first redirects")
    time.sleep(random.uniform(0.2, 1.6))
    return visitors


def _expect_all_stored(process: Process, tally: Tally) -> None:
    until(
        lambda: not process.call("GET", "/health")["inside"]["spool"]["waiting"]["clicks"], "the spool to be loaded"
    )
    stored = process.clicks_by_class().total()
    assert tally.received <= stored <= tally.received + tally.broken
    assert process.stop() == 0
    found = json.loads(process.command("verify"))
    assert (found["ok"], found["problems"], found["spooled"]["clicks"]) == (True, [], 0)
    assert sum(month["rows"] for month in found["months"] if month["stream"] == "clicks") == stored
