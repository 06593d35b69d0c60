"""Which events become deliveries to whom, exactly once, and what pausing, resuming and deleting do to them."""

import json
from typing import Any

import pytest

from routy.clock import DAY, HOUR, MINUTE, iso
from routy.outbound import Guard
from routy.webhooks import telling
from routy.webhooks.telling import AT_ONCE, fan_out_once
from tests.deliveries.receiver import Receiver, says
from tests.webhooks.post_office import PostOffice

NOBODY = "https://hooks.acme.example/routy"


def told(office: PostOffice, hook: Any) -> list[str]:
    office.fan_out()
    return [one["type"] for one in office.deliveries(target_id=hook["id"])]


# ---- what it asks for


def test_names_families_and_everything(office: PostOffice) -> None:
    hooks = [
        office.webhook(NOBODY, events=events) for events in (["link.updated"], ["link.*", "tag.created"], ["*"])
    ]
    link = office.link("a")
    office.change(f"/links/{link['id']}", title="b")
    office.call("POST", "/tags", {"name": "t"})
    office.call("DELETE", f"/links/{link['id']}")
    assert [told(office, hook) for hook in hooks] == [
        ["link.updated"],
        ["link.created", "link.updated", "tag.created", "link.deleted"],
        ["webhook.created", "link.created", "link.updated", "tag.created", "link.deleted"],
    ]


def test_one_link_is_a_level(office: PostOffice) -> None:
    link, other = office.link("a"), office.link("b")
    hook = office.webhook(NOBODY, subject_id=link["id"], events=["*"])
    office.change(f"/links/{other['id']}", title="x")
    office.change(f"/links/{link['id']}", title="x")
    assert told(office, hook) == ["link.updated"]


def test_a_condition_is_asked_of_the_record_as_it_is_then(office: PostOffice) -> None:
    hook = office.webhook(NOBODY, events=["link.updated"], condition="status=paused&slug[prefix]=a")
    for slug in ("a", "b"):
        link = office.link(slug)
        for status in ("paused", "active"):
            office.change(f"/links/{link['id']}", status=status)
    office.fan_out()
    [delivery] = office.deliveries(target_id=hook["id"])
    data = json.loads(delivery["payload"])["data"]
    assert (data["slug"], data["status"]) == ("a", "paused")


def test_another_workspace_hears_nothing(office: PostOffice) -> None:
    office.now += 1
    made = office.call("POST", "/webhooks", {"url": NOBODY}, office.stranger)
    office.link("a")
    office.fan_out()
    assert made.status == 201
    theirs = office.call("GET", "/deliveries", as_=office.stranger).data
    assert {one["type"] for one in theirs} <= {"webhook.created"}
    assert office.deliveries() == []


def test_what_happened_before_there_was_a_webhook_is_not_told(office: PostOffice) -> None:
    """Not even what the worker has yet to read."""
    office.link("before")
    office.now += 1
    hook = office.make_unheard(NOBODY)
    office.link("after")
    office.fan_out()
    assert [json.loads(one["payload"])["data"]["slug"] for one in office.deliveries(target_id=hook["id"])] == [
        "after"
    ]


def test_each_event_is_told_once_however_often_the_worker_runs(office: PostOffice) -> None:
    hook = office.webhook(NOBODY)
    items = [{"destination": f"https://shop.example/{n}"} for n in range(AT_ONCE + 50)]
    office.call("POST", "/links/batch", {"items": items})
    assert fan_out_once(office.records, office.clock) is True
    office.fan_out()
    office.fan_out()
    events = [one["id"] for one in office.call("GET", "/events", type="link.created", limit="1000", after="0").data]
    assert [one["event_id"] for one in office.deliveries(target_id=hook["id"])] == events
    assert len(events) == AT_ONCE + 50


def test_many_webhooks_are_told_in_small_transactions(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_PUT", 10)
    for _ in range(3):
        office.webhook(NOBODY)
    for n in range(10):
        office.link(f"s{n}")
    assert fan_out_once(office.records, office.clock) is True
    assert 0 < len(office.deliveries()) < 30
    office.fan_out()
    assert len(office.deliveries()) == 30


def test_a_crash_in_between_tells_nothing_twice(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = office.webhook(NOBODY)
    for n in range(5):
        office.link(f"s{n}")

    def breaks(*_: Any) -> str:
        if len(seen) == 3:
            raise ZeroDivisionError
        seen.append(put_in(*_))
        return seen[-1]

    seen: list[str] = []
    with monkeypatch.context() as patch:
        put_in = telling.put_in
        patch.setattr(telling, "put_in", breaks)
        with pytest.raises(ZeroDivisionError):
            fan_out_once(office.records, office.clock)
    assert office.deliveries() == []
    assert told(office, hook) == ["link.created"] * 5


def test_a_condition_that_no_version_understands_stops_nobody_else(office: PostOffice) -> None:
    broken, fine = office.webhook(NOBODY, condition="status=active"), office.webhook(NOBODY)
    with office.records.transaction(office.now) as tx:
        tx.run("UPDATE webhooks SET condition = 'colour=red' WHERE id = ?", (broken["id"],))
    office.link("a")
    assert (told(office, broken), told(office, fine)) == ([], ["link.created"])


# ---- pausing


def test_paused_by_hand_it_is_told_nothing_and_what_waits_goes_on_waiting(
    office: PostOffice, receiver: Receiver
) -> None:
    hook = office.webhook(receiver.address)
    office.link("before")
    office.fan_out()
    office.change(f"/webhooks/{hook['id']}", status="paused")
    office.link("meanwhile")
    office.deliver()
    assert (receiver.received, [one["status"] for one in office.deliveries()]) == ([], ["paused"])
    office.change(f"/webhooks/{hook['id']}", status="active")
    office.deliver()
    assert [json.loads(post.body)["data"]["slug"] for post in receiver.received] == ["before"]


def fail_for(office: PostOffice, ms: int) -> None:
    """Let the clock run, and try all that is due, for so long."""
    until = office.now + ms
    while office.now < until:
        office.deliver()
        office.now += HOUR
    office.deliver()


def test_after_three_days_of_failures_it_is_paused_and_told_and_misses_nothing(
    office: PostOffice, receiver: Receiver
) -> None:
    receiver.answer(says(500))
    watcher = office.webhook(NOBODY, events=["webhook.paused"])
    hook = office.webhook(receiver.address)
    began = office.now
    office.link("first")
    fail_for(office, 3 * DAY - 2 * HOUR)
    kept = office.call("GET", f"/webhooks/{hook['id']}").data
    assert (kept["status"], kept["failing_since"], kept["last_error"]) == ("active", iso(began), "it answered 500")
    fail_for(office, DAY)
    kept = office.call("GET", f"/webhooks/{hook['id']}").data
    assert (kept["status"], kept["paused_because"]) == ("paused", "failures")
    assert told(office, watcher) == ["webhook.paused"]
    tries = len(receiver.received)
    office.link("second")
    fail_for(office, 10 * DAY)
    assert len(receiver.received) == tries
    receiver.answer(says(200))
    office.change(f"/webhooks/{hook['id']}", status="active")
    office.deliver()
    later = sorted(json.loads(post.body)["data"]["slug"] for post in receiver.received[tries:])
    assert later == ["first", "second"], "of two records, either may come first"
    kept = office.call("GET", f"/webhooks/{hook['id']}").data
    assert [kept[name] for name in ("paused_because", "paused_at", "failing_since", "last_error")] == [None] * 4


def test_one_success_in_between_begins_the_days_anew(office: PostOffice, receiver: Receiver) -> None:
    receiver.answer(says(500))
    hook = office.webhook(receiver.address)
    office.link("a")
    fail_for(office, 2 * DAY)
    receiver.answer(says(200), says(500))
    office.link("b")
    office.deliver()
    office.link("c")
    fail_for(office, 2 * DAY)
    assert office.call("GET", f"/webhooks/{hook['id']}").data["status"] == "active"


def test_one_that_is_resumed_and_fails_again_begins_its_schedule_anew(
    office: PostOffice, receiver: Receiver
) -> None:
    receiver.answer(says(500))
    hook = office.webhook(receiver.address)
    office.link("a")
    fail_for(office, 4 * DAY)
    office.change(f"/webhooks/{hook['id']}", status="active")
    office.deliver()
    [delivery] = office.deliveries()
    assert delivery["status"] == "pending" and delivery["attempts"] > 5
    assert delivery["next_attempt_at"] <= iso(office.now + MINUTE)
    assert office.call("GET", f"/webhooks/{hook['id']}").data["status"] == "active"


def test_410_ends_it_and_is_told(office: PostOffice, receiver: Receiver) -> None:
    receiver.answer(says(410))
    hook, since = office.webhook(receiver.address), office.last_seq()
    office.link("a")
    office.deliver()
    kept = office.call("GET", f"/webhooks/{hook['id']}").data
    assert (kept["status"], kept["paused_because"]) == ("paused", "gone")
    assert office.events(since)[-2:] == ["webhook.updated", "webhook.paused"]
    [delivery] = office.deliveries()
    assert (delivery["status"], delivery["last_status"]) == ("failed", 410)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(302, Location="/x"), "it answered 302, a redirect to /x: redirects are not followed"),
        (says(404), "it answered 404"),
        (says(503, Retry_After="7200"), "it answered 503"),
    ],
)  # fmt: skip
def test_what_is_no_success_is_named_and_tried_again(
    office: PostOffice, receiver: Receiver, answer: Any, error: str
) -> None:
    receiver.answer(answer)
    office.webhook(receiver.address)
    office.link("a")
    office.deliver()
    [delivery] = office.deliveries()
    assert (delivery["status"], delivery["last_error"], len(receiver.received)) == ("pending", error, 1)
    if "503" in error:
        assert delivery["next_attempt_at"] >= iso(office.now + 2 * HOUR)


# ---- deleting, restoring


def test_what_waits_for_a_deleted_webhook_waits_in_the_trash_with_it_and_ends_with_it(office: PostOffice) -> None:
    hook = office.webhook(NOBODY)
    office.link("a")
    office.fan_out()
    states = []
    for method, path in (("DELETE", ""), ("POST", "/restoration")):
        assert office.call(method, f"/webhooks/{hook['id']}{path}").status < 300
        office.fan_out()
        states += [one["status"] for one in office.deliveries()]
    asked = office.call("DELETE", f"/webhooks/{hook['id']}", permanent="true").error
    office.call("DELETE", f"/webhooks/{hook['id']}", permanent="true", confirm=asked["confirm"])
    office.fan_out()
    [delivery] = office.deliveries()
    assert [*states, delivery["status"]] == ["paused", "pending", "failed"]
    assert delivery["last_error"] == "the webhook was deleted"


# ---- what it is signed with


def test_a_secret_that_another_server_sealed_is_named_and_signs_nothing(
    office: PostOffice, receiver: Receiver
) -> None:
    """As after the restore of a database without its secret file."""
    hook = office.webhook(receiver.address)
    with office.records.transaction(office.now) as tx:
        tx.run("UPDATE webhooks SET secret_sealed = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'")
    office.link("a")
    office.deliver()
    [delivery] = office.deliveries()
    assert receiver.received == [] and delivery["status"] == "pending"
    assert "sealed by the secret file of another server" in delivery["last_error"]
    office.call("POST", f"/webhooks/{hook['id']}/rotation", {"overlap_minutes": 0})
    office.now += MINUTE
    office.deliver()
    assert len(receiver.received) == 1


def test_the_secret_stands_nowhere_in_the_files_of_the_store(office: PostOffice) -> None:
    hook = office.webhook(NOBODY)
    secret = hook["secret"].removeprefix("whsec_").encode()
    held = b"".join(file.read_bytes() for file in office.path.glob("routy.db*"))
    assert hook["id"].encode() in held and secret not in held


def test_an_address_that_has_come_to_lead_inside_is_named(office: PostOffice, receiver: Receiver) -> None:
    office.webhook(receiver.address)
    office.channel.poster.guard = Guard()
    office.link("a")
    office.deliver()
    [delivery] = office.deliveries()
    assert receiver.received == [] and "private network" in delivery["last_error"]
