"""Tokens that are used from another network or at another hour than ever before."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.api.unusual import network_of
from routy.clock import DAY, HOUR
from routy.resources.tokens import Token
from routy.secret import digest
from tests.house import House

HOME, ABROAD = "73.8.8.8", "185.20.1.9"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def secret(house: House) -> str:
    return str(house.make(Token, name="script", scopes=["links:read"])["secret"])


def use(house: House, secret: str, ip: str = HOME) -> None:
    reply = house.ask("GET", "/api/v1/links", headers={"X-API-Key": secret}, REMOTE_ADDR=ip)
    assert reply.status == 200
    look(house)


def look(house: House) -> None:
    house.app.habits.look_once(house.records, house.app.where, house.clock)


def live(house: House, secret: str, days: int, ip: str = HOME) -> None:
    """Use it once a day, at noon."""
    for _ in range(days):
        use(house, secret, ip)
        house.now += DAY


def told(house: House) -> list[dict[str, Any]]:
    rows = house.records.rows("SELECT data FROM events WHERE type = 'token.unusual' ORDER BY seq")
    return [json.loads(row["data"]) for row in rows]


def test_a_token_with_habits_tells_of_another_network(house: House, secret: str) -> None:
    live(house, secret, 10)
    use(house, secret, ABROAD)
    event = told(house)[0]
    assert (event["cause"], event["ip"], event["name"]) == ("network", "185.20.1.0", "script")
    assert event["country"] and event["at"] == "2026-12-01T12:00:00.000Z"
    assert "secret" not in event and len(told(house)) == 1


def test_what_was_unusual_once_is_a_habit_from_then_on(house: House, secret: str) -> None:
    live(house, secret, 10)
    for _ in range(3):
        use(house, secret, ABROAD)
        house.now += 2 * DAY
    assert len(told(house)) == 1


def test_the_neighbourhood_of_an_address_is_no_other_network(house: House, secret: str) -> None:
    live(house, secret, 10)
    use(house, secret, "73.8.200.1")
    assert told(house) == []


def test_a_token_with_habits_tells_of_another_hour(house: House, secret: str) -> None:
    live(house, secret, 10)
    for step, causes in ((1, []), (1, []), (-3, []), (13, ["hour"])):
        house.now += step * HOUR
        use(house, secret)
        assert [event["cause"] for event in told(house)] == causes


@pytest.mark.parametrize(("days", "more"), [(0, 0), (4, 20), (6, 0)])
def test_who_has_no_habits_yet_can_do_nothing_unusual(house: House, secret: str, days: int, more: int) -> None:
    """Four days are too few, however long ago; six days in a row are no week."""
    live(house, secret, days)
    house.now += more * DAY
    use(house, secret, ABROAD)
    assert told(house) == []


def test_of_each_kind_it_tells_once_a_day(house: House, secret: str) -> None:
    live(house, secret, 10)
    for number in range(5):
        use(house, secret, f"185.{30 + number}.1.1")
    assert [event["cause"] for event in told(house)] == ["network"]
    house.now += DAY
    use(house, secret, "91.1.1.1")
    assert [event["cause"] for event in told(house)] == ["network"] * 2


def test_habits_are_forgotten_after_thirty_days(house: House, secret: str) -> None:
    live(house, secret, 10)
    use(house, secret, ABROAD)
    live(house, secret, 32)
    use(house, secret, ABROAD)
    assert [event["cause"] for event in told(house)] == ["network"] * 2
    rows = house.records.rows("SELECT last_at FROM token_habits")
    assert rows and all(row["last_at"] >= house.now - 30 * DAY for row in rows)


def test_one_token_s_habits_are_not_another_s(house: House, secret: str) -> None:
    other = str(house.make(Token, name="other", scopes=["links:read"])["secret"])
    live(house, secret, 10)
    use(house, other, ABROAD)
    assert told(house) == []


def test_a_revoked_token_tells_nothing_and_its_habits_go_with_it(house: House, secret: str) -> None:
    live(house, secret, 10)
    token = house.records.rows("SELECT id FROM tokens WHERE secret_sha256 = ?", (digest(secret),))[0]["id"]
    house.ask("GET", "/api/v1/links", headers={"X-API-Key": secret}, REMOTE_ADDR=ABROAD)
    assert house.call("DELETE", f"/tokens/{token}").status == 204
    look(house)
    assert told(house) == []


def test_a_request_leaves_no_more_than_a_note_in_memory(house: House, secret: str) -> None:
    with house.unchanged():
        house.ask("GET", "/api/v1/links", headers={"X-API-Key": secret}, REMOTE_ADDR=ABROAD)
    assert house.records.rows("SELECT * FROM token_habits") == []
    look(house)
    kinds = {row["kind"] for row in house.records.rows("SELECT kind FROM token_habits")}
    assert kinds == {"network", "hour", "day"}


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.7", "203.0.0.0/16"),
        ("2001:db8:1:2::3", "2001:db8::/32"),
        ("nowhere", ""),
        ("", ""),
    ],
)
def test_a_network_is_a_wide_part_of_an_address(ip: str, network: str) -> None:
    assert network_of(ip) == network
