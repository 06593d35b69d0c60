"""The dispatcher, with a channel that does what a test says."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from routy.clock import DAY, HOUR, SECOND
from routy.deliveries.backoff import MOST_ATTEMPTS, wait_ms
from routy.deliveries.channel import Delivery, Outcome
from routy.deliveries.dispatch import Dispatcher
from routy.deliveries.lanes import SLOW_LANE
from routy.deliveries.outcomes import Landed, record
from routy.deliveries.queue import enqueue, forget_once
from routy.store.sqlite import Transaction
from tests.house import House

FINE, BAD = Outcome(True, 204), Outcome(False, 500, "it answered 500")
PATIENCE = 30.0


@dataclass
class Pigeon:
    """A channel. `answers` are by target; what is sent is noted, what is settled too."""

    name: str = "webhook"
    sent: list[Delivery] = field(default_factory=list)
    settlements: list[tuple[str, bool]] = field(default_factory=list)
    answers: dict[str, Callable[[Delivery], Outcome]] = field(default_factory=dict)
    woken: bool = False  # before what was held is written down

    def lane(self, delivery: Delivery) -> str:
        return delivery.target_id

    def send(self, delivery: Delivery) -> Outcome:
        self.sent.append(delivery)
        return self.answers.get(delivery.target_id, lambda _: FINE)(delivery)

    def holds(self, tx: Transaction, delivery: Delivery) -> bool:
        return not self.woken

    def settled(self, tx: Transaction, delivery: Delivery, outcome: Outcome, over: bool) -> None:
        self.settlements.append((delivery.id, over))


class Loft(House):
    """A house with pigeons instead of webhooks."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.pigeon = Pigeon()
        self.dispatcher = self.another()

    def another(self) -> Dispatcher:
        """A dispatcher that knows nothing of this one: as after a restart."""
        return Dispatcher(self.records, {"webhook": self.pigeon}, self.clock, draw=lambda: 0.0)

    def close(self) -> None:
        self.dispatcher.close(PATIENCE)
        super().close()

    def put(self, target: str = "wh_a", record: str | None = None, n: int = 1, **more: Any) -> list[str]:
        about: Any = {"workspace_id": self.owner.actor.workspace_id, "channel": "webhook", "target_id": target}
        with self.records.transaction(self.now) as tx:
            return [
                enqueue(tx, **about, type="link.created", body="{}", record_id=record, **more) for _ in range(n)
            ]

    def deliver(self) -> None:
        while self.dispatcher.deliver_once():
            pass

    def row(self, delivery_id: str) -> Any:
        return self.records.one("SELECT * FROM deliveries WHERE id = ?", (delivery_id,))

    def statuses(self) -> list[str]:
        return [row["status"] for row in self.records.rows("SELECT status FROM deliveries ORDER BY key")]

    def attempts(self, delivery_id: str) -> list[Any]:
        return self.records.rows("SELECT * FROM delivery_attempts WHERE delivery_id = ?", (delivery_id,))


@pytest.fixture
def loft(tmp_path: Path) -> Iterator[Loft]:
    loft = Loft(tmp_path)
    yield loft
    loft.close()


def test_what_is_put_in_is_sent_once_and_settled(loft: Loft) -> None:
    ids = loft.put(n=50)
    loft.deliver()
    loft.deliver()
    assert sorted(one.id for one in loft.pigeon.sent) == sorted(ids)
    assert loft.statuses() == ["delivered"] * 50
    assert sorted(loft.pigeon.settlements) == sorted((one, True) for one in ids)


def test_the_schedule_of_one_that_always_fails_is_the_documented_one(loft: Loft) -> None:
    """By a clock that jumps to each next try: not a millisecond earlier."""
    loft.pigeon.answers["wh_a"] = lambda delivery: BAD
    [delivery_id] = loft.put()
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        loft.deliver()
        row, begun = loft.row(delivery_id), loft.now
        assert row["attempts"] == attempt == len(loft.pigeon.sent)
        if attempt < MOST_ATTEMPTS:
            assert row["status"] == "pending"
            ms = loft.attempts(delivery_id)[-1]["ms"]
            waits.append(row["next_attempt_at"] - begun - ms)
            loft.now = row["next_attempt_at"] - 1
            loft.deliver()
            assert len(loft.pigeon.sent) == attempt
            loft.now += 1
    assert waits == [wait_ms(attempt, 0) for attempt in range(1, MOST_ATTEMPTS)]
    assert (row["status"], row["next_attempt_at"], row["last_status"]) == ("failed", None, 500)
    assert loft.pigeon.settlements == [(delivery_id, False)] * (MOST_ATTEMPTS - 1) + [(delivery_id, True)]


def test_each_try_is_kept(loft: Loft) -> None:
    answers = [
        Outcome(False, None, "the connection was refused", {"url": "x"}),
        Outcome(True, 200, "", {}, {"status": 200}),
    ]
    loft.pigeon.answers["wh_a"] = lambda delivery: answers[delivery.attempt - 1]
    [delivery_id] = loft.put()
    loft.deliver()
    loft.now += HOUR
    loft.deliver()
    kept = [(one["number"], one["ok"], one["status"], one["error"]) for one in loft.attempts(delivery_id)]
    assert kept == [(1, 0, None, "the connection was refused"), (2, 1, 200, None)]
    assert loft.row(delivery_id)["last_error"] is None


def test_who_asks_for_time_gets_it(loft: Loft) -> None:
    loft.pigeon.answers["wh_a"] = lambda delivery: Outcome(False, 429, "it answered 429", retry_after_ms=5 * HOUR)
    [delivery_id] = loft.put()
    loft.deliver()
    assert 5 * HOUR <= loft.row(delivery_id)["next_attempt_at"] - loft.now < 5 * HOUR + SECOND * 30


def test_what_has_no_use_is_not_tried_again(loft: Loft) -> None:
    loft.pigeon.answers["wh_a"] = lambda delivery: Outcome(False, 410, "it answered 410", final=True)
    loft.put()
    loft.deliver()
    assert loft.statuses() == ["failed"]


def test_what_is_held_waits_and_was_no_try(loft: Loft) -> None:
    loft.pigeon.answers["wh_a"] = lambda delivery: Outcome(False, held=True)
    [delivery_id] = loft.put()
    loft.deliver()
    assert (loft.statuses(), loft.row(delivery_id)["attempts"]) == (["paused"], 0)
    assert loft.attempts(delivery_id) == loft.pigeon.settlements == []


def test_what_is_held_while_its_target_is_woken_does_not_rest_for_ever(loft: Loft) -> None:
    loft.pigeon.answers["wh_a"] = lambda delivery: FINE if len(loft.pigeon.sent) > 1 else Outcome(False, held=True)
    loft.pigeon.woken = True
    [delivery_id] = loft.put()
    loft.deliver()
    assert (loft.statuses(), loft.row(delivery_id)["attempts"]) == (["delivered"], 1)


def test_nothing_is_sent_before_its_time(loft: Loft) -> None:
    loft.put(at=loft.now + HOUR)
    loft.deliver()
    assert loft.pigeon.sent == []
    loft.now += HOUR
    loft.deliver()
    assert len(loft.pigeon.sent) == 1


def test_a_channel_that_breaks_is_a_try_that_failed(loft: Loft) -> None:
    def breaks(delivery: Delivery) -> Outcome:
        raise ZeroDivisionError

    loft.pigeon.answers["wh_a"] = breaks
    [delivery_id] = loft.put()
    loft.deliver()
    assert loft.row(delivery_id)["last_error"] == "it could not be tried: ZeroDivisionError"
    assert loft.statuses() == ["pending"]


def test_what_follows_from_one_cannot_undo_the_others(loft: Loft) -> None:
    def settled(tx: Transaction, delivery: Delivery, outcome: Outcome, over: bool) -> None:
        tx.run("UPDATE deliveries SET type = 'broken'")
        raise ZeroDivisionError

    loft.pigeon.settled = settled  # type: ignore[method-assign]
    loft.put(n=3)
    loft.deliver()
    assert loft.statuses() == ["delivered"] * 3
    assert loft.records.one("SELECT count(*) AS n FROM deliveries WHERE type = 'broken'") == {"n": 0}


def test_an_unknown_channel_waits_for_somebody_who_knows_it(loft: Loft) -> None:
    loft.put()
    loft.dispatcher.channels = {}
    loft.deliver()
    loft.dispatcher.channels = {"webhook": loft.pigeon}
    loft.deliver()
    assert loft.statuses() == ["delivered"]


# ---- order


def test_what_is_about_one_record_is_sent_one_after_the_other(loft: Loft) -> None:
    """The second is not begun while the first is in the air, though there is room; other records do not wait."""
    gate, flying = threading.Event(), threading.Event()

    def hold(delivery: Delivery) -> Outcome:
        if delivery.record_id == "link_1" and delivery.sequence == 1:
            flying.set()
            gate.wait(PATIENCE)
        return FINE

    loft.put()
    loft.deliver()  # the target is known and quick
    loft.pigeon.answers["wh_a"] = hold
    for sequence in range(1, 6):
        loft.put(record="link_1", sequence=sequence)
    loft.put(record="link_2", sequence=7)
    loft.dispatcher.deliver_once()
    assert flying.wait(PATIENCE)
    while len(loft.pigeon.sent) < 3:
        loft.dispatcher.deliver_once()
    for _ in range(5):
        loft.dispatcher.deliver_once()
    assert [one.sequence for one in loft.pigeon.sent[1:]] in ([1, 7], [7, 1])
    gate.set()
    loft.deliver()
    assert [one.sequence for one in loft.pigeon.sent if one.record_id == "link_1"] == [1, 2, 3, 4, 5]


def test_one_that_fails_lets_those_behind_it_pass(loft: Loft) -> None:
    loft.pigeon.answers["wh_a"] = lambda delivery: BAD if delivery.sequence == 1 else FINE
    for sequence in range(1, 4):
        loft.put(record="link_1", sequence=sequence)
    loft.deliver()
    assert loft.statuses() == ["pending", "delivered", "delivered"]


# ---- one does not hold another


def test_a_stranger_gets_its_turn_among_more_that_hang_than_there_is_room_for(loft: Loft) -> None:
    """Each of those has more to send, and none of them may take the place of one that has had none."""
    gate = threading.Semaphore(0)

    def hang(delivery: Delivery) -> Outcome:
        gate.acquire(timeout=PATIENCE)
        return BAD

    for n in range(40):
        loft.pigeon.answers[f"wh_{n:02d}"] = hang
        loft.put(f"wh_{n:02d}", n=20)
    loft.put("wh_zz")
    for _ in range(SLOW_LANE):
        loft.dispatcher.deliver_once()
        gate.release()
    loft.dispatcher.deliver_once()
    loft.dispatcher.deliver_once()
    assert "wh_zz" in {one.target_id for one in loft.pigeon.sent}
    gate.release(10_000)


def rows_of(loft: Loft, target: str) -> list[Any]:
    return loft.records.rows("SELECT status FROM deliveries WHERE target_id = ?", (target,))


def test_a_known_target_flies_past_any_number_that_hang(loft: Loft) -> None:
    gate = threading.Event()

    def hang(delivery: Delivery) -> Outcome:
        gate.wait(PATIENCE)
        return BAD

    loft.put("wh_good")
    loft.deliver()
    for n in range(60):
        loft.pigeon.answers[f"wh_{n:02d}"] = hang
        loft.put(f"wh_{n:02d}", n=5)
    loft.put("wh_good", n=200)
    try:
        while any(row["status"] == "pending" for row in rows_of(loft, "wh_good")):
            assert loft.dispatcher.deliver_once()
        assert not gate.is_set()
    finally:
        gate.set()


def test_many_targets_all_get_their_turn(loft: Loft) -> None:
    for n in range(300):
        loft.put(f"wh_{n:03d}")
    while loft.dispatcher.deliver_once():
        pass
    for _ in range(5):
        loft.deliver()
    assert set(loft.statuses()) == {"delivered"}


# ---- an end in mid-air


def test_what_was_in_the_air_at_a_crash_is_sent_again_under_its_id(loft: Loft) -> None:
    gate = threading.Event()

    def hang(delivery: Delivery) -> Outcome:
        gate.wait(PATIENCE)
        return FINE

    loft.pigeon.answers["wh_a"] = hang
    [delivery_id] = loft.put()
    loft.dispatcher.deliver_once()
    loft.dispatcher.close(0)  # as if it had been killed: what lands is written down by nobody
    loft.pigeon.answers.clear()
    loft.dispatcher = loft.another()
    loft.deliver()
    gate.set()
    assert [one.id for one in loft.pigeon.sent] == [delivery_id] * 2
    assert loft.statuses() == ["delivered"]


def test_what_could_not_be_written_down_is_written_down_later_and_not_sent_twice(
    loft: Loft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(tx: Transaction, channels: Any, landed: Sequence[Landed]) -> None:
        raise OSError("disk full")

    loft.put(n=3)
    with monkeypatch.context() as patch:
        patch.setattr("routy.deliveries.dispatch.record", broken)
        with pytest.raises(OSError, match="disk full"):
            loft.deliver()
    assert set(loft.statuses()) == {"pending"}
    loft.deliver()
    assert (loft.statuses(), len(loft.pigeon.sent)) == (["delivered"] * 3, 3)


def test_one_that_is_gone_meanwhile_is_left_alone(loft: Loft) -> None:
    [delivery_id] = loft.put()
    row = loft.row(delivery_id)
    landed = loft.dispatcher._fly(row)
    with loft.records.transaction(loft.now) as tx:
        tx.run("DELETE FROM deliveries")
        record(tx, loft.dispatcher.channels, [landed])
    assert loft.pigeon.settlements == loft.statuses() == []


def test_old_deliveries_are_forgotten_but_those_that_are_yet_to_be_sent(loft: Loft) -> None:
    loft.put("wh_a", n=2)
    loft.deliver()
    loft.put("wh_b", status="paused")
    loft.put("wh_c", at=loft.now + 90 * DAY)
    loft.now += 31 * DAY
    loft.put("wh_d")
    while forget_once(loft.records, loft.clock, 30):
        pass
    assert loft.statuses() == ["pending", "pending"]
    assert loft.records.rows("SELECT * FROM delivery_attempts") == []
