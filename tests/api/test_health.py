"""Health and metrics: a yes or no for everybody, the inside for those who may see it."""

from collections.abc import Callable

import pytest

from routy.resources.tokens import Token
from tests.house import House

PATHS = ("/api/v1/health", "/v1/health")


@pytest.fixture
def house(build: Callable[..., House]) -> House:
    return build()


def allowed(house: House) -> dict[str, str]:
    return {"X-API-Key": house.make(Token, name="watch", scopes=["health:read"])["secret"]}


def lose_a_click(house: House) -> None:
    """One was answered that is nowhere: the books no longer hold."""
    house.app.walk.books.answered.add("destination")


@pytest.mark.parametrize("path", PATHS)
def test_the_public_learns_yes_or_no(house: House, path: str) -> None:
    reply = house.ask("GET", path)
    assert (reply.status, reply.json) == (200, {"success": True, "data": {"ok": True}})
    lose_a_click(house)
    reply = house.ask("GET", path)
    assert (reply.status, reply.json) == (503, {"success": True, "data": {"ok": False}})


def test_a_load_balancer_keeps_a_server_whose_redirects_go_on(house: House) -> None:
    lose_a_click(house)
    reply = house.ask("GET", "/healthz")
    assert (reply.status, reply.data) == (200, {"ok": False})


@pytest.mark.parametrize("path", PATHS)
def test_with_its_scope_the_inside_is_shown(house: House, path: str) -> None:
    data = house.ask("GET", path, headers=allowed(house)).data
    assert (data["ok"], data["problems"]) == (True, [])
    assert {"stores", "spool", "workers", "books"} <= set(data["inside"])
    books = data["inside"]["books"]
    assert books["answered"] == books["stored"] + books["spooled"] + sum(books["refused"].values())


def test_another_scope_shows_no_more_than_the_public_sees(house: House) -> None:
    key = house.make(Token, name="links", scopes=["links:read"])["secret"]
    assert house.ask("GET", PATHS[0], headers={"X-API-Key": key}).data == {"ok": True}
    assert house.ask("GET", PATHS[0], headers={"X-API-Key": "rubbish"}).data == {"ok": True}


def test_what_is_wrong_is_told_in_words(house: House) -> None:
    lose_a_click(house)
    reply = house.ask("GET", PATHS[0], headers=allowed(house))
    assert reply.status == 503
    assert ["books" in problem for problem in reply.data["problems"]] == [True]


def test_the_inside_tells_no_secret(house: House) -> None:
    body = house.ask("GET", PATHS[0], headers=allowed(house)).body.decode()
    for secret in (house.owner.token, house.app.front.rooms["api"].services.secret.hex(), str(house.path)):
        assert secret not in body


def metrics(house: House) -> dict[str, float]:
    text = house.ask("GET", "/metrics", headers=allowed(house)).body.decode()
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_metrics_are_those_of_prometheus(house: House) -> None:
    house.link("summer")
    house.ask("GET", "/summer")
    reply = house.ask("GET", "/metrics", headers=allowed(house))
    assert reply.headers["Content-Type"].startswith("text/plain")
    found = metrics(house)
    assert found["routy_books_answered"] == 1
    assert found['routy_api_requests_total{method="POST",route="/links",status="201"}'] == 1
    assert found["routy_links"] == 1


def test_metrics_are_not_for_everybody(house: House) -> None:
    assert house.ask("GET", "/metrics").status == 401
    assert house.ask("GET", "/metrics", headers={"Authorization": f"Bearer {house.teammate.token}"}).status == 403
    assert house.ask("GET", "/api/v1/metrics").status == 404


def series(house: House) -> int:
    return sum(1 for name in metrics(house) if name.startswith("routy_api_"))


def test_nobody_makes_the_metrics_grow(house: House) -> None:
    def knock(n: int) -> None:
        house.ask(f"KNOCK{n}", f"/api/v1/nothing{n}")
        house.ask(f"KNOCK{n}", "/api/v1/links")
        house.ask("GET", f"/api/v1/links/{n}")
        house.ask("GET", "/api/v1/links", headers={"Authorization": f"Bearer {n}"})

    for n in range(3):
        knock(n)
    metrics(house)
    before = series(house)
    for n in range(3, 40):
        knock(n)
    assert series(house) == before
