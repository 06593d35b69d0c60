"""Unsubscribing: a signed address that ends a topic for one recipient of one workspace, without any login.

A mail program posts to it by itself (RFC 8058); a person who follows it gets a page with a button that posts.
Looking at it changes nothing, as what scans mails looks at every address in them.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from routy import signing
from routy.clock import LAST, Clock
from routy.resource import Reader
from routy.store.sqlite import Busy, Records, Transaction

PATH = "unsubscribe"
PURPOSE = "unsubscribe"
WORDS = {
    "alerts": "alerts", "webhooks": "notices about webhooks", "tokens": "notices about tokens",
    "files": "notices about exports and imports", "system": "notices about the server", "reports": "reports",
}  # fmt: skip
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

Render = Callable[[str, Mapping[str, Any]], str]
Environ = dict[str, Any]


def address(public_url: str, secret: bytes, workspace_id: str, recipient: str, topic: str) -> str:
    """The address for one recipient; it never gets old."""
    claims = {"ws": workspace_id, "to": recipient, "topic": topic}
    return f"{public_url}/{PATH}/{signing.sign(secret, PURPOSE, claims, LAST)}"


def has_unsubscribed(reader: Reader, workspace_id: str, recipient: str, topic: str) -> bool:
    found = reader.one(
        "/* unsubscriptions.of */ SELECT 1 FROM unsubscriptions"
        " WHERE workspace_id = ? AND recipient = ? AND topic = ?",
        (workspace_id, recipient, topic),
    )
    return found is not None


def unsubscribe(tx: Transaction, workspace_id: str, recipient: str, topic: str) -> None:
    """Once is enough; the workspace may be gone by now."""
    tx.run(
        "/* unsubscriptions.add */ INSERT OR IGNORE INTO unsubscriptions"
        " (workspace_id, recipient, topic, created_at) SELECT id, ?, ?, ? FROM workspaces WHERE id = ?",
        (recipient, topic, tx.now, workspace_id),
    )


# ---- the page


class Door:
    """WSGI at /unsubscribe/TOKEN."""

    def __init__(self, records: Records, secret: bytes, clock: Clock, render: Render) -> None:
        self.records, self.secret, self.clock, self.render = records, secret, clock, render

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        status, page, headers = self._answer(environ["REQUEST_METHOD"], _token(environ["PATH_INFO"]))
        body = page.encode()
        told = [*_HEADERS, *headers, ("Content-Length", str(len(body)))]
        start_response(f"{status} {HTTPStatus(status).phrase}", told)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, method: str, token: str) -> tuple[int, str, list[tuple[str, str]]]:
        if method not in ("GET", "HEAD", "POST"):
            return 405, self._page("wrong", {}), [("Allow", "GET, HEAD, POST")]
        try:
            claims = signing.verify(self.secret, PURPOSE, token, self.clock())
        except signing.BadSignature:
            return 404, self._page("wrong", {}), []
        if method != "POST":
            return 200, self._page("ask", claims), []
        try:
            with self.records.transaction(self.clock()) as tx:
                unsubscribe(tx, claims["ws"], claims["to"], claims["topic"])
        except Busy:
            return 503, self._page("busy", claims), [("Retry-After", "5")]
        return 200, self._page("done", claims), []

    def _page(self, step: str, claims: Mapping[str, Any]) -> str:
        topic = WORDS.get(claims.get("topic", ""), "mails")
        values = {"step": step, "recipient": claims.get("to", ""), "topic": topic, "workspace": self._name(claims)}
        return self.render("mail/unsubscribe.html", values)

    def _name(self, claims: Mapping[str, Any]) -> str:
        found = self.records.one(
            "/* workspaces.name */ SELECT name FROM workspaces WHERE id = ?", (claims.get("ws"),)
        )
        return str(found["name"]) if found else ""


_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", POLICY),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),  # the address is the key
    ("X-Robots-Tag", "noindex"),
]


def _token(path: str) -> str:
    return path.removeprefix(f"/{PATH}").strip("/")[:4000]
