"""What every resource does with a write, by its declaration alone (api.md, "The same on every write")."""

from typing import Any

import pytest

from routy.api.endpoints import ENDPOINTS
from routy.clock import DAY, HOUR, MINUTE
from routy.resource import Resource
from routy.resources import RESOURCES
from tests.house import House, Reply
from tests.resources.samples import NOBODY, Samples, changeable, having, lacking, references, taken, wrong_values

Kind = type[Resource]
HELD = ("workspaces",)  # their memberships, even those in the trash, still name them


@pytest.fixture
def house(samples: Samples) -> House:
    return samples.house


def path(resource: Kind, record: Any = None, more: str = "") -> str:
    one = f"/{record['id']}" if record else ""
    return f"/{resource.path()}{one}{more}"


def get(house: House, resource: Kind, record: Any) -> Any:
    return house.call("GET", path(resource, record)).data


def refused(reply: Reply, status: int, *fields: str) -> bool:
    """Whether a refusal has its status and names exactly these fields."""
    assert (reply.status, reply.fields) == (status, set(fields)), reply.body
    return True


def plain(resource: Kind, record: Any) -> Any:
    """A record without what changes with every change, without what follows from other fields and what is shown
    once."""
    derived = {one.name for one in resource.computed}
    derived |= {field.name for field in resource.fields.values() if field.joined or field.once}
    return {name: value for name, value in record.items() if name not in {*derived, "version", "updated_at"}}


# ---- create


@having("create")
def test_what_is_sent_is_what_is_stored_and_shown(house: House, samples: Samples, resource: Kind) -> None:
    body = samples.body(resource)
    made = house.make(resource, **body)
    shown = {name: value for name, value in body.items() if resource.fields[name].shown}
    assert {name: made[name] for name in shown} == shown
    assert not set(made).intersection(set(body) - set(shown)), "what is write-only is not shown"


@having("create", "get")
def test_the_answer_to_a_creation_says_where_the_record_is(house: House, samples: Samples, resource: Kind) -> None:
    reply = house.call("POST", path(resource), samples.body(resource))
    found = house.call("GET", reply.headers["Location"])
    once = {field.name for field in resource.fields.values() if field.once}
    assert found.data == {name: value for name, value in reply.data.items() if name not in once}
    assert once <= set(reply.data)
    assert reply.headers["ETag"] == found.headers["ETag"] == '"1"'
    assert reply.data["version"] == 1


@having("create")
def test_required_fields_are_enough(house: House, samples: Samples, resource: Kind) -> None:
    made = house.make(resource, **samples.body(resource, full=False))
    left = [f for f in taken(resource) if f.shown and not f.required and not f.filled and not f.joined]
    unless_first = {field.name: field.default for field in left}
    assert {field.name: made[field.name] for field in left} == unless_first
    filled = [made[field.name] for field in taken(resource) if field.filled]
    assert None not in filled


@having("create")
def test_every_missing_field_is_named(house: House, samples: Samples, resource: Kind) -> None:
    required = [field.name for field in taken(resource) if field.required]
    assert required
    body = samples.body(resource)
    with house.unchanged():
        assert refused(house.call("POST", path(resource), {}), 400, *required)
        for name in required:
            without = {key: value for key, value in body.items() if key != name}
            assert refused(house.call("POST", path(resource), without), 400, name)


@having("create")
def test_every_wrong_value_is_named_and_nothing_is_stored(house: House, samples: Samples, resource: Kind) -> None:
    body = samples.body(resource)
    with house.unchanged():
        for field in taken(resource):
            for value in wrong_values(field):
                assert refused(house.call("POST", path(resource), {**body, field.name: value}), 400, field.name)


@having("create")
def test_all_errors_are_told_at_once(house: House, resource: Kind) -> None:
    body = {field.name: {"a": {"b": 1}} for field in taken(resource)}
    with house.unchanged():
        assert refused(
            house.call("POST", path(resource), {**body, "colour": 1, "id": 1}), 400, *body, "colour", "id"
        )


@having("create")
def test_what_may_not_be_sent_is_refused_by_name(house: House, samples: Samples, resource: Kind) -> None:
    untaken = [field.name for field in resource.fields.values() if not field.taken]
    extra = [*untaken, *(one.name for one in resource.computed), "colour", "", "workspace_id", "key", "seq"]
    body = samples.body(resource)
    with house.unchanged():
        assert refused(house.call("POST", path(resource), {**body, **dict.fromkeys(extra)}), 400, *extra)


@having("create")
@pytest.mark.parametrize("body", [[], "text", 5, None, True, [{}]], ids=repr)
def test_a_body_is_an_object(house: House, resource: Kind, body: Any) -> None:
    raw = b"null" if body is None else body
    with house.unchanged():
        assert refused(house.call("POST", path(resource), raw), 400, "body")


@having("create", "external")
def test_an_external_id_is_unique_among_the_living_of_a_workspace(
    house: House, samples: Samples, resource: Kind
) -> None:
    first = samples.make(resource, external_id="crm-1")
    body = {**samples.body(resource), "external_id": "crm-1"}
    with house.unchanged():
        assert refused(house.call("POST", path(resource), body), 409, "external_id")
    samples.make(resource, house.stranger, external_id="crm-1")
    house.call("DELETE", path(resource, first))
    samples.make(resource, external_id="crm-1")
    if "restore" in resource.operations:
        with house.unchanged():
            assert refused(house.call("POST", path(resource, first, "/restoration")), 409, "external_id")


# ---- change


@having("update")
def test_a_patch_changes_the_field_it_names_and_no_other(house: House, samples: Samples, resource: Kind) -> None:
    for field in changeable(resource):
        record = samples.make(resource)
        wanted = samples.another(resource, field, record.get(field.name))
        reply = house.call("PATCH", path(resource, record), {field.name: wanted})
        assert reply.status == 200, (field.name, reply.body)
        before, after = plain(resource, get(house, resource, record)), plain(resource, reply.data)
        assert before == after, "the answer is the record as it is now"
        if field.kind == "map":
            wanted = {**record[field.name], **wanted}
        if field.through:
            wanted = sorted(wanted)
        expected = {**record, field.name: wanted} if field.shown else record
        assert after == {name: plain(resource, expected)[name] for name in after}, field.name
        assert (reply.data["version"], reply.headers["ETag"]) == (2, '"2"')


@having("update")
def test_the_same_references_in_another_order_are_no_change(house: House, samples: Samples, resource: Kind) -> None:
    for field in (field for field in changeable(resource) if field.through):
        record = samples.make(resource)
        two = samples.pool(RESOURCES[str(field.refs)], house.owner)[:2]
        house.call("PATCH", path(resource, record), {field.name: two})
        before = get(house, resource, record)
        assert len(before[field.name]) == 2
        with house.unchanged():
            reply = house.call("PATCH", path(resource, record), {field.name: before[field.name][::-1]})
        assert (reply.status, reply.data) == (200, before)


@having("update")
def test_null_empties_a_field_and_is_refused_where_it_cannot_be_empty(
    house: House, samples: Samples, resource: Kind
) -> None:
    for field in changeable(resource):
        record = samples.make(resource)
        reply = house.call("PATCH", path(resource, record), {field.name: None})
        if not field.nullable or field.filled:
            assert refused(reply, 400, field.name)
            assert get(house, resource, record)["version"] == 1
        else:
            assert reply.status == 200, (field.name, reply.body)
            assert not field.shown or reply.data[field.name] is None


@having("update")
def test_a_patch_that_changes_nothing_leaves_no_trace(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    same = {field.name: record[field.name] for field in changeable(resource) if field.shown}
    with house.unchanged():
        for body in ({}, same):
            reply = house.call("PATCH", path(resource, record), body)
            assert (reply.status, reply.data["version"]) == (200, 1)


@having("update")
def test_metadata_is_merged_key_by_key(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource, metadata={"a": "1", "b": "2"})
    patched = house.call("PATCH", path(resource, record), {"metadata": {"a": None, "c": "3", "none": None}})
    assert patched.data["metadata"] == {"b": "2", "c": "3"}
    many = {f"k{n}": "v" for n in range(49)}
    with house.unchanged():
        assert refused(house.call("PATCH", path(resource, record), {"metadata": many}), 400, "metadata")
    replaced = house.call("PATCH", path(resource, record), {"metadata": {**many, "c": None}})
    assert len(replaced.data["metadata"]) == 50


@having("update")
def test_a_wrong_patch_is_refused_field_by_field(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    with house.unchanged():
        for field in changeable(resource):
            for value in wrong_values(field):
                reply = house.call("PATCH", path(resource, record), {field.name: value})
                assert refused(reply, 400, field.name)


@having("update")
def test_a_patch_refuses_what_may_not_be_changed(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    fixed = {f.name: samples.another(resource, f, None) for f in taken(resource) if f.create_only}
    untaken = [field.name for field in resource.fields.values() if not field.taken]
    extra = dict.fromkeys((*untaken, *(one.name for one in resource.computed), "colour"))
    with house.unchanged():
        reply = house.call("PATCH", path(resource, record), {**fixed, **extra})
        assert refused(reply, 400, *fixed, *extra)


@having("external")
def test_put_creates_once_and_changes_what_is_given_from_then_on(
    house: House, samples: Samples, resource: Kind
) -> None:
    body = {name: value for name, value in samples.body(resource).items() if name != "external_id"}
    place = f"{path(resource)}/external/mine-1"
    first = house.call("PUT", place, body)
    assert (first.status, first.data["external_id"]) == (201, "mine-1")
    assert house.call("GET", first.headers["Location"]).data["id"] == first.data["id"]
    with house.unchanged():
        again = house.call("PUT", place, {**body, "external_id": "mine-1"})
        shown_once = {field.name for field in resource.fields.values() if field.once}
        assert again.status == 200
        assert again.data == {name: value for name, value in first.data.items() if name not in shown_once}
    required = {name: value for name, value in body.items() if resource.fields[name].required}
    changed = house.call("PUT", place, {**required, "metadata": {"put": "2"}})
    assert (changed.status, changed.data["id"], changed.data["version"]) == (200, first.data["id"], 2)
    assert plain(resource, changed.data) == {**plain(resource, first.data), "metadata": changed.data["metadata"]}
    assert changed.data["metadata"]["put"] == "2"


@having("external")
def test_a_wrong_put_is_refused(house: House, samples: Samples, resource: Kind) -> None:
    body = {name: value for name, value in samples.body(resource).items() if name != "external_id"}
    place = f"{path(resource)}/external/wrong-1"
    required = [field.name for field in taken(resource) if field.required]
    with house.unchanged():
        assert refused(house.call("PUT", place, {}), 400, *required)
        assert refused(house.call("PUT", place, {**body, "external_id": "another"}), 400, "external_id")
        assert refused(house.call("PUT", place, {**body, "colour": 1}), 400, "colour")
        assert refused(house.call("PUT", f"{path(resource)}/external/{'x' * 256}", body), 400, "external_id")
        for text in ("a\x01b", "\n", "a\n", "a\nb"):
            assert refused(house.call("PUT", f"{path(resource)}/external/{text}", body), 400, "external_id")
        assert refused(house.call("PUT", place, body, headers={"If-Match": '"1"'}), 412)


@having("external")
def test_external_ids_of_another_workspace_are_others(house: House, samples: Samples, resource: Kind) -> None:
    place = f"{path(resource)}/external/shared-1"
    mine = house.call("PUT", place, {**samples.body(resource), "external_id": "shared-1"})
    body = {**samples.body(resource, house.stranger), "external_id": "shared-1"}
    theirs = house.call("PUT", place, body, house.stranger)
    assert (mine.status, theirs.status) == (201, 201), theirs.body
    assert mine.data["id"] != theirs.data["id"]


# ---- If-Match


@having("update", "delete")
def test_if_match_lets_only_the_last_version_be_changed(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    there = path(resource, record)

    def patch(version: str, **metadata: str) -> Reply:
        return house.call("PATCH", there, {"metadata": metadata}, headers={"If-Match": version})

    assert patch('"1"', a="1").status == 200
    with house.unchanged():
        for old in ('"1"', '"3"', "1", '"0"', '"999999999999999999"'):
            assert refused(patch(old, b="2"), 412)
            assert refused(house.call("DELETE", there, headers={"If-Match": old}), 412)
        for garbage in ("", "x", '"two"', '"1', "-1", '"1", "2"', "²", '"' + "9" * 30 + '"'):
            assert refused(patch(garbage, b="2"), 400, "If-Match")
            assert refused(house.call("DELETE", there, headers={"If-Match": garbage}), 400, "If-Match")
    assert [patch(fits, c=fits).status for fits in ('"2"', "3", 'W/"4"', "*")] == [200] * 4
    assert house.call("DELETE", there, headers={"If-Match": '"6"'}).status == 204


@having("external")
def test_if_match_holds_for_put(house: House, samples: Samples, resource: Kind) -> None:
    place = f"{path(resource)}/external/versioned"
    body = {**samples.body(resource), "external_id": "versioned", "metadata": {}}
    house.call("PUT", place, body)
    changed = {**body, "metadata": {"a": "1"}}
    with house.unchanged():
        assert refused(house.call("PUT", place, changed, headers={"If-Match": '"2"'}), 412)
    assert house.call("PUT", place, changed, headers={"If-Match": '"1"'}).data["version"] == 2


# ---- trash


@having("delete", "restore")
def test_a_deleted_record_goes_to_the_trash_and_comes_back(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    there = path(resource, record)
    deleted = house.call("DELETE", there)
    assert (deleted.status, deleted.body) == (204, b"")
    assert refused(house.call("GET", there), 404)
    assert refused(house.call("PATCH", there, {"metadata": {}}), 404)
    assert refused(house.call("DELETE", there), 404)
    assert samples.ids(resource, id=record["id"]) == []
    assert samples.ids(resource, **{"id": record["id"], "deleted_at[null]": "false"}) == [record["id"]]
    restored = house.call("POST", f"{there}/restoration")
    assert (restored.status, restored.headers["ETag"]) == (200, '"3"')
    assert plain(resource, restored.data) == plain(resource, {**get(house, resource, record)})
    assert restored.data["deleted_at"] is None
    assert samples.ids(resource, id=record["id"]) == [record["id"]]
    with house.unchanged():
        assert refused(house.call("POST", f"{there}/restoration"), 409)


@having("delete", "restore")
def test_a_restored_record_is_what_it_was(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    house.call("DELETE", path(resource, record))
    restored = house.call("POST", path(resource, record, "/restoration")).data
    assert plain(resource, restored) == {n: v for n, v in plain(resource, record).items() if n in restored}


@having("restore")
def test_a_restoration_needs_a_record_the_right_version_and_the_time_of_the_trash(
    house: House, samples: Samples, resource: Kind
) -> None:
    record = samples.make(resource)
    there = path(resource, record, "/restoration")
    house.call("DELETE", path(resource, record))
    with house.unchanged():
        assert refused(house.call("POST", f"{path(resource)}/{resource.prefix}_{NOBODY}/restoration"), 404)
        assert refused(house.call("POST", there, as_=house.stranger), 404)
        assert refused(house.call("POST", there, headers={"If-Match": '"1"'}), 412)
    house.now += 30 * DAY + 1
    with house.unchanged():
        assert refused(house.call("POST", there), 410)
    house.now -= 1
    assert house.call("POST", there, headers={"If-Match": '"2"'}).status == 200


@having("delete", "restore")
def test_deletion_for_good_has_to_be_confirmed(house: House, samples: Samples, resource: Kind) -> None:
    record, other = samples.make(resource), samples.make(resource)
    there = path(resource, record)

    def purge(which: Any, confirm: str | None = None) -> Reply:
        more = {"confirm": confirm} if confirm is not None else {}
        return house.call("DELETE", path(resource, which), permanent="true", **more)

    with house.unchanged():
        asked = purge(record)
        assert (asked.status, asked.error["code"], asked.error["count"]) == (409, "CONFIRMATION_REQUIRED", 1)
        assert purge(record, purge(other).error["confirm"]).error["code"] == "CONFIRMATION_REQUIRED"
        stranger = house.call("DELETE", there, as_=house.stranger, permanent="true", confirm=asked.error["confirm"])
        assert refused(stranger, 404)
        for garbage in ("", "x", asked.error["confirm"] + "x", asked.error["confirm"][:-9]):
            assert refused(purge(record, garbage), 400, "confirm")
    if resource.plural in HELD:
        assert refused(purge(record, asked.error["confirm"]), 409)
        return
    assert purge(record, asked.error["confirm"]).status == 204
    assert samples.ids(resource, **{"id": record["id"], "deleted_at[null]": "false"}) == []
    assert refused(house.call("POST", f"{there}/restoration"), 404)
    assert refused(purge(record, asked.error["confirm"]), 404)


@having("delete", "restore")
def test_a_confirmation_lasts_five_minutes(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    confirm = house.call("DELETE", path(resource, record), permanent="true").error["confirm"]
    house.now += 5 * MINUTE + 1000
    with house.unchanged():
        late = house.call("DELETE", path(resource, record), permanent="true", confirm=confirm)
        assert refused(late, 400, "confirm")


@having("delete")
def test_deleting_takes_only_its_own_parameters(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.one(resource)
    with house.unchanged():
        reply = house.call("DELETE", path(resource, record), colour="red", fields="id")
        assert refused(reply, 400, "colour", "fields")


@having("delete")
def test_what_has_no_trash_is_gone_at_once(house: House, samples: Samples, resource: Kind) -> None:
    if "restore" in resource.operations:
        return
    record = samples.one(resource)
    assert house.call("DELETE", path(resource, record)).status == 204
    assert refused(house.call("GET", path(resource, record)), 404)
    assert refused(house.call("DELETE", path(resource, record)), 404)
    assert samples.ids(resource, id=record["id"]) == []


# ---- Idempotency-Key


@having("create")
def test_a_creation_sent_twice_is_done_once(house: House, samples: Samples, resource: Kind) -> None:
    key = {"Idempotency-Key": f"once-{resource.plural}"}
    body = samples.body(resource)
    first = house.call("POST", path(resource), body, headers=key)
    assert first.status == 201
    with house.unchanged():
        second = house.call("POST", path(resource), body, headers=key)
    once = {field.name for field in resource.fields.values() if field.once}
    kept = {name: value for name, value in first.data.items() if name not in once}
    assert second.data == ({**kept, "secret_shown": True} if once else kept)
    assert (second.status, second.headers["Location"]) == (201, first.headers["Location"])
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert samples.ids(resource, id=first.data["id"]) == [first.data["id"]]


@having("create")
def test_a_key_that_was_used_for_something_else_is_refused(house: House, samples: Samples, resource: Kind) -> None:
    key = {"Idempotency-Key": f"other-{resource.plural}"}
    house.call("POST", path(resource), samples.body(resource), headers=key)
    body = samples.body(resource)
    with house.unchanged():
        other = house.call("POST", path(resource), body, headers=key)
        assert (other.status, other.error["code"]) == (409, "IDEMPOTENCY_MISMATCH")


@having("create")
def test_a_key_is_of_one_credential_and_of_one_day(house: House, samples: Samples, resource: Kind) -> None:
    key = {"Idempotency-Key": f"day-{resource.plural}"}
    mine = house.call("POST", path(resource), samples.body(resource), headers=key)
    theirs = house.call("POST", path(resource), samples.body(resource, house.stranger), house.stranger, key)
    house.now += 24 * HOUR
    later = house.call("POST", path(resource), samples.body(resource), headers=key)
    assert [reply.status for reply in (mine, theirs, later)] == [201] * 3
    assert len({reply.data["id"] for reply in (mine, theirs, later)}) == 3


@having("create")
def test_a_refused_creation_uses_up_no_key(house: House, samples: Samples, resource: Kind) -> None:
    key, body = {"Idempotency-Key": f"refused-{resource.plural}"}, samples.body(resource)
    with house.unchanged():
        assert house.call("POST", path(resource), {}, headers=key).status == 400
        for wrong in ("", " ", "a b", "ü", "x" * 256):
            reply = house.call("POST", path(resource), body, headers={"Idempotency-Key": wrong})
            assert refused(reply, 400, "Idempotency-Key")
    assert house.call("POST", path(resource), body, headers=key).status == 201


# ---- batch


@having("batch")
def test_a_batch_does_what_it_can_and_answers_item_by_item(house: House, samples: Samples, resource: Kind) -> None:
    good = [samples.body(resource) for _ in range(3)]
    items = [good[0], {}, good[1], "text", {**good[0], "colour": 1}, good[2]]
    before = house.last_seq()
    reply = house.call("POST", path(resource, more="/batch"), {"items": items})
    assert reply.status == 200
    assert [result["index"] for result in reply.data] == [0, 1, 2, 3, 4, 5]
    assert [result["status"] for result in reply.data] == [201, 400, 201, 400, 400, 201]
    assert {d["field"] for d in reply.data[4]["error"]["details"]} == {"colour"}
    made = [result["data"] for result in reply.data if "data" in result]
    assert [samples.ids(resource, id=record["id"]) for record in made] == [[record["id"]] for record in made]
    assert house.events(before).count(f"{resource.singular}.created") == 3


@having("batch")
def test_an_atomic_batch_does_all_or_nothing(house: House, samples: Samples, resource: Kind) -> None:
    good = [samples.body(resource) for _ in range(2)]
    with house.unchanged():
        reply = house.call("POST", path(resource, more="/batch"), {"items": [good[0], {}, good[1]], "atomic": True})
        assert [result["status"] for result in reply.data] == [409, 400, 409]
        assert not any("data" in result for result in reply.data)
    done = house.call("POST", path(resource, more="/batch"), {"items": good, "atomic": True})
    assert [result["status"] for result in done.data] == [201, 201]


@having("batch")
def test_an_item_that_collides_with_another_fails_alone(house: House, samples: Samples, resource: Kind) -> None:
    items = [{**samples.body(resource), "external_id": name} for name in ("batch-1", "batch-1", "batch-2")]
    reply = house.call("POST", path(resource, more="/batch"), {"items": items})
    assert [result["status"] for result in reply.data] == [201, 409, 201]
    found = [row["external_id"] for row in samples.listed(resource, external_id="batch-1,batch-2")]
    assert sorted(found) == ["batch-1", "batch-2"]


@having("batch")
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_batch_has_one_form_and_at_most_a_thousand_items(house: House, resource: Kind, method: str) -> None:
    there = path(resource, more="/batch")
    with house.unchanged():
        for items in ([{}] * 1001, [], {}, "text", None, 5):
            assert refused(house.call(method, there, {"items": items}), 400, "items")
        assert refused(house.call(method, there, {"items": [{}], "atomic": "yes", "x": 1}), 400, "atomic", "x")
        assert refused(house.call(method, there, []), 400, "body")
        assert house.call(method, there, {"items": [{}] * 1000}).status == 200


@having("batch")
def test_a_batch_sent_twice_is_done_once(house: House, samples: Samples, resource: Kind) -> None:
    body = {"items": [samples.body(resource), {}]}
    key = {"Idempotency-Key": f"batch-{resource.plural}"}
    first = house.call("POST", path(resource, more="/batch"), body, headers=key)
    with house.unchanged():
        assert house.call("POST", path(resource, more="/batch"), body, headers=key).data == first.data
        other = house.call("POST", path(resource, more="/batch"), {"items": [{}]}, headers=key)
        assert other.error["code"] == "IDEMPOTENCY_MISMATCH"


@having("batch", "update")
def test_a_batch_of_changes_changes_what_it_can(house: House, samples: Samples, resource: Kind) -> None:
    mine, gone = [samples.make(resource, metadata={}) for _ in range(2)], samples.make(resource)
    house.call("DELETE", path(resource, gone))
    theirs = samples.make(resource, house.stranger)
    change = {"metadata": {"seen": "yes"}}
    ids = [mine[0]["id"], f"{resource.prefix}_{NOBODY}", theirs["id"], gone["id"], "x", mine[1]["id"]]
    items = [*({"id": one, **change} for one in ids), change, {"id": 5}, {"id": mine[0]["id"], "colour": 1}]
    before = house.last_seq()
    reply = house.call("PATCH", path(resource, more="/batch"), {"items": items})
    assert [r["status"] for r in reply.data] == [200, 404, 404, 404, 404, 200, 400, 400, 400]
    assert house.events(before) == [f"{resource.singular}.updated"] * 2
    assert [get(house, resource, record)["metadata"] for record in mine] == [{"seen": "yes"}] * 2


@having("batch", "update")
def test_an_atomic_batch_of_changes_changes_all_or_nothing(house: House, samples: Samples, resource: Kind) -> None:
    record = samples.make(resource)
    good = {"id": record["id"], "metadata": {"seen": "yes"}}
    bad = {"id": f"{resource.prefix}_{NOBODY}"}
    with house.unchanged():
        reply = house.call("PATCH", path(resource, more="/batch"), {"items": [good, bad], "atomic": True})
        assert [result["status"] for result in reply.data] == [409, 404]


# ---- deletion by filter


@having("delete")
def test_deletion_by_filter_needs_a_filter(house: House, samples: Samples, resource: Kind) -> None:
    samples.one(resource)
    with house.unchanged():
        assert refused(house.call("DELETE", path(resource)), 400, "filters")
        assert refused(house.call("DELETE", path(resource), confirm="x"), 400, "filters")
        for name in ("colour", "page", "limit", "sort", "q", "cursor", "fields"):
            assert refused(house.call("DELETE", path(resource), **{name: "1", "id": "x"}), 400, name)
        assert refused(house.call("DELETE", path(resource), **{"created_at[gte]": "soon"}), 400, "created_at[gte]")


@having("delete")
def test_a_few_records_are_deleted_by_filter_at_once(house: House, samples: Samples, resource: Kind) -> None:
    rows = samples.some(resource, 3)
    gone, kept = [row["id"] for row in rows[:2]], rows[2]["id"]
    theirs = samples.one(resource, house.stranger)["id"]
    reply = house.call("DELETE", path(resource), id=",".join((*gone, theirs)))
    assert (reply.status, reply.data) == (200, {"deleted": 2})
    assert samples.ids(resource, id=",".join((*gone, kept))) == [kept]
    assert [row["id"] for row in samples.listed(resource, house.stranger, id=theirs)] == [theirs]
    with house.unchanged():
        assert house.call("DELETE", path(resource), id=",".join(gone)).data == {"deleted": 0}


@having("delete")
def test_more_than_25_are_deleted_only_when_confirmed(house: House, samples: Samples, resource: Kind) -> None:
    rows = [row["id"] for row in samples.some(resource, 27)][:27]
    enough, more = ",".join(rows[:26]), ",".join(rows)

    def delete(ids: str, confirm: str | None = None) -> Reply:
        return house.call("DELETE", path(resource), id=ids, **({"confirm": confirm} if confirm is not None else {}))

    with house.unchanged():
        asked = delete(enough)
        assert (asked.status, asked.error["code"], asked.error["count"]) == (409, "CONFIRMATION_REQUIRED", 26)
        confirm = asked.error["confirm"]
        assert (delete(more, confirm).status, delete(more, confirm).error["count"]) == (409, 27)
        another = house.call(
            "DELETE", path(resource), id=enough, **{"created_at[gte]": "2020-01-01"}, confirm=confirm
        )
        assert another.error["code"] == "CONFIRMATION_REQUIRED"
        for garbage in ("", "x", confirm[:-5]):
            assert refused(delete(enough, garbage), 400, "confirm")
        house.now += 5 * MINUTE + 1000
        assert refused(delete(enough, confirm), 400, "confirm")
    assert delete(enough, delete(enough).error["confirm"]).data == {"deleted": 26}
    assert samples.ids(resource, id=more) == [rows[26]]


# ---- what it has not


METHODS = {
    "list": ("GET", ""),
    "get": ("GET", "/{id}"),
    "create": ("POST", ""),
    "update": ("PATCH", "/{id}"),
    "delete": ("DELETE", "/{id}"),
    "restore": ("POST", "/{id}/restoration"),
    "batch": ("POST", "/batch"),
    "external": ("PUT", "/external/mine"),
}


@pytest.mark.parametrize("operation", METHODS)
def test_an_operation_that_is_not_declared_is_a_405(house: House, samples: Samples, operation: str) -> None:
    method, place = METHODS[operation]
    instead = {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}  # such as marking a notification as read
    for resource in lacking(operation).args[1]:
        if (method, f"/{resource.path()}{place}") in instead:
            continue
        row = samples.one(resource)
        with house.unchanged():
            there = path(resource) + place.format(id=row["id"])
            reply = house.call(method, there, {"items": [{}]} if operation == "batch" else {})
            assert (reply.status, reply.error["code"]) == (405, "METHOD_NOT_ALLOWED"), f"{method} {there}"
            assert method not in reply.headers["Allow"].split(",")


@lacking("batch")
def test_what_has_no_batch_has_none_of_changes_either(house: House, resource: Kind) -> None:
    assert house.call("PATCH", path(resource, more="/batch"), {"items": [{"id": "x"}]}).status == 405


def test_every_endpoint_of_a_resource_is_of_a_declared_operation() -> None:
    for endpoint in ENDPOINTS:
        if endpoint.resource is not None and endpoint.input in ("create", "put", "patch", "patches", "batch"):
            wanted = {"create": "create", "put": "external", "patch": "update"}.get(endpoint.input, "batch")
            assert wanted in endpoint.resource.operations, endpoint.path


# ---- references


@having("create")
def test_a_reference_names_a_living_record_of_the_same_workspace(
    house: House, samples: Samples, resource: Kind
) -> None:
    for field in references(resource):
        target = RESOURCES[str(field.refs)]
        theirs, gone = samples.make(target, house.stranger), samples.make(target)
        assert house.call("DELETE", path(target, gone)).status == 204
        lost = (theirs["id"], gone["id"], f"{target.prefix}_{NOBODY}", "x", "")
        record, body = samples.make(resource), samples.body(resource)
        with house.unchanged():
            for one in lost:
                value = [one] if field.kind == "list" else one
                assert refused(house.call("POST", path(resource), {**body, field.name: value}), 400, field.name)
                patched = house.call("PATCH", path(resource, record), {field.name: value})
                assert refused(patched, 400, field.name)
