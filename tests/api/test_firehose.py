"""The firehose as it is asked for: streams, filters, cursors, forms and refusals. Its life on a real connection is
in tests/walks/test_firehose.py."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.app import App
from routy.clicks.generations import ALL, rewrite
from routy.clock import DAY
from routy.records.pruning import prune_once
from routy.resources.tags import Tag
from routy.resources.tokens import Token
from tests.clicks.yard import GOOGLEBOT
from tests.house import FIREFOX, House, Person, Reply


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.link("summer")
    house.link("winter")
    yield house
    house.close()


def visit(house: House, *slugs: str, agent: str = FIREFOX) -> None:
    """And load what came of it."""
    for slug in slugs:
        assert house.ask("GET", f"/{slug}", headers={"User-Agent": agent}, HTTP_USER_AGENT=agent).status == 302
    house.load()


def ask(house: House, as_: Person | str | None = "owner", headers: Any = None, **query: str) -> Reply:
    """All that there is, and then the end."""
    return house.call("GET", "/firehose", as_=as_, headers=headers, **{"follow": "false", **query})


def lines(house: House, **query: str) -> list[dict[str, Any]]:
    """The messages, as NDJSON has them, without those that only say where the reader stands."""
    reply = ask(house, **{"format": "ndjson", **query})
    assert reply.status == 200, reply.body
    told = [json.loads(line) for line in reply.body.splitlines()]
    assert (told[0]["stream"], told[-1]["stream"]) == ("begin", "end")
    return [one for one in told if one["stream"] in ("clicks", "events")]


def ids(told: list[dict[str, Any]]) -> list[str]:
    return [one["data"]["id"] for one in told]


def by_id(row: dict[str, Any]) -> str:
    return str(row["id"])


def last_cursor(house: House, **query: str) -> str:
    reply = ask(house, **{"format": "ndjson", **query})
    return str(json.loads(reply.body.splitlines()[-1])["cursor"])


# ---- what comes


def test_clicks_look_as_the_list_shows_them_and_events_as_theirs(house: House) -> None:
    visit(house, "summer", "winter")
    told = lines(house, after="begin")
    clicks = [one["data"] for one in told if one["stream"] == "clicks"]
    assert sorted(clicks, key=by_id) == sorted(house.call("GET", "/clicks").data, key=by_id)
    events = [one["data"] for one in told if one["stream"] == "events"]
    assert events == house.call("GET", "/events", after="0", limit="1000").data


def test_without_a_cursor_it_begins_now(house: House) -> None:
    visit(house, "summer")
    assert lines(house) == []


def test_a_cursor_goes_on_behind_its_message_without_a_gap_or_a_double(house: House) -> None:
    visit(house, *["summer"] * 5)
    house.make(Tag, name="a")
    whole = lines(house, after="begin")
    for number, one in enumerate(whole):
        rest = lines(house, after=one["cursor"])
        assert sorted(ids(rest)) == sorted(ids(whole)[number + 1 :])


def test_cursors_hold_when_months_are_written_anew_and_over_a_restart(house: House) -> None:
    visit(house, "summer", "winter", "summer")
    first = lines(house, streams="clicks", after="begin")
    for month in house.app.clicks.months:
        rewrite(house.app.clicks, month, ALL, house.now)
    assert ids(lines(house, streams="clicks", after=first[0]["cursor"])) == ids(first)[1:]
    house.app.stop()
    house.app = App(house.app.config, house.clock)
    house.records = house.app.records
    assert ids(lines(house, streams="clicks", after=first[0]["cursor"])) == ids(first)[1:]


def test_a_stream_that_was_not_followed_waits_where_it_was(house: House) -> None:
    cursor = last_cursor(house, streams="clicks")
    visit(house, "summer")
    house.make(Tag, name="a")
    behind = last_cursor(house, streams="clicks", after=cursor)
    told = lines(house, after=behind)
    assert [one["data"].get("type") for one in told] == ["tag.created"]


def test_last_event_id_counts_for_more_than_the_address(house: House) -> None:
    visit(house, "summer", "winter")
    told = lines(house, streams="clicks", after="begin")
    reply = ask(house, streams="clicks", after="begin", headers={"Last-Event-ID": told[0]["cursor"]})
    assert told[1]["data"]["id"].encode() in reply.body and told[0]["data"]["id"].encode() not in reply.body


def test_as_server_sent_events_each_message_has_its_id_and_its_kind(house: House) -> None:
    visit(house, "summer")
    reply = ask(house, streams="clicks", after="begin", headers={"Accept": "text/event-stream"})
    assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert "Content-Length" not in reply.headers and reply.headers["X-Accel-Buffering"] == "no"
    messages = reply.body.decode().split("\n\n")
    assert messages[0].startswith("retry: ") and "\nid: " in messages[0]
    names = [line.partition(": ")[0] for line in messages[1].split("\n")]
    assert names == ["id", "event", "data"] and "event: clicks" in messages[1]
    assert messages[2].startswith("event: end\ndata: ")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/event-stream", "text/event-stream"),
        ("*/*", "text/event-stream"),
        ("application/x-ndjson;q=0.9, text/event-stream;q=0.1", "application/x-ndjson"),
    ],
)
def test_accept_chooses_the_form(house: House, accept: str, kind: str) -> None:
    assert ask(house, headers={"Accept": accept}).headers["Content-Type"].startswith(kind)


def test_head_tells_the_headers_and_takes_no_place(house: House) -> None:
    reply = house.call("HEAD", "/firehose")
    assert (reply.status, reply.body) == (200, b"")
    assert house.app.hose.readers == 0


# ---- filters


def test_filters_hold_for_the_stream_that_has_them(house: House) -> None:
    visit(house, "summer", "winter")
    visit(house, "summer", agent=GOOGLEBOT)
    told = lines(house, after="begin", **{"class": "bot", "type": "link.created"})
    assert [one["data"]["class"] for one in told if one["stream"] == "clicks"] == ["bot"]
    assert {one["data"]["type"] for one in told if one["stream"] == "events"} == {"link.created"}


FILTERS: list[dict[str, str]] = [
    {"class": "human"}, {"class[ne]": "human"}, {"class": "bot,human"}, {"slug": "summer"}, {"slug[prefix]": "win"},
    {"slug[contains]": "INT"}, {"slug[ne]": "summer"}, {"tag_ids[null]": "true"}, {"folder_id[null]": "false"},
    {"source[null]": "true"}, {"source": "qr"}, {"agent[contains]": "FIREFOX"}, {"agent[prefix]": "Mozilla"},
    {"is_unique": "true"}, {"is_unique": "false"}, {"status": "302"}, {"asn[null]": "true"}, {"country": "US"},
    {"created_at[gte]": "2026-11-21T12:00:01Z"}, {"created_at[lt]": "2026-11-21T12:00:01Z"}, {"method": "HEAD"},
    {"ip": "73.8.8.0"}, {"referrer_host[ne]": "x.example"}, {"branch[ne]": "destination"},
]  # fmt: skip


@pytest.mark.parametrize("given", FILTERS, ids=str)
def test_a_filter_lets_through_what_the_list_would_show(house: House, given: dict[str, str]) -> None:
    visit(house, "summer", "winter")
    visit(house, "summer", agent=GOOGLEBOT)
    listed = house.call("GET", "/clicks", limit="1000", **given)
    assert listed.status == 200, listed.body
    assert sorted(ids(lines(house, streams="clicks", after="begin", **given))) == sorted(
        one["id"] for one in listed.data
    )


# ---- who may see what


def test_a_stranger_sees_only_their_own(house: House) -> None:
    visit(house, "summer")
    reply = ask(house, house.stranger, after="begin", format="ndjson")
    told = [json.loads(line) for line in reply.body.splitlines()]
    assert not [one for one in told if one["stream"] == "clicks"]
    mine = house.call("GET", "/events", after="0", limit="1000", as_=house.stranger).data
    assert [one["data"] for one in told if one["stream"] == "events"] == mine


@pytest.mark.parametrize(("scope", "stream"), [("clicks:read", "events"), ("events:read", "clicks")])
def test_each_stream_wants_its_scope(house: House, scope: str, stream: str) -> None:
    token = house.make(Token, name="narrow", scopes=[scope])["secret"]
    headers = {"X-API-Key": token}
    refused = ask(house, None, headers)
    assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")
    assert f"{stream}:read" in refused.error["message"]
    assert ask(house, None, headers, streams=scope.partition(":")[0]).status == 200


def test_events_of_records_that_one_may_not_read_are_left_out(house: House) -> None:
    token = house.make(Token, name="narrow", scopes=["events:read", "links:read"])["secret"]
    house.make(Tag, name="a")
    reply = ask(house, None, {"X-API-Key": token}, streams="events", after="begin", format="ndjson")
    told = [json.loads(line) for line in reply.body.splitlines()]
    seen = {one["data"]["resource"] for one in told if one["stream"] == "events"}
    assert seen and seen <= {"links", "tags", "folders"}


# ---- refusals


def foreign_cursor(house: House) -> str:
    reply = ask(house, house.stranger, format="ndjson")
    return str(json.loads(reply.body.splitlines()[0])["cursor"])


WRONG: list[tuple[dict[str, str], set[str]]] = [
    ({"after": ""}, {"after"}),
    ({"after": "0"}, {"after"}),
    ({"after": "1.2.3"}, {"after"}),
    ({"after": "1.2.3.zzzzzzzz"}, {"after"}),
    ({"after": "x" * 200}, {"after"}),
    ({"streams": "clicks,clicks"}, {"streams"}),
    ({"streams": ""}, {"streams"}),
    ({"streams": "links"}, {"streams"}),
    ({"format": "csv"}, {"format"}),
    ({"follow": "maybe"}, {"follow"}),
    ({"country[gte]": "DE"}, {"country[gte]"}),
    ({"nothing": "1"}, {"nothing"}),
    ({"limit": "5"}, {"limit"}),
    ({"streams": "clicks", "type": "link.created"}, {"type"}),
    ({"created_at[gte]": "yesterday"}, {"created_at[gte]"}),
    ({"streams": "x", "after": "y", "zebra": "1", "format": "z"}, {"streams", "after", "zebra", "format"}),
]


@pytest.mark.parametrize(("given", "named"), WRONG, ids=range(len(WRONG)))
def test_every_wrong_parameter_is_named(house: House, given: dict[str, str], named: set[str]) -> None:
    reply = ask(house, **given)
    assert (reply.status, reply.error["code"], reply.fields) == (400, "VALIDATION_ERROR", named)
    assert house.app.hose.readers == 0


def test_a_cursor_of_another_workspace_or_of_the_future_is_refused_by_name(house: House) -> None:
    assert ask(house, after=foreign_cursor(house)).fields == {"after"}
    mark = last_cursor(house).rpartition(".")[2]
    for ahead in (f"999.1.1.{mark}", f"0.1.99999.{mark}"):
        assert ask(house, after=ahead).fields == {"after"}
        assert ask(house, headers={"Last-Event-ID": ahead}).fields == {"Last-Event-ID"}


def test_a_cursor_whose_events_are_forgotten_is_gone(house: House) -> None:
    cursor = last_cursor(house, streams="events", after="begin")
    for name in "abc":
        house.make(Tag, name=name)
    house.now += 100 * DAY
    prune_once(house.records, house.clock, 90)
    house.make(Tag, name="d")
    assert ask(house, after=cursor).error["code"] == "GONE"
    assert ask(house, streams="clicks", after=cursor).status == 200
    assert [one["data"]["type"] for one in lines(house, streams="events", after="begin")][-1] == "tag.created"


def test_who_finds_no_place_is_told_when_to_come_again(house: House) -> None:
    leave = [house.app.hose.enter() for _ in range(house.app.hose.most)]
    reply = ask(house)
    assert (reply.status, reply.error["code"], reply.headers["Retry-After"]) == (503, "UNAVAILABLE", "5")
    leave[0]()
    leave[0]()
    assert ask(house).status == 200
    assert house.app.hose.readers == house.app.hose.most - 1


def test_readers_never_take_all_places_of_the_rest(tmp_path: Path) -> None:
    house = House(tmp_path, empty=True)
    places = house.app.config.server.threads - 8
    assert 0 < house.app.hose.most < places
    house.close()
