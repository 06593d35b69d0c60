"""Step one of the click walk: what came in, read from a WSGI environ.

WSGI hands over latin-1 text that holds raw bytes (PEP 3333), and anybody may send any bytes: nothing here
raises. Lengths are cut to what is kept of a click.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

Environ = Mapping[str, Any]

LONGEST_SLUG = 512
LONGEST_FIELD = 1024
LONGEST_SUB_ID = 255
MOST_HOPS = 20

_NOT_URL = re.compile(r"[^\x21-\x7e]")


def nowhere(ip: str) -> str:
    return ""


@dataclass(slots=True)
class Visit:
    """One incoming request. `slug` is None when its bytes are no text; `query` is plain ASCII, as it came, without
    the parameters that speak to Routy itself. `private`: the visitor asks not to be tracked. `platform` is what
    Sec-CH-UA-Platform says. The last four are set by click.begin, once the link is known: the private sub id, as
    each link may name its parameter, the random half of the click's id, its class at the answer, and who can say
    what country an address is in."""

    now: int
    method: str
    host: str
    slug: str | None
    ip: str
    agent: str
    referrer: str
    language: str
    query: str
    source: str
    prefetch: bool
    private: bool
    platform: str
    sub_id: str = ""
    random: str = ""
    class_: str = ""
    country_of: Callable[[str], str] = nowhere


class Proxies:
    """The addresses and networks in front of us whose X-Forwarded-For is believed."""

    def __init__(self, listed: Iterable[str]) -> None:
        self.networks = tuple(ipaddress.ip_network(text, strict=False) for text in listed)
        self.trusts = lru_cache(4096)(self._trusts)

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.networks)


def read(environ: Environ, now: int, proxies: Proxies) -> Visit:
    get = environ.get
    query, source = _query(get("QUERY_STRING", ""))
    return Visit(
        now,
        get("REQUEST_METHOD", "GET"),
        host_of(get("HTTP_HOST", "")),
        _slug(get("PATH_INFO", "")),
        client_ip(environ, proxies),
        _text(get("HTTP_USER_AGENT", "")),
        _text(get("HTTP_REFERER", "")),
        _text(get("HTTP_ACCEPT_LANGUAGE", "")),
        query,
        source,
        _prefetch(environ),
        get("HTTP_DNT") == "1" or get("HTTP_SEC_GPC") == "1",
        get("HTTP_SEC_CH_UA_PLATFORM", ""),
    )


def host_of(header: str) -> str:
    """`Go.Example.:443` → `go.example`; a port stays where it is not a usual one, as domains have it."""
    host, colon, port = header.lower().partition(":")
    if not colon or port == "443" or port == "80":
        return host.rstrip(".")
    return f"{host.rstrip('.')}:{port}"


def _slug(path: str) -> str | None:
    slug = path.removeprefix("/").removesuffix("/")
    if len(slug) > LONGEST_SLUG:
        return None
    if slug.isascii():
        return slug
    try:
        return unicodedata.normalize("NFC", slug.encode("latin-1").decode("utf-8"))
    except UnicodeError:
        return None


def client_ip(environ: Environ, proxies: Proxies) -> str:
    """Who asks: the nearest address that is not one of our own proxies."""
    address = _plain(environ.get("REMOTE_ADDR") or "")
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    if not (forwarded and proxies.networks and proxies.trusts(address)):
        return address
    for part in reversed(forwarded.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        hop = _address(part)
        if hop is None:
            return address
        address = hop
        if not proxies.trusts(address):
            return address
    return address


def _plain(address: str) -> str:
    """`::ffff:192.0.2.1` → `192.0.2.1`, and no zone behind an IPv6 address."""
    if address.startswith("::ffff:") and "." in address:
        return address[7:]
    return address.partition("%")[0] if "%" in address else address


def _address(text: str) -> str | None:
    """One hop of X-Forwarded-For, which may carry a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return _plain(str(mapped or address))


def _text(raw: str) -> str:
    if raw.isascii():
        return raw[:LONGEST_FIELD]
    return raw[: 4 * LONGEST_FIELD].encode("latin-1", "replace").decode("utf-8", "replace")[:LONGEST_FIELD]


def _query(raw: str) -> tuple[str, str]:
    """The query and the source that it names: `?qr=1` is how our own QR codes say who they are."""
    if not raw:
        return "", ""
    query = url_safe(raw)
    if "qr=1" not in query:
        return query, ""
    parts = query.split("&")
    kept = [part for part in parts if part != "qr=1"]
    return "&".join(kept), "qr" if len(kept) < len(parts) else ""


def take_sub_id(visit: Visit, prefix: str) -> None:
    """Take the private sub id out of the query; `prefix` is how it begins there, such as `s=`."""
    parts = visit.query.split("&")
    kept = [part for part in parts if not part.startswith(prefix)]
    if len(kept) < len(parts):
        texts = [unquote_plus(part[len(prefix) :]) for part in parts if part.startswith(prefix)]
        visit.query, visit.sub_id = "&".join(kept), next((text for text in texts if text), "")[:LONGEST_SUB_ID]


def url_safe(text: str) -> str:
    """Percent-encode whatever may not stand in a URL or a header; what is encoded already stays."""
    if text.isascii() and text.isprintable() and " " not in text:
        return text
    return _NOT_URL.sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    letter = match.group()
    raw = letter.encode("latin-1") if letter <= "\xff" else letter.encode("utf-8", "replace")
    return "".join(f"%{byte:02X}" for byte in raw)


def _prefetch(environ: Environ) -> bool:
    """Whether a browser fetches ahead of a person (Sec-Purpose; Purpose and X-Moz before it was a standard)."""
    purpose = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or environ.get("HTTP_X_MOZ") or ""
    return "prefetch" in purpose or "prerender" in purpose or "preview" in purpose
