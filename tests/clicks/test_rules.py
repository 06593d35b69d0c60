import pytest

from routy.clicks.rules import with_query
from routy.resources.domains import Domain
from routy.resources.links import Link
from tests.clicks.yard import Yard


@pytest.mark.parametrize(
    ("destination", "query", "expected"),
    [
        ("https://a.example/", "x=1", "https://a.example/?x=1"),
        ("https://a.example/?a=1", "x=1", "https://a.example/?a=1&x=1"),
        ("https://a.example/?a=1#top", "a=2&x=1", "https://a.example/?a=1&x=1#top"),
        ("https://a.example/?a=1", "a=2", "https://a.example/?a=1"),
        ("https://a.example/#top", "x=1", "https://a.example/?x=1#top"),
        ("mailto:ada@a.example", "subject=x", "mailto:ada@a.example"),
    ],
)
def test_the_query_goes_behind_what_the_destination_says_itself(
    destination: str, query: str, expected: str
) -> None:
    assert with_query(destination, query) == expected


def test_a_link_that_passes_no_query_keeps_it_out(yard: Yard) -> None:
    yard.add_link("plain", "https://a.example/", pass_query=False)
    assert yard.visit("/plain", "x=1").location == "https://a.example/"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_link_redirects_with_its_own_status(yard: Yard, status: int) -> None:
    yard.add_link("summer", redirect_status=status)
    assert yard.visit("/summer").status == status


def test_a_destination_beyond_ascii_is_encoded(yard: Yard) -> None:
    yard.add_link("cafe", "https://a.example/café?q=ü")
    assert yard.visit("/cafe").location == "https://a.example/caf%C3%A9?q=%C3%BC"


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_an_inactive_link_shows_a_page_that_is_no_404(yard: Yard, status: str) -> None:
    yard.add_link("summer", status=status)
    assert yard.visit("/summer").status == 410
    yard.load()
    assert yard.rows()[0]["branch_reason"] == status


def test_a_link_expires_at_its_moment(yard: Yard) -> None:
    link = yard.add_link("summer", expires_at="2026-11-21T12:01:00Z")
    yard.now += 59_999
    assert yard.visit("/summer").status == 302
    yard.now += 1
    assert yard.visit("/summer").status == 410
    yard.change(Link, link["id"], expires_at=None)
    assert yard.visit("/summer").status == 302


def test_a_fallback_takes_the_visitors_of_inactive_links(yard: Yard) -> None:
    yard.change(Domain, yard.default_domain(), fallback_url="https://a.example/home")
    yard.add_link("summer", status="paused")
    response = yard.visit("/summer")
    assert (response.status, response.location) == (302, "https://a.example/home")
    yard.load()
    assert (yard.rows()[0]["branch"], yard.rows()[0]["branch_reason"]) == ("fallback", "paused")


def test_a_not_found_url_takes_the_visitors_of_unknown_slugs(yard: Yard) -> None:
    yard.change(Domain, yard.default_domain(), not_found_url="https://a.example/404")
    assert yard.visit("/nothing").location == "https://a.example/404"
    assert yard.lines() == []
