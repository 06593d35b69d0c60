"""The pages that follow clicks: over the firehose, and without it."""

import json

from playwright.sync_api import Route, expect

from tests.dashboard.chrome import Person


def make_link(owner: Person, slug: str) -> None:
    owner.call("POST", "/links", {"slug": slug, "destination": "https://shop.example/"})


def listed(owner: Person) -> int:
    """How often the list of clicks was asked."""
    names = owner.page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    return sum("/api/v1/clicks" in name for name in names)


def test_the_live_page_follows_the_firehose(owner: Person) -> None:
    make_link(owner, "live-1")
    owner.go("/app/live")
    for _ in range(2):
        before = owner.page.locator("ol.live li", has_text="live-1").count()
        owner.visit("live-1")
        expect(owner.page.locator("ol.live li", has_text="live-1")).to_have_count(before + 1)
    assert ("get", "/firehose") in owner.asked
    assert listed(owner) == 1, "the latest at the beginning, and never again"


def test_a_connection_that_breaks_is_taken_up_where_it_was(owner: Person) -> None:
    make_link(owner, "live-2")
    whole = owner.page.context.request.get(
        f"{owner.address}/api/v1/firehose?streams=clicks&follow=false&format=ndjson"
    ).text()
    cursor = json.loads(whole.splitlines()[0])["cursor"]
    asked: list[str] = []

    def break_off_once(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(body=whole, content_type="application/x-ndjson")
        else:
            route.continue_()

    owner.page.route("**/api/v1/firehose?*", break_off_once)
    owner.visit("live-2")
    with owner.page.expect_request(lambda request: "firehose" in request.url and "after=" in request.url) as again:
        owner.go("/app/live")
    assert f"after={cursor}" in again.value.url
    owner.page.locator("ol.live li", has_text="live-2").first.wait_for()
    assert owner.page.locator("ol.live li", has_text="live-2").count() == 1


def test_without_a_place_in_the_firehose_it_asks_the_list(owner: Person) -> None:
    make_link(owner, "live-3")

    def refuse(route: Route) -> None:
        told = '{"success": false, "error": {"code": "UNAVAILABLE", "message": "all places are taken"}}'
        route.fulfill(status=503, body=told, content_type="application/json", headers={"Retry-After": "5"})

    owner.page.route("**/api/v1/firehose?*", refuse)
    owner.go("/app/live")
    owner.visit("live-3")
    owner.page.locator("ol.live li", has_text="live-3").first.wait_for()
    assert owner.page.get_by_text("could not be read").count() == 0
