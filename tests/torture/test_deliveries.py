"""Events to many endpoints, of which some fail, hang or dawdle, while the server is killed again and again: whoever
is well gets every event at least once."""

from typing import Any

from tests.deliveries.crowd import crowd, seen
from tests.torture.conftest import Begin
from tests.walks.process import Process, until

AT_ONCE = 100
SETTINGS = {"outbound.allowed_networks": "127.0.0.0/8"}
ILL = ("fails", "hangs", "slow", "fails", "hangs")  # the slow one is well, and needs its time
WAIT_SECONDS = 120.0


def test_everybody_who_is_well_gets_everything(begin: Begin, torture: bool) -> None:
    events, count, kills = (10_000, 20, 3) if torture else (300, 8, 2)
    process = begin(settings=SETTINGS)
    with crowd(count) as addresses:
        kinds = [*ILL[: count // 4], *["ok"] * (count - count // 4)]
        hooks = [_listen(process, f"{place}/{kind}") for place, kind in zip(addresses, kinds, strict=True)]
        _make(process, events, kills)
        ids = _created(process)
        assert len(ids) >= events
        well = [place for place, kind in zip(addresses, kinds, strict=True) if kind == "ok"]
        seconds = WAIT_SECONDS + events * count / 100
        until(lambda: all(ids <= seen(place).keys() for place in well), "everybody to have all", seconds)
        _expect_nothing_lost(process, hooks, ids)


def _listen(process: Process, url: str) -> str:
    return str(process.call("POST", "/webhooks", {"url": url, "events": ["link.created"]})["id"])


def _make(process: Process, events: int, kills: int) -> None:
    """So many links, with kills at even distances in between."""
    rounds = events // AT_ONCE
    deadly = {rounds * (n + 1) // (kills + 1) for n in range(kills)}
    for number in range(rounds):
        items = [{"destination": f"https://shop.example/{number}/{n}"} for n in range(AT_ONCE)]
        process.call("POST", "/links/batch", {"items": items})
        if number in deadly:
            until(lambda: _count(process, "delivered") > 0, "something to be under way")
            process.kill()
            process.start()


def _created(process: Process) -> set[str]:
    """The ids of all events that webhooks ask for."""
    found: set[str] = set()
    after = 0
    while rows := process.call("GET", "/events", after=str(after), limit="1000"):
        found |= {row["id"] for row in rows if row["type"] == "link.created"}
        after = rows[-1]["seq"]
    return found


def _count(process: Process, status: str) -> int:
    return len(process.call("GET", "/deliveries", status=status, limit="1"))


def _expect_nothing_lost(process: Process, hooks: list[str], ids: set[str]) -> None:
    """Each event has exactly one delivery to each webhook, arrived or still waiting."""
    for hook in hooks:
        rows: list[Any] = []
        for page in range(1, len(ids) // 1000 + 2):
            given = {"page": str(page), "limit": "1000", "fields": "event_id,status", "target_id": hook}
            rows += process.call("GET", "/deliveries", **given)
        assert sorted(row["event_id"] for row in rows) == sorted(ids)
        assert {row["status"] for row in rows} <= {"delivered", "pending"}
