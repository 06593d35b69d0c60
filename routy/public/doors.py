"""Who may see a share that is not open: whoever brings a signed token, or has typed its password.

A right password leaves a signed cookie, for this share's addresses alone. It names the password's hash, so that
another password ends it.
"""

import ipaddress
import threading
from collections.abc import Mapping
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol
from urllib.parse import parse_qs

from routy import signing
from routy.clock import HOUR, SECOND
from routy.errors import Forbidden, Invalid, Unauthorized, Unavailable
from routy.passwords import verify_password
from routy.public.shared import Shared
from routy.resources.shares import EMBED_PURPOSE, LOCKS, accepts
from routy.secret import digest

COOKIE = "routy_share"
COOKIE_PURPOSE = "share-password"
COOKIE_LASTS = 12 * HOUR
LONGEST_BODY = 4096
PLACES = threading.BoundedSemaphore(4)  # two are hashed at once (routy/passwords.py), two wait for that


class Tries(Protocol):
    """Counts failures by key, and raises RateLimited (api/limits.py)."""

    def expect_open(self, keys: tuple[str, ...], now: int) -> None: ...
    def failed(self, keys: tuple[str, ...], now: int) -> None: ...
    def succeeded(self, keys: tuple[str, ...]) -> None: ...


class NeedsPassword(Unauthorized):
    """The share has a password, and it was not typed here yet."""


def admit(shared: Shared, secret: bytes, token: str, cookies: str, now: int) -> Shared:
    """The share as this visitor may see it. Forbidden: the token is no good, or missing where there must be one."""
    if token:
        return replace(shared, filters=locked(shared, secret, token, now))
    if shared.row["requires_token"]:
        raise Forbidden("this needs an address with a signed token")
    if shared.row["password"] is not None and not _has_typed(shared, secret, cookies, now):
        raise NeedsPassword("this needs a password")
    return shared


def locked(shared: Shared, secret: bytes, token: str, now: int) -> tuple[tuple[str, str], ...]:
    """What the token locks the share to; Forbidden when it does not open it."""
    try:
        said = signing.verify(secret, EMBED_PURPOSE, token, now)
    except signing.BadSignature:
        raise Forbidden("the token in this address is no good, or its time is over") from None
    if not accepts(shared.row, said) or set(said["filters"]) - {*LOCKS}:
        raise Forbidden("the token in this address is no good, or was revoked")
    return tuple(sorted((str(name), str(value)) for name, value in said["filters"].items()))


def _has_typed(shared: Shared, secret: bytes, cookies: str, now: int) -> bool:
    try:
        found = SimpleCookie(cookies).get(COOKIE)
        said = signing.verify(secret, COOKIE_PURPOSE, found.value, now) if found else {}
    except (CookieError, signing.BadSignature):
        return False
    return (said.get("sub"), said.get("key")) == (shared.row["id"], digest(shared.row["password"]))


# ---- typing the password


def open_with(shared: Shared, tries: Tries, ip: str, typed: str, now: int) -> None:
    """Returns when the password is right. A try counts from its beginning, so that many at once are no more."""
    if not typed:
        raise Invalid({"password": "is missing"})
    keys = (f"{_block(ip)} {shared.row['id']}",)
    tries.expect_open(keys, now)
    if not PLACES.acquire(blocking=False):
        raise Unavailable("too many passwords are being checked", retry_after=2)
    try:
        tries.failed(keys, now)
        if not verify_password(shared.row["password"], typed):
            raise NeedsPassword("that was not the password")
        tries.succeeded(keys)
    finally:
        PLACES.release()


def _block(ip: str) -> str:
    """What counts as one address: of IPv6 the /64 that a household has."""
    try:
        return str(ipaddress.ip_network(f"{ip}/64", strict=False)) if ":" in ip else ip
    except ValueError:
        return ip


def typed(environ: Mapping[str, Any]) -> str:
    """The field `password` of a form; empty when there is none that is short and well formed."""
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    length = environ.get("CONTENT_LENGTH") or "0"
    if kind != "application/x-www-form-urlencoded" or not (length.isascii() and length.isdigit()):
        return ""
    if not 0 < int(length) <= LONGEST_BODY:
        return ""
    try:
        body: bytes = environ["wsgi.input"].read(int(length))
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except (OSError, ValueError):
        return ""
    return found.get("password", [""])[0]


def cookies(shared: Shared, secret: bytes, secure: bool, now: int) -> tuple[tuple[str, str], ...]:
    """One for each address of the share: the path /s/x does not reach /s/x.json (RFC 6265, 5.1.4)."""
    until = now + COOKIE_LASTS
    value = signing.sign(
        secret, COOKIE_PURPOSE, {"sub": shared.row["id"], "key": digest(shared.row["password"])}, until
    )
    more = f"Max-Age={COOKIE_LASTS // SECOND}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
    path = f"/s/{shared.row['slug']}"
    return tuple(("Set-Cookie", f"{COOKIE}={value}; Path={path}{end}; {more}") for end in ("", ".json", ".csv"))
