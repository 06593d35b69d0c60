"""Setup, and people in a browser: login, cookie, CSRF, workspaces, logout."""

from collections.abc import Callable

import pytest

from routy.clock import DAY, MINUTE
from routy.config import Login
from routy.resources.memberships import Membership
from routy.resources.users import User
from routy.secret import digest
from tests.api.browser import Browser
from tests.house import PASSWORD, House, Reply

Build = Callable[..., House]


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture
def owner(house: House) -> Browser:
    browser = Browser(house)
    assert browser.log_in(house.owner.email).status == 201
    return browser


# ---- setup


FORM = {"email": "ada@acme.example", "name": "Ada", "password": PASSWORD}


def test_the_setup_link_makes_the_owner_once(build: Build) -> None:
    house = build(empty=True)
    browser = Browser(house)
    form = {**FORM, "token": house.app.setup_secret, "workspace": "Acme", "timezone": "Europe/Berlin"}
    reply = browser.call("POST", "/setup", form)
    assert (reply.status, reply.data["role"]) == (201, "owner")
    assert (reply.data["workspace"]["name"], reply.data["workspace"]["timezone"]) == ("Acme", "Europe/Berlin")
    browser.take(reply)
    assert browser.call("POST", "/links", {"destination": "https://shop.example/"}).status == 201
    with house.unchanged():
        again = browser.call("POST", "/setup", {**form, "email": "eve@evil.example"})
        assert (again.status, again.error["code"]) == (410, "GONE")
    assert Browser(house).log_in("ada@acme.example").status == 201


def test_a_wrong_setup_is_refused_and_makes_nobody(build: Build) -> None:
    house = build(empty=True)
    form = {**FORM, "token": house.app.setup_secret}
    wrong = {
        "token": "wrong", "email": "nobody", "name": "", "password": "short", "workspace": "", "timezone": "Mars",
        "colour": "red",
    }  # fmt: skip
    with house.unchanged():
        for name, value in wrong.items():
            reply = Browser(house, ip=f"8.8.8.{len(name)}").call("POST", "/setup", {**form, name: value})
            assert (reply.status, reply.fields) == (400, {name})
        assert house.app.setup_secret not in reply.body.decode()
    assert Browser(house).call("POST", "/setup", form).status == 201


def test_guessing_the_setup_link_is_throttled(build: Build) -> None:
    house = build(empty=True, login=Login(attempts=3))
    guesses = [Browser(house).call("POST", "/setup", {**FORM, "token": f"guess{n}"}).status for n in range(5)]
    assert guesses == [400, 400, 400, 429, 429]
    right = {**FORM, "token": house.app.setup_secret}
    assert Browser(house).call("POST", "/setup", right).status == 429
    assert Browser(house, ip="9.9.9.9").call("POST", "/setup", right).status == 201


def test_an_empty_house_lets_nobody_in(build: Build) -> None:
    house = build(empty=True)
    assert Browser(house).log_in("ada@acme.example").status == 401
    assert house.ask("GET", "/api/v1/links").status == 401


# ---- login


def test_a_login_says_who_acts_where_and_as_what(house: House) -> None:
    reply = Browser(house).log_in(" TeamMate@acme.example ")
    assert reply.data["user"]["email"] == "teammate@acme.example"
    assert (reply.data["role"], reply.data["workspace"]["id"]) == ("editor", house.teammate.actor.workspace_id)
    assert "links:write" in reply.data["scopes"] and "tokens:write" not in reply.data["scopes"]
    assert "password" not in reply.data["user"]


def flags(reply: Reply) -> set[str]:
    return {part.strip().lower() for part in reply.headers["Set-Cookie"].split(";")[1:]}


def test_the_cookie_is_for_this_host_and_for_no_script(house: House) -> None:
    reply = Browser(house).log_in(house.owner.email)
    assert flags(reply) == {"httponly", "samesite=lax", "path=/", f"max-age={14 * 86_400}"}
    assert "secure" in flags(Browser(house, scheme="https").log_in(house.owner.email))


def test_the_cookie_is_known_by_its_hash_alone(house: House) -> None:
    browser = Browser(house)
    reply = browser.log_in(house.owner.email)
    secret = browser.cookie.partition("=")[2]
    stored = house.records.rows("SELECT * FROM sessions")
    assert secret not in repr(stored)
    assert digest(secret) in [row["secret_sha256"] for row in stored]
    assert secret not in reply.body.decode()


def test_a_wrong_password_and_an_unknown_address_are_told_alike(house: House) -> None:
    with house.unchanged():
        wrong = Browser(house, ip="1.1.1.1").log_in(house.owner.email, "not the password")
        unknown = Browser(house, ip="1.1.1.2").log_in("nobody@acme.example", "not the password")
    assert (wrong.status, unknown.status) == (401, 401)
    assert (wrong.error["code"], wrong.error["message"]) == (unknown.error["code"], unknown.error["message"])
    assert "Set-Cookie" not in wrong.headers


def test_a_login_form_is_checked(house: House) -> None:
    with house.unchanged():
        assert Browser(house).call("POST", "/sessions", {}).fields == {"email", "password"}
        assert Browser(house).call("POST", "/sessions", {"email": 1, "password": "x" * 201, "a": 1}).fields == {
            *("email", "password", "a")
        }


def test_a_deleted_user_neither_logs_in_nor_goes_on(house: House) -> None:
    user = house.make(User, email="gone@acme.example", name="Gone", password=PASSWORD)
    browser = Browser(house)
    assert browser.log_in("gone@acme.example").status == 201
    house.call("DELETE", f"/users/{user['id']}")
    assert browser.call("GET", "/links").status == 401
    assert browser.log_in("gone@acme.example").status == 401


def test_a_changed_password_replaces_the_old_one(house: House) -> None:
    user = house.make(User, email="fresh@acme.example", name="Fresh", password=PASSWORD)
    house.call("PATCH", f"/users/{user['id']}", {"password": "another long password"})
    assert Browser(house).log_in("fresh@acme.example").status == 401
    assert Browser(house).log_in("fresh@acme.example", "another long password").status == 201


def test_a_changed_password_ends_the_sessions_of_whoever_knew_the_old_one(house: House) -> None:
    user = house.make(User, email="stolen@acme.example", name="Stolen", password=PASSWORD)
    thief = Browser(house)
    thief.log_in("stolen@acme.example")
    house.call("PATCH", f"/users/{user['id']}", {"password": "another long password"})
    assert thief.call("GET", "/links").status == 401


# ---- throttle


def test_failed_logins_lock_the_account_for_everybody_for_a_while(build: Build) -> None:
    house = build(login=Login(attempts=3))
    for n in range(3):
        assert Browser(house, ip=f"1.1.1.{n}").log_in(house.owner.email, "wrong password").status == 401
    locked = Browser(house, ip="2.2.2.2").log_in(house.owner.email)
    assert (locked.status, locked.error["code"]) == (429, "RATE_LIMITED")
    assert int(locked.headers["Retry-After"]) == locked.error["retry_after"] == 15 * 60
    assert Browser(house, ip="2.2.2.2").log_in(house.teammate.email).status == 201
    house.now += 15 * MINUTE
    assert Browser(house, ip="2.2.2.2").log_in(house.owner.email).status == 201


def test_failed_logins_lock_the_address_they_come_from(build: Build) -> None:
    house = build(login=Login(attempts=3))
    for n in range(3):
        Browser(house, ip="1.1.1.1").log_in(f"somebody{n}@acme.example", "wrong password")
    assert Browser(house, ip="1.1.1.1").log_in(house.owner.email).status == 429
    assert Browser(house, ip="1.1.1.2").log_in(house.owner.email).status == 201


def test_a_login_forgives_what_failed_before(build: Build) -> None:
    house = build(login=Login(attempts=3))
    for password in ("wrong password", "wrong password", PASSWORD, "wrong password", "wrong password", PASSWORD):
        status = Browser(house).log_in(house.owner.email, password).status
        assert status == (201 if password == PASSWORD else 401)


# ---- CSRF


@pytest.mark.parametrize("token", ["", "wrong", "ü", "x" * 5000])
def test_a_write_without_the_sessions_csrf_token_is_refused(house: House, owner: Browser, token: str) -> None:
    right, owner.csrf = owner.csrf, token
    link = house.link()
    with house.unchanged():
        for method, path in (
            ("POST", "/links"),
            ("PATCH", f"/links/{link['id']}"),
            ("DELETE", f"/links/{link['id']}"),
            ("PUT", "/links/external/x"),
            ("DELETE", "/sessions/current"),
        ):
            reply = owner.call(method, path, {})
            assert (reply.status, reply.error["code"]) == (403, "FORBIDDEN")
            assert right not in reply.body.decode()
    assert owner.call("GET", "/links").status == 200


def test_the_csrf_token_of_another_session_is_no_good(house: House, owner: Browser) -> None:
    other = Browser(house)
    other.log_in(house.owner.email)
    assert owner.csrf != other.csrf
    owner.csrf = other.csrf
    assert owner.call("POST", "/tags", {"name": "csrf"}).status == 403


def test_a_token_needs_no_csrf_token_even_beside_a_cookie(house: House, owner: Browser) -> None:
    owner.csrf = ""
    reply = owner.call("POST", "/tags", {"name": "token"}, headers={"X-API-Key": house.owner.token})
    assert reply.status == 201


# ---- sessions


def test_the_current_session_tells_the_csrf_token_again(owner: Browser) -> None:
    assert owner.call("GET", "/sessions/current").data["csrf_token"] == owner.csrf


def test_sessions_are_for_people(house: House) -> None:
    for method in ("GET", "DELETE"):
        reply = house.call(method, "/sessions/current")
        assert (reply.status, reply.error["code"]) == (403, "FORBIDDEN")


def test_a_logout_ends_this_session_and_no_other(house: House, owner: Browser) -> None:
    other = Browser(house)
    other.log_in(house.owner.email)
    reply = owner.call("DELETE", "/sessions/current")
    assert (reply.status, reply.body) == (204, b"")
    assert "max-age=0" in flags(reply)
    assert reply.headers["Set-Cookie"].startswith(('routy_session="";', "routy_session=;"))
    assert owner.call("GET", "/links").error["code"] == "UNAUTHORIZED"
    assert other.call("GET", "/links").status == 200


def test_a_session_ends_by_itself(build: Build) -> None:
    house = build(login=Login(session_days=2))
    browser = Browser(house)
    assert f"max-age={2 * 86_400}" in flags(browser.log_in(house.owner.email))
    house.now += 2 * DAY - 1
    assert browser.call("GET", "/links").status == 200
    house.now += 1
    assert browser.call("GET", "/links").status == 401
    Browser(house).log_in(house.owner.email)
    assert len(house.records.rows("SELECT * FROM sessions")) == 1, "what has ended is forgotten"


@pytest.mark.parametrize(
    "cookie", ["routy_session=", "routy_session=x", "routy_session=é", "x=y", ";;;", "=", "\x01"]
)
def test_a_cookie_that_means_nothing_is_a_401(house: House, cookie: str) -> None:
    assert house.ask("GET", "/api/v1/links", headers={"Cookie": cookie}).status == 401


def test_a_changed_role_counts_at_once(house: House) -> None:
    house.make(User, email="viewer@acme.example", name="Viewer", password=PASSWORD, role="viewer")
    browser = Browser(house)
    browser.log_in("viewer@acme.example")
    assert browser.call("POST", "/tags", {"name": "viewer"}).status == 403
    membership = house.call("GET", "/memberships", email="viewer@acme.example").data[0]
    house.call("PATCH", f"/memberships/{membership['id']}", {"role": "editor"})
    assert browser.call("POST", "/tags", {"name": "viewer"}).status == 201
    house.call("DELETE", f"/memberships/{membership['id']}")
    assert browser.call("GET", "/links").status == 403


# ---- one person, two workspaces


def test_a_person_of_two_workspaces_says_in_which_they_act(house: House) -> None:
    house.make(User, email="two@acme.example", name="Two", password=PASSWORD, role="editor")
    house.make(Membership, house.stranger, email="two@acme.example", role="viewer")
    browser = Browser(house)
    assert browser.log_in("two@acme.example").data["workspace"]["id"] == house.owner.actor.workspace_id
    there = {"X-Workspace-Id": house.stranger.actor.workspace_id}
    current = browser.call("GET", "/sessions/current", headers=there).data
    assert (current["workspace"]["id"], current["role"]) == (there["X-Workspace-Id"], "viewer")
    assert browser.call("POST", "/tags", {"name": "two"}, headers=there).status == 403
    assert browser.call("POST", "/tags", {"name": "two"}).status == 201
    assert "two" not in [tag["name"] for tag in browser.call("GET", "/tags", headers=there).data]


@pytest.mark.parametrize("name", ["", "ws_none", "x" * 500, "'"])
def test_a_workspace_that_is_not_ones_own_is_a_403(house: House, owner: Browser, name: str) -> None:
    foreign = name or house.stranger.actor.workspace_id
    reply = owner.call("GET", "/links", headers={"X-Workspace-Id": foreign})
    assert (reply.status, reply.error["code"]) == (403, "FORBIDDEN")


def test_a_replay_in_another_workspace_is_no_replay(house: House) -> None:
    house.make(User, email="replay@acme.example", name="Replay", password=PASSWORD, role="editor")
    house.make(Membership, house.stranger, email="replay@acme.example", role="editor")
    browser = Browser(house)
    browser.log_in("replay@acme.example")
    there = {"X-Workspace-Id": house.stranger.actor.workspace_id}
    key = {"Idempotency-Key": "both"}
    first = browser.call("POST", "/tags", {"name": "replay"}, headers=key)
    second = browser.call("POST", "/tags", {"name": "replay"}, headers={**key, **there})
    assert first.status == 201
    assert second.status == 409 or second.data["id"] != first.data["id"]
