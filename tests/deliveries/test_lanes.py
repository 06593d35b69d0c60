"""Who may fly: what hangs uses up the room of its like."""

from collections.abc import Iterator
from itertools import count

import pytest

from routy.deliveries.lanes import FAST_EACH, FAST_LANE, HOST_EACH, SLOW_EACH, SLOW_LANE, Flight, Lanes


class Air:
    """Lanes with a clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lanes = Lanes(lambda: self.now)
        self._keys: Iterator[int] = count()

    def begin(self, target: str, host: str = "a.example", record: str | None = None, first: bool = True) -> int:
        key = next(self._keys)
        self.lanes.begin(Flight(key, target, record, host, first, self.now))
        return key

    def fill(self, target: str) -> int:
        """Begin as many as may; how many."""
        room = self.lanes.room(target)
        for _ in range(room):
            self.begin(target)
        return room

    def prove(self, *targets: str) -> None:
        """One quick success of each."""
        for target in targets:
            self.lanes.end(self.begin(target), True)


@pytest.fixture
def air() -> Air:
    return Air()


def test_a_stranger_gets_one_flight_until_it_has_proved_itself(air: Air) -> None:
    assert air.fill("new") == 1 and air.lanes.room("new") == 0
    air.prove("good")
    assert air.lanes.room("good") == FAST_EACH


@pytest.mark.parametrize(("ok", "seconds"), [(False, 0.1), (True, 3.0), (False, 10.0)])
def test_who_fails_or_dawdles_is_slow(air: Air, ok: bool, seconds: float) -> None:
    key = air.begin("bad")
    air.now += seconds
    air.lanes.end(key, ok)
    assert air.lanes.room("bad") == SLOW_EACH


def test_any_number_of_hanging_strangers_leaves_the_fast_lane_alone(air: Air) -> None:
    air.prove("good")
    begun = sum(air.fill(f"hangs {n}") for n in range(100))
    assert begun == SLOW_LANE
    assert air.fill("good") == FAST_EACH


def test_good_targets_that_begin_to_hang_block_the_others_for_a_second(air: Air) -> None:
    air.prove("good", *(f"turns {n}" for n in range(4)))
    assert sum(air.fill(f"turns {n}") for n in range(4)) == FAST_LANE
    assert air.lanes.room("good") == 0
    air.now += 1.0
    assert air.lanes.room("good") == FAST_EACH
    assert air.lanes.room("turns 0") == 0


def test_one_host_has_only_so_much_room_and_its_slow_targets_leave_it_to_the_quick(air: Air) -> None:
    for n in range(HOST_EACH):
        air.begin(f"hangs {n}")
    assert air.lanes.host_room("hangs 0", "a.example") == 0
    assert air.lanes.host_room("hangs 0", "b.example") == HOST_EACH
    air.prove("good")
    assert air.lanes.host_room("good", "a.example") == HOST_EACH


def test_the_first_flights_of_records_are_known(air: Air) -> None:
    key = air.begin("one", record="link_1")
    air.begin("one", record="link_2", first=False)
    air.begin("one", record=None)
    assert air.lanes.flying_first() == {("one", "link_1")}
    air.lanes.end(key, True)
    assert air.lanes.flying_first() == set()


def test_it_is_full_when_both_lanes_are(air: Air) -> None:
    air.prove(*(f"good {n}" for n in range(4)))
    for n in range(SLOW_LANE):
        air.fill(f"new {n}")
    assert not air.lanes.is_full()
    for n in range(4):
        air.fill(f"good {n}")
    assert air.lanes.is_full()
