"""The dispatcher: due rows out, outcomes in.

Only the process that holds the data directory delivers, so what is in the air is known here and nowhere else: a row
is pending until its outcome is written. A server that is killed in between has it still pending at its next start
and sends it again under the same id: at least once.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from routy.clock import MINUTE, Clock
from routy.deliveries.channel import Channel, Delivery, Outcome
from routy.deliveries.flights import Flights
from routy.deliveries.lanes import FAST_LANE, SLOW_LANE, Flight, Lanes
from routy.deliveries.outcomes import Landed, record
from routy.resource import Row
from routy.store.sqlite import Records, Transaction

log = logging.getLogger("routy.deliveries")

TARGETS_AT_ONCE = 256
LOOKED_THROUGH = 40  # due deliveries of one target, among which those are that may begin
PATIENCE = 0.1  # seconds to wait for a flight to land before looking for new ones
GATHER = 0.01  # seconds to wait for others, once one has landed: they share a commit
ASIDE = MINUTE  # a delivery that is sent by hand is not taken by the dispatcher for so long


@dataclass
class Dispatcher:
    """Delivers what is due. `deliver_once` and `close` are called by one thread."""

    records: Records
    channels: Mapping[str, Channel]
    clock: Clock
    draw: Callable[[], float] = random.random
    lanes: Lanes = field(default_factory=Lanes)
    flights: Flights = field(default_factory=lambda: Flights(FAST_LANE + SLOW_LANE + FAST_LANE))
    _unwritten: list[Landed] = field(default_factory=list)
    _after: str = ""

    def deliver_once(self) -> bool:
        """Write down what has landed, begin what may; True while anything is in the air."""
        self._gather(PATIENCE if self.lanes.flights else 0)
        begun = self._begin()
        return begun > 0 or bool(self.lanes.flights)

    def close(self, seconds: float) -> None:
        """Begin nothing more and write down what lands within so many seconds; the rest is tried again at the
        next start."""
        until = time.monotonic() + seconds
        while self.lanes.flights and time.monotonic() < until:
            self._gather(until - time.monotonic())
        self.flights.end()

    def send_aside(self, enqueue: Callable[[Transaction, int], str]) -> str:
        """Put in a delivery (`enqueue` is given the transaction and the moment that it is due) and make its first
        attempt in this very thread; its id."""
        now = self.clock()
        with self.records.transaction(now) as tx:
            delivery_id = enqueue(tx, now + ASIDE)
        row = self.records.one(_BY_ID, (delivery_id,))
        assert row is not None
        landed = self._fly(row)
        with self.records.transaction(self.clock()) as tx:
            record(tx, self.channels, [landed])
        return delivery_id

    # ---- in

    def _gather(self, seconds: float) -> None:
        landed = self.flights.landed(seconds)
        if landed and len(landed) < len(self.lanes.flights):
            time.sleep(GATHER)
            landed += self.flights.landed(0)
        for one in landed:
            self.lanes.end(one.key, one.outcome.ok)
        self._unwritten += landed
        if self._unwritten:
            with self.records.transaction(self.clock()) as tx:
                record(tx, self.channels, self._unwritten)
            self._unwritten = []

    # ---- out

    def _begin(self) -> int:
        if self.lanes.is_full():
            return 0
        now = self.clock()
        return sum(self._begin_some(target_id, now) for target_id in self.lanes.in_turn(self._due(now)))

    def _due(self, now: int) -> list[str]:
        """Targets that something is due to, some at a time where there are many."""
        rows = self.records.rows(_DUE, {"after": self._after, "now": now, "most": TARGETS_AT_ONCE})
        self._after = rows[-1]["target_id"] if len(rows) == TARGETS_AT_ONCE else ""
        return [row["target_id"] for row in rows if row["due"]]

    def _begin_some(self, target_id: str, now: int) -> int:
        room = self.lanes.room(target_id)
        if room <= 0:
            return 0
        begun, waiting = 0, self.lanes.flying_first()
        for row in self.records.rows(_CANDIDATES, (target_id, now, LOOKED_THROUGH)):
            about, first = (target_id, row["record_id"]), row["attempts"] == 0 and row["record_id"] is not None
            if row["key"] in self.lanes.flights or (first and about in waiting):
                continue
            waiting |= {about} if first else set()
            begun += self._begin_one(row["key"], first)
            if begun == room:
                break
        return begun

    def _begin_one(self, key: int, first: bool) -> bool:
        row = self.records.one(_BY_KEY, (key,))
        if row is None or row["channel"] not in self.channels:
            return False
        host = self.channels[row["channel"]].lane(_delivery(row))
        if self.lanes.host_room(row["target_id"], host) <= 0:
            return False
        self.lanes.begin(Flight(key, row["target_id"], row["record_id"], host, first, self.lanes.clock()))
        self.flights.start(partial(self._fly, row))
        return True

    def _fly(self, row: Row) -> Landed:
        """One attempt, in a thread of its own."""
        at, began, delivery = self.clock(), time.perf_counter(), _delivery(row)
        try:
            outcome = self.channels[delivery.channel].send(delivery)
        except Exception as error:
            log.exception("%s could not be tried", delivery.id)
            outcome = Outcome(False, error=f"it could not be tried: {type(error).__name__}")
        ms = round((time.perf_counter() - began) * 1000)
        return Landed(row["key"], delivery, delivery.attempt - row["forgiven"], outcome, at, ms, self.draw())


def _delivery(row: Row) -> Delivery:
    same = (
        *("id", "workspace_id", "channel", "target_id", "event_id", "type"),
        *("record_id", "sequence", "created_at"),
    )
    kept: dict[str, Any] = {name: row[name] for name in same}
    return Delivery(**kept, body=row["payload"], attempt=row["attempts"] + 1)


_DUE = """/* deliveries.due */
WITH RECURSIVE waiting (target_id) AS (
  SELECT min(target_id) FROM deliveries WHERE status = 'pending' AND target_id > :after
  UNION ALL
  SELECT (SELECT min(d.target_id) FROM deliveries d WHERE d.status = 'pending' AND d.target_id > w.target_id)
  FROM waiting w WHERE w.target_id IS NOT NULL LIMIT :most
)
SELECT w.target_id, EXISTS (
  SELECT 1 FROM deliveries d WHERE d.status = 'pending' AND d.target_id = w.target_id AND d.next_attempt_at <= :now
) AS due FROM waiting w WHERE w.target_id IS NOT NULL
"""
_CANDIDATES = """/* deliveries.candidates */ SELECT key, record_id, attempts FROM deliveries
WHERE status = 'pending' AND target_id = ? AND next_attempt_at <= ? ORDER BY next_attempt_at, key LIMIT ?
"""
_BY_KEY = "/* deliveries.by_key */ SELECT * FROM deliveries WHERE key = ? AND status = 'pending'"
_BY_ID = "/* deliveries.by_id */ SELECT * FROM deliveries WHERE id = ?"
