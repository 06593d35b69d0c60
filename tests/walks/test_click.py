"""One click, from the visitor's request to the figure in a report."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from routy.resources.links import Link
from tests.clicks.yard import GOOGLEBOT, Yard


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    yield yard
    yard.close()


def test_a_click_walks_from_the_request_to_the_report(yard: Yard) -> None:
    link = yard.add_link("summer", "https://shop.example/summer?color=green")

    response = yard.visit("/Summer", "utm_source=letter&qr=1", REMOTE_ADDR="73.8.8.8")
    assert response.status == 302
    assert response.location == "https://shop.example/summer?color=green&utm_source=letter"
    assert response.headers["Cache-Control"] == "private, no-store"

    assert len(yard.lines()) == 1
    yard.load()
    assert yard.lines() == []

    click = yard.clicks().rows[0]
    assert (click["link_id"], click["class"], click["country"]) == (link["id"], "human", "US")
    assert (click["browser"], click["os"], click["device"]) == ("Firefox", "Linux", "desktop")
    assert (click["utm_source"], click["source"], click["ip"]) == ("letter", "qr", "73.8.8.0")

    answer = yard.report(metrics="clicks,uniques", dimensions="link,day")
    assert answer["rows"] == [
        {"link": link["id"], "slug": "summer", "day": "2026-11-21", "clicks": 1, "uniques": 1}
    ]
    figures = yard.books.figures(yard.spool)
    assert (figures["answered"], figures["stored"], figures["holds"]) == (1, 1, True)


def test_what_a_crawler_does_is_kept_and_is_no_human_click(yard: Yard) -> None:
    yard.add_link("summer")
    assert yard.visit("/summer", agent=GOOGLEBOT).status == 302
    yard.load()
    assert yard.report(metrics="clicks")["totals"] == {"clicks": 0}
    assert yard.report(metrics="clicks", class_="any")["totals"] == {"clicks": 1}


def test_a_killed_server_loses_no_answered_click(tmp_path: Path) -> None:
    first = Yard(tmp_path)
    first.add_link("summer")
    answered = [first.visit("/summer").status for _ in range(50)]
    first.die()

    second = Yard(tmp_path, now=first.now + 60_000)
    second.load()
    assert second.report()["totals"] == {"clicks": answered.count(302)}
    second.close()


def test_a_visitor_of_a_paused_link_is_told_and_the_visit_is_kept(yard: Yard) -> None:
    link = yard.add_link("summer")
    yard.change(Link, link["id"], status="paused")
    response = yard.visit("/summer")
    assert (response.status, b"not active" in response.body) == (410, True)
    yard.load()
    assert [(row["branch"], row["branch_reason"]) for row in yard.rows()] == [("inactive", "paused")]


def test_an_unknown_slug_is_a_404_and_is_listed_as_missing(yard: Yard) -> None:
    assert yard.visit("/sumer").status == 404
    yard.missing.flush_once(yard.records, yard.clock)
    row = yard.records.one("SELECT slug, visits FROM missing_slugs")
    assert row == {"slug": "sumer", "visits": 1}
    assert yard.lines() == []
