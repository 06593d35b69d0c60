"""Tokens: who holds one, from where, until when, and how much it may do."""

from collections.abc import Callable
from typing import Any

import pytest

from routy.clock import DAY, HOUR, MINUTE, SECOND, iso
from routy.resources.memberships import Membership
from routy.resources.tokens import Token
from routy.resources.users import User
from routy.secret import looks_like_token, new_token
from tests.house import PASSWORD, House, Reply
from tests.resources.samples import NOBODY


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


def use(house: House, token: str, method: str = "GET", path: str = "/links", **environ: Any) -> Reply:
    return house.ask(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, **environ)


def make(house: House, **body: Any) -> Any:
    return house.make(Token, **{"name": "script", "scopes": ["full"], **body})


# ---- the header


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer TOKEN"},
        {"Authorization": "ApiKey TOKEN"},
        {"X-API-Key": "TOKEN"},
        {"Authorization": "bearer TOKEN"},
        {"Authorization": "APIKEY  TOKEN "},
        {"Authorization": "Bearer TOKEN", "X-API-Key": "rubbish"},
    ],
    ids=str,
)
def test_a_token_is_taken_in_three_forms(house: House, headers: dict[str, str]) -> None:
    given = {name: text.replace("TOKEN", house.owner.token) for name, text in headers.items()}
    assert house.ask("GET", "/api/v1/links", headers=given).status == 200


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "TOKEN", "Basic TOKEN", "Token TOKEN", "Bearer TOKEN TOKEN", "Bearer\tTOKEN"],
)
def test_a_header_of_another_form_is_refused(house: House, header: str) -> None:
    text = header.replace("TOKEN", house.owner.token)
    reply = house.ask("GET", "/api/v1/links", headers={"Authorization": text, "X-API-Key": house.owner.token})
    assert (reply.status, reply.error["code"]) == (401, "INVALID_API_KEY")


def typos(token: str) -> list[str]:
    swapped = token[:10] + ("x" if token[10] != "x" else "y") + token[11:]
    others = [token[:-1], token[1:], token + "0", token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper()]
    return [
        "x",
        "rty_",
        swapped,
        *others,
        token.replace("rty_", "rtx_"),
        token[:-2] + "é0",
        "\0" * 50,
        "x" * 70_000,
    ]


def test_a_misspelled_token_is_refused(house: House) -> None:
    for token in typos(house.owner.token):
        assert not looks_like_token(token)
        reply = use(house, token)
        assert (reply.status, reply.error["code"]) == (401, "INVALID_API_KEY")
        assert token not in reply.error["message"] or token == "x"


def test_a_well_formed_token_that_nobody_made_is_refused(house: House) -> None:
    assert looks_like_token(new_token())
    assert use(house, new_token()).error["code"] == "INVALID_API_KEY"


def test_the_hash_of_a_token_is_no_token(house: House) -> None:
    row = house.records.one("SELECT secret_sha256 FROM tokens LIMIT 1") or {}
    assert use(house, row["secret_sha256"]).status == 401


# ---- its life


def test_a_token_ends_when_it_was_said_to(house: House) -> None:
    token = make(house, expires_at=iso(house.now + HOUR))["secret"]
    house.now += HOUR - 1
    assert use(house, token).status == 200
    house.now += 1
    assert (use(house, token).status, "expired" in use(house, token).error["message"]) == (401, True)


def test_a_token_cannot_end_in_the_past(house: House) -> None:
    for at in (house.now, house.now - DAY):
        reply = house.call("POST", "/tokens", {"name": "old", "scopes": ["full"], "expires_at": iso(at)})
        assert (reply.status, reply.fields) == (400, {"expires_at"})


def test_a_revoked_token_ends_at_once_and_for_good(house: House) -> None:
    token = make(house)
    assert use(house, token["secret"]).status == 200
    assert house.call("DELETE", f"/tokens/{token['id']}").status == 204
    assert use(house, token["secret"]).error["code"] == "INVALID_API_KEY"
    assert house.call("POST", f"/tokens/{token['id']}/rotation", {}).status == 404


def test_a_token_may_revoke_itself(house: House) -> None:
    token = make(house)
    assert use(house, token["secret"], "DELETE", f"/tokens/{token['id']}").status == 204
    assert use(house, token["secret"]).status == 401


# ---- where it may be used from


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
        ("203.0.113.9/24", "203.0.113.1", "8.8.8.8"),
        ("203.0.113.7", "203.0.113.7", "203.0.113.8"),
        ("203.0.113.7", "::ffff:203.0.113.7", "::ffff:203.0.113.8"),
        ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ("2001:DB8::1", "2001:0db8:0::1", "2001:db8::2"),
        ("10.0.0.0/8", "10.1.2.3", ""),
        ("0.0.0.0/0", "8.8.8.8", "::1"),
        ("::/0", "::1", "not an address"),
    ],
)
def test_a_token_with_an_allowlist_is_used_from_there_only(
    house: House, allowed: str, inside: str, outside: str
) -> None:
    token = make(house, ip_allowlist=["192.0.2.1", allowed])["secret"]
    assert use(house, token, REMOTE_ADDR=inside).status == 200
    refused = use(house, token, REMOTE_ADDR=outside)
    assert (refused.status, refused.error["code"]) == (403, "FORBIDDEN")


def test_an_allowlist_holds_addresses_and_networks(house: House) -> None:
    for wrong in ("anywhere", "203.0.113.0/33", "203.0.113", "", "1.2.3.4/-1", "::1/129", "203.0.113.0-9"):
        reply = house.call("POST", "/tokens", {"name": "where", "scopes": ["full"], "ip_allowlist": [wrong]})
        assert (reply.status, reply.fields) == (400, {"ip_allowlist"}), wrong
    assert make(house, ip_allowlist=["203.0.113.9/24", "203.0.113.0/24"])["ip_allowlist"] == ["203.0.113.0/24"]


def test_only_a_trusted_proxy_says_where_somebody_is(build: Callable[..., House]) -> None:
    house = build(proxies=("10.0.0.0/8",))
    token = make(house, ip_allowlist=["203.0.113.7"])["secret"]

    def asked(address: str, forwarded: str) -> int:
        headers = {"X-API-Key": token, "X-Forwarded-For": forwarded}
        return house.ask("GET", "/api/v1/links", headers=headers, REMOTE_ADDR=address).status

    assert asked("10.0.0.1", "203.0.113.7") == 200
    assert asked("10.0.0.1", "203.0.113.7, 10.9.9.9") == 200
    assert asked("8.8.8.8", "203.0.113.7") == 403
    assert asked("10.0.0.1", "203.0.113.7, 8.8.8.8") == 403
    assert asked("10.0.0.1", "rubbish") == 403


# ---- rotation


def rotate(house: House, token: Any, body: Any = None, **headers: str) -> Reply:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    return house.call("POST", f"/tokens/{token['id']}/rotation", body or {}, headers=given)


def test_a_rotated_token_goes_on_beside_the_new_one_until_the_overlap_ends(house: House) -> None:
    old = make(house)
    new = rotate(house, old, {"overlap_minutes": 60})
    assert (new.status, new.data["id"], new.data["version"]) == (200, old["id"], 2)
    assert new.data["secret"] != old["secret"]
    assert new.data["hint"] == new.data["secret"][:8]
    assert new.data["previous_until"] == iso(house.now + HOUR)
    house.now += HOUR - 1
    assert [use(house, one["secret"]).status for one in (old, new.data)] == [200, 200]
    house.now += 1
    assert [use(house, one["secret"]).status for one in (old, new.data)] == [401, 200]


def test_a_rotation_without_overlap_ends_the_old_secret_at_once(house: House) -> None:
    old = make(house)
    new = rotate(house, old, {"overlap_minutes": 0}).data
    assert [use(house, one["secret"]).status for one in (old, new)] == [401, 200]


def test_a_second_rotation_ends_the_first_secret(house: House) -> None:
    first = make(house)
    second, third = rotate(house, first).data, rotate(house, first).data
    assert [use(house, one["secret"]).status for one in (first, second, third)] == [401, 200, 200]


def test_a_rotation_sent_twice_is_done_once_and_shows_its_secret_once(house: House) -> None:
    token = make(house)
    new = rotate(house, token, Idempotency_Key="rotate-1")
    with house.unchanged():
        again = rotate(house, token, Idempotency_Key="rotate-1")
        assert "secret" not in again.data and again.data["secret_shown"] is True
        other = rotate(house, token, {"overlap_minutes": 1}, Idempotency_Key="rotate-1")
        assert other.error["code"] == "IDEMPOTENCY_MISMATCH"
    assert use(house, new.data["secret"]).status == 200


def test_a_rotation_takes_if_match_and_bounded_minutes(house: House) -> None:
    token = make(house)
    with house.unchanged():
        assert rotate(house, token, If_Match='"2"').status == 412
        assert rotate(house, token, If_Match="x").fields == {"If-Match"}
        for wrong in (-1, 43_201, "60", 1.5, None, True):
            assert rotate(house, token, {"overlap_minutes": wrong}).fields == {"overlap_minutes"}
        assert rotate(house, token, {"minutes": 1}).fields == {"minutes"}
        assert rotate(house, {"id": f"tok_{NOBODY}"}).status == 404
    assert rotate(house, token, If_Match='"1"').status == 200


# ---- how much it may do


def test_a_token_never_has_more_than_the_token_that_made_it(house: House) -> None:
    weak = make(house, scopes=["tokens:write", "tokens:read", "links:read"])
    key = {"X-API-Key": weak["secret"]}
    with house.unchanged():
        for wanted in (["links:write"], ["full"], ["read-only"], ["links:read", "tokens:write", "health:read"]):
            made = house.call("POST", "/tokens", {"name": "more", "scopes": wanted}, None, key)
            assert (made.status, made.error["code"]) == (403, "FORBIDDEN"), wanted
            changed = house.call("PATCH", f"/tokens/{weak['id']}", {"scopes": wanted}, None, key)
            assert changed.status == 403, wanted
        assert (
            "links:write"
            in house.call("POST", "/tokens", {"name": "mm", "scopes": ["full"]}, None, key).error["message"]
        )
    assert house.call("POST", "/tokens", {"name": "less", "scopes": ["links:read"]}, None, key).status == 201


def test_a_token_does_not_get_hold_of_a_stronger_one(house: House) -> None:
    weak, strong = make(house, scopes=["tokens:write", "tokens:read"]), make(house)
    key = {"X-API-Key": weak["secret"]}
    with house.unchanged():
        rotated = house.call("POST", f"/tokens/{strong['id']}/rotation", {}, None, key)
        assert (rotated.status, rotated.error["code"]) == (403, "FORBIDDEN")
    mine = house.call("POST", f"/tokens/{weak['id']}/rotation", {}, None, key)
    assert mine.status == 200


def test_an_admin_does_not_get_hold_of_an_owners_token(house: House) -> None:
    admin = house._person(house.owner.actor.workspace_id, "admin", "admin1")
    token = make(house)
    with house.unchanged():
        assert house.call("POST", f"/tokens/{token['id']}/rotation", {}, admin).status == 403


def test_scopes_are_scopes(house: House) -> None:
    for wrong in ([], ["links:reed"], ["links"], ["LINKS:READ"], ["*"], [""], "full", None, [None]):
        reply = house.call("POST", "/tokens", {"name": "scopes", "scopes": wrong})
        assert (reply.status, reply.fields) == (400, {"scopes"}), wrong


def member(house: House, role: str, name: str) -> tuple[Any, Any]:
    """A person with this role, and their membership."""
    person = house._person(house.owner.actor.workspace_id, role, name)
    found = house.call("GET", "/memberships", user_id=person.actor.user_id).data[0]
    return person, found


def test_a_demoted_member_has_weaker_tokens_at_once(house: House) -> None:
    person, membership = member(house, "editor", "demoted")
    link = {"destination": "https://shop.example/"}
    assert house.call("POST", "/links", link, person).status == 201
    house.call("PATCH", f"/memberships/{membership['id']}", {"role": "viewer"})
    assert house.call("POST", "/links", link, person).status == 403
    assert house.call("GET", "/links", as_=person).status == 200
    house.call("PATCH", f"/memberships/{membership['id']}", {"role": "editor"})
    assert house.call("POST", "/links", link, person).status == 201


def test_a_removed_member_has_no_token_any_more(house: House) -> None:
    person, membership = member(house, "editor", "removed")
    house.call("DELETE", f"/memberships/{membership['id']}")
    assert house.call("GET", "/links", as_=person).error["code"] == "INVALID_API_KEY"


def test_a_deleted_user_has_no_token_any_more(house: House) -> None:
    person, _ = member(house, "editor", "deleted")
    house.call("DELETE", f"/users/{person.actor.user_id}")
    assert house.call("GET", "/links", as_=person).status == 401


def test_the_tokens_of_a_deleted_workspace_end(house: House) -> None:
    made = house.call("POST", "/workspaces", {"name": "Short-lived"}).data
    person = house._person(made["id"], "owner", "lodger")
    assert house.call("GET", "/links", as_=person).status == 200
    assert house.call("DELETE", f"/workspaces/{made['id']}").status == 204
    assert house.call("GET", "/links", as_=person).status == 401


def test_a_token_acts_in_its_own_workspace_whatever_the_header_says(house: House) -> None:
    link = house.link()
    headers = {"X-Workspace-Id": house.owner.actor.workspace_id}
    reply = house.call("GET", "/links", as_=house.stranger, headers=headers)
    assert reply.status == 403 or link["id"] not in reply.body.decode()


# ---- members above one's own rank


def test_an_admin_takes_over_no_owner(house: House) -> None:
    admin = house._person(house.owner.actor.workspace_id, "admin", "admin2")
    there = f"/users/{house.owner.actor.user_id}"
    membership = house.call("GET", "/memberships", user_id=house.owner.actor.user_id).data[0]
    with house.unchanged():
        for method, path, body in (
            ("PATCH", there, {"password": "a new long password"}),
            ("PATCH", there, {"email": "mine@acme.example"}),
            ("DELETE", there, None),
            ("PATCH", f"/memberships/{membership['id']}", {"role": "viewer"}),
            ("DELETE", f"/memberships/{membership['id']}", None),
            ("POST", "/users", new_user("owner")),
        ):
            reply = house.call(method, path, body, admin)
            assert (reply.status, reply.error["code"]) == (403, "FORBIDDEN"), (method, path, body)


def new_user(role: str) -> dict[str, str]:
    return {"email": "new@acme.example", "name": "New", "password": PASSWORD, "role": role}


def test_an_admin_takes_over_nobody_who_is_an_owner_elsewhere(house: House) -> None:
    admin = house._person(house.owner.actor.workspace_id, "admin", "admin3")
    body = {**new_user("editor"), "email": "both@acme.example"}
    user = house.make(User, **body)
    house.make(Membership, house.stranger, email="both@acme.example", role="owner")
    with house.unchanged():
        reply = house.call("PATCH", f"/users/{user['id']}", {"password": "a new long password"}, admin)
        assert reply.status == 403


def test_a_workspace_keeps_an_owner(house: House) -> None:
    alone = house._person(house._workspace("Alone", "alone.example"), "owner", "alone")
    membership = house.call("GET", "/memberships", as_=alone).data[0]
    with house.unchanged():
        assert house.call("PATCH", f"/memberships/{membership['id']}", {"role": "admin"}, alone).status == 409
        assert house.call("DELETE", f"/memberships/{membership['id']}", as_=alone).status == 409
        assert house.call("DELETE", f"/users/{alone.actor.user_id}", as_=alone).status == 409


def test_an_admin_may_make_a_workspace_and_owns_it(house: House) -> None:
    admin = house._person(house.owner.actor.workspace_id, "admin", "admin4")
    made = house.call("POST", "/workspaces", {"name": "Second"}, admin)
    assert made.status == 201
    roles = house.records.rows("SELECT user_id, role FROM memberships WHERE workspace_id = ?", (made.data["id"],))
    assert roles == [{"user_id": admin.actor.user_id, "role": "owner"}]


# ---- finding them


def test_a_name_has_2_to_50_characters(house: House) -> None:
    for name in ("ab", "x" * 50, "ü" * 50, "日本"):
        assert make(house, name=name)["name"] == name
    for wrong in ("", "a", "x" * 51, "é", "a\nb", "NUL\0", None, 5):
        reply = house.call("POST", "/tokens", {"name": wrong, "scopes": ["full"]})
        assert (reply.status, reply.fields) == (400, {"name"}), wrong


def test_tokens_are_searched_by_name(house: House) -> None:
    token = make(house, name="Nightly EXPORT job")
    for text in ("export", "Nightly", "port j"):
        assert token["id"] in [row["id"] for row in house.call("GET", "/tokens", q=text).data]
    assert house.call("GET", "/tokens", q="no such token").data == []


def test_tokens_are_filtered_in_five_ways(build: Callable[..., House]) -> None:
    house = build()
    admin = house._person(house.owner.actor.workspace_id, "admin", "admin")
    house.now += DAY
    late = make(house, expires_at=iso(house.now + 5 * DAY))
    theirs = house.make(Token, admin, name="of the admin", scopes=["full"])
    make(house, name="far away", expires_at=iso(house.now + 50 * DAY))

    def found(**query: str) -> set[str]:
        return {row["id"] for row in house.call("GET", "/tokens", limit="100", **query).data}

    assert found(user_id=admin.actor.user_id) >= {theirs["id"]}
    assert late["id"] not in found(user_id=admin.actor.user_id)
    assert found(created_by=theirs["created_by"]) == {theirs["id"]}
    assert late["id"] in found(**{"created_at[gte]": iso(house.now)})
    assert late["id"] not in found(**{"created_at[lt]": iso(house.now)})
    soon = {"expires_at[gte]": iso(house.now), "expires_at[lte]": iso(house.now + 7 * DAY)}
    assert found(**soon) == {late["id"]}
    assert use(house, late["secret"]).status == 200
    assert late["id"] in found(**{"last_used_at[null]": "true"})
    house.now += MINUTE
    house.app.last_used.flush_once(house.records, house.clock)
    assert late["id"] in found(**{"last_used_at[gte]": iso(house.now - HOUR)})
    assert theirs["id"] in found(**{"last_used_at[null]": "true"})


def test_a_use_is_written_down_within_a_minute_and_is_no_change(house: House) -> None:
    token = make(house)
    use(house, token["secret"], REMOTE_ADDR="203.0.113.7")
    at, seq = iso(house.now), house.last_seq()
    house.now += 30 * SECOND
    house.app.last_used.flush_once(house.records, house.clock)
    found = house.call("GET", f"/tokens/{token['id']}").data
    assert (found["last_used_at"], found["last_used_ip"], found["version"]) == (at, "203.0.113.7", 1)
    assert house.last_seq() == seq


def test_a_refused_use_is_no_use(house: House) -> None:
    token = make(house, ip_allowlist=["203.0.113.7"])
    assert use(house, token["secret"], REMOTE_ADDR="8.8.8.8").status == 403
    house.app.last_used.flush_once(house.records, house.clock)
    assert house.call("GET", f"/tokens/{token['id']}").data["last_used_at"] is None


# ---- what the feed shows


def test_the_feed_shows_only_what_its_reader_may_also_read_by_itself(house: House) -> None:
    weak = {"X-API-Key": make(house, scopes=["events:read", "links:read"])["secret"]}
    begin = str(house.last_seq())
    link, token = house.link(), make(house)
    user = house.make(User, **{**new_user("viewer"), "email": "feed@acme.example"})
    whole = house.call("GET", "/events", after=begin).data
    assert {event["record_id"] for event in whole} >= {link["id"], token["id"], user["id"]}
    shown = house.call("GET", "/events", None, None, weak, after=begin, limit="1").json
    assert [event["record_id"] for event in shown["data"]] == [link["id"]]
    rest = house.call("GET", "/events", None, None, weak, after=shown["pagination"]["next_cursor"]).data
    assert rest == []
    hidden = next(event["id"] for event in whole if event["record_id"] == token["id"])
    assert house.call("GET", f"/events/{hidden}", None, None, weak).status == 404
    assert house.call("GET", "/events", None, None, weak, record_id=token["id"]).data == []
