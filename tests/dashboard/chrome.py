"""A person at the dashboard: the system's Chromium, led by playwright. Every wait is for something to be seen.

All that their pages ask for is written down, and held against the API's own description when they leave.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

from routy.serving import DEMO
from tests.clicks.yard import FIREFOX
from tests.walks.process import PATIENCE, Process

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENT_MS = PATIENCE * 1000
WIDE: ViewportSize = {"width": 1360, "height": 900}
READY = """() => document.querySelector('main h1') && !document.querySelector('[aria-busy="true"]')
  && [...document.querySelectorAll('.chart')].every((chart) => chart.querySelector('canvas'))"""
PASSWORD = "correct horse battery staple"
LOOPBACK = {"outbound.allowed_networks": "127.0.0.0/8"}  # where the receivers of these tests are


@contextmanager
def chromium() -> Iterator[Chromium]:
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail("these tests need Chromium; as root: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody with a browser of their own. `asked` are the API's paths that their pages went to."""

    page: Page
    address: str
    asked: set[tuple[str, str]] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    # ---- going

    def go(self, path: str) -> None:
        """Open a page, and wait until it has drawn what it asked for."""
        self.page.goto(self.address + path)
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_function(READY)

    def log_in(self, email: str, password: str, there: str = "/login") -> None:
        self.page.goto(self.address + there)
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()
        self.page.wait_for_url(re.compile(r"^[^?]+/app"))
        self.ready()

    def see(self, text: str | re.Pattern[str]) -> None:
        self.page.get_by_text(text).first.wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    # ---- what their session may do beside the pages

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """An API call with the session of the browser; the `data` of its answer."""
        requests = self.page.context.request
        token = requests.get(f"{self.address}/api/v1/sessions/current").json()["data"]["csrf_token"]
        answer = requests.fetch(
            f"{self.address}/api/v1{path}", method=method, data=body, headers={"X-CSRF-Token": token}
        )
        assert answer.ok, answer.text()
        return answer.json()["data"] if answer.status != 204 else None

    def send(self, path: str, text: str) -> Any:
        """A file, put where the API wants it."""
        requests = self.page.context.request
        token = requests.get(f"{self.address}/api/v1/sessions/current").json()["data"]["csrf_token"]
        headers = {"X-CSRF-Token": token, "Content-Type": "text/csv"}
        answer = requests.put(f"{self.address}/api/v1{path}", data=text, headers=headers)
        assert answer.ok, answer.text()
        return answer.json()["data"]

    def visit(self, slug: str, referrer: str = "", agent: str = FIREFOX) -> int:
        """Visit a link as somebody else would; the status of the answer."""
        headers = {"User-Agent": agent, **({"Referer": referrer} if referrer else {})}
        return self.page.context.request.get(f"{self.address}/{slug}", headers=headers, max_redirects=0).status


def write_down(person: Person) -> None:
    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path.startswith("/api/v1/"):
            person.asked.add((request.method.lower(), parts.path.removeprefix("/api/v1")))
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != person.address:
            person.elsewhere.add(request.url)

    def said(message: ConsoleMessage) -> None:
        # A refusal is the API's answer to bad input; the browser tells of it, and the page shows it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            person.complaints.append(message.text)

    person.page.on("request", asked)
    person.page.on("console", said)
    person.page.on("pageerror", lambda error: person.complaints.append(str(error)))


@contextmanager
def somebody(chrome: Chromium, address: str, state: Any = None, **more: Any) -> Iterator[Person]:
    """A person; when they leave, whatever their pages did must have been right."""
    context: BrowserContext = chrome.new_context(
        **{"viewport": WIDE, "locale": "en-US", "timezone_id": "Europe/Berlin", "storage_state": state, **more}
    )
    context.set_default_timeout(PATIENT_MS)
    person = Person(context.new_page(), address)
    write_down(person)
    try:
        yield person
        assert not person.complaints, person.complaints
        assert not person.elsewhere, person.elsewhere
        assert not undescribed(person), undescribed(person)
    finally:
        context.close()


def undescribed(person: Person) -> set[tuple[str, str]]:
    """The calls that the API's description does not know."""
    document = person.page.context.request.get(f"{person.address}/api/v1/openapi.json").json()
    known = [
        (method, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))))
        for path, methods in document["paths"].items()
        for method in methods
    ]
    return {
        (method, path)
        for method, path in person.asked
        if not any(method == one and form.fullmatch(path) for one, form in known)
    }


class Demo(Process):
    """A server with the invented year, of which fewer people took note."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, settings=LOOPBACK, command=(sys.executable, "-m", "tests.dashboard.small_demo"))
        self.email, self.password = DEMO["email"], DEMO["password"]

    def fill(self) -> None:
        """Its first start, which makes the year."""
        self.start("--demo", seconds=240)
