"""Who is told: notifications and mails, snoozed, reminded, paused, deleted."""

from dataclasses import replace
from typing import Any

import pytest

from routy.alerts.looking import alert_once
from routy.clock import DAY, HOUR, MINUTE, SECOND, iso
from routy.resources.tokens import Token
from routy.resources.users import User
from tests.alerts.watch import Watch
from tests.house import PASSWORD, START


def fire(watch: Watch, **rule: Any) -> Any:
    """An alert that has just fired, for a figure that stays as it is for a day."""
    alert = watch.alert(**{"value": 1, "window_minutes": 1440, **rule})
    watch.at(1)
    watch.click(3)
    watch.at(3)
    assert watch.state(alert)["state"] == "firing"
    return alert


def look_at(watch: Watch, hours: float) -> None:
    watch.at(hours * 60)


# ---- who


def test_members_of_at_least_the_role_are_told_and_those_who_are_named(watch: Watch) -> None:
    viewer = watch.make(User, email="eve@acme.example", name="Eve", password=PASSWORD, role="viewer")
    fire(watch, notify="owner", user_ids=[viewer["id"]])
    rows = watch.records.rows("SELECT user_id FROM notifications ORDER BY key")
    assert [row["user_id"] for row in rows] == [watch.owner.actor.user_id, viewer["id"]]
    assert watch.notices(watch.teammate) == []


def test_by_default_admins_and_owners_are_told_and_nobody_elsewhere(watch: Watch) -> None:
    made = watch.call("POST", "/alerts", {"name": "Busy", "kind": "threshold", "value": 1}).data
    assert made["notify"] == "admin"
    watch.at(1)
    watch.click(3)
    watch.at(3)
    assert [watch.notices(who) for who in ("owner", watch.teammate, watch.stranger)] == [["Busy"], [], []]


def test_a_notification_says_what_is_so_and_leads_to_the_alert(watch: Watch) -> None:
    alert = fire(watch, notify="owner", filters="class=any")
    notice = watch.call("GET", "/notifications").data[0]
    assert (notice["topic"], notice["record_id"], notice["read_at"]) == ("alerts", alert["id"], None)
    assert notice["text"] == "clicks: 3\nThe rule: clicks in 1 day (class=any): more than 1."


def test_addresses_get_a_mail_each_and_members_who_want_it_by_mail_too(watch: Watch) -> None:
    watch.call("PATCH", "/notifications/preferences", {"mail": ["alerts"]})
    fire(watch, notify="owner", emails=["ada@acme.example", "OWNER@acme.example"])
    assert watch.mails() == [("owner@acme.example", "Clicks"), ("ada@acme.example", "Clicks")]
    mail = watch.call("GET", "/mails", recipient="ada@acme.example").data[0]
    assert "clicks: 3" in mail["text"] and "http://go.example/app/alerts/alert_" in mail["html"]
    assert mail["topic"] == "alerts"


def test_who_left_the_workspace_is_told_nothing_more(watch: Watch) -> None:
    user = watch.make(User, email="eve@acme.example", name="Eve", password=PASSWORD, role="viewer")
    watch.call("PATCH", "/notifications/preferences", {"mail": ["alerts"]})
    watch.alert(value=1, user_ids=[user["id"]])
    watch.call("DELETE", f"/users/{user['id']}")
    watch.at(1)
    watch.click(3)
    watch.at(3)
    assert watch.told() == ["fired"]
    assert (watch.records.rows("SELECT 1 FROM notifications"), watch.mails()) == ([], [])


def test_a_stranger_cannot_be_named(watch: Watch) -> None:
    body = {"name": "x", "kind": "threshold", "user_ids": [watch.stranger.actor.user_id]}
    refused = watch.call("POST", "/alerts", body)
    assert (refused.status, refused.fields) == (400, {"user_ids"})


# ---- over


def test_people_are_told_when_it_is_over(watch: Watch) -> None:
    fire(watch, notify="owner", window_minutes=60)
    look_at(watch, 2)
    assert watch.notices() == ["Clicks", "Over: Clicks"]
    assert watch.call("GET", "/notifications").data[0]["text"].startswith("clicks: 0\n")
    told = watch.last_told()
    assert (told["reason"], told["state"]) == ("over", "ok")


# ---- reminders


def test_it_reminds_every_so_many_hours_for_as_long_as_it_fires(watch: Watch) -> None:
    fire(watch, notify="owner", remind_hours=6)
    look_at(watch, 6)
    assert watch.notices() == ["Clicks"]
    look_at(watch, 6.1)
    look_at(watch, 7)
    look_at(watch, 12.3)
    assert watch.notices() == ["Clicks", "Still: Clicks", "Still: Clicks"]
    assert watch.told() == ["fired"], "a reminder is nothing new"
    for hours in (30, 40):
        look_at(watch, hours)
    assert watch.notices()[3:] == ["Over: Clicks"]


def test_without_hours_it_never_reminds(watch: Watch) -> None:
    fire(watch, notify="owner", remind_hours=None)
    for hours in range(1, 24):
        look_at(watch, hours)
    assert watch.notices() == ["Clicks"]


# ---- snoozed


def test_snoozed_it_says_nothing_and_tells_afterwards_what_still_is_so(watch: Watch) -> None:
    until = iso(START + 2 * HOUR)
    alert = fire(watch, notify="owner", snoozed_until=until)
    assert (watch.told(), watch.notices(), watch.state(alert)["state"]) == ([], [], "firing")
    look_at(watch, 1.9)
    assert watch.told() == []
    look_at(watch, 2.1)
    assert (watch.told(), watch.notices()) == (["fired"], ["Clicks"])


def test_what_came_and_went_while_it_was_snoozed_is_never_told(watch: Watch) -> None:
    alert = fire(watch, notify="owner", window_minutes=60, snoozed_until=iso(START + 5 * HOUR))
    for hours in (2, 4, 6):
        look_at(watch, hours)
    assert (watch.told(), watch.notices(), watch.state(alert)["state"]) == ([], [], "ok")


def test_snoozed_while_it_fires_it_does_not_remind_but_says_that_it_is_over(watch: Watch) -> None:
    alert = fire(watch, notify="owner", remind_hours=1)
    watch.call("PATCH", f"/alerts/{alert['id']}", {"snoozed_until": iso(START + 40 * HOUR)})
    for hours in (2, 5, 20):
        look_at(watch, hours)
    assert watch.notices() == ["Clicks"]
    look_at(watch, 30)
    assert (watch.notices(), watch.told()) == (["Clicks", "Over: Clicks"], ["fired", "resolved"])


# ---- paused and deleted


def test_pausing_ends_it_quietly_and_resuming_begins_anew(watch: Watch) -> None:
    alert = fire(watch, notify="owner")
    watch.call("PATCH", f"/alerts/{alert['id']}", {"status": "paused"})
    watch.at(5)
    assert (watch.told(), watch.last_told()["reason"]) == (["fired", "resolved"], "paused")
    assert (watch.state(alert)["state"], watch.notices()) == ("ok", ["Clicks"])
    watch.at(60)
    assert len(watch.told()) == 2
    watch.call("PATCH", f"/alerts/{alert['id']}", {"status": "active"})
    watch.at(62)
    assert watch.told() == ["fired", "resolved", "fired"]


def test_deleting_ends_it_and_bringing_it_back_begins_anew(watch: Watch) -> None:
    alert = fire(watch)
    watch.call("DELETE", f"/alerts/{alert['id']}")
    watch.at(5)
    assert (watch.told(), watch.last_told()["reason"]) == (["fired", "resolved"], "deleted")
    watch.call("POST", f"/alerts/{alert['id']}/restoration")
    watch.at(7)
    assert watch.told() == ["fired", "resolved", "fired"]


def test_the_alerts_of_a_deleted_workspace_rest(watch: Watch) -> None:
    watch.alert(value=1)
    watch.at(1)
    watch.click(3)
    workspace = watch.owner.actor.workspace_id
    watch.records.script(f"UPDATE workspaces SET deleted_at = {watch.now} WHERE id = '{workspace}'")
    watch.at(3)
    assert watch.told() == []


def test_a_deleted_alert_goes_for_good_with_all_that_it_fired_for(watch: Watch) -> None:
    alert = fire(watch)
    confirm = watch.call("DELETE", f"/alerts/{alert['id']}", permanent="true").error["confirm"]
    assert watch.call("DELETE", f"/alerts/{alert['id']}", permanent="true", confirm=confirm).status == 204
    assert watch.records.rows("SELECT 1 FROM alert_firings") == []
    assert watch.records.rows("SELECT 1 FROM alert_watches") == []
    watch.at(5)


# ---- what is asked


@pytest.mark.parametrize("kind", ["webhook", "token_unusual", "spool_lag"])
def test_an_editor_does_not_watch_what_they_cannot_see(watch: Watch, kind: str) -> None:
    with watch.unchanged():
        refused = watch.call("POST", "/alerts", {"name": "x", "kind": kind}, watch.teammate)
    assert (refused.status, ":read" in refused.error["message"]) == (403, True)
    made = watch.alert(kind=kind)
    with watch.unchanged():
        change = {"emails": ["eve@evil.example"]}
        assert watch.call("PATCH", f"/alerts/{made['id']}", change, watch.teammate).status == 403
    quiet = {"status": "paused", "snoozed_until": iso(START + DAY)}
    assert watch.call("PATCH", f"/alerts/{made['id']}", quiet, watch.teammate).status == 200
    assert watch.call("DELETE", f"/alerts/{made['id']}", as_=watch.teammate).status == 204


def test_a_token_without_reports_watches_no_figure(watch: Watch) -> None:
    few = watch.make(Token, name="few", scopes=["alerts:read", "alerts:write"])
    body = {"name": "x", "kind": "threshold"}
    assert watch.call("POST", "/alerts", body, replace(watch.owner, token=few["secret"])).status == 403


def refused(watch: Watch, **body: Any) -> set[str]:
    with watch.unchanged():
        reply = watch.call("POST", "/alerts", {"name": "x", "kind": "threshold", **body})
        assert reply.status == 400, reply.body
    return reply.fields


def test_filters_that_a_report_would_refuse_are_refused(watch: Watch) -> None:
    for filters in (
        *("nothing=such", "country[like]=D", "dimensions=country", "metrics=uniques", "from=2026-01-01", "limit=3"),
        *(
            "country=DE&country=AT",
            "clicks[gte]=3",
            "class=nobody",
            "country=%ff",
            "&".join(f"sub1={n}" for n in range(99)),
        ),
    ):
        assert refused(watch, filters=filters) == {"filters"}, filters
    assert refused(watch, filters="link_id=x", subject_id=watch.summer["id"]) == {"filters"}
    for filters in ("", "class=any", "country[ne]=DE,AT&utm_source[prefix]=news"):
        assert watch.call("POST", "/alerts", {"name": "x", "kind": "change", "filters": filters}).status == 201


def test_the_worker_looks_seldom_at_what_cannot_have_changed(watch: Watch) -> None:
    watch.alert(kind="silence", name="Silence")
    watch.at(1)
    assert watch.told() == []
    assert alert_once(watch.app.alerts) is False
    watch.now = START + 14 * MINUTE + 59 * SECOND
    assert alert_once(watch.app.alerts) is False
    watch.now = START + DAY
    assert alert_once(watch.app.alerts) is True
