"""The table of what happens in the background, each row called by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.clock import DAY, HOUR, MINUTE
from routy.config import Api
from routy.records.pruning import AT_ONCE
from routy.resource import Resource
from routy.resources import RESOURCES
from routy.resources.tags import Tag
from routy.work.workers import workers
from tests.house import House
from tests.resources.samples import Samples

TRASHED = [one for one in RESOURCES.values() if "delete" in one.operations and "deleted_at" in one.fields]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, api=Api(rate_per_minute=0, trash_days=30, event_days=90))
    yield house
    house.close()


def step(house: House, name: str) -> Callable[[], bool]:
    return next(worker.step for worker in workers(house.app) if worker.name == name)


def count(house: House, table: str) -> int:
    return int((house.records.one(f"SELECT count(*) AS count FROM {table}") or {})["count"])


def test_every_worker_has_a_name_a_period_and_a_reason(house: House) -> None:
    table = workers(house.app)
    assert len({worker.name for worker in table}) == len(table)
    assert all(worker.doc and worker.every >= 0 for worker in table)


def test_every_step_can_be_called_when_there_is_nothing_to_do(house: House) -> None:
    for worker in workers(house.app):
        if worker.name != "control":  # it waits for a command
            assert worker.step() in (True, False)


# ---- the trash


@pytest.mark.parametrize("resource", TRASHED, ids=lambda one: one.plural)
def test_what_was_in_the_trash_for_long_goes_for_good(house: House, resource: type[Resource]) -> None:
    samples = Samples(house)
    record, kept = samples.make(resource), samples.make(resource)
    assert house.call("DELETE", f"/{resource.path()}/{record['id']}").status == 204
    house.now += 30 * DAY
    step(house, "purge")()
    assert there(house, resource, record)
    house.now += 1
    while step(house, "purge")():
        pass
    step(house, "purge")()
    if resource.plural != "workspaces":  # its members and their history still name it
        assert not there(house, resource, record)
    assert there(house, resource, kept)


def there(house: House, resource: type[Resource], record: Any) -> bool:
    return house.records.one(f"SELECT 1 FROM {resource.plural} WHERE id = ?", (record["id"],)) is not None


def test_a_purge_leaves_its_event_and_its_audit_entry(house: House) -> None:
    tag = house.make(Tag, name="old")
    house.call("DELETE", f"/tags/{tag['id']}")
    house.now += 31 * DAY
    seq = house.last_seq()
    step(house, "purge")()
    assert house.events(seq) == ["tag.purged"]
    entry = house.call("GET", "/audit-entries", record_id=tag["id"], limit="1").data[0]
    assert (entry["action"], entry["actor"]) == ("purged", "system")


def test_what_is_still_referred_to_waits_and_lets_others_pass(house: House) -> None:
    items = [{"host": f"d{n}.example"} for n in range(AT_ONCE + 5)]
    made = [result["data"]["id"] for result in house.call("POST", "/domains/batch", {"items": items}).data]
    for domain in made[:AT_ONCE]:
        link = house.link(destination="https://shop.example/", domain_id=domain)
        house.call("DELETE", f"/links/{link['id']}")
    house.now += 1
    for domain in made:
        assert house.call("DELETE", f"/domains/{domain}").status == 204
    house.records.script(f"UPDATE links SET deleted_at = {house.now + 30 * DAY}")
    house.now += 30 * DAY + 1
    for _ in range(5):
        step(house, "purge")()
    left = {row["id"] for row in house.records.rows("SELECT id FROM domains WHERE deleted_at IS NOT NULL")}
    assert left == set(made[:AT_ONCE]), "those behind a hundred that have to stay never go"


# ---- what is forgotten


def test_events_are_forgotten_after_their_time_and_seq_goes_on(house: House) -> None:
    house.make(Tag, name="one")
    last = house.last_seq()
    house.now += 90 * DAY
    step(house, "prune")()
    assert house.last_seq() == last
    house.now += 1
    while step(house, "prune")():
        pass
    assert count(house, "events") == 0
    house.make(Tag, name="two")
    assert house.last_seq() == last + 1, "a follower would see a place twice"


def test_answers_for_idempotency_keys_are_forgotten_after_a_day(house: House) -> None:
    house.call("POST", "/tags", {"name": "once"}, headers={"Idempotency-Key": "k"})
    house.now += 24 * HOUR - 1
    step(house, "prune")()
    assert count(house, "idempotency_keys") == 1
    house.now += 1
    step(house, "prune")()
    assert count(house, "idempotency_keys") == 0


def test_forgetting_says_when_there_is_more(house: House) -> None:
    old = house.now - 91 * DAY
    row = "('evt_' || n, (SELECT id FROM workspaces LIMIT 1), 'a', 'tags', 'x', '{}', 'system', " + str(old) + ")"
    house.records.script(
        "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 5001)"
        " INSERT INTO events (id, workspace_id, type, resource, record_id, data, actor, created_at)"
        f" SELECT * FROM (SELECT 'evt_' || n AS id, (SELECT id FROM workspaces LIMIT 1), 'a', 'tags', 'x', '{{}}',"
        f" 'system', {old} FROM up)"
    )
    assert row and step(house, "prune")() is True
    assert step(house, "prune")() is False
    assert not house.records.rows("SELECT 1 FROM events WHERE created_at = ?", (old,))


# ---- the others


def test_unknown_slugs_and_uses_of_tokens_are_written_down(house: House) -> None:
    house.ask("GET", "/nothing-here")
    house.call("GET", "/links")
    assert count(house, "missing_slugs") == 0
    house.now += MINUTE
    step(house, "missing slugs")()
    step(house, "last used")()
    assert count(house, "missing_slugs") == 1
    assert house.records.rows("SELECT 1 FROM tokens WHERE last_used_at IS NOT NULL")


def test_a_change_by_another_process_is_followed(house: House) -> None:
    link = house.link("summer", "https://old.example/")
    house.records.script(
        "INSERT INTO events (id, workspace_id, type, resource, record_id, data, actor, created_at)"
        f" SELECT 'evt_x', workspace_id, 'link.updated', 'links', id, '{{}}', 'system', 0 FROM links"
        f" WHERE id = '{link['id']}';"
        f" UPDATE links SET destination = 'https://new.example/', seq = (SELECT max(seq) FROM events)"
        f" WHERE id = '{link['id']}'"
    )
    step(house, "follow")()
    assert house.ask("GET", "/summer").headers["Location"] == "https://new.example/"


def test_clicks_go_from_the_spool_to_the_store_step_by_step(house: House) -> None:
    house.link("summer")
    house.ask("GET", "/summer")
    house.now += 2 * MINUTE
    for name in ("sync clicks", "sync requests", "seal clicks", "seal requests", "load"):
        step(house, name)()
    assert house.call("GET", "/reports", metrics="clicks").data["totals"] == {"clicks": 1}
