"""What `routy.py serve` runs: the App behind an HTTP server, until a signal says stop."""

import importlib
import logging
import signal
import socket
import sys
from typing import Any

from routy import __version__, demo, holding
from routy.app import STOP_SECONDS, App
from routy.config import BadConfig, Config
from routy.front import Front
from routy.passwords import hash_password
from routy.records import beginning, parse
from routy.resources.users import User
from routy.server import Http
from routy.supervisor import supervise

log = logging.getLogger("routy")

DEMO = {"email": "demo@routy.example", "name": "Demo", "password": "demo-demo-demo"}


def serve(config: Config, demo_wanted: bool = False) -> int:
    """Run until a signal says stop; 0 when all went well. With granian, all but its first line happens in
    another process, the worker."""
    listener = _begin_worker(config) if config.server.engine == "granian" else None
    with holding.held(config.data_dir, f"serve on {config.server.host}:{config.server.port}"):
        app = App(config)
        try:
            http = _make_http(config, app.front, listener)
        except (OSError, ValueError) as error:  # waitress says ValueError of a host that has no address
            app.stop()
            raise _cannot_listen(config, error) from None
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _stop)
            if demo_wanted:
                _prepare_demo(app)
            app.start()
            _greet(config, app, http.address)
            http.run(STOP_SECONDS / 2, app.hose.end)
        except SystemExit:
            log.debug("told to stop before it had quite begun")
        app.stop()
    return http.end(0)


def _begin_worker(config: Config) -> socket.socket:
    """Listen, and go on in a process that another one watches."""
    try:
        listener: socket.socket = _edge().listen(config)
    except OSError as error:
        raise _cannot_listen(config, error) from None
    supervise(STOP_SECONDS * 2)
    return listener


def _make_http(config: Config, front: Front, listener: socket.socket | None) -> Http:
    if listener is None:
        return Http(config, front)
    http: Http = _edge().Http(config, front, listener)
    return http


def _edge() -> Any:
    """The module that needs granian, which need not be there."""
    try:
        return importlib.import_module("routy.edge")
    except ModuleNotFoundError as error:
        raise BadConfig(f"server.engine = granian is an extra ({error}): pip install 'routy[edge]'") from None


def _cannot_listen(config: Config, error: Exception) -> holding.Held:
    return holding.Held(f"cannot listen on {config.server.host}:{config.server.port}: {error}")


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
