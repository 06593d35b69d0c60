"""What a text must be beyond its length: each function takes a text, returns it in its one normal form, and
raises ValueError with the reason when it is not of that form.

URLs follow RFC 3986 as browsers relax it (non-ASCII letters are allowed and encoded on the way out), hosts
RFC 1123 with IDNA, zones the IANA database.
"""

import ipaddress
import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import cache
from urllib.parse import SplitResult, urlsplit

_NOT_IN_URLS = re.compile(r'[\s\x00-\x1f\x7f<>"\\^`{|}]')  # \s is what str.isspace says
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_IN_PROSE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # line ends and tabs are part of it
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@[^@\s]{1,255}")
DANGEROUS_SCHEMES = frozenset(
    ("javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem")
)


def http_url(text: str) -> str:
    """A URL that a browser may be sent to: http or https, with a host, without a user name."""
    if url_scheme(text) not in ("http", "https"):
        raise ValueError("must begin with http:// or https://")
    parts = _split(text)
    if not parts.hostname or parts.username is not None:
        raise ValueError("must name a host, and no user" if parts.username is not None else "must name a host")
    host(f"[{parts.hostname}]" if "[" in parts.netloc else parts.hostname)
    return text


def destination(text: str) -> str:
    """Where a link may lead: a web URL, or an address of an app; never one that a browser would run."""
    scheme = url_scheme(text)
    if scheme in DANGEROUS_SCHEMES:
        raise ValueError(f"must not begin with {scheme}: browsers run such addresses")
    _split(text)
    return http_url(text) if scheme in ("http", "https") else text


def authority(url: str) -> str:
    """`go.example:8080` of a URL that `http_url` has let through, as hosts are kept here."""
    parts = urlsplit(url)
    name = host(parts.hostname or "")
    return name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a URL: {error}") from None
    return parts


def url_scheme(text: str) -> str:
    """The scheme of an absolute URL, in small letters; refuses what no URL may hold."""
    if _NOT_IN_URLS.search(_without_macros(text)):
        raise ValueError('must be a URL, without spaces or any of < > " \\ ^ ` { | }')
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or not _SCHEME.fullmatch(scheme.lower()):
        raise ValueError("must be a URL with its scheme, such as https://example.com/")
    return scheme.lower()


def _without_macros(text: str) -> str:
    """`{click_id}` and its kin may stand in a destination."""
    return re.sub(r"\{[a-z_0-9]{1,30}\}", "", text) if "{" in text else text


def host(text: str) -> str:
    """`Gö.Example.` → `xn--g-1ga.example`; addresses are hosts too."""
    plain = text.strip(".").lower()
    bare = plain.strip("[]")
    if ":" in bare or bare[-1:].isdigit():
        with suppress(ValueError):
            address = ipaddress.ip_address(bare)
            return str(address) if address.version == 4 else f"[{address}]"
    try:
        plain = plain.encode("idna").decode() if not plain.isascii() else plain
    except UnicodeError:
        raise ValueError("is not a host name") from None
    labels = plain.split(".")
    if labels[-1].isdigit() or labels[-1].startswith("0x"):
        raise ValueError("is not a host name: an address of numbers must be written as 203.0.113.7")
    if not plain or len(plain) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("is not a host name such as go.example.com")
    return plain


def host_with_port(text: str) -> str:
    """A Host header's form: `go.example`, `localhost:8787`; the usual ports 80 and 443 are left out."""
    name, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon or not port.isascii() or not port.isdigit():
        return host(text)
    if int(port) > 65535:
        raise ValueError("names a port above 65535")
    return host(name) if port in ("80", "443") else f"{host(name)}:{int(port)}"


def email(text: str) -> str:
    plain = unicodedata.normalize("NFC", line(text).strip()).lower()
    if not _EMAIL.fullmatch(plain):
        raise ValueError("must be an e-mail address")
    host(plain.rpartition("@")[2])
    return plain


_NO_PLACES = {"localtime", "Factory", "posixrules"}  # names of files: whatever this machine's zone is, or none


@cache
def _zones() -> set[str]:
    return zoneinfo.available_timezones() - _NO_PLACES  # it reads them all from disk


def zone(text: str) -> str:
    if text not in _zones():
        raise ValueError("must be a time zone of the IANA database, such as Europe/Berlin")
    return text


def day(text: str) -> str:
    """A calendar day: `2026-11-21`, and no other spelling."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ValueError("must be a day such as 2026-11-21")


def color(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError("must be a colour such as #0f766e")
    return text.lower()


def network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError("must be an IP address or a network such as 203.0.113.0/24") from None


def slug(text: str) -> str:
    """A path without its leading slash: one segment or more, any letters of any script, in NFC."""
    plain = unicodedata.normalize("NFC", text)
    segments = plain.split("/")
    if not all(segments) or any(segment in (".", "..") for segment in segments):
        raise ValueError("must not begin or end with a slash, nor hold an empty segment, . or ..")
    wrong = [letter for letter in plain if letter in '?#%\\"<>^`{|}' or letter.isspace() or _unseen(letter)]
    if wrong:
        raise ValueError('must not hold spaces, control characters or any of ? # % \\ " < > ^ ` { | }')
    return plain


def _unseen(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def line(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    return text


def prose(text: str) -> str:
    if _CONTROL_IN_PROSE.search(text):
        raise ValueError("must not hold control characters other than line ends and tabs")
    return text


FORMULA_SIGNS = "=+-@\t\r"  # what begins with one is a formula to a spreadsheet

FORMATS: dict[str, Callable[[str], str]] = {
    "uri": http_url,
    "destination": destination,
    "hostname": host_with_port,
    "email": email,
    "timezone": zone,
    "color": color,
    "day": day,
    "network": network,
    "slug": slug,
    "line": line,
    "prose": prose,
}
