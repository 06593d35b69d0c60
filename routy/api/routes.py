"""The walk of an API request: read → find → admit → run → follow → answer → log.

Every failure leaves by the same door in the same shape, whoever raised it: the router (unknown path, wrong method,
a path that is not UTF-8), the guard, an endpoint, or a bug (500 INTERNAL, its message hidden and logged).
"""

import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import IO, Any

import bottle
import msgspec

from routy.api.bulk import describe
from routy.api.call import Answer, Call, Endpoint, Flow, Request, Services, parse_query
from routy.api.cors import cors_headers, preflight
from routy.api.guard import NOBODY, admit, recognise
from routy.errors import Invalid, MethodNotAllowed, NotFound, PayloadTooLarge, RoutyError, Unavailable
from routy.errors import refusal as shape
from routy.ids import new_id
from routy.resource import Actor, Resource
from routy.store.sqlite import Busy

log = logging.getLogger("routy.api")

BASES = ("/api/v1", "/v1")
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
BLOCK = 2**16  # bytes of a file at a time
Environ = dict[str, Any]
Client = Callable[[Environ], tuple[str, bool]]


@dataclass(frozen=True)
class Outcome:
    """What the request log keeps of one request. `route` is the endpoint's path, `bytes` the size of the answer."""

    id: str
    at: int
    actor: Actor
    method: str
    route: str
    status: int
    ms: float
    ip: str
    bytes: int


@dataclass(frozen=True)
class Api:
    """The API as a value: `client` tells (ip, secure) of a request, `record` keeps its outcome."""

    services: Services
    router: bottle.Bottle
    client: Client
    record: Callable[[Outcome], None]

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return respond(self, environ, start_response)


@dataclass
class _Progress:
    """How far a request has come, for the log."""

    route: str = "(none)"
    actor: Actor = NOBODY
    headers: tuple[tuple[str, str], ...] = ()


EXTERNAL_ID = "<external_id:re:(?s:.+)>"  # whatever it holds, slashes and ends of lines too: the endpoint judges it
UNDECLARED = (
    ("restore", "POST", "/<id>/restoration"),
    ("external", "PUT", f"/external/{EXTERNAL_ID}"),
    ("batch", "POST", "/batch"),
    ("batch", "PATCH", "/batch"),
)


def router(endpoints: Iterable[Endpoint], resources: Iterable[type[Resource]]) -> bottle.Bottle:
    """bottle finds endpoints by path and method; it does nothing else here. Operations that a resource does not
    declare have routes too, without an endpoint: they are 405."""
    app = bottle.Bottle()
    for endpoint in endpoints:
        for base in ("",) if endpoint.rooted else BASES:
            path = base + re.sub(r"\{(\w+)\}", r"<\1>", endpoint.path).replace("<external_id>", EXTERNAL_ID)
            app.route(path, endpoint.method, endpoint.run, endpoint=endpoint)
    for resource in resources:
        for operation, method, more in UNDECLARED:
            for base in BASES if operation not in resource.operations else ():
                app.route(f"{base}/{resource.path()}{more}", method, _undeclared, endpoint=None)
    return app


def _undeclared() -> None:
    """Stands where an operation would be."""


def respond(api: Api, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    began = time.perf_counter()
    request = _read(api, environ)
    progress = _Progress()
    answer = _answer(api, environ, request, progress)
    file = _taken(answer)
    body = b"" if file or answer.stream else _encode(answer)
    begin, size = (0, len(body)) if file is None else answer.span or (0, file.seek(0, 2))
    headers = [*_headers(answer, size, request), *progress.headers, *cors_headers(api.services.config, request)]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    ms = (time.perf_counter() - began) * 1000
    seen = (progress.actor, request.method, progress.route, answer.status, ms, request.ip, size)
    api.record(Outcome(request.id, request.at, *seen))
    if file is not None and request.method == "HEAD":
        file.close()
    elif file is not None:
        return _sent(file, environ, begin, size)
    if answer.stream is not None:
        return _streamed(answer.stream, environ)
    return [] if request.method == "HEAD" else [body]


def _answer(api: Api, environ: Environ, request: Request, progress: _Progress) -> Answer:
    try:
        return _walk(api, environ, request, progress)
    except RoutyError as error:
        return refusal(api.services, request, error)
    except Busy:
        busy = Unavailable("the record store is busy; nothing was written", retry_after=5)
        return refusal(api.services, request, busy)
    except Exception:
        log.exception("request %s failed: %s %s", request.id, request.method, progress.route)
        return refusal(api.services, request, RoutyError("something went wrong here; it is in the server's log"))


def _walk(api: Api, environ: Environ, request: Request, progress: _Progress) -> Answer:
    if request.method == "OPTIONS":
        return preflight(api.services.config, request)
    credential, fault = recognise(api.services.records, request)
    progress.actor = credential.actor
    endpoint, places = _find(api.router, request)
    progress.route = endpoint.path
    progress.headers = admit(api.services, endpoint, request, credential, fault)
    request = replace(request, query=parse_query(environ.get("QUERY_STRING", "")))
    answer = endpoint.run(Call(api.services, request, credential.actor, endpoint, places, credential.session))
    if endpoint.writes:
        api.services.follow()
    return answer


def _read(api: Api, environ: Environ) -> Request:
    at = api.services.clock()
    ip, secure = api.client(environ)
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        query=[],
        headers=_request_headers(environ),
        ip=ip,
        id=new_id("req", at),
        at=at,
        secure=secure,
        read_body=_Body(environ),
        length=_length(environ),
    )


def _request_headers(environ: Environ) -> dict[str, str]:
    found = {name[5:].replace("_", "-").lower(): text for name, text in environ.items() if name.startswith("HTTP_")}
    found["content-type"] = environ.get("CONTENT_TYPE", "")
    return found


def _length(environ: Environ) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


class _Body:
    """The body, read from the wire once, however often it is asked for."""

    def __init__(self, environ: Environ) -> None:
        self._stream = environ.get("wsgi.input")
        self._read: bytes | None = None

    def __call__(self, limit: int) -> bytes:
        if self._read is None:
            self._read = self._stream.read(limit + 1) if self._stream else b""
        if len(self._read) > limit:
            raise PayloadTooLarge(f"the body may have at most {limit} bytes")
        return self._read


def _find(app: bottle.Bottle, request: Request) -> tuple[Endpoint, dict[str, str]]:
    try:
        path = request.path.encode("latin-1").decode()
    except UnicodeError:
        raise Invalid({"path": "is not UTF-8"}) from None
    try:
        route, places = app.match({"REQUEST_METHOD": request.method, "PATH_INFO": path})
    except bottle.HTTPError as error:
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = error.headers.get("Allow", "")
            raise MethodNotAllowed(f"{request.method} is not possible here; {allowed} is", allow=allowed) from None
        raise NotFound(f"there is nothing at {path[:200]}") from None
    endpoint: Endpoint | None = route.config["endpoint"]
    if endpoint is None:
        raise MethodNotAllowed("this resource has no such operation", allow="")
    return endpoint, places


# ---- answers


def refusal(services: Services, request: Request, error: RoutyError) -> Answer:
    """Any failure, as every failure looks."""
    told = shape(**describe(error), request_id=request.id, public_url=services.config.public_url)
    headers = list(error.more.get("headers", ()))
    if "retry_after" in error.more:
        headers.append(("Retry-After", str(error.more["retry_after"])))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers.append(("WWW-Authenticate", 'Bearer realm="routy"'))
    if "allow" in error.more:
        headers.append(("Allow", error.more["allow"]))
    return Answer(status=error.status, raw=msgspec.json.encode(told), headers=tuple(headers))


def _encode(answer: Answer) -> bytes:
    if answer.raw is not None:
        return answer.raw
    if answer.status in BODILESS:
        return b""
    body = {"success": True, "data": answer.data}
    if answer.pagination is not None:
        body["pagination"] = dict(answer.pagination)
    return msgspec.json.encode(body)


def _taken(answer: Answer) -> IO[bytes] | None:
    """The answer's file, open and already deleted: it is gone when it is closed, whatever becomes of the answer."""
    if answer.file is None:
        return None
    file = answer.file.open("rb")
    if not answer.kept:
        answer.file.unlink()
    return file


def _sent(file: IO[bytes], environ: Environ, begin: int, size: int) -> Iterable[bytes]:
    """The server sends files by itself where it can, without holding a thread; it stops at the Content-Length."""
    file.seek(begin)
    wrap = environ.get("wsgi.file_wrapper")
    wrapped: Iterable[bytes] = wrap(file, BLOCK) if wrap else _Blocks(file, size)
    return wrapped


def _streamed(flow: Flow, environ: Environ) -> Iterable[bytes]:
    """It keeps the place that its thread has in the front until it is over."""
    ended = environ["routy.place"].keep() if "routy.place" in environ else _nothing
    begun = flow(environ.get("routy.connection", _Unknown()), ended)
    if environ["REQUEST_METHOD"] == "HEAD":
        begun.close()
        return []
    return begun


def _nothing() -> None:
    """There is no place to give back."""


class _Unknown:
    """A connection whose server tells nothing of it: there, a write waits for who reads slowly."""

    def unsent(self) -> int:
        return 0

    def gone(self) -> bool:
        return False


class _Blocks:
    """A file in pieces, closed behind the last."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(min(BLOCK, self._left)):
            self._left -= len(piece)
            yield piece
        self.close()

    def close(self) -> None:
        self._file.close()


def _headers(answer: Answer, size: int, request: Request) -> list[tuple[str, str]]:
    headers = [("X-Request-Id", request.id), *answer.headers]
    names = {name.lower() for name, _ in headers}
    if "cache-control" not in names:
        headers.append(("Cache-Control", "no-store"))
    headers.append(("X-Content-Type-Options", "nosniff"))
    if answer.status not in BODILESS:
        headers.append(("Content-Type", answer.content_type))
    if answer.status not in BODILESS and answer.stream is None:
        headers.append(("Content-Length", str(size)))
    return headers
