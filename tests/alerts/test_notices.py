"""Notifications: one's own and nobody else's, read or not, by mail or not; and those that come without a rule."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from routy.alerts.health import UNWELL_MS, WELL_MS, health_once
from routy.alerts.notices import Notice, tell
from routy.clock import DAY, MINUTE, iso
from routy.records import write
from routy.records.beginning import system_of
from routy.resource import Resource
from routy.resources.exports import Export
from routy.resources.tokens import Token
from routy.resources.webhooks import Webhook
from tests.alerts.watch import HOME, Watch
from tests.house import House, Person
from tests.resources.samples import Samples


def notify(watch: Watch, who: Person, title: str, topic: str = "alerts") -> None:
    notice = Notice(who.actor.workspace_id, topic, title, ["more"], None, "/app")
    with watch.records.transaction(watch.now) as tx:
        tell(tx, watch.app.post.send, "http://go.example", notice, [who.actor.user_id])


def unread(watch: Watch, who: Person | str = "owner") -> int:
    reply = watch.call("GET", "/notifications", as_=who, limit="1", **{"read_at[null]": "true"})
    return int(reply.json["pagination"]["total"])


# ---- one's own


def test_a_person_sees_their_own_and_nobody_elses(watch: Watch) -> None:
    notify(watch, watch.owner, "mine")
    notify(watch, watch.teammate, "theirs")
    assert (watch.notices(), watch.notices(watch.teammate), watch.notices(watch.stranger)) == (
        ["mine"],
        ["theirs"],
        [],
    )
    theirs = watch.call("GET", "/notifications", as_=watch.teammate).data[0]
    with watch.unchanged():
        for method, body in (("GET", None), ("PATCH", {"read": True})):
            assert watch.call(method, f"/notifications/{theirs['id']}", body).status == 404
    assert watch.call("GET", "/notifications", user_id=watch.teammate.actor.user_id).status == 400


def test_a_token_sees_those_of_its_maker(watch: Watch) -> None:
    notify(watch, watch.owner, "mine")
    made = watch.make(Token, name="few", scopes=["alerts:read"])
    assert watch.notices(replace(watch.owner, token=made["secret"])) == ["mine"]


def test_marking_one_as_read_and_back(watch: Watch) -> None:
    notify(watch, watch.owner, "one")
    notify(watch, watch.owner, "two")
    assert unread(watch) == 2
    one = watch.call("GET", "/notifications", q="one").data[0]
    marked = watch.call("PATCH", f"/notifications/{one['id']}", {"read": True})
    assert (marked.status, marked.data["read_at"], unread(watch)) == (200, iso(watch.now), 1)
    first = watch.now
    watch.now += DAY
    again = watch.call("PATCH", f"/notifications/{one['id']}", {})
    assert again.data["read_at"] == iso(first), "it was read when it was first read"
    back = watch.call("PATCH", f"/notifications/{one['id']}", {"read": False})
    assert (back.data["read_at"], unread(watch)) == (None, 2)


def test_marking_all_as_read_marks_nobody_elses(watch: Watch) -> None:
    for title in ("one", "two", "three"):
        notify(watch, watch.owner, title)
    notify(watch, watch.teammate, "theirs")
    assert watch.call("POST", "/notifications/readings").data == {"read": 3}
    assert watch.call("POST", "/notifications/readings").data == {"read": 0}
    assert (unread(watch), unread(watch, watch.teammate)) == (0, 1)


def test_a_token_that_may_only_read_quietens_nothing(watch: Watch) -> None:
    few = replace(watch.owner, token=watch.make(Token, name="few", scopes=["alerts:read"])["secret"])
    notify(watch, watch.owner, "one")
    one = watch.call("GET", "/notifications", as_=few).data[0]
    with watch.unchanged():
        for method, path, body in (
            ("POST", "/notifications/readings", None),
            ("PATCH", f"/notifications/{one['id']}", {"read": True}),
            ("PATCH", "/notifications/preferences", {"mail": []}),
        ):
            assert watch.call(method, path, body, few).status == 403


@pytest.mark.parametrize(
    ("body", "field"), [({"read": "yes"}, "read"), ({"read": None}, "read"), ({"done": True}, "done"), ([], "body")]
)
def test_a_wrong_mark_is_refused(watch: Watch, body: Any, field: str) -> None:
    notify(watch, watch.owner, "one")
    there = f"/notifications/{watch.call('GET', '/notifications').data[0]['id']}"
    with watch.unchanged():
        reply = watch.call("PATCH", there, body)
    assert (reply.status, reply.fields) == (400, {field})


def test_notifications_and_marks_are_no_events(watch: Watch) -> None:
    before = watch.last_seq()
    notify(watch, watch.owner, "one")
    watch.call("POST", "/notifications/readings")
    assert watch.last_seq() == before


def test_they_are_forgotten_after_ninety_days(watch: Watch) -> None:
    notify(watch, watch.owner, "old")
    watch.now += 60 * DAY
    notify(watch, watch.owner, "new")
    watch.now += 31 * DAY
    step = next(worker.step for worker in watch.app.loop.workers if worker.name == "forget notices")
    assert step() is False
    assert watch.notices() == ["new"]


# ---- by mail


def test_until_somebody_says_otherwise_what_wants_an_eye_comes_by_mail(watch: Watch) -> None:
    assert watch.call("GET", "/notifications/preferences").data == {"mail": ["webhooks", "tokens", "system"]}
    for topic in ("alerts", "webhooks", "tokens", "files", "system"):
        notify(watch, watch.owner, topic, topic)
    assert [subject for _, subject in watch.mails()] == ["webhooks", "tokens", "system"]


def test_each_person_says_what_they_want_by_mail(watch: Watch) -> None:
    assert watch.call("PATCH", "/notifications/preferences", {"mail": ["files", "alerts"]}).data == {
        "mail": ["alerts", "files"]
    }
    watch.call("PATCH", "/notifications/preferences", {"mail": []}, watch.teammate)
    for who in (watch.owner, watch.teammate):
        for topic in ("alerts", "system"):
            notify(watch, who, topic, topic)
    assert watch.mails() == [("owner@acme.example", "alerts")]


@pytest.mark.parametrize(
    "body", [{}, {"mail": None}, {"mail": ["money"]}, {"mail": "alerts"}, {"mail": [], "more": 1}]
)
def test_wrong_preferences_are_refused(watch: Watch, body: Any) -> None:
    with watch.unchanged():
        reply = watch.call("PATCH", "/notifications/preferences", body)
    assert reply.status == 400 and reply.fields <= {"mail", "more"}


def test_who_unsubscribed_finds_the_topic_gone_and_can_come_back(watch: Watch) -> None:
    watch.call("PATCH", "/notifications/preferences", {"mail": ["alerts", "system"]})
    notify(watch, watch.owner, "one")
    mail = watch.records.one("SELECT * FROM mails")
    assert mail is not None
    address = str(watch.app.post.message(mail)["List-Unsubscribe"]).strip("<>").removeprefix("http://go.example")
    assert watch.ask("POST", address).status == 200
    assert watch.call("GET", "/notifications/preferences").data == {"mail": ["system"]}
    notify(watch, watch.owner, "two")
    assert watch.call("PATCH", "/notifications/preferences", {"mail": ["alerts"]}).data == {"mail": ["alerts"]}
    notify(watch, watch.owner, "three")
    rows = watch.records.rows("SELECT subject, status FROM mails ORDER BY key")
    assert [(row["subject"], row["status"]) for row in rows] == [
        ("one", "waiting"), ("two", "suppressed"), ("three", "waiting"),
    ]  # fmt: skip


# ---- without a rule


def happen(watch: Watch, resource: type[Resource], record: Any, type_: str, **more: Any) -> None:
    with watch.records.transaction(watch.now) as tx:
        actor = system_of(watch.owner.actor.workspace_id)
        write.tell(tx, actor, resource, record["id"], type_, {**record, **more})


def follow(watch: Watch) -> None:
    while watch.app.notify_once():
        pass


def shown(watch: Watch, resource: type[Resource], made: Any) -> Any:
    return watch.call("GET", f"/{resource.path()}/{made['id']}").data


def test_a_webhook_that_was_paused_is_told_to_admins_and_by_mail(watch: Watch) -> None:
    made = watch.make(Webhook, url="https://8.8.8.8/hook", description="CRM")
    happen(watch, Webhook, {**shown(watch, Webhook, made), "paused_because": "gone"}, "paused")
    follow(watch)
    follow(watch)
    notice = watch.call("GET", "/notifications").data[0]
    assert (notice["topic"], notice["record_id"]) == ("webhooks", made["id"])
    assert "CRM: it answered that it is gone." in notice["text"]
    assert (watch.notices(), watch.notices(watch.teammate)) == (["A webhook was paused"], [])
    assert watch.mails() == [("owner@acme.example", "A webhook was paused")]


def test_a_token_used_unusually_is_told_to_its_maker_and_the_owners(watch: Watch) -> None:
    token = watch.records.one("SELECT id FROM tokens WHERE user_id = ?", (watch.teammate.actor.user_id,))
    assert token is not None
    known = shown(watch, Token, token)
    happen(watch, Token, known, "unusual", cause="network", ip="203.0.113.0", at=iso(watch.now))
    follow(watch)
    assert watch.notices() == watch.notices(watch.teammate) == ["A token was used unusually"]
    assert "(203.0.113.0)" in watch.call("GET", "/notifications").data[0]["text"]


def test_a_file_that_is_ready_is_told_to_whoever_asked_for_it(watch: Watch) -> None:
    made = Samples(watch).make(Export, watch.teammate)
    watch.records.script("UPDATE exports SET status = 'done', rows = 12345")
    happen(watch, Export, shown(watch, Export, made), "finished")
    follow(watch)
    assert (watch.notices(), watch.notices(watch.teammate)) == ([], ["An export is finished"])
    assert "12,345 rows" in watch.call("GET", "/notifications", as_=watch.teammate).data[0]["text"]


def test_the_feed_is_followed_once_over_a_restart(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    made = watch.make(Webhook, url="https://8.8.8.8/hook")
    happen(watch, Webhook, {**shown(watch, Webhook, made), "paused_because": "gone"}, "paused")
    follow(watch)
    watch.close()
    again = House(tmp_path, mail=HOME, empty=True)
    while again.app.notify_once():
        pass
    assert len(again.records.rows("SELECT 1 FROM notifications")) == 1
    again.close()


def test_thousands_of_other_events_are_passed_over(watch: Watch) -> None:
    items = [{"name": f"t{n}"} for n in range(700)]
    assert watch.call("POST", "/tags/batch", {"items": items}).status == 200
    made = watch.make(Webhook, url="https://8.8.8.8/hook")
    happen(watch, Webhook, {**shown(watch, Webhook, made), "paused_because": "gone"}, "paused")
    follow(watch)
    assert watch.notices() == ["A webhook was paused"]


# ---- health


def feel(watch: Watch, *problems: str, ms: int = 0) -> None:
    watch.now += ms
    health_once(watch.records, watch.app.post.send, "http://go.example", problems, watch.now)


def test_the_owner_is_told_when_the_server_has_not_been_well_for_a_while_and_when_it_is_again(watch: Watch) -> None:
    feel(watch, "the disk is full")
    feel(watch, "the disk is full", ms=UNWELL_MS - 1)
    assert watch.notices() == []
    feel(watch, "the disk is full", "clicks wait", ms=1)
    feel(watch, "the disk is full", ms=MINUTE)
    assert watch.notices() == ["The server is not well"]
    assert watch.call("GET", "/notifications").data[0]["text"] == "the disk is full\nclicks wait"
    feel(watch, ms=MINUTE)
    feel(watch, "the disk is full", ms=WELL_MS)
    feel(watch, ms=MINUTE)
    feel(watch, ms=WELL_MS - 1)
    assert len(watch.notices()) == 1
    feel(watch, ms=1)
    assert watch.notices() == ["The server is not well", "The server is well again"]
    assert watch.notices(watch.stranger) == []
    assert watch.mails()[0] == ("owner@acme.example", "The server is not well")


def test_a_moment_of_weakness_is_not_told(watch: Watch) -> None:
    for _ in range(5):
        feel(watch, "busy", ms=MINUTE)
        feel(watch, ms=MINUTE)
    assert watch.notices() == []


def test_the_worker_of_health_asks_the_server_itself(watch: Watch) -> None:
    watch.app.clicks.close()
    watch.app.health_once()
    watch.now += UNWELL_MS
    watch.app.health_once()
    assert watch.notices() == ["The server is not well"]
    watch.app.clicks.open()
