"""Click limits, kept exactly: a place is reserved before the line is written, and given back if it cannot be.

Counts are of this process's memory, on top of a base that is learned from what was stored and spooled before: at
the start ahead of the first answer, and for a link that gets a limit later as soon as somebody has counted. That
count is of the clicks before `since`; those from then on are counted here.
"""

import threading
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from routy.clock import LAST, Clock, system_clock

MOST_TOLD = 10_000


class Reached(NamedTuple):
    link_key: int
    limit: int


class Cap:
    """`sent` counts all redirects but those of previews, `people` those of people. `since` is None once the base is
    known."""

    __slots__ = ("counts_people", "limit", "people", "sent", "since")

    def __init__(self, limit: int, counts_people: bool, since: int | None) -> None:
        self.limit, self.counts_people, self.since = limit, counts_people, since
        self.sent = self.people = 0

    @property
    def full(self) -> bool:
        return (self.people if self.counts_people else self.sent) >= self.limit


class Caps:
    """The limited links of the table, by key. The lock is held for a few additions."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self.reached: deque[Reached] = deque(maxlen=MOST_TOLD)  # for the worker that tells of it
        self._clock = clock
        self._lock = threading.Lock()
        self._caps: dict[int, Cap] = {}

    def __contains__(self, link_key: int) -> bool:
        return link_key in self._caps

    # ---- on the click walk

    def is_full(self, link_key: int) -> bool:
        cap = self._caps.get(link_key)
        return cap is not None and cap.full

    def reserve(self, link_key: int, class_: str, now: int) -> tuple[bool, bool]:
        """Whether a visit may be sent on, and whether it took a place that `release` can give back."""
        with self._lock:
            cap = self._caps.get(link_key)
            if cap is None:
                return True, False
            if cap.full:
                return False, False
            if class_ == "preview" or (cap.since is not None and now < cap.since):
                return True, False
            cap.sent += 1
            cap.people += class_ == "human"
            self._note(link_key, cap)
            return True, True

    def release(self, link_key: int, class_: str) -> None:
        """Its click could not be kept: the place is free again."""
        with self._lock:
            cap = self._caps.get(link_key)
            if cap is not None:
                cap.sent -= 1
                cap.people -= class_ == "human"

    def near(self, percent: int) -> dict[int, tuple[int, int]]:
        """The links that have used so much of their limit: what they have used, and the limit."""
        with self._lock:
            known = [(key, cap) for key, cap in self._caps.items() if cap.since is None]
        used = [(key, cap.people if cap.counts_people else cap.sent, cap.limit) for key, cap in known]
        return {key: (taken, limit) for key, taken, limit in used if 100 * taken >= percent * limit}

    # ---- following the table

    def put(self, link_key: int, limit: int, counts_people: bool, fresh: bool) -> None:
        """A link has this limit; call it before visits can find the link as limited. `fresh`: it has just been
        made, nobody has clicked on it. Else what was sent before is not known yet, and `opened` has to follow."""
        with self._lock:
            cap = self._caps.get(link_key)
            if cap is None:
                self._caps[link_key] = Cap(limit, counts_people, None if fresh else LAST)
                return
            changed = (cap.limit, cap.counts_people) != (limit, counts_people)
            cap.limit, cap.counts_people = limit, counts_people
            if changed:
                self._note(link_key, cap)

    def opened(self, link_key: int) -> None:
        """From now on visits find the link as limited: those that come in later than this millisecond are counted
        here, all earlier ones are in the base."""
        with self._lock:
            cap = self._caps.get(link_key)
            if cap is not None and cap.since == LAST:
                cap.since = self._clock() + 1

    def forget(self, link_key: int) -> None:
        with self._lock:
            self._caps.pop(link_key, None)

    # ---- the base

    def waiting(self) -> dict[int, int]:
        """The links whose base is not known, each with the moment before which its clicks are to be counted."""
        with self._lock:
            return {key: cap.since for key, cap in self._caps.items() if cap.since not in (None, LAST)}

    def learn(self, figures: Mapping[int, tuple[int, int]]) -> None:
        """What was sent before, all and people, by link key. Links that are not waiting for it are left alone."""
        with self._lock:
            for link_key, (sent, people) in figures.items():
                cap = self._caps.get(link_key)
                if cap is not None and cap.since is not None:
                    cap.sent, cap.people, cap.since = cap.sent + sent, cap.people + people, None
                    self._note(link_key, cap)

    def _note(self, link_key: int, cap: Cap) -> None:
        if cap.full:
            self.reached.append(Reached(link_key, cap.limit))
