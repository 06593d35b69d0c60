"""The walk of a stranger's request: read → find → admit → look → show → send.

It answers on every host, and never more than the share says: an address and its parameters choose among what is
there, and nothing that they hold reaches a report.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from routy.clock import Clock
from routy.errors import Invalid, MethodNotAllowed, NotFound, RoutyError
from routy.public import asked as address
from routy.public import doors, figures, oembed, pages, questions
from routy.public.asked import Asked
from routy.public.figures import Figures
from routy.public.kept import Kept
from routy.public.replies import ASK_AGAIN, JSON, Body, Environ, Reply, send
from routy.public.shared import Shared, find
from routy.resource import Actor, Reader

log = logging.getLogger("routy.public")


class Asking(Protocol):
    """The reports: reports/asking.py answers."""

    def batch(self, actor: Actor, asked: Any) -> Sequence[dict[str, Any] | RoutyError]: ...
    def version(self, actor: Actor, given: Sequence[tuple[str, str]], format_: str) -> str: ...


@dataclass(frozen=True)
class Stand:
    """Public statistics as one WSGI callable. `client` tells (ip, whether over https) of a request."""

    records: Reader
    secret: bytes
    clock: Clock
    asking: Asking
    kept: Kept[Figures]
    tries: doors.Tries
    client: Callable[[Environ], tuple[str, bool]]
    look_of: pages.Look

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        return send(_reply(self, environ), environ, start_response)


def _reply(stand: Stand, environ: Environ) -> Reply:
    asked: Asked | None = None
    try:
        asked = address.read(environ)
        return _walk(stand, environ, asked)
    except RoutyError as error:
        return pages.refused(stand.look_of, _place(environ), error)
    except Exception:
        log.exception("the share at %s failed", asked.place if asked else "an address of no place")
        return pages.refused(stand.look_of, _place(environ), RoutyError("something went wrong here"))


def _place(environ: Environ) -> address.Place:
    """What a refusal should look like, even where nothing else could be read."""
    path = environ.get("PATH_INFO", "")
    if path.startswith("/badge/"):
        return "badge"
    if path.startswith("/embed/"):
        return "embed"
    return "json" if path.startswith("/oembed") or path.endswith((".json", ".csv")) else "page"


def _walk(stand: Stand, environ: Environ, asked: Asked) -> Reply:
    now, method = stand.clock(), environ["REQUEST_METHOD"]
    if method == "POST" and asked.place == "page":
        return _opened(stand, environ, asked, now)
    if method not in ("GET", "HEAD"):
        raise MethodNotAllowed("this can only be looked at", allow="GET, HEAD")
    if asked.place == "oembed":
        return _oembed(stand, environ, asked, now)
    shared = find(stand.records, asked.slug, now)
    seen = doors.admit(shared, stand.secret, asked.token, environ.get("HTTP_COOKIE", ""), now)
    return pages.shown(stand.look_of, seen, asked, look(stand, seen, asked, now))


def look(stand: Stand, shared: Shared, asked: Asked, now: int) -> Figures:
    """The figures of a share and a range, made once for everybody who asks while they are true."""
    when = questions.days(shared, questions.chosen(shared, asked), now)
    parts = questions.parts(shared, when)
    whole = list(parts[0].question.items())
    panels = {"panels": [part.question for part in parts]}
    try:
        return stand.kept.get(
            (shared.key, when.range),
            lambda: stand.asking.version(shared.actor, whole, "json"),
            lambda: figures.read(when, parts, stand.asking.batch(shared.actor, panels)),
        )
    except Invalid as error:
        raise NotFound("there is nothing here") from error


def _opened(stand: Stand, environ: Environ, asked: Asked, now: int) -> Reply:
    """The password, typed: to the page with a cookie, or the form again."""
    shared = find(stand.records, asked.slug, now)
    if shared.row["requires_token"]:
        doors.admit(shared, stand.secret, asked.token, "", now)
    if shared.row["password"] is None:
        return pages.redirect(shared, asked, ())
    ip, secure = stand.client(environ)
    try:
        doors.open_with(shared, stand.tries, ip, doors.typed(environ), now)
    except RoutyError as error:
        return pages.form(stand.look_of, error)
    return pages.redirect(shared, asked, doors.cookies(shared, stand.secret, secure, now))


def _oembed(stand: Stand, environ: Environ, asked: Asked, now: int) -> Reply:
    if asked.format == "xml":
        return pages.plain(501, "XML is not made here: ask for format=json")
    hosts = (environ.get("HTTP_HOST", "").lower(), urlsplit(stand.look_of.public_url).netloc.lower())
    shared = find(stand.records, oembed.slug_of(asked, hosts), now)
    if not shared.open:
        raise doors.NeedsPassword("this share is not open to everybody")
    return Reply(Body(oembed.answer(shared, asked)), JSON, caching=ASK_AGAIN, headers=pages.ANY_ORIGIN)
