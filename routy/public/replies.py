"""What goes back to a stranger, and the headers that keep it harmless."""

import gzip
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any

Headers = tuple[tuple[str, str], ...]
Environ = dict[str, Any]

HTML = "text/html; charset=utf-8"
JSON = "application/json"
CSV = "text/csv; charset=utf-8"
SVG = "image/svg+xml"
PLAIN_POLICY = "default-src 'none'; frame-ancestors 'none'"
NEVER_KEPT = "no-store"
ASK_AGAIN = "private, no-cache"
LEAST_PACKED = 512

_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


@dataclass(frozen=True)
class Body:
    """Bytes, packed and tagged once however often they are sent."""

    plain: bytes

    @cached_property
    def packed(self) -> bytes | None:
        return gzip.compress(self.plain, 6, mtime=0) if len(self.plain) >= LEAST_PACKED else None

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(self.plain).hexdigest()[:16]


@dataclass(frozen=True)
class Reply:
    body: Body
    content_type: str = HTML
    status: int = 200
    policy: str = PLAIN_POLICY
    caching: str = NEVER_KEPT
    headers: Headers = ()


def send(reply: Reply, environ: Environ, start_response: Any) -> Iterable[bytes]:
    """The reply, packed where that is taken; 304 where it is there already (RFC 9110, 13.1.2)."""
    packed = reply.body.packed if _GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")) else None
    tag = f'"{reply.body.tag}{"-gzip" if packed else ""}"'
    if reply.status == HTTPStatus.OK and reply.caching != NEVER_KEPT:
        reply = replace(reply, headers=(*reply.headers, ("ETag", tag)))
        if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
            reply = replace(reply, status=304)
    body = packed or reply.body.plain
    start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", _headers(reply, body, packed is not None))
    return [] if environ["REQUEST_METHOD"] == "HEAD" or reply.status == HTTPStatus.NOT_MODIFIED else [body]


def _headers(reply: Reply, body: bytes, packed: bool) -> list[tuple[str, str]]:
    headers = [
        ("Content-Security-Policy", reply.policy),
        ("Cache-Control", reply.caching),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),  # the address is the key
        ("Vary", "Accept-Encoding, Cookie" if reply.caching == ASK_AGAIN else "Accept-Encoding"),
        *reply.headers,
    ]
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return headers
    headers += [("Content-Encoding", "gzip")] if packed else []
    return [*headers, ("Content-Type", reply.content_type), ("Content-Length", str(len(body)))]
