"""What a change of any resource leaves behind, who sees it, and what nobody must ever see."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from routy.records.catalogue import type_of
from routy.resource import Resource
from routy.resources import RESOURCES
from routy.secret import digest
from tests.house import House, Person
from tests.resources.samples import NOBODY, Samples, having, taken

Kind = type[Resource]


@pytest.fixture
def house(samples: Samples) -> House:
    return samples.house


def path(resource: Kind, record: Any = None) -> str:
    return f"/{resource.path()}/{record['id']}" if record else f"/{resource.path()}"


def events(house: House, after: int) -> list[dict[str, Any]]:
    return house.records.rows("SELECT * FROM events WHERE seq > ? ORDER BY seq", (after,))


def entries(house: House, after: int) -> list[dict[str, Any]]:
    return house.records.rows("SELECT * FROM audit_entries WHERE key > ? ORDER BY key", (after,))


def last_entry(house: House) -> int:
    return int((house.records.one("SELECT coalesce(max(key), 0) AS key FROM audit_entries") or {})["key"])


def stamped(house: House, resource: Kind, record_id: str) -> int:
    row = house.records.one(f"SELECT seq FROM {resource.plural} WHERE id = ?", (record_id,))
    return int((row or {})["seq"])


@contextmanager
def leaves(house: House, resource: Kind, action: str, record_id: str = "") -> Iterator[dict[str, Any]]:
    """In this block one record goes through one change, which leaves one event and one audit entry of its own.
    Whatever else is changed by it leaves the same of its own. What it yields takes the request's answer."""
    seq, key = house.last_seq(), last_entry(house)
    done: dict[str, Any] = {}
    yield done
    record_id = record_id or done["reply"].data["id"]
    told, kept = events(house, seq), entries(house, key)
    assert [row["seq"] for row in told] == list(range(seq + 1, seq + 1 + len(told))), "no gap, none twice"
    assert [(e["resource"], e["record_id"]) for e in told] == [(a["resource"], a["record_id"]) for a in kept]
    mine = [row for row in told if row["record_id"] == record_id]
    assert [row["type"] for row in mine] == [f"{resource.singular}.{action}"]
    entry = next(row for row in kept if row["record_id"] == record_id)
    request = done["reply"].headers["X-Request-Id"]
    assert (entry["action"], entry["request_id"], entry["ip"]) == (action, request, "73.8.8.8")
    assert (mine[0]["request_id"], mine[0]["actor"], entry["actor"]) == (request, done["actor"], done["actor"])
    if action != "purged":
        assert stamped(house, resource, record_id) == mine[0]["seq"]
    done |= {"event": json.loads(mine[0]["data"]), "changes": json.loads(entry["changes"])}


def token_of(house: House, person: Person) -> str:
    row = house.records.one("SELECT id FROM tokens WHERE secret_sha256 = ?", (digest(person.token),))
    return str((row or {})["id"])


# ---- events and audit entries


@having("create")
def test_a_creation_leaves_its_event_and_its_audit_entry(house: House, samples: Samples, resource: Kind) -> None:
    body = samples.body(resource)
    with leaves(house, resource, "created") as done:
        done |= {"reply": house.call("POST", path(resource), body), "actor": token_of(house, house.owner)}
    made = house.call("GET", path(resource, done["reply"].data)).data
    assert done["event"] == made
    for name, change in done["changes"].items():
        assert change["before"] is None
        assert name not in made or change["after"] == made[name]
    assert {name for name in body if made.get(name) is not None} <= set(done["changes"])


@having("update")
def test_a_change_tells_what_was_and_what_is(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource, metadata={"a": "1"})
    with leaves(house, resource, "updated") as done:
        reply = house.call("PATCH", path(resource, record), {"metadata": {"a": "2"}}, house.owner)
        done |= {"reply": reply, "actor": token_of(house, house.owner)}
    assert done["changes"] == {"metadata": {"before": {"a": "1"}, "after": {"a": "2"}}}
    assert done["event"] == done["reply"].data


@having("delete", "restore")
def test_the_trash_leaves_its_traces_too(house: House, samples: Samples, resource: Kind) -> None:
    record, actor = samples.make(resource), token_of(house, house.owner)
    with leaves(house, resource, "deleted", record["id"]) as done:
        done |= {"reply": house.call("DELETE", path(resource, record)), "actor": actor}
    assert list(done["changes"]) == ["deleted_at"]
    with leaves(house, resource, "restored") as done:
        done |= {"reply": house.call("POST", f"{path(resource, record)}/restoration"), "actor": actor}
    assert list(done["changes"]) == ["deleted_at"]
    if resource.plural == "workspaces":
        return
    confirm = house.call("DELETE", path(resource, record), permanent="true").error["confirm"]
    with leaves(house, resource, "purged", record["id"]) as done:
        reply = house.call("DELETE", path(resource, record), permanent="true", confirm=confirm)
        done |= {"reply": reply, "actor": actor}


@having("create")
def test_the_events_of_a_resource_are_declared(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    house.call("PATCH", path(resource, record), {"metadata": {"a": "1"}})
    house.call("DELETE", path(resource, record))
    house.call("POST", f"{path(resource, record)}/restoration")
    told = house.records.rows("SELECT DISTINCT type FROM events WHERE resource = ?", (resource.plural,))
    declared = {type_of(resource, event) for event in resource.events}
    assert {row["type"] for row in told} | {f"{resource.singular}.purged"} == declared


@having("create")
def test_a_change_whose_audit_entry_cannot_be_written_does_not_happen(
    house: House, samples: Samples, resource: Kind
) -> None:
    record, body = samples.make(resource), samples.body(resource)
    for table in ("events", "audit_entries"):
        house.records.script(
            f"CREATE TRIGGER refuse BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
        try:
            with house.unchanged():
                assert house.call("POST", path(resource), body).status == 500
                assert house.call("PATCH", path(resource, record), {"metadata": {"a": "1"}}).status == 500
                assert house.call("DELETE", path(resource, record)).status == 500
        finally:
            house.records.script("DROP TRIGGER refuse")
    assert house.call("POST", path(resource), body).status == 201


@having("batch")
def test_each_item_of_a_batch_leaves_its_own_traces(house: House, samples: Samples, resource: Kind) -> None:
    items = [samples.body(resource) for _ in range(3)]
    seq, key = house.last_seq(), last_entry(house)
    made = house.call("POST", f"{path(resource)}/batch", {"items": items}).data
    told = [row["record_id"] for row in events(house, seq) if row["type"] == f"{resource.singular}.created"]
    assert told == [result["data"]["id"] for result in made]
    assert [stamped(house, resource, one) for one in told] == sorted(stamped(house, resource, one) for one in told)
    assert len(entries(house, key)) == len(events(house, seq))


def test_a_failure_says_nothing_of_its_cause(house: House, samples: Samples) -> None:
    house.records.script(
        "CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'a secret of the house'); END"
    )
    try:
        reply = house.call("POST", "/tags", {"name": "fault"})
    finally:
        house.records.script("DROP TRIGGER refuse")
    assert (reply.status, reply.error["code"], reply.error["details"]) == (500, "INTERNAL", [])
    assert b"secret" not in reply.body and b"Trace" not in reply.body
    assert reply.error["request_id"] == reply.headers["X-Request-Id"]


# ---- strangers


@having("list")
def test_a_list_never_shows_what_is_another_workspaces(house: House, samples: Samples, resource: Kind) -> None:
    mine, theirs = samples.one(resource)["id"], samples.one(resource, house.stranger)["id"]
    assert samples.ids(resource, id=f"{mine},{theirs}") == [mine]
    assert [row["id"] for row in samples.listed(resource, house.stranger, id=f"{mine},{theirs}")] == [theirs]
    if "deleted_at" in resource.fields and "delete" in resource.operations:
        house.call("DELETE", path(resource, {"id": theirs}), as_=house.stranger)
        assert samples.ids(resource, **{"id": theirs, "deleted_at[null]": "false"}) == []


@having("get")
def test_what_is_another_workspaces_is_a_404(house: House, samples: Samples, resource: Kind) -> None:
    theirs = samples.one(resource, house.stranger)
    there = path(resource, theirs)
    nowhere = path(resource, {"id": f"{resource.prefix}_{NOBODY}"})
    asked: list[tuple[str, str, Any]] = [("GET", "", None)]
    asked += [("PATCH", "", {"metadata": {"a": "1"}})] if "update" in resource.operations else []
    asked += [("DELETE", "", None)] if "delete" in resource.operations else []
    asked += [("POST", "/restoration", None)] if "restore" in resource.operations else []
    with house.unchanged():
        for method, more, body in asked:
            theirs_, none = house.call(method, there + more, body), house.call(method, nowhere + more, body)
            assert (theirs_.status, theirs_.error["code"]) == (404, "NOT_FOUND")
            assert said(theirs_, theirs["id"]) == said(none, f"{resource.prefix}_{NOBODY}"), (
                "told apart from nothing"
            )
    assert house.call("GET", there, as_=house.stranger).status == 200


def said(reply: Any, record_id: str) -> str:
    return str(reply.error["message"]).replace(record_id, "ID")


@having("list")
def test_a_filter_by_another_workspaces_record_finds_nothing(
    house: House, samples: Samples, resource: Kind
) -> None:
    samples.one(resource)
    for field in resource.fields.values():
        if field.refs and "eq" in field.operators:
            theirs = samples.one(RESOURCES[field.refs], house.stranger)["id"]
            assert samples.listed(resource, **{field.name: theirs}) == []


# ---- secrets


@having("create")
def test_a_secret_is_nowhere_but_in_the_answer_that_shows_it(
    house: House, samples: Samples, resource: Kind
) -> None:
    body = samples.body(resource)
    hidden = [f.name for f in taken(resource) if f.write_only]
    body |= {name: f"Hush-{resource.plural}-{name}-0123456789" for name in hidden}
    key = {"Idempotency-Key": f"secret-{resource.plural}"}
    reply = house.call("POST", path(resource), body, headers=key)
    again = house.call("POST", path(resource), body, headers=key)
    once = [reply.data[field.name] for field in resource.fields.values() if field.once]
    house.call("PATCH", path(resource, reply.data), {name: f"{body[name]}-2" for name in hidden})
    house.load()
    secrets = [*(body[name] for name in hidden), *once]
    seen = everything_stored(house) + again.body + house.call("GET", path(resource)).body
    for secret in secrets:
        assert str(secret).encode() not in seen, "a secret is stored or shown again"
    assert not set(hidden) & set(house.call("GET", path(resource, reply.data)).data)


@having("create")
def test_the_hash_of_a_secret_is_in_its_own_table_alone(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    private = [field.name for field in resource.fields.values() if field.column and not field.shown]
    row = house.records.one(f"SELECT * FROM {resource.plural} WHERE id = ?", (record["id"],)) or {}
    house.call("PATCH", path(resource, record), {"metadata": {"a": "1"}})
    lists = ("/events", "/audit-entries", path(resource))
    told = b"".join(house.call("GET", there, limit="1000").body for there in lists)
    for name in private:
        value = str(row[name])
        assert name == "slug_key" or value in ("None", "") or value.encode() not in told, name


@having("update")
def test_the_audit_log_says_that_a_secret_changed_and_no_more(
    house: House, samples: Samples, resource: Kind
) -> None:
    for field in (field for field in taken(resource) if field.write_only and not field.transient):
        record, actor = samples.make(resource), token_of(house, house.owner)
        with leaves(house, resource, "updated") as done:
            wanted = {field.name: samples.another(resource, field, None)}
            done |= {"reply": house.call("PATCH", path(resource, record), wanted), "actor": actor}
        assert done["changes"] == {field.name: {"before": "(hidden)", "after": "(hidden)"}}


def everything_stored(house: House) -> bytes:
    """Every cell of the record store, every line of the spools, and the log of requests."""
    tables = [row["name"] for row in house.records.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    cells = [row for table in tables for row in house.records.rows(f"SELECT * FROM {table}")]
    spools = [file.read_bytes() for file in (house.path / "spool").rglob("*") if file.is_file()]
    log = house.call("GET", "/api-requests", limit="1000").body
    return repr(cells).encode() + b"".join(spools) + log


# ---- tables


@pytest.mark.parametrize(
    "resource", [one for one in RESOURCES.values() if one.store == "records"], ids=lambda one: one.plural
)
def test_the_table_of_a_resource_is_what_it_declares(house: House, resource: Kind) -> None:
    found = {row["name"]: row for row in house.records.rows(f"PRAGMA table_info({resource.plural})")}
    declared = {field.name: field for field in resource.fields.values() if field.column}
    common = {"key", "workspace_id", "seq"} if "version" in declared else {"key", "workspace_id"}
    common -= {"key"} if resource.feed else set()
    assert set(found) == {*declared, *common}
    for name, field in declared.items():
        kind = {"integer": "INTEGER", "boolean": "INTEGER", "time": "INTEGER", "number": "REAL"}.get(
            field.kind, "TEXT"
        )
        assert found[name]["type"] == kind, name
        may_be_empty = (field.nullable and not field.filled) or field.hashed
        assert bool(found[name]["notnull"] or found[name]["pk"]) != may_be_empty, name
    for field in resource.fields.values():
        if field.through:
            columns = {row["name"] for row in house.records.rows(f"PRAGMA table_info({field.through})")}
            assert columns == {f"{resource.prefix}_id", field.name.removesuffix("s")}
