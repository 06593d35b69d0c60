"""Who gets in: passwords, and signed tokens with what they lock."""

from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from routy import signing
from routy.clock import DAY, HOUR, MINUTE
from routy.public import doors
from routy.resources.shares import EMBED_PURPOSE, claims
from tests.public.fair import SUMMER_CLICKS, Fair

ENDS = ("", ".json", ".csv")
SESAME = "open sesame"


def cookie(set_: list[str], end: str = "") -> dict[str, str]:
    """What a browser sends back to /s/{share}{end}."""
    mine = [text for text in set_ if f"Path=/s/{text.split('Path=/s/')[1].split(';')[0]}" in text]
    return {
        "Cookie": next(text.split(";")[0] for text in mine if text.split("Path=")[1].split(";")[0].endswith(end))
    }


@pytest.fixture
def locked(fair: Fair) -> Any:
    return fair.share(password=SESAME, title="Nobody reads this", frame_ancestors=["*"])


# ---- passwords


def test_a_password_hides_everything_until_it_is_typed(fair: Fair, locked: Any) -> None:
    form = fair.house.ask("GET", locked["path"])
    assert form.status == 200 and b'type="password"' in form.body
    paths = [locked["path"] + end for end in ENDS] + [locked["embed_path"], locked["badge_path"]]
    replies = [fair.house.ask("GET", path) for path in paths]
    replies.append(fair.house.ask("GET", "/oembed", urlencode({"url": f"http://go.example{locked['path']}"})))
    assert [reply.status for reply in replies] == [200, 401, 401, 401, 401, 401]
    assert not [reply for reply in replies if b"Nobody" in reply.body or b"clicks" in reply.body]


def test_the_right_password_opens_the_page_and_its_files(fair: Fair, locked: Any) -> None:
    reply, cookies = fair.type(locked, SESAME)
    assert (reply.status, reply.headers["Location"]) == (303, locked["path"])
    for end in ENDS:
        got = fair.house.ask("GET", locked["path"] + end, headers=cookie(cookies, end))
        assert got.status == 200
        assert got.headers["Cache-Control"] == "private, no-cache" and "Cookie" in got.headers["Vary"]
        assert "Access-Control-Allow-Origin" not in got.headers


def test_the_cookie_is_for_this_share_alone_and_for_no_script(fair: Fair, locked: Any) -> None:
    _, cookies = fair.type(locked, SESAME)
    assert len(cookies) == 3
    for text in cookies:
        assert f"Path={locked['path']}" in text and "HttpOnly" in text and "SameSite=Lax" in text
        assert "Secure" not in text
    _, over_https = fair.type(locked, SESAME, **{"wsgi.url_scheme": "https"})
    assert all("Secure" in text for text in over_https)


def test_one_shares_cookie_does_not_open_another(fair: Fair, locked: Any) -> None:
    _, cookies = fair.type(locked, SESAME)
    other = fair.share(password=SESAME)
    assert b'type="password"' in fair.house.ask("GET", other["path"], headers=cookie(cookies)).body


def test_another_password_ends_what_the_old_one_opened(fair: Fair, locked: Any) -> None:
    _, cookies = fair.type(locked, SESAME)
    fair.house.call("PATCH", f"/shares/{locked['id']}", {"password": "another"})
    assert fair.house.ask("GET", f"{locked['path']}.json", headers=cookie(cookies)).status == 401


def test_the_cookie_ends_after_half_a_day(fair: Fair, locked: Any) -> None:
    _, cookies = fair.type(locked, SESAME)
    fair.house.now += 12 * HOUR + MINUTE
    assert fair.house.ask("GET", f"{locked['path']}.json", headers=cookie(cookies)).status == 401


@pytest.mark.parametrize("text", ["routy_share=x", "routy_share=" + "a" * 9000, "routy_share", ";;=;", "\x00"])
def test_a_forged_cookie_opens_nothing(fair: Fair, locked: Any, text: str) -> None:
    assert fair.house.ask("GET", f"{locked['path']}.json", headers={"Cookie": text}).status == 401


def test_a_wrong_password_can_be_tried_five_times(fair: Fair, locked: Any) -> None:
    tried = [fair.type(locked, "wrong", REMOTE_ADDR="73.1.1.1")[0].status for _ in range(6)]
    assert tried == [401] * 5 + [429]
    reply, cookies = fair.type(locked, SESAME, REMOTE_ADDR="73.1.1.1")
    assert (reply.status, cookies) == (429, []) and int(reply.headers["Retry-After"]) > 0
    assert fair.type(locked, SESAME, REMOTE_ADDR="73.1.1.2")[0].status == 303
    fair.house.now += 11 * MINUTE
    assert fair.type(locked, SESAME, REMOTE_ADDR="73.1.1.1")[0].status == 303


def test_who_would_have_to_wait_for_others_passwords_is_asked_back(fair: Fair, locked: Any) -> None:
    with ExitStack() as taken:
        for _ in range(4):
            taken.enter_context(doors.PLACES)
        reply, cookies = fair.type(locked, SESAME, REMOTE_ADDR="73.1.1.9")
    assert (reply.status, cookies) == (503, []) and b'type="password"' in reply.body
    assert fair.type(locked, SESAME, REMOTE_ADDR="73.1.1.9")[0].status == 303


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "application/x-www-form-urlencoded"), (b"password=", "application/x-www-form-urlencoded"),
     (b'{"password": "open sesame"}', "application/json"), (b"password=open+sesame", "text/plain"),
     (b"password=" + b"x" * 5000, "application/x-www-form-urlencoded"),
     (b"\xff\x00=%", "application/x-www-form-urlencoded")],
)  # fmt: skip
def test_a_form_that_is_none_is_asked_for_again(fair: Fair, locked: Any, body: bytes, kind: str) -> None:
    reply = fair.house.ask("POST", locked["path"], body=body, headers={"Content-Type": kind})
    assert reply.status == 400 and b'type="password"' in reply.body


def test_the_form_goes_back_to_the_range_that_was_asked_for(fair: Fair) -> None:
    share = fair.share(password=SESAME, ranges=["7d"])
    reply, _ = fair.type(share, SESAME, "range=7d&theme=dark&next=//evil.example")
    assert reply.headers["Location"] == f"{share['path']}?range=7d&theme=dark"


# ---- signed tokens


def test_a_token_opens_what_wants_one_and_stands_in_for_a_password(fair: Fair) -> None:
    share = fair.share(requires_token=True, password=SESAME)
    token = fair.token(share)["token"]
    paths = [share["path"] + end for end in ENDS] + [share["embed_path"], share["badge_path"]]
    assert [fair.house.ask("GET", path).status for path in paths] == [403] * 5
    assert [fair.house.ask("GET", path, f"token={token}").status for path in paths] == [200] * 5


def test_the_addresses_that_come_with_a_token_work(fair: Fair) -> None:
    made = fair.token(fair.share(requires_token=True))
    for url in (made["embed_url"], made["page_url"]):
        path, _, query = url.removeprefix("http://go.example").partition("?")
        assert fair.house.ask("GET", path, query).status == 200


def test_what_a_token_locks_is_locked(fair: Fair) -> None:
    share = fair.share(fair.tag, requires_token=True, dimensions=["country", "browser"])
    look = {name: fair.token(share, filters=filters)["token"] for name, filters in {
        "firefox": {"browser": "Firefox"}, "chrome": {"browser": "Chrome"}, "nowhere": {"country": "AQ"},
        "link": {"link_id": fair.summer["id"]}, "other": {"link_id": fair.winter["id"]}}.items()}  # fmt: skip
    clicks = {name: fair.look(share, f"token={token}")["totals"]["clicks"] for name, token in look.items()}
    assert clicks == {"firefox": SUMMER_CLICKS, "chrome": 0, "nowhere": 0, "link": SUMMER_CLICKS, "other": 0}


def test_a_lock_never_takes_the_place_of_the_shares_own_filter(fair: Fair) -> None:
    """Even if a token said so: the API does not make such tokens."""
    share = fair.share(requires_token=True)
    forged = {"link_id": fair.winter["id"]}
    row = {**share, "revoked_tokens": []}
    secret = signing.load_secret(fair.house.path / "secret")
    token = signing.sign(secret, EMBED_PURPOSE, claims(row, "x", forged), fair.house.now + DAY)
    assert fair.status(share, f"token={token}", ".json") == 403
    token = signing.sign(secret, EMBED_PURPOSE, claims(row, "x", {"class": "any"}), fair.house.now + DAY)
    assert fair.status(share, f"token={token}", ".json") == 403


def test_tokens_end_with_their_time(fair: Fair) -> None:
    share = fair.share(requires_token=True)
    token = fair.token(share, minutes=5)["token"]
    fair.house.now += 4 * MINUTE
    assert fair.status(share, f"token={token}") == 200
    fair.house.now += 2 * MINUTE
    assert fair.status(share, f"token={token}") == 403


def test_tokens_can_be_taken_back_one_by_one_and_all_at_once(fair: Fair) -> None:
    share = fair.share(requires_token=True)
    one, two = fair.token(share), fair.token(share)
    there = f"/shares/{share['id']}/embed-tokens"
    assert fair.house.call("DELETE", f"{there}/{one['id']}").status == 204
    assert [fair.status(share, f"token={made['token']}") for made in (one, two)] == [403, 200]
    assert fair.house.call("DELETE", there).status == 204
    assert [fair.status(share, f"token={made['token']}") for made in (one, two)] == [403, 403]
    assert fair.status(share, f"token={fair.token(share)['token']}") == 200


def test_a_bad_token_is_never_passed_over(fair: Fair) -> None:
    """A share that is open to all: the token is wrong all the same."""
    share, other = fair.share(), fair.share(requires_token=True)
    good = fair.token(other)["token"]
    said = jwt.decode(good, options={"verify_signature": False})
    none = jwt.encode({**said, "sub": share["id"]}, "", algorithm="none")
    guessed = jwt.encode({**said, "sub": share["id"]}, "x" * 32, algorithm="HS256")
    confirm = signing.sign(signing.load_secret(fair.house.path / "secret"), "confirm", {**claims(share, "x", {})}, fair.house.now + DAY)  # noqa: E501  # fmt: skip
    for token in (good, none, guessed, confirm, "x", good[:-2], "a.b.c", "%00"):
        assert fair.status(share, f"token={token}") == 403, token
    assert fair.status(share, "token=") == 400


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 10**7}, "minutes"),
        ({"filters": {"visitor": "x"}}, "filters.visitor"),
        ({"filters": {"class": "any"}}, "filters.class"),
        ({"filters": {"country[ne]": "DE"}}, "filters.country[ne]"),
        ({"filters": {"country": ""}}, "filters.country"),
        ({"filters": {"country": 7}}, "filters"),
        ({"until": "tomorrow"}, "until"),
    ],
)
def test_a_token_that_cannot_be_made_names_what_is_wrong(fair: Fair, body: Any, field: str) -> None:
    share = fair.share(fair.tag, requires_token=True)
    reply = fair.house.call("POST", f"/shares/{share['id']}/embed-tokens", body)
    assert (reply.status, reply.fields) == (400, {field})


def test_a_token_that_no_address_could_hold_is_not_made(fair: Fair) -> None:
    share = fair.share(fair.tag, requires_token=True)
    long = dict.fromkeys(("browser", "os", "language", "referrer_host"), "😀" * 200)
    reply = fair.house.call("POST", f"/shares/{share['id']}/embed-tokens", {"filters": long})
    assert (reply.status, reply.fields) == (400, {"filters"})


def test_a_lock_on_a_share_that_is_open_anyway_is_refused(fair: Fair) -> None:
    share = fair.share(fair.tag)
    reply = fair.house.call("POST", f"/shares/{share['id']}/embed-tokens", {"filters": {"country": "DE"}})
    assert reply.status == 409 and "requires_token" in reply.error["message"]
    assert fair.token(share)["filters"] == {}


def test_a_link_is_locked_to_itself_or_not_at_all(fair: Fair) -> None:
    share = fair.share(requires_token=True)
    there = f"/shares/{share['id']}/embed-tokens"
    assert fair.house.call("POST", there, {"filters": {"link_id": fair.winter["id"]}}).fields == {"filters.link_id"}


def test_a_stranger_makes_no_tokens(fair: Fair) -> None:
    there = f"/shares/{fair.share()['id']}/embed-tokens"
    for method, path in (("POST", there), ("DELETE", there), ("DELETE", f"{there}/{'x' * 12}")):
        assert fair.house.call(method, path, {}, fair.house.stranger).status == 404
        assert fair.house.call(method, path, {}, None).status == 401
