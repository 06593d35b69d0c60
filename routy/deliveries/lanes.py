"""Who may fly: so many at a time to one target and to one host, and two lanes, so that targets that hang, fail or
dawdle use up the threads of each other and never those of the others."""

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

QUICK_SECONDS = 1.0  # a flight that takes longer moves over into the slow lane, and its target with it
FAST_LANE, SLOW_LANE = 16, 32
FAST_EACH, SLOW_EACH = 4, 2  # flights at a time to one target
HOST_EACH = 16
MOST_KNOWN = 10_000

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Flight:
    delivery_key: int
    target_id: str
    record_id: str | None
    host: str
    first: bool  # the first try: what follows about the same record waits for it
    since: float


@dataclass
class Lanes:
    """What is in the air, and how each target did last. Used by one thread."""

    clock: Callable[[], float] = time.monotonic
    flights: dict[int, Flight] = field(default_factory=dict)
    _quick: OrderedDict[str, bool] = field(default_factory=OrderedDict)
    _turns: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _begun: int = 0

    def begin(self, flight: Flight) -> None:
        self.flights[flight.delivery_key] = flight
        self._begun += 1
        _remember(self._turns, flight.target_id, self._begun)

    def in_turn(self, targets: Iterable[str]) -> list[str]:
        """Those first that have not begun anything for longest: where room is scarce, nobody goes without."""
        return sorted(targets, key=lambda target_id: self._turns.get(target_id, 0))

    def end(self, delivery_key: int, ok: bool) -> Flight:
        """`ok`: it arrived. A target that nobody knows is not trusted to be quick until it has been so once."""
        flight = self.flights.pop(delivery_key)
        _remember(self._quick, flight.target_id, ok and self.clock() - flight.since < QUICK_SECONDS)
        return flight

    def room(self, target_id: str) -> int:
        """How many more may fly to a target now."""
        mine = [flight for flight in self.flights.values() if flight.target_id == target_id]
        fast = self._is_fast(target_id, mine)
        flying = sum(self._is_fast_flight(flight) == fast for flight in self.flights.values())
        lane, each = (FAST_LANE, FAST_EACH) if fast else (SLOW_LANE, SLOW_EACH if target_id in self._quick else 1)
        return max(0, min(lane - flying, each - len(mine)))

    def host_room(self, target_id: str, host: str) -> int:
        """The same to a host: quick targets there do not wait for the slow ones."""
        fast = self._quick.get(target_id, False)
        return HOST_EACH - sum(
            flight.host == host and self._is_fast_flight(flight) == fast for flight in self.flights.values()
        )

    def is_full(self) -> bool:
        counts = Counter(self._is_fast_flight(flight) for flight in self.flights.values())
        return counts[True] >= FAST_LANE and counts[False] >= SLOW_LANE

    def flying_first(self) -> set[tuple[str, str]]:
        """The targets and records whose first try is in the air."""
        return {(one.target_id, one.record_id) for one in self.flights.values() if one.first and one.record_id}

    def _is_fast(self, target_id: str, mine: list[Flight]) -> bool:
        return self._quick.get(target_id, False) and all(self._is_young(flight) for flight in mine)

    def _is_fast_flight(self, flight: Flight) -> bool:
        return self._quick.get(flight.target_id, False) and self._is_young(flight)

    def _is_young(self, flight: Flight) -> bool:
        return self.clock() - flight.since < QUICK_SECONDS


def _remember(kept: OrderedDict[str, Kept], target_id: str, value: Kept) -> None:
    """Of the targets that were heard of last."""
    kept[target_id] = value
    kept.move_to_end(target_id)
    if len(kept) > MOST_KNOWN:
        kept.popitem(last=False)
