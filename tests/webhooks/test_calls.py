"""The calls of webhooks and deliveries beyond CRUD: tests, replays, rotation, and who may make them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from routy.clock import DAY, MINUTE, iso
from routy.resources.tokens import Token
from tests.deliveries.receiver import Receiver, says
from tests.webhooks.post_office import PostOffice

NOBODY = "https://hooks.acme.example/routy"


def slugs(receiver: Receiver) -> list[str]:
    return [json.loads(post.body)["data"]["slug"] for post in receiver.received]


# ---- a test


def test_a_test_is_sent_at_once_and_its_delivery_answers(office: PostOffice, receiver: Receiver) -> None:
    hook = office.webhook(receiver.address, status="paused")
    reply = office.call("POST", f"/webhooks/{hook['id']}/tests")
    assert (reply.status, reply.data["status"], reply.data["type"]) == (201, "delivered", "webhook.test")
    assert office.call("GET", reply.headers["Location"]).data == reply.data
    [post] = receiver.received
    told = json.loads(post.body)
    assert (told["id"], told["type"], told["record_id"]) == (post.headers["webhook-id"], "webhook.test", hook["id"])
    assert "secret" not in told["data"]


def test_a_test_that_fails_is_over_and_says_nothing_of_the_webhook(office: PostOffice, receiver: Receiver) -> None:
    for answer in (says(410), says(500)):
        receiver.answer(answer)
        hook = office.webhook(receiver.address)
        reply = office.call("POST", f"/webhooks/{hook['id']}/tests")
        kept = office.call("GET", f"/webhooks/{hook['id']}").data
        assert (reply.status, reply.data["status"]) == (201, "failed")
        assert (kept["status"], kept["failing_since"]) == ("active", None)
    office.now += DAY
    office.deliver()
    assert len(receiver.received) == 2


# ---- again


def test_one_delivery_is_sent_again_under_the_same_id(office: PostOffice, receiver: Receiver) -> None:
    office.webhook(receiver.address)
    office.link("a")
    office.deliver()
    [first] = office.deliveries()
    again = office.call("POST", f"/deliveries/{first['id']}/replays")
    assert (again.status, again.data["status"], again.data["id"] != first["id"]) == (201, "pending", True)
    office.deliver()
    posts = receiver.received
    assert posts[0].headers["webhook-id"] == posts[1].headers["webhook-id"] and posts[0].body == posts[1].body
    assert [one["status"] for one in office.deliveries()] == ["delivered"] * 2


def test_one_that_is_yet_to_be_sent_or_has_nobody_to_go_to_is_not(office: PostOffice, receiver: Receiver) -> None:
    hook = office.webhook(receiver.address)
    office.link("a")
    office.fan_out()
    [delivery] = office.deliveries()
    path = f"/deliveries/{delivery['id']}/replays"

    def refusal() -> str:
        with office.unchanged():
            reply = office.call("POST", path)
        assert reply.status == 409
        return str(reply.error["message"])

    assert "yet to be sent" in refusal()
    office.deliver()
    office.change(f"/webhooks/{hook['id']}", status="paused")
    assert "is paused" in refusal()
    office.call("DELETE", f"/webhooks/{hook['id']}")
    assert "is deleted" in refusal()
    hook = office.webhook(receiver.address)
    tested = office.call("POST", f"/webhooks/{hook['id']}/tests").data
    path = f"/deliveries/{tested['id']}/replays"
    assert "was a test" in refusal()


def test_everything_since_a_moment_is_sent_again_in_order(office: PostOffice, receiver: Receiver) -> None:
    """Also what happened before the webhook was there, and nothing that is waiting anyway."""
    office.link("too-early")
    office.now += MINUTE
    since = iso(office.now)
    office.link("before")
    office.now += MINUTE
    hook = office.webhook(receiver.address, events=["link.created"])
    office.link("told")
    office.deliver()
    office.link("waits")
    office.fan_out()
    reply = office.call("POST", f"/webhooks/{hook['id']}/replays", {"since": since})
    assert (reply.status, reply.data["events"]) == (202, 4)
    office.replay()
    office.deliver()
    assert sorted(slugs(receiver)) == ["before", "told", "told", "waits"]
    ids = [post.headers["webhook-id"] for post in receiver.received]
    assert len(set(ids)) == 3
    office.replay()
    office.deliver()
    assert len(receiver.received) == 4


def test_a_replay_of_more_than_one_step_is_whole_and_is_one_at_a_time(office: PostOffice) -> None:
    items = [{"destination": f"https://shop.example/{n}"} for n in range(450)]
    office.call("POST", "/links/batch", {"items": items})
    office.now += 1
    hook = office.webhook(NOBODY, events=["link.created"])
    path = f"/webhooks/{hook['id']}/replays"
    assert office.call("POST", path, {"since": "2020-01-01T00:00:00Z"}).status == 202
    assert office.call("POST", path, {"since": "2020-01-01T00:00:00Z"}).status == 409
    office.replay()
    assert len(office.deliveries(target_id=hook["id"])) == 450
    assert office.call("POST", path, {"since": iso(office.now + DAY)}).data == {"events": 0}
    assert office.call("POST", path, {"since": "2020-01-01T00:00:00Z"}).status == 202


@pytest.mark.parametrize(
    "body", [{}, {"since": "soon"}, {"since": None}, {"since": "2026-01-01T00:00:00Z", "to": 1}]
)
def test_a_wrong_replay_is_refused_by_name(office: PostOffice, body: Any) -> None:
    hook = office.webhook(NOBODY)
    with office.unchanged():
        reply = office.call("POST", f"/webhooks/{hook['id']}/replays", body)
    assert (reply.status, reply.fields <= {"since", "to"}) == (400, True)


def test_a_token_that_may_not_read_what_is_told_replays_nothing(office: PostOffice) -> None:
    hook = office.webhook(NOBODY)
    few = office.make(Token, name="few", scopes=["webhooks:read", "webhooks:write"])
    for method, path, body in (
        ("POST", f"/webhooks/{hook['id']}/replays", {"since": "2020-01-01T00:00:00Z"}),
        ("PATCH", f"/webhooks/{hook['id']}", {"condition": "status=active"}),
    ):
        assert office.call(method, path, body, replace(office.owner, token=few["secret"])).status == 403


def test_a_paused_webhook_replays_nothing(office: PostOffice) -> None:
    hook = office.webhook(NOBODY, status="paused")
    assert office.call("POST", f"/webhooks/{hook['id']}/replays", {"since": "2020-01-01T00:00:00Z"}).status == 409


# ---- a new secret


@pytest.mark.parametrize("minutes", [-1, 43_201, "60", None, 1.5])
def test_a_wrong_overlap_is_refused_by_name(office: PostOffice, minutes: Any) -> None:
    hook = office.webhook(NOBODY)
    with office.unchanged():
        reply = office.call("POST", f"/webhooks/{hook['id']}/rotation", {"overlap_minutes": minutes})
    assert (reply.status, reply.fields) == (400, {"overlap_minutes"})


def test_a_rotation_is_done_once_for_its_key_and_only_of_the_version_it_names(office: PostOffice) -> None:
    hook = office.webhook(NOBODY)
    path, key = f"/webhooks/{hook['id']}/rotation", {"Idempotency-Key": "once"}
    first = office.call("POST", path, {}, headers=key)
    again = office.call("POST", path, {}, headers=key)
    assert "secret" in first.data and "secret" not in again.data and again.data["secret_shown"]
    assert again.data["hint"] == first.data["hint"]
    assert office.call("POST", path, {}, headers={"If-Match": '"1"'}).status == 412


# ---- who may


def test_a_stranger_finds_none_of_it(office: PostOffice, receiver: Receiver) -> None:
    hook = office.webhook(receiver.address)
    office.link("a")
    office.deliver()
    [delivery] = office.deliveries()
    theirs = (
        ("GET", f"/deliveries/{delivery['id']}", None), ("GET", f"/deliveries/{delivery['id']}/attempts", None),
        ("POST", f"/deliveries/{delivery['id']}/replays", None), ("POST", f"/webhooks/{hook['id']}/tests", None),
        ("POST", f"/webhooks/{hook['id']}/rotation", {}),
        ("POST", f"/webhooks/{hook['id']}/replays", {"since": "2020-01-01T00:00:00Z"}),
    )  # fmt: skip
    with office.unchanged():
        assert {office.call(method, path, body, office.stranger).status for method, path, body in theirs} == {404}
        assert {office.call(method, path, body, office.teammate).status for method, path, body in theirs} == {403}
    assert office.call("GET", "/deliveries", as_=office.stranger, target_id=hook["id"]).data == []


def test_deliveries_are_found_by_what_they_are(office: PostOffice, receiver: Receiver) -> None:
    receiver.answer(says(204), says(500))
    hook, other = office.webhook(receiver.address), office.webhook(NOBODY, events=["tag.*"], status="paused")
    link = office.link("a")
    office.deliver()
    office.change(f"/links/{link['id']}", title="b")
    office.deliver()

    def types(**query: str) -> list[str]:
        return [one["type"] for one in office.deliveries(**query)]

    assert types(target_id=hook["id"], status="delivered") == ["link.created"]
    assert types(status="pending") == types(type="link.updated") == ["link.updated"]
    assert types(record_id=link["id"]) == ["link.created", "link.updated"] == types(**{"type[prefix]": "link."})
    assert types(target_id=other["id"]) == types(**{"created_at[gt]": iso(office.now)}) == []
    assert types(last_status="500", **{"attempts[gte]": "1"}) == ["link.updated"]
