"""What a link does beyond redirecting: made once when the table is loaded, so that a visit only looks it up.

Links that use none of it, which is most, share PLAIN.
"""

import json
from typing import Any
from urllib.parse import unquote_plus

from routy.clicks.macros import Template, encoded, template
from routy.clicks.visit import url_safe
from routy.resources.macros import UTM

Pairs = list[tuple[str, str]]

# What makes an option of a link, as JSON; NULL where a link uses none.
SQL = """CASE WHEN redirect_mode = 'auto' AND sub_id_parameter IS 's' AND parameters = '{}'
  AND COALESCE(starts_at, click_limit, android_url, ios_url, fallback_url, utm_source, utm_medium, utm_campaign,
    utm_term, utm_content, click_id_parameter, sub_id_target, password, og_title, og_description, og_image) IS NULL
  AND instr(destination, '{') = 0
THEN NULL ELSE json_object(
  'destination', destination, 'redirect_mode', redirect_mode, 'starts_at', starts_at, 'click_limit', click_limit,
  'click_limit_counts', click_limit_counts, 'android_url', android_url, 'ios_url', ios_url,
  'fallback_url', fallback_url, 'utm_source', utm_source, 'utm_medium', utm_medium, 'utm_campaign', utm_campaign,
  'utm_term', utm_term, 'utm_content', utm_content, 'parameters', json(parameters),
  'click_id_parameter', click_id_parameter, 'sub_id_parameter', sub_id_parameter, 'sub_id_target', sub_id_target,
  'password', password, 'og_title', og_title, 'og_description', og_description, 'og_image', og_image,
  'version', version) END"""


class Options:
    """`og` is title, description and image of a preview; `sub_id` is how the private sub id begins in a query."""

    __slots__ = (
        "android", "destination", "fallback", "ios", "limit", "mode", "og", "own", "own_values", "password",
        "people", "starts_at", "sub_id", "sub_id_target", "version",
    )  # fmt: skip

    def __init__(self, given: dict[str, Any]) -> None:
        get = given.get
        self.version: int = get("version") or 0
        self.mode: str = get("redirect_mode") or "auto"
        self.starts_at: int = get("starts_at") or 0
        self.limit: int | None = get("click_limit")
        self.people = get("click_limit_counts") == "people"
        self.password: str | None = get("password")
        self.sub_id = f"{given['sub_id_parameter']}=" if get("sub_id_parameter") else ""
        self.sub_id_target: str = get("sub_id_target") or ""
        og = (get("og_title") or "", get("og_description") or "", get("og_image") or "")
        self.og: tuple[str, str, str] | None = og if any(og) else None
        self._lead(given)

    def _lead(self, given: dict[str, Any]) -> None:
        """Where it leads, with all that the link adds; the fallback gets nothing but its macros filled."""
        own = [(name, given[name]) for name in UTM if given.get(name)] + list(given.get("parameters", {}).items())
        name = given.get("click_id_parameter")
        added = [*own, (name, "{click_id}")] if name else own
        self.own_values = dict(own)
        self.own = template(_query(own))
        self.destination = leading(given.get("destination") or "", added)
        self.android = leading(given.get("android_url") or "", added)
        self.ios = leading(given.get("ios_url") or "", added)
        self.fallback = leading(given.get("fallback_url") or "", [])


def options(found: str | None) -> Options:
    """Of what SQL found."""
    return PLAIN if found is None else Options(json.loads(found))


def leading(url: str, added: Pairs) -> Template:
    """A URL with parameters in place of those of the same name; an app's address stays as it is."""
    url = location(url)
    return template(_with(url, added) if added and is_web(url) else url)


def _with(url: str, added: Pairs) -> str:
    address, hash_, fragment = url.partition("#")
    path, _, there = address.partition("?")
    names = {name for name, _ in added}
    kept = [part for part in there.split("&") if part and parameter_name(part) not in names]
    return f"{path}?{'&'.join([*kept, _query(added)])}{hash_}{fragment}"


def _query(pairs: Pairs) -> str:
    return "&".join([f"{name}={encoded(value)}" for name, value in pairs])


def parameter_name(part: str) -> str:
    """`utm_source` of `utm%5Fsource=x`: a name that is spelled otherwise is the same to whoever reads it."""
    name = part.partition("=")[0]
    return unquote_plus(name) if "%" in name or "+" in name else name


def is_web(url: str) -> bool:
    return url[:8].lower().startswith(("http://", "https://"))


def location(url: str) -> str:
    """A URL as a Location header takes it: ASCII, non-ASCII letters percent-encoded as UTF-8 (RFC 3987)."""
    if url.isascii():
        return url_safe(url)
    return url_safe(url.encode("utf-8", "replace").decode("latin-1"))


PLAIN = Options({"sub_id_parameter": "s"})
