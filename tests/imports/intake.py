"""What tests of imports do again and again: make one, send its file, run it, look at its rows."""

from typing import Any

from routy.imports.work import import_once
from tests.house import House, Person, Reply


def send(house: House, import_id: str, content: str | bytes, as_: Person | None = None, **headers: str) -> Reply:
    raw = content.encode() if isinstance(content, str) else content
    given = {"Content-Type": "text/csv", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return house.call("PUT", f"/imports/{import_id}/file", raw, as_ or house.owner, given, name="rows.csv")


def begin(house: House, content: str | bytes, resource: str = "links", **more: Any) -> Any:
    """An import with its file, as it is then."""
    made = house.call("POST", "/imports", {"resource": resource, **more})
    assert made.status == 201, made.body
    sent = send(house, made.data["id"], content)
    assert sent.status == 200, sent.body
    return sent.data


def start(house: House, one: Any, dry_run: bool = False) -> Reply:
    return house.call("POST", f"/imports/{one['id']}/runs", {"dry_run": dry_run})


def work(house: House) -> None:
    while import_once(house.app.intake):
        pass


def run(house: House, one: Any, dry_run: bool = False) -> Any:
    """The import as it is when the worker has done it."""
    reply = start(house, one, dry_run)
    assert reply.status == 202, reply.body
    work(house)
    return house.call("GET", f"/imports/{one['id']}").data


def take(house: House, content: str | bytes, resource: str = "links", **more: Any) -> Any:
    """From a file to its end in one go."""
    return run(house, begin(house, content, resource, **more))


def reverse(house: House, one: Any) -> Any:
    reply = house.call("POST", f"/imports/{one['id']}/reversal")
    assert reply.status == 202, reply.body
    work(house)
    return house.call("GET", f"/imports/{one['id']}").data


def rows(house: House, one: Any, **query: str) -> list[dict[str, Any]]:
    return list(house.call("GET", f"/imports/{one['id']}/rows", **query).data)


def counts(one: Any) -> dict[str, int]:
    """Only those that are not zero."""
    names = ("created", "updated", "unchanged", "failed", "reversed", "kept")
    return {name: one[f"{name}_rows"] for name in names if one[f"{name}_rows"]}


def wrong(house: House, one: Any) -> list[tuple[int, set[str]]]:
    """Line and fields of the rows that failed."""
    failed = rows(house, one, status="failed")
    return [(row["line"], {error["field"] for error in row["errors"]}) for row in failed]


def slugs(house: House) -> dict[str, str]:
    return {row["slug"]: row["destination"] for row in house.call("GET", "/links", limit="1000").data}
