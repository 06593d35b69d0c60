"""Every type of events is described, looks as it is described, and the feed shows the same."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from routy.api.endpoints import description
from routy.records.catalogue import EVENTS, OPT_IN
from routy.resources import RESOURCES
from routy.resources.tokens import Token
from tests.catalogue import expect_catalogued, validator
from tests.house import House

# What the product promises by name; resources that come later add theirs.
PROMISED = """
    link.created link.updated link.deleted link.restored link.clicked link.scanned link.click_threshold
    link.password_failed link.expired link.limit_reached
    domain.created domain.updated domain.deleted domain.restored
    token.created token.revoked token.unusual
    membership.created membership.updated membership.deleted
    share.created share.updated share.deleted
    import.finished export.finished alert.fired alert.resolved
"""


@pytest.mark.parametrize("name", PROMISED.split())
def test_the_catalogue_has_what_was_promised(name: str) -> None:
    assert EVENTS[name].doc.endswith(".") and name in description()["webhooks"]


def test_every_declared_event_is_described_once() -> None:
    declared = [(kind, name) for kind in RESOURCES.values() for name in (*kind.events, *kind.tells)]
    assert len(EVENTS) == len(declared) == len(description()["webhooks"])
    assert set(description()["webhooks"]) == set(EVENTS)
    validate(description())


@pytest.mark.parametrize("name", EVENTS)
def test_the_data_of_an_event_are_its_record_and_what_is_told_beside_it(name: str) -> None:
    told = EVENTS[name]
    text = json.dumps(description()["webhooks"][name])
    assert f"#/components/schemas/{told.record.__name__}" in text and "#/components/schemas/WebhookPayload" in text
    for field in told.adds.fields if told.adds else ():
        assert field in text
    assert not validator(name).is_valid({})


def test_only_clicks_are_opt_in() -> None:
    assert set(OPT_IN) == {"link.clicked", "link.scanned"}
    assert all(EVENTS[name].record.__name__ == "Click" for name in OPT_IN)


def test_a_scan_looks_as_it_is_described(house: House) -> None:
    house.link("summer")
    cursor = house.app.feed.read_clicks(None, 10)[1]
    house.ask("GET", "/summer", "qr=1")
    house.load()
    events = house.app.feed.read_clicks(cursor, 10)[0]
    assert [event["type"] for event in events] == ["link.clicked", "link.scanned"]
    for event in events:
        assert list(validator(event["type"]).iter_errors(event["data"])) == []


def test_a_revoked_token_tells_so_and_the_feed_shows_it(house: House) -> None:
    token = house.make(Token, name="script", scopes=["links:read"])
    before = house.last_seq()
    house.call("DELETE", f"/tokens/{token['id']}")
    events = house.call("GET", "/events", after=str(before)).data
    assert [(event["type"], event["record_id"]) for event in events] == [("token.revoked", token["id"])]
    assert "secret" not in events[0]["data"]


@pytest.mark.parametrize("data", [{"host": "x"}, {"slug": 7}])
def test_an_event_that_is_not_as_it_is_described_is_found_out(house: House, data: dict[str, Any]) -> None:
    row = house.records.rows("SELECT seq, data FROM events WHERE type = 'domain.created' ORDER BY seq LIMIT 1")[0]
    change = "UPDATE events SET data = ? WHERE seq = ?"
    with house.records.transaction(house.now) as tx:
        tx.run(change, (json.dumps(data), row["seq"]))
    with pytest.raises(AssertionError, match=r"domain\.created"):
        expect_catalogued(house.records)
    with house.records.transaction(house.now) as tx:
        tx.run(change, (row["data"], row["seq"]))
