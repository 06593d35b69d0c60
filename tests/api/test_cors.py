"""Browsers of other origins: refused, but for those that the operator lists."""

from collections.abc import Iterator

import pytest

from routy.config import Api
from tests.house import House

ORIGIN = "https://app.example"
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    api = Api(rate_per_minute=0, cors_origins=(ORIGIN, "https://other.example"))
    house = House(tmp_path_factory.mktemp("house"), api=api)
    yield house
    house.close()


def ask(
    house: House, method: str, path: str = "/links", origin: str = ORIGIN, token: bool = True
) -> dict[str, str]:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    headers |= {"X-API-Key": house.owner.token} if token else {}
    return house.ask(method, f"/api/v1{path}", headers=headers).headers


def test_by_default_no_origin_is_let_in(shared_house: House) -> None:
    for method in ("GET", "OPTIONS"):
        assert not [name for name in ask(shared_house, method) if name.startswith("Access-Control")]


def test_a_listed_origin_is_let_in_whatever_the_answer(listed: House) -> None:
    for path, token in (("/links", True), ("/links", False), ("/links/none", True), ("/nothing", True)):
        headers = ask(listed, "GET", path, token=token)
        assert (headers[ALLOW], headers["Vary"]) == (ORIGIN, "Origin")
        assert "Retry-After" in headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://app.example", "https://app.example:8443", "null", "", "*",
               "https://app.example.evil.example", "https://APP.example", "https://app.example/"]
)  # fmt: skip
def test_any_other_origin_is_not(listed: House, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        headers = ask(listed, method, origin=origin)
        assert ALLOW not in headers
        assert headers["Vary"] == "Origin", "a cache must not give one origin's answer to another"


def test_a_preflight_tells_methods_and_headers(listed: House) -> None:
    reply = listed.ask("OPTIONS", "/api/v1/links", headers={"Origin": ORIGIN})
    assert (reply.status, reply.body) == (204, b"")
    assert "PATCH" in reply.headers["Access-Control-Allow-Methods"]
    allowed = reply.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"Authorization", "Content-Type", "If-Match", "Idempotency-Key"} <= set(allowed)


def test_no_cookie_is_ever_taken_from_another_origin(listed: House) -> None:
    for method in ("GET", "OPTIONS"):
        assert "Access-Control-Allow-Credentials" not in ask(listed, method)


def test_options_needs_no_credential_and_names_the_methods(shared_house: House) -> None:
    for path in ("/links", "/links/none", "/nothing"):
        reply = shared_house.ask("OPTIONS", f"/api/v1{path}")
        assert reply.status == 204
        assert {"GET", "POST", "OPTIONS"} <= set(reply.headers["Allow"].split(", "))
