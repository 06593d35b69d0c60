from routy.clicks import requests
from routy.clicks.requests import ApiRequest
from routy.ids import new_id
from routy.resources.api_requests import ApiRequest as Resource
from tests.clicks.yard import Yard


def log(yard: Yard, workspace_id: str, route: str = "/links", status: int = 200) -> str:
    request_id = new_id("req", yard.now)
    request = ApiRequest(request_id, workspace_id, "tok_x", "GET", route, status, 3, "203.0.113.7", 512)
    assert requests.append(yard.requests, "run", request)
    return request_id


def test_a_request_is_listed_under_the_id_that_its_caller_saw(yard: Yard) -> None:
    request_id = log(yard, yard.workspace_id)
    yard.load()
    row = yard.clicks(Resource).rows[0]
    assert row == {
        "id": request_id, "actor_id": "tok_x", "method": "GET", "route": "/links", "status": 200, "ms": 3,
        "ip": "203.0.113.7", "bytes": 512, "created_at": yard.now - 2_000,
    }  # fmt: skip


def test_requests_of_strangers_are_not_listed(yard: Yard) -> None:
    log(yard, "ws_stranger")
    log(yard, "")
    yard.load()
    assert yard.clicks(Resource).rows == []


def test_requests_are_filtered(yard: Yard) -> None:
    log(yard, yard.workspace_id, "/links/{id}", 404)
    log(yard, yard.workspace_id)
    yard.load()
    assert [row["status"] for row in yard.clicks(Resource, **{"status[gte]": "400"}).rows] == [404]
    assert [row["route"] for row in yard.clicks(Resource, **{"route[prefix]": "/links/"}).rows] == ["/links/{id}"]


def test_a_closed_spool_is_no_reason_to_fail_a_request(yard: Yard) -> None:
    yard.requests.close()
    request = ApiRequest(new_id("req", yard.now), "ws", "tok", "GET", "/", 200, 0, "", 0)
    assert requests.append(yard.requests, "run", request) is False
