"""The WSGI front: host and first path segment decide who answers.

A path whose first segment is not reserved is a link, and goes down the click walk at once. Everything else shares a
number of places that leaves eight threads to redirects, whatever happens.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from routy.clicks import pages, redirect, rules
from routy.clicks.visit import host_of
from routy.errors import refusal
from routy.ids import new_id
from routy.paths import RESERVED, first_segment

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

KEPT_FOR_REDIRECTS = 8
MAY_WAIT = 4  # of those eight: who waits for a place holds a thread meanwhile
WAIT_SECONDS = 5.0
ON_LINK_DOMAINS = frozenset(("robots.txt", "favicon.ico", ".well-known", "s", "embed", "badge", "oembed"))


@dataclass(frozen=True)
class Front:
    """`rooms` are the applications by first path segment; the host of `public_url` has the dashboard and API."""

    walk: redirect.Walk
    rooms: Mapping[str, Application]
    public_url: str
    places: threading.BoundedSemaphore
    waiting: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MAY_WAIT))

    @cached_property
    def own_host(self) -> str:
        return host_of(urlsplit(self.public_url).netloc)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        segment = first_segment(environ["PATH_INFO"])
        if segment not in RESERVED and (segment or not self._is_own(environ)):
            return redirect.answer(self.walk, environ, start_response)
        room = self.rooms.get(segment)
        if room is None or (segment not in ON_LINK_DOMAINS and not self._is_own(environ)):
            return pages.respond(rules.choose_for_missing(None), environ["REQUEST_METHOD"], start_response)
        return self._in_place(room, environ, start_response)

    def _is_own(self, environ: Environ) -> bool:
        """A verified domain that is not the server's own answers links and nothing else."""
        host = host_of(environ.get("HTTP_HOST", ""))
        domain, _ = self.walk.table.find(host, None)
        known = domain is not None and domain.host in (host, host.partition(":")[0])
        return host == self.own_host or not known

    def _in_place(self, room: Application, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not (self.places.acquire(blocking=False) or self._comes_free()):
            return _busy(new_id("req", self.walk.clock()), self.public_url, start_response)
        place = environ["routy.place"] = Place(self.places)
        try:
            return room(environ, start_response)
        finally:
            if not place.kept:
                place.release()

    def _comes_free(self) -> bool:
        """Whether a place could be had by waiting."""
        if not self.waiting.acquire(blocking=False):
            return False
        try:
            return self.places.acquire(timeout=WAIT_SECONDS)
        finally:
            self.waiting.release()


class Place:
    """One of the places, as long as a request has it. Who goes on answering after it has returned keeps it, and
    calls what `keep` gave when it is over."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self.kept = False
        self._places: threading.BoundedSemaphore | None = places

    def keep(self) -> Callable[[], None]:
        self.kept = True
        return self.release

    def release(self) -> None:
        """It is given back once, however often this is called."""
        places, self._places = self._places, None
        if places is not None:
            places.release()


def _busy(request_id: str, public_url: str, start_response: StartResponse) -> list[bytes]:
    """In the API's shape, as it is mostly the API that is busy."""
    message = "all places are taken; redirects go on"
    body = json.dumps(refusal("UNAVAILABLE", message, request_id, public_url, retry_after=2)).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("503 Service Unavailable", [*headers, ("Retry-After", "2"), ("X-Request-Id", request_id)])
    return [body]
