"""Links with a password: the form, wrong tries, the lock, and where the right one leads."""

import io
import threading
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clicks import redirect
from routy.clicks.password import ATTEMPTS, LONGEST_BODY, MOST_KEPT, WINDOW, Tries, block, read
from routy.clock import MINUTE
from tests.clicks.yard import SLACK, Response, Yard
from tests.house import HASH, PASSWORD

FORM_TYPE = "application/x-www-form-urlencoded"


def form(text: str | bytes, kind: str = FORM_TYPE, length: str | None = None) -> dict[str, Any]:
    body = text if isinstance(text, bytes) else text.encode()
    there = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": kind}
    return {**there, "CONTENT_LENGTH": str(len(body)) if length is None else length}


@pytest.fixture
def yard(yard: Yard) -> Yard:
    yard.add_link("secret", "https://shop.example/?a=1", password=HASH, redirect_status=308)
    return yard


def post(yard: Yard, password: str, ip: str = "73.8.8.8", query: str = "", **more: Any) -> Response:
    asked = {**form(urlencode({"password": password})), "REMOTE_ADDR": ip, **more}
    return yard.visit("/secret", query, REQUEST_METHOD="POST", **asked)


def kept(yard: Yard) -> list[tuple[str, str, str, str]]:
    """Method, status, branch and reason of each line."""
    found = [[part.decode() for part in line.split(b"\t")] for line in yard.lines()]
    return [(parts[7], parts[8], parts[9], parts[10]) for parts in found]


# ---- the form


def test_a_visitor_is_asked_for_the_password_and_told_nothing(yard: Yard) -> None:
    response = yard.visit("/secret")
    assert (response.status, response.location) == (200, None)
    assert b'<form method="post">' in response.body
    assert b'type="password"' in response.body
    assert b"shop.example" not in response.body
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert kept(yard) == [("GET", "200", "password", "")]


def test_a_head_request_gets_the_forms_headers(yard: Yard) -> None:
    response = yard.visit("/secret", REQUEST_METHOD="HEAD")
    assert (response.status, response.body) == (200, b"")
    assert int(response.headers["Content-Length"]) > 500


def test_the_right_password_leads_on_by_get_whatever_the_links_status(yard: Yard) -> None:
    response = post(yard, PASSWORD, query="x=1")
    assert (response.status, response.location) == (303, "https://shop.example/?a=1&x=1")
    assert kept(yard) == [("POST", "303", "destination", "")]


def test_the_password_is_never_read_from_the_query(yard: Yard) -> None:
    query = urlencode({"password": PASSWORD})
    assert yard.visit("/secret", query).status == 200
    assert post(yard, "wrong", query=query).status == 401


def test_a_wrong_password_shows_the_form_again(yard: Yard) -> None:
    response = post(yard, "wrong")
    assert response.status == 401
    assert b'role="alert"' in response.body
    assert b"<form" in response.body
    assert kept(yard) == [("POST", "401", "password", "wrong")]


@pytest.mark.parametrize(
    "asked",
    [
        form(""), form("password="), form("other=x"), form("{}", "application/json"),
        form(f"password={PASSWORD}", "text/plain"), form(f"password={'x' * LONGEST_BODY}"),
        form(f"password={PASSWORD}", length="-1"), form(f"password={PASSWORD}", length="²"),
        form(f"password={PASSWORD}", length=""), form("&".join(f"a{n}=1" for n in range(11))),
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_form_is_asked_again_and_is_no_try(yard: Yard, asked: dict[str, Any]) -> None:
    for _ in range(ATTEMPTS + 1):
        assert yard.visit("/secret", REQUEST_METHOD="POST", **asked).status == 400
    assert post(yard, PASSWORD).status == 303


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_body_is_read_without_a_fault(body: bytes, length: str) -> None:
    for environ in (form(body), form(body, length=length), {"CONTENT_TYPE": FORM_TYPE}):
        assert isinstance(read(environ), str)


def test_a_post_is_for_links_with_a_password(yard: Yard) -> None:
    yard.add_link("open")
    for path in ("/open", "/nothing"):
        assert yard.visit(path, REQUEST_METHOD="POST", **form("password=x")).status == 405
    assert yard.visit("/secret", REQUEST_METHOD="PUT", **form("password=x")).status == 405
    assert kept(yard) == []


def test_the_books_hold_with_passwords(yard: Yard) -> None:
    yard.visit("/secret")
    post(yard, "wrong")
    post(yard, PASSWORD)
    figures = yard.books.figures(yard.spool)
    assert figures["answered_by_branch"] == {"password": 2, "destination": 1}
    assert figures["holds"]


# ---- with other abilities


def test_a_link_that_is_not_active_asks_for_nothing(yard: Yard) -> None:
    yard.add_link("over", password=HASH, status="paused")
    yard.add_link("other", password=HASH, status="paused", fallback_url="https://a.example/")
    assert yard.visit("/over").status == 410
    assert yard.visit("/other", REQUEST_METHOD="POST", **form("password=x")).location == "https://a.example/"


def test_forms_use_up_no_limit_and_a_full_link_shows_none(yard: Yard) -> None:
    yard.add_link("few", password=HASH, click_limit=1)
    right = form(urlencode({"password": PASSWORD}))
    assert [yard.visit("/few").status for _ in range(3)] == [200] * 3
    assert yard.visit("/few", REQUEST_METHOD="POST", **right).status == 303
    assert yard.visit("/few").status == 410
    assert yard.visit("/few", REQUEST_METHOD="POST", **form(urlencode({"password": PASSWORD}))).status == 410


def test_a_preview_shows_the_card_and_not_where_the_link_leads(yard: Yard) -> None:
    yard.add_link("card", password=HASH, og_title="Summer")
    assert b"Summer" in yard.visit("/card", agent=SLACK).body
    assert b"<form" in yard.visit("/secret", agent=SLACK).body


def test_a_platform_has_its_way_behind_the_password_too(yard: Yard) -> None:
    yard.add_link("shop", password=HASH, ios_url="https://apps.example/")
    asked = form(urlencode({"password": PASSWORD}))
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"
    response = yard.visit("/shop", agent=iphone, REQUEST_METHOD="POST", **asked)
    assert (response.status, response.location) == (303, "https://apps.example/")


# ---- the lock


def test_the_fifth_wrong_password_locks_the_address_out_for_the_rest_of_the_window(yard: Yard) -> None:
    for _ in range(ATTEMPTS - 1):
        assert post(yard, "wrong").status == 401
        yard.now += MINUTE
    locked = post(yard, "wrong")
    assert (locked.status, locked.headers["Retry-After"]) == (429, str(6 * 60))
    yard.now += 1
    for response in (post(yard, PASSWORD), yard.visit("/secret")):
        assert (response.status, response.headers["Retry-After"]) == (429, str(6 * 60))
        assert b"<form" not in response.body
    assert kept(yard)[-1] == ("GET", "429", "password", "locked")
    yard.now += 6 * MINUTE
    assert post(yard, PASSWORD).status == 303


def test_another_address_and_another_link_are_not_locked(yard: Yard) -> None:
    yard.add_link("second", password=HASH)
    for _ in range(ATTEMPTS):
        post(yard, "wrong")
    assert post(yard, PASSWORD, ip="9.9.9.9").status == 303
    right = form(urlencode({"password": PASSWORD}))
    assert yard.visit("/second", REQUEST_METHOD="POST", **right).status == 303


def test_a_right_password_does_not_make_the_wrong_ones_good(yard: Yard) -> None:
    answers = [post(yard, word).status for word in ("a", "b", PASSWORD, "c", PASSWORD, "d", "e", PASSWORD)]
    assert answers == [401, 401, 303, 401, 303, 401, 429, 429]


def test_a_lock_is_noted_once(yard: Yard) -> None:
    for _ in range(ATTEMPTS + 3):
        post(yard, "wrong")
    assert [(failed.ip, failed.until) for failed in yard.walk.passwords.failed] == [("73.8.8.8", yard.now + WINDOW)]


def test_a_household_with_ipv6_is_one_address() -> None:
    assert block("2001:db8:1:2:3:4:5:6") == block("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert block("2001:db8:1:3::9") != block("2001:db8:1:2::9")
    assert [block(text) for text in ("8.8.8.8", "::x", "")] == ["8.8.8.8", "::x", ""]


PLACE = ("8.8.8.8", 7)
STEPS = st.lists(st.tuples(st.sampled_from(["wrong", "right"]), st.integers(0, 4 * MINUTE)), max_size=40)


@given(STEPS)
def test_tries_do_what_a_list_of_wrong_ones_would(steps: list[tuple[str, int]]) -> None:
    tries, now, began, wrong = Tries(), 1_000, 0, 0
    for what, passed in steps:
        now += passed
        if now >= began + WINDOW:
            began, wrong = 0, 0
        began = began or now
        waits = began + WINDOW - now if wrong >= ATTEMPTS else 0
        assert tries.wait(PLACE, now) == waits
        assert tries.begin(PLACE, now) == waits
        if not waits and what == "right":
            tries.give_back(PLACE)
        elif not waits:
            wrong += 1
            assert tries.fail(PLACE) == (began + WINDOW if wrong == ATTEMPTS else 0)


def test_many_at_once_have_no_more_than_five_tries() -> None:
    tries, let_in, began = Tries(), [], []
    barrier = threading.Barrier(24)

    def visitor() -> None:
        barrier.wait()
        if tries.begin(PLACE, 1_000) == 0:
            let_in.append(1)
            began.append(tries.fail(PLACE))

    threads = [threading.Thread(target=visitor) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(let_in), sum(until > 0 for until in began)) == (ATTEMPTS, 1)


def test_what_is_remembered_of_tries_is_bounded() -> None:
    tries = Tries()
    for number in range(MOST_KEPT + 100):
        tries.begin((f"2001:db8::{number:x}", 1), 1_000)
    assert len(tries._begun) <= MOST_KEPT
    tries.begin(PLACE, 1_000 + WINDOW)
    assert tries.begin((f"2001:db8::{MOST_KEPT + 99:x}", 1), 1_500) == 0


def test_redirects_go_on_while_passwords_are_checked(yard: Yard) -> None:
    """More visitors than are let in: the others are told to come again, and nobody waits for them."""
    yard.add_link("open")
    statuses: list[int] = []
    begin = threading.Barrier(13)

    def visitor(number: int) -> None:
        begin.wait()
        statuses.append(post(yard, PASSWORD, ip=f"9.9.9.{number}").status)

    threads = [threading.Thread(target=visitor, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    begin.wait()
    assert [yard.visit("/open").status for _ in range(50)] == [302] * 50
    for thread in threads:
        thread.join()
    assert set(statuses) <= {303, 503} and 303 in statuses


def test_a_reader_that_breaks_off_is_no_fault(yard: Yard) -> None:
    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError("the visitor has gone")

    response = Response()
    asked = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/secret", "HTTP_HOST": "go.example", "REMOTE_ADDR": "8.8.8.8",
        **form("password=x"), "wsgi.input": Broken(),
    }  # fmt: skip
    redirect.answer(yard.walk, asked, response.start)
    assert response.status == 400
