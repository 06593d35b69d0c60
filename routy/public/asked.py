"""What a stranger asks for: one of few addresses, and few parameters with few values.

Whatever else stands in the address is passed over, as it may have been put there by whoever passed it on; a wrong
value of a known parameter is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from routy.errors import Invalid, NotFound
from routy.records.parameters import pairs
from routy.resources.shares import LONGEST_TOKEN, METRICS, RANGES

Environ = dict[str, Any]
Place = Literal["page", "json", "csv", "embed", "badge", "oembed"]

SLUG = "([0-9A-Za-z]{22})"
PLACES: dict[str, Place] = {
    rf"/s/{SLUG}": "page",
    rf"/s/{SLUG}\.json": "json",
    rf"/s/{SLUG}\.csv": "csv",
    rf"/embed/{SLUG}": "embed",
    rf"/badge/{SLUG}\.svg": "badge",
    "/oembed()": "oembed",
}
_PLACES = [(re.compile(path, re.ASCII), place) for path, place in PLACES.items()]
THEMES = ("light", "dark")
KINDS = ("count", "sparkline")
MOST_PARAMETERS = 100
LONGEST_URL = 2000
LARGEST = 10_000  # pixels


@dataclass(frozen=True)
class Asked:
    """Empty texts and zeros were not given."""

    place: Place
    slug: str
    range: str = ""
    theme: str = ""
    kind: str = ""
    metric: str = ""
    token: str = ""
    url: str = ""
    format: str = ""
    maxwidth: int = 0
    maxheight: int = 0


def _among(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return text

    return read


def _up_to(most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not 1 <= len(text) <= most:
            raise ValueError("is too long, or empty")
        return text

    return read


def _pixels(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise ValueError("must be a whole number")
    return min(int(text), LARGEST)


_READ: dict[str, Callable[[str], Any]] = {
    "range": _among(*RANGES),
    "theme": _among(*THEMES),
    "kind": _among(*KINDS),
    "metric": _among(*METRICS),
    "token": _up_to(LONGEST_TOKEN),
    "url": _up_to(LONGEST_URL),
    "format": _among("json", "xml"),
    "maxwidth": _pixels,
    "maxheight": _pixels,
}
_TAKEN: dict[Place, tuple[str, ...]] = {
    "page": ("range", "theme", "token"),
    "json": ("range", "token"),
    "csv": ("range", "token"),
    "embed": ("range", "theme", "token"),
    "badge": ("range", "theme", "kind", "metric", "token"),
    "oembed": ("url", "format", "maxwidth", "maxheight"),
}


def read(environ: Environ) -> Asked:
    """NotFound where there is no such place, Invalid names the parameters that are wrong."""
    for pattern, place in _PLACES:
        found = pattern.fullmatch(environ.get("PATH_INFO", ""))
        if found:
            return Asked(place, found[1], **_parameters(place, environ.get("QUERY_STRING", "")))
    raise NotFound("there is nothing here")


def _parameters(place: Place, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in pairs(text, MOST_PARAMETERS):
        if name in found or (name in errors and name in _TAKEN[place]):
            errors[name] = "is given twice"
        elif name in _TAKEN[place]:
            try:
                found[name] = _READ[name](value)
            except ValueError as error:
                errors[name] = str(error)
    if errors:
        raise Invalid(errors)
    return found
