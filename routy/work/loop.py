"""One worker: a thread that calls its step again and again until it is told to stop.

A step does one unit of work and returns True when there is more. It may fail: the failure is logged, shown by
health, and the step is tried again after a pause that grows from 1 to 60 seconds.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("routy.work")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0


@dataclass(frozen=True)
class Worker:
    """A row of the table: what is done, how often (in seconds), and why."""

    name: str
    step: Callable[[], bool]
    every: float
    doc: str


@dataclass
class State:
    """How a worker fares, for health."""

    worker: Worker
    runs: int = 0
    failures: int = 0  # in a row
    error: str = ""
    last_ms: float = 0.0
    slowest_ms: float = 0.0

    def figures(self) -> dict[str, Any]:
        times = {"last_ms": round(self.last_ms, 2), "slowest_ms": round(self.slowest_ms, 2)}
        return {"runs": self.runs, "failures": self.failures, "error": self.error, **times}


@dataclass
class Loop:
    """The threads of all workers; one Event stops them."""

    workers: list[Worker]
    stopping: threading.Event = field(default_factory=threading.Event)
    states: dict[str, State] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for worker in self.workers:
            self.states[worker.name] = State(worker)
            thread = threading.Thread(
                target=self._turn, args=(self.states[worker.name],), name=worker.name, daemon=True
            )
            self.threads.append(thread)
            thread.start()

    def stop(self, patience: float) -> None:
        """Let every step finish, for so many seconds together."""
        self.stopping.set()
        until = time.monotonic() + patience
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _turn(self, state: State) -> None:
        while not self.stopping.wait(self._run(state)):
            pass

    def _run(self, state: State) -> float:
        """One step; how long to wait before the next."""
        began = time.perf_counter()
        try:
            more = state.worker.step()
        except Exception as error:
            state.failures += 1
            state.error = f"{type(error).__name__}: {error}"
            log.exception("%s failed, %d times in a row", state.worker.name, state.failures)
            return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(state.failures - 1, 6)))
        state.runs += 1
        state.failures, state.error = 0, ""
        state.last_ms = (time.perf_counter() - began) * 1000
        state.slowest_ms = max(state.slowest_ms, state.last_ms)
        return 0.0 if more else state.worker.every
