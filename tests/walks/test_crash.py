"""A server that is killed or stopped while visitors come: every redirect that a visitor received is a click, once.

A visit whose connection broke before its answer came may have been kept or not; only a counter outside the process
knows what was received. `--torture` (or ROUTY_ROUNDS) makes it fifty rounds.
"""

import random
import time

from tests.walks.process import Process, Received, Visitors, expect_all_stored, visiting

LINKS = 1_000
STOP_SECONDS = 5.0


def test_kill_9_under_load_loses_no_redirect_and_doubles_none(process: Process, rounds: int) -> None:
    """With granian, supervisor and worker are killed in turn."""
    slugs, received = process.make_links(LINKS), Received()
    for number in range(rounds):
        visitors = _load_for_a_while(process, slugs)
        if process.engine == "granian" and number % 2:
            process.kill_worker()
        else:
            process.kill()
            process.start()
        received.add(visitors)
    expect_all_stored(process, received)


def test_a_signal_to_stop_under_load_is_obeyed_in_time_and_costs_no_click(process: Process) -> None:
    slugs, received = process.make_links(LINKS), Received()
    visitors = _load_for_a_while(process, slugs)
    assert process.stop(STOP_SECONDS) == 0
    received.add(visitors)
    process.start()
    expect_all_stored(process, received)


def _load_for_a_while(process: Process, slugs: list[str]) -> Visitors:
    """Long enough that segments are sealed, loaded and put away meanwhile: the end may come anywhere in that."""
    visitors = visiting(process, slugs)
    time.sleep(random.uniform(0.2, 1.6))
    return visitors
