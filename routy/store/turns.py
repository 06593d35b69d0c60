"""Turns: so many at a time, and who came first goes first.

A semaphore of the standard library lets one that comes again at once pass those that wait; a long export, which
comes again for each of its parts, would keep every report out.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Let in at most `at_once`."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self, wait_seconds: float) -> Iterator[None]:
        """Be inside; TimeoutError when nobody has left for so long."""
        self._come(wait_seconds)
        try:
            yield
        finally:
            self._leave()

    def _come(self, wait_seconds: float) -> None:
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return
            called = threading.Event()
            self._waiting.append(called)
        called.wait(wait_seconds)
        with self._lock:
            if not called.is_set():
                self._waiting.remove(called)
                raise TimeoutError

    def _leave(self) -> None:
        """The place goes to whoever is next, without being free in between."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
