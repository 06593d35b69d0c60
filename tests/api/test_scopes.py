"""Every endpoint, asked by nobody, with every other scope, with its own, and by a stranger."""

from collections.abc import Callable

import pytest

from routy.api.call import Endpoint
from routy.api.endpoints import ENDPOINTS
from routy.resources import RESOURCES
from routy.resources.tokens import Token
from routy.scopes import DOMAINS, PRESETS, ROLES, SCOPES
from tests.house import House, Reply
from tests.resources.samples import NOBODY, Samples

GUARDED = [endpoint for endpoint in ENDPOINTS if endpoint.scope]
QUIETENING = {"mark_notification", "mark_notifications", "set_notification_preferences"}
NAMED = [endpoint for endpoint in GUARDED if endpoint.places and endpoint.places != ("external_id",)]


def each(endpoints: list[Endpoint]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("endpoint", endpoints, ids=lambda one: f"{one.method} {one.path}")


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture(scope="module")
def samples(house: House) -> Samples:
    return Samples(house)


@pytest.fixture(scope="module")
def tokens(house: House) -> dict[str, str]:
    """By each scope, a token with this scope and a token with all others."""
    made = {scope: house.make(Token, name="one", scopes=[scope])["secret"] for scope in SCOPES}
    for scope in SCOPES:
        others = [other for other in SCOPES if other != scope]
        made[f"not {scope}"] = house.make(Token, name="others", scopes=others)["secret"]
    both = ["alerts:read", "alerts:write"]
    made[" and ".join(both)] = house.make(Token, name="both", scopes=both)["secret"]
    return made


@pytest.fixture(scope="module")
def names(samples: Samples) -> Callable[[Endpoint], str]:
    """The name of a record of the owner, as an endpoint's path wants it; no stranger's call may change it."""
    made = {kind.path(): samples.one(kind)["id"] for kind in RESOURCES.values()}

    def name(endpoint: Endpoint) -> str:
        first = endpoint.path.split("/")[1]
        return made.get(endpoint.resource.path() if endpoint.resource else first, f"{made['links']}.svg")

    return name


def ask(house: House, endpoint: Endpoint, token: str | None, name: str = "nothing") -> Reply:
    """Ask an endpoint with this name in its path; whatever it takes, it gets an empty object."""
    there = endpoint.path
    for place in endpoint.places:
        there = there.replace(f"{{{place}}}", name)
    whole = there if endpoint.rooted else f"/api/v1{there}"
    headers = {"Content-Type": "application/json"} | ({"X-API-Key": token} if token else {})
    return house.ask(endpoint.method, whole, body=b"{}" if endpoint.writes else b"", headers=headers)


def test_every_endpoint_is_either_guarded_or_meant_to_be_open() -> None:
    opened = {endpoint.name for endpoint in ENDPOINTS if endpoint.scope is None}
    assert opened == {"setup", "log_in", "get_health", "get_healthz", "get_openapi", "get_download"}
    anybody = {endpoint.name for endpoint in ENDPOINTS if endpoint.scope == ""}
    own = {"get_current_session", "log_out", "list_sessions", "end_other_sessions"}
    assert anybody == {*own, "search", "follow_firehose"}, "these look into what the credential may read"
    assert {endpoint.scope for endpoint in GUARDED} <= set(SCOPES)


def test_every_scope_opens_something() -> None:
    assert set(SCOPES) == {endpoint.scope for endpoint in GUARDED}
    assert {scope.partition(":")[0] for scope in SCOPES} == set(DOMAINS)
    assert PRESETS["full"] == set(SCOPES)
    assert ROLES["viewer"] < ROLES["editor"] < ROLES["admin"] <= ROLES["owner"] == set(SCOPES)


@each([endpoint for endpoint in ENDPOINTS if endpoint.scope is not None])
def test_nobody_is_let_in_without_a_credential(house: House, endpoint: Endpoint) -> None:
    with house.unchanged():
        reply = ask(house, endpoint, None)
        assert (reply.status, reply.error["code"]) == (401, "UNAUTHORIZED")
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


@each([endpoint for endpoint in ENDPOINTS if endpoint.scope is not None])
def test_a_bad_credential_is_worth_no_more_than_none(house: House, endpoint: Endpoint) -> None:
    with house.unchanged():
        token = house.owner.token
        reply = ask(house, endpoint, token[:-1] + ("1" if token.endswith("0") else "0"))
        assert (reply.status, reply.error["code"]) == (401, "INVALID_API_KEY")


@each(GUARDED)
def test_all_other_scopes_are_not_enough_and_the_missing_one_is_named(
    house: House, tokens: dict[str, str], endpoint: Endpoint
) -> None:
    with house.unchanged():
        reply = ask(house, endpoint, tokens[f"not {endpoint.scope}"])
        assert (reply.status, reply.error["code"]) == (403, "FORBIDDEN")
        assert str(endpoint.scope) in reply.error["message"]


@each(GUARDED)
def test_its_own_scope_is_enough(house: House, tokens: dict[str, str], endpoint: Endpoint) -> None:
    name = f"{endpoint.resource.prefix}_{NOBODY}" if endpoint.resource else "link_none.png"
    both = ("alerts:read", "alerts:write") if endpoint.name in QUIETENING else (str(endpoint.scope),)
    reply = ask(house, endpoint, tokens[" and ".join(both)], name)
    assert reply.status not in (401, 403), reply.body
    assert reply.status < 500


@each([endpoint for endpoint in GUARDED if endpoint.name in QUIETENING])
def test_a_token_that_may_only_read_quietens_nothing(
    house: House, tokens: dict[str, str], endpoint: Endpoint
) -> None:
    reply = ask(house, endpoint, tokens["alerts:read"], f"ntf_{NOBODY}")
    assert (reply.status, "alerts:write" in reply.error["message"]) == (403, True)


@each([endpoint for endpoint in ENDPOINTS if endpoint.scope is None])
def test_what_is_open_is_open_to_anybody(house: House, endpoint: Endpoint) -> None:
    for token in (None, "rubbish"):
        assert ask(house, endpoint, token).status not in (401, 403)


@each(NAMED)
def test_a_stranger_finds_nothing_by_the_ids_of_others(
    house: House, names: Callable[[Endpoint], str], endpoint: Endpoint
) -> None:
    record = names(endpoint)
    assert ask(house, endpoint, house.stranger.token, record).status == 404
    if not endpoint.writes:
        mine = ask(house, endpoint, house.owner.token, record).status
        assert mine == (409 if endpoint.name == "get_export_file" else 200), "there is no file yet"


def test_every_resource_is_walked() -> None:
    walked = {endpoint.resource.plural for endpoint in GUARDED if endpoint.resource}
    assert walked == set(RESOURCES)
