"""The threads that deliveries fly in: they are kept, and none of them keeps the program from ending."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

Run = Callable[[], Any]


@dataclass
class Flights:
    """Runs functions in at most so many threads; what they return comes back through `landed`, whoever waits."""

    most: int
    _waiting: SimpleQueue[Run | None] = field(default_factory=SimpleQueue)
    _landed: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)
    _busy: int = 0  # those that were started and have not been gathered: only the dispatcher counts

    def start(self, run: Run) -> None:
        """`run` must not raise."""
        self._busy += 1
        if self._busy > len(self._threads) < self.most:
            thread = threading.Thread(target=self._fly, name=f"flight {len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._waiting.put(run)

    def landed(self, seconds: float) -> list[Any]:
        """All that has come back, after waiting for the first of it for so long."""
        found = []
        try:
            found.append(self._landed.get(timeout=seconds) if seconds > 0 else self._landed.get_nowait())
            while True:
                found.append(self._landed.get_nowait())
        except Empty:
            self._busy -= len(found)
            return found

    def end(self) -> None:
        """Let threads that wait end; those in the air end when they land."""
        for _ in self._threads:
            self._waiting.put(None)

    def _fly(self) -> None:
        while (run := self._waiting.get()) is not None:
            self._landed.put(run())
