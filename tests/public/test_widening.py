"""A share cannot be widened: whatever a stranger puts into an address, no more comes out than it includes."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.params import CONTROLS
from routy.resources.clicks import Click
from tests.public.fair import SUMMER_CLICKS, WINTER_CLICKS, Fair

ENDS = ("{path}", "{path}.json", "{path}.csv", "{embed_path}", "{badge_path}")
NAMES = sorted(
    {*CONTROLS, *Click.fields, *METRICS, *DIMENSIONS, "range", "theme", "kind", "metric", "token", "url"}
)
OPERATORS = ("", "[ne]", "[gte]", "[null]", "[prefix]", "[contains]", "[]")
FORBIDDEN = (
    b"winterly",
    b"secret.example",
    b"private",
    b"clk_",
    b"link_",
    b"usr_",
    b"ws_",
    b"tag_",
    b"fold_",
    b"rep_",
)


@pytest.fixture(scope="module")
def shares(fair: Fair) -> list[Any]:
    return [fair.share(subject, ranges=["today", "all"]) for subject in fair.subjects()]


def values(fair: Fair) -> list[str]:
    """What somebody would try who knew all ids."""
    ids = [fair.winter["id"], fair.winter["domain_id"], fair.tag["id"]]
    return [
        *ids, "winterly", "any", "link", "link,country", "slug", "visitor", "ip", "sub_id", "clicks,uniques,bots",
        "all", "90d", "1970-01-01", "true", "null", "*", "-clicks", "10000", "sparkline", "bots", "../json",
        "' OR 1=1", "%00", "\x1f", "😀", "",
    ]  # fmt: skip


def innocent(body: bytes, figures: tuple[bytes, ...] = (str(WINTER_CLICKS).encode(),)) -> bool:
    """No name and no number of the other link, and nobody's id. Colours and dates of the page are no figures."""
    assert not [word for word in FORBIDDEN if word in body]
    for figure in (*figures, str(WINTER_CLICKS + SUMMER_CLICKS).encode()):
        assert b'"clicks":' + figure not in body
        assert b"<td>" + figure + b"</td>" not in body and b"<dd>" + figure + b"</dd>" not in body
        assert b"," + figure + b"\r\n" not in body and b": " + figure + b"</title>" not in body
    return True


def test_the_other_link_would_show_if_it_were_shared(fair: Fair) -> None:
    """Else nothing here could fail."""
    share = fair.share(fair.winter, dimensions=["link", "referrer_host"])
    for end in ENDS:
        body = fair.house.ask("GET", end.format(**share)).body
        with pytest.raises(AssertionError):
            innocent(body)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(OPERATORS), st.integers(0, 30), st.text(max_size=20)),
        max_size=6,
    ),
    which=st.integers(0, 3),
    end=st.sampled_from(ENDS),
    known=st.booleans(),
)
def test_no_parameter_shows_more(
    fair: Fair, shares: list[Any], drawn: list[tuple[str, str, int, str]], which: int, end: str, known: bool
) -> None:
    tried = values(fair)
    pairs = [(f"{name}{op}", tried[at % len(tried)] if known else text) for name, op, at, text in drawn]
    reply = fair.house.ask("GET", end.format(**shares[which]), urlencode(pairs, errors="replace"))
    assert reply.status in (200, 400, 403, 404)
    assert innocent(reply.body)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_of_a_report_is_passed_over_or_refused(fair: Fair, shares: list[Any], name: str) -> None:
    for share in shares:
        plain = fair.look(share)
        for value in values(fair):
            reply = fair.house.ask("GET", f"{share['path']}.json", f"{quote(name)}={quote(value)}")
            if name in ("range", "token"):
                assert reply.status in (200, 400, 403)
                assert reply.status != 200 or value == "all"
            else:
                assert reply.status == 200 and reply.data == plain


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(
        st.one_of(st.sampled_from(["s", "embed", "badge", "..", ".json", ".svg", "%2e"]), st.text(max_size=8)),
        max_size=5,
    ),
    query=st.binary(max_size=60),
)  # fmt: skip
def test_any_path_and_query_at_all_is_answered(fair: Fair, path: list[str], query: bytes) -> None:
    begun = fair.house.app.kept.made
    there = "/s/" + "/".join(path).encode(errors="replace").decode()
    reply = fair.house.ask("GET", there, query.decode("latin-1"))
    assert reply.status in (400, 404) and fair.house.app.kept.made == begun


def test_what_is_shared_is_what_the_link_had(fair: Fair, shares: list[Any]) -> None:
    for share in shares:
        assert fair.look(share)["totals"]["clicks"] == SUMMER_CLICKS


def test_what_was_typed_into_an_address_is_not_shown_again(fair: Fair, shares: list[Any]) -> None:
    for query in ("range=<script>alert(1)</script>", "theme=%22onload%3Dx", "<script>=1", "token=<b>bold</b>"):
        body = fair.house.ask("GET", shares[0]["path"], query).body
        assert b"<script" not in body and b"onload" not in body and b"<b>" not in body


def test_a_range_that_is_not_offered_is_refused(fair: Fair) -> None:
    share = fair.share(range="7d", ranges=["30d"])
    assert [fair.status(share, f"range={name}") for name in ("7d", "30d", "90d", "all", "")] == [
        200,
        200,
        400,
        400,
        400,
    ]
    assert fair.status(share, "range=7d&range=30d") == 400


def test_nothing_outside_of_the_first_and_last_day_is_shown(fair: Fair) -> None:
    before = fair.share(range="all", last_day="2026-11-20")
    after = fair.share(range="all", first_day="2026-11-22")
    both = fair.share(range="12m", first_day="2026-11-21", last_day="2026-11-21")
    clicks = [fair.look(share)["totals"]["clicks"] for share in (before, after, both)]
    assert clicks == [0, 0, SUMMER_CLICKS]
    assert (fair.look(both)["from"], fair.look(both)["to"]) == ("2026-11-21", "2026-11-21")


def test_cities_with_few_clicks_are_not_named(fair: Fair) -> None:
    share = fair.share(dimensions=["region", "city"])
    assert [split["rows"] for split in fair.look(share)["splits"].values()] == [[], []]


def test_cities_with_enough_clicks_are_named(fair: Fair) -> None:
    """No database of cities is here, so that all clicks are of none."""
    share = fair.share(fair.winter, dimensions=["city"], metrics=["clicks"])
    assert fair.look(share)["splits"]["city"]["rows"] == [{"city": None, "clicks": WINTER_CLICKS}]


def test_a_report_cannot_lower_the_bar_for_cities(fair: Fair) -> None:
    query = "metrics=clicks&dimensions=city&clicks[gte]=0&slug=summer"
    report = fair.house.call("POST", "/saved-reports", {"name": "Cities", "query": query}).data
    assert fair.look(fair.share(report))["splits"]["report"]["rows"] == []
