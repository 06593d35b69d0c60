"""How shares look to a stranger: pages, embeds, badges, files, oEmbed, and the headers that keep them harmless."""

import base64
import csv
import hashlib
import io
import json
import re
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from routy.public.pages import short
from tests.public.fair import PHONE, SUMMER_CLICKS, Fair

NASTY = "<img src=x onerror=alert(1)>\"'&"


def policy(reply: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in reply.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_a_page_shows_the_figures_without_any_script(fair: Fair) -> None:
    share = fair.share(title="Summer in figures", dimensions=["time", "country", "device"])
    page = fair.house.ask("GET", share["path"])
    text = page.body.decode()
    assert page.status == 200 and "<title>Summer in figures</title>" in text
    assert f"<dd>{SUMMER_CLICKS}</dd>" in text and "United States" in text and "Desktop" in text
    assert "<script" not in text and " style=" not in text and "src=" not in text
    assert not re.search(r"\son\w+=", text)


def test_a_page_asks_nobody_for_anything(fair: Fair) -> None:
    """Its only style is the one whose hash the policy names."""
    page = fair.house.ask("GET", fair.share()["path"])
    found = policy(page)
    assert found["default-src"] == "'none'" and found["style-src"].startswith("'sha256-")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert re.findall(r'href="(?!\?|/s/)([^"]*)', page.body.decode()) == re.findall(
        r'href="(http://go.example/oembed[^"]*)', page.body.decode()
    )


def test_the_style_is_the_one_that_the_policy_lets_through(fair: Fair) -> None:
    page = fair.house.ask("GET", fair.share()["path"])
    style = re.search(r"<style>(.*?)</style>", page.body.decode(), re.DOTALL)
    assert style
    hash_ = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy(page)["style-src"] == f"'sha256-{hash_}'"


def test_everything_that_is_shown_is_escaped(fair: Fair) -> None:
    link = fair.house.link("nasty")
    for n in range(2):
        fair.click("/nasty", n, agent=NASTY, referrer=f"https://{NASTY}/")
    fair.house.load()
    share = fair.share(link, title=NASTY, badge_label=NASTY[:40], dimensions=["referrer_host", "browser", "time"])
    for path in (share["path"], share["embed_path"], share["badge_path"]):
        assert b"<img" not in fair.house.ask("GET", path).body
    ElementTree.fromstring(fair.house.ask("GET", share["badge_path"]).body)
    told = fair.house.ask("GET", "/oembed", urlencode({"url": f"http://go.example{share['path']}"})).json
    assert "<img" not in told.get("html", "")


def test_an_embed_stands_where_its_share_says_and_nowhere_else(fair: Fair) -> None:
    cases = {(): "'self'", ("https://acme.example",): "'self' https://acme.example",
             ("https://*.acme.example", "http://localhost:8000"): "'self' https://*.acme.example http://localhost:8000",
             ("*",): "'self' *"}  # fmt: skip
    for given, wanted in cases.items():
        embed = fair.house.ask("GET", fair.share(frame_ancestors=list(given))["embed_path"])
        assert policy(embed)["frame-ancestors"] == wanted
        assert "X-Frame-Options" not in embed.headers


def test_a_page_stands_in_no_frame(fair: Fair) -> None:
    page = fair.house.ask("GET", fair.share(frame_ancestors=["*"])["path"])
    assert policy(page)["frame-ancestors"] == "'none'" and page.headers["X-Frame-Options"] == "DENY"


def test_search_engines_are_told_to_stay_away_unless_they_may_come(fair: Fair) -> None:
    hidden, listed = fair.share(), fair.share(indexed=True)
    replies = {
        name: fair.house.ask("GET", share["path"]) for name, share in (("hidden", hidden), ("listed", listed))
    }
    assert {name: "X-Robots-Tag" in reply.headers for name, reply in replies.items()} == {
        "hidden": True,
        "listed": False,
    }
    assert {name: b"noindex" in reply.body for name, reply in replies.items()} == {"hidden": True, "listed": False}
    assert "X-Robots-Tag" in fair.house.ask("GET", listed["embed_path"]).headers


def test_a_theme_is_light_dark_or_the_systems(fair: Fair) -> None:
    share = fair.share()
    pages = {theme: fair.house.ask("GET", share["path"], f"theme={theme}").body for theme in ("light", "dark")}
    assert all(f'data-theme="{theme}"'.encode() in body for theme, body in pages.items())
    assert b"data-theme=" not in fair.house.ask("GET", share["path"]).body.partition(b"<style>")[0]
    assert fair.status(share, "theme=purple") == 400


def test_a_stranger_chooses_among_the_ranges_that_are_offered(fair: Fair) -> None:
    share = fair.share(range="30d", ranges=["7d", "all"])
    text = fair.house.ask("GET", share["path"], "theme=dark&range=7d").body.decode()
    assert re.findall(r'href="(\?range=[^"]*)"', text) == [
        f"?range={name}&amp;theme=dark" for name in ("7d", "30d", "all")
    ]
    assert re.search(r'aria-current="true">7 days<', text)


def test_links_of_a_page_with_a_token_carry_it_along(fair: Fair) -> None:
    share = fair.share(requires_token=True, ranges=["7d"])
    token = fair.token(share)["token"]
    text = fair.house.ask("GET", share["path"], f"token={token}").body.decode()
    hrefs = re.findall(r'href="([^"]*)"', text)
    assert len(hrefs) == 4 and all(f"token={token}" in href for href in hrefs)


def test_nobody_is_given_the_token_of_somebody_else(fair: Fair) -> None:
    share = fair.share(requires_token=True, ranges=["7d"])
    one, two = fair.token(share)["token"], fair.token(share)["token"]
    pages = [fair.house.ask("GET", share["path"], f"token={token}").body.decode() for token in (one, two)]
    assert one in pages[0] and two in pages[1]
    assert two not in pages[0] and one not in pages[1]


# ---- files


def test_the_file_of_a_share_is_csv_that_no_spreadsheet_runs(fair: Fair) -> None:
    link = fair.house.link("formula")
    fair.click("/formula", agent=PHONE, referrer="https://=cmd.example/")
    fair.house.load()
    share = fair.share(link, dimensions=["referrer_host", "link"], metrics=["clicks"])
    reply = fair.house.ask("GET", f"{share['path']}.csv")
    rows = list(csv.reader(io.StringIO(reply.body.decode())))
    assert rows[:2] == [["split", "value", "clicks"], ["total", "", "1"]] and rows[-1] == ["link", "formula", "1"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "attachment" in reply.headers["Content-Disposition"]


def test_open_figures_can_be_read_by_any_site_and_closed_ones_by_none(fair: Fair) -> None:
    open_ = fair.house.ask("GET", f"{fair.share()['path']}.json")
    closed = fair.share(requires_token=True)
    with_token = fair.house.ask("GET", f"{closed['path']}.json", f"token={fair.token(closed)['token']}")
    assert open_.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in with_token.headers
    assert "Access-Control-Allow-Credentials" not in open_.headers


def test_a_refusal_of_a_file_has_the_shape_of_the_api(fair: Fair) -> None:
    reply = fair.house.ask("GET", f"{fair.share()['path']}.json", "range=for-ever")
    assert (reply.status, reply.fields, reply.error["code"]) == (400, {"range"}, "VALIDATION_ERROR")


# ---- badges


def test_a_badge_is_a_count_or_a_small_series(fair: Fair) -> None:
    share = fair.share(badge_label="summer & more")
    for query, wanted in (("", "3"), ("metric=uniques", "3"), ("kind=sparkline", "3"), ("theme=dark", "3")):
        reply = fair.house.ask("GET", share["badge_path"], query)
        root = ElementTree.fromstring(reply.body)
        assert reply.headers["Content-Type"] == "image/svg+xml"
        assert root.get("aria-label") == f"summer & more: {wanted}"
        assert (root.find("{http://www.w3.org/2000/svg}polyline") is not None) == ("spark" in query)


def test_a_badge_shows_no_figures_that_the_share_leaves_out(fair: Fair) -> None:
    share = fair.share(metrics=["clicks"], dimensions=["country"])
    statuses = [fair.house.ask("GET", share["badge_path"], query).status
                for query in ("metric=uniques", "metric=bots", "kind=sparkline", "metric=revenue")]  # fmt: skip
    assert statuses == [404, 404, 404, 400]


def test_a_badge_that_is_not_there_is_still_a_picture(fair: Fair) -> None:
    reply = fair.house.ask("GET", f"/badge/{'x' * 22}.svg")
    assert reply.status == 404 and ElementTree.fromstring(reply.body).get("aria-label") == "stats: not available"


@pytest.mark.parametrize(
    ("figure", "text"), [(0, "0"), (9_999, "9,999"), (10_000, "10.0k"), (12_399, "12.3k"), (4_560_000, "4.5M")]
)
def test_large_figures_are_short_on_a_badge(figure: int, text: str) -> None:
    assert short(figure) == text


# ---- oEmbed


def oembed(fair: Fair, url: str, **query: str) -> Any:
    return fair.house.ask("GET", "/oembed", urlencode({"url": url, **query}))


def test_the_address_of_a_page_unfolds_into_its_embed(fair: Fair) -> None:
    share = fair.share(frame_ancestors=["*"])
    href = re.search(
        rb'application/json\+oembed" href="http://go.example(/oembed)\?([^"]*)',
        fair.house.ask("GET", share["path"]).body,
    )
    assert href
    told = fair.house.ask("GET", href[1].decode(), href[2].decode()).json
    assert (told["type"], told["version"], told["title"]) == ("rich", "1.0", "Figures")
    assert f'src="http://go.example{share["embed_path"]}"' in told["html"]


def test_an_embed_is_no_larger_than_asked_for(fair: Fair) -> None:
    told = oembed(
        fair, f"http://go.example{fair.share(frame_ancestors=['*'])['path']}", maxwidth="300", maxheight="99999"
    ).json
    assert (told["width"], told["height"]) == (300, 480) and 'width="300"' in told["html"]


def test_a_share_that_stands_in_no_frame_unfolds_into_a_link(fair: Fair) -> None:
    told = oembed(fair, f"http://go.example{fair.share()['path']}").json
    assert told["type"] == "link" and "html" not in told


@pytest.mark.parametrize(
    ("url", "status"),
    [("http://evil.example/s/" + "x" * 22, 404), ("http://go.example/s/x", 404), ("javascript:alert(1)", 404),
     ("http://go.example/s/" + "x" * 22, 404), ("http://go.example@evil.example/s/" + "x" * 22, 404),
     ("http://[", 404), ("", 400)],
)  # fmt: skip
def test_an_address_of_somebody_else_unfolds_into_nothing(fair: Fair, url: str, status: int) -> None:
    assert oembed(fair, url).status == status


def test_a_share_unfolds_at_its_own_server_alone(fair: Fair) -> None:
    path = fair.share()["path"]
    for host in ("evil.example", "go.example.evil.example", "go.example:81", "x@go.example"):
        assert oembed(fair, f"http://{host}{path}").status == 404, host
    assert oembed(fair, f"http://GO.example{path}").status == 200


def test_only_json_unfolds(fair: Fair) -> None:
    assert oembed(fair, f"http://go.example{fair.share()['path']}", format="xml").status == 501
    assert fair.house.ask("GET", "/oembed").status == 404


# ---- where and how it is asked


def test_shares_answer_on_link_domains_too(fair: Fair) -> None:
    share = fair.share()
    for path in (share["path"], f"{share['path']}.json", share["embed_path"], share["badge_path"]):
        assert fair.house.ask("GET", path, headers={"Host": "elsewhere.example"}).status == 200
    assert fair.house.ask("GET", "/app", headers={"Host": "elsewhere.example"}).status == 404


def test_the_host_of_a_request_is_nowhere_in_a_page(fair: Fair) -> None:
    """Else whoever asks first could leave an address of theirs in what is kept for others."""
    share = fair.share()
    assert b"evil" not in fair.house.ask("GET", share["path"], headers={"Host": "evil.example"}).body
    assert b"evil" not in fair.house.ask("GET", share["path"]).body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_share_can_only_be_looked_at(fair: Fair, method: str) -> None:
    share = fair.share()
    for path in (f"{share['path']}.json", share["embed_path"], share["badge_path"], "/oembed"):
        reply = fair.house.ask(method, path)
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")


def test_head_answers_as_get_without_a_body(fair: Fair) -> None:
    share = fair.share()
    for path in (share["path"], f"{share['path']}.csv", share["badge_path"]):
        get, head = fair.house.ask("GET", path), fair.house.ask("HEAD", path)
        assert (head.status, head.headers, head.body) == (200, get.headers, b"")


def test_who_has_it_already_is_told_so(fair: Fair) -> None:
    share = fair.share()
    first = fair.house.ask("GET", share["path"])
    again = fair.house.ask("GET", share["path"], headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    packed = fair.house.ask("GET", share["path"], headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["ETag"] != first.headers["ETag"]
    assert len(packed.body) < len(first.body)


def test_no_refusal_is_kept_by_anybody(fair: Fair) -> None:
    for path, query in (("/s/" + "x" * 22, ""), (fair.share()["path"], "range=never")):
        assert fair.house.ask("GET", path, query).headers["Cache-Control"] == "no-store"


def test_json_is_the_same_figures_as_the_page(fair: Fair) -> None:
    share = fair.share(dimensions=["country"], metrics=["clicks"])
    told = json.loads(fair.house.ask("GET", f"{share['path']}.json").body)["data"]
    text = fair.house.ask("GET", share["path"]).body.decode()
    assert f"<dd>{told['totals']['clicks']}</dd>" in text
    assert re.findall(r"<td>(\d+)</td>", text) == [str(row["clicks"]) for row in told["splits"]["country"]["rows"]]
