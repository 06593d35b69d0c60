"""Where a link sends whom: its mode, platforms, fallbacks, previews, sub ids."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clicks.lookup import Domain, Link
from routy.clicks.pages import preview
from routy.clicks.rules import BRANCHES, SENT, choose, platform
from routy.clicks.visit import Visit
from routy.resources import domains
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, SLACK, START, Yard

ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile"
    " Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
TO = {"android_url": "https://play.example/", "ios_url": "https://apps.example/"}


def line(yard: Yard) -> tuple[str, str, str]:
    """Status, branch and reason of the last line."""
    parts = [part.decode() for part in yard.lines()[-1].split(b"\t")]
    return parts[8], parts[9], parts[10]


def went(yard: Yard, path: str = "/summer", agent: str = FIREFOX, **environ: str) -> tuple[str, str | None]:
    """The branch, and where it led."""
    location = yard.visit(path, agent=agent, **environ).location
    return line(yard)[1], location


# ---- platforms


@pytest.mark.parametrize(
    ("agent", "hint", "expected"),
    [
        (ANDROID, "", "android"), (IPHONE, "", "ios"), (IPHONE.replace("iPhone", "iPad"), "", "ios"),
        (IPHONE.replace("iPhone", "iPod touch"), "", "ios"), (f"{MAC} Version/18.1 Safari/605.1.15", "", ""),
        (f"{MAC} CriOS/142.0 Mobile/15E148 Safari/604.1", "", "ios"), (f"{MAC} Mobile/15E148", "", "ios"),
        (FIREFOX, "", ""), (FIREFOX, '"Android"', "android"), (FIREFOX, '"Linux"', ""), ("", "", ""),
        ("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) like iPhone", "", ""),
    ],
)  # fmt: skip
def test_a_platform_is_told_by_agent_and_hint(agent: str, hint: str, expected: str) -> None:
    assert platform(agent, hint) == expected


def test_visitors_go_to_the_url_of_their_platform(yard: Yard) -> None:
    yard.add_link("summer", **TO)
    assert went(yard, agent=ANDROID) == ("android", "https://play.example/")
    assert went(yard, agent=IPHONE) == ("ios", "https://apps.example/")
    assert went(yard, HTTP_SEC_CH_UA_PLATFORM='"Android"') == ("android", "https://play.example/")
    assert went(yard) == ("destination", "https://shop.example/")


def test_a_platform_without_a_url_goes_to_the_destination(yard: Yard) -> None:
    yard.add_link("summer", ios_url="https://apps.example/")
    assert went(yard, agent=ANDROID) == ("destination", "https://shop.example/")


def test_a_platforms_url_gets_the_query_and_the_links_parameters(yard: Yard) -> None:
    yard.add_link("summer", utm_source="letter", **TO)
    location = yard.visit("/summer", "x=1", agent=IPHONE).location
    assert location == "https://apps.example/?utm_source=letter&x=1"


# ---- modes


def test_auto_falls_back_to_the_links_own_url_then_to_the_domains_then_to_a_page(yard: Yard) -> None:
    yard.add_link("own", status="paused", fallback_url="https://own.example/")
    yard.add_link("none", status="paused")
    assert yard.visit("/none").status == 410
    yard.change(domains.Domain, yard.default_domain(), fallback_url="https://home.example/")
    assert went(yard, "/own") == ("fallback", "https://own.example/")
    assert went(yard, "/none") == ("fallback", "https://home.example/")


def test_always_shows_a_page_and_never_a_fallback(yard: Yard) -> None:
    yard.change(domains.Domain, yard.default_domain(), fallback_url="https://home.example/")
    yard.add_link("over", status="paused", redirect_mode="always", fallback_url="https://own.example/")
    yard.add_link("summer", redirect_mode="always", **TO)
    assert went(yard, "/over") == ("inactive", None)
    assert went(yard, agent=IPHONE) == ("ios", "https://apps.example/")
    assert went(yard) == ("destination", "https://shop.example/")


def test_rule_only_sends_those_on_whom_a_rule_fits(yard: Yard) -> None:
    yard.add_link("summer", redirect_mode="rule_only", android_url="https://play.example/")
    yard.add_link("other", redirect_mode="rule_only", fallback_url="https://own.example/")
    assert went(yard, agent=ANDROID) == ("android", "https://play.example/")
    assert yard.visit("/summer").status == 404
    assert line(yard) == ("404", "inactive", "no_rule")
    assert went(yard, "/other") == ("fallback", "https://own.example/")


def test_never_keeps_the_click_and_answers_with_nothing(yard: Yard) -> None:
    yard.add_link("summer", redirect_mode="never", click_limit=1, fallback_url="https://own.example/", **TO)
    for method in ("GET", "HEAD", "GET"):
        response = yard.visit("/summer", agent=IPHONE, REQUEST_METHOD=method)
        assert (response.status, response.body, response.location) == (204, b"", None)
        assert response.headers["Cache-Control"] == "private, no-store"
    assert line(yard) == ("204", "tracked", "")
    yard.add_link("over", redirect_mode="never", status="paused", fallback_url="https://own.example/")
    assert yard.visit("/over").status == 410


def test_a_link_starts_at_its_moment(yard: Yard) -> None:
    yard.add_link("summer", starts_at="2026-11-21T12:01:00Z", fallback_url="https://own.example/soon")
    yard.now += 59_999
    assert went(yard) == ("fallback", "https://own.example/soon")
    assert line(yard) == ("302", "fallback", "not_started")
    yard.now += 1
    assert went(yard) == ("destination", "https://shop.example/")


# ---- any link, any visit

URLS = st.sampled_from([None, "https://x.example/"])
GIVEN = st.fixed_dictionaries(
    {
        "redirect_mode": st.sampled_from(["auto", "always", "rule_only", "never"]),
        "android_url": URLS, "ios_url": URLS, "fallback_url": URLS, "og_title": st.sampled_from([None, "Summer"]),
        "starts_at": st.sampled_from([None, START + 1]),
    }
)  # fmt: skip


def made(given_: dict[str, Any], status: str, fallback: str | None) -> tuple[Domain, Link]:
    options = json.dumps({**given_, "destination": "https://d.example/", "parameters": {}, "sub_id_parameter": "s"})
    link = Link(("id", 1, "dom", "summer", "https://d.example/", status, 302, 1, None, options, None), "summer")
    return Domain(("dom", 1, "ws", 1, "go.example", 1, 1, 0, fallback, None), {"summer": link}), link


@given(
    given_=GIVEN, status=st.sampled_from(["active", "paused"]), fallback=URLS,
    agent=st.sampled_from([FIREFOX, IPHONE, ANDROID, SLACK]), class_=st.sampled_from(["human", "preview"]),
)  # fmt: skip
def test_every_visit_has_one_of_the_branches_and_what_belongs_to_it(
    given_: dict[str, Any], status: str, fallback: str | None, agent: str, class_: str
) -> None:
    domain, link = made(given_, status, fallback)
    visit = Visit(START, "GET", "go.example", "summer", "", agent, "", "", "", "", False, False, "", class_=class_)
    choice = choose(domain, link, visit)
    mode, active = given_["redirect_mode"], status == "active" and not given_["starts_at"]
    assert choice.branch in BRANCHES
    assert bool(choice.location) == (choice.status == 302) == (choice.branch in SENT or choice.branch == "fallback")
    assert (choice.branch in ("fallback", "inactive")) == bool(choice.reason)
    assert active or choice.branch in ("fallback", "inactive")
    assert choice.branch != "fallback" or (mode in ("auto", "rule_only") and (given_["fallback_url"] or fallback))
    assert choice.branch != "destination" or mode in ("auto", "always")
    assert (choice.branch == "tracked") == (mode == "never" and active)
    assert choice.branch != "preview" or (class_ == "preview" and given_["og_title"])
    if active and mode in ("auto", "always"):
        assert choice.branch in (*SENT, "preview")


# ---- previews


class Cards(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.tags: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "meta" and "content" in found:
            self.metas[str(found.get("property") or found.get("name"))] = found["content"] or ""


OG = {"og_title": "Summer", "og_description": "Half price", "og_image": "https://cdn.example/a.png?b=1&c=2"}


def test_a_preview_is_shown_the_card_that_the_link_wants(yard: Yard) -> None:
    yard.add_link("summer", **OG)
    response = yard.visit("/summer", agent=SLACK)
    assert Cards(response.body).metas == {
        "og:type": "website", "og:title": "Summer", "og:description": "Half price", "description": "Half price",
        "og:image": "https://cdn.example/a.png?b=1&c=2", "twitter:card": "summary_large_image",
    }  # fmt: skip
    assert (response.status, line(yard)) == (200, ("200", "preview", ""))
    assert b"shop.example" not in response.body


def test_all_others_are_redirected_past_the_card(yard: Yard) -> None:
    yard.add_link("summer", **OG)
    yard.add_link("plain")
    for agent in (FIREFOX, GOOGLEBOT, ""):
        assert went(yard, agent=agent) == ("destination", "https://shop.example/")
    assert went(yard, "/plain", SLACK) == ("destination", "https://shop.example/")
    assert yard.visit("/summer", agent=SLACK, REQUEST_METHOD="HEAD").status == 302


def test_a_card_is_no_place_under_a_limit_and_not_shown_of_a_link_that_is_over(yard: Yard) -> None:
    yard.add_link("summer", click_limit=1, **OG)
    for _ in range(3):
        assert yard.visit("/summer", agent=SLACK).status == 200
    assert yard.visit("/summer").status == 302
    assert yard.visit("/summer", agent=SLACK).status == 410


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_card_says_is_text(title: str, description: str) -> None:
    nasty = f'"><script>{title}</script>'
    found = Cards(preview(nasty, description, ""))
    assert "script" not in found.tags
    assert found.metas["og:title"].splitlines() == nasty.splitlines() or "\0" in title


# ---- sub ids and wishes


def fields(yard: Yard) -> tuple[str, str, str]:
    """Query, sub id and wish of the last line."""
    parts = [part.decode() for part in yard.lines()[-1].split(b"\t")]
    return parts[16], parts[18], parts[19]


def test_a_private_sub_id_is_kept_and_not_passed_on(yard: Yard) -> None:
    yard.add_link("summer")
    assert yard.visit("/summer", "a=1&s=letter").location == "https://shop.example/?a=1"
    assert fields(yard) == ("a=1", "letter", "")


def test_a_link_names_the_parameter_of_its_sub_ids_or_has_none(yard: Yard) -> None:
    yard.add_link("named", sub_id_parameter="from")
    yard.add_link("none", sub_id_parameter=None)
    assert yard.visit("/named", "s=1&from=letter").location == "https://shop.example/?s=1"
    assert fields(yard)[1] == "letter"
    assert yard.visit("/none", "s=1&x=2").location == "https://shop.example/?s=1&x=2"
    assert fields(yard) == ("s=1&x=2", "", "")


def test_a_sub_id_with_a_target_is_passed_on_under_that_name(yard: Yard) -> None:
    yard.add_link("summer", "https://shop.example/?b=1", sub_id_target="aff_sub")
    asked = yard.visit("/summer", "s=a%20b&aff_sub=forged&x=1")
    assert asked.location == "https://shop.example/?b=1&x=1&aff_sub=a%20b"
    assert yard.visit("/summer", "x=1").location == "https://shop.example/?b=1&x=1"
    yard.add_link("quiet", sub_id_target="aff_sub", pass_query=False)
    assert yard.visit("/quiet", "s=1&x=1").location == "https://shop.example/?aff_sub=1"


def test_a_wish_not_to_be_tracked_stands_in_the_line_only_where_it_is_respected(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer", HTTP_DNT="1")
    assert fields(yard)[2] == ""
    yard.walk = replace(yard.walk, respect_dnt=True)
    wishes: tuple[tuple[dict[str, str], str], ...] = (
        ({"HTTP_DNT": "1"}, "1"), ({"HTTP_SEC_GPC": "1"}, "1"), ({}, ""), ({"HTTP_DNT": "0"}, ""),
    )  # fmt: skip
    for headers, expected in wishes:
        yard.visit("/summer", **headers)
        assert fields(yard)[2] == expected
