"""What a visitor gets: a redirect, or one of three small pages that stand on their own.

Nothing of the request is ever shown, so nothing needs escaping. A redirect is private and not stored: a cached
one would be a click that nobody sees (RFC 9111).
"""

from collections.abc import Callable, Iterable
from typing import Any

from routy.clicks.rules import Choice

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

STATUSES = {
    301: "301 Moved Permanently",
    302: "302 Found",
    307: "307 Temporary Redirect",
    308: "308 Permanent Redirect",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    410: "410 Gone",
}

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
  body {{ display: grid; place-content: center; min-height: 90vh; margin: 0 1.5rem; text-align: center }}
  h1 {{ font-size: 1.25rem; font-weight: 600; margin: 0 }}
  p {{ opacity: .7; margin: .25rem 0 0 }}
</style>
<h1>{title}</h1>
<p>{text}</p>
"""


def _page(title: str, text: str) -> bytes:
    return _PAGE.format(title=title, text=text).encode()


BODIES = {
    404: _page("There is nothing here", "The address may be mistyped, or the link was removed."),
    405: _page("This address can only be visited", "It takes GET and HEAD."),
    410: _page("This link is not active", "Its owner has paused it, or its time is over."),
}

_PRIVATE = ("Cache-Control", "private, no-store")


def respond(choice: Choice, method: str, start_response: StartResponse) -> Iterable[bytes]:
    if not choice.location:
        return _show(choice.status, method, start_response, [])
    start_response(
        STATUSES[choice.status],
        [("Location", choice.location), _PRIVATE, ("Content-Length", "0")],
    )
    return ()


def method_not_allowed(start_response: StartResponse) -> Iterable[bytes]:
    return _show(405, "GET", start_response, [("Allow", "GET, HEAD")])


def _show(status: int, method: str, start_response: StartResponse, more: list[tuple[str, str]]) -> Iterable[bytes]:
    body = BODIES[status]
    start_response(
        STATUSES[status],
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            _PRIVATE,
            ("X-Robots-Tag", "noindex"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            *more,
        ],
    )
    return () if method == "HEAD" else (body,)
