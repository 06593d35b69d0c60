"""The whole program as a value: `build(config)` wires stores, click walk, API, dashboard and workers.

This module alone knows all the others; serving.py puts an HTTP server before it.
"""

import gc
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

from routy import __version__, backup, holding, signing
from routy.alerts.events import notify_once
from routy.alerts.health import health_once
from routy.alerts.looking import Sources
from routy.api.call import Services
from routy.api.endpoints import ENDPOINTS, description
from routy.api.exports import signed
from routy.api.hose import Hose, Pages
from routy.api.last_used import LastUsed
from routy.api.limits import Limiter, Throttle
from routy.api.metrics import Meters
from routy.api.routes import Api, Outcome, router
from routy.api.unusual import Habits, Where
from routy.api.verification import well_known
from routy.clicks import requests
from routy.clicks.archive import export_month
from routy.clicks.books import Books
from routy.clicks.caps import Caps
from routy.clicks.classify import RULES_VERSION
from routy.clicks.counters import sent
from routy.clicks.enrich import ClickEnricher, excluded_networks
from routy.clicks.feed import ClickFeed
from routy.clicks.geo import Geo
from routy.clicks.loader import Loader
from routy.clicks.lookup import LinkTable
from routy.clicks.missing import MissingSlugs
from routy.clicks.reclassify import reclassify
from routy.clicks.redirect import Walk
from routy.clicks.salt import Salts
from routy.clicks.spool import Spool
from routy.clicks.storing import Rules
from routy.clicks.streams import API_REQUESTS, CLICKS, Stream
from routy.clicks.verify import repair, verify
from routy.clicks.visit import Proxies, client_ip
from routy.clock import LAST, MINUTE, Clock, system_clock
from routy.config import Config
from routy.control import Command, Control
from routy.dashboard import pages
from routy.deliveries.dispatch import Dispatcher
from routy.deliveries.posting import Poster
from routy.errors import RoutyError
from routy.exports.clock import Mailing
from routy.exports.work import Press
from routy.front import KEPT_FOR_REDIRECTS, Front
from routy.ids import ulid
from routy.imports.upload import Inlet
from routy.imports.work import Intake
from routy.mail.channel import MailChannel
from routy.mail.letters import Post
from routy.mail.unsubscribing import Door
from routy.outbound import Guard, look_up
from routy.public.figures import Figures
from routy.public.kept import Kept
from routy.public.pages import Look
from routy.public.stand import Stand
from routy.records import beginning
from routy.records.feed import EventFeed, looked_at
from routy.reports import alerted, exported, listed, saved  # noqa: F401 (rules that mark themselves)
from routy.reports.asking import Asking
from routy.reports.rows import TIMES
from routy.resources import RESOURCES
from routy.resources.clicks import Click
from routy.resources.events import Event
from routy.store.duck import ClickStore, Failure
from routy.store.migrate import migrate
from routy.store.sqlite import Records
from routy.webhooks import rules  # noqa: F401 (the rules of webhooks mark themselves)
from routy.webhooks.channel import WebhookChannel
from routy.webhooks.sealing import Sealer
from routy.work.loop import Loop
from routy.work.workers import workers

log = logging.getLogger("routy")

RECORDS = "routy.db"
PAGES = ("", "app", "login", "setup", "docs", "static", "favicon.ico", "robots.txt")
PUBLIC = ("s", "embed", "badge", "oembed")
STOP_SECONDS = 4.0
LOGIN_WINDOW = 15 * MINUTE
SHARE_TRIES, SHARE_WINDOW = 5, 10 * MINUTE
LATE_MS = MINUTE


@cache
def _router() -> Any:
    """The same for every App of a process."""
    return router(ENDPOINTS, RESOURCES.values())


class App:
    """A running Routy, without its HTTP server. The caller holds the data directory."""

    def __init__(self, config: Config, clock: Clock = system_clock) -> None:
        self.config, self.clock = config, clock
        self.records = Records(config.data_dir / RECORDS)
        migrate(self.records, clock())
        self.clicks = self._open_clicks()
        self.setup_secret = beginning.begin(self.records, config.public_url, clock())
        self.geo = Geo(config.clicks.city_db, config.clicks.asn_db, config.data_dir / "geo")
        self.walk = self._make_walk()
        self.requests = self._make_spool(API_REQUESTS)
        self.salts = Salts(config.data_dir / "salts")
        self.enricher = self._make_enricher()
        self.loader = self._make_loader()
        self.meters, self.last_used, self.habits = Meters(), LastUsed(), Habits()
        self.asking = Asking(self.clicks, self.records, clock, lambda: self.loader.watermark)
        self.kept = Kept[Figures](clock)
        columns = listed.columns(Click, TIMES["clicks"])
        self.feed = ClickFeed(self.clicks, self.records, columns, self.loader.committed)
        self.events = EventFeed(self.records)
        self.hose = self._make_hose()
        self.board = pages.application(config, description)
        self.post = self._make_post()
        self.dispatcher = self._make_dispatcher()
        self.alerts = self._make_alerts()
        self.press = self._make_press()
        self.intake = Intake(self.records, clock, config.data_dir / "imports")
        self.front = self._make_front()
        self.control = Control(config.data_dir, self._commands())
        self.loop = Loop(workers(self))

    def start(self) -> None:
        """Load the table, begin a spool (the loader finds what an earlier run left there), begin to work."""
        gc.disable()
        self.walk.table.load()
        self._learn_limits(dict.fromkeys(self.walk.table.caps.waiting(), LAST))
        gc.collect()
        gc.freeze()  # a million links need not be looked at by every collection
        gc.enable()
        self.walk.spool.open()
        self.requests.open()
        self.loop.start()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Every click that was answered is in the spool already; load what can be loaded in time, and let go."""
        self.hose.end()
        self.loop.stop(seconds / 2)
        self.dispatcher.close(seconds / 8)
        self.poster.close()
        self.walk.spool.close()
        self.requests.close()
        try:
            until = time.monotonic() + seconds / 4  # what is left over is loaded at the next start
            while time.monotonic() < until and self.loader.load_once():
                pass
        except Exception:
            log.exception("what waits in the spool is loaded at the next start")
        self.last_used.flush_once(self.records, self.clock)
        self.habits.look_once(self.records, self.where, self.clock)
        self.walk.missing.flush_once(self.records, self.clock)
        self.control.close()
        self.clicks.close()
        self.records.close()

    # ---- wiring

    def _open_clicks(self) -> ClickStore:
        settings = self.config.clicks
        directory = self.config.data_dir / "clicks"
        store = ClickStore(directory, settings.memory_limit, settings.memory_threads, settings.report_seconds)
        try:
            store.open()
        except Failure:
            log.exception("the click store cannot be opened: redirects go on, the loader tries again")
        return store

    def _make_walk(self) -> Walk:
        proxies = Proxies(self.config.server.trusted_proxies)
        table, books = LinkTable(self.records, Caps(self.clock)), Books(ulid(self.clock()), self.clock)
        spool, respect_dnt = self._make_spool(CLICKS), self.config.clicks.respect_dnt
        return Walk(self.clock, proxies, table, spool, books, MissingSlugs(), respect_dnt, self.geo.country)

    def _make_spool(self, stream: Stream) -> Spool:
        settings = self.config.clicks
        directory = self.config.data_dir / "spool" / stream.name
        commits = settings.durability == "disk" and stream is CLICKS
        return Spool(stream, directory, self.clock, settings.segment_bytes, settings.segment_ms, commits)

    def _make_loader(self) -> Loader:
        directory = self.config.data_dir / "spool"
        spools = (self.walk.spool, self.requests)
        return Loader(self.clicks, spools, directory, self.clock, {CLICKS.name: self.enricher}, self._rules())

    def _make_enricher(self) -> ClickEnricher:
        directory = self.config.data_dir / "spool" / "enriched"
        keep, excluded = self.config.clicks.ip, partial(excluded_networks, self.records)
        return ClickEnricher(self.salts, keep, directory, self.geo, excluded)

    def _rules(self) -> Rules:
        return Rules(self.config.clicks.duplicate_seconds, self.config.clicks.most_per_minute)

    def _make_front(self) -> Front:
        api = Api(self._make_services(), _router(), self._client, self._record)
        board = self.board
        rooms = dict.fromkeys(("api", "v1", "metrics", "healthz"), api) | dict.fromkeys(PAGES, board)
        public = dict.fromkeys(PUBLIC, self._make_stand(board))
        places = threading.BoundedSemaphore(self.config.server.threads - KEPT_FOR_REDIRECTS)
        door = Door(self.records, self.post.secret, self.clock, self.post.render)
        found = {**rooms, **public, ".well-known": partial(well_known, self.records), "unsubscribe": door}
        return Front(self.walk, found, self.config.public_url, places)

    def _make_press(self) -> Press:
        """Where exports are made."""
        directory, days = self.config.data_dir / "exports", self.config.files.export_days
        address = partial(signed, self.config.public_url, signing.load_secret(self.config.data_dir / "secret"))
        told = Mailing(self.post.send, address, directory).told
        return Press(self.records, self.clicks, self.asking, self.clock, directory, days, told)

    def _make_post(self) -> Post:
        """Mails; the dashboard draws their templates."""
        secret = signing.load_secret(self.config.data_dir / "secret")
        return Post(self.config.mail, self.config.public_url, secret, self._render)

    def _render(self, name: str, values: Mapping[str, Any]) -> str:
        return self.board.templates.get_template(name).render(values)

    def _make_alerts(self) -> Sources:
        return Sources(
            self.records, self.clock, self.asking.batch, lambda: self.loader.watermark, self._lag_ms,
            self.walk.table.caps.near, self.post.send, self.config.public_url,
        )  # fmt: skip

    def _make_dispatcher(self) -> Dispatcher:
        """What goes out. Rules of webhooks ask for the seal and the guard through their transaction."""
        asked, sealer = self.config.outbound, Sealer(signing.load_secret(self.config.data_dir / "secret"))
        guard = Guard(asked.allowed_networks)
        self.records.answers |= {"seal": sealer.seal, "why_not_call": guard.why_not_call}
        self.poster = Poster(guard, look_up, asked.timeout_seconds)
        webhooks = WebhookChannel(self.records, self.clock, sealer, self.poster, asked.pause_days)
        mail = MailChannel(self.records, self.post, asked.timeout_seconds)
        return Dispatcher(self.records, {webhooks.name: webhooks, mail.name: mail}, self.clock)

    def _make_hose(self) -> Hose:
        """Its readers leave places for the rest of the API, however few there are."""
        places = self.config.server.threads - KEPT_FOR_REDIRECTS
        most = max(1, min(self.config.firehose.readers, places * 3 // 5))
        return Hose({"clicks": Pages(Click, self.feed), "events": Pages(Event, self.events)}, most)

    def _make_stand(self, board: pages.Dashboard) -> Stand:
        """Public statistics; the dashboard draws their templates."""
        look = Look(
            lambda name, values: board.templates.get_template(name).render(values),
            board.files.table["public/share.css"].body.decode(),
            self.config.public_url,
        )
        secret, tries = signing.load_secret(self.config.data_dir / "secret"), Throttle(SHARE_TRIES, SHARE_WINDOW)
        return Stand(self.records, secret, self.clock, self.asking, self.kept, tries, self._client, look)

    def _make_services(self) -> Services:
        return Services(
            config=self.config,
            clock=self.clock,
            records=self.records,
            secret=signing.load_secret(self.config.data_dir / "secret"),
            limiter=Limiter(),
            logins=Throttle(self.config.login.attempts, LOGIN_WINDOW),
            resources=RESOURCES,
            follow=self.follow,
            inspect=self.inspect,
            reporting=self.asking,
            imports=Inlet(self.config.data_dir / "imports", self.config.files.import_bytes),
            hose=self.hose,
            dispatcher=self.dispatcher,
            measure=lambda: self.meters.text(self.inspect()),
        )

    # ---- what the parts ask of the whole

    def follow(self) -> bool:
        """Let redirects see what was committed; True when there is more."""
        more = self.walk.table.follow()
        self._learn_limits(self.walk.table.caps.waiting())
        return more

    def _learn_limits(self, asked: Mapping[int, int]) -> None:
        """Links that have (just) got a click limit are told how many visitors they sent on before that moment."""
        if asked:
            with self.loader.standing_still():
                self.walk.table.caps.learn(sent(self.clicks, self.walk.spool.directory, asked))

    def _lag_ms(self) -> int:
        """How long the oldest click has waited for the store."""
        waiting = self.loader.oldest_waiting()
        return max(0, self.clock() - waiting) if waiting else 0

    def notify_once(self) -> bool:
        return notify_once(self.records, self.post.send, self.config.public_url, self.clock())

    def health_once(self) -> bool:
        problems = self.inspect()["problems"]
        return health_once(self.records, self.post.send, self.config.public_url, problems, self.clock())

    def _client(self, environ: dict[str, Any]) -> tuple[str, bool]:
        """Who asks, and whether over https: proxies are believed as far as they are trusted."""
        proxies = self.walk.proxies
        scheme = environ.get("wsgi.url_scheme")
        if proxies.trusts(environ.get("REMOTE_ADDR", "")):
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", scheme)
        return client_ip(environ, proxies), scheme == "https"

    def where(self, ip: str) -> Where:
        """What an address tells, for the habits of tokens."""
        place = self.geo.place(ip, "truncated")
        return Where(place.asn, place.country, place.kept)

    def _record(self, outcome: Outcome) -> None:
        self.meters.observe(outcome)
        self.last_used.note(outcome)
        self.habits.note(outcome)
        if outcome.actor.workspace_id:
            requests.append(
                self.requests,
                self.walk.books.run,
                requests.ApiRequest(
                    outcome.id, outcome.actor.workspace_id, outcome.actor.id, outcome.method, outcome.route,
                    outcome.status, round(outcome.ms), outcome.ip, outcome.bytes,
                ),
            )  # fmt: skip

    def inspect(self) -> dict[str, Any]:
        """The inside of the server, for health and metrics; nothing in it takes long."""
        books = self.walk.books
        found = {
            "books": books.figures(self.walk.spool),
            "stores": {
                "records": {"bytes": self.records.path.stat().st_size, "seq": self.walk.table.seq},
                "clicks": _figures(self.clicks),
            },
            "spool": {"lag_ms": self._lag_ms(), **self.loader.figures()},
            "workers": {name: state.figures() for name, state in self.loop.states.items()},
            "links": len(self.walk.table),
            "firehose": {"readers": self.hose.readers, "most": self.hose.most},
            "geo": self.geo.figures(),
            "mail": {"host": self.config.mail.host, "problem": self.post.missing},
            "missing_slugs_overlooked": self.walk.missing.overlooked,
        }
        wrong = [*_problems(found), *books.problems(self.walk.spool), *self.geo.problems()]
        return {"version": __version__, "problems": wrong, **found}

    def verify(self, repair_wanted: bool = False) -> dict[str, Any]:
        """`repaired` names the months in which roll-ups and flags were derived anew."""
        repaired = repair(self.clicks, self.clock()) if repair_wanted else []
        if repair_wanted:
            self.loader.touched.add_all()
        return {**verify(self.clicks, self.config.data_dir / "spool"), "repaired": repaired}

    def backup(self, to: Path, since: str = "") -> dict[str, Any]:
        """What waits in the spool is loaded first, as backups leave the spool out."""
        self.loader.load_once()
        earlier = Path(since) if since else None
        return backup.backup(self.records, self.clicks, self.config.data_dir, to, self.clock(), earlier)

    def export(self, month: str, to: Path) -> dict[str, Any]:
        return export_month(self.clicks, month, to, self.clock())

    def tail(self, asked: dict[str, Any]) -> dict[str, Any]:
        """A look at clicks or events, for the command line."""
        if asked.get("stream") == "clicks":
            return looked_at(self.feed, Click, asked, beside=("slug",))
        return looked_at(self.events, Event, asked)

    def backup_once(self) -> bool:
        """By the clock, where the settings say so."""
        asked, data = self.config.backup, self.config.data_dir
        if not asked.directory:
            return False
        into, now = Path(asked.directory), self.clock()
        return backup.backup_once(self.records, self.clicks, data, into, asked.every_hours, asked.keep, now)

    def reclassify(self, since: int) -> dict[str, Any]:
        """Judge again what was clicked since; the links' counters follow."""
        look_up = self.enricher.agents
        found = reclassify(self.clicks, self._rules(), RULES_VERSION, look_up, since, self.clock())
        self.loader.touched.add_all()
        return found

    def _commands(self) -> dict[str, Command]:
        return {
            "verify": lambda asked: self.verify(bool(asked.get("repair"))),
            "backup": lambda asked: self.backup(Path(asked["to"]), asked.get("since", "")),
            "export": lambda asked: self.export(asked["month"], Path(asked["to"])),
            "tail": self.tail,
            "reclassify": lambda asked: self.reclassify(int(asked["since"])),
        }


def _figures(store: ClickStore) -> dict[str, Any]:
    """Of a store that may be closed, or whose files may be gone: health must say so, not fail."""
    try:
        return store.figures()
    except (RoutyError, Failure, OSError) as error:
        return {"error": str(error)}


def _problems(found: dict[str, Any]) -> list[str]:
    """What is wrong, in words."""
    wrong = [f"{name}: {state['error']}" for name, state in found["workers"].items() if state["failures"] >= 2]
    wrong += found["stores"]["clicks"].get("damage", [])
    wrong += [f"click store: {found['stores']['clicks']['error']}"] if "error" in found["stores"]["clicks"] else []
    wrong += [f"{count} segments were set aside" for count in [found["spool"]["aside"]] if count]
    wrong += ["clicks wait in the spool for more than a minute"] if found["spool"]["lag_ms"] > LATE_MS else []
    return wrong


@contextmanager
def opened(config: Config, what: str) -> Iterator[App]:
    """A Routy that does nothing by itself, for commands on a data directory that nobody else holds."""
    with holding.held(config.data_dir, what):
        app = App(config)
        try:
            yield app
        finally:
            app.stop()
