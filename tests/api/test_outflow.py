"""One connection of the firehose, by itself: what the server tells of it, heartbeats, and when it ends."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.api import outflow
from routy.errors import Unavailable
from routy.resources.tags import Tag
from tests.house import House


class Seen:
    """A connection as a test wants it."""

    def __init__(self, unsent: int = 0, gone: bool = False) -> None:
        self.left, self.closed = unsent, gone

    def unsent(self) -> int:
        return self.left

    def gone(self) -> bool:
        return self.closed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def follow(house: House, connection: Seen, **query: str) -> Any:
    """The body of an answer, not yet read."""
    asked = "&".join(f"{name}={value}" for name, value in {"format": "ndjson", **query}.items())
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/firehose", "QUERY_STRING": asked, "HTTP_HOST": "go.example",
        "REMOTE_ADDR": "73.8.8.8", "HTTP_X_API_KEY": house.owner.token, "routy.connection": connection,
        "wsgi.url_scheme": "http",
    }  # fmt: skip
    return house.app.front(environ, lambda status, headers: None)


def told(body: Any) -> list[Any]:
    """All messages until it ends by itself."""
    lines = [json.loads(line) for piece in body for line in piece.splitlines()]
    body.close()
    return lines


def test_who_does_not_take_what_was_sent_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outflow, "WRITE_SECONDS", 0.2)
    lines = told(follow(house, Seen(unsent=outflow.UNSENT + 1), streams="events", after="begin"))
    assert lines[0]["stream"] == "begin" and lines[-1]["stream"] == "events", "there is no telling it why"
    assert house.app.hose.readers == 0


def test_a_write_that_took_too_long_is_the_last(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outflow, "WRITE_SECONDS", 0.05)
    body = follow(house, Seen(), streams="events", after="begin")
    pieces = iter(body)
    assert b"begin" in next(pieces) and b"events" in next(pieces)
    time.sleep(0.1)
    assert list(pieces) == []
    body.close()


def test_the_cursor_of_who_was_cut_off_goes_on_without_a_gap(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outflow, "PIECE", 100)
    monkeypatch.setattr(outflow, "WRITE_SECONDS", 0.05)
    for name in "abc":
        house.make(Tag, name=name)
    first = told(follow(house, Seen(unsent=outflow.UNSENT + 1), streams="events", after="begin"))
    rest = told(follow(house, Seen(), streams="events", after=first[-1]["cursor"], follow="false"))
    seqs = [line["data"]["seq"] for line in (*first, *rest) if line["stream"] == "events"]
    listed = house.call("GET", "/events", after="0", limit="1000").data
    assert seqs == [row["seq"] for row in listed] and len(first) < len(rest)


def test_who_has_gone_is_noticed_without_a_write(house: House) -> None:
    connection = Seen()
    body = follow(house, connection)
    pieces = iter(body)
    assert next(pieces)
    assert house.app.hose.readers == 1
    connection.closed = True
    assert b"".join(pieces) == b""
    body.close()
    assert house.app.hose.readers == 0


def test_a_heartbeat_carries_the_cursor_past_what_filters_held_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outflow, "BEAT_SECONDS", 0.0)
    body = follow(house, Seen(), streams="events", type="nothing.happened")
    pieces = iter(body)
    before = json.loads(next(pieces))["cursor"]
    house.make(Tag, name="a")
    beat = json.loads(next(pieces))
    assert beat["stream"] == "heartbeat" and beat["cursor"] != before
    rest = told(follow(house, Seen(), streams="events", after=beat["cursor"], follow="false"))
    assert {line["stream"] for line in rest} == {"begin", "heartbeat", "end"}
    body.close()


def test_a_heartbeat_of_server_sent_events_is_a_comment_with_an_id() -> None:
    assert outflow.SSE.beat("1.2.3.x") == b": heartbeat\nid: 1.2.3.x\n\n"


def test_a_place_in_the_front_is_held_until_the_answer_is_closed(house: House) -> None:
    places = house.app.front.places
    before = places._value  # type: ignore[attr-defined]
    body = follow(house, Seen())
    assert places._value == before - 1  # type: ignore[attr-defined]
    body.close()
    body.close()
    assert places._value == before  # type: ignore[attr-defined]


def test_a_store_that_cannot_be_asked_is_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    source = house.app.hose.streams["events"].source
    failures = [Unavailable("not now", retry_after=1)] * 2

    def read(after: Any, limit: int) -> Any:
        if failures:
            raise failures.pop()
        return type(source).read(source, after, limit)  # type: ignore[arg-type]

    class Shy:
        beginning, now, keeps = source.beginning, source.now, source.keeps

    Shy.read = staticmethod(read)  # type: ignore[attr-defined]
    monkeypatch.setattr(house.app.hose.streams["events"], "source", Shy())
    lines = told(follow(house, Seen(), streams="events", after="begin", follow="false"))
    assert failures == [] and lines[-1]["data"] == {"reason": "this is all that there is"}
    assert len(lines) > 2


def test_rows_are_read_once_for_all_who_stand_at_the_same_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = house.app.hose.streams["events"]
    first = pages.behind((0, 0))
    house.make(Tag, name="a")
    assert pages.behind((0, 0)).items is first.items
    assert first.seconds > 0 and pages.behind((0, 0)).seconds == 0


def test_after_the_end_nobody_begins(house: House) -> None:
    body = follow(house, Seen())
    house.app.hose.end()
    assert told(body)[-1]["data"] == {"reason": "the server stops"}
    assert house.call("GET", "/firehose").status == 503
