"""Shares in a real browser: made by their owner, opened by a stranger, and shown inside somebody else's page."""

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.dashboard.chrome import Person
from tests.walks.process import Process

Elsewhere = Callable[[str], str]
NARROW = {"width": 360, "height": 740}
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Somebody else's site: the address of a page that holds this HTML."""
    held = {"/": b""}

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(held["/"])

        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def put(html: str) -> str:
        held["/"] = html.encode()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield put
    server.shutdown()
    server.server_close()


def share(owner: Person, slug: str, **given: Any) -> Any:
    link = owner.call("POST", "/links", {"slug": slug, "destination": "https://shop.example/"})
    for _ in range(2):
        owner.visit(slug, referrer="https://news.example/")
    return owner.call("POST", "/shares", {"subject_id": link["id"], "title": f"Figures of {slug}", **given})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 1200, "height": 800}, NARROW], ids=["wide", "narrow"])
def test_a_stranger_opens_a_share_without_any_script(
    chrome: Chromium, server: Process, owner: Person, scheme: Any, size: Any
) -> None:
    made = share(owner, f"open-{scheme}-{size['width']}", ranges=["7d"])
    context = chrome.new_context(viewport=size, color_scheme=scheme, java_script_enabled=False)
    page = context.new_page()
    page.goto(server.address + made["path"])
    expect(page.get_by_role("heading", name=made["title"])).to_be_visible()
    expect(page.get_by_text("Clicks", exact=True).first).to_be_visible()
    page.get_by_role("link", name="7 days").click()
    expect(page).to_have_url(re.compile(r"\?range=7d$"))
    page.get_by_text("As a table").first.click()
    context.close()


@pytest.mark.parametrize("size", [{"width": 1200, "height": 800}, NARROW], ids=["wide", "narrow"])
def test_nothing_keeps_anybody_from_reading_a_share(
    chrome: Chromium, server: Process, owner: Person, size: Any
) -> None:
    made = share(owner, f"axe-{size['width']}", ranges=["7d", "all"], dimensions=["time", "country", "device"])
    locked = share(owner, f"locked-{size['width']}", password="open sesame")
    context = chrome.new_context(viewport=size)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    for path in (made["path"], made["embed_path"], locked["path"], "/s/" + "x" * 22):
        page.goto(server.address + path)
        assert page.evaluate(FITS), f"{path} is wider than the screen"
        assert serious(page) == []
    assert not [text for text in said if "Content Security" in text]
    context.close()


def serious(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


def test_a_password_lets_a_stranger_in(chrome: Chromium, server: Process, owner: Person) -> None:
    made = share(owner, "sesame", password="open sesame")
    context = chrome.new_context()
    page = context.new_page()
    page.goto(server.address + made["path"])
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_have_text("That was not the password. Try again.")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name=made["title"])).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "share.csv"
    context.close()


def test_an_embed_shows_on_the_sites_that_it_names_and_on_no_other(
    chrome: Chromium, server: Process, owner: Person, elsewhere: Elsewhere
) -> None:
    site = elsewhere("")
    allowed = share(owner, "framed", frame_ancestors=[site])
    refused = share(owner, "unframed", frame_ancestors=["https://acme.example"])
    context = chrome.new_context()
    page = context.new_page()
    for made, shown in ((allowed, True), (refused, False)):
        elsewhere(f'<iframe src="{server.address}{made["embed_path"]}" width="600" height="400"></iframe>')
        page.goto(site)
        heading = page.frame_locator("iframe").get_by_role("heading", name=made["title"])
        if shown:
            expect(heading).to_be_visible()
        else:
            page.wait_for_load_state("networkidle")
            expect(heading).to_have_count(0)
    context.close()


def test_the_owner_builds_an_embed_and_copies_it(owner: Person) -> None:
    link = owner.call("POST", "/links", {"slug": "built", "destination": "https://shop.example/"})
    owner.go(f"/app/links/{link['id']}")
    owner.page.get_by_role("link", name="Share", exact=True).click()
    owner.ready()
    owner.page.get_by_label("Title").fill("Built by hand")
    owner.page.get_by_label("city").check()
    owner.page.get_by_role("button", name="Share it").click()
    owner.page.wait_for_url(re.compile(r"/app/shares/share_"))
    expect(owner.page.get_by_role("heading", name="Built by hand")).to_be_visible()
    frame = owner.page.frame_locator("iframe.share-preview")
    expect(frame.get_by_role("heading", name="Built by hand")).to_be_visible()
    snippet = owner.page.get_by_label("the embed", exact=True)
    expect(snippet).to_contain_text("<iframe src=")
    owner.page.get_by_label("Colours").select_option("dark")
    expect(snippet).to_contain_text("theme=dark")
    made = owner.call("GET", f"/shares?subject_id={link['id']}")[0]
    assert "city" in made["dimensions"] and made["embed_path"] in (snippet.text_content() or "")
    owner.page.get_by_text("Badge", exact=True).click()
    expect(owner.page.get_by_role("img", name="The badge")).to_be_visible()
