"""A browser without a window: it asks the pages for bytes, and reads what their HTML names."""

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from routy.config import Config
from routy.dashboard.pages import SESSION_COOKIE, Dashboard, application

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/links": {"get": {"summary": "List links."}, "parameters": []}},
    "components": {"schemas": {"Link": {"x-routy": {"path": "links"}}, "Error": {}}},
}
COOKIE = {"Cookie": f"{SESSION_COOKIE}=anything"}


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def elements(self) -> list[tuple[str, dict[str, str | None]]]:
        return _Reader.read(self.text).elements

    def values(self, tag: str, attribute: str) -> list[str]:
        """What an attribute of all elements of a kind says."""
        return [found[attribute] or "" for name, found in self.elements if name == tag and attribute in found]


@dataclass
class Browser:
    dashboard: Dashboard = field(repr=False, default_factory=lambda: application(Config(), lambda: DOCUMENT))

    def ask(self, target: str, method: str = "GET", headers: dict[str, str] | None = None) -> Page:
        """`target` is a path with its query, not percent-encoded: one letter a byte, as WSGI has it."""
        path, _, query = target.partition("?")
        environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in (headers or {}).items()}
        environ |= {"wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO()}
        told: list[Any] = []
        body = b"".join(self.dashboard(environ, lambda status, headers: told.extend((status, headers))))
        names = [name.lower() for name, _ in told[1]]
        assert len(set(names)) == len(names), "a header is given twice"
        return Page(int(told[0].split()[0]), dict(told[1]), body)

    def files_of(self, page: Page) -> set[str]:
        """The path of every file that a page asks for by itself."""
        named = page.values("link", "href") + page.values("script", "src") + page.values("use", "href")
        return {urlsplit(address).path for address in named}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    @classmethod
    def read(cls, text: str) -> "_Reader":
        reader = cls()
        reader.feed(text)
        return reader

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
