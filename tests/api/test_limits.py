"""Rate limits and the throttle, with a clock that is turned by hand."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.api.limits import MOST_KEPT, Limiter, Throttle
from routy.clock import HOUR, MINUTE, SECOND
from routy.config import Api
from routy.errors import RateLimited
from routy.resources.tokens import Token
from tests.api.browser import Browser
from tests.house import House, Reply

Build = Callable[..., House]


@pytest.fixture
def house(build: Build) -> House:
    """60 requests a minute, five at once."""
    return build(api=Api(rate_per_minute=60, rate_burst=5))


def ask(house: House, times: int = 1, **more: str) -> list[int]:
    return [house.call("GET", "/tags", **more).status for _ in range(times)]


def limited(reply: Reply) -> bool:
    """Whether a 429 says everything that it has to."""
    assert (reply.status, reply.error["code"]) == (429, "RATE_LIMITED")
    assert int(reply.headers["Retry-After"]) == reply.error["retry_after"] >= 1
    assert reply.headers["X-RateLimit-Remaining"] == "0"
    return True


# ---- over the API


def test_a_token_has_a_burst_and_then_its_rate(house: House) -> None:
    assert ask(house, 6) == [200] * 5 + [429]
    house.now += SECOND - 1
    assert ask(house) == [429]
    house.now += 1
    assert ask(house, 2) == [200, 429]
    house.now += HOUR
    assert ask(house, 6) == [200] * 5 + [429]


def test_every_answer_says_what_is_left(house: House) -> None:
    first = house.call("GET", "/tags").headers
    assert first["RateLimit-Policy"] == '"default";q=60;w=60;burst=5'
    assert first["RateLimit"] == '"default";r=4;t=1'
    assert {name: first[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")} == {
        "Limit": "60", "Remaining": "4", "Reset": "1",
    }  # fmt: skip
    ask(house, 3)
    last = house.call("GET", "/tags").headers
    assert (last["RateLimit"], last["X-RateLimit-Reset"]) == ('"default";r=0;t=5', "5")
    assert limited(house.call("GET", "/tags"))


def test_waiting_for_as_long_as_one_is_told_is_enough(build: Build) -> None:
    house = build(api=Api(rate_per_minute=7, rate_burst=2))
    for _ in range(4):
        reply = house.call("GET", "/tags")
        while reply.status == 200:
            reply = house.call("GET", "/tags")
        assert limited(reply)
        house.now += reply.error["retry_after"] * SECOND
        assert ask(house) == [200]


def test_a_limited_request_does_nothing(house: House) -> None:
    ask(house, 5)
    with house.unchanged():
        assert limited(house.call("POST", "/tags", {"name": "late"}))


def test_refusals_count_and_say_what_is_left(house: House) -> None:
    for n in range(5):
        reply = house.call("GET", "/tokens", as_=house.teammate) if n % 2 else house.call("GET", "/tags", x="1")
        assert reply.headers["X-RateLimit-Limit"] == "60"
    for _ in range(3):
        house.call("GET", "/tokens", as_=house.teammate)
    assert limited(house.call("GET", "/tokens", as_=house.teammate))


def test_each_credential_has_a_bucket_of_its_own(house: House) -> None:
    other = house.make(Token, name="other", scopes=["full"])["secret"]
    assert ask(house, 5)[-1] == 429, "making the token was one of five"
    assert house.ask("GET", "/api/v1/tags", headers={"X-API-Key": other}).status == 200
    assert house.call("GET", "/tags", as_=house.stranger).status == 200
    browser = Browser(house)
    browser.log_in(house.owner.email)
    assert [browser.call("GET", "/tags").status for _ in range(6)] == [200] * 5 + [429]


def test_a_rotated_token_keeps_its_bucket(house: House) -> None:
    token = house.make(Token, name="rotated", scopes=["full"])
    assert [house.ask("GET", "/api/v1/tags", headers={"X-API-Key": token["secret"]}).status for _ in range(5)]
    new = house.call("POST", f"/tokens/{token['id']}/rotation", {}).data["secret"]
    assert limited(house.ask("GET", "/api/v1/tags", headers={"X-API-Key": new}))


@pytest.mark.parametrize(("rate", "allowed"), [(1, 1), (3, 3), (1000, 5)])
def test_a_token_may_have_a_rate_of_its_own(house: House, rate: int, allowed: int) -> None:
    key = {"X-API-Key": house.make(Token, name="own", scopes=["full"], rate_per_minute=rate)["secret"]}
    assert [house.ask("GET", "/api/v1/tags", headers=key).status for _ in range(6)].count(200) == allowed
    reply = house.ask("GET", "/api/v1/tags", headers=key)
    assert limited(reply) and reply.headers["X-RateLimit-Limit"] == str(rate)


def test_zero_is_no_limit(house: House) -> None:
    key = {"X-API-Key": house.make(Token, name="free", scopes=["full"], rate_per_minute=0)["secret"]}
    replies = [house.ask("GET", "/api/v1/tags", headers=key) for _ in range(20)]
    assert {reply.status for reply in replies} == {200}
    assert not any("ratelimit" in name.lower() for name in replies[-1].headers)


def test_a_changed_rate_counts_at_once(house: House) -> None:
    token = house.make(Token, name="slow", scopes=["full"], rate_per_minute=1)
    key = {"X-API-Key": token["secret"]}
    assert [house.ask("GET", "/api/v1/tags", headers=key).status for _ in range(2)] == [200, 429]
    house.call("PATCH", f"/tokens/{token['id']}", {"rate_per_minute": 0})
    assert house.ask("GET", "/api/v1/tags", headers=key).status == 200


def test_what_is_open_is_not_counted(house: House) -> None:
    for path in ("/api/v1/health", "/healthz", "/api/v1/openapi.json"):
        assert {house.ask("GET", path).status for _ in range(8)} == {200}
    assert ask(house) == [200]


def test_by_default_600_a_minute_with_300_at_once(build: Build) -> None:
    house = build(api=Api())
    assert ask(house, 301) == [200] * 300 + [429]
    house.now += SECOND
    assert ask(house, 11) == [200] * 10 + [429]


# ---- the bucket alone


def admitted(limiter: Limiter, rate: int, burst: int, now: int) -> bool:
    try:
        limiter.take("somebody", rate, burst, now)
    except RateLimited:
        return False
    return True


@given(
    rate=st.integers(1, 2000),
    burst=st.integers(1, 100),
    pauses=st.lists(st.integers(-50, 5_000), min_size=1, max_size=80),
)
def test_no_more_than_burst_and_rate_are_ever_let_in(rate: int, burst: int, pauses: list[int]) -> None:
    limiter, now, let_in = Limiter(), 1_000_000, []
    for pause in pauses:
        now += pause
        if admitted(limiter, rate, burst, now):
            let_in.append(now)
    span = max(let_in) - min(let_in)
    back = sum(-pause for pause in pauses if pause < 0)
    assert len(let_in) <= min(burst, max(rate, 1)) + (span + back) * rate / 60_000 + 1


@given(rate=st.integers(1, 2000), burst=st.integers(1, 100))
def test_what_is_told_to_wait_is_enough(rate: int, burst: int) -> None:
    limiter, now = Limiter(), 1_000_000
    while admitted(limiter, rate, burst, now):
        pass
    with pytest.raises(RateLimited) as refused:
        limiter.take("somebody", rate, burst, now)
    assert admitted(limiter, rate, burst, now + refused.value.more["retry_after"] * SECOND)


def test_eight_threads_share_one_bucket() -> None:
    limiter, taken = Limiter(), []

    def take() -> None:
        taken.extend([admitted(limiter, 600, 100, 1_000_000) for _ in range(50)])

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(True) == 100


def test_buckets_that_nobody_uses_are_forgotten() -> None:
    limiter = Limiter()
    for n in range(MOST_KEPT):
        limiter.take(f"tok_{n}", 600, 300, 0)
    limiter.take("tok_new", 600, 300, 2 * HOUR)
    assert len(limiter._buckets) == 1


# ---- the throttle alone


def locked(throttle: Throttle, key: str, now: int) -> bool:
    try:
        throttle.expect_open((key,), now)
    except RateLimited:
        return True
    return False


@given(failures=st.lists(st.integers(0, 10 * MINUTE), max_size=12), attempts=st.integers(1, 4))
def test_a_lock_is_so_many_failures_within_the_window(failures: list[int], attempts: int) -> None:
    throttle, times = Throttle(attempts, 5 * MINUTE), sorted(failures)
    seen: list[int] = []
    for at in times:
        assert locked(throttle, "ip", at) == (sum(one > at - 5 * MINUTE for one in seen[-attempts:]) >= attempts)
        throttle.failed(("ip", "account"), at)
        seen.append(at)
    assert not locked(throttle, "ip", 20 * MINUTE)
    assert not locked(throttle, "another", times[-1] if times else 0)


def test_the_throttle_does_not_grow_without_end() -> None:
    throttle = Throttle(10, 15 * MINUTE)
    for n in range(MOST_KEPT + 1):
        throttle.failed((f"account{n}",), 0)
    throttle.failed(("late",), HOUR)
    assert len(throttle._failures) == 1
