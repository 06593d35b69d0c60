"""Nobody becomes more than they are: what a reviewer found that scopes and roles let through once."""

from dataclasses import replace

import pytest

from routy.resources.domains import Domain
from routy.resources.tokens import Token
from routy.resources.users import User
from tests.house import PASSWORD, House, Person


def with_scopes(house: House, *scopes: str) -> Person:
    """A token of the owner that may do only this."""
    made = house.make(Token, name="few", scopes=list(scopes))
    return replace(house.owner, token=made["secret"])


@pytest.mark.parametrize("change", [{"password": "another password"}, {"email": "mine@acme.example"}])
def test_a_token_for_members_cannot_take_over_its_maker(house: House, change: dict[str, str]) -> None:
    few = with_scopes(house, "members:read", "members:write")
    reply = house.call("PATCH", f"/users/{house.owner.actor.user_id}", change, few)
    assert (reply.status, reply.error["code"]) == (403, "FORBIDDEN")


def test_a_token_for_members_makes_nobody_who_may_do_more(house: House) -> None:
    few = with_scopes(house, "members:read", "members:write")
    body = {"email": "new@acme.example", "name": "New", "password": PASSWORD, "role": "owner"}
    assert house.call("POST", "/users", body, few).status == 403
    assert house.records.one("SELECT 1 FROM users WHERE email = 'new@acme.example'") is None


def test_a_token_for_tokens_does_not_rotate_a_stronger_one(house: House) -> None:
    strong = house.make(Token, name="strong", scopes=["full"])
    few = with_scopes(house, "tokens:read", "tokens:write")
    assert house.call("POST", f"/tokens/{strong['id']}/rotation", {"overlap_minutes": 0}, few).status == 403
    assert house.call("DELETE", f"/tokens/{strong['id']}", as_=few).status == 204, "revoking gives nothing away"


def test_people_change_their_own_password(house: House) -> None:
    user = house.make(User, email="new@acme.example", name="New", password=PASSWORD, role="viewer")
    assert house.call("PATCH", f"/users/{user['id']}", {"password": "another password"}).status == 200


def test_events_show_only_records_that_one_may_read(house: House) -> None:
    house.make(Token, name="secretive", scopes=["links:read"])
    link = house.link("summer")
    few = with_scopes(house, "events:read", "links:read")
    seen = house.call("GET", "/events", as_=few, after="0", limit="1000").data
    assert {event["resource"] for event in seen} == {"links"}
    assert [event["record_id"] for event in seen] == [link["id"]]
    hidden = house.records.one("SELECT id FROM events WHERE resource = 'tokens' LIMIT 1")
    assert hidden is not None
    assert house.call("GET", f"/events/{hidden['id']}", as_=few).status == 404


def test_expand_shows_only_records_that_one_may_read(house: House) -> None:
    house.link("summer")
    few = with_scopes(house, "links:read")
    refused = house.call("GET", "/links", as_=few, expand="domain")
    assert (refused.status, "domains:read" in refused.error["message"]) == (403, True)
    both = with_scopes(house, "links:read", "domains:read")
    assert house.call("GET", "/links", as_=both, expand="domain").data[0]["domain"]["host"] == "go.example"


def test_a_pending_domain_of_another_workspace_stands_in_nobodys_way(house: House) -> None:
    house.make(Domain, house.stranger, host="shop.example")
    assert house.call("POST", "/links", {"destination": "https://shop.example/"}).status == 201
    assert house.call("POST", "/domains", {"host": "shop.example"}).status == 201


def test_a_pending_default_domain_does_not_answer_for_unknown_hosts(house: House) -> None:
    house.link("summer")
    house.make(Domain, host="pending.example", is_default=True)
    assert house.ask("GET", "/summer").status == 302
    assert house.ask("GET", "/summer", headers={"Host": "pending.example"}).status == 404


def test_a_null_never_gives_a_live_link_another_slug(house: House) -> None:
    link = house.link("summer")
    reply = house.call("PATCH", f"/links/{link['id']}", {"slug": None})
    assert (reply.status, reply.fields) == (400, {"slug"})
    assert house.ask("GET", "/summer").status == 302


@pytest.mark.parametrize("limit", [{"ip_allowlist": ["8.8.8.8"]}, {"expires_at": "2027-01-01T00:00:00Z"}])
def test_a_limited_token_does_not_lift_its_limits(house: House, limit: dict[str, object]) -> None:
    made = house.make(Token, name="limited", scopes=["full"], **limit)
    limited = replace(house.owner, token=made["secret"])
    assert (
        house.call("PATCH", f"/tokens/{made['id']}", {"expires_at": None, "ip_allowlist": []}, limited).status
        == 403
    )
    assert house.call("POST", "/tokens", {"name": "child", "scopes": ["full"]}, limited).status == 403


def test_between_two_claims_of_a_host_the_file_proves_nothing(house: House) -> None:
    house.make(Domain, house.stranger, host="localhost:9")
    mine = house.make(Domain, host="localhost:9")
    reply = house.call("POST", f"/domains/{mine['id']}/verification")
    assert (reply.status, "use DNS" in reply.error["message"]) == (409, True)
