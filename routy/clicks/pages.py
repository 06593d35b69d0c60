"""What a visitor gets: a redirect, or one of a few small pages that stand on their own.

Nothing of the request is ever shown; what a preview shows of the link is escaped. A redirect is private and not
stored: a cached one would be a click that nobody sees (RFC 9111).
"""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from routy.clicks.rules import Choice

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Headers = list[tuple[str, str]]

STATUSES = {
    200: "200 OK",
    204: "204 No Content",
    301: "301 Moved Permanently",
    302: "302 Found",
    303: "303 See Other",
    307: "307 Temporary Redirect",
    308: "308 Permanent Redirect",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    410: "410 Gone",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
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
  form {{ display: flex; flex-wrap: wrap; gap: .5rem; justify-content: center; margin: 1rem 0 0 }}
  input, button {{ font: inherit; padding: .5rem .75rem; border: 1px solid GrayText; border-radius: .5rem }}
  [role=alert] {{ opacity: 1; color: light-dark(#b42318, #fda29b) }}
</style>
<h1>{title}</h1>
<p{role}>{text}</p>
{more}"""

# To the same address, its query included; no id or name of the link.
_FORM = """<form method="post">
<input type="password" name="password" aria-label="Password" autocomplete="off" maxlength="200" required autofocus>
<button>Go on</button>
</form>
"""


def _page(title: str, text: str, more: str = "", alarming: bool = False) -> bytes:
    role = ' role="alert"' if alarming else ""
    return _PAGE.format(title=title, text=text, more=more, role=role).encode()


_ASKS = "This link has a password"
BODIES: dict[int | tuple[str, str], bytes] = {  # by status, or by branch and reason where a status says too little
    404: _page("There is nothing here", "The address may be mistyped, or the link was removed."),
    405: _page("This address can only be visited", "It takes GET and HEAD."),
    410: _page("This link is not active", "Its owner has paused it, or its time is not now."),
    ("inactive", "no_rule"): _page("This link leads nowhere from here", "It is meant for other devices."),
    ("password", ""): _page(_ASKS, "Whoever gave you the link knows it.", _FORM),
    ("password", "malformed"): _page(_ASKS, "Type the password to go on.", _FORM, alarming=True),
    ("password", "wrong"): _page(_ASKS, "That was not the password. Try again.", _FORM, alarming=True),
    ("password", "busy"): _page(_ASKS, "Many are asking at once. Try again in a moment.", _FORM, alarming=True),
    ("password", "locked"): _page("Too many wrong passwords", "This link can be tried again in some minutes."),
}

_PRIVATE = ("Cache-Control", "private, no-store")
# No form-action: Chromium holds it against the redirect that follows the form too, and nobody would arrive.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
_STYLED = ("Content-Security-Policy", _POLICY)


def respond(
    choice: Choice, method: str, start_response: StartResponse, og: tuple[str, str, str] | None = None
) -> Iterable[bytes]:
    """`og` is what a preview of the link shows: title, description, image."""
    if choice.location:
        start_response(
            STATUSES[choice.status],
            [("Location", choice.location), _PRIVATE, ("Content-Length", "0")],
        )
        return ()
    if choice.status == 204:
        start_response(STATUSES[204], [_PRIVATE])
        return ()
    return _show(choice.status, _body(choice, og), method, start_response, _headers(choice))


def method_not_allowed(start_response: StartResponse) -> Iterable[bytes]:
    return _show(405, BODIES[405], "GET", start_response, [("Allow", "GET, HEAD")])


def _body(choice: Choice, og: tuple[str, str, str] | None) -> bytes:
    if choice.branch == "preview" and og is not None:
        return preview(*og)
    return BODIES.get((choice.branch, choice.reason)) or BODIES[choice.status]


def _headers(choice: Choice) -> Headers:
    more = [("Retry-After", str(choice.retry_after))] if choice.retry_after else []
    # The form's address would be the referrer of what comes next, and is no news to anybody.
    return [*more, ("Referrer-Policy", "no-referrer")] if choice.branch == "password" else more


def _show(status: int, body: bytes, method: str, start_response: StartResponse, more: Headers) -> Iterable[bytes]:
    start_response(
        STATUSES[status],
        [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            _PRIVATE,
            ("X-Robots-Tag", "noindex"),
            ("X-Content-Type-Options", "nosniff"),
            _STYLED,
            *more,
        ],
    )
    return () if method == "HEAD" else (body,)


def preview(title: str, description: str, image: str) -> bytes:
    """What messengers and networks make a card of (Open Graph, and Twitter's names where they differ)."""
    card = "summary_large_image" if image else "summary"
    tags = [("og:type", "website"), ("og:title", title), ("og:description", description), ("og:image", image)]
    metas = [f'<meta property="{name}" content="{escape(text)}">' for name, text in tags if text]
    named = [("twitter:card", card), ("description", description)]
    metas += [f'<meta name="{name}" content="{escape(text)}">' for name, text in named if text]
    head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    return (head + "\n".join(metas) + f"\n<p>{escape(description)}</p>\n").encode()
