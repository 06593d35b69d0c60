"""What a page may know of a request, and what goes back. Any bytes at all may come in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

Environ = dict[str, Any]
PATH_SAFE = "/:@!$&'()*+,;=~"
QUERY_SAFE = PATH_SAFE + "?%"
HTML = "text/html; charset=utf-8"
MOST_PARAMETERS = 50


@dataclass(frozen=True)
class Request:
    """`target` is the path and query as it was asked for, percent-encoded. Header names are in small letters."""

    method: str
    path: str
    target: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()


def read_request(environ: Environ) -> Request:
    """What is not UTF-8 becomes U+FFFD, and so finds nothing."""
    path = _bytes(environ.get("PATH_INFO", ""))
    asked = environ.get("QUERY_STRING", "")
    target = quote(path, safe=PATH_SAFE)
    if asked:
        target += "?" + quote(_bytes(asked), safe=QUERY_SAFE)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path.decode(errors="replace"),
        target=target,
        query=parse_query(asked),
        headers=dict(_headers(environ)),
    )


def parse_query(text: str) -> dict[str, str]:
    """The first value of each parameter; none where there are too many to be meant."""
    plain = _bytes(text).decode(errors="replace")
    try:
        pairs = parse_qsl(plain, keep_blank_values=True, errors="replace", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def _bytes(text: str) -> bytes:
    """WSGI passes bytes as text, one letter each (PEP 3333)."""
    return text.encode("latin-1", "replace")


def _headers(environ: Environ) -> Iterable[tuple[str, str]]:
    for name, text in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").lower(), text
