"""The account of a run: answered = stored + spooled + refused(reason).

Answers are counted apart from appends, by whoever gives them, so that the two sides can disagree; what is stored
is counted by the loader from its transactions. Each thread counts in cells of its own: no lock, nothing lost.
"""

import threading
from collections import Counter
from typing import Any

from routy.clicks.spool import Spool
from routy.clock import MINUTE, Clock, system_clock

LATELY_MS = 10 * MINUTE


class Tally:
    """Counts by name, added to by many threads without a lock."""

    def __init__(self) -> None:
        self._local = threading.local()
        self._cells: list[dict[str, int]] = []

    def add(self, name: str) -> None:
        try:
            cell = self._local.cell
        except AttributeError:
            cell = self._local.cell = {}
            self._cells.append(cell)
        cell[name] = cell.get(name, 0) + 1

    def counts(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for cell in self._cells:
            total.update(cell.copy())
        return dict(total)

    def total(self) -> int:
        return sum(sum(cell.copy().values()) for cell in self._cells)


class Refusals(Tally):
    """Refused clicks by their reason, and when the last one of each was."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._last: dict[str, int] = {}

    def add(self, name: str) -> None:
        super().add(name)
        self._last[name] = self._clock()

    def lately(self) -> list[str]:
        """The reasons of the last ten minutes."""
        since = self._clock() - LATELY_MS
        return sorted(name for name, at in self._last.copy().items() if at > since)


class Books:
    """`begun` counts before a click is kept and `answered` after it, so that the account can be checked while
    clicks come in: between two readings it must lie between the two."""

    def __init__(self, run: str, clock: Clock = system_clock) -> None:
        self.run, self._clock = run, clock
        self.begun, self.answered, self.refused = Tally(), Tally(), Refusals(clock)

    def figures(self, spool: Spool) -> dict[str, Any]:
        """For health: the counts of this run and whether they add up."""
        answered = self.answered.counts()
        stored, spooled = spool.account()
        refused = self.refused.counts()
        kept = stored + spooled + sum(refused.values())
        return {
            "run": self.run,
            "answered": sum(answered.values()),
            "answered_by_branch": answered,
            "stored": stored,
            "spooled": spooled,
            "refused": refused,
            "refused_lately": self.refused.lately(),
            **spool.figures(),
            "holds": sum(answered.values()) <= kept <= self.begun.total(),
        }

    def problems(self, spool: Spool) -> list[str]:
        """What is wrong, in words. What was lost goes on to be counted; it is a problem for ten minutes."""
        figures = self.figures(spool)
        wrong = [] if figures["holds"] else ["the books do not hold: answered is not stored + spooled + refused"]
        wrong += [
            f"{figures['refused'][reason]} clicks were not recorded: {reason}"
            for reason in figures["refused_lately"]
        ]
        failed_at = figures["sync_failed_at"]
        if failed_at is not None and failed_at > self._clock() - LATELY_MS:
            wrong.append(f"the spool could not be brought to disk {figures['sync_failures']} times")
        return wrong
