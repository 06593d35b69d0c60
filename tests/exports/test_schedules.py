"""Exports by the clock: when they run, on which days, and who is told."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routy.clock import DAY, HOUR, iso, parse_iso
from routy.exports.clock import schedule_once
from routy.exports.ranges import query_of
from routy.resources.schedules import next_run
from tests.exports.press import work
from tests.house import House

DAILY = {"name": "Daily", "source": "links", "hour": 6, "timezone": "UTC"}


def make(house: House, **more: Any) -> Any:
    reply = house.call("POST", "/schedules", {**DAILY, **more})
    assert reply.status == 201, reply.body
    return reply.data


def run(house: House) -> int:
    """How many exports were asked for."""
    before = len(house.call("GET", "/exports").data)
    while schedule_once(house.records, house.clock):
        pass
    work(house)
    return len(house.call("GET", "/exports").data) - before


def row(**given: Any) -> dict[str, Any]:
    return {"every": "day", "weekday": 1, "day": 1, "hour": 6, **given}


@pytest.mark.parametrize(
    ("given", "zone", "after", "expected"),
    [
        ({}, "UTC", "2026-11-21T05:59:59Z", "2026-11-21T06:00:00.000Z"),
        ({}, "UTC", "2026-11-21T06:00:00Z", "2026-11-22T06:00:00.000Z"),
        ({}, "Europe/Berlin", "2026-11-21T06:00:00Z", "2026-11-22T05:00:00.000Z"),
        ({"hour": 23}, "Asia/Tokyo", "2026-11-21T12:00:00Z", "2026-11-21T14:00:00.000Z"),
        ({"every": "week", "weekday": 1}, "UTC", "2026-11-21T12:00:00Z", "2026-11-23T06:00:00.000Z"),
        ({"every": "week", "weekday": 6}, "UTC", "2026-11-21T12:00:00Z", "2026-11-28T06:00:00.000Z"),
        ({"every": "month", "day": 31}, "UTC", "2026-11-21T12:00:00Z", "2026-11-30T06:00:00.000Z"),
        ({"every": "month", "day": 31}, "UTC", "2027-01-31T12:00:00Z", "2027-02-28T06:00:00.000Z"),
        ({"every": "month", "day": 1}, "UTC", "2026-12-01T06:00:00Z", "2027-01-01T06:00:00.000Z"),
        # the clocks of Berlin leave out 02:00 on 28 March 2027, and have it twice on 31 October
        ({"hour": 2}, "Europe/Berlin", "2027-03-27T12:00:00Z", "2027-03-28T01:00:00.000Z"),
        ({"hour": 2}, "Europe/Berlin", "2027-10-30T12:00:00Z", "2027-10-31T00:00:00.000Z"),
        ({"hour": 2}, "Europe/Berlin", "2027-10-31T00:00:00Z", "2027-11-01T01:00:00.000Z"),
    ],
)
def test_it_runs_at_its_hour_by_the_clock_of_its_zone(
    given: dict[str, Any], zone: str, after: str, expected: str
) -> None:
    assert iso(next_run(row(**given), zone, parse_iso(after))) == expected


@settings(deadline=None)  # other tests may run beside it
@given(
    every=st.sampled_from(["day", "week", "month"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    after=st.integers(parse_iso("2026-01-01"), parse_iso("2028-01-01")),
    hour=st.integers(0, 23),
    day=st.integers(1, 31),
)
def test_it_always_runs_later_and_never_twice_for_one_day(
    every: str, zone: str, after: int, hour: int, day: int
) -> None:
    wanted = row(every=every, hour=hour, day=day, weekday=1 + day % 7)
    first = next_run(wanted, zone, after)
    second = next_run(wanted, zone, first)
    assert after < first < second
    days = [datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)).date() for at in (first, second)]
    assert days[0] < days[1]
    assert first - after <= 32 * DAY


def test_one_that_is_due_makes_an_export_and_waits_for_the_next_time(house: House) -> None:
    made = make(house)
    assert made["next_at"] == "2026-11-22T06:00:00.000Z"
    assert run(house) == 0
    house.now = parse_iso("2026-11-22T06:00:00Z")
    assert run(house) == 1
    after = house.call("GET", f"/schedules/{made['id']}").data
    done = house.call("GET", f"/exports/{after['last_export_id']}").data
    assert (done["status"], done["name"], done["schedule_id"]) == ("done", "Daily", made["id"])
    assert (after["next_at"], after["last_error"], after["version"]) == ("2026-11-23T06:00:00.000Z", None, 1)


def test_what_was_missed_is_made_up_for_once(house: House) -> None:
    make(house)
    house.now += 30 * DAY
    assert run(house) == 1
    assert run(house) == 0


def test_a_paused_one_makes_nothing_and_goes_on_from_now(house: House) -> None:
    made = make(house)
    house.call("PATCH", f"/schedules/{made['id']}", {"status": "paused"})
    house.now += 3 * DAY
    assert run(house) == 0
    resumed = house.call("PATCH", f"/schedules/{made['id']}", {"status": "active"}).data
    assert resumed["next_at"] == "2026-11-25T06:00:00.000Z"
    assert run(house) == 0


def test_a_deleted_one_makes_nothing(house: House) -> None:
    made = make(house)
    house.call("DELETE", f"/schedules/{made['id']}")
    house.now += 3 * DAY
    assert run(house) == 0


def test_it_runs_with_the_rights_that_its_maker_has_then(house: House) -> None:
    token = house.call("POST", "/tokens", {"name": "clock", "scopes": ["exports:write", "links:read"]}).data
    made = house.call("POST", "/schedules", DAILY, token["secret"] and None,
                      {"Authorization": f"Bearer {token['secret']}"}).data  # fmt: skip
    house.call("DELETE", f"/tokens/{token['id']}")
    house.now += DAY
    assert run(house) == 0
    after = house.call("GET", f"/schedules/{made['id']}").data
    assert "token is gone" in after["last_error"]
    assert after["next_at"] == "2026-11-23T06:00:00.000Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"source": "nothing"}, "source"),
        ({"query": "colour=1"}, "query"),
        ({"range": "7d", "query": "created_at[gte]=2026-01-01"}, "range"),
        ({"source": "reports", "range": "7d", "query": "from=2026-01-01"}, "range"),
        ({"source": "reports", "query": "metrics=love"}, "query"),
        ({"hour": 24}, "hour"),
        ({"day": 0}, "day"),
        ({"weekday": 8}, "weekday"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"recipients": ["nobody"]}, "recipients"),
    ],
    ids=str,
)
def test_a_wrong_one_is_refused(house: House, body: dict[str, Any], field: str) -> None:
    with house.unchanged():
        reply = house.call("POST", "/schedules", {**DAILY, **body})
        assert (reply.status, reply.fields) == (400, {field}), reply.body


@pytest.mark.parametrize(
    ("range_", "expected"),
    [
        (None, "a=b"),
        ("today", "a=b&from=2026-03-01&to=2026-03-01&timezone=Europe/Berlin"),
        ("yesterday", "a=b&from=2026-02-28&to=2026-02-28&timezone=Europe/Berlin"),
        ("7d", "a=b&from=2026-02-23&to=2026-03-01&timezone=Europe/Berlin"),
        ("month", "a=b&from=2026-03-01&to=2026-03-01&timezone=Europe/Berlin"),
        ("last-month", "a=b&from=2026-02-01&to=2026-02-28&timezone=Europe/Berlin"),
        ("all", "a=b&from=1970-01-02&to=2026-03-01&timezone=Europe/Berlin"),
    ],
)
def test_a_range_is_days_of_the_zone_up_to_now(range_: str | None, expected: str) -> None:
    now = parse_iso("2026-02-28T23:30:00Z")  # the first of March in Berlin
    assert query_of("reports", "a=b", range_, "Europe/Berlin", now) == expected


def test_a_range_narrows_a_list_by_the_same_days() -> None:
    now = parse_iso("2026-03-29T12:00:00Z")  # a day of 23 hours
    found = query_of("links", "", "today", "Europe/Berlin", now)
    assert found == "created_at[gte]=2026-03-28T23:00:00.000Z&created_at[lt]=2026-03-29T22:00:00.000Z"


@pytest.mark.parametrize("form", ["csv", "ndjson", "json", "xlsx"])
@pytest.mark.parametrize("source", ["links", "reports"])
def test_people_are_told_with_the_first_rows_and_an_address(house: House, form: str, source: str) -> None:
    house.link("one", title="=1+1")
    query = "fields=slug,title" if source == "links" else "metrics=clicks&dimensions=day"
    people = ["a@acme.example", "b@acme.example"]
    make(house, recipients=people, format=form, source=source, query=query, range="7d")
    house.now = parse_iso("2026-11-22T06:00:00Z")
    assert run(house) == 1
    mails = house.records.rows("SELECT recipient, subject, text, link FROM mails ORDER BY recipient")
    assert [mail["recipient"] for mail in mails] == people
    assert "Daily" in mails[0]["subject"] and "7 days" in mails[0]["subject"]
    assert house.ask("GET", mails[0]["link"].removeprefix("http://go.example")).status == 200
    logged = house.call("GET", "/mails").body.decode()
    assert "https://download.invalid/" in logged and "/downloads/" not in logged
    if form != "xlsx":
        assert ("one" if source == "links" else "2026-11-2") in mails[0]["text"]


def test_nobody_else_says_what_goes_where(house: House) -> None:
    """It runs with the rights of its maker: whoever else could change it would read with these."""
    made = make(house, recipients=["a@acme.example"], source="audit_entries", query="")
    for body in (
        {"recipients": ["eve@evil.example"]},
        {"source": "links"},
        {"query": "limit=1"},
        {"format": "json"},
    ):
        with house.unchanged():
            assert house.call("PATCH", f"/schedules/{made['id']}", body, house.teammate).status == 403
    assert house.call("PATCH", f"/schedules/{made['id']}", {"name": "Ours"}, house.teammate).status == 200


def test_a_failed_one_tells_nobody_by_mail_and_says_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(__import__("routy.exports.written", fromlist=["x"]).WRITERS, "csv", full)
    made = make(house, recipients=["a@acme.example"])
    house.now += DAY + HOUR
    run(house)
    assert house.call("GET", f"/schedules/{made['id']}").data["last_error"] == "the disk is full"
    assert house.records.rows("SELECT 1 FROM mails") == []
    assert json.loads(house.records.rows("SELECT recipients FROM schedules")[0]["recipients"])
