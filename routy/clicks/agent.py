"""Who is behind a User-Agent: for the walk a category of crawler, for the loader browser, system and device.

Crawlers are those of crawler-user-agents, compiled into one matcher (1 µs an agent, and remembered by the
caller); browsers and systems are those of uap-core. Both lists are data in wheels: no network.
"""

import re
from functools import cache
from typing import NamedTuple

import crawleruseragents
import ua_parser_rs
from ua_parser.core import Domain
from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver

RULES_VERSION = 1  # of the lists and rules below; it stands on every row that they judged

# What calls itself a bot without being on a list. Cubot makes telephones.
_GENERIC = (
    ("(?i)(?:^|[^a-z]|[^u])bot(?:[^a-z]|$)", "bot"),
    ("(?i)crawler|spider|scraper|headless", "bot"),
    ("(?i)link ?preview|unfurl", "social-preview"),
)


class Agent(NamedTuple):
    browser: str
    os: str
    device: str


@cache
def _crawlers() -> ua_parser_rs.UserAgentExtractor:
    listed = [(known["pattern"], (known.get("tags") or ["bot"])[0]) for known in crawleruseragents.load_json()]
    return ua_parser_rs.UserAgentExtractor(
        [(pattern, category, None, None, None, None) for pattern, category in (*listed, *_GENERIC)]
    )


@cache
def _resolver() -> Resolver:
    return Resolver(load_builtins())


def crawler(agent: str) -> str:
    """The category of a crawler (`search-engine`, `social-preview` …), empty for anybody else."""
    found = _crawlers().extract(agent)
    return found.family if found else ""


def describe(agent: str) -> Agent:
    """Browser family, system family and one of mobile · tablet · desktop · tv · other; empty where unknown."""
    parsed = _resolver()(agent, Domain.USER_AGENT | Domain.OS)
    os = parsed.os.family if parsed.os else ""
    return Agent(parsed.user_agent.family if parsed.user_agent else "", os, _device(agent, os))


_TV = re.compile(r"smart-?tv|\btv\b|appletv|googletv|hbbtv|bravia|roku|web0s|crkey|aft[a-z]", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|blackberry|opera mini", re.IGNORECASE)
_DESKTOP = ("Windows", "Mac OS X", "Linux", "Chrome OS", "Ubuntu", "Fedora", "Debian", "FreeBSD", "OpenBSD")


def _device(agent: str, os: str) -> str:
    if _TV.search(agent):
        return "tv"
    if _TABLET.search(agent) or (os == "Android" and "Mobile" not in agent):
        return "tablet"
    if _MOBILE.search(agent):
        return "mobile"
    return "desktop" if os in _DESKTOP else "other" if agent else ""
