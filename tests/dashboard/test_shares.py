"""A share, made at the dashboard and opened by a stranger: by itself, and in a page of another origin."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.dashboard.chrome import PATIENT_MS, Person, somebody

expect.set_options(timeout=PATIENT_MS)


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Another origin, whose only page holds what `elsewhere.page` says."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(server.page.encode())  # type: ignore[attr-defined]

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.page = ""  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def made(owner: Person, slug: str, **more: Any) -> Any:
    link = owner.call("POST", "/links", {"slug": slug, "destination": "https://shop.example/"})
    return owner.call("POST", "/shares", {"subject_id": link["id"], "title": f"All of {slug}", **more})


def test_a_link_is_shared_at_the_dashboard_and_looked_at_by_a_stranger(chrome: Chromium, owner: Person) -> None:
    link = owner.call("POST", "/links", {"slug": "shared", "destination": "https://shop.example/"})
    owner.go(f"/app/links/{link['id']}")
    owner.page.get_by_role("link", name="Share", exact=True).click()
    owner.page.locator("[data-field=title] input").fill("Shared with all")
    owner.page.get_by_role("button", name="Share it").click()
    owner.page.get_by_role("heading", name="Shared with all").wait_for()
    share = owner.call("GET", "/shares?subject_id=" + link["id"])[0]
    with somebody(chrome, owner.address) as stranger:
        stranger.page.goto(owner.address + share["path"])
        stranger.page.get_by_role("heading", name="Shared with all").wait_for()
        assert stranger.asked == set()


def framed(owner: Person, chrome: Chromium, elsewhere: Any, share: Any) -> Any:
    """A page of the other origin with the embed in it; its frame."""
    elsewhere.page = (
        f'<!doctype html><title>Blog</title><iframe src="{owner.address}{share["embed_path"]}"></iframe>'
    )
    page = chrome.new_context().new_page()
    page.goto(f"http://127.0.0.1:{elsewhere.server_port}/")
    return page


def test_an_embed_stands_in_a_page_of_an_origin_that_is_named(
    chrome: Chromium, owner: Person, elsewhere: Any
) -> None:
    origin = f"http://127.0.0.1:{elsewhere.server_port}"
    page = framed(owner, chrome, elsewhere, made(owner, "embedded", frame_ancestors=[origin]))
    expect(page.frame_locator("iframe").get_by_text(re.compile("All of embedded")).first).to_be_visible()
    page.context.close()


def test_an_embed_stands_in_no_other_page(chrome: Chromium, owner: Person, elsewhere: Any) -> None:
    page = framed(owner, chrome, elsewhere, made(owner, "kept-out", frame_ancestors=["https://blog.example"]))
    assert "All of kept-out" not in page.frames[1].content()
    page.context.close()
