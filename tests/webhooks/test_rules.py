"""What a webhook may not be: named, and nothing stored."""

from collections.abc import Iterator
from typing import Any

import pytest

from routy.records.catalogue import EVENTS, OPT_IN
from routy.records.kinds import is_wanted, unknown, wanted
from routy.resources.webhooks import Webhook
from tests.webhooks.post_office import PostOffice

URL = "https://hooks.acme.example/routy"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    """One for all of these: hardly any of them writes anything."""
    office = PostOffice(tmp_path_factory.mktemp("office"))
    yield office
    office.close()


def refused(office: PostOffice, **body: Any) -> dict[str, str]:
    with office.unchanged():
        reply = office.call("POST", "/webhooks", {"url": URL, **body})
    assert reply.status == 400, reply.body
    return {one["field"]: one["message"] for one in reply.error["details"]}


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::1]/", "http://2130706433/",
        "https://user:secret@good.example/", "ftp://good.example/", "good.example", "",
        "https://good.example/{click_id}", "http://localhost.:8080@10.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_called_is_refused_by_name(office: PostOffice, url: str) -> None:
    assert set(refused(office, url=url)) == {"url"}
    hook = office.webhook(URL)
    with office.unchanged():
        assert office.change(f"/webhooks/{hook['id']}", url=url).fields == {"url"}


@pytest.mark.parametrize(
    "events",
    [[], ["link.exploded"], ["nothing.*"], ["link"], ["*.created"], ["Link.created"], ["**"], ["link.*", "x"]],
)
def test_an_event_that_there_is_not_is_refused_by_name(office: PostOffice, events: list[str]) -> None:
    found = refused(office, events=events)
    assert set(found) == {"events"} and "link.created" in found["events"]


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("colour=red", "colour"), ("status=odd", "status"), ("clicks[gte]=many", "clicks[gte]"),
        ("clicks[around]=5", "clicks[around]"), ("status", "filters such as"), ("a=b&" * 30, "up to 20"),
        ("status=active&status=paused", "status"), ("password[null]=true", "password"),
        ("%ff=1", "filters such as"),
        ("sort=slug", "sort"), ("page=2", "page"), ("status=active\0", ""), ("&&&", "filters such as"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_asked_is_refused_by_name(
    office: PostOffice, condition: str, named: str
) -> None:
    found = refused(office, events=["link.created"], condition=condition)
    assert set(found) == {"condition"} and named in found["condition"]


def test_a_condition_must_fit_every_kind_of_record_that_is_asked_for(office: PostOffice) -> None:
    assert "of tags" in refused(office, events=["link.*", "tag.*"], condition="status=active")["condition"]
    hook = office.webhook(URL, events=["link.*"], condition="status=active")
    with office.unchanged():
        assert office.change(f"/webhooks/{hook['id']}", events=["tag.*"]).fields == {"condition"}
    assert office.change(f"/webhooks/{hook['id']}", events=["tag.*"], condition=None).status == 200


def test_a_condition_on_clicks_is_about_the_click(office: PostOffice) -> None:
    assert office.webhook(URL, events=["link.clicked"], condition="country=DE&class=human")["condition"]
    assert "of clicks" in refused(office, events=["link.clicked"], condition="clicks[gte]=5")["condition"]


def test_a_link_that_is_not_there_is_refused_by_name(office: PostOffice) -> None:
    theirs = office.call("POST", "/links", {"destination": "https://x.example/"}, office.stranger).data["id"]
    for subject in (theirs, f"link_{'0' * 26}", "tag_01KAHGZ4T8Z6Q7V3M9W2R5X0CD", ""):
        assert set(refused(office, subject_id=subject)) == {"subject_id"}


def test_all_that_is_wrong_is_named_at_once(office: PostOffice) -> None:
    found = refused(office, url="http://10.0.0.1/", events=["x"], subject_id=f"link_{'0' * 26}", condition="status")
    assert {"url", "events", "subject_id"} <= set(found)


def test_what_routy_says_of_a_webhook_cannot_be_said_by_others(office: PostOffice) -> None:
    fixed = {
        "paused_because": "gone",
        "failing_since": None,
        "secret": "whsec_x",
        "hint": "x",
        "payload_version": "v1",
    }
    hidden = {"secret_sealed": "x", "previous_sealed": "x", "replay_from": 1}
    assert set(refused(office, **fixed, **hidden)) == {*fixed, *hidden}


def test_nobody_is_told_by_post_what_they_may_not_read(office: PostOffice) -> None:
    def token(*scopes: str) -> str:
        made = office.call("POST", "/tokens", {"name": "narrow", "scopes": list(scopes)})
        return f"Bearer {made.data['secret']}"

    narrow = {"Authorization": token("webhooks:write", "webhooks:read")}
    for events in (["link.*"], ["*"], ["link.clicked"]):
        reply = office.call("POST", "/webhooks", {"url": URL, "events": events}, None, narrow)
        assert (reply.status, "read" in reply.error["message"]) == (403, True)
    links = {"Authorization": token("webhooks:write", "links:read")}
    made = office.call("POST", "/webhooks", {"url": URL, "events": ["link.created"]}, None, links)
    assert made.status == 201
    hook = office.webhook(URL, events=["*"])
    path = f"/webhooks/{hook['id']}"
    assert office.call("PATCH", path, {"url": "https://evil.example/"}, None, links).status == 403
    assert office.call("PATCH", path, {"description": "ours"}, None, links).status == 200


def test_the_secret_is_shown_once(office: PostOffice) -> None:
    hook = office.make(Webhook, url=URL)
    assert hook["secret"].startswith(hook["hint"]) and hook["secret"].startswith("whsec_")
    again = office.call("GET", f"/webhooks/{hook['id']}").data
    everything = office.call("GET", "/events", limit="1000").body + office.call("GET", "/audit-entries").body
    assert "secret" not in again and hook["secret"].encode() not in everything
    with office.records.transaction(office.now) as tx:
        assert hook["secret"] not in str(tx.rows("SELECT * FROM webhooks"))


def test_every_event_can_be_asked_for_and_only_the_wanted_ones_are(office: PostOffice) -> None:
    assert unknown([*EVENTS, *(f"{name.partition('.')[0]}.*" for name in EVENTS), "*"]) == []
    assert set(wanted(["*"])) == set(EVENTS) - set(OPT_IN)
    assert not is_wanted(["*", "link.*"], "link.clicked") and is_wanted(["link.clicked"], "link.clicked")
    assert {"link.created", "link.limit_reached", "webhook.paused"} <= set(EVENTS)
