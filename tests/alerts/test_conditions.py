"""Alerts about links, webhooks, tokens and the spool: each subject fires by itself, and once."""

from typing import Any

import pytest

from routy.alerts.conditions import MOST_SUBJECTS
from routy.alerts.looking import alert_once
from routy.clock import HOUR, MINUTE, SECOND, iso
from routy.records import write
from routy.records.beginning import system_of
from routy.resource import Resource
from routy.resources.links import Link
from routy.resources.tokens import Token
from routy.resources.webhooks import Webhook
from tests.alerts.watch import Watch


def tell(watch: Watch, resource: type[Resource], record: Any, type_: str, **more: Any) -> None:
    """As whoever finds it out tells it."""
    with watch.records.transaction(watch.now) as tx:
        actor = system_of(watch.owner.actor.workspace_id)
        write.tell(tx, actor, resource, record["id"], type_, {**record, **more})


def tick(watch: Watch, ms: int = MINUTE) -> None:
    watch.now += ms
    while alert_once(watch.app.alerts):
        pass


# ---- links


def test_a_link_that_has_used_most_of_its_limit_is_told_once_before_it_is_reached(watch: Watch) -> None:
    one, two = watch.link("one", click_limit=10), watch.link("two", click_limit=10)
    alert = watch.alert(kind="link_limit")
    watch.click(8, "one")
    watch.click(3, "two")
    tick(watch)
    assert watch.told() == []
    watch.click(1, "one")
    tick(watch)
    told = watch.last_told()
    assert (told["about_id"], told["about_name"], told["figure"], told["usual"]) == (one["id"], "one", 9, 10)
    watch.click(6, "two")
    tick(watch)
    tick(watch)
    assert watch.told() == ["fired", "fired"]
    assert set(watch.state(alert)["firing"]) == {one["id"], two["id"]}


def test_a_raised_limit_resolves_it_for_that_link_alone(watch: Watch) -> None:
    one, two = watch.link("one", click_limit=10), watch.link("two", click_limit=10)
    alert = watch.alert(kind="link_limit")
    watch.click(10, "one")
    watch.click(10, "two")
    tick(watch)
    watch.call("PATCH", f"/links/{one['id']}", {"click_limit": 100})
    tick(watch)
    assert watch.told() == ["fired", "fired", "resolved"]
    assert watch.last_told()["about_id"] == one["id"]
    assert (watch.state(alert)["state"], watch.state(alert)["firing"]) == ("firing", [two["id"]])
    watch.call("DELETE", f"/links/{two['id']}")
    tick(watch)
    assert watch.state(alert)["state"] == "ok"


def test_of_one_link_alone_and_at_another_part_of_its_limit(watch: Watch) -> None:
    watch.link("one", click_limit=10)
    two = watch.link("two", click_limit=10)
    watch.alert(kind="link_limit", subject_id=two["id"], percent=50)
    watch.click(10, "one")
    watch.click(4, "two")
    tick(watch)
    assert watch.told() == []
    watch.click(1, "two")
    tick(watch)
    assert (watch.told(), watch.last_told()["about_id"]) == (["fired"], two["id"])


def test_a_strangers_link_is_none_of_ours(watch: Watch) -> None:
    theirs = watch.make(Link, watch.stranger, slug="theirs", destination="https://shop.example/", click_limit=1)
    watch.ask("GET", "/theirs", headers={"Host": "elsewhere.example"})
    watch.alert(kind="link_limit")
    tick(watch)
    assert watch.told() == []
    refused = watch.call("POST", "/alerts", {"name": "x", "kind": "link_limit", "subject_id": theirs["id"]})
    assert (refused.status, refused.fields) == (400, {"subject_id"})


def test_many_links_at_once_are_one_notice(watch: Watch) -> None:
    items = [{"slug": f"l{n}", "destination": "https://shop.example/", "click_limit": 1} for n in range(30)]
    watch.call("POST", "/links/batch", {"items": items})
    watch.app.walk.table.follow()
    watch.alert(kind="link_limit", notify="owner")
    for n in range(30):
        watch.ask("GET", f"/l{n}")
    tick(watch)
    assert (len(watch.told()), watch.notices()) == (30, ["Clicks"])
    text = watch.call("GET", "/notifications").data[0]["text"]
    assert "and 10 more" in text
    assert MOST_SUBJECTS > 30


def test_an_expired_link_is_told_and_forgotten_after_the_window(watch: Watch) -> None:
    alert = watch.alert(kind="link_expired", window_minutes=60, notify="owner")
    tick(watch)
    tell(watch, Link, watch.summer, "expired")
    tick(watch, 20 * SECOND)
    assert watch.last_told()["about_name"] == "summer"
    tell(watch, Link, watch.summer, "expired")
    tick(watch)
    assert (watch.told(), watch.state(alert)["state"]) == (["fired"], "firing")
    tick(watch, HOUR)
    assert (watch.told(), watch.state(alert)["state"]) == (["fired", "resolved"], "ok")
    assert watch.notices() == ["Clicks"], "that it is over is nothing to tell people"


# ---- tokens


def test_a_token_that_is_used_unusually_is_told_for_each_token(watch: Watch) -> None:
    one, two = (watch.make(Token, name=name, scopes=["links:read"]) for name in ("one", "two"))
    alert = watch.alert(kind="token_unusual", subject_id=one["id"])
    for token in (one, two):
        shown = watch.call("GET", f"/tokens/{token['id']}").data
        tell(watch, Token, shown, "unusual", cause="network", ip="203.0.113.0", at=iso(watch.now))
    tick(watch)
    assert (watch.told(), watch.state(alert)["firing"]) == (["fired"], [one["id"]])


def test_what_happened_while_it_was_paused_is_not_told_afterwards(watch: Watch) -> None:
    alert = watch.alert(kind="link_expired")
    tick(watch)
    watch.call("PATCH", f"/alerts/{alert['id']}", {"status": "paused"})
    tell(watch, Link, watch.summer, "expired")
    tick(watch, HOUR)
    watch.call("PATCH", f"/alerts/{alert['id']}", {"status": "active"})
    tick(watch)
    assert watch.told() == []


def test_what_happened_before_there_was_an_alert_is_not_told(watch: Watch) -> None:
    tell(watch, Link, watch.summer, "expired")
    watch.alert(kind="link_expired")
    tick(watch)
    assert watch.told() == []


# ---- webhooks


def webhook(watch: Watch, **values: Any) -> Any:
    made = watch.make(Webhook, url="https://8.8.8.8/secret-path")
    set_ = ", ".join(f"{name} = {value!r}" for name, value in values.items())
    watch.records.script(f"UPDATE webhooks SET {set_} WHERE id = '{made['id']}'")
    return made


def test_a_webhook_that_fails_for_the_window_is_told_and_resolved(watch: Watch) -> None:
    made = webhook(watch, failing_since=watch.now)
    watch.alert(kind="webhook", window_minutes=15)
    tick(watch, 14 * MINUTE)
    assert watch.told() == []
    tick(watch, 2 * MINUTE)
    told = watch.last_told()
    assert (told["about_id"], told["about_name"], told["figure"]) == (made["id"], "8.8.8.8", 16)
    watch.records.script("UPDATE webhooks SET failing_since = NULL")
    tick(watch)
    assert watch.told() == ["fired", "resolved"]


def test_a_webhook_that_was_paused_for_its_failures_is_told_at_once(watch: Watch) -> None:
    webhook(watch, status="paused", paused_because="gone")
    watch.alert(kind="webhook", window_minutes=1440)
    tick(watch)
    assert watch.told() == ["fired"]


# ---- the spool


def test_clicks_that_wait_for_long_are_told_until_they_are_taken(watch: Watch) -> None:
    alert = watch.alert(kind="spool_lag", value=60)
    watch.load()
    watch.ask("GET", "/summer")
    tick(watch, 50 * SECOND)
    assert watch.told() == []
    tick(watch, 20 * SECOND)
    assert watch.told() == ["fired"]
    assert (watch.state(alert)["figure"], watch.state(alert)["usual"]) == (70, 60)
    watch.load()
    tick(watch, 20 * SECOND)
    assert watch.told() == ["fired", "resolved"]


@pytest.mark.parametrize("kind", ["spool_lag", "webhook", "token_unusual"])
def test_a_link_is_no_subject_of_these(watch: Watch, kind: str) -> None:
    body = {"name": "x", "kind": kind, "subject_id": watch.summer["id"]}
    refused = watch.call("POST", "/alerts", body)
    assert (refused.status, refused.fields) == (400, {"subject_id"})
