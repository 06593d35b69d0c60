"""The click half on real stores in a temporary directory, with a clock that a test turns by hand."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from routy.clicks import redirect
from routy.clicks.books import Books
from routy.clicks.caps import Caps
from routy.clicks.enrich import ClickEnricher
from routy.clicks.loader import Loader
from routy.clicks.lookup import LinkTable
from routy.clicks.missing import MissingSlugs
from routy.clicks.redirect import Walk
from routy.clicks.salt import Salts
from routy.clicks.spool import Spool
from routy.clicks.storing import Rules
from routy.clicks.streams import API_REQUESTS, CLICKS
from routy.clicks.visit import Proxies
from routy.clock import SECOND, parse_iso
from routy.records import beginning, parse, write
from routy.records.parameters import parse as parse_query
from routy.reports import rows
from routy.reports.run import report
from routy.resource import Resource
from routy.resources.clicks import Click
from routy.resources.domains import Domain
from routy.resources.links import Link
from routy.store.duck import ClickStore
from routy.store.migrate import migrate
from routy.store.sqlite import Records

START = parse_iso("2026-11-21T12:00:00Z")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.1 Mobile/15E148 Safari/604.1"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"


class Response:
    """What a visitor sees."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, {}, b""

    def start(self, status: str, headers: list[tuple[str, str]]) -> None:
        for name, value in headers:
            assert value.isascii() and value.isprintable(), (name, value)
        self.status, self.headers = int(status[:3]), dict(headers)

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")


class Yard:
    """`visit` walks a click, `load` makes rows of what was spooled, `die` and a new Yard are a kill and a start."""

    def __init__(
        self,
        path: Path,
        now: int = START,
        ip: str = "truncated",
        proxies: Iterable[str] = (),
        rules: Rules = Rules(0, 0),  # noqa: B008 (frozen)
    ) -> None:
        """`rules` are off: the clock stands still, and whoever comes twice would be a duplicate."""
        self.path, self.now, self.ip = path, now, ip
        self.records = Records(path / "routy.db")
        migrate(self.records, now)
        beginning.begin(self.records, "http://go.example", now)
        self.workspace_id = beginning.first_workspace(self.records) or ""
        self.actor = beginning.system_of(self.workspace_id)
        self.store = ClickStore(path / "clicks")
        self.store.open()
        self.spool = Spool(CLICKS, path / "spool" / "clicks", self.clock)
        self.requests = Spool(API_REQUESTS, path / "spool" / "api_requests", self.clock)
        self.salts = Salts(path / "salts")
        self.loader = Loader(
            self.store,
            (self.spool, self.requests),
            path / "spool",
            self.clock,
            {"clicks": ClickEnricher(self.salts, ip, path / "spool")},
            rules,
        )
        self.table = LinkTable(self.records, Caps(self.clock))
        self.books = Books(f"run-{now}")
        self.missing = MissingSlugs()
        self.walk = Walk(self.clock, Proxies(proxies), self.table, self.spool, self.books, self.missing)
        self.spool.open()
        self.requests.open()
        self.table.load()

    def clock(self) -> int:
        return self.now

    def die(self) -> None:
        """As kill -9 leaves things: the spool is not closed, nothing is sealed or loaded."""
        self.store.close()
        self.records.close()

    def close(self) -> None:
        self.spool.close()
        self.requests.close()
        self.die()

    # ---- records

    def add(self, resource: type[Resource], **values: Any) -> dict[str, Any]:
        with self.records.transaction(self.now) as tx:
            row = write.create(tx, self.actor, resource, parse.creation(resource.fields, values))
        self.table.follow()
        return row

    def add_link(self, slug: str, destination: str = "https://shop.example/", **values: Any) -> dict[str, Any]:
        return self.add(Link, slug=slug, destination=destination, **values)

    def change(self, resource: type[Resource], record_id: str, **values: Any) -> None:
        with self.records.transaction(self.now) as tx:
            write.update(tx, self.actor, resource, record_id, parse.patch(resource.fields, values))
        self.table.follow()

    def default_domain(self) -> str:
        row = self.records.one("SELECT id FROM domains WHERE is_default = 1")
        return str(row and row["id"])

    def add_domain(self, host: str, verified: bool = True, **values: Any) -> dict[str, Any]:
        row = self.add(Domain, host=host, **values)
        if verified:
            with self.records.transaction(self.now) as tx:
                write.update(tx, self.actor, Domain, row["id"], beginning.verified(self.now, host))
            self.table.follow()
        return row

    # ---- clicks

    def visit(self, path: str, query: str = "", agent: str = FIREFOX, **environ: str) -> Response:
        response = Response()
        asked = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "go.example",
            "HTTP_USER_AGENT": agent,
            "REMOTE_ADDR": "73.8.8.8",
            **environ,
        }
        response.body = b"".join(redirect.answer(self.walk, asked, response.start))
        return response

    def seal(self) -> None:
        self.now += 2 * SECOND
        self.spool.seal_once()
        self.requests.seal_once()

    def load(self) -> None:
        self.seal()
        while self.loader.load_once():
            pass

    def rows(self, sql: str = "SELECT * FROM clicks ORDER BY segment, line") -> list[dict[str, Any]]:
        with self.store.reading() as reader:
            return reader.rows(sql)

    def clicks(self, resource: type[Resource] = Click, **parameters: str) -> Any:
        query = parse_query(resource, parameters.items())
        return rows.page(self.store, self.records, self.actor, resource, query)

    def report(self, **parameters: str) -> dict[str, Any]:
        given = {"from": "2026-01-01", **{name.removesuffix("_"): text for name, text in parameters.items()}}
        return report(self.store, self.records, self.actor, given.items(), self.now + 1, self.loader.watermark)

    def lines(self) -> list[bytes]:
        """What stands in the open and sealed segments of the spool."""
        files = sorted((self.path / "spool" / "clicks").glob("v*.tsv"))
        return [line for file in files for line in file.read_bytes().split(b"\n")[1:] if line]
