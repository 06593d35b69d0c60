"""Figures that are kept for as long as they are true, and made once however many ask for them at the same time.

An answer is fresh for some seconds. After that one visitor has to look whether the clicks have moved on, and makes
it anew if so; whoever comes meanwhile gets the one before.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from routy.clock import SECOND, Clock
from routy.errors import Unavailable

Thing = TypeVar("Thing")

FRESH = 5 * SECOND
MOST = 1000
WAIT_SECONDS = 5.0


@dataclass
class _Entry(Generic[Thing]):
    value: Thing
    state: str
    seen_at: int


@dataclass
class _Making(Generic[Thing]):
    """Somebody makes it; the others wait."""

    done: threading.Event = field(default_factory=threading.Event)
    value: Thing | None = None
    error: BaseException | None = None


class Kept(Generic[Thing]):
    """`made` counts how often a value was made."""

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self.made = 0
        self._clock, self._most = clock, most
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _Entry[Thing]] = OrderedDict()
        self._makings: dict[Hashable, _Making[Thing]] = {}

    def get(self, key: Hashable, state: Callable[[], str], make: Callable[[], Thing]) -> Thing:
        """The value of a key; `state` changes whenever `make` would make another."""
        now = self._clock()
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and abs(now - entry.seen_at) < FRESH:
                self._entries.move_to_end(key)
                return entry.value
            making = self._makings.get(key)
            if making is not None and entry is not None:
                return entry.value
            if making is None:
                mine = self._makings[key] = _Making()
        return self._wait(making) if making is not None else self._lead(key, entry, mine, state, make, now)

    def _wait(self, making: _Making[Thing]) -> Thing:
        if not making.done.wait(WAIT_SECONDS):
            raise Unavailable("these figures take too long", retry_after=5)
        if making.error is not None:
            raise making.error
        assert making.value is not None
        return making.value

    def _lead(
        self,
        key: Hashable,
        entry: _Entry[Thing] | None,
        mine: _Making[Thing],
        state: Callable[[], str],
        make: Callable[[], Thing],
        now: int,
    ) -> Thing:
        try:
            found = state()
            if entry is None or entry.state != found:
                entry = _Entry(make(), found, now)
            mine.value, entry.seen_at = entry.value, now
            self._keep(key, entry)
        except BaseException as error:
            mine.error = error
            raise
        else:
            return entry.value
        finally:
            with self._lock:
                del self._makings[key]
            mine.done.set()

    def _keep(self, key: Hashable, entry: _Entry[Thing]) -> None:
        with self._lock:
            self.made += entry is not self._entries.get(key)
            self._entries[key] = entry
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
