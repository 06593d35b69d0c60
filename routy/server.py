"""The HTTP server around the WSGI front: waitress.

Idle connections cost a thread nothing, and slow clients are buffered, so that the threads are there for work.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any

import waitress
from waitress.server import BaseWSGIServer

from routy.config import Config

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LARGEST_BODY = 64 * 2**20


def create(config: Config, application: Application) -> BaseWSGIServer:
    """A server that is bound and listening; `run()` serves until `close()`."""
    return waitress.create_server(
        application,
        host=config.server.host,
        port=config.server.port,
        threads=config.server.threads,
        connection_limit=config.server.connection_limit,
        asyncore_use_poll=True,
        clear_untrusted_proxy_headers=False,  # visit.py decides whom to trust
        max_request_body_size=LARGEST_BODY,
        ident="routy",
        backlog=2048,
        channel_timeout=120,
        cleanup_interval=15,
    )


def run(server: BaseWSGIServer, patience: float) -> None:
    """Serve until SystemExit; then let the requests under way finish, for so many seconds."""
    try:
        server.asyncore.loop(timeout=1, map=server._map, use_poll=True)
    except (SystemExit, KeyboardInterrupt):
        server.task_dispatcher.shutdown(timeout=patience)
    finally:
        server.close()


def address(server: BaseWSGIServer) -> str:
    """Where it listens: the port is the real one when 0 was asked for."""
    host, port = server.effective_host, server.effective_port
    return f"http://{f'[{host}]' if ':' in str(host) else host}:{port}"


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
