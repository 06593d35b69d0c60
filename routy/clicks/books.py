"""The account of a run: answered = stored + spooled + refused(reason).

Answers are counted apart from appends, by whoever gives them, so that the two sides can disagree; what is stored
is counted by the loader from its transactions. Each thread counts in cells of its own: no lock, nothing lost.
"""

import threading
from collections import Counter
from typing import Any

from routy.clicks.spool import Spool


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


class Books:
    """`begun` counts before a click is kept and `answered` after it, so that the account can be checked while
    clicks come in: between two readings it must lie between the two."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.begun, self.answered, self.refused = Tally(), Tally(), Tally()

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
            "holds": sum(answered.values()) <= kept <= self.begun.total(),
        }
