"""The threads behind: steps, failures, the end."""

import logging
import threading
import time
from collections.abc import Callable

import pytest

from routy.work.loop import LONGEST_PAUSE, Loop, State, Worker


def until(ask: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ask():
            return True
        time.sleep(0.005)
    return False


def loop_of(*steps: Callable[[], bool], every: float = 60) -> Loop:
    return Loop([Worker(f"worker {n}", step, every, "for the test") for n, step in enumerate(steps)])


def test_a_step_runs_again_at_once_while_there_is_more() -> None:
    left = [True, True, True, False]
    loop = loop_of(lambda: left.pop(0))
    loop.start()
    assert until(lambda: not left)
    loop.stop(5)
    assert loop.states["worker 0"].figures()["runs"] == 4


def test_a_step_runs_every_so_often() -> None:
    times: list[int] = []
    loop = loop_of(lambda: bool(times.append(1)), every=0.01)
    loop.start()
    assert until(lambda: len(times) >= 3)
    loop.stop(5)
    count = len(times)
    assert not until(lambda: len(times) > count, 0.05), "it goes on after it was stopped"


def test_stopping_wakes_those_who_wait_and_lets_those_who_work_finish() -> None:
    working, finish = threading.Event(), threading.Event()
    done: list[bool] = []

    def long_step() -> bool:
        working.set()
        done.append(finish.wait(10))
        return False

    loop = loop_of(lambda: False, long_step)
    loop.start()
    assert working.wait(10)
    threading.Timer(0.05, finish.set).start()
    loop.stop(10)
    assert done == [True]
    assert not any(thread.is_alive() for thread in loop.threads)


def test_a_step_that_does_not_end_is_not_waited_for_for_ever() -> None:
    never = threading.Event()
    loop = loop_of(lambda: never.wait(30))
    loop.start()
    loop.stop(0.05)
    assert loop.threads[0].is_alive() and loop.threads[0].daemon
    never.set()
    loop.threads[0].join(10)


def test_a_failure_is_told_counted_and_forgotten_after_the_next_success(caplog: pytest.LogCaptureFixture) -> None:
    answers: list[Exception | bool] = [ValueError("no room"), ValueError("no room"), False]

    def step() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    loop, state = loop_of(step), State(Worker("failing", step, 7, ""))
    pauses = [loop._run(state)]
    assert state.figures()["error"] == "ValueError: no room"
    pauses.append(loop._run(state))
    assert (state.failures, "no room" in caplog.text) == (2, True)
    pauses.append(loop._run(state))
    assert (state.failures, state.error, state.runs) == (0, "", 1)
    assert pauses == [1, 2, 7]


def test_pauses_after_failures_grow_to_a_minute_and_no_further(caplog: pytest.LogCaptureFixture) -> None:
    def step() -> bool:
        raise OSError("for ever")

    caplog.set_level(logging.CRITICAL)
    loop, state = loop_of(step), State(Worker("failing", step, 7, ""))
    pauses = [loop._run(state) for _ in range(1100)]
    assert pauses[:7] == [1, 2, 4, 8, 16, 32, 60] and set(pauses[7:]) == {LONGEST_PAUSE}


def test_one_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    times: list[int] = []

    def fail() -> bool:
        raise OSError("broken")

    loop = loop_of(fail, lambda: bool(times.append(1)), every=0.01)
    loop.start()
    assert until(lambda: len(times) >= 3 and loop.states["worker 0"].failures >= 1)
    loop.stop(5)
