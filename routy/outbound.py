"""What Routy asks of the outside: DNS records, and small files over HTTP from addresses that it has looked at.

A name is resolved once, every address is checked, and the connection goes to a checked address: a name that changes
between check and connection leads nowhere. Redirects are not followed. `Guard` is the same for whoever calls an
address that somebody else has typed in.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import quote, urlsplit

import dns.exception
import dns.resolver
import urllib3
from urllib3.connection import HTTPConnection

from routy import formats

TIMEOUT_SECONDS = 5.0
DEADLINE_SECONDS = 10.0
MOST_BYTES = 4096
LEAST_PORT = 1024  # below are services that might take a request for something else; 80 and 443 are the web
_GLOBAL6 = ipaddress.ip_network("2000::/3")
_EMBEDDING6 = tuple(ipaddress.ip_network(text) for text in ("2002::/16", "2001::/23", "3fff::/20"))
_RELAYS4 = ipaddress.ip_network("192.88.99.0/24")  # 6to4


class Unreachable(Exception):
    """The other side could not be asked; the message says why."""


def txt_records(name: str) -> list[str]:
    """The TXT records of a name, each with its parts joined."""
    try:
        found = dns.resolver.resolve(name, "TXT", lifetime=TIMEOUT_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise Unreachable(f"DNS does not answer: {type(error).__name__}") from None
    return [b"".join(record.strings).decode("utf-8", "replace") for record in found]


class _Plain(HTTPConnection):
    """HTTP/1.0: answers come in one piece."""

    _http_vsn = 10
    _http_vsn_str = "HTTP/1.0"


def fetch_text(host: str, path: str) -> str:
    """At most 4 kB of `http://host/path`; Unreachable for anything but a 200, and after ten seconds in all."""
    name, _, port = host.partition(":")
    address = checked_address(name)
    connection = _Plain(address, int(port or 80), timeout=TIMEOUT_SECONDS)
    lines: list[socket.socket] = []
    timer = threading.Timer(DEADLINE_SECONDS, _cut, (lines,))  # the timeout is for one read; a drip has many
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        lines.append(connection.sock)  # http.client forgets it once the answer ends with the connection
        connection.request("GET", path, headers={"Host": host}, preload_content=False)
        answer = connection.getresponse()
        if answer.chunked:  # one of negative size would be read to its end, wherever that is
            raise Unreachable(f"{host} answers in chunks, which an HTTP/1.0 request does not allow")
        body: bytes = answer.read(MOST_BYTES)
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
        raise Unreachable(f"{host} does not answer: {type(error).__name__}") from None
    finally:
        timer.cancel()
        connection.close()
    if answer.status != 200:
        raise Unreachable(f"{host}{path} answers {answer.status}")
    return body.decode("utf-8", "replace")


def _cut(lines: list[socket.socket]) -> None:
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


# ---- who may be called

Resolve = Callable[[str, float], list[str]]  # the addresses of a host, found within so many seconds


@dataclass(frozen=True)
class Place:
    """A URL, taken apart: `authority` is what the Host header says, `target` what the request line says."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str


def place_of(url: str) -> Place:
    """Unreachable for what is no URL of the web, or could be read in two ways."""
    try:
        formats.http_url(url)
    except ValueError as error:
        raise Unreachable(str(error)) from None
    if "{" in url:
        raise Unreachable("must not hold macros: there is no click to tell of")
    parts = urlsplit(url)
    host = formats.host(parts.hostname or "")
    port = {"http": 80, "https": 443}[parts.scheme] if parts.port is None else parts.port
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        f"?{quote(parts.query, safe=_IN_QUERIES)}" if parts.query else ""
    )
    authority = host if parts.port is None else f"{host}:{port}"
    return Place(parts.scheme, host.strip("[]"), port, authority, target)


_IN_QUERIES = "/%:@!$&'()*+,;=~-._?"


class Guard:
    """Lets calls out to public addresses, and to those networks that the settings name."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self._allowed = tuple(ipaddress.ip_network(text, strict=False) for text in allowed)

    def addresses(self, place: Place, resolve: Resolve, seconds: float) -> list[str]:
        """All addresses of a place; Unreachable where any of them may not be called."""
        found = _told(place.host) or resolve(place.host, seconds)
        self._expect_allowed(place, found)
        return found

    def why_not_call(self, url: str) -> str:
        """What can be said against a URL before anybody asks DNS; empty: nothing."""
        try:
            place = place_of(url)
            if _told(place.host) or not self._allowed:  # a name may yet lead into a network that is allowed
                self._expect_allowed(place, _told(place.host))
        except Unreachable as error:
            return str(error)
        return ""

    def _expect_allowed(self, place: Place, found: list[str]) -> None:
        inside = bool(found) and all(self._is_allowed(address) for address in found)
        if not inside and not all(self._is_allowed(address) or is_public(address) for address in found):
            raise Unreachable(f"{place.host} leads into a private network (see outbound.allowed_networks)")
        if not inside and place.port < LEAST_PORT and place.port not in (80, 443):
            raise Unreachable(f"port {place.port} is not one of the web: use 80, 443 or one above {LEAST_PORT - 1}")

    def _is_allowed(self, address: str) -> bool:
        parsed = ipaddress.ip_address(address.partition("%")[0])
        plain = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(plain in network for network in self._allowed)


def _told(host: str) -> list[str]:
    """The address that a host is by itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return ["127.0.0.1"]
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    return []


def look_up(host: str, seconds: float) -> list[str]:
    """The addresses of a host as this machine knows them. Asking has no limit of its own, so that a thread waits
    for the answer, and may be left behind."""
    found: list[list[str] | OSError | UnicodeError] = []
    asking = threading.Thread(target=_ask, args=(host, found), daemon=True)
    asking.start()
    asking.join(max(0.0, seconds))
    if not found:
        raise Unreachable(f"DNS: no answer about {host} in time")
    answer = found[0]
    if not isinstance(answer, list):
        raise Unreachable(f"DNS: {host} has no address")
    return answer


def _ask(host: str, found: list[list[str] | OSError | UnicodeError]) -> None:
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        found.append([str(entry[4][0]) for entry in entries])
    except (OSError, UnicodeError) as error:
        found.append(error)


def checked_address(name: str) -> str:
    """The first address of a name; Unreachable where any of its addresses is one of a private network."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"{name} has no address") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not all(is_public(address) for address in addresses):
        raise Unreachable(f"{name} has an address of a private network")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the internet. An IPv6 address that holds an IPv4 one, or is translated to one,
    may lead back inside however global it looks."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        return parsed in _GLOBAL6 and parsed.is_global and not any(parsed in network for network in _EMBEDDING6)
    return parsed.is_global and not parsed.is_multicast and parsed not in _RELAYS4
