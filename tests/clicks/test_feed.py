"""Clicks in the order of loading: whole, once, from any place, whatever becomes of the months."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clicks import requests
from routy.clicks.feed import ClickFeed
from routy.clicks.generations import ALL, Keep, rewrite
from routy.clock import parse_iso
from routy.errors import Invalid
from routy.ids import is_id
from routy.records import write
from routy.records.feed import Place
from routy.records.show import show
from routy.reports import listed
from routy.resources.clicks import Click
from routy.resources.links import Link
from routy.store.cursors import Writer
from tests.clicks.yard import Yard

NEW_YEAR = parse_iso("2026-12-31T23:59:59.500Z")


def feed_of(yard: Yard) -> ClickFeed:
    return ClickFeed(yard.store, yard.records, listed.columns(Click, "clicked_at"), yard.loader.committed)


def walk(feed: ClickFeed, limit: int = 3, place: Place | None = None) -> list[str]:
    """The ids of all clicks behind a place, read in small steps."""
    at, found = place or feed.beginning, list[str]()
    while True:
        fed, end = feed.read(at, limit)
        assert [one.place for one in fed] == sorted({one.place for one in fed})
        assert at <= end and all(at < one.place <= end for one in fed)
        found += [one.row["id"] for one in fed]
        if end == at:
            return found
        at = end


def stored(yard: Yard) -> list[str]:
    """In the order of loading, by SQL that knows nothing of the feed."""
    rows = yard.rows("SELECT 'clk_' || ulid(clicked_at, id_high, id_low) AS id FROM clicks ORDER BY segment, line")
    return [row["id"] for row in rows]


def visit_over_new_year(yard: Yard) -> None:
    for number in range(6):
        yard.now = NEW_YEAR + number * 200
        yard.visit("/a" if number % 2 else "/b")


def log_a_request(yard: Yard) -> None:
    request = requests.ApiRequest("req_01KAHGZ4T8Z6Q7V3M9W2R5X0CD", "ws", "tok", "GET", "/links", 200, 1, "", 2)
    requests.append(yard.requests, "run", request)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    for slug in "ab":
        yard.add_link(slug)
    yield yard
    yard.close()


# ---- order and places


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.lists(st.integers(1, 7), min_size=1, max_size=30), clicks=st.lists(st.integers(0, 5), max_size=4))
def test_any_steps_see_every_click_once_in_the_order_of_loading(
    yard: Yard, limits: list[int], clicks: list[int]
) -> None:
    feed = feed_of(yard)
    begin = feed.now()
    before = stored(yard)
    for number in clicks:
        for _ in range(number):
            yard.visit("/a")
        yard.load()
    place, found = begin, list[str]()
    for limit in [*limits, *[1000] * 3]:
        fed, place = feed.read(place, limit)
        found += [one.row["id"] for one in fed]
    assert before + found == stored(yard)
    assert place == feed.now()


def test_a_row_is_what_the_list_shows_with_its_link_beside_it(yard: Yard) -> None:
    yard.visit("/a", "sub1=x", HTTP_REFERER="https://news.example/")
    yard.load()
    fed = feed_of(yard).read((0, 0), 10)[0][0]
    assert show(Click, fed.row) == show(Click, yard.clicks().rows[0])
    assert (fed.workspace_id, fed.row["slug"], fed.row["tag_ids"]) == (yard.workspace_id, "a", [])


def test_now_is_behind_what_is_loaded_and_before_what_waits(yard: Yard) -> None:
    feed = feed_of(yard)
    yard.visit("/a")
    yard.load()
    now = feed.now()
    yard.visit("/b")
    assert feed.read(now, 10) == ([], now)
    yard.load()
    assert len(feed.read(now, 10)[0]) == 1


def test_requests_that_are_loaded_between_clicks_are_passed_over(yard: Yard) -> None:
    feed = feed_of(yard)
    for _ in range(3):
        yard.visit("/a")
        log_a_request(yard)
        yard.load()
    assert walk(feed) == stored(yard) and len(stored(yard)) == 3


# ---- whatever becomes of the months


def test_places_hold_over_the_turn_of_a_year_and_over_a_restart(yard: Yard) -> None:
    visit_over_new_year(yard)
    yard.load()
    expected = stored(yard)
    middle = feed_of(yard).read((0, 0), 4)[1]
    yard.die()
    again = Yard(yard.path, now=yard.now)
    assert walk(feed_of(again)) == expected
    assert walk(feed_of(again), place=middle) == expected[4:]
    again.close()
    yard.store.open()


def test_places_hold_when_months_are_written_anew(yard: Yard) -> None:
    visit_over_new_year(yard)
    yard.load()
    expected, middle = stored(yard), feed_of(yard).read((0, 0), 2)[1]
    for month in yard.store.months:
        assert rewrite(yard.store, month, ALL, yard.now)
    assert walk(feed_of(yard)) == expected
    assert walk(feed_of(yard), place=middle) == expected[2:]


def test_what_is_erased_is_passed_over(yard: Yard) -> None:
    visit_over_new_year(yard)
    yard.load()
    expected = stored(yard)
    for month in yard.store.months:
        rewrite(yard.store, month, Keep("line <> 2", cause="erasure", rollups="true"), yard.now)
    assert walk(feed_of(yard)) == [each for number, each in enumerate(expected, 1) if number != 2]


class Killed(Exception):
    """As kill -9."""


@contextmanager
def killed_before(monkeypatch: pytest.MonkeyPatch, month: str) -> Iterator[None]:
    """The process is gone when the transaction of this month would begin."""
    transaction = Writer.transaction

    def begin(writer: Writer, name: str) -> Any:
        if name == month:
            raise Killed
        return transaction(writer, name)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Writer, "transaction", begin)
        yield


def test_a_segment_of_which_one_month_is_there_waits_for_the_other(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.visit("/a")
    yard.load()
    feed, now = feed_of(yard), feed_of(yard).now()
    visit_over_new_year(yard)
    yard.seal()
    with killed_before(monkeypatch, "2027-01"):
        yard.loader.load_once()
    assert 1 < len(stored(yard)) < 7
    assert feed.read(now, 10) == ([], now)
    while yard.loader.load_once():
        pass
    assert len(feed.read(now, 10)[0]) == 6


def test_the_same_holds_for_the_next_run(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.visit("/a")
    yard.load()
    now = feed_of(yard).now()
    visit_over_new_year(yard)
    yard.seal()
    with killed_before(monkeypatch, "2027-01"):
        yard.loader.load_once()
    yard.die()
    again = Yard(yard.path, now=yard.now)
    feed = feed_of(again)
    assert feed.now() == now and feed.read(now, 10) == ([], now)
    again.visit("/b")
    again.load()
    assert len(feed.read(now, 10)[0]) == 7
    assert walk(feed) == stored(again)
    again.close()
    yard.store.open()


def test_what_goes_on_beside_a_half_loaded_segment_waits_too(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request log shares the numbers of segments: it must not lift the mark over what is not whole."""
    feed, now = feed_of(yard), feed_of(yard).now()
    visit_over_new_year(yard)
    log_a_request(yard)
    yard.seal()
    with killed_before(monkeypatch, "2027-01"):
        yard.loader.load_once()
    yard.loader._load_some(yard.requests)
    assert feed.read(now, 10) == ([], now)
    yard.load()
    assert len(feed.read(now, 10)[0]) == 6


def test_numbers_of_a_lost_month_never_mean_another_segment(yard: Yard) -> None:
    for _ in range(3):
        yard.visit("/a")
        yard.load()
    before = feed_of(yard).now()
    yard.die()
    for file in (yard.path / "clicks").glob("2026-11.*"):
        file.unlink()
    again = Yard(yard.path, now=yard.now)
    again.load()
    assert len(feed_of(again).read(before, 10)[0]) == 3, "loaded again from the spool, under numbers of their own"
    again.close()
    yard.store.open()


# ---- clicks as events


def test_a_click_is_an_event_of_its_link_and_a_scan_is_one_more(yard: Yard) -> None:
    feed = feed_of(yard)
    cursor = feed.read_clicks(None, 10)[1]
    yard.visit("/a")
    yard.visit("/b", "qr=1")
    yard.load()
    events, behind = feed.read_clicks(cursor, 10)
    assert [event["type"] for event in events] == ["link.clicked", "link.clicked", "link.scanned"]
    links = {row["slug"]: row["id"] for row in yard.records.rows("SELECT slug, id FROM links")}
    assert [event["record_id"] for event in events] == [links["a"], links["b"], links["b"]]
    [first] = [row for row in yard.clicks().rows if row["link_id"] == links["a"]]
    assert events[0]["data"] == {**show(Click, first), "slug": "a"}
    assert len({event["id"] for event in events}) == 3 and all(is_id("evt", event["id"]) for event in events)
    assert feed.read_clicks(cursor, 10)[0] == events, "the same ids whenever they are read"
    assert events[0]["seq"] < events[1]["seq"] < 2**53
    assert feed.read_clicks(behind, 10) == ([], behind)


def test_clicks_of_a_link_that_is_gone_for_good_are_told_to_nobody(yard: Yard) -> None:
    link = yard.add_link("gone")
    yard.visit("/gone")
    yard.visit("/a")
    yard.load()
    with yard.records.transaction(yard.now) as tx:
        write.purge(tx, yard.actor, Link, link["id"])
    assert [event["data"]["slug"] for event in feed_of(yard).read_clicks("0.0", 10)[0]] == ["a"]


@pytest.mark.parametrize("cursor", ["", "1", "1.", ".2", "1.2.3", "a.b", "-1.2", "1.99999999999", "١.٢"])
def test_what_is_no_cursor_is_refused(yard: Yard, cursor: str) -> None:
    with pytest.raises(Invalid):
        feed_of(yard).read_clicks(cursor, 10)
