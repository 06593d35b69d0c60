"""The rules of workspaces, users, memberships, and what is logged of them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from routy.api.endpoints import ENDPOINTS
from routy.config import Api
from routy.resources.memberships import Membership
from routy.resources.tokens import Token
from routy.resources.users import User
from routy.resources.workspaces import Workspace
from tests.house import PASSWORD, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


# ---- workspaces


def test_who_makes_a_workspace_owns_it_and_sees_it(house: House) -> None:
    made = house.make(Workspace, name="Second")
    assert made["id"] in [row["id"] for row in house.call("GET", "/workspaces").data]
    assert made["id"] not in [row["id"] for row in house.call("GET", "/workspaces", as_=house.stranger).data]
    assert made["id"] not in [row["id"] for row in house.call("GET", "/workspaces", as_=house.teammate).data]
    assert house.call("PATCH", f"/workspaces/{made['id']}", {"name": "Renamed"}).status == 200


def test_the_workspace_that_one_acts_in_cannot_be_deleted(house: House) -> None:
    home = house.owner.actor.workspace_id
    with house.unchanged():
        assert house.call("DELETE", f"/workspaces/{home}").status == 409


def test_only_an_owner_or_admin_of_a_workspace_changes_it(house: House) -> None:
    made = house.make(Workspace, name="Second")
    admin = house._person(house.owner.actor.workspace_id, "admin", "admin")
    house._person(made["id"], "viewer", "lodger")
    second = house._person(made["id"], "owner", "second")
    house.make(Membership, second, email=admin.email, role="viewer")
    with house.unchanged():
        assert house.call("PATCH", f"/workspaces/{made['id']}", {"name": "Mine"}, admin).status == 403
        assert house.call("DELETE", f"/workspaces/{made['id']}", as_=admin).status == 403


def test_a_workspace_has_schemes_that_are_schemes(house: House) -> None:
    home = house.owner.actor.workspace_id
    for wrong in (["no scheme!"], ["x" * 5000], ["a:b"], [""], ["1a"], ["http://"], ["ä"]):
        reply = house.call("PATCH", f"/workspaces/{home}", {"app_schemes": wrong})
        assert (reply.status, reply.fields) == (400, {"app_schemes"}), wrong


# ---- users and memberships


def test_a_new_user_is_a_member_at_once(house: House) -> None:
    before = house.last_seq()
    user = house.make(User, email="new@acme.example", name="New", password=PASSWORD, role="editor")
    assert sorted(house.events(before)) == ["membership.created", "user.created"]
    membership = house.call("GET", "/memberships", user_id=user["id"]).data[0]
    assert (membership["role"], membership["email"], membership["name"]) == ("editor", "new@acme.example", "New")


def test_a_deleted_user_is_nowhere_a_member(house: House) -> None:
    user = house.make(User, email="new@acme.example", name="New", password=PASSWORD)
    house.make(Membership, house.stranger, email="new@acme.example", role="viewer")
    assert house.call("DELETE", f"/users/{user['id']}").status == 204
    for who in (house.owner, house.stranger):
        assert house.call("GET", "/memberships", as_=who, user_id=user["id"]).data == []


def test_a_restored_user_can_be_made_a_member_again(house: House) -> None:
    user = house.make(User, email="new@acme.example", name="New", password=PASSWORD)
    house.call("DELETE", f"/users/{user['id']}")
    assert house.call("POST", f"/users/{user['id']}/restoration").status == 200
    there = house.call("GET", "/memberships", user_id=user["id"]).data
    assert there or house.make(Membership, email="new@acme.example", role="viewer")


def test_an_address_is_one_persons_on_the_whole_server(house: House) -> None:
    body = {"email": "TEAMMATE@acme.example", "name": "Other", "password": PASSWORD}
    reply = house.call("POST", "/users", body, house.stranger)
    assert (reply.status, reply.fields) == (409, {"email"})


def test_one_is_a_member_once(house: House) -> None:
    reply = house.call("POST", "/memberships", {"email": house.teammate.email, "role": "viewer"})
    assert (reply.status, len(reply.fields)) == (409, 1)
    nobody = house.call("POST", "/memberships", {"email": "nobody@acme.example", "role": "viewer"})
    assert (nobody.status, nobody.fields) == (400, {"email"})


def test_nobody_deletes_themselves(house: House) -> None:
    with house.unchanged():
        assert house.call("DELETE", f"/users/{house.owner.actor.user_id}").status == 409


def test_a_token_that_may_only_manage_members_makes_nobody_stronger_than_itself(house: House) -> None:
    key = {"X-API-Key": house.make(Token, name="people", scopes=["members:write", "members:read"])["secret"]}
    body = {"email": "new@acme.example", "name": "New", "password": PASSWORD, "role": "owner"}
    assert house.call("POST", "/users", body, None, key).status == 403


# ---- the log of requests


def logged(house: House) -> list[tuple[str, str, int]]:
    house.load()
    rows = house.call("GET", "/api-requests", sort="created_at,id", limit="1000").data
    return [(row["method"], row["route"], row["status"]) for row in rows]


def test_every_call_is_logged_against_its_credential(house: House) -> None:
    link = house.link("summer")
    house.now += 1
    house.call("GET", f"/links/{link['id']}", as_=house.teammate)
    house.now += 1
    house.call("GET", "/links/none")
    house.now += 1
    house.call("PATCH", f"/links/{link['id']}", {"colour": "red"})
    assert logged(house) == [
        ("POST", "/links", 201),
        ("GET", "/links/{id}", 200),
        ("GET", "/links/{id}", 404),
        ("PATCH", "/links/{id}", 400),
    ]
    rows = house.call("GET", "/api-requests", method="GET", status="200", route="/links/{id}").data
    assert rows[0]["actor_id"] == house.records.rows("SELECT id FROM tokens ORDER BY key")[1]["id"]
    assert (rows[0]["ip"], rows[0]["bytes"] > 100, rows[0]["ms"] >= 0) == ("73.8.8.8", True, True)


def test_refused_calls_are_logged_too(tmp_path: Path) -> None:
    house = House(tmp_path, api=Api(rate_per_minute=60, rate_burst=3))
    house.call("GET", "/tokens", as_=house.teammate)
    house.call("GET", "/nothing", as_=house.teammate)
    house.call("PUT", "/reports", as_=house.teammate)
    for _ in range(4):
        house.call("GET", "/links", as_=house.teammate)
    found = logged(house)
    assert ("GET", "/tokens", 403) in found
    assert ("GET", "/links", 429) in found
    assert [status for _, _, status in found].count(404) == 1 and [s for _, _, s in found].count(405) == 1
    house.close()


def test_a_workspace_sees_its_own_calls_alone(house: House) -> None:
    house.call("GET", "/tags", as_=house.stranger)
    house.call("GET", "/folders")
    assert logged(house) == [("GET", "/folders", 200)]


def test_the_log_holds_no_name_of_a_record_and_no_secret(house: House) -> None:
    house.call("GET", "/links/link_SECRET", q="x")
    house.ask("GET", "/api/v1/links", headers={"Authorization": "Bearer rty_SECRET"})
    assert {route for _, route, _ in logged(house)} <= {endpoint.path for endpoint in ENDPOINTS} | {"(none)"}
    spooled = b"".join(file.read_bytes() for file in (house.path / "spool").rglob("*") if file.is_file())
    assert b"SECRET" not in spooled
