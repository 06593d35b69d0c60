"""Macros: what `{click_id}` and its kin in a URL become for one visit.

A text is split once, when the table is loaded; a text without macros stays a plain string and costs nothing.
Values are percent-encoded as they are put in, so that none can end a parameter or change the host; what is missing
is empty.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import quote, unquote_plus

from routy.clicks.agent import describe
from routy.clicks.visit import Visit
from routy.ids import ulid_of
from routy.resources.macros import MACROS, SUBS

Template = str | tuple[str, ...]  # a text, or texts and the macros between them by turns

_MACRO = re.compile(rf"\{{({'|'.join(MACROS)})\}}")


class Moment(NamedTuple):
    """What macros may ask for: the visit, and the link's own parameters."""

    visit: Visit
    own: Mapping[str, str]


def template(text: str) -> Template:
    parts = _MACRO.split(text)
    return tuple(parts) if len(parts) > 1 else text


def encoded(text: str) -> str:
    """A value as it stands in a query string, its macros left as they are."""
    parts = _MACRO.split(text)
    return "".join([f"{{{part}}}" if odd % 2 else quote(part, safe="") for odd, part in enumerate(parts)])


def filled(text: Template, moment: Moment) -> str:
    if isinstance(text, str):
        return text
    return "".join([_value(part, moment) if odd % 2 else part for odd, part in enumerate(text)])


def _value(macro: str, moment: Moment) -> str:
    return quote(_VALUES[macro](moment), safe="", errors="replace")


def click_id(now: int, random: str) -> str:
    """`clk_…` of the two halves that the row keeps: its moment and 80 random bits as hex."""
    return f"clk_{ulid_of(now, int(random, 16))}"


def _parameter(name: str, moment: Moment) -> str:
    """What the visitor's query says, else the link itself: as reports see it. A value that is made of macros is not
    asked again."""
    found = parameter(moment.visit.query, name) or moment.own.get(name, "")
    return "" if _MACRO.search(found) else found


def parameter(query: str, name: str) -> str:
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key == name:
            return unquote_plus(value)
    return ""


@lru_cache(maxsize=8192)
def _device(agent: str) -> str:
    return describe(agent).device


_VALUES: dict[str, Callable[[Moment], str]] = {
    "click_id": lambda moment: click_id(moment.visit.now, moment.visit.random),
    "slug": lambda moment: moment.visit.slug or "",
    "country": lambda moment: moment.visit.country_of(moment.visit.ip),
    "device": lambda moment: _device(moment.visit.agent),
    "referrer": lambda moment: moment.visit.referrer,
    "timestamp": lambda moment: str(moment.visit.now // 1000),
    "campaign": partial(_parameter, "utm_campaign"),
    "source": partial(_parameter, "utm_source"),
    **{sub: partial(_parameter, sub) for sub in SUBS},
}
