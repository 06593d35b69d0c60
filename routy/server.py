"""The HTTP server around the WSGI front: waitress. The other one is edge.py.

Idle connections cost no thread and slow clients are buffered, so that the threads are there for work. What waitress
refuses by itself (a malformed request, headers or a body without end) is refused in the API's shape too.
"""

import json
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest

from routy.clock import system_clock
from routy.config import Config
from routy.errors import refusal
from routy.ids import new_id
from routy.polling import Sockets

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LARGEST_BODY = 11 * 2**20  # a batch of 10 MiB, and room to say that it is too large
STUCK_MS = 30_000  # a connection is cut whose other side takes nothing of what was sent for so long
PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT
_RAW = re.compile(rb"[\x80-\xff]")
CODES = {400: "VALIDATION_ERROR", 413: "PAYLOAD_TOO_LARGE", 431: "HEADERS_TOO_LARGE"}


class Http:
    """A server that is bound and listening; `run` serves until SystemExit."""

    def __init__(self, config: Config, application: Application) -> None:
        settings = config.server
        self._sockets = Sockets()
        self._server = waitress.create_server(
            application,
            map=self._sockets,
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            connection_limit=settings.connection_limit,
            clear_untrusted_proxy_headers=False,  # visit.py decides whom to trust
            max_request_body_size=LARGEST_BODY,
            ident="routy",
            backlog=2048,
        )
        channel = _channel(config.public_url)
        for listener in self._listeners():
            listener.channel_class = channel
            listener.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MS)

    @property
    def address(self) -> str:
        """Where it listens: the port is the real one when 0 was asked for."""
        listener = self._listeners()[0]
        host, port = listener.effective_host, listener.effective_port
        return f"http://{f'[{host}]' if ':' in str(host) else host}:{port}"

    def run(self, patience: float, ending: Callable[[], None] = lambda: None) -> None:
        """Serve until SystemExit; then let the requests under way finish, for so many seconds. `ending` is called
        first: answers that have no end by themselves end then."""
        try:
            self._sockets.loop()
        except (SystemExit, KeyboardInterrupt):
            ending()
            self._server.task_dispatcher.shutdown(timeout=patience)
        finally:
            self.close()

    def close(self) -> None:
        wasyncore.close_all(self._sockets, ignore_all=True)

    def end(self, status: int) -> int:
        """What is left to do when all is closed: nothing."""
        return status

    def _listeners(self) -> list[Any]:
        return [each for each in self._sockets.values() if isinstance(each, BaseWSGIServer)]


class _Connection:
    """What waitress knows of a connection while it is answered."""

    def __init__(self, channel: HTTPChannel) -> None:
        self._channel = channel

    def unsent(self) -> int:
        return int(self._channel.total_outbufs_len)

    def gone(self) -> bool:
        """waitress reads nothing from it meanwhile; a look at the socket does not take anything away."""
        try:
            return not self._channel.connected or not self._channel.socket.recv(1, PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True


class _Task(WSGITask):  # type: ignore[misc]
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ["routy.connection"] = _Connection(self.channel)
        return environ


class _Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
    public_url = ""

    def execute(self) -> None:
        fault = self.request.error
        known = fault.code in CODES
        message = f"{fault.reason}: {fault.body}" if known else "something went wrong here"
        request_id = new_id("req", system_clock())
        told = refusal(CODES.get(fault.code, "INTERNAL"), message, request_id, self.public_url)
        body = json.dumps(told).encode()
        self.status = f"{fault.code} {fault.reason}"
        self.response_headers += [("Content-Type", "application/json"), ("X-Request-Id", request_id)]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """waitress refuses raw bytes above ASCII in an address, which many programs send: they are percent-encoded, as
    browsers do. And a request line such as `GET http://[` makes it raise."""

    def parse_header(self, header: bytes) -> None:
        line, end, rest = header.partition(b"\r\n")
        super().parse_header(_RAW.sub(lambda found: b"%%%02X" % found.group()[0], line) + end + rest)

    def received(self, data: bytes) -> int:
        try:
            return int(super().received(data))
        except ValueError:
            self.error, self.completed = BadRequest("the request line is no URL"), True
            return len(data)


def _channel(public_url: str) -> type[HTTPChannel]:
    task = type("_Task", (_Refusal,), {"public_url": public_url})
    return type(
        "_Channel", (HTTPChannel,), {"task_class": _Task, "error_task_class": task, "parser_class": _Parser}
    )
