"""What the click walk tells of a link: a limit that is reached, an address that is locked out."""

import io
import json
from typing import Any

from routy.clicks.telling import expired_once, tell_once, threshold_once
from routy.clock import MINUTE, iso
from routy.records import write
from routy.resources.links import Link
from tests.catalogue import expect_catalogued
from tests.clicks.yard import Yard
from tests.house import HASH


def tell(yard: Yard) -> list[dict[str, Any]]:
    """What is told by now, oldest first."""
    while tell_once(yard.records, yard.clock, yard.table.caps, yard.walk.passwords):
        pass
    yard.table.follow()
    expect_catalogued(yard.records)
    rows = yard.records.rows("SELECT * FROM events WHERE resource = 'links' ORDER BY seq")
    told = [row for row in rows if row["type"] not in ("link.created", "link.updated")]
    return [{**row, "data": json.loads(row["data"])} for row in told]


def wrong(yard: Yard, slug: str, times: int = 5, ip: str = "8.8.8.8") -> None:
    for _ in range(times):
        body = io.BytesIO(b"password=wrong")
        asked: Any = {"wsgi.input": body, "CONTENT_TYPE": "application/x-www-form-urlencoded", "REMOTE_ADDR": ip}
        yard.visit(f"/{slug}", REQUEST_METHOD="POST", CONTENT_LENGTH="14", **asked)


def test_a_limit_that_is_reached_is_told_once(yard: Yard) -> None:
    link = yard.add_link("summer", click_limit=2)
    yard.visit("/summer")
    assert tell(yard) == []
    for _ in range(3):
        yard.visit("/summer")
    event = tell(yard)[0]
    assert (event["type"], event["record_id"], event["actor"]) == ("link.limit_reached", link["id"], "system")
    assert (event["data"]["slug"], event["data"]["click_limit"]) == ("summer", 2)
    assert "password" not in event["data"]
    yard.visit("/summer")
    assert len(tell(yard)) == 1


def test_the_link_keeps_its_version_and_its_audit_log_when_something_is_told(yard: Yard) -> None:
    link = yard.add_link("summer", click_limit=1)
    entries = len(yard.records.rows("SELECT id FROM audit_entries"))
    yard.visit("/summer")
    assert len(tell(yard)) == 1
    row = yard.records.rows("SELECT version, limit_reached_at FROM links WHERE id = ?", (link["id"],))[0]
    assert (row["version"], row["limit_reached_at"]) == (1, yard.now)
    assert len(yard.records.rows("SELECT id FROM audit_entries")) == entries


def test_a_restart_does_not_tell_again(yard: Yard) -> None:
    link = yard.add_link("summer", click_limit=1)
    yard.visit("/summer")
    tell(yard)
    key = next(iter(yard.records.rows("SELECT key FROM links WHERE id = ?", (link["id"],))))["key"]
    yard.table.caps.forget(key)
    yard.table.load()
    yard.table.caps.learn({key: (1, 1)})
    assert yard.visit("/summer").status == 410
    assert len(tell(yard)) == 1


def test_another_limit_is_told_again(yard: Yard) -> None:
    link = yard.add_link("summer", click_limit=1)
    yard.visit("/summer")
    tell(yard)
    yard.change(Link, link["id"], click_limit=2)
    assert len(tell(yard)) == 1
    yard.visit("/summer")
    assert [event["data"]["click_limit"] for event in tell(yard)] == [1, 2]


def test_a_limit_that_was_raised_before_it_was_told_is_not(yard: Yard) -> None:
    link = yard.add_link("summer", click_limit=1)
    yard.visit("/summer")
    yard.change(Link, link["id"], click_limit=9)
    assert tell(yard) == []


def test_a_lock_is_told_with_a_truncated_address_and_without_the_password(yard: Yard) -> None:
    yard.add_link("secret", password=HASH)
    wrong(yard, "secret", times=8)
    events = tell(yard)
    assert [event["type"] for event in events] == ["link.password_failed"]
    assert events[0]["data"]["ip"] == "8.8.8.0"
    assert events[0]["data"]["locked_until"] == iso(yard.now + 10 * MINUTE)
    assert "wrong" not in json.dumps(events) and HASH not in json.dumps(events)
    wrong(yard, "secret", ip="9.9.9.9")
    assert len(tell(yard)) == 2


def test_nothing_is_told_of_a_link_that_is_gone(yard: Yard) -> None:
    one, two = yard.add_link("summer", click_limit=1), yard.add_link("secret", password=HASH)
    yard.visit("/summer")
    wrong(yard, "secret")
    with yard.records.transaction(yard.now) as tx:
        for link in (one, two):
            write.delete(tx, yard.actor, Link, link["id"])
    assert [event["type"] for event in tell(yard)] == ["link.deleted", "link.deleted"]


def cross(yard: Yard, clicks: int) -> list[str]:
    """What is told by now, once the links have had so many clicks."""
    yard.records.script(f"UPDATE links SET clicks = {clicks}")
    while threshold_once(yard.records, yard.clock):
        pass
    return [event["type"] for event in tell(yard)]


def test_a_threshold_that_is_crossed_is_told_once_and_again_when_it_is_changed(yard: Yard) -> None:
    link = yard.add_link("summer", click_threshold=3)
    yard.add_link("other")
    assert cross(yard, 2) == []
    assert cross(yard, 5) == ["link.click_threshold"]
    assert cross(yard, 6) == ["link.click_threshold"]
    yard.change(Link, link["id"], click_threshold=7)
    assert cross(yard, 6) == ["link.click_threshold"]
    assert cross(yard, 7) == ["link.click_threshold"] * 2
    event = tell(yard)[0]
    assert (event["record_id"], event["data"]["clicks"], event["data"]["click_threshold"]) == (link["id"], 5, 3)


# ---- links whose time is over


def expire(yard: Yard) -> list[str]:
    """The links that are told of by now."""
    while expired_once(yard.records, yard.clock):
        pass
    expect_catalogued(yard.records)
    rows = yard.records.rows("SELECT data FROM events WHERE type = 'link.expired' ORDER BY seq")
    return [json.loads(row["data"])["slug"] for row in rows]


def test_a_link_whose_time_is_over_tells_so_once(yard: Yard) -> None:
    yard.add_link("summer", expires_at=iso(yard.now + MINUTE))
    yard.add_link("later", expires_at=iso(yard.now + 5 * MINUTE))
    yard.add_link("never")
    assert expire(yard) == []
    yard.now += MINUTE
    assert expire(yard) == ["summer"] == expire(yard)
    yard.now += 10 * MINUTE
    assert expire(yard) == ["summer", "later"]


def test_another_expiry_is_told_again_and_one_that_is_put_off_not_yet(yard: Yard) -> None:
    link = yard.add_link("summer", expires_at=iso(yard.now + MINUTE))
    yard.change(Link, link["id"], expires_at=iso(yard.now + 2 * MINUTE))
    yard.now += MINUTE
    assert expire(yard) == []
    yard.now += MINUTE
    assert expire(yard) == ["summer"]
    yard.change(Link, link["id"], expires_at=iso(yard.now + MINUTE))
    yard.now += MINUTE
    assert expire(yard) == ["summer", "summer"]


def test_a_link_in_the_trash_does_not_expire_but_one_that_comes_back_does(yard: Yard) -> None:
    link = yard.add_link("summer", expires_at=iso(yard.now + MINUTE))
    with yard.records.transaction(yard.now) as tx:
        write.delete(tx, yard.actor, Link, link["id"])
    yard.now += MINUTE
    assert expire(yard) == []
    with yard.records.transaction(yard.now) as tx:
        write.restore(tx, yard.actor, Link, link["id"], 30)
    assert expire(yard) == ["summer"]


def test_expiring_changes_no_version(yard: Yard) -> None:
    link = yard.add_link("summer", expires_at=iso(yard.now + MINUTE))
    yard.now += MINUTE
    assert expire(yard) == ["summer"]
    assert yard.records.rows("SELECT version FROM links WHERE id = ?", (link["id"],))[0]["version"] == 1
