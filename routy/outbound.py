"""What Routy asks of the outside: DNS records, and small files over HTTP from addresses that it has looked at.

A name is resolved once, every address is checked, and the connection goes to a checked address: a name that changes
between check and connection leads nowhere. Redirects are not followed.
"""

import ipaddress
import socket
import threading
from contextlib import suppress
from http.client import HTTPException

import dns.exception
import dns.resolver
import urllib3
from urllib3.connection import HTTPConnection

TIMEOUT_SECONDS = 5.0
DEADLINE_SECONDS = 10.0
MOST_BYTES = 4096
_GLOBAL6 = ipaddress.ip_network("2000::/3")
_EMBEDDING6 = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/23"))


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


def fetch_text(host: str, path: str) -> str:
    """At most 4 kB of `http://host/path`; Unreachable for anything but a 200, and after ten seconds in all."""
    name, _, port = host.partition(":")
    address = checked_address(name)
    connection = HTTPConnection(address, int(port or 80), timeout=TIMEOUT_SECONDS)
    lines: list[socket.socket] = []
    timer = threading.Timer(DEADLINE_SECONDS, _cut, (lines,))  # the timeout is for one read; a drip has many
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        lines.append(connection.sock)  # http.client forgets it once the answer ends with the connection
        connection.request("GET", path, headers={"Host": host}, preload_content=False)
        answer = connection.getresponse()
        body: bytes = answer.read(MOST_BYTES)
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
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
    return parsed.is_global and not parsed.is_multicast
