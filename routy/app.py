"""The whole program as a value: `build(config)` wires stores, click walk, API, dashboard and workers.

This module alone knows all the others. `serve` is what `routy.py serve` runs.
"""

import gc
import logging
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from routy import __version__, backup, demo, holding, signing
from routy.api.call import Reporting, Services
from routy.api.endpoints import ENDPOINTS, description
from routy.api.last_used import LastUsed
from routy.api.limits import Limiter, Throttle
from routy.api.metrics import Meters
from routy.api.routes import Api, Outcome, router
from routy.clicks import requests
from routy.clicks.books import Books
from routy.clicks.enrich import ClickEnricher
from routy.clicks.loader import Loader
from routy.clicks.lookup import LinkTable
from routy.clicks.missing import MissingSlugs
from routy.clicks.redirect import Walk
from routy.clicks.salt import Salts
from routy.clicks.spool import Spool
from routy.clicks.streams import API_REQUESTS, CLICKS, Stream
from routy.clicks.verify import verify
from routy.clicks.visit import Proxies, client_ip, host_of
from routy.clock import MINUTE, Clock, system_clock
from routy.config import Config
from routy.control import Command, Control
from routy.dashboard import pages
from routy.front import KEPT_FOR_REDIRECTS, Front
from routy.ids import ulid
from routy.passwords import hash_password
from routy.records import beginning, parse
from routy.reports import rows, run
from routy.resources import RESOURCES
from routy.resources.users import User
from routy.server import Http
from routy.store.duck import ClickStore
from routy.store.migrate import migrate
from routy.store.sqlite import Records
from routy.work.loop import Loop
from routy.work.workers import workers

log = logging.getLogger("routy")

RECORDS = "routy.db"
PAGES = ("", "app", "login", "setup", "docs", "static", "favicon.ico", "robots.txt")
STOP_SECONDS = 4.0
DEMO = {"email": "demo@routy.example", "name": "Demo", "password": "demo-demo-demo"}
LOGIN_WINDOW = 15 * MINUTE
LATE_MS = MINUTE


class App:
    """A running Routy, without its HTTP server. The caller holds the data directory."""

    def __init__(self, config: Config, clock: Clock = system_clock) -> None:
        self.config, self.clock = config, clock
        self.records = Records(config.data_dir / RECORDS)
        migrate(self.records, clock())
        self.clicks = self._open_clicks()
        self.setup_secret = beginning.begin(self.records, config.public_url, clock())
        self.walk = self._make_walk()
        self.requests = self._make_spool(API_REQUESTS)
        self.salts = Salts(config.data_dir / "salts")
        self.loader = self._make_loader()
        self.meters, self.last_used = Meters(), LastUsed()
        self.front = self._make_front()
        self.control = Control(config.data_dir, self._commands())
        self.loop = Loop(workers(self))

    def start(self) -> None:
        """Load the table, begin a spool (the loader finds what an earlier run left there), begin to work."""
        gc.disable()
        self.walk.table.load()
        gc.collect()
        gc.freeze()  # a million links need not be looked at by every collection
        gc.enable()
        self.walk.spool.open()
        self.requests.open()
        self.loop.start()

    def stop(self) -> None:
        """Every click that was answered is in the spool already; load what can be loaded, and let go."""
        self.loop.stop(STOP_SECONDS / 2)
        self.walk.spool.close()
        self.requests.close()
        try:
            until = time.monotonic() + STOP_SECONDS / 4  # what is left over is loaded at the next start
            while self.loader.load_once() and time.monotonic() < until:
                pass
        except Exception:
            log.exception("what waits in the spool is loaded at the next start")
        self.last_used.flush_once(self.records, self.clock)
        self.walk.missing.flush_once(self.records, self.clock)
        self.control.close()
        self.clicks.close()
        self.records.close()

    # ---- wiring

    def _open_clicks(self) -> ClickStore:
        settings = self.config.clicks
        directory = self.config.data_dir / "clicks"
        store = ClickStore(directory, settings.memory_limit, settings.memory_threads, settings.report_seconds)
        store.open()
        return store

    def _make_walk(self) -> Walk:
        proxies = Proxies(self.config.server.trusted_proxies)
        table, books = LinkTable(self.records), Books(ulid(self.clock()))
        return Walk(self.clock, proxies, table, self._make_spool(CLICKS), books, MissingSlugs())

    def _make_spool(self, stream: Stream) -> Spool:
        settings = self.config.clicks
        directory = self.config.data_dir / "spool" / stream.name
        return Spool(stream, directory, self.clock, settings.segment_bytes, settings.segment_ms)

    def _make_loader(self) -> Loader:
        directory = self.config.data_dir / "spool"
        enrich = ClickEnricher(self.salts, self.config.clicks.ip, directory / "enriched")
        spools = (self.walk.spool, self.requests)
        return Loader(self.clicks, spools, directory, self.clock, {CLICKS.name: enrich})

    def _make_front(self) -> Front:
        api = Api(self._make_services(), router(ENDPOINTS, RESOURCES.values()), self._client, self._record)
        board = pages.application(self.config, description)
        rooms = dict.fromkeys(("api", "v1", "metrics", "healthz"), api) | dict.fromkeys(PAGES, board)
        places = threading.BoundedSemaphore(self.config.server.threads - KEPT_FOR_REDIRECTS)
        return Front(self.walk, {**rooms, ".well-known": self._well_known}, self.config.public_url, places)

    def _make_services(self) -> Services:
        return Services(
            config=self.config,
            clock=self.clock,
            records=self.records,
            secret=signing.load_secret(self.config.data_dir / "secret"),
            limiter=Limiter(),
            logins=Throttle(self.config.login.attempts, LOGIN_WINDOW),
            resources=RESOURCES,
            follow=self.walk.table.follow,
            inspect=self.inspect,
            reporting=self._make_reporting(),
            measure=lambda: self.meters.text(self.inspect()),
        )

    def _make_reporting(self) -> Reporting:
        clicks, records, loader = self.clicks, self.records, self.loader
        return Reporting(
            report=lambda actor, given: run.report(clicks, records, actor, given, self.clock(), loader.watermark),
            schema=run.schema,
            rows=lambda resource, actor, query: rows.page(clicks, records, actor, resource, query),
            row=lambda resource, actor, row_id: rows.find(clicks, records, actor, resource, row_id),
        )

    def _well_known(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        """`/.well-known/routy-verification`: the texts that prove that a domain leads to this server."""
        host = host_of(environ.get("HTTP_HOST", ""))
        rows = self.records.rows(
            "/* domains.verification */ SELECT verification FROM domains WHERE host = ? AND deleted_at IS NULL",
            (host,),
        )
        known = bool(rows) and environ["PATH_INFO"] == "/.well-known/routy-verification"
        body = "\n".join(row["verification"] for row in rows if known).encode()
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("200 OK" if known else "404 Not Found", headers)
        return [body]

    # ---- what the parts ask of the whole

    def _client(self, environ: dict[str, Any]) -> tuple[str, bool]:
        """Who asks, and whether over https: proxies are believed as far as they are trusted."""
        proxies = self.walk.proxies
        scheme = environ.get("wsgi.url_scheme")
        if proxies.trusts(environ.get("REMOTE_ADDR", "")):
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", scheme)
        return client_ip(environ, proxies), scheme == "https"

    def _record(self, outcome: Outcome) -> None:
        self.meters.observe(outcome)
        self.last_used.note(outcome)
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
        waiting = self.loader.oldest_waiting()
        found = {
            "books": self.walk.books.figures(self.walk.spool),
            "stores": {
                "records": {"bytes": self.records.path.stat().st_size, "seq": self.walk.table.seq},
                "clicks": self.clicks.figures(),
            },
            "spool": {"lag_ms": max(0, self.clock() - waiting) if waiting else 0, **self.loader.figures()},
            "workers": {name: state.figures() for name, state in self.loop.states.items()},
            "links": len(self.walk.table),
            "missing_slugs_overlooked": self.walk.missing.overlooked,
        }
        return {"version": __version__, "problems": _problems(found), **found}

    def verify(self) -> dict[str, Any]:
        return verify(self.clicks, self.config.data_dir / "spool")

    def backup(self, to: Path) -> dict[str, Any]:
        """What waits in the spool is loaded first, as backups leave the spool out."""
        self.loader.load_once()
        return backup.backup(self.records, self.clicks, self.config.data_dir, to, self.clock())

    def _commands(self) -> dict[str, Command]:
        return {"verify": lambda asked: self.verify(), "backup": lambda asked: self.backup(Path(asked["to"]))}


def _problems(found: dict[str, Any]) -> list[str]:
    """What is wrong, in words."""
    books = found["books"]
    wrong = [f"{name}: {state['error']}" for name, state in found["workers"].items() if state["failures"] >= 2]
    wrong += [] if books["holds"] else ["the books do not hold: answered is not stored + spooled + refused"]
    wrong += [f"{count} clicks were not recorded: {reason}" for reason, count in books["refused"].items()]
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


# ---- serving


def serve(config: Config, demo_wanted: bool = False) -> int:
    """Run until a signal says stop; 0 when all went well."""
    with holding.held(config.data_dir, f"serve on {config.server.host}:{config.server.port}"):
        app = App(config)
        try:
            http = Http(config, app.front)
        except (OSError, ValueError) as error:  # waitress says ValueError of a host that has no address
            app.stop()
            raise holding.Held(f"cannot listen on {config.server.host}:{config.server.port}: {error}") from None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        if demo_wanted:
            _prepare_demo(app)
        app.start()
        _greet(config, app, http.address)
        http.run(STOP_SECONDS / 2)
        app.stop()
    return 0


def _prepare_demo(app: App) -> None:
    """The first time, a year of clicks and somebody to log in as."""
    if app.setup_secret is not None:
        log.info("making a year of clicks for the demo, which takes half a minute …")
        values = parse.creation(User.fields, DEMO)
        with app.records.transaction(app.clock()) as tx:
            owner = {**values, "password": hash_password(values["password"])}
            beginning.make_owner(tx, beginning.SYSTEM, None, owner, {"name": "Demo"})
        demo.fill(app.records, app.loader, app.clock())
        app.setup_secret = None
    log.info("log in to the demo as %s with the password %s", DEMO["email"], DEMO["password"])


def _stop(number: int, frame: object) -> None:
    raise SystemExit(0)


def _greet(config: Config, app: App, address: str) -> None:
    log.info("Routy %s serves on %s, data in %s", __version__, address, config.data_dir)
    if app.setup_secret:
        base = config.server.public_url.rstrip("/") or address
        print(f"\n  Set up your Routy: {base}/setup?token={app.setup_secret}\n", file=sys.stderr, flush=True)
