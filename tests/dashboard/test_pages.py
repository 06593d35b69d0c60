"""The pages as they leave the server: what each answers, and what none may hold."""

import base64
import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.api.credentials import COOKIE as API_COOKIE
from routy.api.sessions import Login, Setup
from routy.config import Config
from routy.config import Login as LoginSettings
from routy.dashboard.pages import HOME, OWN_PAGES, SESSION_COOKIE, VENDORED, application, own_page
from routy.dashboard.refusals import EXPLAINED, refusals
from routy.errors import RoutyError
from tests.dashboard.browser import COOKIE, Browser, Page

PAGES = ("/setup", "/setup?token=abc", "/login", "/app", "/app/links/1", "/docs", "/docs/errors", "/app/nowhere")
BYTES = st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, browser: Browser) -> Page:
    return browser.ask(request.param, headers=COOKIE)


# ---- every page


def test_is_html_that_no_other_site_may_frame_sniff_or_be_told_of(page: Page) -> None:
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Length"] == str(len(page.body))
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_has_a_policy_that_runs_nothing_but_own_files(page: Page) -> None:
    rules = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"
    assert re.fullmatch(r"'self'( 'sha256-[\w+/=]{44}')?", rules.get("script-src", "'self'"))


def test_only_the_reference_may_have_inline_style(browser: Browser) -> None:
    loose = [
        path for path in PAGES if "unsafe" in browser.ask(path, headers=COOKIE).headers["Content-Security-Policy"]
    ]
    assert loose == ["/docs"]


def test_holds_no_inline_script_or_style(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or attributes.get("src") or attributes == {"type": "importmap"}
    assert re.findall(r"<script(?! type=.importmap)[^>]*>([^<]+)</script>", page.text) == []


def test_the_import_map_is_the_one_script_that_the_policy_names(browser: Browser) -> None:
    page = browser.ask("/app", headers=COOKIE)
    maps = re.findall(r'<script type="importmap">([^<]+)</script>', page.text)
    digest = base64.b64encode(hashlib.sha256(maps[0].encode()).digest()).decode()
    assert len(maps) == 1
    assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    imports = json.loads(maps[0])["imports"]
    assert set(imports) == set(VENDORED)
    assert all(browser.ask(address).status == 200 for address in imports.values())


def test_names_only_files_that_are_there_and_may_be_kept_for_ever(page: Page, browser: Browser) -> None:
    for path in browser.files_of(page):
        file = browser.ask(path)
        assert (file.status, path, "immutable" in file.headers["Cache-Control"]) == (200, path, True)


def test_draws_only_glyphs_that_are_there(page: Page, browser: Browser) -> None:
    glyphs = browser.dashboard.files.table["images/glyphs.svg"].body.decode()
    for address in page.values("use", "href"):
        assert f'<symbol id="{address.partition("#")[2]}"' in glyphs


def test_has_one_name_for_one_thing_and_a_label_for_each_input(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    labelled = set(page.values("label", "for"))
    for tag, attributes in page.elements:
        if tag in ("input", "select") and attributes.get("type") not in ("hidden", "radio"):
            assert attributes["id"] in labelled or attributes.get("aria-label")


def test_never_sends_a_password_in_an_address(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag != "form" or attributes["method"] in ("post", "dialog")


def test_can_be_asked_for_its_head_alone(browser: Browser) -> None:
    whole, head = browser.ask("/login"), browser.ask("/login", "HEAD")
    assert (head.status, head.body, head.headers) == (200, b"", whole.headers)


def test_is_packed_for_a_browser_that_takes_it(browser: Browser) -> None:
    packed = browser.ask("/login", headers={"Accept-Encoding": "br, gzip"})
    assert (packed.headers["Content-Encoding"], packed.body[:2]) == ("gzip", b"\x1f\x8b")
    assert "Content-Encoding" not in browser.ask("/login", headers={"Accept-Encoding": "gzip;q=0, br"}).headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_can_only_be_looked_at(browser: Browser, method: str) -> None:
    refused = browser.ask("/login", method)
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


# ---- finding them


def test_the_front_door_leads_to_the_overview(browser: Browser) -> None:
    assert browser.ask("/").headers["Location"] == HOME
    assert browser.ask("/app/", headers=COOKIE).status == 200


def test_every_page_of_its_own_and_every_resource_has_its_frame(browser: Browser) -> None:
    for name in (*OWN_PAGES, "links", "links/link_1", "links/new"):
        assert browser.ask(f"/app/{name}", headers=COOKIE).status == 200


def test_the_pages_of_their_own_are_those_that_the_scripts_draw(browser: Browser) -> None:
    written = browser.dashboard.files.table["js/pages.js"].body.decode()
    drawn = re.findall(r'^  "/app/?([a-z-]*)": \[', written, re.MULTILINE)
    assert sorted(drawn) == sorted(OWN_PAGES)


@pytest.mark.parametrize(
    "path", ["/app/nowhere", "/login/x", "/docs/nothing", "/setup/1", "/app/\xff", "/app/\n", "/app/linksandmore"]
)
def test_an_unknown_path_is_a_calm_404(browser: Browser, path: str) -> None:
    page = browser.ask(path, headers=COOKIE)
    assert page.status == 404
    assert "There is nothing here" in page.text


def test_a_crash_is_a_calm_500_that_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    page = Browser(application(Config(), lambda: 1 // 0)).ask("/docs")  # type: ignore[arg-type,return-value]
    assert page.status == 500
    assert "ZeroDivision" not in page.text
    assert "ZeroDivision" in caplog.text


@given(path=BYTES, query=BYTES, cookie=BYTES)
def test_no_bytes_make_it_stumble(browser: Browser, path: str, query: str, cookie: str) -> None:
    rooms = ("", "app/", "app/links", "login", "setup", "docs/", "static/", "favicon.ico")
    for room in rooms:
        page = browser.ask(f"/{room}{path.replace('?', '')}?{query}", headers={"Cookie": cookie})
        assert page.status in (200, 302, 404)
        assert all(text.isascii() and text.isprintable() for text in page.headers.values())


@given(query=BYTES)
def test_no_query_reaches_the_page_unescaped(browser: Browser, query: str) -> None:
    marked = f'"><script>{query}'.replace("&", "").replace("=", "")
    for asked in (f"/login?next=/app/{marked}", f"/setup?token={marked}"):
        assert '"><script>' not in browser.ask(asked).text


def test_one_spoilt_parameter_spoils_no_other(browser: Browser) -> None:
    page = browser.ask("/login?x=%ff&y&next=/app/links/1&next=/app/links/2")
    assert page.values("form", "data-next") == ["/app/links/1"]


def test_a_flood_of_parameters_is_not_read(browser: Browser) -> None:
    page = browser.ask("/login?next=/app/links/1" + "&x=1" * 1000)
    assert page.values("form", "data-next") == [HOME]


# ---- logging in


def test_the_cookie_is_the_one_of_the_api() -> None:
    assert SESSION_COOKIE == API_COOKIE


def test_without_a_session_a_page_leads_to_the_login_and_back(browser: Browser) -> None:
    page = browser.ask("/app/links?q=a%20b&status=paused")
    assert page.status == 302
    assert page.headers["Location"] == "/login?next=/app/links%3Fq%3Da%2520b%26status%3Dpaused"
    login = browser.ask(page.headers["Location"])
    assert login.values("form", "data-next") == ["/app/links?q=a%20b&status=paused"]


ELSEWHERE = [
    "", "https://evil.example/", "//evil.example", "/\\evil.example", "/app\\..\\..\\evil.example", "/login",
    "/application", "/api/v1/links", "javascript:alert(1)", "app/links", " /app", "/app\n", "/app/\r\nX: y", "/APP",
    "/app/\u2028",
]  # fmt: skip


@pytest.mark.parametrize("text", ELSEWHERE)
def test_after_the_login_nobody_is_led_elsewhere(text: str) -> None:
    assert own_page(text) == HOME


@pytest.mark.parametrize(
    "text", ["/app", "/app/links?q=a%20b&status=paused", "/app?x=1", "/app#top", "/app/links/link_1"]
)
def test_after_the_login_an_own_page_is_gone_on_to(text: str) -> None:
    assert own_page(text) == text


@given(st.text() | st.text().map(lambda text: f"/app/{text}"))
def test_whatever_is_asked_for_the_way_on_is_a_path_of_ours(text: str) -> None:
    assert re.fullmatch(r"/app([/?#][!-\[\]-~]*)?", own_page(text))


def test_the_login_tells_how_long_it_lasts() -> None:
    config = Config(login=LoginSettings(session_days=1))
    assert "You stay logged in for 1 day." in Browser(application(config, dict)).ask("/login").text


# ---- the forms


def inputs(page: Page) -> dict[str, dict[str, str | None]]:
    found = [attributes for tag, attributes in page.elements if tag in ("input", "select")]
    return {attributes["name"] or "": attributes for attributes in found}


@pytest.mark.parametrize(
    ("path", "form"),
    [("/setup", Setup), ("/login", Login)],
    ids=["setup", "login"],
)
def test_the_fields_of_a_form_are_those_of_the_api_with_its_limits(browser: Browser, path: str, form: type) -> None:
    fields = form.fields  # type: ignore[attr-defined]
    given = {
        name: found
        for name, found in inputs(browser.ask(path, headers=COOKIE)).items()
        if name not in ("q", "status")
    }
    assert set(given) <= set(fields)
    assert {field.name for field in fields.values() if field.required} <= set(given)
    for name, attributes in given.items():
        if "maxlength" in attributes:
            assert int(attributes["maxlength"] or 0) == fields[name].max_length
        assert ("required" in attributes) == fields[name].required


def test_the_setup_link_brings_its_token_along(browser: Browser) -> None:
    page = browser.ask("/setup?token=a%22b")
    assert inputs(page)["token"]["value"] == 'a"b'
    assert inputs(page)["token"]["type"] == "hidden"
    assert page.headers["Cache-Control"] == "no-store"


def test_without_the_link_the_setup_asks_for_the_token(browser: Browser) -> None:
    assert "type" not in inputs(browser.ask("/setup"))["token"]


# ---- the reference


def test_the_reference_reads_without_scripts_too(browser: Browser) -> None:
    assert "<code>GET /links</code></dt><dd>List links.</dd>" in browser.ask("/docs").text


def kinds(root: type[RoutyError]) -> list[type[RoutyError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]


def test_every_error_is_explained_under_its_code(browser: Browser) -> None:
    page = browser.ask("/docs/errors")
    anchors = set(page.values("tr", "id"))
    codes = {kind.code: kind.status for kind in kinds(RoutyError)}
    assert set(EXPLAINED) == anchors == set(codes)
    assert {refusal.code: refusal.status for refusal in refusals()} == codes


# ---- robots and the icon


def test_robots_stay_out(browser: Browser) -> None:
    assert browser.ask("/robots.txt").body == b"User-agent: *\nAllow: /s/\nDisallow: /\n"


def test_the_icon_is_one(browser: Browser) -> None:
    icon = browser.ask("/favicon.ico")
    assert (icon.status, icon.headers["Content-Type"], icon.body[:4]) == (200, "image/x-icon", b"\0\0\1\0")
