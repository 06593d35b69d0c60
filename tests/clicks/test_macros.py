"""Macros, and the parameters that a link adds to where it leads."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clicks.geo import country
from routy.clicks.macros import Moment, encoded, filled, template
from routy.clicks.options import leading
from routy.clicks.visit import Visit
from routy.resources.domains import Domain
from routy.resources.macros import MACROS
from tests.clicks.yard import IPHONE, Yard

MOMENT = 1_795_000_000_123


def visit(query: str = "", **given: str) -> Visit:
    return Visit(
        now=MOMENT, method="GET", host="go.example", slug="Sommer/ü", ip="8.8.8.8", agent=IPHONE,
        referrer="https://news.example/a?b=c&d=e", language="", query=query, source="", prefetch=False,
        private=False, platform="", random="0123456789abcdef0123", class_="human", country_of=country, **given,
    )  # fmt: skip


def value(macro: str, query: str = "", **own: str) -> str:
    return filled(template(f"{{{macro}}}"), Moment(visit(query), own))


@pytest.mark.parametrize(
    ("macro", "expected"),
    [
        ("slug", "Sommer%2F%C3%BC"),
        ("country", "US"),
        ("device", "mobile"),
        ("referrer", "https%3A%2F%2Fnews.example%2Fa%3Fb%3Dc%26d%3De"),
        ("timestamp", "1795000000"),
        ("sub1", ""),
        ("campaign", ""),
    ],
)
def test_a_macro_becomes_its_value_percent_encoded(macro: str, expected: str) -> None:
    assert value(macro) == expected


def test_the_id_of_the_click_is_the_one_that_reports_show(yard: Yard) -> None:
    yard.add_link("summer", "https://shop.example/?c={click_id}")
    location = yard.visit("/summer").location or ""
    yard.load()
    assert location == f"https://shop.example/?c={yard.clicks().rows[0]['id']}"


def test_every_macro_has_a_value() -> None:
    assert all(isinstance(value(macro), str) for macro in MACROS)


def test_sub_ids_and_campaign_come_from_the_query_and_else_from_the_link() -> None:
    assert value("sub3", "sub3=a%20b+c&sub31=x") == "a%20b%20c"
    assert value("sub3", "", sub3="own") == "own"
    assert value("sub3", "sub3=asked", sub3="own") == "asked"
    assert value("campaign", "utm_campaign=june", utm_campaign="may") == "june"
    assert value("source", "", utm_source="letter") == "letter"


def test_a_value_made_of_macros_is_not_asked_again() -> None:
    assert value("sub1", "", sub1="{sub1}") == ""
    assert value("sub1", "sub1={slug}") == ""


def test_what_is_no_macro_stays_as_it_is() -> None:
    assert template("https://a.example/{nothing}") == "https://a.example/{nothing}"
    assert encoded("a b&c={sub1}/{") == "a%20b%26c%3D{sub1}%2F%7B"


@given(st.text(max_size=40), st.sampled_from(["sub1", "referrer"]))
def test_nothing_that_a_visitor_says_leaves_its_parameter(text: str, macro: str) -> None:
    """However it is spelled, the URL keeps its host and its other parameters, and fits into a header."""
    asked = visit()
    asked.referrer = text
    asked.query = f"sub1={''.join(f'%{byte:02x}' for byte in text.encode('utf-8', 'replace'))}"
    url = filled(template(f"https://shop.example/{{{macro}}}?a={{{macro}}}&b=1#c"), Moment(asked, {}))
    parts = urlsplit(url)
    assert url.isascii() and url.isprintable() and " " not in url
    assert (parts.netloc, parts.fragment, dict(parse_qsl(parts.query))["b"]) == ("shop.example", "c", "1")
    assert parts.path.count("/") == 1


# ---- what a link adds


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example?utm_source=x%20y&k="),
        ("https://a.example/?b=1", "https://a.example/?b=1&utm_source=x%20y&k="),
        ("https://a.example/?utm_source=old&b=1&k=2#top", "https://a.example/?b=1&utm_source=x%20y&k=#top"),
        ("https://a.example/?utm%5Fsource=old", "https://a.example/?utm_source=x%20y&k="),
        ("HTTPS://a.example/", "HTTPS://a.example/?utm_source=x%20y&k="),
        ("mailto:ada@a.example?subject=k", "mailto:ada@a.example?subject=k"),
    ],
)
def test_a_links_own_parameters_replace_those_of_the_same_name(url: str, expected: str) -> None:
    assert leading(url, [("utm_source", "x y"), ("k", "")]) == expected


def test_all_that_a_link_adds_goes_along_and_nobody_overrides_it(yard: Yard) -> None:
    yard.add_link(
        "summer", "https://shop.example/?utm_source=old&color=green", utm_source="letter", utm_campaign="may",
        parameters={"sub1": "{country}", "aff": "4 7"}, click_id_parameter="subid",
    )  # fmt: skip
    location = yard.visit("/summer", "utm_source=forged&utm%5Fcampaign=forged&subid=forged&x=1").location or ""
    passed = parse_qsl(urlsplit(location).query)
    names = [name for name, _ in passed]
    assert names == ["color", "utm_source", "utm_campaign", "sub1", "aff", "subid", "x"]
    assert passed[1:5] == [("utm_source", "letter"), ("utm_campaign", "may"), ("sub1", "US"), ("aff", "4 7")]
    assert dict(passed)["subid"].startswith("clk_")


def test_what_a_link_adds_stands_in_its_line(yard: Yard) -> None:
    yard.add_link("summer", utm_source="letter", parameters={"sub1": "{slug}"}, click_id_parameter="subid")
    yard.add_link("over", utm_source="letter", status="paused")
    yard.add_link("plain")
    for path in ("/summer", "/over", "/plain"):
        yard.visit(path)
    assert [line.split(b"\t")[17] for line in yard.lines()] == [
        b"utm_source=letter&sub1=summer", b"utm_source=letter", b"",
    ]  # fmt: skip


def test_the_address_of_an_app_takes_macros_and_no_parameters(yard: Yard) -> None:
    yard.add_link("summer", "mailto:ada@a.example?subject={slug}", utm_source="letter")
    assert yard.visit("/summer", "x=1").location == "mailto:ada@a.example?subject=summer"


def test_a_fallback_takes_macros_whosever_it_is(yard: Yard) -> None:
    yard.change(Domain, yard.default_domain(), fallback_url="https://a.example/{slug}")
    yard.add_link("plain", status="paused")
    yard.add_link("own", status="paused", fallback_url="https://b.example/?c={country}", utm_source="letter")
    assert yard.visit("/plain").location == "https://a.example/plain"
    assert yard.visit("/own", "x=1").location == "https://b.example/?c=US"
