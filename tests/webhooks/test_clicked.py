"""Clicks as events: only for who names them, once each, and only while somebody does."""

import json
from typing import Any

from routy.errors import Invalid
from routy.webhooks import clicked
from routy.webhooks.clicked import fan_out_clicks_once
from tests.house import FIREFOX
from tests.webhooks.post_office import PostOffice

NOBODY = "https://hooks.acme.example/routy"


def follow(office: PostOffice) -> None:
    while fan_out_clicks_once(office.records, office.clock, office.app.feed.read_clicks):
        pass


def visit(office: PostOffice, path: str, times: int = 1) -> None:
    for _ in range(times):
        office.now += 5000
        office.ask("GET", path, headers={"User-Agent": FIREFOX})
    office.load()


def told(office: PostOffice, hook: Any) -> list[Any]:
    return [json.loads(one["payload"]) for one in office.deliveries(target_id=hook["id"])]


def test_each_click_is_told_once_to_who_names_it(office: PostOffice) -> None:
    link = office.link("a")
    visit(office, "/a")
    named, all_ = office.webhook(NOBODY, events=["link.clicked"]), office.webhook(NOBODY, events=["*", "link.*"])
    follow(office)
    visit(office, "/a", 3)
    follow(office)
    follow(office)
    clicks = told(office, named)
    assert [one["type"] for one in clicks] == ["link.clicked"] * 3
    assert {one["record_id"] for one in clicks} == {link["id"]} and len({one["id"] for one in clicks}) == 3
    assert clicks[0]["data"]["slug"] == "a" and clicks[0]["data"]["browser"] == "Firefox"
    office.fan_out()
    assert "link.clicked" not in {one["type"] for one in told(office, all_)}


def test_a_code_that_is_scanned_and_a_condition_on_clicks(office: PostOffice) -> None:
    office.link("a")
    scans = office.webhook(NOBODY, events=["link.scanned"])
    bots = office.webhook(NOBODY, events=["link.clicked"], condition="class=bot")
    follow(office)
    office.now += 5000
    office.ask("GET", "/a", "qr=1", headers={"User-Agent": FIREFOX})
    office.ask("GET", "/a", headers={"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    office.load()
    follow(office)
    assert [one["data"]["class"] for one in told(office, bots)] == ["bot"]
    assert [one["data"]["source"] for one in told(office, scans)] == ["qr"]


def test_without_anybody_who_asks_nobody_reads(office: PostOffice) -> None:
    def read(after: str | None, limit: int) -> Any:
        raise AssertionError("read")

    assert fan_out_clicks_once(office.records, office.clock, read) is False
    hook = office.webhook(NOBODY, events=["link.clicked"])
    follow(office)
    office.change(f"/webhooks/{hook['id']}", status="paused")
    assert fan_out_clicks_once(office.records, office.clock, read) is False
    office.link("a")
    visit(office, "/a")
    office.change(f"/webhooks/{hook['id']}", status="active")
    follow(office)
    assert told(office, hook) == []


def test_a_cursor_that_leads_nowhere_begins_anew(office: PostOffice) -> None:
    office.webhook(NOBODY, events=["link.clicked"])
    asked: list[str | None] = []

    def read(after: str | None, limit: int) -> Any:
        asked.append(after)
        if after == "gone":
            raise Invalid({"after": "is no cursor"})
        return [], "gone"

    for _ in range(2):
        fan_out_clicks_once(office.records, office.clock, read)
    assert asked == [None, "gone", None]


def test_who_does_not_keep_up_has_so_many_waiting_and_no_more(office: PostOffice, monkeypatch: Any) -> None:
    monkeypatch.setattr(clicked, "MOST_WAITING", 2)
    hook = office.webhook(NOBODY, events=["link.clicked"])
    office.link("a")
    follow(office)
    for _ in range(4):
        visit(office, "/a")
        follow(office)
    assert len(told(office, hook)) == 2
