"""A believable year for `--demo`: some forty links, seasons, weekdays, launches, newsletters, a day of fame, bots.

Records are made by the same writes as anybody's, in their own past; clicks are written as spool segments, one a
day, and come in through the loader. The same seed makes the same year, up to the moment at which it ends.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from routy.clicks.click import class_of_agent
from routy.clicks.loader import Loader
from routy.clicks.spool import to_line
from routy.clicks.streams import CLICKS
from routy.clock import DAY, HOUR
from routy.ids import ulid
from routy.records import beginning, parse, write
from routy.resource import Actor, Resource, Row
from routy.resources.folders import Folder
from routy.resources.links import Link
from routy.resources.tags import Tag
from routy.store.sqlite import Records, Transaction

CLICKS_A_YEAR = 300_000
DAYS = 365
RUN = "demo"
BOTS = 0.14


@dataclass(frozen=True)
class Plan:
    """What a link is like. `begins` counts days from the start of the year, `weight` compares it with the others;
    `mood` says when people want it."""

    slug: str
    title: str
    folder: str
    mood: str
    begins: int
    weight: float
    tags: tuple[str, ...] = ()
    status: str = "active"

    @property
    def destination(self) -> str:
        return f"https://{self.folder.lower()}.acme.example/{self.slug}"


PLANS = (
    Plan("spring", "Spring collection", "Shop", "spring", 5, 4, ("season", "mail")),
    Plan("summer", "Summer sale", "Shop", "summer", 130, 9, ("season", "sale", "mail")),
    Plan("autumn", "Autumn looks", "Shop", "autumn", 240, 4, ("season",)),
    Plan("black-friday", "Black Friday", "Shop", "november", 290, 12, ("sale", "mail")),
    Plan("gifts", "Gift guide", "Shop", "december", 10, 7, ("season", "mail")),
    Plan("shoes", "Shoes", "Shop", "weekend", 0, 6, ("evergreen",)),
    Plan("bags", "Bags", "Shop", "weekend", 0, 4, ("evergreen",)),
    Plan("hats", "Hats", "Shop", "weekend", 40, 2, ("evergreen",)),
    Plan("outlet", "Outlet", "Shop", "weekend", 60, 5, ("sale",)),
    Plan("voucher", "Ten euros for friends", "Shop", "weekend", 90, 3, ("sale",)),
    Plan("size-guide", "Size guide", "Shop", "weekend", 0, 1),
    Plan("spring-old", "Last year's spring", "Shop", "spring", 0, 1, ("season",), "archived"),
    Plan("launch", "The new app", "App", "launch", 200, 14, ("launch",)),
    Plan("ios", "App Store", "App", "launch", 201, 6, ("launch",)),
    Plan("android", "Play Store", "App", "launch", 201, 7, ("launch",)),
    Plan("beta", "Beta test", "App", "launch", 150, 2, ("launch",), "paused"),
    Plan("whats-new", "What is new", "App", "work", 205, 2, ("mail",)),
    Plan("help", "Help", "App", "work", 30, 3, ("evergreen",)),
    Plan("status", "Status", "App", "work", 30, 1),
    Plan("manual", "Manual", "App", "work", 0, 5, ("evergreen",)),
    Plan("blog", "Blog", "Press", "work", 0, 4, ("evergreen",)),
    Plan("interview", "The interview", "Press", "fame", 170, 8, ("press",)),
    Plan("study", "The study", "Press", "launch", 100, 4, ("press",)),
    Plan("press-kit", "Press kit", "Press", "work", 0, 1, ("press",)),
    Plan("podcast", "Podcast", "Press", "weekend", 20, 4, ("evergreen",)),
    Plan("podcast/42", "Episode 42", "Press", "launch", 260, 2),
    Plan("jobs", "Jobs", "Press", "work", 0, 2),
    Plan("webinar", "Webinar", "Partners", "launch", 75, 3, ("mail",)),
    Plan("webinar-2", "Second webinar", "Partners", "launch", 225, 3, ("mail",)),
    Plan("partner-kit", "Partner kit", "Partners", "work", 50, 2),
    Plan("affiliates", "Affiliate programme", "Partners", "work", 15, 4, ("evergreen",)),
    Plan("north", "Offer of Northwind", "Partners", "weekend", 80, 5, ("offer",)),
    Plan("south", "Offer of Southwind", "Partners", "weekend", 80, 4, ("offer",)),
    Plan("casino-night", "Casino night", "Partners", "evening", 110, 6, ("offer",)),
    Plan("trip", "Win a trip", "Partners", "summer", 120, 4, ("offer",)),
    Plan("menu", "Menu at the table", "Street", "evening", 25, 5, ("qr",)),
    Plan("poster", "Poster", "Street", "weekend", 140, 3, ("qr",)),
    Plan("flyer", "Flyer", "Street", "launch", 180, 2, ("qr",)),
    Plan("fair", "At the fair", "Street", "fame", 250, 3, ("qr",)),
    Plan("card", "Business card", "Street", "work", 0, 1, ("qr",)),
)

# What some of them do beyond leading somewhere, so that there is something to look at.
ABILITIES: dict[str, dict[str, Any]] = {
    "launch": {
        "android_url": "https://play.acme.example/app",
        "ios_url": "https://apps.acme.example/app",
        "og_title": "The new app is here",
        "og_description": "Everything from the shop, in your pocket.",
        "click_threshold": 10_000,
    },
    "voucher": {
        "click_limit": 50_000,
        "click_limit_counts": "people",
        "fallback_url": "https://shop.acme.example/",
    },
    "poster": {"utm_source": "poster", "utm_medium": "print"},
    "flyer": {"utm_source": "flyer", "utm_medium": "print"},
    "affiliates": {"sub_id_target": "ref"},
    "north": {"click_id_parameter": "clickref", "parameters": {"partner": "acme"}},
    "casino-night": {"destination": "https://partners.acme.example/casino-night?cid={click_id}&geo={country}"},
}

# country, share, hours ahead of UTC, language, the first two bytes of addresses that are registered there
COUNTRIES = (
    ("DE", 30, 1, "de-DE,de;q=0.9", ("2.200", "91.10", "31.16", "31.150", "84.160", "31.250")),
    ("US", 24, -6, "en-US,en;q=0.9", ("73.16", "71.64", "8.8", "24.0", "76.100", "98.16")),
    ("GB", 10, 0, "en-GB,en;q=0.9", ("2.100", "2.220", "5.64", "5.80", "86.10", "81.100")),
    ("FR", 7, 1, "fr-FR,fr;q=0.9", ("31.33", "37.64", "77.128", "77.150")),
    ("NL", 5, 1, "nl-NL,nl;q=0.9", ("77.160", "84.80", "62.200")),
    ("ES", 4, 1, "es-ES,es;q=0.9", ("79.150", "80.33", "81.33", "83.33")),
    ("IT", 4, 1, "it-IT,it;q=0.9", ("2.33", "37.100", "79.16", "79.33")),
    ("SE", 3, 1, "sv-SE,sv;q=0.9", ("2.64", "2.250", "78.64")),
    ("BR", 4, -3, "pt-BR,pt;q=0.9", ("138.0", "177.30", "179.100")),
    ("CA", 3, -5, "en-CA,en;q=0.9", ("24.64", "24.80", "24.150")),
    ("JP", 3, 9, "ja", ("1.33", "126.10", "27.80", "49.100")),
    ("AU", 3, 10, "en-AU,en;q=0.9", ("1.128", "14.200", "27.33", "121.210")),
)

_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS {v}_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0"
# share, agent with {v} for its version, the first version of the year and how many more came in it
AGENTS = (
    (26, f"{_IPHONE} Version/{{v}}.1 Mobile/15E148 Safari/604.1", 18, 8),
    (5, f"{_IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/{{v}}0.0.0.42;FBBV/7]", 18, 8),
    (4, f"{_IPHONE} Mobile/15E148 Instagram 3{{v}}.0.0.28.90 (iPhone14,5; iOS {{v}}_1)", 18, 8),
    (22, f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36", 130, 12),
    (6, f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {_CHROME} Mobile Safari/537.36", 130, 12),
    (2, f"Mozilla/5.0 (Linux; Android 14; SM-X910) {_CHROME} Safari/537.36", 130, 12),
    (17, f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36", 130, 12),
    (4, f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36 Edg/{{v}}.0.0.0", 130, 12),
    (4, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0", 132, 13),
    (6, f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_CHROME} Safari/537.36", 130, 12),
    (3, "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0", 132, 13),
)
BOT_AGENTS = (
    (30, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    (12, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
    (14, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"),
    (8, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    (12, "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"),
    (10, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
    (8, "WhatsApp/2.24.1.84 A"),
    (6, "TelegramBot (like TwitterBot)"),
    (6, "curl/8.5.0"),
    (4, "python-requests/2.32.3"),
    (4, ""),
)
# share, referrer, query
WAYS = (
    (34, "", ""),
    (16, "https://www.google.com/", ""),
    (9, "https://l.instagram.com/", "utm_source=instagram&utm_medium=social"),
    (7, "https://l.facebook.com/", "utm_source=facebook&utm_medium=social"),
    (6, "https://www.youtube.com/", "utm_source=youtube&utm_medium=video&utm_content=description"),
    (5, "https://t.co/", "utm_source=x&utm_medium=social"),
    (5, "https://www.reddit.com/", ""),
    (4, "https://news.example/today", ""),
    (8, "", "utm_source=google&utm_medium=cpc&utm_campaign=brand&sub1=adgroup-{n}"),
    (6, "https://partner-{n}.example/review", "utm_source=partner&sub1=partner-{n}&sub2=review"),
)
MAIL = ("", "utm_source=newsletter&utm_medium=email&utm_campaign=letter-{n}")
FAME = ("https://news.example/the-interview", "")
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 11, 10, 10, 10, 11, 13, 15, 16, 14, 9, 5)

SEASONS = {"spring": 100, "summer": 195, "autumn": 280, "november": 330, "december": 345}  # days of the year
WEEKDAYS = {
    "weekend": (0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 1.4),
    "work": (1.2, 1.3, 1.2, 1.1, 0.9, 0.35, 0.3),
    "evening": (0.7, 0.7, 0.8, 1.0, 1.7, 1.9, 1.0),
}
LETTER_WEEKDAY = 1  # a newsletter goes out every Tuesday
STOPPED_DAYS = 60  # paused and archived links still had visitors, before and after


def fill(records: Records, loader: Loader, now: int, clicks: int = CLICKS_A_YEAR, seed: int = 7) -> int:
    """Make links and a year of clicks that ends now; returns how many clicks. The store must be empty and open."""
    chance = random.Random(seed)  # noqa: S311 (it is for looks)
    start = now - now % DAY - DAYS * DAY
    for plan in PLANS:
        _make_link(records, plan, start)
    keys = _keys(records)
    spool = next(spool for spool in loader.spools if spool.stream is CLICKS)
    spool.directory.mkdir(parents=True, exist_ok=True)
    scale = clicks / sum(_wish(plan, start, day) for plan in PLANS for day in range(DAYS + 1))
    made = 0
    for day in range(DAYS + 1):
        lines = sorted(_clicks_of(day, start, now, scale, keys, chance))
        if lines:
            _write_segment(spool.directory, lines)
        made += len(lines)
    while loader.load_once():
        pass
    return made


# ---- records


def _make_link(records: Records, plan: Plan, start: int) -> None:
    actor = beginning.system_of(beginning.first_workspace(records) or "")
    with records.transaction(start + plan.begins * DAY) as tx:
        folder = _named(tx, Folder, plan.folder) or _create(tx, actor, Folder, {"name": plan.folder})
        tags = [_named(tx, Tag, name) or _create(tx, actor, Tag, {"name": name}) for name in plan.tags]
        values = {
            "slug": plan.slug, "title": plan.title, "destination": plan.destination, "status": plan.status,
            "folder_id": folder, "tag_ids": tags, **ABILITIES.get(plan.slug, {}),
        }  # fmt: skip
        _create(tx, actor, Link, values)


def _create(tx: Transaction, actor: Actor, resource: type[Resource], values: Row) -> str:
    row = write.create(tx, actor, resource, parse.creation(resource.fields, values))
    return str(row["id"])


def _named(tx: Transaction, resource: type[Resource], name: str) -> str | None:
    row = tx.one(f"/* demo.named */ SELECT id FROM {resource.plural} WHERE name = ?", (name,))
    return row["id"] if row else None


def _keys(records: Records) -> dict[str, tuple[str, str, str]]:
    """Workspace, domain and link as clicks name them, by slug."""
    rows = records.tuples(
        "/* demo.keys */ SELECT l.slug, w.key, d.key, l.key FROM links l"
        " JOIN workspaces w ON w.id = l.workspace_id JOIN domains d ON d.id = l.domain_id"
    )
    return {slug: (str(workspace), str(domain), str(link)) for slug, workspace, domain, link in rows}


# ---- clicks


def _wish(plan: Plan, start: int, day: int) -> float:
    """How much a link is wanted on a day."""
    age = day - plan.begins
    if age < 0:
        return 0.0
    date = datetime.fromtimestamp((start + day * DAY) / 1000, UTC)
    wish = plan.weight * (0.7 + 0.6 * day / DAYS) * _mood(plan, age, date.timetuple().tm_yday)
    wish *= WEEKDAYS.get(plan.mood, (1.0,) * 7)[date.weekday()]
    return wish * (2.5 if "mail" in plan.tags and date.weekday() == LETTER_WEEKDAY else 1.0)


def _mood(plan: Plan, age: int, day_of_year: int) -> float:
    if plan.mood in SEASONS:
        away = abs(day_of_year - SEASONS[plan.mood])
        return 0.08 + 1.6 * math.exp(-((min(away, DAYS - away) / 22) ** 2))
    if plan.mood == "launch":
        return 0.15 + 5 * math.exp(-age / 9)
    if plan.mood == "fame":
        return 0.1 + (25 * math.exp(-(age - 20) / 1.6) if age >= 20 else 0)
    return 1.0


def _clicks_of(
    day: int, start: int, now: int, scale: float, keys: dict[str, tuple[str, str, str]], chance: random.Random
) -> Iterator[tuple[int, bytes]]:
    for plan in PLANS:
        wish = _wish(plan, start, day) * scale
        for _ in range(round(max(0.0, chance.gauss(wish, math.sqrt(wish))))):
            at, values = _click(plan, day, start + day * DAY, keys[plan.slug], chance)
            if at < now:
                yield at, to_line(values)


def _click(
    plan: Plan, day: int, midnight: int, keys: tuple[str, str, str], chance: random.Random
) -> tuple[int, tuple[str, ...]]:
    _, _, ahead, language, networks = chance.choices(COUNTRIES, _COUNTRY_SHARES)[0]
    hour = (chance.choices(range(24), HOURS)[0] - ahead) % 24
    at = midnight + hour * HOUR + chance.randrange(HOUR)
    ip, agent = _visitor(day, networks, chance)
    referrer, query = _way(plan, midnight, day, chance)
    method = "HEAD" if chance.random() < 0.01 else "GET"
    class_ = "head" if method == "HEAD" else "prefetch" if chance.random() < 0.02 else class_of_agent(agent)
    stopped = plan.status != "active" and day > DAYS - STOPPED_DAYS
    status, branch, reason = ("410", "inactive", plan.status) if stopped else ("302", "destination", "")
    values = (
        str(at), f"{chance.getrandbits(80):020x}", RUN, *keys, class_, method, status, branch, reason,
        "qr" if "qr" in plan.tags and class_ == "human" else "", ip, agent, referrer, language, query,
        "", "", "",
    )  # fmt: skip
    return at, values


def _visitor(day: int, networks: Sequence[str], chance: random.Random) -> tuple[str, str]:
    """Somebody with an address and an agent; a few hundred people a day come often."""
    number = int(chance.random() ** 4 * 4_000) + day * 37
    ip = f"{networks[number % len(networks)]}.{number * 7919 % 251 + 1}.{number * 104_729 % 253 + 1}"
    if chance.random() < BOTS:
        return ip, chance.choices(BOT_AGENTS, _BOT_SHARES)[0][1]
    own = random.Random(number)  # noqa: S311 (it is for looks)
    _, agent, first, more = own.choices(AGENTS, _AGENT_SHARES)[0]
    return ip, agent.format(v=first + day * more // DAYS)


def _way(plan: Plan, midnight: int, day: int, chance: random.Random) -> tuple[str, str]:
    """Referrer and query."""
    if "qr" in plan.tags:
        return "", ""
    if plan.mood == "fame" and chance.random() < 0.7:
        return FAME
    if "mail" in plan.tags and (midnight // DAY + 3) % 7 == LETTER_WEEKDAY and chance.random() < 0.6:
        return MAIL[0], MAIL[1].format(n=day // 7 + 1)
    _, referrer, query = chance.choices(WAYS, _WAY_SHARES)[0]
    number = chance.randrange(1, 12)
    return referrer.format(n=number), query.format(n=number)


def _write_segment(directory: Path, lines: Sequence[tuple[int, bytes]]) -> None:
    """A day as the spool would have left it."""
    path = directory / f"v{CLICKS.version}-{ulid(lines[0][0])}.tsv"
    path.write_bytes(CLICKS.header + b"".join(line for _, line in lines))


_COUNTRY_SHARES = [country[1] for country in COUNTRIES]
_AGENT_SHARES = [agent[0] for agent in AGENTS]
_BOT_SHARES = [agent[0] for agent in BOT_AGENTS]
_WAY_SHARES = [way[0] for way in WAYS]
