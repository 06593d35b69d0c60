"""The words of the API: Services, Request, Call, Answer, Endpoint.

An endpoint is data (method, path, scope, doc, what it takes and gives) and one function from a Call to an Answer.
The guard, OpenAPI, the dashboard's forms and `routy.py routes` all read the same data.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl

from routy.api.hose import Hose
from routy.api.limits import Limiter, Throttle
from routy.clock import Clock
from routy.config import Config
from routy.deliveries.dispatch import Dispatcher
from routy.errors import Invalid, PayloadTooLarge, RoutyError, UnsupportedMediaType
from routy.records import parse
from routy.records.parameters import Query
from routy.records.read import Page
from routy.resource import Actor, Field, Resource, Row
from routy.store.cursors import Format
from routy.store.sqlite import Records

Given = Sequence[tuple[str, str]]  # parameters, as names and texts
Flow = Callable[["Connection", Callable[[], None]], "Streamed"]
MIB = 2**20
BODY_LIMIT = MIB
BATCH_BODY_LIMIT = 10 * MIB


@dataclass(frozen=True)
class Services:
    """What an endpoint may use; app.py makes it. Functions stand in for the halves that the API must not import."""

    config: Config
    clock: Clock
    records: Records
    secret: bytes
    limiter: Limiter
    logins: Throttle
    resources: Mapping[str, type[Resource]]
    follow: Callable[[], object]  # let the redirect see what has just been committed
    inspect: Callable[[], dict[str, Any]]  # the inside of the server, for health
    reporting: "Reporting"
    imports: "Importing"
    hose: Hose
    dispatcher: Dispatcher  # what goes out
    measure: Callable[[], bytes]  # the text of the Prometheus metrics


class Reporting(Protocol):
    """The click store as the API asks it: reports/asking.py answers."""

    def schema(self) -> dict[str, Any]: ...
    def given(self, asked: Any) -> Given: ...
    def report(self, actor: Actor, given: Given) -> dict[str, Any]: ...
    def batch(self, actor: Actor, asked: Any) -> Sequence[dict[str, Any] | RoutyError]: ...
    def version(self, actor: Actor, given: Given, format_: str) -> str: ...
    def report_file(self, actor: Actor, given: Given, format_: Format) -> Path: ...
    def rows(self, resource: type[Resource], actor: Actor, query: Query) -> Page: ...
    def row(self, resource: type[Resource], actor: Actor, row_id: str) -> Row: ...
    def rows_file(
        self, resource: type[Resource], actor: Actor, query: Query, limit: int | None, format_: Format
    ) -> Path: ...


class Importing(Protocol):
    """Files on their way in, as the API asks of them: imports/upload.py answers."""

    def receive(self, import_id: str, part: bytes, begin: int, total: int | None) -> int: ...
    def keep(self, import_id: str) -> None: ...
    def look(self, row: Row, name: str | None, lines_wanted: bool) -> Row: ...
    def sample(self, row: Row) -> list[dict[str, Any]]: ...
    def expect_right(self, actor: Actor, resource: str) -> object: ...
    def resources(self) -> Mapping[str, type[Resource]]: ...


@dataclass(frozen=True)
class Request:
    """An HTTP request, already decoded. Header names are in small letters."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    ip: str
    id: str
    at: int
    secure: bool
    read_body: Callable[[int], bytes]
    length: int


@dataclass(frozen=True)
class Call:
    """One admitted request of an endpoint."""

    services: Services
    request: Request
    actor: Actor
    endpoint: "Endpoint"
    path: Mapping[str, str] = field(default_factory=dict)
    session: Row | None = None

    @property
    def now(self) -> int:
        return self.request.at

    def body(self) -> bytes:
        """The body as it came, within the endpoint's limit."""
        return read_limited(self.request, self.endpoint.body_limit)

    def json(self) -> Any:
        """The body as JSON; UnsupportedMediaType when it says that it is something else."""
        raw = self.body()
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("application/json", "application/merge-patch+json"):
            raise UnsupportedMediaType("send the body as application/json")
        if not raw.strip():
            raise Invalid({"body": "must be JSON, and is empty"})
        return parse.decode(raw)

    def form(self) -> dict[str, Any]:
        """The values of an endpoint that takes a form."""
        return parse.creation(self.endpoint.takes, self.json())

    def parameters(self) -> dict[str, Any]:
        """The declared parameters of the query string, every wrong one named."""
        return parse_parameters(self.endpoint.parameters, self.request.query)


class Connection(Protocol):
    """What an HTTP server can tell of a connection while it is answered."""

    def unsent(self) -> int:
        """Bytes that it has been given and could not send yet."""

    def gone(self) -> bool:
        """Whether the other side has closed it."""


class Streamed(Protocol):
    """An answer that has no end by itself, as WSGI takes it."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Answer:
    """What goes back. `data` is wrapped into the envelope; `raw` goes out as it is, under its content type; so does
    what is in `file`, which is deleted then unless it is `kept`. `stream` begins an answer on a connection, which
    calls the function that it is given when it is over."""

    status: int = 200
    data: Any = None
    pagination: Mapping[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    file: Path | None = None
    stream: Flow | None = None
    kept: bool = False  # the file stays
    span: tuple[int, int] | None = None  # only so many bytes of the file, from this one on
    content_type: str = "application/json"
    secrets: tuple[str, ...] = ()  # names in `data` that are shown this once


Shape = Literal["record", "list", "batch", "form", "none", "raw", "free"]


@dataclass(frozen=True)
class Endpoint:
    """One operation. `scope` None: open to everybody; "": any credential; else the scope that it needs.

    `takes` and `gives` are fields of a form; where `resource` is set, `shape` says how its record travels.
    """

    method: str
    path: str
    name: str
    doc: str
    run: Callable[[Call], Answer]
    scope: str | None
    tag: str
    resource: type[Resource] | None = None
    takes: Mapping[str, Field] = field(default_factory=dict)
    gives: Mapping[str, Field] = field(default_factory=dict)
    parameters: Mapping[str, Field] = field(default_factory=dict)
    shape: Shape = "form"
    input: Literal["none", "create", "patch", "put", "batch", "patches", "form"] = "none"
    status: int = 200
    body_limit: int = BODY_LIMIT
    raises: tuple[int, ...] = ()
    free_parameters: bool = False  # its parameters are filters that `parameters` cannot list one by one
    conditional: bool = False  # takes If-Match
    repeatable: bool = False  # takes Idempotency-Key
    media: tuple[str, ...] = ("application/json",)
    more: str = ""  # what the reference says beyond the first line
    session_only: bool = False
    rooted: bool = False  # stands at the root of the host, not below /api/v1
    file_kinds: tuple[str, ...] = ()  # its body is a file of one of these kinds
    same_shape: tuple[int, ...] = ()  # other statuses whose answer looks like the success

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def places(self) -> tuple[str, ...]:
        """The names in its path: `("id",)` of /links/{id}."""
        return tuple(part[1:-1].partition(":")[0] for part in self.path.split("/") if part.startswith("{"))


def parse_query(text: str) -> list[tuple[str, str]]:
    """A query string, strictly: pairs in UTF-8, at most 200."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except UnicodeDecodeError:
        raise Invalid({"query": "is not percent-encoded UTF-8"}) from None
    except ValueError:
        raise Invalid({"query": "holds more than 200 parameters"}) from None


def parse_parameters(fields: Mapping[str, Field], given: list[tuple[str, str]]) -> dict[str, Any]:
    """Query parameters by their declarations, defaults filled in."""
    errors: dict[str, str] = {}
    found: dict[str, Any] = {}
    for name, text in given:
        if name not in fields or name in found:
            errors[name[:100]] = "is given twice" if name in found else _unknown(fields)
            continue
        try:
            found[name] = parse.parse_field(fields[name], _typed(fields[name], text))
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise Invalid(errors)
    return {**{field.name: field.default for field in fields.values()}, **found}


def _unknown(fields: Mapping[str, Field]) -> str:
    return f"is not a parameter here; the parameters are {', '.join(fields) or '(none)'}"


def _typed(wanted: Field, text: str) -> Any:
    """What stands in a URL is text; numbers and booleans are read out of it."""
    if wanted.kind == "integer":
        return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 19 else text
    if wanted.kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def read_limited(request: Request, limit: int) -> bytes:
    if request.length > limit:
        raise PayloadTooLarge(f"the body may have at most {limit} bytes")
    return request.read_body(limit)
