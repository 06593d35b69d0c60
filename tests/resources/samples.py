"""Valid and invalid bodies of every resource, made from its declaration.

HINTS is all that a declaration does not say: what must be new each time, and what must be somebody. COMES_ABOUT
tells how rows come to be that nobody makes through the API.
"""

from collections.abc import Callable
from typing import Any

import pytest

from routy.alerts.notices import Notice, tell
from routy.clock import DAY, SECOND, iso, parse_iso
from routy.formats import FORMATS
from routy.ids import new_id
from routy.records import beginning, parse, write
from routy.resource import Field, Resource
from routy.resources import RESOURCES
from routy.resources.links import Link
from routy.resources.notifications import TOPICS
from routy.resources.tags import Tag
from routy.resources.users import User
from routy.resources.webhooks import Webhook
from routy.webhooks.telling import fan_out_once
from tests.house import HASH, House, Person

Body = dict[str, Any]
PAST = parse_iso("2026-01-01T00:00:00Z")
FAR = parse_iso("2030-01-01T00:00:00Z")  # no test turns the clock as far as that
NOBODY = "01KAHGZ4T8Z6Q7V3M9W2R5X0CD"  # the end of an id that nothing has

TEXTS = ("plain {n}", "100%_{n}", "*[x]?{n}\\", "ÄÖ ß {n}", "{n} CAPITALS", "Plain {n}")
FORMATTED = {
    "uri": "https://site{n}.example/Path?a={n}",
    "destination": "https://shop{n}.example/Path?a=100%25_{n}",
    "hostname": "host{n}.example",
    "email": "person{n}@acme.example",
    "color": "#{n:06x}",
    "network": "2001:db8:{n:x}::/48",
    "day": "2026-11-21",
    "slug": "Slug-{n}/[*]_ß",
    "prose": "line {n}\nline two",
}
ZONES = ("UTC", "Europe/Berlin", "Asia/Tokyo")

HINTS: dict[tuple[str, str], Callable[["Samples", int, Person], Any]] = {
    ("erasures", "subject"): lambda samples, n, who: new_id("clk", samples.house.now),
    ("alerts", "kind"): lambda samples, n, who: ("threshold", "change", "silence", "link_limit")[n % 4],
    ("alerts", "filters"): lambda samples, n, who: f"country=DE&sub1=site-{n}",
    ("alerts", "subject_id"): lambda samples, n, who: samples.pool(Link, who)[n % 2],
    ("alerts", "weeks"): lambda samples, n, who: 2 + n % 11,
    ("alerts", "remind_hours"): lambda samples, n, who: 1 + n % 700,
    ("alerts", "user_ids"): lambda samples, n, who: [who.actor.user_id][: n % 2],
    ("domains", "is_default"): lambda samples, n, who: False,
    ("links", "starts_at"): lambda samples, n, who: iso(PAST + (n % 5) * DAY),
    ("links", "click_id_parameter"): lambda samples, n, who: f"click.{n}",
    ("links", "sub_id_parameter"): lambda samples, n, who: f"sub-{n}",
    ("links", "sub_id_target"): lambda samples, n, who: f"to_{n}",
    ("tokens", "scopes"): lambda samples, n, who: ["read-only"] if n % 2 else ["links:read", "links:write"],
    ("shares", "subject_id"): lambda samples, n, who: samples.pool(Link, who)[n % 2],
    ("shares", "metrics"): lambda samples, n, who: ["clicks", "uniques"][: 1 + n % 2],
    ("shares", "dimensions"): lambda samples, n, who: ["time", "country", "link"][: n % 4],
    ("shares", "ranges"): lambda samples, n, who: ["7d", "all"][: n % 3],
    ("shares", "first_day"): lambda samples, n, who: f"2026-10-{1 + n % 28:02d}",
    ("shares", "last_day"): lambda samples, n, who: f"2026-12-{1 + n % 28:02d}",
    ("shares", "frame_ancestors"): lambda samples, n, who: ["*", f"https://*.acme{n}.example"][n % 2 :],
    ("saved_reports", "query"): lambda samples, n, who: f"metrics=clicks&dimensions=country&sub1=site-{n}",
    ("exports", "source"): lambda samples, n, who: ["links", "clicks", "reports"][n % 3],
    ("exports", "query"): lambda samples, n, who: f"id=x{n}",
    ("schedules", "source"): lambda samples, n, who: ["links", "clicks"][n % 2],
    ("schedules", "query"): lambda samples, n, who: f"id=x{n}",
    ("schedules", "recipients"): lambda samples, n, who: [f"person{n}@acme.example"],
    ("schedules", "weekday"): lambda samples, n, who: 1 + n % 7,
    ("schedules", "day"): lambda samples, n, who: 1 + n % 31,
    ("schedules", "hour"): lambda samples, n, who: n % 24,
    ("imports", "resource"): lambda samples, n, who: ["links", "tags"][n % 2],
    ("imports", "mapping"): lambda samples, n, who: {"external_id": f"Number {n}"},
    ("webhooks", "events"): lambda samples, n, who: ["link.limit_reached", "link.purged"][: 1 + n % 2],
    ("webhooks", "subject_id"): lambda samples, n, who: samples.pool(Link, who)[n % 2],
    ("webhooks", "condition"): lambda samples, n, who: f"status=active&clicks[gte]={n}",
    ("memberships", "email"): lambda samples, n, who: samples.somebody(n),
}


def having(*operations: str) -> pytest.MarkDecorator:
    """The resources that declare all of these operations."""
    chosen = [one for one in RESOURCES.values() if set(operations) <= set(one.operations)]
    return pytest.mark.parametrize("resource", chosen, ids=lambda one: one.plural)


def lacking(operation: str) -> pytest.MarkDecorator:
    chosen = [one for one in RESOURCES.values() if operation not in one.operations]
    return pytest.mark.parametrize("resource", chosen, ids=lambda one: one.plural)


def taken(resource: type[Resource]) -> list[Field]:
    return [field for field in resource.fields.values() if field.taken]


def changeable(resource: type[Resource]) -> list[Field]:
    return [field for field in taken(resource) if not field.create_only]


def references(resource: type[Resource]) -> list[Field]:
    return [field for field in taken(resource) if field.refs]


class Samples:
    """Makes records in a house. Each sample differs from those before it, and the clock moves a little."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.count = 0
        self._others = ""
        self._pool: dict[tuple[str, str], list[str]] = {}

    # ---- bodies

    def body(self, resource: type[Resource], who: Person | None = None, full: bool = True) -> Body:
        """A body that is accepted: every field that may be sent, or only those that must be."""
        self.count += 1
        wanted = [field for field in taken(resource) if full or field.required]
        return {field.name: self.value(resource, field, who or self.house.owner) for field in wanted}

    def value(self, resource: type[Resource], field: Field, who: Person) -> Any:
        n = self.count
        hint = HINTS.get((resource.plural, field.name))
        if hint:
            return hint(self, n, who)
        if field.refs:
            found = self.pool(RESOURCES[field.refs], who)
            return found[: 1 + n % 2] if field.kind == "list" else found[n % 2]
        if field.choices:
            return field.choices[n % len(field.choices)]
        return {
            "text": lambda: self._text(field, n),
            "integer": lambda: min((field.least or 0) + n, field.most or n),
            "boolean": lambda: bool(n % 2),
            "time": lambda: iso(FAR + (n % 5) * DAY),
            "list": lambda: [self._text(field, n), self._text(field, n + 1)],
            "map": lambda: {"n": str(n), "same": "same"},
        }[field.kind]()

    def another(self, resource: type[Resource], field: Field, than: Any, who: Person | None = None) -> Any:
        """A valid value that differs from this one."""
        if field.kind == "boolean":
            return not than
        for _ in range(10):
            self.count += 1
            found = self.value(resource, field, who or self.house.owner)
            if found != than:
                return found
        raise AssertionError(f"no other value of {resource.plural}.{field.name} than {than!r}")

    def _text(self, field: Field, n: int) -> str:
        if field.format == "timezone":
            return ZONES[n % len(ZONES)]
        if field.kind == "list" and not field.format:
            return f"item{n}"
        form = FORMATTED[field.format] if field.format in FORMATTED else TEXTS[n % len(TEXTS)]
        return form.format(n=n)[: field.max_length].ljust(field.min_length or 0, ".")

    # ---- records

    def make(self, resource: type[Resource], who: Person | None = None, full: bool = True, **given: Any) -> Any:
        """A record as the answer to its creation shows it."""
        self.house.now += self.count % 3  # some come to be in the same millisecond
        return self.house.make(resource, who, **{**self.body(resource, who, full), **given})

    def some(self, resource: type[Resource], n: int = 6, who: Person | None = None) -> list[Any]:
        """The newest so many rows of any resource, as its list shows them."""
        if "create" in resource.operations:
            for index in range(n):
                self.make(resource, who, full=index % 3 != 0)
        else:
            COMES_ABOUT[resource.plural](self, n, who or self.house.owner)
        found = self.house.call("GET", f"/{resource.path()}", as_=who or "owner", limit=str(n)).data
        assert len(found) == n
        return list(found)

    def one(self, resource: type[Resource], who: Person | None = None) -> Any:
        return self.make(resource, who) if "create" in resource.operations else self.some(resource, 1, who)[0]

    def listed(self, resource: type[Resource], who: Person | None = None, **query: str) -> list[Any]:
        """All rows of a list, whatever their number."""
        reply = self.house.call("GET", f"/{resource.path()}", as_=who or "owner", limit="1000", **query)
        assert reply.status == 200, reply.body
        assert not reply.json["pagination"]["has_more"], "too many for one page: make fewer"
        return list(reply.data)

    def ids(self, resource: type[Resource], **query: str) -> list[str]:
        return [row["id"] for row in self.listed(resource, **query)]

    def pool(self, resource: type[Resource], who: Person) -> list[str]:
        """Two records to refer to."""
        place = (resource.plural, who.email)
        if place not in self._pool:
            self._pool[place] = [self.make(resource, who)["id"] for _ in range(2)]
        return self._pool[place]

    def somebody(self, n: int) -> str:
        """The address of a user who is a member of neither the owner's workspace nor the stranger's."""
        if not self._others:
            self._others = self.house._workspace("Others", "others.example")
        body = {"email": f"somebody{n}@others.example", "name": "Somebody", "password": "not looked at"}
        with self.house.records.transaction(self.house.now) as tx:
            values = {**parse.creation(User.fields, body), "password": HASH}
            return str(write.create(tx, beginning.system_of(self._others), User, values)["email"])


# ---- rows that come to be by themselves


def _host(who: Person) -> str:
    return "elsewhere.example" if who.email.endswith("elsewhere.example") else "go.example"


AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
)


def _visit(samples: Samples, path: str, n: int, who: Person) -> None:
    query = f"utm_source=Letter{n % 3}&sub1=s_{n % 2}" if n % 2 else ""
    headers = {"Host": _host(who), "User-Agent": AGENTS[n % len(AGENTS)]}
    if n % 3:
        headers |= {"Referer": f"https://news{n % 2}.example/100%25_a", "Accept-Language": "de"}
    samples.house.now += n % 2
    samples.house.ask("HEAD" if n % 5 == 4 else "GET", path, query, headers=headers)


def _clicks(samples: Samples, n: int, who: Person) -> None:
    domain = samples.house.call("GET", "/domains", as_=who, host=_host(who)).data[0]["id"]
    slugs = [samples.make(Link, who, full=False, domain_id=domain)["slug"] for _ in range(2)]
    for index in range(n):
        _visit(samples, f"/{slugs[index % 2]}", index, who)
    samples.house.load()


def _missing(samples: Samples, n: int, who: Person) -> None:
    for index in range(n):
        samples.count += 1
        for _ in range(1 + index % 3):
            _visit(samples, f"/Lost-{samples.count}_[*]", index, who)
    samples.house.app.walk.missing.flush_once(samples.house.records, samples.house.clock)


def _changes(samples: Samples, n: int, who: Person) -> None:
    for index in range(n):
        tag = samples.make(Tag, who)
        if index % 2:
            samples.house.call("DELETE", f"/tags/{tag['id']}", as_=who)


def _requests(samples: Samples, n: int, who: Person) -> None:
    for index in range(n):
        samples.house.now += SECOND
        samples.house.call("GET", "/tags" if index % 2 else "/folders/none", as_=who)
    samples.house.load()


def _notifications(samples: Samples, n: int, who: Person) -> None:
    for index in range(n):
        samples.count += 1
        samples.house.now += index % 3
        title, topic = TEXTS[index % len(TEXTS)].format(n=samples.count), TOPICS[index % len(TOPICS)]
        notice = Notice(who.actor.workspace_id, topic, title, ["a line", "another"], None, "/app")
        with samples.house.records.transaction(samples.house.now) as tx:
            tell(tx, samples.house.app.post.send, "", notice, [who.actor.user_id])


def _mails(samples: Samples, n: int, who: Person) -> None:
    for index in range(n):
        samples.count += 1
        samples.house.now += index % 3
        to = [f"person{samples.count}@acme.example" if index % 4 else f"no address {samples.count}"]
        values = {"title": f"100%_{samples.count}", "lines": [], "url": "", "action": "Look"}
        with samples.house.records.transaction(samples.house.now) as tx:
            samples.house.app.post.send(tx, who.actor.workspace_id, to, "notice", values, topic="alerts")


def _deliveries(samples: Samples, n: int, who: Person) -> None:
    """Told, and on their way: nobody sends them here."""
    hook = samples.make(Webhook, who, full=False, events=["tag.*"], url="https://hooks.acme.example/routy")
    _changes(samples, n, who)
    while fan_out_once(samples.house.records, samples.house.clock):
        pass
    samples.house.call("PATCH", f"/webhooks/{hook['id']}", {"events": ["link.limit_reached"]}, as_=who)


COMES_ABOUT: dict[str, Callable[[Samples, int, Person], None]] = {
    "clicks": _clicks,
    "deliveries": _deliveries,
    "missing_slugs": _missing,
    "events": _changes,
    "audit_entries": _changes,
    "mails": _mails,
    "notifications": _notifications,
    "api_requests": _requests,
}


# ---- wrong values


def wrong_values(field: Field) -> list[Any]:
    """Values of other types, beyond the limits, or not of the format; none of them may be stored."""
    wrong: list[Any] = [{"a": {"b": 1}}, [[1]], [{"a": 1}]]
    if field.kind != "boolean":
        wrong += [True]
    if field.kind not in ("integer", "number"):
        wrong += [7, 7.5]
    if not field.nullable:
        wrong += [None]
    return wrong + _WRONG[field.kind](field)


def _wrong_text(field: Field) -> list[Any]:
    if field.choices:
        return ["none of them", "", 1]
    wrong = ["NUL \0 inside", "x" * (field.max_length + 1 if field.max_length else 100_000)]
    wrong += ["x" * (field.min_length - 1)] if field.min_length else []
    return wrong + (["not of \x01 this form"] if field.format in FORMATS else [])


def _wrong_integer(field: Field) -> list[Any]:
    if field.choices:
        return [-1, "302", 302.5]
    limits = [field.least - 1] if field.least is not None else []
    limits += [field.most + 1] if field.most is not None else []
    return ["1", 1.5, 10**18 * 10, *limits]


def _wrong_list(field: Field) -> list[Any]:
    many = [[f"x{n}" for n in range(field.max_length + 1)]] if field.max_length else []
    return ["text", [1], [None], ["NUL \0"], ["x" * 100_000], *many]


_WRONG: dict[str, Callable[[Field], list[Any]]] = {
    "text": _wrong_text,
    "integer": _wrong_integer,
    "boolean": lambda field: ["true", 1, 0],
    "time": lambda field: ["soon", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00", "1969-12-31T23:59:59Z",
                           "9999-12-31T23:59:59-01:00", "2026-01-01T25:00:00Z"],
    "list": _wrong_list,
    "map": lambda field: ["text", {"": "empty"}, {"k" * 65: "long"}, {"k": "v" * 501}, {"k": 1}, {"k": ["v"]},
                          {"k\0": "v"}, {"k": "v\0"}, {f"k{n}": "v" for n in range(51)}],
}  # fmt: skip
