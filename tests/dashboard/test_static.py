"""The files under static/: how they are served, and what they may hold."""

import gzip
import hashlib
import posixpath
import re
from pathlib import Path

import msgspec
import pytest

from routy.api.endpoints import description
from routy.api.outline import outline
from routy.dashboard.files import ALL_SHEETS, read_files
from routy.dashboard.pages import STATIC, VENDORED
from tests.dashboard.browser import COOKIE, Browser

TEMPLATES = STATIC.parent / "routy" / "dashboard" / "templates"
VENDOR = STATIC / "vendor"
OURS = [
    path
    for folder in (STATIC / "css", STATIC / "js", STATIC / "images", TEMPLATES)
    for path in sorted(folder.rglob("*.*"))
    if path.suffix != ".ico"
]
MODULES = sorted(path.relative_to(STATIC / "js").as_posix() for path in (STATIC / "js").rglob("*.js"))
NAMED_ONLY = ("http://www.w3.org/2000/svg", "https://example.com/")  # a namespace; an example that is shown

# ---- serving


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("css/base.css", "text/css; charset=utf-8"),
        ("js/api.js", "text/javascript; charset=utf-8"),
        ("images/icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_has_its_type_and_may_not_be_taken_for_another(browser: Browser, path: str, kind: str) -> None:
    file = browser.ask(f"/static/{path}")
    assert (file.status, file.headers["Content-Type"]) == (200, kind)
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.body == (STATIC / path).read_bytes()


def test_a_file_is_kept_for_ever_under_its_version_only(browser: Browser) -> None:
    now = browser.ask(browser.dashboard.files.url("js/api.js"))
    before = browser.ask("/static/0123456789ab/js/api.js")
    assert now.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (
        before.headers["Cache-Control"] == browser.ask("/static/js/api.js").headers["Cache-Control"] == "no-cache"
    )


def test_the_version_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    before = read_files(tmp_path).version
    (tmp_path / "a.css").write_text("b")
    assert read_files(tmp_path).version != before


def test_a_file_that_the_browser_has_is_not_sent_again(browser: Browser) -> None:
    tag = browser.ask("/static/js/api.js").headers["ETag"]
    again = browser.ask("/static/js/api.js", headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert browser.ask("/static/js/api.js", headers={"If-None-Match": '"other"'}).status == 200


def test_a_file_is_packed_for_who_takes_it_under_a_tag_of_its_own(browser: Browser) -> None:
    plain = browser.ask("/static/js/api.js")
    packed = browser.ask("/static/js/api.js", headers={"Accept-Encoding": "gzip, deflate"})
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


OUTSIDE = [
    "../pyproject.toml", "css/../../pyproject.toml", "..%2fpyproject.toml", "/etc/passwd", "//etc/passwd", "css/",
    "css", "", ".", "..", "..\\pyproject.toml", "vendor/README.md", "css/base.css\0.js", "js/api.js/..",
    "css//base.css", "0123456789ab/../../pyproject.toml", "0123456789ab/0123456789ab/js/api.js",
    "css/base.css%00", "\xff\xfe",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_or_to_what_is_no_file(browser: Browser, path: str) -> None:
    assert browser.ask(f"/static/{path}").status == 404


# ---- holding


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_file_of_ours_asks_another_host(path: Path) -> None:
    text = path.read_text()
    for known in NAMED_ONLY:
        text = text.replace(known, "")
    assert re.findall(r"""https?://[\w.]|["'(]//|@import|url\(""", text) == []


@pytest.mark.parametrize("name", MODULES)
def test_text_of_others_is_never_read_as_markup(name: str) -> None:
    text = (STATIC / "js" / name).read_text()
    assert (
        re.findall(r"innerHTML|outerHTML|InnerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
        == []
    )


def imports_of(name: str) -> set[str]:
    """Every module that a module names, at once (import … from) or when it is wanted (import(…))."""
    named = re.findall(r'''(?:from |import\(|^import )"([^"]+)"''', _module(name), re.MULTILINE)
    return {
        posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) if one[0] == "." else one for one in named
    }


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_what_is_there(name: str) -> None:
    assert imports_of(name) <= {*MODULES, *VENDORED}


def test_no_module_is_left_over() -> None:
    reached, entries = set(), {"app.js", "login.js", "setup.js", "docs.js", "theme.js"}
    while entries:
        reached |= entries
        entries = {one for name in entries for one in imports_of(name) if one in MODULES} - reached
    assert reached == set(MODULES)


def test_a_page_asks_for_all_its_modules_at_once(browser: Browser) -> None:
    preloaded = set(re.findall(r'rel="modulepreload" href="/static/\w+/js/([\w/-]+\.js)"', _app(browser)))
    at_once = {
        posixpath.normpath(posixpath.join(posixpath.dirname(name), one))
        for name in {*preloaded, "app.js"}
        for one in re.findall(r'from "(\.[^"]+)"', _module(name))
    }
    assert preloaded == at_once


def test_every_icon_that_is_drawn_is_in_the_sprite(browser: Browser) -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (VENDOR / "lucide" / "sprite.svg").read_text()))
    named = {
        one for name in MODULES for one in re.findall(r'Glyph\} name="([\w-]+)"|glyph: "([\w-]+)"', _module(name))
    }
    assert {one for pair in named for one in pair if one} <= sprite


def test_the_sheets_go_out_as_one_with_the_tokens_first(browser: Browser) -> None:
    whole = browser.dashboard.files.table[ALL_SHEETS].body.decode()
    assert whole.startswith((STATIC / "css" / "tokens.css").read_text())
    layered = [path.read_text() for path in (STATIC / "css").iterdir() if "@layer" in path.read_text()]
    assert all(text in whole for text in layered)


def test_every_sheet_but_that_of_swagger_stands_in_a_declared_layer() -> None:
    sheets = {path.name: path.read_text() for path in (STATIC / "css").iterdir()}
    order = re.findall(r"@layer ([\w, ]+);", sheets["tokens.css"])[0].split(", ")
    used = {name: re.findall(r"^@layer (\w+) \{$", text, re.MULTILINE) for name, text in sheets.items()}
    assert [name for name, layers in used.items() if not layers] == ["swagger.css"]
    assert {layer for layers in used.values() for layer in layers} == set(order)


def test_the_first_load_is_small_with_the_charts_and_the_description(browser: Browser) -> None:
    page = browser.ask("/app", headers=COOKIE)
    overview = {"js/pages/overview.js", *browser.dashboard.files.modules("js/pages/overview.js")}
    later = {*overview, "vendor/uplot/uPlot.iife.min.js", "vendor/lucide/sprite.svg"}
    paths = browser.files_of(page) | {browser.dashboard.files.url(path) for path in later}
    sent = [browser.ask(path, headers={"Accept-Encoding": "gzip"}) for path in paths]
    described = len(gzip.compress(msgspec.json.encode(outline(description())), 6))
    assert len(gzip.compress(page.body)) + sum(len(file.body) for file in sent) + described < 150_000


# ---- colours


def _pairs() -> dict[str, tuple[str, str]]:
    text = (STATIC / "css" / "tokens.css").read_text()
    return {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    }


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


ON = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent", "bad") for ground in ("page", "card", "hover")),
    *((f"{kind}", f"{kind}-soft") for kind in ("accent", "good", "bad", "warn")),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("ink", "accent-soft"), ("ink-3", "accent-soft"),
    ("page", "ink"),
]  # fmt: skip


@pytest.mark.parametrize(("ink", "ground"), ON)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_its_ground(ink: str, ground: str, scheme: int) -> None:
    pairs = _pairs()
    assert _contrast(pairs[ink][scheme], pairs[ground][scheme]) >= 4.5


# ---- files of others


def test_each_file_of_others_is_the_one_that_was_recorded() -> None:
    told = dict(re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (VENDOR / "README.md").read_text()))
    found = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del found["README.md"]
    assert told == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}


def test_each_package_of_others_is_told_with_version_and_licence() -> None:
    text = (VENDOR / "README.md").read_text()
    for folder in (path for path in VENDOR.iterdir() if path.is_dir()):
        assert re.search(rf"^## {re.escape(folder.name)} \d+\.\d+\.\d+$", text, re.MULTILINE), folder.name
        assert list(folder.glob("LICENSE*"))


def _app(browser: Browser) -> str:
    return browser.ask("/app", headers=COOKIE).text


def _module(name: str) -> str:
    return (STATIC / "js" / name).read_text()
