"""A whole Routy in a temporary directory, asked without sockets. Workers stand still, the clock is turned by hand.

The three people who recur: the owner and a teammate (editor) of the first workspace, and a stranger with another.
"""

import atexit
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from routy.app import RECORDS, App
from routy.clock import SECOND, parse_iso
from routy.config import Api, Config, Login, Mail, Server
from routy.records import beginning, parse, write
from routy.resource import Actor, Resource
from routy.resources.domains import Domain
from routy.resources.tokens import Token
from routy.resources.users import User
from routy.resources.workspaces import Workspace
from routy.scopes import ROLES
from tests.catalogue import expect_catalogued, last_seq

START = parse_iso("2026-11-21T12:00:00Z")
PASSWORD = "correct horse battery staple"
HASH = (  # of PASSWORD, made once: hashing takes longer than all else in a test
    "$argon2id$v=19$m=19456,t=2,p=1$spxEtd7qjHy+1HXk8n/ARA$tVpmwj1l27jIqOcJsZ99chk5mEm6cbAHvl3fTS1hWvc"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def fields(self) -> set[str]:
        """The fields that a refusal names."""
        return {detail["field"] for detail in self.error["details"]}


@dataclass
class Person:
    actor: Actor
    token: str
    email: str


@cache
def _furnished() -> tuple[Path, list[Person]]:
    """A data directory in which the three live: a copy is had sooner than a new one."""
    path = Path(tempfile.mkdtemp(prefix="routy-house-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    house = House(path, empty=True)
    people = house.people()
    house.close()
    return path, people


def _move_in(path: Path) -> list[Person]:
    furnished, people = _furnished()
    path.mkdir(parents=True, exist_ok=True)
    for name in (RECORDS, "secret"):
        shutil.copy(furnished / name, path / name)
    return people


class House:
    def __init__(
        self,
        path: Path,
        api: Api = Api(rate_per_minute=0),  # noqa: B008 (frozen)
        login: Login = Login(),  # noqa: B008
        proxies: tuple[str, ...] = (),
        empty: bool = False,
        mail: Mail = Mail(),  # noqa: B008
    ) -> None:
        """`empty`: as it is before anybody has set it up."""
        self.now = START
        self.path = path
        server = Server(public_url="http://go.example", trusted_proxies=proxies)
        config = Config(data=str(path), api=api, login=login, server=server, mail=mail)
        fresh = not (path / RECORDS).exists()
        people = [] if empty else _move_in(path)
        self.app = App(config, self.clock)
        self.told_before = 0 if fresh else last_seq(self.app.records)  # by an older version, it may be
        self.app.walk.table.load()
        self.app.walk.spool.open()
        self.app.requests.open()
        self.records = self.app.records
        if people:
            self.owner, self.teammate, self.stranger = people

    def clock(self) -> int:
        return self.now

    def close(self, seconds: float = 0) -> None:
        """`seconds`: what waits in the spool is loaded for so long, for whoever looks into the directory next."""
        try:
            expect_catalogued(self.records, self.told_before)
        finally:
            self.app.stop(seconds)

    # ---- people

    def people(self) -> list[Person]:
        """The three, made."""
        home = beginning.first_workspace(self.records) or ""
        elsewhere = self._workspace("Elsewhere", "elsewhere.example")
        return [
            self._person(home, "owner"),
            self._person(home, "editor", "teammate"),
            self._person(elsewhere, "owner", "stranger"),
        ]

    def _workspace(self, name: str, host: str) -> str:
        with self.records.transaction(self.now) as tx:
            made = write.create(tx, beginning.SYSTEM, Workspace, parse.creation(Workspace.fields, {"name": name}))
            values = {**parse.creation(Domain.fields, {"host": host}), **beginning.verified(self.now, host)}
            write.create(tx, beginning.system_of(made["id"]), Domain, values)
        return str(made["id"])

    def _person(self, workspace_id: str, role: str, name: str = "") -> Person:
        email = f"{name or role}@{'acme' if name != 'stranger' else 'elsewhere'}.example"
        body = {"email": email, "name": name or role, "password": PASSWORD, "role": role}
        system = beginning.system_of(workspace_id)
        with self.records.transaction(self.now) as tx:
            values = {**parse.creation(User.fields, body), "password": HASH}
            user = write.create(tx, system, User, values)
            actor = replace(system, id=user["id"], user_id=user["id"], role=role, scopes=ROLES[role])
            scopes = sorted(ROLES[role])
            token = write.create(tx, actor, Token, parse.creation(Token.fields, {"name": "test", "scopes": scopes}))
        return Person(actor, token["secret"], email)

    # ---- asking

    def call(
        self,
        method: str,
        path: str,
        /,
        body: Any = None,
        as_: Person | str | None = "owner",
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Reply:
        """Ask the API (a path below /api/v1) or anything else (a whole path) as somebody; `as_` None: as nobody."""
        person = self.owner if as_ == "owner" else as_
        given = dict(headers or {})
        if isinstance(person, Person):
            given.setdefault("Authorization", f"Bearer {person.token}")
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        whole = path if path.startswith(("/api/", "/v1/")) else f"/api/v1{path}"
        return self.ask(method, whole, urlencode(query), raw, given)

    def ask(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        **changed: Any,
    ) -> Reply:
        """One WSGI request, exactly as given; `changed` replaces what WSGI would say of it (REMOTE_ADDR …)."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "HTTP_HOST": "go.example",
            "HTTP_USER_AGENT": FIREFOX,
            "REMOTE_ADDR": "73.8.8.8",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "wsgi.url_scheme": "http",
        }
        for name, text in (headers or {}).items():
            plain = name.upper().replace("-", "_")
            environ["CONTENT_TYPE" if plain == "CONTENT_TYPE" else f"HTTP_{plain}"] = text
        environ.update(changed)
        seen: list[Any] = []
        body = self.app.front(environ, lambda status, listed: seen.extend((status, listed)))
        answer = b"".join(body)
        getattr(body, "close", lambda: None)()  # as servers do
        return Reply(int(seen[0][:3]), dict(seen[1]), answer)

    def make(self, resource: type[Resource], /, as_: Person | None = None, **body: Any) -> Any:
        """A record, made through the API."""
        reply = self.call("POST", f"/{resource.path()}", body, as_ or self.owner)
        assert reply.status == 201, reply.body
        return reply.data

    def link(self, slug: str | None = None, destination: str = "https://shop.example/", **body: Any) -> Any:
        given = {"slug": slug, "destination": destination, **body}
        reply = self.call("POST", "/links", given)
        assert reply.status == 201, reply.body
        return reply.data

    def events(self, after: int = 0) -> list[str]:
        """The types of what happened."""
        return [
            row["type"] for row in self.records.rows("SELECT type FROM events WHERE seq > ? ORDER BY seq", (after,))
        ]

    def last_seq(self) -> int:
        return last_seq(self.records)

    def mark(self) -> int:
        """Moves with every commit to the record store: equal marks, nothing was written between them."""
        return int((self.records.one("PRAGMA data_version") or {})["data_version"])

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Nothing is written in this block: no row, no event, no audit entry, no answer for a replay."""
        before = self.mark()
        yield
        assert self.mark() == before, "something was written"

    def load(self) -> None:
        """Take what was clicked and logged into the click store."""
        self.now += 2 * SECOND
        self.app.walk.spool.seal_once()
        self.app.requests.seal_once()
        while self.app.loader.load_once():
            pass
