"""The baseline of redirects: a WSGI function that answers 302, on waitress as it comes, with the settings that
Routy gives it, or on granian as Routy starts it."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import waitress

from routy.config import Config, Server


def redirect(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("302 Found", [("Location", "https://shop.example/"), ("Content-Length", "0")])
    return ()


def serve_by_waitress(settings: Server) -> None:
    """Its own loop, not the one in routy/polling.py."""
    server = waitress.create_server(
        redirect,
        host=settings.host,
        port=0,
        threads=settings.threads,
        connection_limit=settings.connection_limit,
        asyncore_use_poll=True,
        backlog=2048,
    )
    print(f"http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()


def serve_by_granian(settings: Server) -> None:
    from routy import edge  # an extra

    http = edge.Http(Config(server=Server(port=0)), redirect)
    print(http.address, flush=True)
    http.run(1)


if __name__ == "__main__":
    {"waitress": serve_by_waitress, "granian": serve_by_granian}[sys.argv[1]](Server())
