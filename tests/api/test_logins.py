"""`/sessions`: where somebody is logged in, and the way out of all other places."""

import pytest

from tests.api.browser import Browser
from tests.house import House


@pytest.fixture
def here(house: House) -> Browser:
    browser = Browser(house)
    assert browser.log_in(house.owner.email).status == 201
    return browser


def test_somebody_sees_where_they_are_logged_in_and_nobody_else(house: House, here: Browser) -> None:
    there = Browser(house, ip="9.9.9.9")
    there.log_in(house.owner.email)
    Browser(house).log_in(house.teammate.email)
    listed = here.call("GET", "/sessions").data["sessions"]
    assert {(one["ip"], one["current"]) for one in listed} == {("8.8.8.8", True), ("9.9.9.9", False)}
    assert set(listed[0]) == {"created_at", "expires_at", "ip", "agent", "current"}


def test_the_way_out_of_everywhere_else_leaves_this_session_and_those_of_others(
    house: House, here: Browser
) -> None:
    there, teammate = Browser(house), Browser(house)
    there.log_in(house.owner.email)
    teammate.log_in(house.teammate.email)
    reply = here.call("DELETE", "/sessions")
    assert (reply.status, reply.data) == (200, {"ended": 1})
    asked = [browser.call("GET", "/sessions/current").status for browser in (here, there, teammate)]
    assert asked == [200, 401, 200]


def test_it_is_a_write_and_needs_the_csrf_token(house: House, here: Browser) -> None:
    there = Browser(house)
    there.log_in(house.owner.email)
    assert here.call("DELETE", "/sessions", headers={"X-CSRF-Token": "wrong"}).status == 403
    assert there.call("GET", "/sessions/current").status == 200


def test_a_token_has_no_sessions(house: House) -> None:
    assert house.call("GET", "/sessions").status == 403
    assert house.call("DELETE", "/sessions").status == 403
